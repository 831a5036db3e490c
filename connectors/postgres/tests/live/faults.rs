//! Servers that are not there, refuse, hang, speak no TLS or stop in the middle; and nowhere a password.

use crate::support::{all, execute, of, open, read, store};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::{Duration, Instant};
use waylaid_postgres::{PostgresConfig, PostgresTables};
use waylaid_servers::{Kind, Options, for_test};
use waylaid_store::{Context, ErrorKind, StoreError, TableStore as _};

const PLANTED: &str = "Planted-S3cret%21";

fn with_secret(port: u16, more: &str) -> PostgresTables {
    store(&format!("postgres://waylaid:{PLANTED}@127.0.0.1:{port}/shop{more}"))
}

fn asked(store: &PostgresTables) -> StoreError {
    let error = store.catalog(&Context::new()).unwrap_err();
    let said = format!("{error} {error:?} {store:?}");
    assert!(!said.contains("Planted-S3cret"), "{said}");
    error
}

#[test]
fn nobody_listens() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = asked(&with_secret(port, ""));
    assert!(error.kind == ErrorKind::Io && error.to_string().contains("refused"), "{error}");
    assert!(error.to_string().contains("is it running"), "{error}");
}

#[test]
fn one_that_takes_the_call_and_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let store = with_secret(listener.local_addr().unwrap().port(), "");
    let context = Context::new().with_deadline(Instant::now() + Duration::from_millis(500));
    let start = Instant::now();
    let error = store.catalog(&context).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout, "{error}");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn one_that_hangs_up_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 64]);
    });
    let error = asked(&with_secret(port, ""));
    assert_eq!(error.kind, ErrorKind::Io, "{error}");
    server.join().unwrap();
}

#[test]
fn logins_and_encryption() {
    let Some(server) = for_test("logins_and_encryption", Kind::Postgres, &Options::default()) else { return };
    let port = server.endpoint().port;
    let error = asked(&with_secret(port, ""));
    assert!(
        error.kind == ErrorKind::Denied && error.to_string().contains("check user and password"),
        "{error}"
    );
    let error = asked(&with_secret(port, "?sslmode=require"));
    assert!(error.kind == ErrorKind::Io && error.to_string().contains("speaks no TLS"), "{error}");
    let missing = of(&server, "no_such_database");
    let error = asked(&store(&missing));
    assert!(error.kind == ErrorKind::NotFound && error.to_string().contains("no_such_database"), "{error}");
    let mut config = PostgresConfig::new(server.url());
    config.ca = Some("no/such/ca.pem".into());
    let error = PostgresTables::open("tables.x".into(), &config).unwrap_err();
    assert!(error.to_string().contains("no/such/ca.pem"), "{error}");
    config.ca = None;
    config.schema = Some("no_such_schema".into());
    let error = open(&config).catalog(&Context::new()).unwrap_err();
    assert!(error.to_string().contains("no such schema"), "{error}");
}

#[test]
fn encryption_with_the_right_authority_and_the_wrong_one() {
    let Some((folder, options)) = certificates() else { return };
    let test = "encryption_with_the_right_authority_and_the_wrong_one";
    let Some(server) = for_test(test, Kind::Postgres, &options) else { return };
    let mut config = PostgresConfig::new(format!("{}?sslmode=verify-full", server.url()));
    let error = open(&config).catalog(&Context::new()).unwrap_err();
    assert!(error.to_string().contains("certificate") && error.to_string().contains("ca = "), "{error}");
    config.ca = Some(folder.path().join("server.crt"));
    let store = open(&config);
    assert!(store.catalog(&Context::new()).is_ok(), "{:?}", store.catalog(&Context::new()));
    let encrypted =
        "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'waylaid'";
    assert_eq!(execute(&server.url(), encrypted), ["t"]);
}

/// A certificate of its own for 127.0.0.1, where there is a tool to make one.
fn certificates() -> Option<(tempfile::TempDir, Options)> {
    use std::os::unix::fs::PermissionsExt as _;
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
        let _ = writeln!(std::io::stderr(), "SKIPPED encryption: no openssl to make a certificate with");
        return None;
    }
    // The server runs as a user of its own and wants the key for itself.
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).unwrap();
    let group = std::process::Command::new("chgrp").arg("postgres").arg(&key).status();
    if !group.is_ok_and(|status| status.success()) {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let options = Options::default()
        .with("ssl", "on")
        .with("ssl_cert_file", &certificate.display().to_string())
        .with("ssl_key_file", &key.display().to_string());
    Some((folder, options))
}

#[test]
fn a_server_that_stops_in_the_middle_is_told_and_found_again() {
    let test = "a_server_that_stops_in_the_middle_is_told_and_found_again";
    let Some(mut server) = for_test(test, Kind::Postgres, &Options::default()) else { return };
    let url = server.url();
    execute(&url, "CREATE TABLE t AS SELECT i, repeat('x', 200) AS s FROM generate_series(1, 200000) i");
    let store = store(&url);
    let mut seen = 0;
    let error = store
        .rows(&all("t"), &Context::new(), &mut |_| {
            seen += 1;
            if seen == 2_000 {
                server.kill();
                // Its children go when they have to wait: with buffers that nobody empties, at once.
                std::thread::sleep(std::time::Duration::from_millis(700));
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
    let Some(url) = crate::support::database("closed", "CREATE TABLE t (a int)") else { return };
    let store = store(&url);
    store.catalog(&Context::new()).unwrap();
    execute(
        &url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'closed' AND pid <> pg_backend_pid()",
    );
    store.catalog(&Context::new()).unwrap();
}
