//! The key values of a problem joined with their rows: which exist, in which state, since when; and how often the logs
//! name each.

use crate::{Stores, home, occupants, rowtime};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use waylaid_model::answers::KeyRow;
use waylaid_model::{KeyList, System, Window, scalar_text};
use waylaid_store::{Context, LogQuery, Select, StoreError};

/// Joins each key with its row, in the keys' order; `None` where no table store holds the table.
pub fn key_rows(
    system: &System,
    stores: &Stores,
    keys: &KeyList,
    context: &Context,
) -> Result<Option<Vec<KeyRow>>, StoreError> {
    let Some((name, table)) = keys.table.as_deref().and_then(|t| t.split_once('.')) else { return Ok(None) };
    let Some(store) = home::table_store(stores, name) else { return Ok(None) };
    let catalog = store.catalog(context)?;
    let Some(info) = catalog.tables.iter().find(|t| t.name.eq_ignore_ascii_case(table)) else {
        return Ok(None);
    };
    // Messages may write names in another case than the catalogue.
    let own = |column: &String| {
        info.columns.iter().find(|c| c.name.eq_ignore_ascii_case(column)).map(|c| c.name.clone())
    };
    let Some(columns) = keys.columns.iter().map(own).collect::<Option<Vec<String>>>() else {
        return Ok(None);
    };
    if columns.is_empty() {
        return Ok(None);
    }
    let names: Vec<&str> = info.columns.iter().map(|c| c.name.as_str()).collect();
    let state = state_column(system, name, &info.name, &names);
    let found = occupants::rows(store, &info.name, &columns, keys, context)?;
    let counts = told(stores, keys, context);
    let one = |values: &Vec<String>| {
        let row = found.get(values).map(|(_, row)| row);
        KeyRow {
            values: values.clone(),
            messages: counts.get(values).copied().unwrap_or(0),
            exists: row.is_some(),
            state: row.zip(state.as_deref()).and_then(|(row, column)| row.get(column)).and_then(scalar_text),
            created: row.and_then(rowtime::created),
        }
    };
    Ok(Some(keys.values.iter().map(one).collect()))
}

/// The column that holds a row's state: by the system's description, else by its name.
fn state_column(system: &System, store: &str, table: &str, columns: &[&str]) -> Option<String> {
    let described = system.entities.iter().find_map(|entity| {
        let of_table = entity.tables.iter().find(|(c, _)| c.store == store && c.table == table);
        let by_rule = entity.stuck.iter().chain(&entity.done).map(|r| &r.column);
        of_table.and_then(|(_, state)| state.clone()).or_else(|| {
            by_rule.filter(|c| c.store == store && c.table == table).map(|c| c.column.clone()).next()
        })
    });
    let is_state = |name: &&&str| {
        let name = name.to_ascii_lowercase();
        ["status", "state"].iter().any(|s| name == *s || name.ends_with(&format!("_{s}")))
    };
    described.or_else(|| columns.iter().find(is_state).map(|c| (*c).to_owned()))
}

/// How many events name each key in a violation of the same constraint. What cannot be read counts nothing.
fn told(stores: &Stores, keys: &KeyList, context: &Context) -> BTreeMap<Vec<String>, u64> {
    let counts: Mutex<BTreeMap<Vec<String>, u64>> =
        Mutex::new(keys.values.iter().map(|v| (v.clone(), 0)).collect());
    let select = Select { failures: true, ..Select::default() };
    let query = LogQuery { window: Window::default(), select, ..LogQuery::default() };
    for store in &stores.logs {
        let _ = store.scan(&query, context, &|hit| {
            let violations = waylaid_logs::find_violations(&waylaid_logs::text_of(&hit.event));
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            for violation in violations {
                let other = violation.constraint.is_some()
                    && keys.constraint.is_some()
                    && violation.constraint != keys.constraint;
                if let Some(count) = counts.get_mut(&violation.values).filter(|_| !other) {
                    *count += 1;
                }
            }
        });
    }
    counts.into_inner().unwrap_or_else(PoisonError::into_inner)
}
