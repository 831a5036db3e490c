//! Lines that break and servers that are full: what is told in time, and that the next question finds its way again.

use crate::proxy::{Line, Proxy};
use crate::support::{all, execute, of, open, read, shared, store};
use std::time::{Duration, Instant};
use waylaid_postgres::{PostgresConfig, PostgresTables};
use waylaid_servers::{Kind, Options, for_test};
use waylaid_store::{Context, ErrorKind, TableStore as _};

const ROWS: usize = 100_000;
const TABLE: &str = "CREATE TABLE t AS SELECT i, repeat('x', 200) AS s FROM generate_series(1, 100000) i";

/// A store that is reached over a proxy.
fn over(proxy: &Proxy, url: &str, port: u16) -> PostgresTables {
    store(&url.replace(&format!(":{port}/"), &format!(":{}/", proxy.port)))
}

#[test]
fn a_line_that_is_reset_in_the_middle_is_told_and_made_anew() {
    let Some(server) = shared("a_line_that_is_reset") else { return };
    execute(&server.url(), "CREATE DATABASE cut");
    let url = of(server, "cut");
    execute(&url, TABLE);
    let port = server.endpoint().port;
    let proxy = Proxy::before(port);
    let store = over(&proxy, &url, port);
    store.catalog(&Context::new()).unwrap();
    proxy.becomes(Line::Reset, 1_000_000);
    let context = Context::new().with_deadline(Instant::now() + Duration::from_secs(20));
    let mut seen = 0;
    let error = store.rows(&all("t"), &context, &mut |_| seen += 1).unwrap_err();
    assert!(error.kind == ErrorKind::Io && (1..ROWS).contains(&seen), "{seen}: {error}");
    proxy.becomes(Line::Whole, 0);
    assert_eq!(read(&store, &all("t")).unwrap().0.len(), ROWS);
}

#[test]
fn a_line_that_goes_dead_in_the_middle_is_given_up_at_the_deadline() {
    let Some(server) = shared("a_line_that_goes_dead") else { return };
    execute(&server.url(), "CREATE DATABASE dead");
    let url = of(server, "dead");
    execute(&url, TABLE);
    let port = server.endpoint().port;
    let proxy = Proxy::before(port);
    let store = over(&proxy, &url, port);
    proxy.becomes(Line::Dead, 1_000_000);
    let context = Context::new().with_deadline(Instant::now() + Duration::from_secs(2));
    let (start, mut seen) = (Instant::now(), 0);
    let error = store.rows(&all("t"), &context, &mut |_| seen += 1).unwrap_err();
    assert!(error.kind == ErrorKind::Timeout && (1..ROWS).contains(&seen), "{seen}: {error}");
    // Up to three seconds go into telling the server to stop, over the line that is dead as well.
    assert!(start.elapsed() < Duration::from_secs(7), "{:?}", start.elapsed());
}

#[test]
fn another_server_takes_over_in_the_middle() {
    let test = "another_server_takes_over_in_the_middle";
    let (Some(first), Some(second)) = (
        for_test(test, Kind::Postgres, &Options::default()),
        for_test(test, Kind::Postgres, &Options::default()),
    ) else {
        return;
    };
    execute(&first.url(), TABLE);
    // What takes over knows the same user; here, with the first one's password.
    let password = first.endpoint().password.clone().unwrap();
    execute(&second.url(), &format!("ALTER ROLE waylaid PASSWORD '{password}'; {TABLE}"));
    let port = first.endpoint().port;
    let proxy = Proxy::before(port);
    let store = over(&proxy, &first.url(), port);
    let context = Context::new().with_deadline(Instant::now() + Duration::from_secs(20));
    let (start, mut seen) = (Instant::now(), 0);
    let error = store
        .rows(&all("t"), &context, &mut |_| {
            seen += 1;
            if seen == 2_000 {
                proxy.leads_to(second.endpoint().port);
            }
        })
        .unwrap_err();
    assert!(error.kind == ErrorKind::Io && (2_000..ROWS).contains(&seen), "{seen}: {error}");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    drop(first);
    let (rows, coverage) = read(&store, &all("t")).unwrap();
    assert_eq!((rows.len(), coverage.range.as_str()), (ROWS, "100000 rows"));
}

#[test]
fn a_server_without_room_for_one_more_says_so() {
    let options = Options::default()
        .with("max_connections", "4")
        .with("superuser_reserved_connections", "0")
        .with("max_wal_senders", "0");
    let test = "a_server_without_room_for_one_more_says_so";
    let Some(server) = for_test(test, Kind::Postgres, &options) else { return };
    let url = server.url();
    execute(&url, "CREATE TABLE t (a int)");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let others: Vec<tokio_postgres::Client> = runtime.block_on(async {
        let mut others = Vec::new();
        while let Ok((client, connection)) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await {
            tokio::spawn(connection);
            others.push(client);
            assert!(others.len() <= 4);
        }
        others
    });
    let store = open(&PostgresConfig::new(&url));
    let start = Instant::now();
    let error = read(&store, &all("t")).unwrap_err();
    assert!(error.kind == ErrorKind::Locked && error.is_retryable(), "{error}");
    assert!(error.to_string().contains("too many clients"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    drop(others);
    let found = (0..50).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        read(&store, &all("t")).is_ok()
    });
    assert!(found, "once there is room again, it is answered");
}
