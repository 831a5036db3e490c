//! What every log store must do.

use super::{Collected, answered, fingerprint, is_sorted_without_repeats, must_be_cancelled};
use crate::{Context, KeySet, LogHit, LogQuery, LogStore, Select};
use std::path::PathBuf;
use std::sync::Arc;
use waylaid_model::{Coverage, Reference, Window};

/// What the test put into the store.
#[derive(Clone, Debug, Default)]
pub struct LogExpectations {
    /// Services, sorted.
    pub services: Vec<String>,
    /// Number of events.
    pub events: usize,
    /// Keys, some of which occur.
    pub keys: Vec<String>,
    /// Number of events that hold one of them.
    pub keyed: usize,
    /// Number of events that `failures` selects.
    pub failures: usize,
    /// A folder in which nothing may change.
    pub untouched: Option<PathBuf>,
}

/// Checks a store against the contract and against what was put into it.
pub fn log_store_conforms(make: impl Fn() -> Box<dyn LogStore>, expected: &LogExpectations) {
    let before = expected.untouched.as_deref().map(fingerprint);
    let store = make();
    let store = store.as_ref();
    catalogue(store, expected);
    everything(store, expected);
    keys(store, expected);
    samples(store);
    failures(store, expected);
    windows(store);
    cancelled(store);
    references(store);
    services(store, expected);
    let again = make();
    assert_eq!(scan(again.as_ref(), &all(expected)).0, scan(store, &all(expected)).0, "two runs differ");
    assert_eq!(expected.untouched.as_deref().map(fingerprint), before, "something was written");
}

fn all(expected: &LogExpectations) -> LogQuery {
    let select = Select { all: true, ..Select::keys(Arc::new(KeySet::new(expected.keys.clone()))) };
    LogQuery { select, ..LogQuery::default() }
}

fn scan(store: &dyn LogStore, query: &LogQuery) -> (Vec<LogHit>, Vec<Coverage>) {
    let hits = Collected::new();
    let coverage = answered(store.scan(query, &Context::new(), &|hit| hits.push(hit)), "scanning logs");
    let delivered: u64 = coverage.iter().map(|line| line.matched).sum();
    let hits = hits.sorted_by_key(|hit| (hit.part, hit.seq));
    assert_eq!(delivered, hits.len() as u64, "coverage counts what was delivered");
    let places: Vec<_> = hits.iter().map(|hit| (hit.part, hit.seq)).collect();
    assert!(is_sorted_without_repeats(&places), "an event was delivered twice");
    (hits, coverage)
}

fn catalogue(store: &dyn LogStore, expected: &LogExpectations) {
    let catalog = answered(store.catalog(&Context::new()), "listing logs");
    let services: Vec<&String> = catalog.targets.iter().map(|t| &t.service).collect();
    assert_eq!(services, expected.services.iter().collect::<Vec<_>>(), "services, sorted");
    for target in &catalog.targets {
        let parts: Vec<&String> = target.parts.iter().map(|p| &p.name).collect();
        assert!(is_sorted_without_repeats(&parts), "parts of {} are sorted", target.service);
    }
}

fn everything(store: &dyn LogStore, expected: &LogExpectations) {
    let (hits, coverage) = scan(store, &all(expected));
    assert_eq!(hits.len(), expected.events, "all events");
    let targets: Vec<&String> = coverage.iter().map(|line| &line.target).collect();
    assert_eq!(targets, expected.services.iter().collect::<Vec<_>>(), "a line of coverage a service");
    let parts: Vec<_> = answered(store.catalog(&Context::new()), "listing logs").targets;
    let parts: Vec<_> = parts.iter().flat_map(|t| t.parts.iter().map(move |p| (&t.service, p))).collect();
    for hit in &hits {
        let (service, part) = parts[hit.part as usize];
        assert_eq!((&hit.service, &hit.instance), (service, &part.instance), "ordinals follow the catalogue");
        assert!(is_sorted_without_repeats(&hit.keys), "keys are sorted");
    }
}

fn keys(store: &dyn LogStore, expected: &LogExpectations) {
    let query = LogQuery {
        select: Select::keys(Arc::new(KeySet::new(expected.keys.clone()))),
        ..LogQuery::default()
    };
    let (found, _) = scan(store, &query);
    assert_eq!(found.len(), expected.keyed, "events that hold a key");
    let filtered: Vec<LogHit> =
        scan(store, &all(expected)).0.into_iter().filter(|hit| !hit.keys.is_empty()).collect();
    assert_eq!(found, filtered, "a scan for keys is a filter of a scan for everything");
    let none = LogQuery { select: Select::default(), ..LogQuery::default() };
    assert!(scan(store, &none).0.is_empty(), "a query for nothing delivers nothing");
}

fn samples(store: &dyn LogStore) {
    let parts = answered(store.catalog(&Context::new()), "listing logs").targets;
    let parts: usize = parts.iter().map(|t| t.parts.len()).sum();
    for count in [0, 1, 3] {
        let query = LogQuery { select: Select::sample(count), ..LogQuery::default() };
        let (hits, _) = scan(store, &query);
        for part in 0..parts as u32 {
            assert!(hits.iter().filter(|h| h.part == part).count() <= count, "at most {count} of a part");
        }
        assert!(count == 0 || !hits.is_empty(), "a sample of {count} holds something");
    }
}

fn failures(store: &dyn LogStore, expected: &LogExpectations) {
    let select = Select { failures: true, ..Select::default() };
    let query = LogQuery { select, preceding: 2, ..LogQuery::default() };
    let (hits, _) = scan(store, &query);
    assert_eq!(hits.len(), expected.failures, "failures");
    // A run of alike events may be longer than what was asked for, but never endless.
    assert!(hits.iter().all(|hit| hit.preceding.len() <= 512), "not all of the log before a failure");
}

fn windows(store: &dyn LogStore) {
    let (hits, _) = scan(store, &LogQuery { select: Select::all(), ..LogQuery::default() });
    let mut times: Vec<_> = hits.iter().filter_map(|hit| hit.event.time).collect();
    times.sort_unstable();
    let Some(middle) = times.get(times.len() / 2).copied() else { return };
    let window = Window { from: Some(middle), until: None };
    let (inside, _) = scan(store, &LogQuery { window, select: Select::all(), ..LogQuery::default() });
    let expected: Vec<LogHit> =
        hits.into_iter().filter(|hit| hit.event.time.is_none_or(|t| t >= middle)).collect();
    assert_eq!(inside, expected, "a window holds what lies in it and what has no time");
}

fn cancelled(store: &dyn LogStore) {
    let context = Context::new();
    context.cancel();
    let query = LogQuery { select: Select::all(), ..LogQuery::default() };
    must_be_cancelled(|| store.scan(&query, &context, &|_| ()), "scanning logs");
}

fn references(store: &dyn LogStore) {
    let query = LogQuery { select: Select::sample(3), ..LogQuery::default() };
    for hit in scan(store, &query).0 {
        let raw = answered(store.raw(&hit.at, &Context::new()), "looking an event up");
        let first = hit.event.message.lines().next().unwrap_or_default();
        let word = first.split(|c: char| !c.is_alphanumeric()).find(|w| !w.is_empty()).unwrap_or_default();
        assert!(raw.contains(word), "{} holds {first:?}: {raw:?}", hit.at);
    }
    let nowhere = Reference::LogLine { store: store.name().to_owned(), file: "no/such".into(), line: 1 };
    assert!(store.raw(&nowhere, &Context::new()).is_err(), "{nowhere} does not exist");
}

fn services(store: &dyn LogStore, expected: &LogExpectations) {
    let Some(first) = expected.services.first() else { return };
    let asked = vec![first.clone(), "no-such-service".to_owned()];
    let query = LogQuery { services: Some(asked.clone()), select: Select::all(), ..LogQuery::default() };
    let (hits, coverage) = scan(store, &query);
    assert!(hits.iter().all(|hit| hit.service == *first), "only the services asked for");
    let targets: Vec<&String> = coverage.iter().map(|line| &line.target).collect();
    assert_eq!(targets, asked.iter().collect::<Vec<_>>(), "a line of coverage for each service asked for");
}
