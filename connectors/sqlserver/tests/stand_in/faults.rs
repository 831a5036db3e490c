//! Servers that are not there, refuse, hang, speak no TLS or stop in the middle; and nowhere a password.

use crate::conforms::{open, shop};
use crate::tds::{Reply, StandIn};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use waylaid_sqlserver::{SqlServerConfig, SqlServerTables};
use waylaid_store::{Context, ErrorKind, Filter, RowQuery, StoreError, TableStore as _};

fn all(table: &str) -> RowQuery {
    RowQuery { table: table.into(), columns: Vec::new(), filter: Filter::All, limit: None }
}

fn asked(store: &SqlServerTables) -> StoreError {
    let error = store.catalog(&Context::new()).unwrap_err();
    let said = format!("{error} {error:?} {store:?}");
    assert!(!said.contains("Planted-S3cret"), "{said}");
    error
}

#[test]
fn logins_that_are_refused_are_told_without_the_password() {
    for (number, class, text, kind, hint) in [
        (
            18_456,
            14,
            "Login failed for user 'reader'. Planted-S3cret!",
            ErrorKind::Denied,
            "check user and password",
        ),
        (4_060, 11, "Cannot open database \"shop\" requested by the login.", ErrorKind::NotFound, "shop"),
        (
            17_809,
            20,
            "Could not connect: the maximum number of connections is reached.",
            ErrorKind::Locked,
            "maximum",
        ),
    ] {
        let server = StandIn::behind(move |_| Some(Reply::Fails(number, class, text)), |_, _| Reply::Nothing);
        let error = asked(&open(&server));
        assert!(error.kind == kind && error.to_string().contains(hint), "{error}");
    }
}

#[test]
fn nobody_listens_or_says_nothing_or_speaks_no_tls() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let at = |port: u16, more: &str| {
        let url = format!("sqlserver://reader:Planted-S3cret%21@127.0.0.1:{port}/shop{more}");
        SqlServerTables::open("tables.shop".into(), &SqlServerConfig::new(url)).unwrap()
    };
    let error = asked(&at(port, ""));
    assert!(error.kind == ErrorKind::Io && error.to_string().contains("is it running"), "{error}");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let context = Context::new().with_deadline(Instant::now() + Duration::from_millis(500));
    let start = Instant::now();
    let error = at(listener.local_addr().unwrap().port(), "").catalog(&context).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout, "{error}");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    let server = StandIn::start(|_, _| Reply::Nothing);
    let error = asked(&at(server.port, "?encrypt=yes"));
    assert!(error.kind == ErrorKind::Io && error.to_string().contains("speaks no TLS"), "{error}");
    let mut config = SqlServerConfig::new(server.url());
    config.ca = Some("no/such/ca.pem".into());
    let error = SqlServerTables::open("tables.x".into(), &config).unwrap_err();
    assert!(error.to_string().contains("no/such/ca.pem"), "{error}");
}

#[test]
fn a_question_that_is_cancelled_ends_on_the_server() {
    let database = shop();
    let server = StandIn::start(move |sql, parameters| {
        if sql.contains("FROM [dbo].[a]") { Reply::Hangs } else { database.answer(sql, parameters) }
    });
    let store = open(&server);
    let context = Context::new().with_deadline(Instant::now() + Duration::from_millis(700));
    let start = Instant::now();
    let error = store.rows(&all("a"), &context, &mut |_| ()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout, "{error}");
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    assert_eq!(server.stops(), 1, "the server is told to stop");
    store.rows(&all("b"), &Context::new(), &mut |_| ()).unwrap();
}

#[test]
fn a_select_that_takes_too_long_ends_on_the_server() {
    let mut database = shop();
    database.selects.push(("SELECT [id] FROM [a]", Reply::Hangs));
    let server = StandIn::start(move |sql, parameters| database.answer(sql, parameters));
    let mut config = SqlServerConfig::new(server.url());
    config.statement = Duration::from_millis(400);
    let store = SqlServerTables::open("tables.shop".into(), &config).unwrap();
    let query = RowQuery { filter: Filter::Select { sql: "SELECT id FROM a".into() }, ..all("") };
    let error = store.rows(&query, &Context::new(), &mut |_| ()).unwrap_err();
    assert!(error.kind == ErrorKind::Timeout && error.to_string().contains("ask for less"), "{error}");
    assert_eq!(server.stops(), 1);
}

#[test]
fn one_that_hangs_up_in_the_middle_is_told_and_found_again() {
    let (database, times) = (shop(), AtomicUsize::new(0));
    let server = StandIn::start(move |sql, parameters| match database.answer(sql, parameters) {
        Reply::Rows(columns, rows) if sql.contains(" FROM [dbo].[a] ORDER") => {
            if times.fetch_add(1, Ordering::Relaxed) == 0 {
                Reply::HangsUp(columns, rows)
            } else {
                Reply::Rows(columns, rows)
            }
        }
        reply => reply,
    });
    let (store, mut seen) = (open(&server), 0);
    let error = store.rows(&all("a"), &Context::new(), &mut |_| seen += 1).unwrap_err();
    assert!(error.kind == ErrorKind::Io && (1..50).contains(&seen), "{seen}: {error}");
    let coverage = store.rows(&all("a"), &Context::new(), &mut |_| ()).unwrap();
    assert_eq!(coverage.matched, 50);
}

#[test]
fn locks_deadlocks_and_missing_rights_have_their_kinds() {
    for (number, class, text, kind) in [
        (1_222, 16, "Lock request time out period exceeded.", ErrorKind::Locked),
        (
            1_205,
            13,
            "Transaction was deadlocked and has been chosen as the deadlock victim.",
            ErrorKind::Locked,
        ),
        (229, 14, "The SELECT permission was denied on the object 'a'.", ErrorKind::Denied),
        (40_501, 20, "The service is currently busy.", ErrorKind::Locked),
        (596, 21, "Cannot continue the execution because the session is in the kill state.", ErrorKind::Io),
    ] {
        let database = shop();
        let server = StandIn::start(move |sql, parameters| {
            if sql.contains(" FROM [dbo].[a] ORDER") {
                Reply::Fails(number, class, text)
            } else {
                database.answer(sql, parameters)
            }
        });
        let error = open(&server).rows(&all("a"), &Context::new(), &mut |_| ()).unwrap_err();
        assert!(error.kind == kind && error.to_string().contains(text), "{number}: {error}");
    }
}
