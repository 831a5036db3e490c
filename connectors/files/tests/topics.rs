//! The topic store over real folders: the envelope of kcat, what lies beside it, and everything that may be wrong.

#![allow(clippy::unwrap_used, clippy::format_push_string, clippy::format_collect)]

use serde_json::json;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use waylaid_files::FilesTopics;
use waylaid_model::{Coverage, Reference, Status};
use waylaid_store::testkit::{TopicExpectations, topic_store_conforms};
use waylaid_store::{Context, ErrorKind, KeySet, PartitionInfo, RecordHit, RecordQuery, Select, TopicStore};

fn put(root: &Path, name: &str, content: impl AsRef<[u8]>) {
    fs::write(root.join(name), content).unwrap();
}

fn gz(content: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn line(topic: &str, partition: i32, offset: i64, payload: &str) -> String {
    let record = json!({"topic": topic, "partition": partition, "offset": offset, "tstype": "create",
        "ts": 1_763_632_800_000i64 + offset * 1000, "broker": 1, "headers": ["trace", "t1"], "key": null, "payload": payload});
    format!("{record}\n")
}

fn open(root: &Path) -> FilesTopics {
    FilesTopics::open("topics.main".into(), root.to_owned()).unwrap()
}

fn scan_with(store: &FilesTopics, query: &RecordQuery) -> (Vec<RecordHit>, Vec<Coverage>) {
    let hits = Mutex::new(Vec::new());
    let coverage = store.scan(query, &Context::new(), &|hit| hits.lock().unwrap().push(hit)).unwrap();
    let mut hits = hits.into_inner().unwrap();
    hits.sort_by_key(|hit: &RecordHit| hit.at.clone());
    (hits, coverage)
}

fn scan(root: &Path, query: &RecordQuery) -> (Vec<RecordHit>, Vec<Coverage>) {
    scan_with(&open(root), query)
}

fn all() -> RecordQuery {
    RecordQuery { select: Select::all(), ..RecordQuery::default() }
}

fn keys(keys: &[&str]) -> RecordQuery {
    let select = Select::keys(Arc::new(KeySet::new(keys.iter().copied())));
    RecordQuery { select, ..RecordQuery::default() }
}

fn places(hits: &[RecordHit]) -> Vec<String> {
    hits.iter().map(|hit| hit.at.to_string()).collect()
}

fn shop() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let orders: String = (0..50)
        .map(|i| line("orders.v1", i % 3, i64::from(i) * 2, &format!("{{\"id\":{}}}", 1000 + i)))
        .collect();
    put(root.path(), "orders.v1.ndjson", orders);
    let more: String =
        (0..9).map(|i| line("orders.v1", 0, 200 + i, &format!("{{\"id\":{}}}", 1000 + i))).collect();
    put(root.path(), "orders.v1.1.ndjson.gz", gz(&more));
    let mixed: String = (0..20).map(|i| line(["picks.v1", "ships.v1"][i % 2], 0, i as i64, "1003")).collect();
    put(root.path(), "rest.ndjson.zst", zstd::encode_all(mixed.as_bytes(), 1).unwrap());
    root
}

#[test]
fn conforms() {
    let root = shop();
    let expected = TopicExpectations {
        topics: vec!["orders.v1".into(), "picks.v1".into(), "ships.v1".into()],
        records: 50 + 9 + 20,
        keys: vec!["1003".into(), "1049".into(), "absent".into()],
        keyed: 2 + 1 + 20,
        parts: 3,
        untouched: Some(root.path().to_owned()),
    };
    topic_store_conforms(|| Box::new(open(root.path())), &expected);
}

#[test]
fn partitions_are_derived_where_nothing_tells_them() {
    let root = shop();
    let catalog = open(root.path()).catalog(&Context::new()).unwrap();
    assert_eq!(catalog.topics[0].partitions[0], PartitionInfo { partition: 0, start: 0, end: 209 });
    assert_eq!(catalog.topics[0].partitions[1], PartitionInfo { partition: 1, start: 2, end: 99 });
    assert!(!catalog.groups_known && catalog.problems.is_empty());
    let (_, coverage) = scan(root.path(), &all());
    assert!(
        coverage[0].range.starts_with("p0: 0-208, p1: 2-98, p2: 4-94; 2025-11-20T"),
        "{}",
        coverage[0].range
    );
    assert_eq!((coverage[0].status, coverage[0].scanned, coverage[0].matched), (Status::Searched, 59, 59));
}

#[test]
fn metadata_wins_and_what_the_bundle_lacks_is_said() {
    let root = shop();
    let topics = json!([
        {"topic": "orders.v1", "partitions": [{"partition": 0, "start": 0, "end": 209}, {"partition": 1, "start": 2, "end": 99},
            {"partition": 2, "start": 0, "end": 95}, {"partition": 3, "start": 5, "end": 9}], "config": {"cleanup.policy": "delete"}},
        {"topic": "compacted", "partitions": [{"partition": 0, "start": 7, "end": 9}]},
        {"topic": "idle", "partitions": [{"partition": 0, "start": 7, "end": 7}]},
    ]);
    put(root.path(), "_topics.json", topics.to_string());
    put(
        root.path(),
        "_groups.json",
        json!([{"group": "g", "topic": "orders.v1", "partition": 0, "committed": 12, "end": 209}])
            .to_string(),
    );
    let catalog = open(root.path()).catalog(&Context::new()).unwrap();
    assert_eq!(
        catalog.topics.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(),
        ["compacted", "idle", "orders.v1", "picks.v1", "ships.v1"]
    );
    assert_eq!(catalog.topics[2].partitions.len(), 4);
    assert!(catalog.groups_known && catalog.groups[0].committed == Some(12));
    let (_, coverage) = scan(root.path(), &keys(&["1003"]));
    let told: Vec<_> = coverage.iter().map(|c| (c.target.as_str(), c.status, c.note.as_str())).collect();
    assert_eq!(
        told,
        [
            ("compacted", Status::Partial, "2 records not in the bundle"),
            ("idle", Status::Empty, ""),
            ("orders.v1", Status::Partial, "not in the bundle: p2: 0-3, p3: none of 5-8"),
            ("picks.v1", Status::Searched, ""),
            ("ships.v1", Status::Searched, ""),
        ]
    );
}

#[test]
fn malformed_metadata_is_a_problem() {
    let root = shop();
    put(root.path(), "_topics.json", "[{\"topic\":");
    put(root.path(), "_groups.json", "not json");
    let catalog = open(root.path()).catalog(&Context::new()).unwrap();
    assert_eq!((catalog.topics.len(), catalog.problems.len(), catalog.groups_known), (3, 2, false));
}

#[test]
fn records_of_every_kind() {
    let root = tempfile::tempdir().unwrap();
    let mut content = String::new();
    content += "{\"topic\":\"t\",\"partition\":0,\"offset\":0,\"tstype\":\"unknown\",\"ts\":-1,\"headers\":null,\"key\":\"k-1\",\"payload\":null}\n";
    content += "\n";
    content += "{\"topic\":\"t\",\"partition\":0,\"offset\":5,\"headers\":[\"a\",\"1\",\"a\",null],\"key\":4711,\"payload\":{\"id\":\"K/1\"}}\n";
    content +=
        "{\"topic\":\"t\",\"partition\":0,\"offset\":6,\"ts\":1,\"payload\":\"\\u0000\\u0001bin 4711\"}\n";
    content += "{\"topic\":\"t\",\"partition\":0,\"offset\":7,\"ts\":1,\"payload\":\"{\\\"id\\\":\\\"K\\\\/1\\\",\\\"name\\\":\\\"caf\\\\u00e9\\\"}\"}\n";
    content += "{\"topic\":\"other\",\"partition\":9,\"offset\":6,\"ts\":1,\"payload\":\"4711\"}\n";
    put(root.path(), "t.ndjson", content);
    let (hits, coverage) = scan(root.path(), &all());
    assert_eq!(places(&hits), ["other/9@6", "t/0@0", "t/0@5", "t/0@6", "t/0@7"]);
    let record = |at: usize| &hits[at].record;
    assert_eq!(
        (record(1).payload.clone(), record(1).time, record(1).key.as_deref()),
        (None, None, Some("k-1"))
    );
    assert_eq!(record(2).headers, [("a".into(), "1".into()), ("a".into(), String::new())]);
    assert_eq!(record(2).key.as_deref(), Some("4711"));
    assert_eq!(record(3).payload, Some(json!("\u{0}\u{1}bin 4711")));
    assert_eq!(record(4).payload, Some(json!({"id": "K/1", "name": "caf\u{e9}"})));
    assert_eq!(
        coverage.iter().map(|c| (c.status, c.scanned)).collect::<Vec<_>>(),
        [(Status::Searched, 1), (Status::Searched, 4)]
    );
    let (hits, _) = scan(root.path(), &keys(&["K/1", "caf\u{e9}", "4711"]));
    let found: Vec<_> = hits.iter().map(|h| (h.at.to_string(), h.keys.clone())).collect();
    let expected = [("other/9@6", vec![2]), ("t/0@5", vec![0, 2]), ("t/0@6", vec![2]), ("t/0@7", vec![0, 1])];
    assert_eq!(found, expected.map(|(at, keys)| (at.to_owned(), keys)));
}

#[test]
fn malformed_lines_are_counted_and_the_rest_delivered() {
    let root = tempfile::tempdir().unwrap();
    let good = line("t", 0, 1, "1001");
    let content = format!(
        "{good}{{\"topic\":\"t\",\"partition\":0,\"offset\":2,\"payload\":\"1001 cut\n1001 nonsense\n[1001]\n{}",
        &good[..60]
    );
    put(root.path(), "t.ndjson", content);
    let mut raw = line("u", 0, 1, "1001 BAD").into_bytes();
    let at = raw.windows(3).position(|w| w == b"BAD").unwrap();
    raw[at] = 0xff;
    raw[at + 1] = 0x00;
    put(root.path(), "u.ndjson", raw);
    for query in [all(), keys(&["1001"])] {
        let (hits, coverage) = scan(root.path(), &query);
        assert_eq!(places(&hits), ["t/0@1", "u/0@1"]);
        assert_eq!(coverage[0].status, Status::Partial);
        assert_eq!(coverage[0].note, "t.ndjson: 4 lines are no records");
        assert_eq!(coverage[1].status, Status::Searched, "{}", coverage[1].note);
        assert_eq!(hits[1].record.payload, Some(json!("1001 \u{fffd}\u{0}D")));
    }
}

#[test]
fn empty_missing_and_truncated() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(FilesTopics::open("t".into(), root.path().join("x")).unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(scan(root.path(), &all()).1, []);
    put(root.path(), "empty.ndjson", "");
    let text: String = (0..5000).map(|i| line("cut", 0, i, &format!("{}", i * 7919))).collect();
    let packed = gz(&text);
    put(root.path(), "cut.ndjson.gz", &packed[..packed.len() / 2]);
    put(root.path(), "torn.ndjson", &text[..text.len() - 40]);
    let query = RecordQuery { topics: Some(vec!["cut".into(), "empty".into(), "none".into()]), ..all() };
    let (hits, coverage) = scan(root.path(), &query);
    assert!(hits.len() > 1000);
    let status: Vec<_> = coverage.iter().map(|c| c.status).collect();
    assert_eq!(status, [Status::Partial, Status::Empty, Status::NotConfigured]);
    assert!(coverage[0].note.contains("cut.ndjson.gz ends early"), "{}", coverage[0].note);
}

#[test]
fn a_record_longer_than_a_block_is_not_lost() {
    let root = tempfile::tempdir().unwrap();
    let filler = "abc def ".repeat(1 << 20);
    let content =
        line("t", 0, 1, "1001") + &line("t", 0, 2, &format!("{filler} 1002")) + &line("t", 0, 3, "1003");
    put(root.path(), "t.ndjson", content);
    let (hits, coverage) = scan(root.path(), &keys(&["1001", "1002", "1003"]));
    assert_eq!(places(&hits), ["t/0@1", "t/0@2", "t/0@3"]);
    assert_eq!(hits[1].keys, [1]);
    assert_eq!((coverage[0].scanned, coverage[0].status), (3, Status::Searched));
    assert!(coverage[0].note.contains("1 records over 2 MiB"), "{}", coverage[0].note);
    assert!(open(root.path()).raw(&hits[1].at, &Context::new()).unwrap().contains("\"offset\":2"));
}

#[test]
fn what_was_learnt_once_is_used_again_and_forgotten_when_the_file_changes() {
    let root = shop();
    let store = open(root.path());
    let first = scan_with(&store, &keys(&["1003"]));
    assert_eq!(scan_with(&store, &keys(&["1003"])), first);
    let only = RecordQuery { topics: Some(vec!["ships.v1".into()]), ..all() };
    assert_eq!(scan_with(&store, &only), scan(root.path(), &only));
    assert_eq!(scan_with(&store, &only).0.len(), 10);
    put(root.path(), "orders.v1.ndjson", line("orders.v1", 0, 7, "1003"));
    assert_eq!(scan_with(&store, &all()).1[0].scanned, 10);
    let at =
        Reference::Record { store: "topics.main".into(), topic: "orders.v1".into(), partition: 0, offset: 7 };
    assert!(store.raw(&at, &Context::new()).unwrap().contains("1003"));
}
