//! Brokers that are not there, go away, or hang.

use crate::support::{Put, commit, create, flush, producer, put, store};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use waylaid_model::Status;
use waylaid_servers::{Kind, Options, for_test};
use waylaid_store::{Context, ErrorKind, RecordQuery, Select, TopicStore as _};

#[test]
fn nobody_listens() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let start = Instant::now();
    let error = store(&format!("127.0.0.1:{port}")).catalog(&Context::new()).unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    assert!(matches!(error.kind, ErrorKind::Io | ErrorKind::Timeout), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[test]
fn a_broker_that_dies_while_it_is_read_makes_the_answer_partial() {
    let test = "a_broker_that_dies_while_it_is_read_makes_the_answer_partial";
    let Some(mut broker) = for_test(test, Kind::Kafka, &Options::default()) else { return };
    let bootstrap = broker.address();
    create(&bootstrap, "orders", 1, &[]);
    commit(&bootstrap, "in-use", "orders", &[(0, 0)]);
    let producer = producer(&bootstrap, &[]);
    let payload = [b'x'; 4_000];
    for _ in 0..40_000 {
        put(&producer, &Put { topic: "orders", payload: Some(&payload), ..Put::default() });
    }
    flush(&producer);
    let store = store(&bootstrap);
    let seen = AtomicU64::new(0);
    let broker = std::sync::Mutex::new(&mut broker);
    let query = RecordQuery { select: Select::all(), ..RecordQuery::default() };
    let coverage = store
        .scan(&query, &Context::new(), &|_| {
            if seen.fetch_add(1, Ordering::Relaxed) == 1_000 {
                broker.lock().unwrap().kill();
            }
        })
        .unwrap();
    assert_eq!(coverage[0].status, Status::Partial, "{coverage:?}");
    assert!(coverage[0].note.contains("p0 not read to the end: "), "{coverage:?}");
    assert_eq!(coverage[0].matched, seen.into_inner());
}
