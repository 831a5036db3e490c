//! Questions in the server's words: a window, services, keys, failures.

use crate::fields::{Field, Fields, Kind};
use serde_json::{Value, json};
use waylaid_model::Window;
use waylaid_store::KeySet;

/// How long the part of a question that names keys may become.
const BYTES: usize = 6 << 20;
/// Values of a field that a server takes at once: its own limit is 65,536.
const VALUES: usize = 30_000;

/// Words for warnings and worse.
const BAD: [&str; 15] = [
    "warn",
    "warning",
    "wrn",
    "error",
    "err",
    "eror",
    "severe",
    "fatal",
    "ftl",
    "critical",
    "crit",
    "alert",
    "emerg",
    "emergency",
    "panic",
];
/// Words of messages that no level accompanies.
const WORDS: [&str; 17] = [
    "error",
    "errors",
    "exception",
    "failed",
    "failure",
    "fatal",
    "panic",
    "panicked",
    "warn",
    "warning",
    "err",
    "wrn",
    "severe",
    "critical",
    "crit",
    "traceback",
    "ftl",
];

/// All of these at once.
pub(crate) fn all(clauses: Vec<Value>) -> Value {
    json!({"bool": {"filter": Value::Array(clauses)}})
}

/// Any of these.
pub(crate) fn any(clauses: Vec<Value>) -> Value {
    json!({"bool": {"should": Value::Array(clauses), "minimum_should_match": 1}})
}

/// What has no such field.
pub(crate) fn lacks(field: &str) -> Value {
    json!({"bool": {"must_not": [{"exists": {"field": field}}]}})
}

/// The window, with what has no time. A server may know milliseconds only: it is asked for the whole ones.
pub(crate) fn window(fields: &Fields, window: Window) -> Option<Value> {
    let time = fields.time.as_deref()?;
    if window.from.is_none() && window.until.is_none() {
        return None;
    }
    let mut range = json!({"format": "epoch_millis"});
    if let Some(from) = window.from {
        range["gte"] = from.millis().into();
    }
    if let Some(until) = window.until {
        range["lte"] = until.millis().into();
    }
    Some(any(vec![json!({"range": {time: range}}), lacks(time)]))
}

/// The keys in portions that a server takes, each with the first and last index of its keys.
pub(crate) fn portions(keys: &KeySet, fields: &Fields) -> Vec<std::ops::Range<u32>> {
    let (mut portions, mut start, mut bytes) = (Vec::new(), 0u32, 0);
    for index in 0..keys.len() as u32 {
        bytes += (keys.key(index).len() + 4) * fields.keys.len().max(1);
        if bytes > BYTES || (index - start) as usize >= VALUES {
            if index > start {
                portions.push(start..index);
            }
            (start, bytes) = (index, (keys.key(index).len() + 4) * fields.keys.len().max(1));
        }
    }
    if (start as usize) < keys.len() {
        portions.push(start..keys.len() as u32);
    }
    portions
}

/// What may hold one of these keys; more than that do, and what comes back is looked through.
pub(crate) fn keys(keys: &KeySet, portion: std::ops::Range<u32>, fields: &Fields) -> Vec<Value> {
    let given: Vec<&str> = portion.map(|index| keys.key(index)).collect();
    let mut words: Vec<String> = given.iter().flat_map(|key| words_of(key)).collect();
    words.sort();
    words.dedup();
    let numbers: Vec<i64> = given.iter().filter_map(|key| number(key)).collect();
    let clause = |field: &Field| {
        let path = field.path.as_str();
        let clause = match field.kind {
            Kind::Text => json!({"terms": {path: words}}),
            Kind::Exact => json!({"terms": {path: given}}),
            Kind::Number if !numbers.is_empty() => json!({"terms": {path: numbers}}),
            _ => return None,
        };
        Some(match &field.nested {
            Some(nested) => json!({"nested": {"path": nested, "query": clause, "ignore_unmapped": true}}),
            None => clause,
        })
    };
    fields.keys.iter().filter_map(clause).collect()
}

/// A key as a number field holds it, if that spells it the same.
fn number(key: &str) -> Option<i64> {
    key.parse().ok().filter(|n: &i64| n.to_string() == key)
}

/// The words under which a text that holds the key is found, as the usual analysis cuts and lowers them: of a key of
/// several words the one that tells most. Dots, colons and underscores may join words: then both ways are asked for.
fn words_of(key: &str) -> Vec<String> {
    let key = key.to_lowercase();
    let joins = |c: char| matches!(c, '.' | '_' | ':' | '\'' | ',');
    let telling = |word: &&str| (word.bytes().filter(u8::is_ascii_digit).count() > 0, word.len());
    let pieces = key.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    let mut words: Vec<String> = pieces.max_by_key(telling).map(str::to_owned).into_iter().collect();
    if key.contains(joins) {
        let joined = key.split(|c: char| !c.is_alphanumeric() && !joins(c)).filter(|w| !w.is_empty());
        words.extend(joined.max_by_key(telling).map(|w| w.trim_matches(joins).to_owned()));
    }
    words.dedup();
    words
}

/// What may report a failure; what comes back is judged.
pub(crate) fn failures(fields: &Fields) -> Vec<Value> {
    let mut clauses: Vec<Value> = fields.levels.iter().filter_map(level).collect();
    for field in fields.exceptions.iter().filter(|f| f.nested.is_none()) {
        clauses.push(json!({"exists": {"field": field.path}}));
    }
    let without: Vec<Value> = fields.levels.iter().map(|f| json!({"exists": {"field": f.path}})).collect();
    let mut said = Vec::new();
    for message in &fields.messages {
        said.push(json!({"terms": {message: WORDS}}));
        for ending in ["*exception", "*error"] {
            said.push(json!({"wildcard": {message: {"value": ending}}}));
        }
    }
    if !said.is_empty() {
        let says = any(said);
        clauses.push(json!({"bool": {"filter": [says], "must_not": without}}));
    }
    clauses
}

fn level(field: &Field) -> Option<Value> {
    let path = field.path.as_str();
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    match field.kind {
        Kind::Number if path.to_lowercase().contains("number") => Some(json!({"range": {path: {"gte": 13}}})),
        Kind::Number => {
            Some(any(vec![json!({"range": {path: {"gte": 40}}}), json!({"range": {path: {"lte": 4}}})]))
        }
        Kind::Text => Some(json!({"terms": {path: BAD}})),
        Kind::Exact => {
            let mut words: Vec<String> =
                BAD.iter().flat_map(|w| [(*w).to_owned(), w.to_uppercase(), capital(w)]).collect();
            words.extend(["W", "E", "F", "C", "40", "50", "60"].map(str::to_owned));
            Some(json!({"terms": {path: words}}))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_tells_most_stands_for_a_key() {
        for (key, words) in [
            ("1001", &["1001"][..]),
            ("ORD-1001", &["1001"]),
            ("9b2e6c1a-77aa-4d0e-9c11-0a1b2c3d4e5f", &["0a1b2c3d4e5f"]),
            ("order_17", &["17", "order_17"]),
            ("v1.22", &["22", "v1.22"]),
            ("Müller", &["müller"]),
            ("--", &[]),
        ] {
            assert_eq!(words_of(key), words, "{key}");
        }
    }

    #[test]
    fn keys_come_in_portions() {
        let keys = KeySet::new((0..70_000).map(|n| n.to_string()));
        let portions = portions(&keys, &Fields::default());
        assert_eq!(portions, [0..30_000, 30_000..60_000, 60_000..70_000]);
        assert!(super::portions(&KeySet::new(Vec::<String>::new()), &Fields::default()).is_empty());
    }

    #[test]
    fn only_numbers_are_asked_of_number_fields() {
        assert_eq!([number("17"), number("017"), number("+1"), number("1e3")], [Some(17), None, None, None]);
    }
}
