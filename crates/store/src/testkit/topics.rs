//! What every topic store must do.

use super::{Collected, answered, fingerprint, is_sorted_without_repeats, must_be_cancelled};
use crate::{Context, KeySet, RecordHit, RecordQuery, Select, TopicStore};
use std::path::PathBuf;
use std::sync::Arc;
use waylaid_model::{Coverage, Reference, Window};

/// What the test put into the store.
#[derive(Clone, Debug, Default)]
pub struct TopicExpectations {
    /// Topics, sorted.
    pub topics: Vec<String>,
    /// Number of records.
    pub records: usize,
    /// Keys, some of which occur.
    pub keys: Vec<String>,
    /// Number of records that hold one of them.
    pub keyed: usize,
    /// A sample of `n` delivers at most so many times `n`: the number of files or partitions.
    pub parts: usize,
    /// A folder in which nothing may change.
    pub untouched: Option<PathBuf>,
}

/// Checks a store against the contract and against what was put into it.
pub fn topic_store_conforms(make: impl Fn() -> Box<dyn TopicStore>, expected: &TopicExpectations) {
    let before = expected.untouched.as_deref().map(fingerprint);
    let store = make();
    let store = store.as_ref();
    catalogue(store, expected);
    keys(store, expected);
    samples(store, expected);
    windows(store);
    cancelled(store);
    references(store);
    topics(store, expected);
    let again = make();
    assert_eq!(scan(again.as_ref(), &all(expected)).0, scan(store, &all(expected)).0, "two runs differ");
    assert_eq!(expected.untouched.as_deref().map(fingerprint), before, "something was written");
}

fn all(expected: &TopicExpectations) -> RecordQuery {
    let select = Select { all: true, ..Select::keys(Arc::new(KeySet::new(expected.keys.clone()))) };
    RecordQuery { select, ..RecordQuery::default() }
}

fn keyed_query(expected: &TopicExpectations) -> RecordQuery {
    let select = Select::keys(Arc::new(KeySet::new(expected.keys.clone())));
    RecordQuery { select, ..RecordQuery::default() }
}

fn scan(store: &dyn TopicStore, query: &RecordQuery) -> (Vec<RecordHit>, Vec<Coverage>) {
    let hits = Collected::new();
    let coverage = answered(store.scan(query, &Context::new(), &|hit| hits.push(hit)), "scanning topics");
    let delivered: u64 = coverage.iter().map(|line| line.matched).sum();
    let place = |hit: &RecordHit| (hit.record.topic.clone(), hit.record.partition, hit.record.offset);
    let hits = hits.sorted_by_key(place);
    assert_eq!(delivered, hits.len() as u64, "coverage counts what was delivered");
    let places: Vec<_> = hits.iter().map(place).collect();
    assert!(is_sorted_without_repeats(&places), "a record was delivered twice");
    (hits, coverage)
}

fn catalogue(store: &dyn TopicStore, expected: &TopicExpectations) {
    let catalog = answered(store.catalog(&Context::new()), "listing topics");
    let topics: Vec<&String> = catalog.topics.iter().map(|t| &t.name).collect();
    assert_eq!(topics, expected.topics.iter().collect::<Vec<_>>(), "topics, sorted");
    for topic in &catalog.topics {
        let partitions: Vec<i32> = topic.partitions.iter().map(|p| p.partition).collect();
        assert!(is_sorted_without_repeats(&partitions), "partitions of {} are sorted", topic.name);
    }
    let groups: Vec<_> = catalog.groups.iter().map(|g| (&g.group, &g.topic, g.partition)).collect();
    assert!(is_sorted_without_repeats(&groups), "groups are sorted");
    let (hits, _) = scan(store, &all(expected));
    for RecordHit { record, .. } in hits {
        let topic = catalog.topics.iter().find(|t| t.name == record.topic);
        let partition = topic.and_then(|t| t.partitions.iter().find(|p| p.partition == record.partition));
        let holds = partition.is_some_and(|p| (p.start..p.end).contains(&record.offset));
        assert!(holds, "{}/{}@{} is in the catalogue", record.topic, record.partition, record.offset);
    }
}

fn keys(store: &dyn TopicStore, expected: &TopicExpectations) {
    let (everything, coverage) = scan(store, &all(expected));
    assert_eq!(everything.len(), expected.records, "all records");
    let targets: Vec<&String> = coverage.iter().map(|line| &line.target).collect();
    assert_eq!(targets, expected.topics.iter().collect::<Vec<_>>(), "a line of coverage a topic");
    let (found, _) = scan(store, &keyed_query(expected));
    assert_eq!(found.len(), expected.keyed, "records that hold a key");
    let filtered: Vec<RecordHit> = everything.into_iter().filter(|hit| !hit.keys.is_empty()).collect();
    assert_eq!(found, filtered, "a scan for keys is a filter of a scan for everything");
    let by_key = RecordQuery { by_key: true, ..keyed_query(expected) };
    let own = |hit: &RecordHit| hit.record.key.as_ref().is_some_and(|key| expected.keys.contains(key));
    let owned: Vec<RecordHit> = found.into_iter().filter(own).collect();
    assert_eq!(scan(store, &by_key).0, owned, "records whose own key is looked for");
    let nowhere = Select::keys(Arc::new(KeySet::new(["no-such-key-7f3a"])));
    let (none, coverage) = scan(store, &RecordQuery { select: nowhere, by_key: true, ..by_key });
    assert!(none.is_empty() && coverage.iter().all(|line| !line.note.contains("not read")), "{coverage:?}");
    assert!(scan(store, &RecordQuery::default()).0.is_empty(), "a query for nothing delivers nothing");
}

fn samples(store: &dyn TopicStore, expected: &TopicExpectations) {
    for count in [0, 1, 3] {
        let (hits, _) = scan(store, &RecordQuery { select: Select::sample(count), ..RecordQuery::default() });
        assert!(hits.len() <= count * expected.parts, "at most {count} a part");
        assert!(count == 0 || expected.records == 0 || !hits.is_empty(), "a sample holds something");
    }
}

fn windows(store: &dyn TopicStore) {
    let (hits, _) = scan(store, &RecordQuery { select: Select::all(), ..RecordQuery::default() });
    let mut times: Vec<_> = hits.iter().filter_map(|hit| hit.record.time).collect();
    times.sort_unstable();
    let Some(middle) = times.get(times.len() / 2).copied() else { return };
    let window = Window { from: None, until: Some(middle) };
    let (inside, _) = scan(store, &RecordQuery { window, select: Select::all(), ..RecordQuery::default() });
    let expected: Vec<RecordHit> =
        hits.into_iter().filter(|hit| hit.record.time.is_none_or(|t| t < middle)).collect();
    assert_eq!(inside, expected, "a window holds what lies in it and what has no time");
}

fn cancelled(store: &dyn TopicStore) {
    let context = Context::new();
    context.cancel();
    let query = RecordQuery { select: Select::all(), ..RecordQuery::default() };
    must_be_cancelled(|| store.scan(&query, &context, &|_| ()), "scanning topics");
}

fn references(store: &dyn TopicStore) {
    let (hits, _) = scan(store, &RecordQuery { select: Select::sample(3), ..RecordQuery::default() });
    for hit in hits {
        let raw = answered(store.raw(&hit.at, &Context::new()), "looking a record up");
        assert!(raw.contains(&hit.record.offset.to_string()), "{} is itself: {raw}", hit.at);
    }
    let nowhere = Reference::Record {
        store: store.name().to_owned(),
        topic: "no.such.topic".into(),
        partition: 0,
        offset: 0,
    };
    assert!(store.raw(&nowhere, &Context::new()).is_err(), "{nowhere} does not exist");
}

fn topics(store: &dyn TopicStore, expected: &TopicExpectations) {
    let Some(last) = expected.topics.last() else { return };
    let asked = vec!["a-topic-that-is-not-there".to_owned(), last.clone()];
    let query = RecordQuery { topics: Some(asked.clone()), select: Select::all(), ..RecordQuery::default() };
    let (hits, coverage) = scan(store, &query);
    assert!(hits.iter().all(|hit| hit.record.topic == *last), "only the topics asked for");
    let targets: Vec<&String> = coverage.iter().map(|line| &line.target).collect();
    assert_eq!(targets, asked.iter().collect::<Vec<_>>(), "a line of coverage for each topic asked for");
}
