//! Where values sit inside records, rows and log events: every scalar with the name of its place.

use serde_json::Value;
use waylaid_model::{LogEvent, Record, Row, scalar_text};

/// A value with the name of its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    /// `key`, `header:name`, `$.path` with `[]` for array members, a column, a log field, or `text:label`.
    pub(crate) place: String,
    /// The scalar as text.
    pub(crate) value: String,
}

const MAX_VALUES: usize = 2_000;
const MAX_DEPTH: usize = 12;

/// Every scalar of a record.
pub(crate) fn of_record(record: &Record) -> Vec<Placed> {
    let mut out = Vec::new();
    if let Some(key) = &record.key {
        push_json_text(key, "key", &mut out);
    }
    for (name, value) in &record.headers {
        out.push(Placed { place: format!("header:{name}"), value: value.clone() });
    }
    if let Some(payload) = &record.payload {
        flatten(payload, "$", 0, &mut out);
    }
    out
}

/// A key may itself be a JSON object.
fn push_json_text(text: &str, place: &str, out: &mut Vec<Placed>) {
    if text.starts_with(['{', '['])
        && let Ok(value) = serde_json::from_str::<Value>(text)
    {
        flatten(&value, place, 0, out);
        return;
    }
    let text = text.trim_matches('"');
    out.push(Placed { place: place.to_owned(), value: text.to_owned() });
}

fn flatten(value: &Value, place: &str, depth: usize, out: &mut Vec<Placed>) {
    if out.len() >= MAX_VALUES || depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Array(items) => {
            let place = format!("{place}[]");
            items.iter().for_each(|item| flatten(item, &place, depth + 1, out));
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                flatten(field, &format!("{place}.{name}"), depth + 1, out);
            }
        }
        Value::String(text) if text.starts_with('{') && text.ends_with('}') => {
            match serde_json::from_str::<Value>(text) {
                Ok(inner) => flatten(&inner, place, depth + 1, out),
                Err(_) => out.push(Placed { place: place.to_owned(), value: text.clone() }),
            }
        }
        scalar => {
            if let Some(value) = scalar_text(scalar) {
                out.push(Placed { place: place.to_owned(), value });
            }
        }
    }
}

/// Every scalar of a row; JSON columns are opened.
pub(crate) fn of_row(row: &Row) -> Vec<Placed> {
    let mut out = Vec::new();
    for (column, cell) in &row.cells {
        match cell {
            Value::String(text) if text.starts_with(['{', '[']) => {
                match serde_json::from_str::<Value>(text) {
                    Ok(inner) => flatten(&inner, column, 0, &mut out),
                    Err(_) => out.push(Placed { place: column.clone(), value: text.clone() }),
                }
            }
            cell => flatten(cell, column, 0, &mut out),
        }
    }
    out
}

/// Every scalar field of a log event, then the id-like and numeric tokens of its message by the word before them.
pub(crate) fn of_event(event: &LogEvent) -> Vec<Placed> {
    let mut out = Vec::new();
    for (path, value) in &event.fields {
        flatten(value, path, 0, &mut out);
    }
    out.extend(of_text(&event.message));
    out
}

/// The tokens of a text that hold a digit, each with the word before it: `order 1001` gives `text:order` and `1001`.
pub(crate) fn of_text(text: &str) -> Vec<Placed> {
    chosen(text, |token| token.bytes().any(|b| b.is_ascii_digit()))
}

/// The tokens of a text that are one of these words, each with the word before it: keys of letters alone.
pub(crate) fn of_words(text: &str, words: &[&str]) -> Vec<Placed> {
    chosen(text, |token| words.contains(&token))
}

fn chosen(text: &str, is_wanted: impl Fn(&str) -> bool) -> Vec<Placed> {
    let mut out = Vec::new();
    let mut label = String::new();
    for token in tokens(text) {
        if is_wanted(token) && out.len() < MAX_VALUES {
            out.push(Placed { place: format!("text:{label}"), value: token.to_owned() });
        } else {
            token.clone_into(&mut label);
        }
    }
    out
}

/// Splits a text at everything that is neither letter nor digit nor a joint (`-`, `_`, `.`, `/` or `:` between two of these).
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || "[](){}<>\"'`,;=|".contains(c))
        .map(|t| t.trim_matches(|c: char| !c.is_alphanumeric()))
        .flat_map(|t| t.split_once(": ").map_or([Some(t), None], |(a, b)| [Some(a), Some(b)]))
        .flatten()
        .flat_map(split_label)
        .filter(|t| !t.is_empty())
}

/// `order:1001` and `order#1001` are a label and a value; `10:22:01` and `a:b` of an URN stay whole.
fn split_label(token: &str) -> impl Iterator<Item = &str> {
    let parts = token.split_once([':', '#']).filter(|(head, tail)| {
        head.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_' || b == b'-')
            && !tail.is_empty()
            && !tail.starts_with("//")
    });
    match parts {
        Some((head, tail)) => [Some(head), Some(tail)].into_iter().flatten(),
        None => [Some(token), None].into_iter().flatten(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn arrays_and_inner_json_are_opened() {
        let record = Record {
            key: Some("k".into()),
            payload: Some(json!({"items":[{"id":1},{"id":2}],"inner":"{\"x\":\"y\"}"})),
            ..Record::default()
        };
        let places: Vec<_> =
            of_record(&record).into_iter().map(|p| format!("{}={}", p.place, p.value)).collect();
        assert_eq!(places, ["key=k", "$.items[].id=1", "$.items[].id=2", "$.inner.x=y"]);
    }

    #[test]
    fn text_values_carry_the_word_before_them() {
        let places: Vec<_> = of_text("Picking order 1001 for customer=88, [CLM-2024-1] order:77 done")
            .into_iter()
            .map(|p| format!("{}={}", p.place, p.value))
            .collect();
        assert_eq!(
            places,
            ["text:order=1001", "text:customer=88", "text:customer=CLM-2024-1", "text:order=77"]
        );
    }

    /// Any JSON, with texts that may be JSON themselves.
    pub(crate) fn any_json() -> impl Strategy<Value = Value> {
        let text = prop_oneof![any::<String>(), "[{\\[\"][ -~]{0,20}[}\\]\"]", "\\PC{0,12}"];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            text.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(16, 200, 8, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                proptest::collection::vec((text.clone(), inner.clone()), 0..8)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
                inner.prop_map(|value| Value::from(value.to_string())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_record_has_places(
            key in any::<Option<String>>(),
            json_key in proptest::option::of(any_json()),
            headers in proptest::collection::vec(any::<(String, String)>(), 0..4),
            payload in proptest::option::of(any_json()),
        ) {
            let key = json_key.map(|k| k.to_string()).or(key);
            let record = Record { key, headers, payload, ..Record::default() };
            let placed = of_record(&record);
            prop_assert!(placed.len() <= MAX_VALUES + record.headers.len() + 1);
            prop_assert!(placed.len() >= record.headers.len());
        }

        #[test]
        fn any_row_and_any_event_have_places(cells in proptest::collection::vec((any::<String>(), any_json()), 0..6)) {
            of_row(&Row { cells: cells.clone() });
            let message = cells.iter().flat_map(|(name, value)| [name.clone(), value.to_string()]);
            let message = message.collect::<Vec<_>>().join(" ");
            of_event(&LogEvent { fields: cells, message, ..LogEvent::default() });
        }

        #[test]
        fn tokens_are_parts_of_any_text(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let text = String::from_utf8_lossy(&bytes);
            for token in tokens(&text) {
                prop_assert!(!token.is_empty() && text.contains(token));
            }
            for placed in of_text(&text) {
                prop_assert!(placed.value.bytes().any(|b| b.is_ascii_digit()));
            }
        }
    }

    #[test]
    fn payloads_are_opened_only_so_far() {
        let many = Record { payload: Some(json!((0..1_000_000).collect::<Vec<_>>())), ..Record::default() };
        assert_eq!(of_record(&many).len(), MAX_VALUES);
        let deep = (0..1_000).fold(json!(1), |inner, _| json!({ "a": inner }));
        assert!(of_record(&Record { payload: Some(deep), ..Record::default() }).is_empty());
    }
}
