//! The statement beside a violation: its table, its columns, and what else is named beside it.

use super::{SubKind, Violation, parameters, values};
use regex::Regex;
use std::sync::LazyLock;

pub(super) fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

static STATEMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?i)\b(?:insert\s+(?:ignore\s+)?into|merge\s+into|replace\s+into|update|delete\s+from)\s+([`"\[]?[\w$]+[`"\]]?(?:\.[`"\[]?[\w$]+[`"\]]?){0,2})"#,
        r"\s*(?:\(([^()]*)\)|set\b|where\b)",
    ))
    .ok()
});

static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        concat!(
            r#"(?m)\b(SCHEMA NAME|TABLE NAME|COLUMN NAME|CONSTRAINT NAME|SchemaName|TableName|ColumnName|ConstraintName):[ \t]*"?([\w$]+)(?:[",\s]|$)"#,
            r#"|(?:^\s*|[{,] ?"?)([sS]chema|[tT]able|[cC]onstraint|[cC]olumn)"?: ?(?:Some\(")?['"]?([\w$.]+)['"]"#,
            // On a line of their own, without quotes.
            r"|^[ \t]*(schema|table|constraint|column|CONSTRAINT):[ \t]+([\w$.]+)[ \t]*$",
        ),
    )
    .ok()
});

/// Fills what the message left out from the statement and the named attributes beside it.
pub(super) fn enrich(text: &str, violation: &mut Violation) {
    attributes(text, violation);
    let Some(pattern) = STATEMENT.as_ref() else { return };
    let Some(found) = pattern.captures(text) else { return };
    let columns = found.get(2).map(|c| values::columns(c.as_str())).unwrap_or_default();
    if violation.table.is_none() {
        violation.set_table(&found[1]);
    }
    // MySQL's `orders.uk_no`; names of SQL Server may have a dot in them.
    let own = violation
        .table
        .as_deref()
        .and_then(|t| violation.constraint.as_deref()?.strip_prefix(t)?.strip_prefix('.'));
    if let Some(own) = own.map(str::to_owned) {
        violation.constraint = Some(own);
    }
    let same = violation.table.as_deref() == found[1].rsplit('.').next().map(values::unquote);
    let keyed = matches!(violation.sub, SubKind::Unique | SubKind::ForeignKey);
    if same && keyed && violation.values.is_empty() && !violation.columns.is_empty() && !columns.is_empty() {
        let end = found.get(0).map_or(0, |m| m.end());
        violation.values = parameters::of(&text[..end], &text[end..], &columns, &violation.columns);
    }
}

fn attributes(text: &str, violation: &mut Violation) {
    let Some(pattern) = NAMED.as_ref() else { return };
    for found in pattern.captures_iter(text).take(16) {
        let group = |n: usize| found.get(n).map(|m| m.as_str());
        let name = group(1).or(group(3)).or(group(5)).unwrap_or_default();
        let value = group(2).or(group(4)).or(group(6)).unwrap_or_default();
        if matches!(value, "undefined" | "null" | "None" | "nil") {
            continue;
        }
        let own = || Some(value.to_owned());
        match name.to_ascii_lowercase().split(' ').next().unwrap_or_default().trim_end_matches("name") {
            "schema" => violation.schema = violation.schema.take().or_else(own),
            "table" => violation.table = violation.table.take().or_else(own),
            "constraint" => violation.constraint = violation.constraint.take().or_else(own),
            "column" if violation.columns.is_empty() => violation.columns = vec![value.to_owned()],
            _ => {}
        }
    }
}
