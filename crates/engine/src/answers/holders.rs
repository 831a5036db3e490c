//! Asks every store for what holds some keys.

use crate::facts::{LogFact, RecordFact, RowFact};
use crate::places::{self, Placed};
use crate::{EngineError, Stores};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use waylaid_model::{Coverage, LogEvent, Reference, Status, Window, scalar_text};
use waylaid_store::{
    ColumnInfo, Context, ErrorKind, Filter, KeySet, LogQuery, RecordQuery, RowHit, RowQuery, Select,
    StoreError, TableInfo, TableStore,
};

/// Tables up to this many rows are read whole; larger ones are asked by column.
const WHOLE_TABLE: u64 = 50_000;
/// At most so many facts of a kind; coverage counts all.
pub(super) const MAX_FACTS: usize = 20_000;

/// Everything that holds one of some keys.
#[derive(Default)]
pub(super) struct Found {
    pub(super) logs: Vec<LogFact>,
    pub(super) records: Vec<RecordFact>,
    pub(super) rows: Vec<RowFact>,
    pub(super) coverage: Vec<Coverage>,
    /// Whether there is more than was kept.
    pub(super) cut: bool,
}

/// Which facts count.
pub(super) trait Accept: Sync {
    /// An event.
    fn event(&self, event: &LogEvent, placed: &[Placed]) -> bool;
    /// A record or row with its topic or table.
    fn placed(&self, target: &str, placed: &[Placed]) -> bool;
}

/// Asks every store for some keys.
pub(super) fn sweep(
    stores: &Stores,
    keys: &[String],
    window: Window,
    accept: &dyn Accept,
    context: &Context,
) -> Result<Found, EngineError> {
    let mut found = Found { coverage: stores.failed.clone(), ..Found::default() };
    let set = Arc::new(KeySet::new(keys.iter().cloned()));
    for store in &stores.logs {
        let kept = Mutex::new(Vec::new());
        let query = LogQuery { window, select: Select::keys(Arc::clone(&set)), ..LogQuery::default() };
        let result = store.scan(&query, context, &|hit| {
            if accept.event(&hit.event, &places::of_event(&hit.event)) {
                keep(&kept, LogFact::new(hit));
            }
        });
        settle(store.name(), result, &mut found)?;
        found.logs.extend(into_inner(kept));
    }
    for store in &stores.topics {
        let kept = Mutex::new(Vec::new());
        let query = RecordQuery { window, select: Select::keys(Arc::clone(&set)), ..RecordQuery::default() };
        let result = store.scan(&query, context, &|hit| {
            if accept.placed(&hit.record.topic, &places::of_record(&hit.record)) {
                keep(&kept, RecordFact::from(hit));
            }
        });
        settle(store.name(), result, &mut found)?;
        found.records.extend(into_inner(kept));
    }
    for store in &stores.tables {
        let result = tables(store.as_ref(), keys, &set, accept, context, &mut found);
        settle(store.name(), result.map(|()| Vec::new()), &mut found)?;
    }
    found.cut = found.logs.len() >= MAX_FACTS || found.records.len() >= MAX_FACTS;
    found.logs.sort_by_key(|l| (l.time, l.part, l.seq));
    found.records.sort_by(|a, b| (a.record.time, &a.at).cmp(&(b.record.time, &b.at)));
    Ok(found)
}

fn keep<T>(list: &Mutex<Vec<T>>, fact: T) {
    let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
    if list.len() < MAX_FACTS {
        list.push(fact);
    }
}

fn into_inner<T>(list: Mutex<T>) -> T {
    list.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// A store that fails makes the answer partial; only a cancelled question ends it.
fn settle(
    store: &str,
    result: Result<Vec<Coverage>, StoreError>,
    found: &mut Found,
) -> Result<(), EngineError> {
    match result {
        Err(error) if error.kind == ErrorKind::Cancelled => return Err(error.into()),
        Err(error) => {
            found.coverage.push(Coverage::new(store, store, Status::Failed).with_note(error.to_string()));
        }
        Ok(coverage) => found.coverage.extend(coverage),
    }
    Ok(())
}

fn tables(
    store: &dyn TableStore,
    keys: &[String],
    set: &KeySet,
    accept: &dyn Accept,
    context: &Context,
    found: &mut Found,
) -> Result<(), StoreError> {
    let catalog = store.catalog(context)?;
    found.coverage.extend(catalog.problems);
    let short = store.name().strip_prefix("tables.").unwrap_or(store.name());
    for info in &catalog.tables {
        let (rows, coverage) = rows(store, info, keys, set, accept, context)?;
        found.coverage.push(coverage);
        found.rows.extend(rows.into_iter().map(|hit| RowFact::new(format!("{short}.{}", info.name), hit)));
    }
    Ok(())
}

fn rows(
    store: &dyn TableStore,
    info: &TableInfo,
    keys: &[String],
    set: &KeySet,
    accept: &dyn Accept,
    context: &Context,
) -> Result<(Vec<RowHit>, Coverage), StoreError> {
    let mut kept: Vec<RowHit> = Vec::new();
    let mut seen: BTreeSet<Reference> = BTreeSet::new();
    let filters: Vec<Filter> = if info.rows <= WHOLE_TABLE {
        vec![Filter::All]
    } else {
        let by = |c: &ColumnInfo| Filter::In { column: c.name.clone(), values: keys.to_vec() };
        info.columns.iter().map(by).collect()
    };
    let mut line: Option<Coverage> = None;
    for filter in filters {
        let query = RowQuery { table: info.name.clone(), columns: Vec::new(), filter, limit: None };
        let coverage = store.rows(&query, context, &mut |hit| {
            let texts = hit.row.cells.iter().filter_map(|(_, cell)| match cell {
                serde_json::Value::Null => None,
                cell => Some(scalar_text(cell).unwrap_or_else(|| cell.to_string())),
            });
            let holds = texts.into_iter().any(|t| set.occurs_in(t.as_bytes()));
            let counts = holds && accept.placed(&info.name, &places::of_row(&hit.row));
            if counts && kept.len() < MAX_FACTS && seen.insert(hit.at.clone()) {
                kept.push(hit);
            }
        })?;
        line.get_or_insert(coverage);
    }
    let mut line = line.unwrap_or_else(|| Coverage::new(store.name(), &*info.name, Status::Empty));
    line.matched = kept.len() as u64;
    Ok((kept, line))
}
