//! Lines that break and servers that are full: what is told in time, and that the next question finds its way again.

use crate::proxy::{Line, Proxy};
use crate::support::{all, database, execute, of, read, start, store};
use mysql_async::{Conn, Opts};
use std::time::{Duration, Instant};
use waylaid_mysql::MysqlTables;
use waylaid_servers::Options;
use waylaid_store::{Context, ErrorKind, TableStore as _};

const ROWS: usize = 100_000;
const TABLE: &str = "CREATE TABLE t AS SELECT seq, REPEAT('x', 200) AS s FROM seq_1_to_100000";

fn port_of(url: &str) -> u16 {
    url.rsplit_once(':').unwrap().1.split('/').next().unwrap().parse().unwrap()
}

/// A store that is reached over a proxy.
fn over(proxy: &Proxy, url: &str) -> MysqlTables {
    store(&url.replace(&format!(":{}/", port_of(url)), &format!(":{}/", proxy.port)))
}

#[test]
fn a_line_that_is_reset_in_the_middle_is_told_and_made_anew() {
    let Some(url) = database("cut", &[TABLE]) else { return };
    let proxy = Proxy::before(port_of(&url));
    let store = over(&proxy, &url);
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
    let Some(url) = database("dead", &[TABLE]) else { return };
    let proxy = Proxy::before(port_of(&url));
    let store = over(&proxy, &url);
    proxy.becomes(Line::Dead, 1_000_000);
    let context = Context::new().with_deadline(Instant::now() + Duration::from_secs(2));
    let (begun, mut seen) = (Instant::now(), 0);
    let error = store.rows(&all("t"), &context, &mut |_| seen += 1).unwrap_err();
    assert!(error.kind == ErrorKind::Timeout && (1..ROWS).contains(&seen), "{seen}: {error}");
    // Up to three seconds go into telling the server to stop, over the line that is dead as well.
    assert!(begun.elapsed() < Duration::from_secs(7), "{:?}", begun.elapsed());
}

#[test]
fn another_server_takes_over_in_the_middle() {
    let test = "another_server_takes_over_in_the_middle";
    let (Some(first), Some(second)) = (start(test, &Options::default()), start(test, &Options::default()))
    else {
        return;
    };
    // What takes over knows the same user.
    let user = "GRANT SELECT ON shop.* TO reader IDENTIFIED BY 'a-word'";
    for server in [&first, &second] {
        execute(&server.url(), &["CREATE DATABASE shop", "USE shop", TABLE, user]);
    }
    let proxy = Proxy::before(first.endpoint().port);
    let store = store(&format!("mysql://reader:a-word@127.0.0.1:{}/shop", proxy.port));
    let context = Context::new().with_deadline(Instant::now() + Duration::from_secs(20));
    let (begun, mut seen) = (Instant::now(), 0);
    let error = store
        .rows(&all("t"), &context, &mut |_| {
            seen += 1;
            if seen == 2_000 {
                proxy.leads_to(second.endpoint().port);
            }
        })
        .unwrap_err();
    assert!(error.kind == ErrorKind::Io && (2_000..ROWS).contains(&seen), "{seen}: {error}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    drop(first);
    assert_eq!(read(&store, &all("t")).unwrap().0.len(), ROWS);
}

#[test]
fn a_server_without_room_for_one_more_says_so() {
    let test = "a_server_without_room_for_one_more_says_so";
    let Some(server) = start(test, &Options::default().with("max-connections", "10")) else { return };
    execute(&server.url(), &["CREATE DATABASE shop", "CREATE TABLE shop.t (a INT)"]);
    let url = of(&server, "shop");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let others: Vec<Conn> = runtime.block_on(async {
        let opts = || Opts::from_url(&format!("{url}?prefer_socket=false")).unwrap();
        let mut others = Vec::new();
        while let Ok(connection) = Conn::new(opts()).await {
            others.push(connection);
            // One more than that is kept for the administrator, who we are here.
            assert!(others.len() <= 11);
        }
        others
    });
    let store = store(&url);
    let begun = Instant::now();
    let error = read(&store, &all("t")).unwrap_err();
    assert!(error.kind == ErrorKind::Locked && error.is_retryable(), "{error}");
    assert!(error.to_string().contains("Too many connections"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    runtime.block_on(async {
        for other in others {
            other.disconnect().await.unwrap();
        }
    });
    let found = (0..50).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        read(&store, &all("t")).is_ok()
    });
    assert!(found, "once there is room again, it is answered");
}
