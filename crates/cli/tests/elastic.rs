//! The same incident from files and from a real Elasticsearch gets the same verdict; and what is said where one may not look.
#![cfg(feature = "elastic")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a case that cannot be read fails")]

mod common;
#[path = "common/live.rs"]
mod live;

use common::{cases, command, copy, finish, verdict, waylaid};
use live::{documents, fill};
use waylaid_model::Timestamp;
use waylaid_servers::{Kind, Options, for_test};

/// The servers, with what the configuration calls them.
const SERVERS: [(Kind, &str); 4] = [
    (Kind::Elasticsearch8, "elasticsearch"),
    (Kind::Elasticsearch7, "elasticsearch"),
    (Kind::Opensearch3, "opensearch"),
    (Kind::Elasticsearch9, "elasticsearch"),
];

// One after the other: they are heavy.
#[test]
fn live_search_servers_tell_what_the_bundle_tells() {
    let case = cases("cases").into_iter().find(|case| case.ends_with("seed")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    copy(&case.join("incident"), folder.path());
    let (documents, newest) = documents(&folder.path().join("logs"));
    let now = Timestamp::from_millis(newest + 60_000).to_string();
    let from_files = verdict(folder.path(), &now);
    let file = folder.path().join("waylaid.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_dir_all(folder.path().join("logs")).unwrap();
    for (server, kind) in SERVERS {
        let test = "live_search_servers_tell_what_the_bundle_tells";
        let Some(server) = for_test(test, server, &Options::default()) else { continue };
        fill(&server, &documents);
        let live = format!("[logs.main]\nkind = \"{kind}\"\nurl = \"{}\"\nindex = \"logs-*\"", server.url());
        let config = config.replace("[logs.main]\nkind = \"files\"\npath = \"logs\"", &live);
        assert!(config.contains(&live), "{config}");
        std::fs::write(&file, config).unwrap();
        assert_eq!(verdict(folder.path(), &now), from_files, "{}", server.kind());
        if server.kind() == Kind::Elasticsearch9 {
            let check = waylaid(folder.path(), &["check", "--now", &now]).stdout;
            let events = format!("{} events", documents.len());
            assert!(check.contains(&events) && check.contains("Elasticsearch, version not told"), "{check}");
        }
    }
}

#[test]
fn a_server_that_is_not_there_is_named_without_its_password() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = "[system]\nname = \"x\"\n[logs.main]\nkind = \"opensearch\"\nurl = \"env:LOGS\"\nindex = \"logs-*\"\n\
                  user = \"u\"\npassword = \"env:PASSWORD\"\n";
    let folder = common::system(config);
    let mut check = command(folder.path(), &["check"]);
    check.env("LOGS", format!("http://{nobody}")).env("PASSWORD", "pl4nted-s3cret");
    let ran = finish(check);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    let said = ran.stdout + &ran.stderr;
    assert!(said.contains("logs.main") && said.contains("refused"), "{said}");
    assert!(!said.contains("pl4nted-s3cret"), "{said}");
}
