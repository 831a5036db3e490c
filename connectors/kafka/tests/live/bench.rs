//! One scan beside `kcat -J | grep` over the same million records. Run by hand:
//! `cargo test -p waylaid-kafka --test live -- --ignored --nocapture million`.

use crate::support::{Put, commit, create, flush, producer, put, store};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use waylaid_kafka::KafkaTopics;
use waylaid_servers::{Kind, Options, for_test};
use waylaid_store::{Context, KeySet, RecordQuery, Select, TopicStore as _};

const RECORDS: i32 = 1_000_000;
const PARTITIONS: i32 = 6;
const TOPIC: &str = "orders.accepted.v1";

#[test]
#[ignore = "a measurement"]
fn a_million_records() {
    let Some(broker) = for_test("a_million_records", Kind::Kafka, &Options::default()) else { return };
    let bootstrap = broker.address();
    create(&bootstrap, TOPIC, PARTITIONS, &[]);
    commit(&bootstrap, "in-use", TOPIC, &[(0, 0)]);
    let producer = producer(&bootstrap, &[("compression.type", "lz4"), ("linger.ms", "50")]);
    for n in 0..RECORDS {
        let key = (4_200_017 + n).to_string();
        // Where librdkafka puts it by itself.
        let partition = -1;
        let payload = format!(
            "{{\"orderId\":{key},\"customerId\":{},\"customerTier\":\"GOLD\",\"channel\":\"WEB\",\
             \"acceptedAt\":\"2026-11-22T10:00:00.123Z\",\"lines\":[{{\"sku\":\"SKU-{:05}\",\"name\":\"Thing\",\
             \"quantity\":{},\"weightGrams\":1200}}]}}",
            n % 9_973,
            n % 5_000,
            n % 7
        );
        let (key, payload) = (Some(key.as_bytes()), Some(payload.as_bytes()));
        let headers = &[("source", "order-service")];
        put(&producer, &Put { topic: TOPIC, partition, key, payload, headers, millis: None });
    }
    flush(&producer);
    let store = store(&bootstrap);
    for round in 1..=3 {
        for keys in [1, 100_000] {
            let set = KeySet::new((0..keys).map(|n| (4_200_017 + n * 7).to_string()));
            let query = RecordQuery { select: Select::keys(Arc::new(set)), ..RecordQuery::default() };
            let (start, hits) = (Instant::now(), AtomicUsize::new(0));
            let count = |_| {
                hits.fetch_add(1, Ordering::Relaxed);
            };
            let lines = store.scan(&query, &Context::new(), &count).unwrap();
            assert_eq!(lines[0].scanned, 1_000_000);
            println!("{round}: waylaid, {keys} keys: {:?}, {} hits", start.elapsed(), hits.into_inner());
        }
        println!("{round}: waylaid, 1 own key: {}", own_key(&store));
        let start = Instant::now();
        let pipe = format!("kcat -C -q -e -J -b {bootstrap} -t {TOPIC} | grep -c 4200017");
        let output = Command::new("sh").args(["-c", &pipe]).stderr(Stdio::null()).output().unwrap();
        let found = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        println!("{round}: kcat -J | grep, 1 key: {:?}, {found} hits", start.elapsed());
    }
}

/// One key, looked for as the key of records: one partition of all.
fn own_key(store: &KafkaTopics) -> String {
    let set = KeySet::new(["4700017"]);
    let select = Select::keys(Arc::new(set));
    let query = RecordQuery { select, by_key: true, ..RecordQuery::default() };
    let (start, hits) = (Instant::now(), AtomicUsize::new(0));
    let count = |_| {
        hits.fetch_add(1, Ordering::Relaxed);
    };
    let lines = store.scan(&query, &Context::new(), &count).unwrap();
    let (took, hits, scanned) = (start.elapsed(), hits.into_inner(), lines[0].scanned);
    let note = &lines[0].note;
    format!("{took:?}, {hits} hits, {scanned} records of {RECORDS}: {note}")
}
