//! Secrets and personal data in text, replaced by pseudonyms that stay the same for the same value.

use crate::KeySet;
use regex::{Captures, Regex};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

/// One expression for all: each group names the kind of what it matches.
const SECRETS: &str = concat!(
    r"(?P<jwt>\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)",
    r"|(?i:\bbearer\s+)(?P<token>[A-Za-z0-9._~+/=-]{8,})",
    r"|(?P<awskey>\b(?:AKIA|ASIA)[0-9A-Z]{16}\b)",
    r#"|(?i:\b(?:pass(?:word|wd)?|pwd|secret|client_?secret|api[_-]?key|access[_-]?token)\\?["']?\s*[=:]\s*\\?["']?)(?P<secret>[^\s"'\\,;&}]{3,})"#,
    r"|://[^/\s:@]+:(?P<password>[^/\s@]+)@",
    r"|(?P<email>[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)",
    r"|(?P<iban>\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b)",
    r"|(?P<card>\b[3-6](?:[ -]?[0-9]){12,18}\b)",
);

/// Replaces what must not be seen.
pub struct Pseudonyms {
    secrets: Option<Regex>,
    salt: Vec<u8>,
    kept: Option<Arc<KeySet>>,
}

impl Default for Pseudonyms {
    /// With a salt of this process.
    fn default() -> Self {
        let random = RandomState::new();
        let salt: Vec<u8> = (0..4u8).flat_map(|part| random.hash_one(part).to_le_bytes()).collect();
        Self::new(&salt)
    }
}

impl Pseudonyms {
    /// With a given salt: the same value has the same pseudonym wherever the salt is the same.
    pub fn new(salt: &[u8]) -> Self {
        Self { secrets: Regex::new(SECRETS).ok(), salt: salt.to_owned(), kept: None }
    }

    /// Leaves these values as they are: the keys of entities.
    #[must_use]
    pub fn keeping(mut self, keys: Arc<KeySet>) -> Self {
        self.kept = Some(keys);
        self
    }

    /// The text without secrets and personal data; values in `asked` stay.
    pub fn text<'t>(&self, text: &'t str, asked: Option<&KeySet>) -> Cow<'t, str> {
        // The expression is a constant that a test compiles; should it fail, nothing may pass.
        let Some(secrets) = &self.secrets else { return Cow::Borrowed("(redacted)") };
        secrets.replace_all(text, |found: &Captures<'_>| self.replacement(found, asked))
    }

    /// A named value: one whose name says that it is secret goes as a whole, others by their text.
    pub fn value(&self, name: &str, value: &mut Value, asked: Option<&KeySet>) {
        match value {
            Value::String(text) if is_secret(name) && !text.is_empty() => *text = self.name("secret", text),
            Value::String(text) => {
                if let Cow::Owned(clean) = self.text(text, asked) {
                    *text = clean;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(name, item, asked)),
            Value::Object(map) => map.iter_mut().for_each(|(name, value)| self.value(name, value, asked)),
            Value::Number(number) => {
                let text = number.to_string();
                if let Cow::Owned(clean) = self.text(&text, asked) {
                    *value = Value::String(clean);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn replacement(&self, found: &Captures<'_>, asked: Option<&KeySet>) -> String {
        let whole = found.get(0).map_or("", |m| m.as_str());
        let kinds = ["jwt", "token", "awskey", "secret", "password", "email", "iban", "card"];
        let Some((kind, value)) = kinds.iter().find_map(|k| found.name(k).map(|m| (*k, m.as_str()))) else {
            return whole.to_owned();
        };
        let is_key = |keys: &KeySet| keys.get(value).is_some() || keys.get(whole).is_some();
        let is_kept = asked.is_some_and(is_key) || self.kept.as_deref().is_some_and(is_key);
        let is_chance = match kind {
            "iban" => !is_iban(value),
            "card" => !is_card(value),
            _ => false,
        };
        if is_kept || is_chance {
            return whole.to_owned();
        }
        whole.replacen(value, &self.name(kind, value), 1)
    }

    /// `email#a91f3c`.
    fn name(&self, kind: &str, value: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(&self.salt);
        hash.update(value.to_lowercase());
        let digest = hash.finalize();
        format!("{kind}#{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2])
    }
}

fn is_secret(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    ["password", "passwd", "secret", "authorization", "apikey", "accesstoken", "refreshtoken", "privatekey"]
        .iter()
        .any(|secret| name.ends_with(secret))
}

/// The check of Luhn.
fn is_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let double = |(at, digit): (usize, &u32)| match at % 2 {
        0 => *digit,
        _ => digit * 2 - if *digit > 4 { 9 } else { 0 },
    };
    (13..=19).contains(&digits.len())
        && digits.iter().rev().enumerate().map(double).sum::<u32>().is_multiple_of(10)
}

/// The check of ISO 7064: the remainder by 97 is 1.
fn is_iban(text: &str) -> bool {
    let text: String = text.chars().filter(|c| *c != ' ').collect();
    let rotated = text.bytes().cycle().skip(4).take(text.len());
    let value = |byte: u8| match byte {
        b'0'..=b'9' => u64::from(byte - b'0'),
        byte => u64::from(byte.wrapping_sub(b'A')) + 10,
    };
    let remainder = rotated.map(value).fold(0, |r, v| (r * if v > 9 { 100 } else { 10 } + v) % 97);
    (15..=34).contains(&text.len()) && remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn clean(text: &str) -> String {
        Pseudonyms::new(b"salt").text(text, None).into_owned()
    }

    #[test]
    fn secrets_and_personal_data_become_pseudonyms() {
        let cases = [
            ("mail Ann.B@shop.example now", "email#", "Ann.B"),
            ("Authorization: Bearer abc.def-0123456", "token#", "abc.def"),
            ("t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig-x", "jwt#", "eyJ"),
            ("key AKIAIOSFODNN7EXAMPLE", "awskey#", "AKIA"),
            ("password=hunter2&x=1", "secret#", "hunter2"),
            (r#"{\"password\":\"hunter2\"}"#, "secret#", "hunter2"),
            ("jdbc:postgresql://app:s3cret@db/x", "password#", "s3cret"),
            ("paid with 4111 1111 1111 1111.", "card#", "4111"),
            ("to DE89 3704 0044 0532 0130 00!", "iban#", "DE89"),
        ];
        for (text, expected, gone) in cases {
            let clean = clean(text);
            assert!(clean.contains(expected) && !clean.contains(gone), "{text} -> {clean}");
        }
        assert_eq!(clean("a@b.de A@B.de").split(' ').collect::<std::collections::HashSet<_>>().len(), 1);
    }

    #[test]
    fn what_only_looks_like_it_stays() {
        for text in [
            "order 4111111111111112 at 1763632800000",
            "DE89370400440532013001 x",
            "user@localhost",
            "pass: 12",
        ] {
            assert_eq!(clean(text), text);
        }
    }

    #[test]
    fn keys_stay_and_names_tell() {
        let keys = KeySet::new(["4111111111111111", "a@b.de"]);
        let pseudonyms = Pseudonyms::default();
        assert_eq!(pseudonyms.text("4111111111111111 a@b.de", Some(&keys)), "4111111111111111 a@b.de");
        let mut value = json!({"clientSecret": "x1", "n": 4_111_111_111_111_111_u64, "list": ["c@d.de"]});
        pseudonyms.value("", &mut value, None);
        let text = value.to_string();
        assert!(text.contains("secret#") && text.contains("card#") && text.contains("email#"), "{text}");
    }
}
