//! Rows of all tables: small tables whole, large ones by the keys that their columns hold.

use super::{Alias, Haul, TableMeta, failed};
use crate::facts::RowFact;
use crate::home::{Home, table_store};
use crate::{EngineError, Stores};
use std::collections::{HashMap, HashSet};
use waylaid_model::{Coverage, Reference, Status, scalar_text};
use waylaid_store::{Context, Filter, RowQuery, TableInfo};

/// Tables up to this many rows are read whole; larger ones are asked by key.
const WHOLE_TABLE: u64 = 50_000;

/// Reads every table but the home table: small ones whole, large ones by the keys that their columns share.
pub(super) fn read(
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

/// Large tables are asked for alias values by the columns that could hold them.
pub(super) fn by_alias(stores: &Stores, candidates: &[Alias], haul: &mut Haul, context: &Context) {
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
