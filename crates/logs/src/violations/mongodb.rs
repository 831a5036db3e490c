//! MongoDB: E11000 and failed document validation.

use super::{Hit, SubKind, Violation, values};
use regex::Regex;
use std::sync::LazyLock;

/// `raw` is the text before escapes were taken off: in it the quotes inside of values are still told from those around.
pub(super) fn find(raw: &str, text: &str, hits: &mut Vec<Hit>) {
    const HEAD: &str = "E11000 duplicate key error";
    let written: Vec<&str> = raw.match_indices(HEAD).take(super::MOST).map(|(at, _)| &raw[at..]).collect();
    for (n, (at, _)) in text.match_indices(HEAD).take(super::MOST).enumerate() {
        let as_written = written.get(n).copied().filter(|w| has_plain_quotes(w));
        hits.push(Hit::new(at, duplicate(as_written.unwrap_or(&text[at..]))));
    }
    if let Some(at) = text.find("Document failed validation") {
        let mut violation = Violation::new(SubKind::Check, Some("121"));
        violation.columns = unfit(&text[at..]);
        hits.push(Hit::new(at, violation));
    }
}

/// Whether the quotes around a key's values are written as they are, so that escaped ones belong to the values.
fn has_plain_quotes(text: &str) -> bool {
    let Some((_, key)) = text.split_once("dup key:") else { return false };
    key.find('"').is_some_and(|at| !key[..at].ends_with('\\') && !key[..at].contains('}'))
}

static UNFIT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"['"]?missingProperties['"]?: ?\[([^\]\n]*)\]|['"]?propertyName['"]?: ?['"]([^'"\n]+)['"]"#)
        .ok()
});

/// The fields that a validation found missing or wrong.
fn unfit(text: &str) -> Vec<String> {
    let Some(pattern) = UNFIT.as_ref() else { return Vec::new() };
    let mut fields: Vec<String> = Vec::new();
    for found in pattern.captures_iter(crate::scan::head(text, 8192)).take(32) {
        let names = found.get(1).or_else(|| found.get(2)).map_or("", |m| m.as_str());
        for name in values::columns(names) {
            if !fields.contains(&name) {
                fields.push(name);
            }
        }
    }
    fields
}

fn duplicate(text: &str) -> Violation {
    let mut violation = Violation::new(SubKind::Unique, Some("E11000"));
    let dup = text.find("dup key:");
    let head = &text[..dup.unwrap_or(text.len().min(crate::scan::head(text, 500).len()))];
    if let Some(name) = word_after(head, "collection: ") {
        namespace(name, &mut violation);
    }
    if let Some(name) = word_after(head, "index: ") {
        // Older servers write `db.coll.$name`.
        match name.split_once(".$").or_else(|| name.split_once('$').filter(|_| violation.table.is_none())) {
            Some((space, index)) => {
                namespace(space.trim_end_matches('.'), &mut violation);
                violation.constraint = Some(index.to_owned());
            }
            None => violation.constraint = Some(name.to_owned()),
        }
    }
    match dup {
        Some(at) => read_key(text[at + 8..].trim_start(), &mut violation),
        None => violation.truncated = true,
    }
    if violation.columns.is_empty() {
        violation.columns = violation.constraint.as_deref().map(index_fields).unwrap_or_default();
        violation.columns.truncate(violation.values.len().max(1));
    }
    violation
}

fn word_after<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let rest = &text[text.find(label)? + label.len()..];
    rest.split_whitespace().next()
}

fn namespace(name: &str, violation: &mut Violation) {
    let (database, collection) = name.split_once('.').map_or((None, name), |(d, c)| (Some(d), c));
    violation.schema = database.map(str::to_owned);
    violation.table = Some(collection.to_owned());
}

/// `{ _id: ObjectId('63…'), sku: "a, b" }`; older servers leave the names out.
fn read_key(text: &str, violation: &mut Violation) {
    let Some(inner) = text.strip_prefix('{') else {
        violation.truncated = true;
        return;
    };
    let end = close_of(inner);
    violation.truncated = end.is_none();
    let inner = &inner[..end.unwrap_or(inner.len())];
    for part in values::split_list(inner).into_iter().filter(|p| !p.is_empty()) {
        let (name, value) = part.split_once(':').unwrap_or(("", part));
        let name = values::unquote(name);
        if !name.is_empty() {
            violation.columns.push(name.to_owned());
        }
        violation.values.push(plain(value.trim()));
    }
}

fn close_of(text: &str) -> Option<usize> {
    let (mut depth, mut quote, mut escaped) = (0, None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(q), _) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => return Some(at),
            (None, '}') => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The value inside `ObjectId('…')`, `UUID("…")`, `NumberLong(12)`, quotes.
fn plain(value: &str) -> String {
    const WRAPS: [&str; 10] = [
        "ObjectId(",
        "UUID(",
        "NumberLong(",
        "NumberInt(",
        "NumberDecimal(",
        "new Date(",
        "ISODate(",
        "Timestamp(",
        "BinData(",
        "Long(",
    ];
    let inner =
        WRAPS.iter().find_map(|w| value.strip_prefix(w)).and_then(|v| v.strip_suffix(')')).unwrap_or(value);
    let inner = inner.trim();
    for quote in ['"', '\''] {
        if inner.len() >= 2 && inner.starts_with(quote) && inner.ends_with(quote) {
            return inner[1..inner.len() - 1].replace("\\\"", "\"").replace("\\\\", "\\");
        }
    }
    // A text that was cut has no closing quote.
    inner
        .strip_prefix(['"', '\''])
        .map_or(inner, |cut| cut.trim_end_matches("...").trim_end_matches('…'))
        .to_owned()
}

/// The fields of an index with the default name: `sku_1_lot_-1` is `sku`, `lot`.
fn index_fields(name: &str) -> Vec<String> {
    if name == "_id_" {
        return vec!["_id".to_owned()];
    }
    let mut fields = Vec::new();
    let mut field = String::new();
    for part in name.split('_') {
        if matches!(part, "1" | "-1" | "text" | "hashed") && !field.is_empty() {
            fields.push(std::mem::take(&mut field));
        } else {
            if !field.is_empty() {
                field.push('_');
            }
            field.push_str(part);
        }
    }
    if field.is_empty() { fields } else { Vec::new() }
}
