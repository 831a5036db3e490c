//! The sweep: one pass over every store for all keys at once, then again for the keys that bridges lead to.
//!
//! This is where analysis meets I/O: everything in here asks stores, everything after it works on what came back.

use crate::bindings::{self, Binding, Links, Source, Subject, Unit};
use crate::bridges;
use crate::facts::{self, LogFact, RecordFact, RowFact};
use crate::home::{Home, table_store};
use crate::ids::Names;
use crate::places::{self, Placed};
use crate::{EngineError, Stores};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};
use waylaid_model::{Coverage, EntitySpec, Reference, Status, Timestamp, Window, scalar_text};
use waylaid_store::{
    Context, ErrorKind, Filter, KeySet, LogCatalog, LogQuery, RecordQuery, RowQuery, Select, StoreError,
    TableInfo, TopicCatalog,
};

/// Tables up to this many rows are read whole; larger ones are asked by key.
const WHOLE_TABLE: u64 = 50_000;
/// Records and events per part that are read whatever they hold, to know what a place usually holds.
const SAMPLE: usize = 200;
/// Failures of one message of one service that name no key and are kept: the first ones; the rest is counted.
const MAX_ALIKE: usize = 5_000;
/// Kept lines of one key with one message: the first ones.
const MAX_REPEATS: usize = 12;
/// Kept records of one key in one topic: the first ones, by offset.
const MAX_RECORDS: usize = 40;
/// How many times bridges are followed further.
const MAX_ROUNDS: usize = 3;

/// A kind of key that belongs to the entity beside its own.
#[derive(Clone, Debug)]
pub(crate) struct Alias {
    /// Where it was found: `topic shipments.created $.shipmentNo`.
    pub(crate) name: String,
    /// Its values with their owners.
    pub(crate) values: HashMap<String, Vec<u32>>,
}

/// A table with its place.
pub(crate) struct TableMeta {
    pub(crate) node: String,
    pub(crate) info: TableInfo,
}

/// Everything that was brought home.
#[derive(Default)]
pub(crate) struct Haul {
    pub(crate) logs: Vec<LogFact>,
    pub(crate) records: Vec<RecordFact>,
    pub(crate) rows: Vec<RowFact>,
    /// How many failures there are of each service and template, also of those that were not kept.
    pub(crate) failure_counts: BTreeMap<(String, String), u64>,
    pub(crate) bindings: Vec<(String, Binding)>,
    pub(crate) rejected: Vec<Binding>,
    pub(crate) aliases: Vec<Alias>,
    pub(crate) topics: TopicCatalog,
    pub(crate) log_catalog: LogCatalog,
    pub(crate) tables: Vec<TableMeta>,
    pub(crate) coverage: Vec<Coverage>,
    /// Newest time seen in any store.
    pub(crate) newest: Option<Timestamp>,
    /// Oldest time of each log service and topic.
    pub(crate) oldest: BTreeMap<Source, Timestamp>,
    /// Latest time of each log service and topic.
    pub(crate) latest: BTreeMap<Source, Timestamp>,
}

impl Haul {
    /// Whether a service has a log that could be read.
    pub(crate) fn has_logs(&self, service: &str) -> bool {
        self.coverage.iter().any(|c| {
            c.store.starts_with("logs.")
                && c.target == service
                && matches!(c.status, Status::Searched | Status::Partial)
        })
    }
}

/// Sweeps all stores for the home table's followed entities.
pub(crate) fn sweep(
    spec: &EntitySpec,
    home: &Home,
    stores: &Stores,
    window: Window,
    context: &Context,
) -> Result<Haul, EngineError> {
    let mut haul = Haul { coverage: home.coverage.clone(), newest: home.newest, ..Haul::default() };
    haul.coverage.extend(stores.failed.iter().cloned());
    read_catalogs(stores, &mut haul, context)?;
    let own: HashMap<String, Vec<u32>> =
        home.entities.iter().enumerate().map(|(i, e)| (e.key.clone(), vec![i as u32])).collect();
    let names = match &home.column {
        Some(column) => Names::new(&spec.name, &column.table, &column.column),
        None => Names::new(&spec.name, "", ""),
    };
    let subject = Subject { names: &names, followed: &own, universe: &home.universe };
    let samples = Samples::read(stores, context)?;
    read_tables(stores, home, &mut haul, &own, context)?;
    let keys = Arc::new(KeySet::new(home.entities.iter().map(|e| e.key.clone())));
    sweep_topics(stores, &keys, window, &mut haul, context)?;
    bind_own(spec, &subject, &samples, &mut haul);
    for _ in 0..MAX_ROUNDS {
        if !follow_bridges(home, stores, window, &mut haul, false, context)? {
            break;
        }
    }
    let mut all: Vec<String> = home.entities.iter().map(|e| e.key.clone()).collect();
    let mut alias_values: Vec<String> = haul.aliases.iter().flat_map(|a| a.values.keys().cloned()).collect();
    alias_values.sort();
    all.extend(alias_values);
    sweep_logs(stores, &Arc::new(KeySet::new(all)), window, true, &mut haul, context)?;
    bind_logs(spec, &subject, &samples, &mut haul);
    for _ in 0..MAX_ROUNDS {
        if !follow_bridges(home, stores, window, &mut haul, true, context)? {
            break;
        }
    }
    finish(&mut haul);
    Ok(haul)
}

fn read_catalogs(stores: &Stores, haul: &mut Haul, context: &Context) -> Result<(), EngineError> {
    for store in &stores.topics {
        match store.catalog(context) {
            Ok(catalog) => {
                haul.topics.topics.extend(catalog.topics);
                haul.topics.groups.extend(catalog.groups);
                haul.topics.groups_known |= catalog.groups_known;
                haul.coverage.extend(catalog.problems);
            }
            Err(error) => failed(store.name(), error, haul)?,
        }
    }
    for store in &stores.logs {
        match store.catalog(context) {
            Ok(catalog) => {
                haul.log_catalog.targets.extend(catalog.targets);
                haul.coverage.extend(catalog.problems);
            }
            Err(error) => failed(store.name(), error, haul)?,
        }
    }
    for (kind, none) in [
        ("logs", stores.logs.is_empty()),
        ("topics", stores.topics.is_empty()),
        ("tables", stores.tables.is_empty()),
    ] {
        if none && !stores.failed.iter().any(|c| c.store.starts_with(kind)) {
            haul.coverage.push(
                Coverage::new(kind, "", Status::NotConfigured)
                    .with_note(format!("the system names no store of {kind}")),
            );
        }
    }
    Ok(())
}

/// A store that fails makes the answer partial; only a cancelled question ends it.
fn failed(store: &str, error: StoreError, haul: &mut Haul) -> Result<(), EngineError> {
    if error.kind == ErrorKind::Cancelled {
        return Err(error.into());
    }
    haul.coverage.push(Coverage::new(store, store, Status::Failed).with_note(error.to_string()));
    Ok(())
}

/// What places usually hold.
struct Samples {
    records: Vec<(Source, Option<Timestamp>, Vec<Placed>)>,
    events: Vec<(Source, Option<Timestamp>, Vec<Placed>)>,
}

impl Samples {
    fn read(stores: &Stores, context: &Context) -> Result<Self, EngineError> {
        let records = Mutex::new(Vec::new());
        for store in &stores.topics {
            let query = RecordQuery { select: Select::sample(SAMPLE), ..RecordQuery::default() };
            let result = store.scan(&query, context, &|hit| {
                let placed = places::of_record(&hit.record);
                push(&records, (Source::Topic(hit.record.topic), hit.record.time, placed));
            });
            if let Err(error) = result
                && error.kind == ErrorKind::Cancelled
            {
                return Err(error.into());
            }
        }
        let events = Mutex::new(Vec::new());
        for store in &stores.logs {
            let query = LogQuery { select: Select::sample(SAMPLE), ..LogQuery::default() };
            let result = store.scan(&query, context, &|hit| {
                let placed = places::of_event(&hit.event);
                push(&events, (Source::Log(hit.service), hit.event.time, placed));
            });
            if let Err(error) = result
                && error.kind == ErrorKind::Cancelled
            {
                return Err(error.into());
            }
        }
        Ok(Self { records: into_inner(records), events: into_inner(events) })
    }

    fn units(list: &[(Source, Option<Timestamp>, Vec<Placed>)]) -> Vec<Unit<'_>> {
        list.iter()
            .map(|(source, time, placed)| Unit { source: source.clone(), time: *time, placed })
            .collect()
    }
}

fn push<T>(list: &Mutex<Vec<T>>, item: T) {
    list.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(item);
}

fn into_inner<T>(list: Mutex<T>) -> T {
    list.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Reads every table but the home table: small ones whole, large ones by the keys that their columns share.
fn read_tables(
    stores: &Stores,
    home: &Home,
    haul: &mut Haul,
    own: &HashMap<String, Vec<u32>>,
    context: &Context,
) -> Result<(), EngineError> {
    for store in &stores.tables {
        let short = store.name().strip_prefix("tables.").unwrap_or(store.name()).to_owned();
        let catalog = match store.catalog(context) {
            Ok(catalog) => catalog,
            Err(error) => {
                failed(store.name(), error, haul)?;
                continue;
            }
        };
        haul.coverage.extend(catalog.problems);
        for info in catalog.tables {
            let node = format!("{short}.{}", info.name);
            let is_home = home.column.as_ref().is_some_and(|c| c.store == short && c.table == info.name);
            if !is_home {
                read_table(store.as_ref(), &node, &info, own, haul, context)?;
            }
            haul.tables.push(TableMeta { node, info });
        }
    }
    Ok(())
}

fn read_table(
    store: &dyn waylaid_store::TableStore,
    node: &str,
    info: &TableInfo,
    own: &HashMap<String, Vec<u32>>,
    haul: &mut Haul,
    context: &Context,
) -> Result<(), EngineError> {
    let whole = info.rows <= WHOLE_TABLE;
    let limit = if whole { None } else { Some(2_000) };
    let query = RowQuery { table: info.name.clone(), columns: Vec::new(), filter: Filter::All, limit };
    let mut rows: Vec<RowFact> = Vec::new();
    match store.rows(&query, context, &mut |hit| rows.push(RowFact::new(node.to_owned(), hit))) {
        Ok(coverage) if whole => haul.coverage.push(coverage),
        Ok(_) => {}
        Err(error) => return failed(store.name(), error, haul),
    }
    if !whole {
        let mut columns: HashSet<String> = HashSet::new();
        for row in &rows {
            for (column, cell) in &row.row.cells {
                if scalar_text(cell).is_some_and(|v| own.contains_key(&v)) {
                    columns.insert(column.clone());
                }
            }
        }
        let unnamed = columns.is_empty();
        let mut columns: Vec<String> = if unnamed {
            info.columns.iter().map(|c| c.name.clone()).collect()
        } else {
            columns.into_iter().collect()
        };
        columns.sort();
        let mut values: Vec<String> = own.keys().cloned().collect();
        values.sort();
        rows.clear();
        let mut seen: HashSet<Reference> = HashSet::new();
        let mut coverage = Coverage::new(store.name(), info.name.clone(), Status::Searched);
        coverage.range = format!("{} rows, asked by key", info.rows);
        for column in columns {
            let filter = Filter::In { column, values: values.clone() };
            let query = RowQuery {
                table: info.name.clone(),
                columns: Vec::new(),
                filter,
                limit: Some(WHOLE_TABLE * 4),
            };
            let result = store.rows(&query, context, &mut |hit| {
                if seen.insert(hit.at.clone()) {
                    rows.push(RowFact::new(node.to_owned(), hit));
                }
            });
            match result {
                Ok(part) => coverage.scanned += part.scanned,
                Err(error) => return failed(store.name(), error, haul),
            }
        }
        coverage.matched = rows.len() as u64;
        haul.coverage.push(coverage);
    }
    haul.rows.extend(rows);
    Ok(())
}

fn sweep_topics(
    stores: &Stores,
    keys: &Arc<KeySet>,
    window: Window,
    haul: &mut Haul,
    context: &Context,
) -> Result<(), EngineError> {
    let until = Window { from: None, until: window.until };
    let first = !haul
        .coverage
        .iter()
        .any(|c| stores.topics.iter().any(|t| t.name() == c.store && c.target != c.store));
    for store in &stores.topics {
        let found = Mutex::new(Vec::new());
        let query = RecordQuery { topics: None, window: until, select: Select::keys(Arc::clone(keys)) };
        let kept: Mutex<FirstRecords> = Mutex::new(HashMap::new());
        let keep = |hit: waylaid_store::RecordHit| {
            let at = (hit.record.partition, hit.record.offset);
            // A record of many entities is kept for all of them.
            let only = match hit.keys.as_slice() {
                [one] => Some(*one),
                _ => None,
            };
            let counts = |key: u32| {
                among_first(lock(&kept).entry((key, hit.record.topic.clone())).or_default(), at, MAX_RECORDS)
            };
            if only.is_none_or(counts) {
                push(&found, (only, RecordFact::from(hit)));
            }
        };
        match store.scan(&query, context, &keep) {
            Ok(coverage) if first => haul.coverage.extend(coverage),
            Ok(_) => {}
            Err(error) => {
                failed(store.name(), error, haul)?;
                continue;
            }
        }
        let mut found: Vec<(Option<u32>, RecordFact)> = into_inner(found);
        let kept = into_inner(kept);
        found.retain(|(key, f)| {
            let at = (f.record.partition, f.record.offset);
            key.is_none_or(|k| kept.get(&(k, f.record.topic.clone())).is_some_and(|l| l.contains(&at)))
        });
        let mut found: Vec<RecordFact> = found.into_iter().map(|(_, f)| f).collect();
        found.sort_by(|a, b| a.at.cmp(&b.at));
        let known: HashSet<Reference> = haul.records.iter().map(|r| r.at.clone()).collect();
        haul.records.extend(found.into_iter().filter(|r| !known.contains(&r.at)));
    }
    Ok(())
}

fn sweep_logs(
    stores: &Stores,
    keys: &Arc<KeySet>,
    window: Window,
    failures: bool,
    haul: &mut Haul,
    context: &Context,
) -> Result<(), EngineError> {
    let until = Window { from: None, until: window.until };
    for store in &stores.logs {
        let found: Mutex<Vec<LogFact>> = Mutex::new(Vec::new());
        let first: Mutex<HashMap<Alike, Vec<(u32, u64)>>> = Mutex::new(HashMap::new());
        let totals: Mutex<BTreeMap<(String, String), u64>> = Mutex::new(BTreeMap::new());
        let select = Select { keys: Some(Arc::clone(keys)), failures, ..Select::default() };
        let query =
            LogQuery { services: None, window: until, select, preceding: if failures { 6 } else { 0 } };
        let result = store.scan(&query, context, &|hit| {
            let template = facts::template_of(&hit.event);
            if failures && facts::is_loud(&hit.event) {
                *lock(&totals).entry((hit.service.clone(), template.clone())).or_default() += 1;
            }
            let limit = if hit.keys.is_empty() { MAX_ALIKE } else { MAX_REPEATS };
            let alike = (hit.service.clone(), hit.keys.clone(), template);
            // What is not kept is not read any further: stack traces cost most.
            if among_first(lock(&first).entry(alike).or_default(), (hit.part, hit.seq), limit) {
                push(&found, LogFact::new(hit));
            }
        });
        match result {
            Ok(coverage) if failures => haul.coverage.extend(coverage),
            Ok(_) => {}
            Err(error) => {
                failed(store.name(), error, haul)?;
                continue;
            }
        }
        // Threads race: what was among the first for a while and is no longer goes, so that the same facts always stay.
        let stays: HashSet<(u32, u64)> = into_inner(first).into_values().flatten().collect();
        let known: HashSet<(u32, u64)> = haul.logs.iter().map(|l| (l.part, l.seq)).collect();
        let fresh = |l: &LogFact| stays.contains(&(l.part, l.seq)) && !known.contains(&(l.part, l.seq));
        haul.logs.extend(into_inner(found).into_iter().filter(fresh));
        for (key, count) in into_inner(totals) {
            *haul.failure_counts.entry(key).or_default() += count;
        }
    }
    haul.logs.sort_by_key(|a| (a.part, a.seq));
    Ok(())
}

/// Of each key in each topic: partition and offset of its first records.
type FirstRecords = HashMap<(u32, String), Vec<(i32, i64)>>;

/// Service, keys and template of a log event: events alike in these say the same.
type Alike = (String, Vec<u32>, String);

/// Whether a place is among the first `count` seen so far; one that it pushes out is no longer listed.
fn among_first<T: Ord>(first: &mut Vec<T>, place: T, count: usize) -> bool {
    let at = first.partition_point(|p| *p < place);
    if at >= count {
        return false;
    }
    first.insert(at, place);
    first.truncate(count);
    true
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Decides on the places of the entity's own key in topics and tables, and links facts to entities.
fn bind_own(spec: &EntitySpec, subject: &Subject<'_>, samples: &Samples, haul: &mut Haul) {
    let placed: Vec<Vec<Placed>> = haul.records.iter().map(|r| places::of_record(&r.record)).collect();
    let units: Vec<Unit<'_>> = haul
        .records
        .iter()
        .zip(&placed)
        .map(|(r, p)| Unit { source: Source::Topic(r.record.topic.clone()), time: r.record.time, placed: p })
        .collect();
    let (mut taken, mut rejected) = bindings::decide(subject, &units, &Samples::units(&samples.records));
    configured(spec, &mut taken, &mut rejected);
    let links = Links::new(&taken);
    for (fact, unit) in haul.records.iter_mut().zip(&units) {
        links.entities(subject, &unit.source, unit.placed, &mut fact.entities);
    }
    let row_placed: Vec<Vec<Placed>> = haul.rows.iter().map(|r| places::of_row(&r.row)).collect();
    let row_units: Vec<Unit<'_>> = haul
        .rows
        .iter()
        .zip(&row_placed)
        .map(|(r, p)| Unit {
            source: Source::Table(r.table.clone()),
            time: crate::rowtime::created(&r.row),
            placed: p,
        })
        .collect();
    let (row_taken, row_rejected) = bindings::decide(subject, &row_units, &row_units);
    let links = Links::new(&row_taken);
    for (fact, unit) in haul.rows.iter_mut().zip(&row_units) {
        links.entities(subject, &unit.source, unit.placed, &mut fact.entities);
    }
    haul.bindings.extend(taken.into_iter().chain(row_taken).map(|b| (String::new(), b)));
    haul.rejected.extend(rejected.into_iter().chain(row_rejected));
}

/// The same for logs.
fn bind_logs(spec: &EntitySpec, subject: &Subject<'_>, samples: &Samples, haul: &mut Haul) {
    let units: Vec<Unit<'_>> = haul
        .logs
        .iter()
        .map(|l| Unit { source: Source::Log(l.service.clone()), time: l.time, placed: &l.placed })
        .collect();
    let (mut taken, mut rejected) = bindings::decide(subject, &units, &Samples::units(&samples.events));
    configured(spec, &mut taken, &mut rejected);
    let links = Links::new(&taken);
    let mut linked: Vec<Vec<u32>> = Vec::with_capacity(units.len());
    for unit in &units {
        let mut entities = Vec::new();
        links.entities(subject, &unit.source, unit.placed, &mut entities);
        linked.push(entities);
    }
    drop(units);
    for (fact, entities) in haul.logs.iter_mut().zip(linked) {
        fact.entities = entities;
    }
    by_pattern(spec, subject, haul);
    bridges::retract(haul);
    for alias in haul.aliases.clone() {
        link_alias_logs(&alias, haul);
    }
    haul.bindings.extend(taken.into_iter().map(|b| (String::new(), b)));
    haul.rejected.extend(rejected);
}

/// Written-down patterns: what their group `id` holds is a key, whatever stands around it.
fn by_pattern(spec: &EntitySpec, subject: &Subject<'_>, haul: &mut Haul) {
    let patterns: Vec<regex::Regex> = spec
        .logs
        .iter()
        .filter_map(|l| match l {
            waylaid_model::LogBindingSpec::Pattern(p) => regex::Regex::new(p).ok(),
            waylaid_model::LogBindingSpec::Field(_) => None,
        })
        .collect();
    for log in haul.logs.iter_mut().filter(|l| l.entities.is_empty() && !patterns.is_empty()) {
        let ids = patterns.iter().filter_map(|p| p.captures(&log.message)?.name("id"));
        let owners: Vec<u32> =
            ids.filter_map(|m| subject.followed.get(m.as_str())).flatten().copied().collect();
        log.entities = owners;
    }
}

/// A written-down binding is taken whatever the samples say.
fn configured(spec: &EntitySpec, taken: &mut Vec<Binding>, rejected: &mut Vec<Binding>) {
    let wanted = |b: &Binding| match &b.source {
        Source::Topic(topic) => spec.topics.iter().any(|t| t.topic == *topic && t.place == b.place),
        Source::Log(_) => {
            spec.logs.iter().any(|l| matches!(l, waylaid_model::LogBindingSpec::Field(f) if *f == b.place))
        }
        Source::Table(_) => false,
    };
    let (yes, no): (Vec<_>, Vec<_>) = std::mem::take(rejected).into_iter().partition(wanted);
    *rejected = no;
    taken.extend(yes.into_iter().map(|mut b| {
        b.why = "configured".into();
        b
    }));
}

/// Looks for further keys of the entities and for where they lead. True when something new was linked.
fn follow_bridges(
    home: &Home,
    stores: &Stores,
    window: Window,
    haul: &mut Haul,
    with_logs: bool,
    context: &Context,
) -> Result<bool, EngineError> {
    let candidates = bridges::candidates(home, haul);
    if candidates.is_empty() {
        return Ok(false);
    }
    let mut values: Vec<String> = candidates.iter().flat_map(|a| a.values.keys().cloned()).collect();
    values.sort();
    values.dedup();
    let keys = Arc::new(KeySet::new(values));
    let before = haul.records.len();
    sweep_topics(stores, &keys, window, haul, context)?;
    rows_by_alias(stores, &candidates, haul, context);
    if with_logs {
        sweep_logs(stores, &keys, window, false, haul, context)?;
    }
    let mut grew = false;
    for alias in candidates {
        grew |= adopt(home, alias, haul, with_logs);
    }
    // What no adopted alias accounts for is not the entities'.
    let kept: Vec<RecordFact> = haul.records.drain(before..).filter(|r| !r.entities.is_empty()).collect();
    haul.records.extend(kept);
    haul.logs.retain(|l| !l.entities.is_empty() || l.is_failure() || !l.keys.is_empty());
    Ok(grew)
}

/// Large tables are asked for alias values by the columns that could hold them.
fn rows_by_alias(stores: &Stores, candidates: &[Alias], haul: &mut Haul, context: &Context) {
    let large: Vec<(String, String, Vec<String>)> = haul
        .tables
        .iter()
        .filter(|t| t.info.rows > WHOLE_TABLE)
        .map(|t| {
            let store = t.node.split('.').next().unwrap_or_default().to_owned();
            (store, t.info.name.clone(), t.info.columns.iter().map(|c| c.name.clone()).collect())
        })
        .collect();
    for (store_name, table, columns) in large {
        let Some(store) = table_store(stores, &store_name) else { continue };
        let node = format!("{store_name}.{table}");
        let known: HashSet<Reference> =
            haul.rows.iter().filter(|r| r.table == node).map(|r| r.at.clone()).collect();
        let mut found = Vec::new();
        for alias in candidates {
            let mut probe: Vec<String> = alias.values.keys().cloned().collect();
            probe.sort();
            for column in &columns {
                let ask = |values: Vec<String>, found: &mut Vec<RowFact>| {
                    let filter = Filter::In { column: column.clone(), values };
                    let query = RowQuery {
                        table: table.clone(),
                        columns: Vec::new(),
                        filter,
                        limit: Some(WHOLE_TABLE * 4),
                    };
                    store.rows(&query, context, &mut |hit| {
                        if !known.contains(&hit.at) {
                            found.push(RowFact::new(node.clone(), hit));
                        }
                    })
                };
                let mut some = Vec::new();
                let tried = ask(probe.iter().take(20).cloned().collect(), &mut some);
                if tried.is_ok() && !some.is_empty() {
                    let _ = ask(probe.clone(), &mut found);
                }
            }
        }
        found.sort_by(|a, b| a.at.cmp(&b.at));
        found.dedup_by(|a, b| a.at == b.at);
        haul.rows.extend(found);
    }
}

/// Takes an alias when it leads to facts that the entity's own key does not reach, and these come after its birth.
fn adopt(home: &Home, alias: Alias, haul: &mut Haul, with_logs: bool) -> bool {
    let mut fresh = Novelty::default();
    for record in haul.records.iter().filter(|r| r.entities.is_empty()) {
        let owners = bridges::owners(&alias, &places::of_record(&record.record));
        fresh.note(home, &owners, record.record.time);
    }
    for row in haul.rows.iter().filter(|r| r.entities.is_empty()) {
        let owners = bridges::owners(&alias, &places::of_row(&row.row));
        fresh.note(home, &owners, crate::rowtime::created(&row.row));
    }
    if with_logs {
        for log in haul.logs.iter().filter(|l| l.entities.is_empty()) {
            fresh.note(home, &bridges::owners(&alias, &log.placed), log.time);
        }
    }
    if !fresh.counts() {
        return false;
    }
    for record in haul.records.iter_mut().filter(|r| r.entities.is_empty()) {
        record.entities = bridges::owners(&alias, &places::of_record(&record.record));
    }
    for row in haul.rows.iter_mut().filter(|r| r.entities.is_empty()) {
        row.entities = bridges::owners(&alias, &places::of_row(&row.row));
    }
    link_alias_logs(&alias, haul);
    haul.aliases.push(alias);
    true
}

fn link_alias_logs(alias: &Alias, haul: &mut Haul) {
    for log in haul.logs.iter_mut().filter(|l| l.entities.is_empty()) {
        log.entities = bridges::owners(alias, &log.placed);
    }
}

/// What an alias leads to beyond what is known.
#[derive(Default)]
struct Novelty {
    new: u64,
    before_birth: u64,
}

impl Novelty {
    fn note(&mut self, home: &Home, owners: &[u32], time: Option<Timestamp>) {
        if owners.is_empty() {
            return;
        }
        self.new += 1;
        let born = owners.iter().filter_map(|o| home.entities.get(*o as usize).and_then(|e| e.created)).min();
        if let (Some(born), Some(time)) = (born, time) {
            self.before_birth += u64::from(time.plus(600 * 1_000_000_000) < born);
        }
    }

    /// A key that was in use before its entity came to be belongs to something else: a customer, a product.
    fn counts(&self) -> bool {
        self.new > 0 && self.before_birth * 10 <= self.new
    }
}

fn finish(haul: &mut Haul) {
    for line in haul.coverage.iter_mut().filter(|c| c.store.starts_with("topics.")) {
        let linked = haul.records.iter().filter(|r| r.record.topic == line.target).count() as u64;
        line.matched = line.matched.max(linked);
    }
    let mut see = |source: Source, time: Option<Timestamp>| {
        if let Some(time) = time {
            let oldest = haul.oldest.entry(source.clone()).or_insert(time);
            *oldest = (*oldest).min(time);
            let latest = haul.latest.entry(source).or_insert(time);
            *latest = (*latest).max(time);
            haul.newest = haul.newest.max(Some(time));
        }
    };
    for log in &haul.logs {
        see(Source::Log(log.service.clone()), log.time);
    }
    for record in &haul.records {
        see(Source::Topic(record.record.topic.clone()), record.record.time);
    }
    for row in &haul.rows {
        for (_, time) in crate::rowtime::times(&row.row) {
            see(Source::Table(row.table.clone()), Some(time));
        }
    }
    haul.rows.retain(|r| !r.entities.is_empty());
    let mut told: Vec<Coverage> = Vec::new();
    for line in haul.coverage.drain(..) {
        if !told.contains(&line) {
            told.push(line);
        }
    }
    haul.coverage = told;
}
