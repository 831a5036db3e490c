//! The statement beside a violation: its table, and its parameters where the message has no values.

use super::{SubKind, Violation, values};
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
        r#"(?m)\b(SCHEMA NAME|TABLE NAME|COLUMN NAME|CONSTRAINT NAME|SchemaName|TableName|ColumnName|ConstraintName):\s*"?([\w$.]+)|(?:^\s*|[{,] ?"?)(schema|table|constraint|column)"?: ?(?:Some\(")?['"]?([\w$.]+)['"]"#,
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
    let same = violation.table.as_deref() == found[1].rsplit('.').next().map(values::unquote);
    let keyed = matches!(violation.sub, SubKind::Unique | SubKind::ForeignKey);
    if same && keyed && violation.values.is_empty() && !violation.columns.is_empty() && !columns.is_empty() {
        let after = &text[found.get(0).map_or(0, |m| m.end())..];
        from_parameters(after, &columns, violation);
    }
}

fn attributes(text: &str, violation: &mut Violation) {
    let Some(pattern) = NAMED.as_ref() else { return };
    for found in pattern.captures_iter(text).take(16) {
        let name = found.get(1).or_else(|| found.get(3)).map_or("", |m| m.as_str());
        let value = found.get(2).or_else(|| found.get(4)).map_or("", |m| m.as_str());
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

/// `VALUES (?, ?)] [parameters: ('a', 1)]`, `parameters: {'sku': 'a'}`, or literals in the statement itself.
fn from_parameters(after: &str, columns: &[String], violation: &mut Violation) {
    let wanted = violation.columns.clone();
    if let Some(at) = after.find("parameters: {") {
        let named = mapping(&after[at + 13..]);
        let values: Option<Vec<String>> =
            wanted.iter().map(|w| named.iter().find(|(k, _)| k == w).map(|(_, v)| v.clone())).collect();
        violation.values = values.unwrap_or_default();
        return;
    }
    let list = match after.find("parameters: (").or_else(|| after.find("[parameters: [(")) {
        Some(at) => after[at..].find('(').map(|open| &after[at + open + 1..]),
        None => after
            .trim_start()
            .get(..7)
            .filter(|w| w.eq_ignore_ascii_case("values "))
            .and_then(|_| after.find('(').map(|open| &after[open + 1..])),
    };
    let Some(list) = list else { return };
    let Some(end) = list_end(list) else { return };
    let given: Vec<String> = values::split_list(&list[..end]).into_iter().map(values::literal).collect();
    if given.len() < columns.len() || given.iter().take(columns.len()).any(|v| is_placeholder(v)) {
        return;
    }
    let at = |w: &String| columns.iter().position(|c| c.eq_ignore_ascii_case(w));
    let values: Option<Vec<String>> = wanted.iter().map(|w| at(w).map(|i| given[i].clone())).collect();
    violation.values = values.unwrap_or_default();
}

fn is_placeholder(value: &str) -> bool {
    value == "?"
        || value.starts_with('$')
        || value.starts_with(':')
        || value.starts_with('@')
        || value.starts_with("%(")
}

fn list_end(list: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0, None);
    for (at, c) in list.char_indices().take(20_000) {
        match (quote, c) {
            (Some(q), _) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') if depth == 0 => return Some(at),
            (None, ')') => depth -= 1,
            _ => {}
        }
    }
    None
}

fn mapping(text: &str) -> Vec<(String, String)> {
    let end = text.find('}').unwrap_or(text.len());
    let pairs = values::split_list(&text[..end]).into_iter().filter_map(|p| p.split_once(": "));
    pairs.map(|(k, v)| (values::literal(k), values::literal(v))).collect()
}
