//! The arguments of a call, taken one by one; what is left over is wrong, and said so.

use crate::Refusal;
use crate::backend::Times;
use serde_json::{Map, Value};

/// A single text may be so long.
const LONGEST: usize = 64 * 1024;
/// A list may be so long.
const MOST: usize = 1_000;
/// A cursor goes so far; further means that the question is too broad.
const FURTHEST: u64 = 2_000;

/// Arguments that were not taken yet.
pub struct Arguments {
    left: Map<String, Value>,
    taken: Vec<&'static str>,
}

impl Arguments {
    /// All of a call.
    pub fn new(arguments: Map<String, Value>) -> Self {
        Self { left: arguments, taken: Vec::new() }
    }

    fn take(&mut self, name: &'static str) -> Option<Value> {
        self.taken.push(name);
        self.left.remove(name).filter(|v| !v.is_null())
    }

    /// A text that may be missing; an empty one is.
    pub fn text(&mut self, name: &'static str) -> Result<Option<String>, Refusal> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let text = one_text(name, value)?;
        Ok(Some(text).filter(|t| !t.trim().is_empty()))
    }

    /// A text that must be there.
    pub fn needed(&mut self, name: &'static str) -> Result<String, Refusal> {
        self.text(name)?.ok_or_else(|| Refusal::new(format!("`{name}` is missing")))
    }

    /// Texts: a list, or a single one.
    pub fn texts(&mut self, name: &'static str) -> Result<Vec<String>, Refusal> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(all)) if all.len() > MOST => {
                Err(Refusal::new(format!("`{name}` holds more than {MOST} values"))
                    .hint("without keys, all stuck ones are asked about at once"))
            }
            Some(Value::Array(all)) => all.into_iter().map(|v| one_text(name, v)).collect(),
            Some(one) => Ok(vec![one_text(name, one)?]),
        }
    }

    /// One of a few words.
    pub fn choice(
        &mut self,
        name: &'static str,
        words: &[&'static str],
    ) -> Result<Option<&'static str>, Refusal> {
        let Some(given) = self.text(name)? else { return Ok(None) };
        let found = words.iter().find(|w| given.eq_ignore_ascii_case(w));
        let wrong =
            || Refusal::new(format!("`{name}` cannot be `{given}`")).nearest(&given, words.iter().copied());
        found.copied().map(Some).ok_or_else(wrong)
    }

    /// Where to go on.
    pub fn cursor(&mut self) -> Result<usize, Refusal> {
        let wrong = || Refusal::new("`cursor` is a number that an answer ended with");
        let cursor = match self.take("cursor") {
            None => return Ok(0),
            Some(Value::String(text)) => text.trim().parse::<u64>().map_err(|_| wrong())?,
            Some(value) => value.as_u64().ok_or_else(wrong)?,
        };
        if cursor > FURTHEST {
            return Err(Refusal::new(format!("too broad: nothing is shown beyond the first {FURTHEST}"))
                .hint("narrow it: a key, a longer text, one store, a shorter time"));
        }
        Ok(cursor as usize)
    }

    /// `since` and `until`.
    pub fn window(&mut self) -> Result<Times, Refusal> {
        Ok(Times { since: self.text("since")?, until: self.text("until")?, baseline: None })
    }

    /// Refuses what was not taken.
    pub fn finish(&mut self) -> Result<(), Refusal> {
        let Some(name) = self.left.keys().next() else { return Ok(()) };
        Err(Refusal::new(format!("there is no argument `{name}`")).nearest(name, self.taken.iter().copied()))
    }
}

/// A text, or a number or truth value as one.
fn one_text(name: &str, value: Value) -> Result<String, Refusal> {
    let text = match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        _ => return Err(Refusal::new(format!("`{name}` must be a text"))),
    };
    if text.len() > LONGEST {
        return Err(Refusal::new(format!("`{name}` is longer than {LONGEST} bytes")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn arguments(value: &Value) -> Arguments {
        Arguments::new(value.as_object().cloned().unwrap_or_default())
    }

    #[test]
    fn values_are_taken_as_they_are_meant() {
        let mut given =
            arguments(&json!({"key": 1001, "keys": "a", "entity": "", "cursor": "20", "store": "LOGS"}));
        assert_eq!(given.needed("key").unwrap(), "1001");
        assert_eq!(given.texts("keys").unwrap(), ["a"]);
        assert_eq!(given.text("entity").unwrap(), None);
        assert_eq!(given.cursor().unwrap(), 20);
        assert_eq!(given.choice("store", &["logs", "topics"]).unwrap(), Some("logs"));
        assert!(given.finish().is_ok());
    }

    #[test]
    fn what_is_wrong_is_said_with_what_is_valid() {
        let mut given =
            arguments(&json!({"entitty": "order", "keys": vec!["k"; 1_001], "cursor": 9_999, "text": {}}));
        assert!(given.texts("keys").unwrap_err().what.contains("more than 1000"));
        assert!(given.cursor().unwrap_err().what.contains("too broad"));
        assert!(given.text("text").unwrap_err().what.contains("must be a text"));
        assert_eq!(given.text("entity").unwrap(), None);
        assert!(given.needed("entity").unwrap_err().what.contains("is missing"));
        assert_eq!(given.finish().unwrap_err().hints, ["did you mean `entity`?"]);
    }
}
