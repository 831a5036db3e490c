//! Servers that are not there, refuse, hang, speak no TLS or stop in the middle; and nowhere a password.

use crate::support::{all, database, execute, of, open, read, start, store};
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};
use waylaid_mysql::{MysqlConfig, MysqlTables};
use waylaid_servers::Options;
use waylaid_store::{Context, ErrorKind, StoreError, TableStore as _};

const PLANTED: &str = "Planted-S3cret%21";

fn with_secret(port: u16, more: &str) -> MysqlTables {
    store(&format!("mysql://waylaid:{PLANTED}@127.0.0.1:{port}/shop{more}"))
}

fn asked(store: &MysqlTables) -> StoreError {
    let error = store.catalog(&Context::new()).unwrap_err();
    let said = format!("{error} {error:?} {store:?}");
    assert!(!said.contains("Planted-S3cret"), "{said}");
    error
}

#[test]
fn nobody_listens_or_says_nothing() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = asked(&with_secret(port, ""));
    assert!(error.kind == ErrorKind::Io && error.to_string().contains("is it running"), "{error}");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let store = with_secret(listener.local_addr().unwrap().port(), "");
    let context = Context::new().with_deadline(Instant::now() + Duration::from_millis(500));
    let start = Instant::now();
    let error = store.catalog(&context).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout, "{error}");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn logins_and_encryption() {
    let Some(url) = database("logins", &["CREATE TABLE t (a INT)"]) else { return };
    let port = url.rsplit_once(':').unwrap().1.split('/').next().unwrap().parse().unwrap();
    let error = asked(&with_secret(port, ""));
    assert!(
        error.kind == ErrorKind::Denied && error.to_string().contains("check user and password"),
        "{error}"
    );
    let error = asked(&with_secret(port, "?ssl-mode=required"));
    assert!(error.kind == ErrorKind::Io && error.to_string().contains("speaks no TLS"), "{error}");
    let missing = url.replace("/logins", "/no_such_database");
    let error = asked(&store(&missing));
    assert!(error.kind == ErrorKind::NotFound && error.to_string().contains("no_such_database"), "{error}");
    let mut config = MysqlConfig::new(&url);
    config.ca = Some("no/such/ca.pem".into());
    let error = MysqlTables::open("tables.x".into(), &config).unwrap_err();
    assert!(error.to_string().contains("no/such/ca.pem"), "{error}");
}

#[test]
fn encryption_with_the_right_authority_and_the_wrong_one() {
    let test = "encryption_with_the_right_authority_and_the_wrong_one";
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let (key, certificate) = (folder.path().join("server.key"), folder.path().join("server.crt"));
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output();
    if !made.is_ok_and(|output| output.status.success()) {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci != "true"),
            "openssl is needed for the test of TLS"
        );
        let _ = writeln!(std::io::stderr(), "SKIPPED {test}: no openssl to make a certificate with");
        return;
    }
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let options = Options::default()
        .with("ssl-cert", &certificate.display().to_string())
        .with("ssl-key", &key.display().to_string());
    let Some(server) = start(test, &options) else { return };
    let mut config = MysqlConfig::new(format!("{}?ssl-mode=verify_identity", of(&server, "mysql")));
    let error = open(&config).catalog(&Context::new()).unwrap_err();
    assert!(error.to_string().contains("certificate") && error.to_string().contains("ca = "), "{error}");
    config.ca = Some(certificate);
    let store = open(&config);
    assert!(store.catalog(&Context::new()).is_ok(), "{:?}", store.catalog(&Context::new()).err());
}

#[test]
fn a_server_that_stops_in_the_middle_is_told() {
    let test = "a_server_that_stops_in_the_middle_is_told";
    let Some(mut server) = start(test, &Options::default()) else { return };
    execute(
        &server.url(),
        &[
            "CREATE DATABASE shop",
            "USE shop",
            "CREATE TABLE shop.t AS SELECT seq, REPEAT('x', 200) AS s FROM seq_1_to_200000",
        ],
    );
    let store = store(&of(&server, "shop"));
    let mut seen = 0;
    let error = store
        .rows(&all("t"), &Context::new(), &mut |_| {
            seen += 1;
            if seen == 2_000 {
                server.kill();
            }
        })
        .unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Io), "{error}");
    assert!((2_000..200_000).contains(&seen), "{seen}");
    let error = read(&store, &all("t")).unwrap_err();
    assert!(error.to_string().contains("refused"), "{error}");
}

#[test]
fn a_connection_that_was_closed_is_made_anew() {
    let Some(url) = database("closed", &["CREATE TABLE t (a INT)"]) else { return };
    let store = store(&url);
    store.catalog(&Context::new()).unwrap();
    let ids = execute(
        &url,
        &["SELECT ID FROM information_schema.PROCESSLIST WHERE DB = 'closed' AND ID <> CONNECTION_ID()"],
    );
    for id in ids {
        let digits: String = id.chars().filter(char::is_ascii_digit).collect();
        execute(&url, &[&format!("KILL CONNECTION {digits}")]);
    }
    store.catalog(&Context::new()).unwrap();
}
