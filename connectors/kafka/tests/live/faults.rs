//! Brokers that are not there, go away, or hang.

use crate::front::Front;
use crate::support::{Put, commit, create, flush, producer, put, store};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use waylaid_model::Status;
use waylaid_servers::{Kind, Options, Server, for_test};
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

/// A broker behind a front, with so many records in one topic.
fn behind_a_front(test: &str, records: u64) -> Option<(Server, Front, String)> {
    let front = Front::new();
    let advertised = format!("PLAINTEXT://127.0.0.1:{}", front.port);
    let options = Options::default().with("advertised.listeners", &advertised);
    let broker = for_test(test, Kind::Kafka, &options)?;
    front.before(broker.endpoint().port);
    let bootstrap = format!("127.0.0.1:{}", front.port);
    create(&bootstrap, "orders", 1, &[]);
    commit(&bootstrap, "in-use", "orders", &[(0, 0)]);
    let producer = producer(&bootstrap, &[]);
    let payload = [b'x'; 4_000];
    for _ in 0..records {
        put(&producer, &Put { topic: "orders", payload: Some(&payload), ..Put::default() });
    }
    flush(&producer);
    Some((broker, front, bootstrap))
}

#[test]
fn connections_that_break_off_are_made_anew_and_nothing_is_lost_or_seen_twice() {
    let test = "connections_that_break_off_are_made_anew_and_nothing_is_lost_or_seen_twice";
    let Some((_broker, front, bootstrap)) = behind_a_front(test, 40_000) else { return };
    let seen = AtomicU64::new(0);
    let query = RecordQuery { select: Select::all(), ..RecordQuery::default() };
    let coverage = store(&bootstrap)
        .scan(&query, &Context::new(), &|_| {
            if seen.fetch_add(1, Ordering::Relaxed) % 10_000 == 1_000 {
                front.cut();
            }
        })
        .unwrap();
    assert_eq!((coverage[0].status, coverage[0].scanned), (Status::Searched, 40_000), "{coverage:?}");
    assert_eq!(seen.into_inner(), 40_000);
}

#[test]
fn a_broker_that_hangs_in_the_middle_of_an_answer_makes_it_partial() {
    let test = "a_broker_that_hangs_in_the_middle_of_an_answer_makes_it_partial";
    let Some((_broker, front, bootstrap)) = behind_a_front(test, 40_000) else { return };
    let seen = AtomicU64::new(0);
    let query = RecordQuery { select: Select::all(), ..RecordQuery::default() };
    let start = Instant::now();
    let coverage = store(&bootstrap)
        .scan(&query, &Context::new(), &|_| {
            if seen.fetch_add(1, Ordering::Relaxed) == 1_000 {
                front.hold(true);
            }
        })
        .unwrap();
    front.hold(false);
    assert!(start.elapsed() < Duration::from_secs(100), "{:?}", start.elapsed());
    assert_eq!(coverage[0].status, Status::Partial, "{coverage:?}");
    assert!(coverage[0].note.contains("did not answer for 20 s"), "{coverage:?}");
    assert_eq!(coverage[0].matched, seen.into_inner());
}

#[test]
fn a_broker_that_throttles_us_is_waited_for_and_nothing_is_lost() {
    let test = "a_broker_that_throttles_us_is_waited_for_and_nothing_is_lost";
    let Some(broker) = for_test(test, Kind::Kafka, &Options::default()) else { return };
    let bootstrap = broker.address();
    create(&bootstrap, "orders", 1, &[]);
    commit(&bootstrap, "in-use", "orders", &[(0, 0)]);
    let producer = producer(&bootstrap, &[]);
    let payload = [b'x'; 4_000];
    let records = 5_000;
    for _ in 0..records {
        put(&producer, &Put { topic: "orders", payload: Some(&payload), ..Put::default() });
    }
    flush(&producer);
    // 20 MB at 2 MB a second, of which ten seconds may be taken at once: more than a moment, less than patience.
    broker.kafka_throttle("waylaid", 1_000_000).unwrap();
    let query = RecordQuery { select: Select::all(), ..RecordQuery::default() };
    let (start, seen) = (Instant::now(), AtomicU64::new(0));
    let coverage = store(&bootstrap)
        .scan(&query, &Context::new(), &|_| {
            seen.fetch_add(1, Ordering::Relaxed);
        })
        .unwrap();
    println!("throttled to 1 MB a second, 20 MB took {:?}", start.elapsed());
    assert!(start.elapsed() > Duration::from_secs(2), "it was throttled: {:?}", start.elapsed());
    assert_eq!((coverage[0].status, coverage[0].scanned), (Status::Searched, records), "{coverage:?}");
    assert_eq!(seen.into_inner(), records);
}
