//! Only the partition to which a key falls: by the rules of real clients, and everything where no rule is seen.

use crate::support::{create, flush, producer, scan, shared, store};
use rdkafka::producer::{BaseProducer, BaseRecord};
use std::sync::Arc;
use std::time::Duration;
use waylaid_model::Coverage;
use waylaid_store::{KeySet, RecordHit, RecordQuery, Select};

const PARTITIONS: i32 = 4;
const RECORDS: u32 = 24_000;

/// Records with the keys `ORD-0`, `ORD-1`, …, each where the client puts it.
fn fill(producer: &BaseProducer, topic: &str, keys: std::ops::Range<u32>) {
    for n in keys {
        let (key, payload) = (format!("ORD-{n}"), format!("{{\"n\":{n},\"next\":\"ORD-{}\"}}", n + 1));
        let mut record = BaseRecord::to(topic).key(&key).payload(&payload);
        while let Err((_, back)) = producer.send(record) {
            producer.poll(Duration::from_millis(20));
            record = back;
        }
    }
    flush(producer);
}

fn own(bootstrap: &str, topic: &str, keys: &[&str]) -> (Vec<RecordHit>, Coverage) {
    let select = Select::keys(Arc::new(KeySet::new(keys.iter().copied())));
    let topics = Some(vec![topic.to_owned()]);
    let query = RecordQuery { topics, select, by_key: true, ..RecordQuery::default() };
    let (hits, mut lines) = scan(&store(bootstrap), &query);
    (hits, lines.remove(0))
}

#[test]
fn the_partition_of_a_key_is_that_of_the_clients() {
    let Some(bootstrap) = shared("the_partition_of_a_key_is_that_of_the_clients") else { return };
    for (topic, rule, told) in
        [("narrow.librdkafka", "consistent_random", "crc32"), ("narrow.java", "murmur2_random", "murmur2")]
    {
        create(&bootstrap, topic, PARTITIONS, &[]);
        fill(&producer(&bootstrap, &[("partitioner", rule)]), topic, 0..RECORDS);
        for key in ["ORD-0", "ORD-12345", "ORD-23999"] {
            let (hits, line) = own(&bootstrap, topic, &[key]);
            assert_eq!(hits.iter().map(|hit| hit.record.key.as_deref()).collect::<Vec<_>>(), [Some(key)]);
            assert!(line.scanned < u64::from(RECORDS) / 2, "one of four partitions: {line:?}");
            let note = format!("3 partitions were not read: keys fall to partitions by {told}");
            assert!(line.note.starts_with(&note), "{line:?}");
            assert!(!line.range.contains(", p"), "one partition: {line:?}");
        }
        let (hits, line) = own(&bootstrap, topic, &["ORD-7", "no-such-key"]);
        assert_eq!(hits.len(), 1, "found once, though everything was read in the end");
        assert_eq!((line.scanned, line.note.as_str()), (u64::from(RECORDS), ""), "before a key is nowhere");
    }
}

#[test]
fn where_no_rule_is_seen_everything_is_read() {
    let Some(bootstrap) = shared("where_no_rule_is_seen_everything_is_read") else { return };
    let topic = "narrow.grown";
    create(&bootstrap, topic, 2, &[]);
    let rule = [("partitioner", "murmur2_random")];
    fill(&producer(&bootstrap, &rule), topic, 0..RECORDS);
    grow(&bootstrap, topic, PARTITIONS);
    fill(&producer(&bootstrap, &rule), topic, RECORDS..2 * RECORDS);
    let (hits, line) = own(&bootstrap, topic, &["ORD-7"]);
    assert_eq!((hits.len(), line.scanned), (1, u64::from(2 * RECORDS)), "it got partitions later: {line:?}");

    let topic = "narrow.mixed";
    create(&bootstrap, topic, PARTITIONS, &[]);
    fill(&producer(&bootstrap, &rule), topic, 0..RECORDS);
    fill(&producer(&bootstrap, &[("partitioner", "consistent")]), topic, 0..1_000);
    let (hits, line) = own(&bootstrap, topic, &["ORD-7"]);
    assert_eq!(
        (hits.len(), line.scanned),
        (2, u64::from(RECORDS) + 1_000),
        "two kinds of producers: {line:?}"
    );
    assert_eq!(line.note, "");
}

fn grow(bootstrap: &str, topic: &str, partitions: i32) {
    use crate::support::{admin, answer};
    use rdkafka::admin::{AdminOptions, NewPartitions};
    let new = NewPartitions::new(topic, partitions as usize);
    let grown = answer(admin(bootstrap).create_partitions(&[new], &AdminOptions::new())).unwrap();
    grown.into_iter().for_each(|topic| drop(topic.unwrap()));
}
