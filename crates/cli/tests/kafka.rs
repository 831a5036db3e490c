//! The same incident from files and from a real Kafka gets the same verdict.
#![cfg(feature = "kafka")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a case that cannot be read fails")]

mod common;

use common::{cases, copy, verdict};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use waylaid_files::FilesTopics;
use waylaid_servers::{Kind, Options, for_test};
use waylaid_store::{Context, RecordQuery, Select, TopicStore as _};

/// What the topics of a case hold, as lines that fill a broker; offsets there begin at 0.
fn lines(topics: &Path) -> (Vec<String>, i64) {
    let store = FilesTopics::open("topics.main".into(), topics.to_owned()).unwrap();
    let context = Context::new();
    let catalog = store.catalog(&context).unwrap();
    let hits = Mutex::new(Vec::new());
    let query = RecordQuery { select: Select::all(), ..RecordQuery::default() };
    store.scan(&query, &context, &|hit| hits.lock().unwrap().push(hit)).unwrap();
    let mut hits = hits.into_inner().unwrap();
    hits.sort_by_key(|hit| (hit.record.topic.clone(), hit.record.partition, hit.record.offset));
    let mut lines = Vec::new();
    for topic in &catalog.topics {
        let partitions = topic.partitions.iter().map(|p| p.partition + 1).max().unwrap_or(1);
        lines.push(json!({"create": topic.name, "partitions": partitions}).to_string());
    }
    let mut before: BTreeMap<(String, i32), Vec<i64>> = BTreeMap::new();
    let mut newest = 0;
    for hit in &hits {
        let record = &hit.record;
        before.entry((record.topic.clone(), record.partition)).or_default().push(record.offset);
        let headers: Vec<&String> = record.headers.iter().flat_map(|(name, value)| [name, value]).collect();
        let millis = record.time.map_or(-1, waylaid_model::Timestamp::millis);
        newest = newest.max(millis);
        let line = json!({"topic": record.topic, "partition": record.partition, "ts": millis, "headers": headers,
                          "key": record.key, "payload": record.payload});
        lines.push(line.to_string());
    }
    for group in &catalog.groups {
        let offsets = before.get(&(group.topic.clone(), group.partition)).map_or(&[][..], Vec::as_slice);
        let Some(committed) = group.committed else { continue };
        let committed = offsets.partition_point(|offset| *offset < committed);
        lines.push(json!({"group": group.group, "topic": group.topic, "partition": group.partition, "committed": committed}).to_string());
    }
    (lines, newest)
}

#[test]
fn a_live_broker_tells_what_the_bundle_tells() {
    for name in ["seed", "kiosk"] {
        let case = cases("cases").into_iter().find(|case| case.ends_with(name)).unwrap();
        let Some(broker) =
            for_test("a_live_broker_tells_what_the_bundle_tells", Kind::Kafka, &Options::default())
        else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        copy(&case.join("incident"), folder.path());
        let (lines, newest) = lines(&folder.path().join("topics"));
        broker.load_topics(lines).unwrap();
        // A little after the last record: the clock is no help with an incident of another day.
        let now = waylaid_model::Timestamp::from_millis(newest + 60_000).to_string();
        let from_files = verdict(folder.path(), &now);
        let file = folder.path().join("waylaid.toml");
        let config = std::fs::read_to_string(&file).unwrap();
        let live = format!("[topics.main]\nkind = \"kafka\"\nbootstrap = \"{}\"", broker.address());
        let config = config.replace("[topics.main]\nkind = \"files\"\npath = \"topics\"", &live);
        assert!(config.contains("kafka"), "{config}");
        std::fs::write(&file, config).unwrap();
        std::fs::remove_dir_all(folder.path().join("topics")).unwrap();
        assert_eq!(verdict(folder.path(), &now), from_files, "{name}");
    }
}
