//! Records of all kinds: tombstones, binary keys, headers, compression, transactions, gaps, windows, many keys.

use crate::support::{Put, admin, answer, create, flush, producer, put, scan, shared, store};
use rdkafka::admin::AdminOptions;
use rdkafka::producer::Producer as _;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use waylaid_model::{Status, Timestamp, Window};
use waylaid_store::{Context, KeySet, RecordQuery, Select, TopicStore as _};

const WAIT: Duration = Duration::from_secs(30);

fn of(topic: &str, select: Select) -> RecordQuery {
    RecordQuery { topics: Some(vec![topic.to_owned()]), select, ..RecordQuery::default() }
}

#[test]
fn records_of_all_kinds() {
    let Some(bootstrap) = shared("records_of_all_kinds") else { return };
    let topic = "records.kinds";
    create(&bootstrap, topic, 1, &[]);
    let producer = producer(&bootstrap, &[]);
    let base = Put { topic, millis: Some(1_700_000_000_123), ..Put::default() };
    put(
        &producer,
        &Put {
            key: Some(b"1001"),
            payload: Some(br#"{"id":1}"#),
            headers: &[("a", "1"), ("a", "2")],
            ..base
        },
    );
    put(&producer, &Put { key: Some(b"1001"), ..base });
    put(
        &producer,
        &Put {
            key: Some(&4_200_017_i64.to_be_bytes()),
            payload: Some(b"\x00\x00\x00\x00\x09{\"id\":2}"),
            ..base
        },
    );
    put(&producer, &Put { payload: Some(b"plain text 77"), ..base });
    put(&producer, &Put { payload: Some(&[0, 1, 2, 0xff]), ..base });
    flush(&producer);

    let store = store(&bootstrap);
    let (hits, coverage) = scan(&store, &of(topic, Select::all()));
    let records: Vec<_> = hits.iter().map(|hit| &hit.record).collect();
    assert_eq!(records[0].headers, [("a".into(), "1".into()), ("a".into(), "2".into())]);
    assert_eq!(records[0].time, Some(Timestamp::from_millis(1_700_000_000_123)));
    assert_eq!(records[0].payload, Some(json!({"id": 1})));
    assert_eq!((records[1].key.as_deref(), &records[1].payload), (Some("1001"), &None), "a tombstone");
    assert_eq!((records[2].key.as_deref(), &records[2].payload), (Some("4200017"), &Some(json!({"id": 2}))));
    assert_eq!((&records[3].key, &records[3].payload), (&None, &Some(json!("plain text 77"))));
    assert_eq!(records[4].payload, Some(json!("····")));
    assert_eq!((coverage[0].status, coverage[0].scanned, coverage[0].matched), (Status::Searched, 5, 5));
    assert!(coverage[0].range.starts_with("p0: 0-4; 2023-11-14T22:13:20.123"), "{}", coverage[0].range);

    let keys = KeySet::new(["4200017", "77", "2"]);
    let (hits, _) = scan(&store, &of(topic, Select::keys(Arc::new(keys))));
    let found: Vec<_> = hits.iter().map(|hit| (hit.record.offset, hit.keys.clone())).collect();
    assert_eq!(found, [(0, vec![2]), (2, vec![0, 2]), (3, vec![1])], "in a header, a key, a payload");

    let raw = store.raw(&records_reference(topic, 0), &Context::new()).unwrap();
    let raw: serde_json::Value = serde_json::from_str(&raw).unwrap();
    assert_eq!(raw["headers"], json!(["a", "1", "a", "2"]));
    assert_eq!((&raw["tstype"], &raw["payload"]), (&json!("create"), &json!(r#"{"id":1}"#)));
}

#[test]
fn binary_documents_are_read_and_searched() {
    let Some(bootstrap) = shared("binary_documents_are_read_and_searched") else { return };
    let topic = "records.documents";
    create(&bootstrap, topic, 1, &[]);
    let producer = producer(&bootstrap, &[]);
    // {"id": 1001, "sku": "A-1234"} in MessagePack, the text with a length that is a digit; the same in CBOR, whose head of
    // a short text is a letter; and bytes that are neither.
    let packed = b"\x82\xa2id\xcd\x03\xe9\xa3sku\xd9\x06A-1234";
    let concise = b"\xa2\x62id\x19\x03\xe9\x63sku\x66A-1234";
    for payload in [packed.as_slice(), concise, b"\x82\xa2id\xcd\x03"] {
        put(&producer, &Put { topic, payload: Some(payload), ..Put::default() });
    }
    flush(&producer);

    let store = store(&bootstrap);
    let (hits, coverage) = scan(&store, &of(topic, Select::all()));
    let told = json!({"id": 1001, "sku": "A-1234"});
    assert_eq!(hits[0].record.payload, Some(told.clone()));
    assert_eq!(hits[1].record.payload, Some(told.clone()));
    assert!(
        hits[2].record.payload.as_ref().is_some_and(serde_json::Value::is_string),
        "cut off: as far as it can be read"
    );
    assert_eq!(coverage[0].scanned, 3);
    for key in ["1001", "A-1234"] {
        let (hits, _) = scan(&store, &of(topic, Select::keys(Arc::new(KeySet::new([key])))));
        let found: Vec<_> = hits.iter().map(|hit| hit.record.offset).collect();
        assert_eq!(found, [0, 1], "{key}");
    }
    let raw = store.raw(&records_reference(topic, 1), &Context::new()).unwrap();
    let raw: serde_json::Value = serde_json::from_str(&raw).unwrap();
    assert_eq!(raw["payload"], json!(told.to_string()));
}

fn records_reference(topic: &str, offset: i64) -> waylaid_model::Reference {
    waylaid_model::Reference::Record {
        store: "topics.main".into(),
        topic: topic.into(),
        partition: 0,
        offset,
    }
}

#[test]
fn all_kinds_of_compression() {
    let Some(bootstrap) = shared("all_kinds_of_compression") else { return };
    for kind in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let topic = format!("records.{kind}");
        create(&bootstrap, &topic, 1, &[]);
        let producer = producer(&bootstrap, &[("compression.type", kind)]);
        for n in 0..500 {
            let payload = format!("{{\"orderId\":{n},\"text\":\"always the same, always the same\"}}");
            put(&producer, &Put { topic: &topic, payload: Some(payload.as_bytes()), ..Put::default() });
        }
        flush(&producer);
        let (hits, coverage) =
            scan(&store(&bootstrap), &of(&topic, Select::keys(Arc::new(KeySet::new(["317"])))));
        assert_eq!((hits.len(), coverage[0].scanned), (1, 500), "{kind}");
    }
}

#[test]
fn records_of_aborted_transactions_are_not_there() {
    let Some(bootstrap) = shared("records_of_aborted_transactions_are_not_there") else { return };
    let topic = "records.transactions";
    create(&bootstrap, topic, 1, &[]);
    let producer = producer(&bootstrap, &[("transactional.id", "records.transactions")]);
    producer.init_transactions(WAIT).unwrap();
    for (text, commits) in [("kept-1", true), ("undone-2", false), ("kept-3", true)] {
        producer.begin_transaction().unwrap();
        put(&producer, &Put { topic, payload: Some(text.as_bytes()), ..Put::default() });
        if commits {
            producer.commit_transaction(WAIT).unwrap();
        } else {
            flush(&producer);
            producer.abort_transaction(WAIT).unwrap();
        }
    }
    producer.begin_transaction().unwrap();
    put(&producer, &Put { topic, payload: Some(b"open-4"), ..Put::default() });
    flush(&producer);

    let store = store(&bootstrap);
    let (hits, coverage) = scan(&store, &of(topic, Select::all()));
    let texts: Vec<_> = hits.iter().map(|hit| hit.record.payload.clone().unwrap()).collect();
    assert_eq!(texts, [json!("kept-1"), json!("kept-3")], "{coverage:?}");
    assert!(
        coverage[0].note.contains("2 records of transactions that were aborted or are still open"),
        "{coverage:?}"
    );
    producer.abort_transaction(WAIT).unwrap();
}

#[test]
fn gaps_and_a_log_that_begins_late() {
    let Some(bootstrap) = shared("gaps_and_a_log_that_begins_late") else { return };
    let topic = "records.late";
    create(&bootstrap, topic, 1, &[]);
    let producer = producer(&bootstrap, &[]);
    for n in 0..100 {
        let text = n.to_string();
        put(&producer, &Put { topic, payload: Some(text.as_bytes()), ..Put::default() });
    }
    flush(&producer);
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, 0, Offset::Offset(60)).unwrap();
    answer(admin(&bootstrap).delete_records(&list, &AdminOptions::new())).unwrap();
    let store = store(&bootstrap);
    let (hits, coverage) = scan(&store, &of(topic, Select::all()));
    assert_eq!((hits.len(), hits[0].record.offset, coverage[0].status), (40, 60, Status::Searched));
    let gone = store.raw(&records_reference(topic, 3), &Context::new());
    assert!(gone.is_err(), "{gone:?}");
    assert!(store.raw(&records_reference(topic, 99), &Context::new()).unwrap().contains("\"99\""));
}

#[test]
fn windows_begin_at_an_offset_found_by_time() {
    let Some(bootstrap) = shared("windows_begin_at_an_offset_found_by_time") else { return };
    let topic = "records.window";
    create(&bootstrap, topic, 1, &[]);
    let producer = producer(&bootstrap, &[]);
    let minute = 60_000;
    let start = 1_700_000_000_000;
    for n in 0..600_i64 {
        // One of them arrives late: forty minutes behind its own time.
        let at = if n == 340 { 300 } else { n };
        put(
            &producer,
            &Put { topic, millis: Some(start + at * minute), payload: Some(b"x"), ..Put::default() },
        );
    }
    flush(&producer);
    let time = |minutes: i64| Some(Timestamp::from_millis(start + minutes * minute));
    let window = Window { from: time(290), until: time(310) };
    let (hits, coverage) = scan(&store(&bootstrap), &RecordQuery { window, ..of(topic, Select::all()) });
    let offsets: Vec<_> = hits.iter().map(|hit| hit.record.offset).collect();
    assert_eq!(offsets, (290..310).chain([340]).collect::<Vec<_>>());
    assert_eq!(coverage[0].scanned, 80, "from 290 to an hour behind the end: {coverage:?}");
    let late = Window { from: time(10_000), until: None };
    let (hits, coverage) =
        scan(&store(&bootstrap), &RecordQuery { window: late, ..of(topic, Select::all()) });
    assert!(hits.is_empty() && coverage[0].scanned == 0, "{coverage:?}");
}

#[test]
fn a_hundred_thousand_keys_in_one_pass() {
    let Some(bootstrap) = shared("a_hundred_thousand_keys_in_one_pass") else { return };
    let topic = "records.many";
    create(&bootstrap, topic, 4, &[]);
    let producer = producer(&bootstrap, &[]);
    for n in 0..40_000 {
        let payload = format!("{{\"orderId\":{}}}", 5_000_000 + n * 10);
        put(&producer, &Put { topic, partition: n % 4, payload: Some(payload.as_bytes()), ..Put::default() });
    }
    flush(&producer);
    let keys = Arc::new(KeySet::new((0..100_000).map(|n| (5_000_000 + n * 2).to_string())));
    let (hits, coverage) = scan(&store(&bootstrap), &of(topic, Select::keys(keys)));
    // Every tenth number is written, every second one below 5,200,000 is asked for.
    assert_eq!((hits.len(), coverage[0].scanned), (20_000, 40_000));
    let (hits, coverage) = scan(&store(&bootstrap), &of(topic, Select::sample(8)));
    assert_eq!((hits.len(), coverage[0].scanned), (32, 32), "a sample reads no more than it needs");
}
