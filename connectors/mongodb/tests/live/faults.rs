//! Servers that are not there, or hang.

use crate::support::store;
use std::net::TcpListener;
use std::time::{Duration, Instant};
use waylaid_mongodb::{MongoConfig, MongoTables};
use waylaid_store::{Context, ErrorKind, TableStore as _};

#[test]
fn nobody_listens() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let start = Instant::now();
    let url = format!("mongodb://u:hunter2@127.0.0.1:{port}/shop");
    let error = store(&url).catalog(&Context::new()).unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    assert_eq!(error.kind, ErrorKind::Io, "{error}");
    let text = format!("{error} {error:?}");
    assert!(text.contains("refused") && !text.contains("hunter2"), "{text}");
}

#[test]
fn a_server_that_hangs_is_left_when_the_question_is_cancelled() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let store = store(&format!("mongodb://{}/shop", listener.local_addr().unwrap()));
    let context = std::sync::Arc::new(Context::new());
    let start = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(300));
            context.cancel();
        });
        let error = store.catalog(&context).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Cancelled, "{error}");
    });
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn what_is_wrong_with_an_address_is_said_without_it() {
    for url in ["mongodb://u:hunter2@h", "mongodb://u:hunter2@h:x/d", "mysql://u:hunter2@h/d"] {
        let error = MongoTables::open("tables.shop".into(), &MongoConfig::new(url)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid, "{url}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}
