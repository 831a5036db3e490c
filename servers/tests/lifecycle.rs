//! Each real server starts, answers and stops, and leaves no process, no port and no folder. One after another: two cores
//! and a few gigabytes do not hold all of them.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use waylaid_servers::{Kind, Options, for_test};

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Command lines that name this folder.
fn processes_in(folder: &Path) -> Vec<String> {
    let folder = folder.to_string_lossy();
    let command_lines = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let line = std::fs::read(entry.ok()?.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    command_lines.filter(|line| line.contains(&*folder)).collect()
}

fn lives_and_leaves_nothing(test: &str, kind: Kind) {
    let _turn = turn();
    let Some(mut server) = for_test(test, kind, &Options::default()) else { return };
    assert!(server.is_running() && server.answers().unwrap());
    assert!(!server.endpoint().to_json()["port"].is_null());
    let (address, folder) = (server.address(), PathBuf::from(server.folder()));
    assert!(!processes_in(&folder).is_empty());

    let start = Instant::now();
    server.stop();
    assert!(start.elapsed() < Duration::from_secs(20), "it stops when it is asked to");
    assert_eq!(processes_in(&folder), Vec::<String>::new());
    assert!(!folder.exists());
    std::net::TcpListener::bind(&address).expect("its port is free");
}

#[test]
fn kafka() {
    lives_and_leaves_nothing("kafka", Kind::Kafka);
}

#[test]
fn postgres() {
    lives_and_leaves_nothing("postgres", Kind::Postgres);
}

#[test]
fn mariadb() {
    lives_and_leaves_nothing("mariadb", Kind::Mariadb);
}

#[test]
fn apicurio() {
    lives_and_leaves_nothing("apicurio", Kind::Apicurio3);
}

#[test]
fn mongodb() {
    lives_and_leaves_nothing("mongodb", Kind::Mongodb);
}

#[test]
fn elasticsearch_9() {
    lives_and_leaves_nothing("elasticsearch_9", Kind::Elasticsearch9);
}

#[test]
fn elasticsearch_8() {
    lives_and_leaves_nothing("elasticsearch_8", Kind::Elasticsearch8);
}

#[test]
fn elasticsearch_7() {
    lives_and_leaves_nothing("elasticsearch_7", Kind::Elasticsearch7);
}

#[test]
fn opensearch_3() {
    lives_and_leaves_nothing("opensearch_3", Kind::Opensearch3);
}

#[test]
fn a_folder_that_is_given_is_used_again() {
    for kind in [Kind::Postgres, Kind::Mariadb, Kind::Kafka, Kind::Elasticsearch9] {
        let _turn = turn();
        let folder = tempfile::tempdir().unwrap();
        open_to_all(folder.path());
        let options = Options { folder: Some(folder.path().to_owned()), ..Options::default() };
        let Some(first) = for_test("a_folder_that_is_given_is_used_again", kind, &options) else { return };
        let password = first.endpoint().password.clone();
        first.stop();
        let Some(second) = for_test("a_folder_that_is_given_is_used_again", kind, &options) else { return };
        assert_eq!(second.endpoint().password, password, "{kind}");
        assert!(second.answers().unwrap());
    }
}

#[test]
fn a_killed_server_is_seen_to_be_gone() {
    let _turn = turn();
    let test = "a_killed_server_is_seen_to_be_gone";
    let Some(mut server) = for_test(test, Kind::Mariadb, &Options::default()) else { return };
    server.kill();
    assert!(!server.is_running() && server.answers().is_err());
}

#[test]
fn a_wrong_setting_is_told_with_the_servers_own_words() {
    let _turn = turn();
    let options = Options::default().with("shared_buffers", "much");
    if for_test("a_wrong_setting…", Kind::Postgres, &Options::default()).is_some() {
        let error = waylaid_servers::start(Kind::Postgres, &options).unwrap_err().to_string();
        assert!(error.starts_with("PostgreSQL 15 does not start: it ended with"), "{error}");
        assert!(error.contains("shared_buffers"), "{error}");
    }
}

fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}
