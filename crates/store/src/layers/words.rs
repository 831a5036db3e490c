//! Queries in words, for the audit.

use crate::{Filter, LogQuery, RecordQuery, RowQuery, Select};
use waylaid_model::Window;

/// A question to a log store.
pub(super) fn logs(query: &LogQuery) -> String {
    let mut words = vec![targets("services", query.services.as_deref()), select(&query.select)];
    words.extend(window(query.window));
    if query.preceding > 0 {
        words.push(format!("{} events before a failure", query.preceding));
    }
    words.join("; ")
}

/// A question to a topic store.
pub(super) fn records(query: &RecordQuery) -> String {
    let mut words = vec![targets("topics", query.topics.as_deref()), select(&query.select)];
    words.extend(query.own_keys().map(|_| "as its own key".to_owned()));
    words.extend(window(query.window));
    words.join("; ")
}

/// A question to a table store.
pub(super) fn rows(query: &RowQuery) -> String {
    let mut words = vec![format!("table {}", query.table)];
    if !query.columns.is_empty() {
        words.push(format!("columns {}", query.columns.join(", ")));
    }
    match &query.filter {
        Filter::All => words.push("all rows".to_owned()),
        Filter::Select { sql } => words.push(sql.clone()),
        Filter::In { column, values } => words.push(format!("{column} in {} values", values.len())),
    }
    words.extend(query.limit.map(|limit| format!("at most {limit}")));
    words.join("; ")
}

fn targets(kind: &str, names: Option<&[String]>) -> String {
    names.map_or_else(|| format!("all {kind}"), |names| format!("{kind} {}", names.join(", ")))
}

fn select(select: &Select) -> String {
    let mut words = Vec::new();
    if select.all {
        words.push("everything".to_owned());
    }
    words.extend(select.keys.as_ref().map(|keys| format!("what holds one of {} keys", keys.len())));
    if select.failures {
        words.push("failures".to_owned());
    }
    words.extend(select.sample.map(|count| format!("a sample of {count} a part")));
    if words.is_empty() { "nothing".to_owned() } else { words.join(" or ") }
}

fn window(window: Window) -> Option<String> {
    match (window.from, window.until) {
        (None, None) => None,
        (Some(from), None) => Some(format!("since {from}")),
        (None, Some(until)) => Some(format!("until {until}")),
        (Some(from), Some(until)) => Some(format!("{from} .. {until}")),
    }
}
