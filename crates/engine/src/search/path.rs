//! Paths into a record's payload: `$.a.b`, `$.items[].sku`, `$.items[0].sku`, `$['a.b']`.

use crate::EngineError;
use serde_json::Value;
use std::cell::RefCell;
use waylaid_model::scalar_text;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Field(String),
    Index(usize),
    Any,
}

/// A path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path(Vec<Step>);

impl Path {
    /// Reads one.
    pub(super) fn parse(text: &str) -> Result<Self, EngineError> {
        parse(text).map(Self).ok_or_else(|| EngineError::Question {
            message: format!("`{text}` is not a path"),
            hint: "a path begins with `$`: `$.status`, `$.items[].sku`, `$.items[0].sku`, `$['a.b']`".into(),
        })
    }

    /// Whether a value at this place equals the text. Lists on the way are entered, and so is JSON inside a string.
    pub(super) fn holds(&self, payload: &Value, wanted: &str) -> bool {
        any(payload, &self.0, &|value| equals(value, wanted))
    }

    /// Whether a value at this place passes; each is looked up once, however many are wanted.
    pub(super) fn any(&self, payload: &Value, test: &dyn Fn(&str) -> bool) -> bool {
        any(payload, &self.0, &|value| passes(value, test))
    }

    /// The values at this place as texts, at most so many.
    pub(super) fn texts(&self, payload: &Value, most: usize) -> Vec<String> {
        let texts = RefCell::new(Vec::new());
        any(payload, &self.0, &|value| {
            let mut texts = texts.borrow_mut();
            texts.push(scalar_text(value).unwrap_or_else(|| value.to_string()));
            texts.len() >= most
        });
        texts.into_inner()
    }

    /// The last name on it: what it is called where it is shown.
    pub(super) fn name(&self) -> &str {
        let names = self.0.iter().rev().filter_map(|step| match step {
            Step::Field(name) => Some(name.as_str()),
            Step::Index(_) | Step::Any => None,
        });
        names.into_iter().next().unwrap_or("payload")
    }
}

fn parse(text: &str) -> Option<Vec<Step>> {
    let mut rest = text.trim().strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let name = &after[..end];
            if name.is_empty() {
                return None;
            }
            steps.push(if name == "*" { Step::Any } else { Step::Field(name.to_owned()) });
            rest = &after[end..];
        } else {
            let (inside, after) = bracket(rest.strip_prefix('[')?)?;
            steps.push(inside);
            rest = after;
        }
    }
    Some(steps)
}

/// What stands inside a bracket, and what follows it.
fn bracket(text: &str) -> Option<(Step, &str)> {
    for quote in ['\'', '"'] {
        if let Some(quoted) = text.strip_prefix(quote) {
            let (name, after) = quoted.split_once(quote)?;
            return Some((Step::Field(name.to_owned()), after.strip_prefix(']')?));
        }
    }
    let (inside, after) = text.split_once(']')?;
    let step = match inside.trim() {
        "" | "*" => Step::Any,
        number => Step::Index(number.parse().ok()?),
    };
    Some((step, after))
}

fn any(value: &Value, steps: &[Step], test: &dyn Fn(&Value) -> bool) -> bool {
    let Some((step, rest)) = steps.split_first() else { return test(value) };
    match (value, step) {
        (Value::Object(fields), Step::Field(name)) => fields.get(name).is_some_and(|v| any(v, rest, test)),
        (Value::Object(fields), Step::Any) => fields.values().any(|v| any(v, rest, test)),
        (Value::Array(items), Step::Index(n)) => items.get(*n).is_some_and(|v| any(v, rest, test)),
        (Value::Array(items), Step::Any) => items.iter().any(|v| any(v, rest, test)),
        (Value::Array(items), Step::Field(_)) => items.iter().any(|v| any(v, steps, test)),
        (Value::String(text), _) if text.starts_with(['{', '[']) => serde_json::from_str::<Value>(text)
            .is_ok_and(|inner| !inner.is_string() && any(&inner, steps, test)),
        _ => false,
    }
}

fn passes(value: &Value, test: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|v| passes(v, test)),
        Value::Null | Value::Object(_) => false,
        scalar => scalar_text(scalar).is_some_and(|text| test(&text)),
    }
}

fn equals(value: &Value, wanted: &str) -> bool {
    match value {
        Value::Null => wanted == "null",
        Value::Array(items) => items.iter().any(|v| equals(v, wanted)),
        Value::Object(_) => false,
        scalar => scalar_text(scalar).as_deref() == Some(wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_found_at_their_paths() {
        let payload = json!({"a": {"b": 7, "none": null}, "items": [{"sku": "x"}, {"sku": "y"}], "tags": ["p", "q"],
            "a.b": true, "inner": "{\"z\": \"deep\"}"});
        for (path, value) in [
            ("$.a.b", "7"),
            ("$.a.none", "null"),
            ("$.items[].sku", "y"),
            ("$.items.sku", "y"),
            ("$.items[1].sku", "y"),
            ("$.tags", "q"),
            ("$.tags[*]", "q"),
            ("$['a.b']", "true"),
            ("$.inner.z", "deep"),
            ("$.*.b", "7"),
        ] {
            assert!(Path::parse(path).unwrap().holds(&payload, value), "{path}={value}");
        }
        for (path, value) in [("$.items[0].sku", "y"), ("$.a", "7"), ("$.b", "7"), ("$.a.b", "77")] {
            assert!(!Path::parse(path).unwrap().holds(&payload, value), "{path}={value}");
        }
    }

    #[test]
    fn values_at_a_path_are_tested_and_told() {
        let payload =
            json!({"order": {"id": 7, "lines": [{"sku": "x"}, {"sku": "y"}]}, "note": "7 z", "none": null});
        let path = |path: &str| Path::parse(path).unwrap();
        assert!(path("$.order.id").any(&payload, &|text| text == "7"));
        assert!(!path("$.note").any(&payload, &|text| text == "7"), "a word of a text is not the text");
        assert!(path("$.order.lines[].sku").any(&payload, &|text| text == "y"));
        assert!(!path("$.none").any(&payload, &|_| true) && !path("$.order").any(&payload, &|_| true));
        assert_eq!(path("$.order.lines[].sku").texts(&payload, 5), ["x", "y"]);
        assert_eq!(path("$.order.lines[].sku").texts(&payload, 1), ["x"]);
        assert_eq!(path("$.order.id").texts(&payload, 5), ["7"]);
        assert_eq!(path("$.order.lines[1]").texts(&payload, 5), [r#"{"sku":"y"}"#]);
        assert_eq!((path("$.order.lines[].sku").name(), path("$").name()), ("sku", "payload"));
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for path in ["", "a.b", "$a", "$..b", "$.a[", "$.a[x]", "$['a]"] {
            assert!(Path::parse(path).is_err(), "{path}");
        }
    }
}
