//! Each layer around a store that does what the test wants, on logs, topics and tables alike.

use super::*;
use crate::{
    Context, ErrorKind, Filter, KeySet, LogCatalog, LogHit, LogQuery, LogTarget, RecordHit, RecordQuery,
    RowHit, RowQuery, Select, StoreError, TableCatalog, TableInfo, TopicCatalog, TopicInfo,
};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use waylaid_model::{Coverage, LogEvent, Record as TopicRecord, Reference, Row, Status, TableColumn};

const NAME: &str = "some.store";
/// Items that a fake holds.
const ITEMS: u64 = 5;

/// What tests need of a kind.
trait Sample: Kind {
    /// Whether its facts have a raw form.
    const HAS_RAW: bool = true;
    fn hit(number: u64) -> Self::Hit;
    fn at(hit: &Self::Hit) -> &Reference;
    fn query() -> Self::Query;
    fn catalogue() -> Self::Catalog;
    fn answer(line: Coverage) -> Self::Answer;
    /// The fake says itself what a limit left out.
    fn limit(_: &Self::Query) -> u64 {
        ITEMS
    }
}

fn select() -> Select {
    Select::keys(Arc::new(KeySet::new(["1", "4111111111111111"])))
}

impl Sample for Logs {
    fn hit(number: u64) -> LogHit {
        let at = Reference::LogLine { store: NAME.into(), file: "a/app.log".into(), line: number };
        let event = LogEvent { message: format!("order {number}"), ..LogEvent::default() };
        let (service, instance) = ("a".to_owned(), "a-1".to_owned());
        LogHit {
            at,
            service,
            instance,
            part: 0,
            seq: number,
            event,
            keys: vec![0],
            sampled: false,
            look: None,
            preceding: vec![],
        }
    }

    fn at(hit: &LogHit) -> &Reference {
        &hit.at
    }

    fn query() -> LogQuery {
        LogQuery { select: select(), ..LogQuery::default() }
    }

    fn catalogue() -> LogCatalog {
        let target = LogTarget { service: "a".into(), parts: vec![] };
        LogCatalog { targets: vec![target], ..LogCatalog::default() }
    }

    fn answer(line: Coverage) -> Vec<Coverage> {
        vec![line]
    }
}

impl Sample for Topics {
    fn hit(number: u64) -> RecordHit {
        let (topic, offset) = ("a".to_owned(), number as i64);
        let at = Reference::Record { store: NAME.into(), topic: topic.clone(), partition: 0, offset };
        let payload = Some(json!({ "orderId": number }));
        RecordHit {
            at,
            record: TopicRecord { topic, offset, payload, ..TopicRecord::default() },
            keys: vec![],
            sampled: false,
        }
    }

    fn at(hit: &RecordHit) -> &Reference {
        &hit.at
    }

    fn query() -> RecordQuery {
        RecordQuery { select: select(), ..RecordQuery::default() }
    }

    fn catalogue() -> TopicCatalog {
        let topic = TopicInfo { name: "a".into(), ..TopicInfo::default() };
        TopicCatalog { topics: vec![topic], ..TopicCatalog::default() }
    }

    fn answer(line: Coverage) -> Vec<Coverage> {
        vec![line]
    }
}

impl Sample for Tables {
    const HAS_RAW: bool = false;

    fn hit(number: u64) -> RowHit {
        let at = Reference::Row { store: NAME.into(), table: "a".into(), key: number.to_string() };
        let phone = format!("+4930123456{number}");
        RowHit { at, row: Row { cells: vec![("id".into(), json!(number)), ("phone".into(), json!(phone))] } }
    }

    fn at(hit: &RowHit) -> &Reference {
        &hit.at
    }

    fn query() -> RowQuery {
        let filter = Filter::In { column: "id".into(), values: vec!["1".into(), "2".into()] };
        RowQuery { table: "a".into(), columns: vec![], filter, limit: None }
    }

    fn catalogue() -> TableCatalog {
        let table = TableInfo { name: "a".into(), rows: 5, ..TableInfo::default() };
        TableCatalog { tables: vec![table], problems: vec![] }
    }

    fn answer(line: Coverage) -> Coverage {
        line
    }

    fn limit(query: &RowQuery) -> u64 {
        query.limit.unwrap_or(ITEMS).min(ITEMS)
    }
}

/// Delivers five items; fails or hangs when told to.
#[derive(Default)]
struct Fake {
    failures: AtomicU32,
    fails_late: bool,
    hangs: bool,
    panics: bool,
    calls: Arc<AtomicU32>,
}

impl Fake {
    /// Whether this call fails.
    fn call(&self) -> Result<(), StoreError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let fewer = |left: u32| left.checked_sub(1);
        match self.failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer) {
            Ok(_) => Err(StoreError::new(ErrorKind::Locked, "asking").with_source("held by 7")),
            Err(_) => Ok(()),
        }
    }

    fn hang(&self) {
        if self.hangs {
            loop {
                std::thread::sleep(Duration::from_secs(1));
            }
        }
        assert!(!self.panics, "as the test wants it");
    }
}

impl<K: Sample> Serve<K> for Fake {
    fn name(&self) -> &str {
        NAME
    }

    fn catalog(&self, _: &Context) -> Result<K::Catalog, StoreError> {
        self.call()?;
        Ok(K::catalogue())
    }

    fn ask(&self, query: &K::Query, context: &Context, sink: K::Sink<'_>) -> Result<K::Answer, StoreError> {
        let called = self.call();
        if !self.fails_late {
            called.as_ref().map_err(|_| StoreError::new(ErrorKind::Locked, "asking"))?;
        }
        context.add_bytes(7);
        let items = if called.is_ok() { K::limit(query) } else { 1 };
        let hits = Mutex::new(Some((1..=items).map(K::hit).collect()));
        K::drain(&|| hits.lock().unwrap().take(), sink);
        called?;
        self.hang();
        let line = Coverage::new(NAME, "a", if items < ITEMS { Status::Partial } else { Status::Searched });
        Ok(K::answer(Coverage { matched: ITEMS, scanned: 9, ..line }))
    }

    fn raw(&self, at: &Reference, _: &Context) -> Result<String, StoreError> {
        self.call()?;
        Ok(format!("raw {at}"))
    }
}

fn fake<K: Sample>(fake: Fake) -> Box<K::Store> {
    K::boxed(fake)
}

fn hanging() -> Fake {
    Fake { hangs: true, ..Fake::default() }
}

fn failing(times: u32) -> Fake {
    Fake { failures: times.into(), ..Fake::default() }
}

type Answered<K> = (Vec<<K as Kind>::Hit>, Result<<K as Kind>::Answer, StoreError>);

fn ask<K: Sample>(store: &K::Store, context: &Context) -> Answered<K> {
    let hits = Mutex::new(Vec::new());
    let answer = K::feed(store, &K::query(), context, &|hit| hits.lock().unwrap().push(hit));
    let mut hits = hits.into_inner().unwrap();
    hits.sort_by_key(|hit| K::at(hit).clone());
    (hits, answer)
}

/// The first line of coverage of an answer.
fn line<K: Sample>(answer: Result<K::Answer, StoreError>) -> Coverage {
    K::lines(&mut answer.unwrap())[0].clone()
}

fn json_of<K: Sample>(hits: &[K::Hit]) -> Vec<Value> {
    hits.iter().map(|hit| serde_json::to_value(hit).unwrap()).collect()
}

/// What no layer changes: the name, the catalogue, raw facts.
fn passes_on<K: Sample>(store: &K::Store) {
    let context = Context::new();
    assert_eq!(K::name(store), NAME);
    let json = |catalog: &K::Catalog| serde_json::to_value(catalog).unwrap();
    assert_eq!(json(&K::catalog(store, &context).unwrap()), json(&K::catalogue()));
    let hit = K::hit(1);
    match K::raw(store, K::at(&hit), &context) {
        Ok(raw) => assert!(K::HAS_RAW && raw == format!("raw {}", K::at(&hit)), "{raw}"),
        Err(error) => assert!(!K::HAS_RAW && error.kind == ErrorKind::Invalid, "{error}"),
    }
}

fn a_layer_states_only_what_it_changes<K: Sample>() {
    let store = fake::<K>(Fake::default());
    let store = Retry::<K>::new(store, Tries { attempts: 2, pause: Duration::ZERO }).boxed();
    let store = Timeout::<K>::new(store, Duration::from_secs(5)).boxed();
    let store = Budget::<K>::new(store, 100).boxed();
    let store = Remember::<K>::new(store, Keyring::default(), vec![], |_| true).boxed();
    let store = Audit::<K>::new(store, AuditLog::default()).boxed();
    passes_on::<K>(&store);
    let (hits, answer) = ask::<K>(&store, &Context::new());
    assert_eq!(json_of::<K>(&hits), json_of::<K>(&(1..=ITEMS).map(K::hit).collect::<Vec<_>>()));
    assert_eq!(line::<K>(answer).status, Status::Searched);
}

fn a_budget_cuts_and_counts<K: Sample>() {
    let (hits, answer) = ask::<K>(&Budget::<K>::new(fake::<K>(Fake::default()), 2).boxed(), &Context::new());
    let cut = line::<K>(answer);
    assert_eq!((hits.len(), cut.status, cut.matched), (2, Status::Partial, 5));
    // A store whose query knows a limit says in its own words what that left out.
    if K::limited(&K::query(), 2).is_none() {
        assert_eq!(cut.note, "3 of these matches left out: the limit is 2");
    }
    let (hits, answer) = ask::<K>(&Budget::<K>::new(fake::<K>(Fake::default()), 5).boxed(), &Context::new());
    assert_eq!((hits.len(), line::<K>(answer).status), (5, Status::Searched));
}

fn a_store_that_hangs_is_given_up_with_what_it_gave<K: Sample>() {
    let start = Instant::now();
    let inner = hanging();
    let calls = Arc::clone(&inner.calls);
    let store = Timeout::<K>::new(fake::<K>(inner), Duration::from_millis(100)).boxed();
    let context = Context::new();
    let (hits, answer) = ask::<K>(&store, &context);
    let error = answer.map(drop).unwrap_err();
    assert_eq!((hits.len(), error.kind), (5, ErrorKind::Timeout));
    assert!(error.to_string().contains("no sign of life for 0.1 s"), "{error}");
    assert_eq!(context.bytes_read(), 7);
    let again = K::catalog(&store, &context).map(drop).unwrap_err();
    assert!(again.to_string().contains("not tried"), "{again}");
    assert_eq!(calls.load(Ordering::Relaxed), 1, "a store that hung is not asked again");
    assert!(start.elapsed() < Duration::from_secs(5));
}

fn a_store_that_lives_has_all_the_time_it_needs<K: Sample>() {
    let store = Timeout::<K>::new(fake::<K>(failing(1)), Duration::from_secs(5)).boxed();
    assert_eq!(ask::<K>(&store, &Context::new()).1.map(drop).unwrap_err().kind, ErrorKind::Locked);
    let (hits, answer) = ask::<K>(&store, &Context::new());
    assert!(hits.len() == 5 && answer.is_ok());
    // Whoever takes the items may be slow; that is not the store's silence.
    let store = Timeout::<K>::new(fake::<K>(Fake::default()), Duration::from_millis(30)).boxed();
    let slow = |_| std::thread::sleep(Duration::from_millis(40));
    assert!(K::feed(&store, &K::query(), &Context::new(), &slow).is_ok());
}

fn a_cancelled_question_does_not_wait_for_a_store_that_hangs<K: Sample>() {
    let store = Timeout::<K>::new(fake::<K>(hanging()), Duration::from_mins(1)).boxed();
    let context = Context::new();
    context.cancel();
    assert_eq!(ask::<K>(&store, &context).1.map(drop).unwrap_err().kind, ErrorKind::Cancelled);
}

fn a_question_past_its_deadline_does_not_wait_for_a_store_that_hangs<K: Sample>() {
    let store = Timeout::<K>::new(fake::<K>(hanging()), Duration::from_mins(1)).boxed();
    let start = Instant::now();
    let context = Context::new().with_deadline(start + Duration::from_millis(50));
    assert_eq!(ask::<K>(&store, &context).1.map(drop).unwrap_err().kind, ErrorKind::Timeout);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

fn a_store_that_panics_in_its_thread_is_an_error<K: Sample>() {
    let inner = Fake { panics: true, ..Fake::default() };
    let store = Timeout::<K>::new(fake::<K>(inner), Duration::from_mins(1)).boxed();
    assert_eq!(ask::<K>(&store, &Context::new()).1.map(drop).unwrap_err().kind, ErrorKind::Io);
}

fn a_locked_store_is_tried_again_until_it_has_delivered<K: Sample>() {
    let tries = Tries { attempts: 3, pause: Duration::from_millis(1) };
    let retry = |inner| Retry::<K>::new(fake::<K>(inner), tries).boxed();
    let (hits, answer) = ask::<K>(&retry(failing(2)), &Context::new());
    assert!(hits.len() == 5 && answer.is_ok());
    passes_on::<K>(&retry(failing(2)));
    let (hits, answer) = ask::<K>(&retry(failing(3)), &Context::new());
    assert_eq!((hits.len(), answer.map(drop).unwrap_err().kind), (0, ErrorKind::Locked));
    let late = Fake { fails_late: true, ..failing(1) };
    let (hits, answer) = ask::<K>(&retry(late), &Context::new());
    assert!(hits.len() == 1 && answer.is_err(), "no item comes twice");
}

fn every_call_is_written_down<K: Sample>() {
    let log = AuditLog::default();
    let store = Audit::<K>::new(fake::<K>(failing(1)), log.clone()).boxed();
    assert!(ask::<K>(&store, &Context::new()).1.is_err());
    assert!(ask::<K>(&store, &Context::new()).1.is_ok());
    passes_on::<K>(&store);
    let entries = log.entries();
    let verbs: Vec<&str> = entries.iter().map(|e| e.verb.as_str()).collect();
    let raw = K::HAS_RAW.then_some("raw");
    assert_eq!(verbs, [K::VERB, K::VERB, "catalog"].into_iter().chain(raw).collect::<Vec<_>>());
    assert_eq!(entries[0].error.as_deref(), Some("asking: locked by another process"));
    assert_eq!((entries[1].store.as_str(), &entries[1].asked), (NAME, &K::words(&K::query())));
    assert_eq!((entries[1].scanned, entries[1].matched, &entries[1].error), (9, 5, &None));
    assert_eq!(entries[2].asked, format!("which {} there are", K::TARGETS));
}

fn keys_are_remembered_where_they_could_be_taken_for_something_else<K: Sample>() {
    let keyring = Keyring::default();
    let column = |column: &str| TableColumn { store: NAME.into(), table: "a".into(), column: column.into() };
    let columns = vec![column("id"), column("phone")];
    let store = Remember::<K>::new(fake::<K>(Fake::default()), keyring.clone(), columns, |v| v.len() > 5);
    assert_eq!(ask::<K>(&store.boxed(), &Context::new()).0.len(), 5);
    let has_keys = K::keys(&K::query()).is_some();
    assert_eq!(keyring.is_asked("4111111111111111"), has_keys);
    assert_eq!(keyring.is_own("+49301234563"), !has_keys, "rows hold keys");
    assert!(!keyring.is_own("3") && !keyring.is_asked("3"), "no doubt, not kept");
}

fn a_cassette_answers_as_the_store_did<K: Sample>()
where
    Replay<K>: Serve<K>,
{
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tape.ndjson");
    let record = Record::<K>::new(fake::<K>(failing(1)), &path).unwrap().boxed();
    let first = ask::<K>(&record, &Context::new()).1.map(drop).unwrap_err();
    let (hits, answer) = ask::<K>(&record, &Context::new());
    passes_on::<K>(&record);
    drop(record);
    let replay = K::boxed(Replay::<K>::open(&path).unwrap());
    let again = ask::<K>(&replay, &Context::new()).1.map(drop).unwrap_err();
    assert_eq!((again.kind, again.to_string()), (first.kind, first.to_string()));
    let answer = line::<K>(answer);
    for _ in 0..2 {
        let (replayed, coverage) = ask::<K>(&replay, &Context::new());
        assert_eq!(json_of::<K>(&replayed), json_of::<K>(&hits));
        assert_eq!(line::<K>(coverage), answer);
    }
    passes_on::<K>(&replay);
    let cancelled = Context::new();
    cancelled.cancel();
    assert_eq!(ask::<K>(&replay, &cancelled).1.map(drop).unwrap_err().kind, ErrorKind::Cancelled);
}

fn a_cassette_without_the_answer_says_what_was_asked<K: Sample>()
where
    Replay<K>: Serve<K>,
{
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tape.ndjson");
    drop(Record::<K>::new(fake::<K>(Fake::default()), &path).unwrap());
    let replay = K::boxed(Replay::<K>::open(&path).unwrap());
    let error = ask::<K>(&replay, &Context::new()).1.map(drop).unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(error.to_string().contains(&K::words(&K::query())), "{error}");
    for broken in ["", "no json\n", "\"some.store\"\n{\"call\":\"ask\"}\n"] {
        std::fs::write(&path, broken).unwrap();
        assert_eq!(Replay::<K>::open(&path).map(drop).unwrap_err().kind, ErrorKind::Corrupt, "{broken:?}");
    }
}

/// A test a kind.
macro_rules! on_all_kinds {
    ($($test:ident,)*) => {
        on_kind!(logs, Logs, $($test,)*);
        on_kind!(topics, Topics, $($test,)*);
        on_kind!(tables, Tables, $($test,)*);
    };
}

macro_rules! on_kind {
    ($module:ident, $kind:ident, $($test:ident,)*) => {
        mod $module {
            $(#[test] fn $test() { super::$test::<super::$kind>(); })*
        }
    };
}

on_all_kinds!(
    a_layer_states_only_what_it_changes,
    a_budget_cuts_and_counts,
    a_store_that_hangs_is_given_up_with_what_it_gave,
    a_store_that_lives_has_all_the_time_it_needs,
    a_cancelled_question_does_not_wait_for_a_store_that_hangs,
    a_question_past_its_deadline_does_not_wait_for_a_store_that_hangs,
    a_store_that_panics_in_its_thread_is_an_error,
    a_locked_store_is_tried_again_until_it_has_delivered,
    every_call_is_written_down,
    keys_are_remembered_where_they_could_be_taken_for_something_else,
    a_cassette_answers_as_the_store_did,
    a_cassette_without_the_answer_says_what_was_asked,
);

#[test]
fn work_that_hangs_is_given_up() {
    let context = Context::new();
    let soon = Duration::from_millis(60);
    let slow = || {
        std::thread::sleep(Duration::from_secs(30));
        Ok(1)
    };
    let error = within("tables.x: opening", soon, &context, slow).unwrap_err();
    assert_eq!(error.to_string(), "tables.x: opening: no sign of life for 0.06 s: deadline passed");
    assert_eq!(within("tables.x: opening", soon, &context, || Ok(1)).unwrap(), 1);
}
