//! Paths into a record's payload: `$.a.b`, `$.items[].sku`, `$.items[0].sku`, `$['a.b']`.

use crate::EngineError;
use serde_json::Value;
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
        holds(payload, &self.0, wanted)
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

fn holds(value: &Value, steps: &[Step], wanted: &str) -> bool {
    let Some((step, rest)) = steps.split_first() else { return equals(value, wanted) };
    match (value, step) {
        (Value::Object(fields), Step::Field(name)) => {
            fields.get(name).is_some_and(|v| holds(v, rest, wanted))
        }
        (Value::Object(fields), Step::Any) => fields.values().any(|v| holds(v, rest, wanted)),
        (Value::Array(items), Step::Index(n)) => items.get(*n).is_some_and(|v| holds(v, rest, wanted)),
        (Value::Array(items), Step::Any) => items.iter().any(|v| holds(v, rest, wanted)),
        (Value::Array(items), Step::Field(_)) => items.iter().any(|v| holds(v, steps, wanted)),
        (Value::String(text), _) if text.starts_with(['{', '[']) => serde_json::from_str::<Value>(text)
            .is_ok_and(|inner| !inner.is_string() && holds(&inner, steps, wanted)),
        _ => false,
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
    fn what_is_no_path_is_refused() {
        for path in ["", "a.b", "$a", "$..b", "$.a[", "$.a[x]", "$['a]"] {
            assert!(Path::parse(path).is_err(), "{path}");
        }
    }
}
