//! MongoDB: E11000 and failed document validation.

use super::{Hit, SubKind, Violation, values};

pub(super) fn find(text: &str, hits: &mut Vec<Hit>) {
    for (at, _) in text.match_indices("E11000 duplicate key error").take(super::MOST) {
        hits.push(Hit::new(at, duplicate(&text[at..])));
    }
    if let Some(at) = text.find("Document failed validation") {
        hits.push(Hit::new(at, Violation::new(SubKind::Check, Some("121"))));
    }
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
    const WRAPS: [&str; 9] = [
        "ObjectId(",
        "UUID(",
        "NumberLong(",
        "NumberInt(",
        "NumberDecimal(",
        "new Date(",
        "Timestamp(",
        "BinData(",
        "Long(",
    ];
    let inner =
        WRAPS.iter().find_map(|w| value.strip_prefix(w)).and_then(|v| v.strip_suffix(')')).unwrap_or(value);
    let inner = inner.trim();
    for quote in ['"', '\''] {
        if inner.len() >= 2 && inner.starts_with(quote) && inner.ends_with(quote) {
            return inner[1..inner.len() - 1].replace("\\\\", "\\");
        }
    }
    // A text that was cut has no closing quote.
    inner.strip_prefix(['"', '\'']).unwrap_or(inner).to_owned()
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
