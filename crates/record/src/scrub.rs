//! What may go into a bundle: text without secrets and personal data, in which keys stay readable and the same value has
//! the same pseudonym wherever it stands.

use serde_json::Value;
use std::collections::HashSet;
use waylaid_redact::{Personal, Pseudonyms};
use waylaid_store::KeySet;

/// A secret shorter than this stands in any text.
const SHORTEST: usize = 6;

/// Replaces what must not be seen.
pub struct Scrubber {
    pseudonyms: Pseudonyms,
    own: HashSet<String>,
    asked: KeySet,
    secrets: Vec<String>,
}

impl Scrubber {
    /// `own` are entities' own keys that look like something else, `asked` what a trail goes on under; `secrets` are
    /// those that open the stores themselves: they are known, so they are found wherever they stand.
    pub fn new(
        salt: &str,
        own: impl IntoIterator<Item = String>,
        asked: impl IntoIterator<Item = String>,
        secrets: impl IntoIterator<Item = String>,
    ) -> Self {
        let mut secrets: Vec<String> = secrets.into_iter().filter(|s| s.len() >= SHORTEST).collect();
        // The longest first: one may be part of another.
        secrets.sort_by_key(|s| std::cmp::Reverse(s.len()));
        secrets.dedup();
        let (own, asked) = (own.into_iter().collect(), KeySet::new(asked));
        Self { pseudonyms: Pseudonyms::long(salt), own, asked, secrets }
    }

    /// A text as it may be written.
    pub fn text(&self, text: &str) -> String {
        let known = self.known(text);
        self.pseudonyms.text(&known, &|kind, value| self.is_key(kind, value)).into_owned()
    }

    /// A value of that name, with all that is in it.
    pub fn value(&self, name: &str, value: &mut Value) {
        self.known_in(value);
        self.pseudonyms.cell(name, value, &|kind, value| self.is_key(kind, value));
    }

    /// The text of a source file: only what stands in quotes or comments, so that it stays source.
    pub fn source(&self, text: &str) -> String {
        let known = self.known(text);
        self.pseudonyms.quoted(&known)
    }

    /// An entity's own key is one, whatever it looks like; another id only where its digits might be something else.
    fn is_key(&self, kind: Personal, value: &str) -> bool {
        let is_plain = matches!(kind, Personal::Card | Personal::Phone) && !value.starts_with('+');
        self.own.contains(value) || (is_plain && self.asked.get(value).is_some())
    }

    /// The text without the stores' own secrets.
    fn known(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for secret in self.secrets.iter().filter(|s| text.contains(s.as_str())) {
            clean = clean.replace(secret.as_str(), &self.pseudonyms.secret(secret));
        }
        clean
    }

    fn known_in(&self, value: &mut Value) {
        if self.secrets.is_empty() {
            return;
        }
        match value {
            Value::String(text) => {
                if self.secrets.iter().any(|s| text.contains(s.as_str())) {
                    *text = self.known(text);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.known_in(item)),
            Value::Object(map) => {
                for (name, mut value) in std::mem::take(map) {
                    self.known_in(&mut value);
                    map.insert(self.known(&name), value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn scrubber() -> Scrubber {
        let text = |s: &str| vec![s.to_owned()];
        Scrubber::new("s", text("ann@home.example"), text("4111111111111111"), text("k3yofthestore"))
    }

    #[test]
    fn keys_stay_and_what_opens_a_store_goes_wherever_it_stands() {
        let scrub = scrubber();
        let clean =
            scrub.text("order 4111111111111111 of ann@home.example by bob@home.example via k3yofthestore");
        assert!(clean.starts_with("order 4111111111111111 of ann@home.example by email#"), "{clean}");
        assert!(
            clean.contains(" via secret#") && !clean.contains("k3yof") && !clean.contains("bob"),
            "{clean}"
        );
    }

    #[test]
    fn names_inside_a_document_tell_what_its_values_do_not() {
        let mut value =
            json!({"password": "hunter2", "a": [{"note": "k3yofthestore", "mail": "bob@home.example"}]});
        scrubber().value("", &mut value);
        let text = value.to_string();
        assert!(!["hunter2", "k3yof", "bob@"].iter().any(|s| text.contains(s)), "{text}");
        let mail = value["a"][0]["mail"].as_str().unwrap();
        assert_eq!(mail, scrubber().text("bob@home.example"), "the same value has the same name everywhere");
        assert_eq!(mail.len(), "email#".len() + 16, "long enough for all that a table holds: {mail}");
    }

    #[test]
    fn source_stays_source() {
        let scrub = scrubber();
        let code = "String password = config.get(\"db.password\");\nconnect(\"postgres://app:hunter2@db/x\");\n\
                    var token = \"password=hunter2\"; // ann@there.example\nlog.info(\"token: ${token} {}\", id);\n";
        let clean = scrub.source(code);
        assert!(clean.contains("String password = config.get(\"db.password\");"), "{clean}");
        assert!(clean.contains("log.info(\"token: ${token} {}\", id);"), "{clean}");
        assert!(!clean.contains("hunter2") && !clean.contains("ann@there"), "{clean}");
        assert_eq!(clean.lines().count(), code.lines().count());
    }
}
