//! Each layer around a store that does what the test wants.

use super::*;
use crate::{Context, ErrorKind, KeySet, LogCatalog, LogHit, LogQuery, LogStore, Select, StoreError};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use waylaid_model::{Coverage, LogEvent, Reference, Status};

/// Delivers five events; fails or hangs when told to.
#[derive(Default)]
struct Fake {
    failures: AtomicU32,
    fails_late: bool,
    hangs: bool,
}

fn place(line: u64) -> Reference {
    Reference::LogLine { store: "logs.fake".into(), file: "a".into(), line }
}

impl LogStore for Fake {
    fn name(&self) -> &'static str {
        "logs.fake"
    }

    fn catalog(&self, _: &Context) -> Result<LogCatalog, StoreError> {
        Ok(LogCatalog::default())
    }

    fn scan(
        &self,
        _: &LogQuery,
        context: &Context,
        sink: &(dyn Fn(LogHit) + Sync),
    ) -> Result<Vec<Coverage>, StoreError> {
        let fails =
            self.failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok();
        if fails && !self.fails_late {
            return Err(StoreError::new(ErrorKind::Locked, "scanning"));
        }
        context.add_bytes(7);
        for line in 1..=5 {
            let message = format!("order {line} of ann@shop.example");
            let event = LogEvent { message, ..LogEvent::default() };
            let (service, instance) = ("a".to_owned(), "a".to_owned());
            sink(LogHit {
                at: place(line),
                service,
                instance,
                part: 0,
                seq: line,
                event,
                keys: vec![],
                sampled: false,
                look: None,
                preceding: vec![],
            });
            if fails {
                return Err(StoreError::new(ErrorKind::Locked, "scanning"));
            }
        }
        if self.hangs {
            loop {
                std::thread::sleep(Duration::from_secs(1));
            }
        }
        Ok(vec![Coverage { matched: 5, scanned: 9, ..Coverage::new("logs.fake", "a", Status::Searched) }])
    }

    fn raw(&self, _: &Reference, _: &Context) -> Result<String, StoreError> {
        Ok("ann@shop.example".into())
    }
}

fn scan(store: &dyn LogStore, context: &Context) -> (Vec<String>, Result<Vec<Coverage>, StoreError>) {
    let hits = Mutex::new(Vec::new());
    let query = LogQuery { select: Select::keys(Arc::new(KeySet::new(["1"]))), ..LogQuery::default() };
    let result = store.scan(&query, context, &|hit| hits.lock().unwrap().push(hit.event.message));
    (hits.into_inner().unwrap(), result)
}

fn fake(fake: Fake) -> Box<dyn LogStore> {
    Box::new(fake)
}

#[test]
fn a_budget_cuts_and_counts() {
    let (hits, coverage) = scan(&Budget::new(fake(Fake::default()), 2), &Context::new());
    let line = &coverage.unwrap()[0];
    assert_eq!((hits.len(), line.status, line.matched), (2, Status::Partial, 5));
    assert_eq!(line.note, "3 of these matches not delivered: the limit is 2 in all");
    let (hits, coverage) = scan(&Budget::new(fake(Fake::default()), 5), &Context::new());
    assert_eq!((hits.len(), coverage.unwrap()[0].status), (5, Status::Searched));
}

#[test]
fn a_store_that_hangs_is_abandoned_with_what_it_gave() {
    let start = Instant::now();
    let store = Timeout::new(fake(Fake { hangs: true, ..Fake::default() }), Duration::from_millis(100));
    let context = Context::new();
    let (hits, result) = scan(&store, &context);
    assert_eq!((hits.len(), result.unwrap_err().kind), (5, ErrorKind::Timeout));
    assert_eq!(context.bytes_read(), 7);
    assert!(start.elapsed() < Duration::from_secs(5));
    let (hits, result) = scan(&Timeout::new(fake(Fake::default()), Duration::from_secs(5)), &Context::new());
    assert!(hits.len() == 5 && result.is_ok());
}

#[test]
fn a_cancelled_question_does_not_wait_for_a_store_that_hangs() {
    let store = Timeout::new(fake(Fake { hangs: true, ..Fake::default() }), Duration::from_mins(1));
    let context = Context::new();
    context.cancel();
    assert_eq!(scan(&store, &context).1.unwrap_err().kind, ErrorKind::Cancelled);
}

#[test]
fn a_locked_store_is_tried_again_until_it_has_delivered() {
    let retry = |inner| Retry::new(fake(inner), 3, Duration::from_millis(1));
    let (hits, result) = scan(&retry(Fake { failures: 2.into(), ..Fake::default() }), &Context::new());
    assert!(hits.len() == 5 && result.is_ok());
    let (hits, result) = scan(&retry(Fake { failures: 3.into(), ..Fake::default() }), &Context::new());
    assert_eq!((hits.len(), result.unwrap_err().kind), (0, ErrorKind::Locked));
    let late = Fake { failures: 1.into(), fails_late: true, ..Fake::default() };
    let (hits, result) = scan(&retry(late), &Context::new());
    assert!(hits.len() == 1 && result.is_err(), "no item comes twice");
}

#[test]
fn every_call_is_written_down() {
    let log = AuditLog::default();
    let store = Audit::new(fake(Fake { failures: 1.into(), ..Fake::default() }), log.clone());
    assert!(scan(&store, &Context::new()).1.is_err());
    assert!(scan(&store, &Context::new()).1.is_ok());
    assert!(store.raw(&place(1), &Context::new()).is_ok());
    let entries = log.entries();
    assert_eq!(entries[0].error.as_deref(), Some("scanning: locked by another process"));
    assert_eq!(entries[1].asked, "all services; what holds one of 1 keys");
    assert_eq!((entries[1].scanned, entries[1].matched), (9, 5));
    assert_eq!((entries[2].verb, entries[2].asked.as_str()), ("raw", "a:1"));
}

#[test]
fn nothing_personal_passes() {
    let store = Redact::new(fake(Fake::default()), Arc::new(Pseudonyms::new(b"x")));
    let (hits, _) = scan(&store, &Context::new());
    assert!(hits.iter().all(|m| !m.contains("ann") && m.contains("email#")), "{hits:?}");
    let raw = store.raw(&place(1), &Context::new()).unwrap();
    assert!(hits[0].ends_with(&raw), "the same value has the same name");
}
