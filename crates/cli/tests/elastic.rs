//! The same incident from files and from a real Elasticsearch gets the same verdict; and what is said where one may not look.
#![cfg(feature = "elastic")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a case that cannot be read fails")]

mod common;

use common::{cases, command, copy, finish, verdict, waylaid};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Mutex;
use waylaid_files::FilesLogs;
use waylaid_model::Timestamp;
use waylaid_servers::{Kind, Options, Server, for_test};
use waylaid_store::{Context, LogQuery, LogStore as _, Select};

/// Every event as a shipper would send it: JSON as it is, text as the message; with the service, and the time where the event
/// itself does not call it that. Also the newest time.
fn documents(logs: &Path) -> (Vec<Value>, i64) {
    let store = FilesLogs::open("logs.main".into(), logs.to_owned()).unwrap();
    let (context, hits) = (Context::new(), Mutex::new(Vec::new()));
    let query = LogQuery { select: Select::all(), ..LogQuery::default() };
    store.scan(&query, &context, &|hit| hits.lock().unwrap().push(hit)).unwrap();
    let mut hits = hits.into_inner().unwrap();
    hits.sort_by_key(|hit| (hit.part, hit.seq));
    let raw = |hit: &waylaid_store::LogHit| store.raw(&hit.at, &context).unwrap();
    let document = |hit: &waylaid_store::LogHit| {
        let text = raw(hit);
        let mut document = match serde_json::from_str(&text) {
            Ok(Value::Object(document)) => document,
            _ => json!({"message": text}).as_object().unwrap().clone(),
        };
        // Not `service.name`: some of these services have a field `service` of their own.
        document.insert("service_name".into(), hit.service.clone().into());
        document.insert("hostname".into(), hit.instance.clone().into());
        if let Some(time) = hit.event.time {
            document.entry("@timestamp").or_insert_with(|| time.to_string().into());
        }
        Value::Object(document)
    };
    let newest = hits.iter().filter_map(|hit| hit.event.time).max().unwrap();
    (hits.iter().map(document).collect(), newest.millis())
}

/// Stores them, one index a service.
fn fill(server: &Server, documents: &[Value]) {
    let text = json!({"type": "text"});
    let word = json!({"type": "keyword"});
    // What a template of logs does: what says the same is of the same type everywhere.
    let fields =
        json!({"@timestamp": {"type": "date"}, "message": text, "service_name": word, "hostname": word});
    let mappings = json!({"date_detection": false, "properties": fields});
    let mut indices: Vec<&str> = documents.iter().filter_map(|d| d["service_name"].as_str()).collect();
    indices.sort_unstable();
    indices.dedup();
    for index in indices {
        let body = json!({"settings": {"number_of_replicas": 0}, "mappings": mappings}).to_string();
        server.send("PUT", &format!("/logs-{index}"), &body).unwrap();
        let own: Vec<&Value> = documents.iter().filter(|d| d["service_name"] == index).collect();
        for some in own.chunks(2000) {
            let lines: Vec<String> = some.iter().map(|d| format!("{{\"create\":{{}}}}\n{d}\n")).collect();
            let answer =
                server.send("POST", &format!("/logs-{index}/_bulk?refresh=true"), &lines.concat()).unwrap();
            let answer: Value = serde_json::from_str(&answer).unwrap();
            assert_eq!(answer["errors"], false, "{answer}");
        }
    }
}

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
