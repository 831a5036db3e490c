//! One fact as it stands in its store.

use crate::outlet::Outlet;
use crate::session::Session;
use std::fmt::Write as _;
use std::path::Path;
use waylaid_model::{Diagnosis, Reference};
use waylaid_store::{Filter, RowQuery, TableStore};

/// Lines of code shown before and after the one that is meant.
const AROUND: u64 = 6;

/// A piece of a case's evidence, read again and redacted, or why not. What the case shows was redacted with all keys known;
/// here only this fact is read again.
pub fn shown(session: &Session, diagnosis: &Diagnosis, at: &Reference) -> Result<String, String> {
    let seen = serde_json::to_string(diagnosis).unwrap_or_default();
    read(session, at).map(|text| session.outlet.text(&text, &seen))
}

/// Reads it, or says why not.
fn read(session: &Session, at: &Reference) -> Result<String, String> {
    let (stores, context) = (&session.stores, &*session.context);
    let missing = |store: &str| format!("the system has no store {store}");
    match at {
        Reference::LogLine { store, .. } => {
            let found = stores.logs.iter().find(|s| s.name() == store).ok_or_else(|| missing(store))?;
            found.raw(at, context).map_err(|e| e.to_string())
        }
        Reference::Record { store, .. } => {
            let found = stores.topics.iter().find(|s| s.name() == store).ok_or_else(|| missing(store))?;
            found.raw(at, context).map_err(|e| e.to_string())
        }
        Reference::Row { store, table, key } => {
            let found = stores.tables.iter().find(|s| s.name() == store).ok_or_else(|| missing(store))?;
            row(session, found.as_ref(), table, key, at)
        }
        Reference::Group { store, group, topic, partition } => {
            let found = stores.topics.iter().find(|s| s.name() == store).ok_or_else(|| missing(store))?;
            let catalog = found.catalog(context).map_err(|e| e.to_string())?;
            let same = |g: &&waylaid_store::GroupOffset| {
                g.group == *group && g.topic == *topic && g.partition == *partition
            };
            let found = catalog.groups.iter().find(same).ok_or("the group has no offset there")?;
            let number = |n: Option<i64>| n.map_or_else(|| "unknown".to_owned(), |n| n.to_string());
            Ok(format!("committed {}, end {}", number(found.committed), number(found.end)))
        }
        Reference::Code { repo, path, line, .. } => {
            let (_, folder) = stores
                .code
                .iter()
                .find(|(s, _)| s == repo)
                .ok_or_else(|| format!("the system has no code of {repo}"))?;
            code(&folder.join(path), *line)
        }
        Reference::Target { store, target } => {
            Ok(format!("all of {target} in {store} was searched; the case's coverage says which range"))
        }
    }
}

/// The row with that primary key, column by column.
fn row(
    session: &Session,
    store: &dyn TableStore,
    table: &str,
    key: &str,
    at: &Reference,
) -> Result<String, String> {
    let context = &*session.context;
    let catalog = store.catalog(context).map_err(|e| e.to_string())?;
    let info = catalog
        .tables
        .iter()
        .find(|t| t.name == table)
        .ok_or_else(|| format!("there is no table {table}"))?;
    let primary = info.primary_key();
    // Of a composed key the first part narrows it down; the reference decides.
    let first = if primary.len() == 1 { key } else { key.split(',').next().unwrap_or(key) };
    // A key that the case shows as a pseudonym is found by looking at every row.
    let is_masked = Outlet::is_masked(key);
    let filter = match primary.first().filter(|_| !is_masked) {
        Some(column) => Filter::In { column: (*column).to_owned(), values: vec![first.to_owned()] },
        None => Filter::All,
    };
    let query = RowQuery { table: table.to_owned(), columns: Vec::new(), filter, limit: None };
    let wanted = at.to_string();
    let is_it =
        |hit: &Reference| *hit == *at || (is_masked && session.outlet.text(&hit.to_string(), "") == wanted);
    let mut text = None;
    store
        .rows(&query, context, &mut |hit| {
            if text.is_none() && is_it(&hit.at) {
                let mut out = String::new();
                for (column, value) in &hit.row.cells {
                    let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    let _ = writeln!(out, "{column}: {shown}");
                }
                text = Some(out);
            }
        })
        .map_err(|e| e.to_string())?;
    text.ok_or_else(|| format!("there is no such row in {table} any more"))
}

/// The line with its neighbours, numbered; the one that is meant is marked.
fn code(path: &Path, line: u64) -> Result<String, String> {
    let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let source = String::from_utf8_lossy(&bytes);
    let mut out = String::new();
    for (number, text) in (1u64..).zip(source.lines()) {
        if number.abs_diff(line) <= AROUND {
            let mark = if number == line { ">" } else { " " };
            let _ = writeln!(out, "{mark} {number:>5}  {text}");
        }
    }
    if out.is_empty() { Err(format!("{} has no line {line} any more", path.display())) } else { Ok(out) }
}
