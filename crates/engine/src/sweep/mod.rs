//! The sweep: one pass over every store for all keys at once, then again for the keys that bridges lead to.
//!
//! This is where analysis meets I/O: everything in here asks stores, everything after it works on what came back.

mod bridging;
mod forms;
mod joined;
mod linking;
mod logs;
mod samples;
mod tables;
mod topics;

use crate::bindings::{Binding, Source, Subject};
use crate::facts::{LogFact, RecordFact, RowFact};
use crate::home::Home;
use crate::ids::Names;
use crate::{EngineError, Stores};
use bridging::Bridging;
use samples::Samples;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use waylaid_model::{Coverage, EntitySpec, Status, Timestamp, Window};
use waylaid_store::{Context, ErrorKind, KeySet, LogCatalog, StoreError, TableInfo, TopicCatalog};

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
    let mut samples = Samples::default();
    tables::read(stores, home, &mut haul, &own, context)?;
    let keys = Arc::new(KeySet::new(home.entities.iter().map(|e| e.key.clone())));
    topics::sweep(stores, &keys, window, Some(&mut samples), &mut haul, context)?;
    linking::bind_own(spec, &subject, &samples, &mut haul);
    let mut bridging = Bridging::default();
    bridging.over_topics(home, &subject, stores, window, &samples, &mut haul, context)?;
    let keys = bridging.log_keys(home, &haul);
    logs::sweep(stores, home, &keys, window, Some(&mut samples), &mut haul, context)?;
    linking::bind_logs(spec, &subject, &samples, &mut haul);
    bridging.over_everything(home, &subject, stores, window, &samples, &mut haul, context)?;
    finish(&mut haul);
    Ok(haul)
}

fn push<T>(list: &Mutex<Vec<T>>, item: T) {
    lock(list).push(item);
}

fn into_inner<T>(list: Mutex<T>) -> T {
    list.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

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
