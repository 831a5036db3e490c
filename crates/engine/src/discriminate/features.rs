//! What can be said of an entity where it was last seen: fields of its record and their types, columns of rows, who wrote it.

use crate::facts::RowFact;
use crate::home::Home;
use crate::places;
use crate::sweep::Haul;
use crate::trails::{Fact, Trails};
use serde_json::Value;
use std::collections::BTreeSet;
use waylaid_model::scalar_text;

/// What can be said of one entity at a node, as names and values.
pub(super) fn features(
    home: &Home,
    haul: &Haul,
    trails: &Trails,
    node: usize,
    entity: u32,
    service: Option<&str>,
) -> BTreeSet<(String, String)> {
    let mut out = BTreeSet::new();
    if let Some(index) = trails.records(entity, node).next() {
        let fact = &haul.records[index];
        out.insert(("partition".to_owned(), fact.record.partition.to_string()));
        out.insert((
            "record key".to_owned(),
            if fact.record.key.is_some() { "present".into() } else { "(null)".into() },
        ));
        for (name, value) in &fact.record.headers {
            out.insert((format!("header {name}"), crate::facts::shorten(value, 60)));
        }
        for p in places::of_record(&fact.record) {
            if p.place.starts_with('$') {
                out.insert((format!("record {}", p.place), crate::facts::shorten(&p.value, 60)));
            }
        }
        if let Some(payload) = &fact.record.payload {
            types(payload, "$", &mut out, 0);
        }
    }
    let row = &home.entities[entity as usize].row;
    for (column, cell) in &row.cells {
        // How far it came, in whichever column, is no reason why.
        let is_state = home.state_column.as_ref() == Some(column) || crate::trails::names_state(column);
        if !is_state && !crate::rowtime::is_time_name(column) && !counts_changes(column) {
            let value = plain(column, cell).unwrap_or_else(|| "(null)".into());
            out.insert((format!("row {column}"), crate::facts::shorten(&value, 60)));
        }
    }
    let arrival = trails.reach[entity as usize].get(&node).and_then(|r| r.first);
    for observation in &trails.of[entity as usize] {
        if let Fact::Row(i) = observation.fact {
            let row = &haul.rows[i];
            // A row of later says what became of the entity, not why.
            if row.created.zip(arrival).is_none_or(|(row, arrival)| row <= arrival) {
                of_row(row, &mut out);
            }
        }
        if let Fact::Log(i) = observation.fact {
            let log = &haul.logs[i];
            if Some(log.service.as_str()) == service {
                out.insert((format!("instance of {}", log.service), log.instance.clone()));
            }
        }
    }
    out
}

/// What a row of another table holds beside states, times and counts.
fn of_row(row: &RowFact, out: &mut BTreeSet<(String, String)>) {
    const MOST: usize = 400;
    let table = row.table.rsplit('.').next().unwrap_or(&row.table);
    for (column, cell) in &row.row.cells {
        if crate::rowtime::is_time_name(column)
            || crate::trails::names_state(column)
            || counts_changes(column)
            || out.len() >= MOST
        {
            continue;
        }
        let value = match plain(column, cell) {
            Some(value) => value,
            // Without a time nobody knows whether it was to be filled by then.
            None if row.created.is_none() => continue,
            None => "(null)".into(),
        };
        out.insert((format!("of {table}.{column}"), crate::facts::shorten(&value, 60)));
    }
}

/// What a cell holds; of a time no more than that it is one, for which it is sets nobody apart.
fn plain(column: &str, cell: &Value) -> Option<String> {
    match crate::rowtime::time_of(column, cell) {
        Some(_) => Some("filled with a time".to_owned()),
        None => scalar_text(cell),
    }
}

/// Columns that count how often a row was changed: they tell how far an entity came, never why it came no further.
pub(super) fn counts_changes(column: &str) -> bool {
    const WORDS: [&str; 9] =
        ["version", "revision", "rev", "attempt", "attempts", "retry", "retries", "tries", "optlock"];
    crate::ids::words(column).last().is_some_and(|w| WORDS.contains(&w.as_str()))
}

fn types(value: &Value, place: &str, out: &mut BTreeSet<(String, String)>, depth: usize) {
    if depth > 8 || out.len() > 400 {
        return;
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(n) if n.is_f64() => "a decimal",
        Value::Number(_) => "an integer",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    if place != "$" {
        out.insert((format!("record type {place}"), kind.to_owned()));
    }
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(n, v)| types(v, &format!("{place}.{n}"), out, depth + 1));
        }
        Value::Array(items) => {
            if items.is_empty() {
                out.insert((format!("record type {place}[]"), "nothing (empty list)".into()));
            }
            items.iter().take(20).for_each(|v| types(v, &format!("{place}[]"), out, depth + 1));
        }
        _ => {}
    }
}
