//! Pseudonyms, in text and in whole answers.

use crate::Personal;
use crate::patterns::Finder;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a value is a key that must stay readable.
pub type Keep<'k> = &'k dyn Fn(Personal, &str) -> bool;

/// Fields of an answer that name places in the system itself. They are looked up again as they stand.
const PLACES: [&str; 7] = ["case", "csv", "file", "path", "store", "table", "topic"];

/// Replaces what must not be seen.
pub struct Pseudonyms {
    finder: Finder,
    salt: Vec<u8>,
    /// Bytes of the hash that a name shows.
    shown: usize,
}

impl Pseudonyms {
    /// The same value has the same pseudonym wherever the salt is the same.
    pub fn new(salt: &str) -> Self {
        Self { finder: Finder::new(), salt: salt.as_bytes().to_vec(), shown: 3 }
    }

    /// The same with names so long that those of millions of values do not meet: for what is stored as data, where a
    /// column may have to stay unique.
    pub fn long(salt: &str) -> Self {
        Self { shown: 8, ..Self::new(salt) }
    }

    /// What stands for a secret, whatever it looks like.
    pub fn secret(&self, value: &str) -> String {
        let mut name = String::new();
        self.name(Personal::Secret, value, &mut name);
        name
    }

    /// The text of a source file. What only its name gives away is replaced where it stands in quotes or in a comment:
    /// elsewhere it is code. Lines stay as many as they are.
    pub fn quoted(&self, text: &str) -> String {
        let Some(found) = self.finder.find(text) else { return String::new() };
        let mut clean = String::with_capacity(text.len());
        let mut done = 0;
        for (kind, at) in found {
            let value = &text[at.clone()];
            let is_sure =
                matches!(kind, Personal::Jwt | Personal::CloudKey | Personal::Password | Personal::Email);
            let is_key = value.contains('\n');
            let is_hole = value.starts_with(['$', '{', '%', '#', '<']) && !value.contains(':');
            if is_hole || !(is_sure || is_key || is_quoted(text, at.start)) {
                continue;
            }
            clean.push_str(&text[done..at.start]);
            self.name(kind, value, &mut clean);
            clean.extend(value.chars().filter(|c| *c == '\n'));
            done = at.end;
        }
        clean.push_str(&text[done..]);
        clean
    }

    /// The text without secrets and personal data.
    pub fn text<'t>(&self, text: &'t str, keep: Keep<'_>) -> Cow<'t, str> {
        // The patterns are a constant that a test compiles; should that fail, nothing may pass.
        let Some(found) = self.finder.find(text) else { return Cow::Borrowed("(redacted)") };
        let mut clean = String::new();
        let mut done = 0;
        for (kind, at) in found {
            let value = &text[at.clone()];
            if !kind.is_secret() && keep(kind, value) {
                continue;
            }
            clean.push_str(&text[done..at.start]);
            self.name(kind, value, &mut clean);
            done = at.end;
        }
        let rest = uncut(&text[done..], keep);
        if done == 0 && rest.len() == text.len() {
            return Cow::Borrowed(text);
        }
        clean.push_str(rest);
        if rest.len() < text.len() - done {
            clean.push('…');
        }
        Cow::Owned(clean)
    }

    /// An answer of the engine, with every text in it redacted.
    pub fn answer<T: Serialize + DeserializeOwned>(
        &self,
        answer: &T,
        keep: Keep<'_>,
    ) -> Result<T, serde_json::Error> {
        let mut value = serde_json::to_value(answer)?;
        self.value(&mut value, keep);
        serde_json::from_value(value)
    }

    fn value(&self, value: &mut Value, keep: Keep<'_>) {
        match value {
            Value::String(text) => {
                if let Cow::Owned(clean) = self.text(text, keep) {
                    *text = clean;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item, keep)),
            Value::Object(map) => {
                self.columns(map, keep);
                let texts = map.iter_mut().filter(|(name, _)| !PLACES.contains(&name.as_str()));
                texts.for_each(|(_, value)| self.value(value, keep));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Values of named columns: the name may tell what the value does not.
    fn columns(&self, map: &mut serde_json::Map<String, Value>, keep: Keep<'_>) {
        let Some(Value::Array(columns)) = map.get("columns") else { return };
        let columns: Vec<String> = columns.iter().filter_map(|c| c.as_str().map(str::to_owned)).collect();
        let Some(Value::Array(rows)) = map.get_mut("values") else { return };
        for row in rows.iter_mut().filter_map(Value::as_array_mut) {
            for (column, cell) in columns.iter().zip(row) {
                self.cell(column, cell, keep);
            }
        }
    }

    /// A value of that name. A number may be a card's as well as a text; a document has names of its own.
    pub fn cell(&self, name: &str, cell: &mut Value, keep: Keep<'_>) {
        match cell {
            Value::String(text) => {
                if let Some(clean) = self.named(name, text, keep) {
                    *text = clean;
                }
            }
            Value::Number(number) => {
                if let Some(clean) = self.named(name, &number.to_string(), keep) {
                    *cell = Value::String(clean);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.cell(name, item, keep)),
            Value::Object(map) => {
                for (name, mut value) in std::mem::take(map) {
                    self.cell(&name, &mut value, keep);
                    map.insert(self.text(&name, keep).into_owned(), value);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// What stands for a value of that name, where something must. What the name calls a secret is one to its end.
    fn named(&self, name: &str, text: &str, keep: Keep<'_>) -> Option<String> {
        let head = format!("{name}=");
        let named = format!("{head}{text}");
        let found = self.finder.find(&named).unwrap_or_default();
        let secret = found.iter().find(|(kind, at)| kind.is_secret() && at.start == head.len());
        if let Some((kind, _)) = secret.filter(|_| self.names_a_secret(&head)) {
            let mut clean = String::new();
            self.name(*kind, text, &mut clean);
            return Some(clean);
        }
        let clean = self.text(&named, keep);
        clean.strip_prefix(&head).filter(|clean| *clean != text).map(str::to_owned)
    }

    /// Whether any word behind this name counts as a secret.
    fn names_a_secret(&self, head: &str) -> bool {
        let found = self.finder.find(&format!("{head}xxxxxxxx")).unwrap_or_default();
        found.iter().any(|(kind, at)| kind.is_secret() && at.start == head.len())
    }

    /// `email#a91f3c`: enough digits that a few hundred values do not meet.
    fn name(&self, kind: Personal, value: &str, out: &mut String) {
        let same = value.chars().filter(|c| match kind {
            Personal::Card | Personal::Phone => c.is_ascii_digit(),
            Personal::Iban => *c != ' ',
            _ => true,
        });
        let same: String = match kind {
            Personal::Email | Personal::Iban => same.flat_map(char::to_lowercase).collect(),
            _ => same.collect(),
        };
        let mut hash = Sha256::new();
        hash.update(&self.salt);
        hash.update([0]);
        hash.update(same);
        let digest = hash.finalize();
        let _ = write!(out, "{}#", kind.as_str());
        for byte in digest.iter().take(self.shown) {
            let _ = write!(out, "{byte:02x}");
        }
    }
}

/// Whether a place of a source file stands in quotes or in a comment, as far as its line tells; a key in PEM form goes over
/// lines and is neither.
fn is_quoted(text: &str, at: usize) -> bool {
    let line = &text[text[..at].rfind('\n').map_or(0, |end| end + 1)..at];
    if line.trim_start().starts_with(['*', '#', '-']) || line.contains("//") || line.contains("/*") {
        return true;
    }
    let mut open = None;
    let mut escaped = false;
    for c in line.chars() {
        match (c, open) {
            _ if std::mem::take(&mut escaped) => {}
            ('\\', _) => escaped = true,
            ('"' | '\'' | '`', None) => open = Some(c),
            (c, Some(quote)) if c == quote => open = None,
            _ => {}
        }
    }
    open.is_some()
}

/// A shortened text without the beginning of something at its end that is no longer known for what it was.
fn uncut<'t>(text: &'t str, keep: Keep<'_>) -> &'t str {
    let Some(body) = text.strip_suffix('…') else { return text };
    let is_part = |c: char| c.is_ascii_alphanumeric() || "@+._%-".contains(c);
    let start = body
        .rfind(|c: char| !is_part(c))
        .map_or(0, |at| at + body[at..].chars().next().map_or(1, char::len_utf8));
    let tail = &body[start..];
    let digits = tail.bytes().filter(u8::is_ascii_digit).count();
    let is_doubtful = tail.contains('@') || (digits >= 8 && digits * 4 >= tail.len() * 3);
    if is_doubtful && !keep(Personal::Card, tail) { &text[..start] } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn clean(text: &str) -> String {
        Pseudonyms::new("salt").text(text, &|_, _| false).into_owned()
    }

    #[test]
    fn secrets_and_personal_data_become_pseudonyms() {
        let cases = [
            ("mail Ann.B@shop.example now", "mail email#", "Ann.B"),
            ("see ann@shop.example/basket or ann@shop.example.", "see email#", "ann"),
            ("Authorization: Bearer abc.def-0123456", "Authorization: Bearer token#", "abc.def"),
            ("authorization=Basic dXNlcjpwYXNz", "authorization=Basic token#", "dXNl"),
            ("t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig-x", "t=jwt#", "eyJ"),
            ("t=eyJhbGciOiJIUzI1…", "t=jwt#", "eyJ"),
            ("key AKIAIOSFODNN7EXAMPLE", "key cloudkey#", "AKIA"),
            ("password=hunter2&x=1", "password=secret#", "hunter2"),
            (r#"{\"dbPassword\":\"hunter2\"}"#, r#"{\"dbPassword\":\"secret#"#, "hunter2"),
            ("api_key: abc123", "api_key: secret#", "abc123"),
            ("id=7 api_token=abc123 note=x", "api_token=secret#", "abc123"),
            (r#"{"resetToken":"abc123"}"#, r#""resetToken":"secret#"#, "abc123"),
            ("jdbc:postgresql://app:s3cret@db/x", "://app:password#", "s3cret"),
            ("redis://:s3cret@db/0", "://:password#", "s3cret"),
            ("paid with 4111 1111 1111 1111.", "paid with card#", "4111"),
            ("amex 3782 822463 10005", "amex card#", "3782"),
            (r#""cardNumber":"1234567812345678""#, r#""cardNumber":"card#"#, "12345678"),
            ("to DE89 3704 0044 0532 0130 00!", "to iban#", "DE89"),
            ("from BE68 5390 0754 7034 PAID", "from iban#", "BE68"),
            ("call +49 (30) 1234-5678.", "call phone#", "1234"),
            (r#"{"phone":"0170 1234567","n":1}"#, r#"{"phone":"phone#"#, "0170"),
            ("id=1 mobile_number=01701234567 state=NEW", "id=1 mobile_number=phone#", "0170"),
            ("msisdn=491701234567", "msisdn=phone#", "4917"),
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----", "secret#", "MIIE"),
        ];
        for (text, expected, gone) in cases {
            let clean = clean(text);
            assert!(clean.contains(expected) && !clean.contains(gone), "{text} -> {clean}");
        }
    }

    #[test]
    fn what_only_looks_like_it_stays() {
        for text in [
            "order 4111111111111112 at 1763632800000",
            "DE89370400440532013001 x",
            "user@localhost and lib@1.2.3 and orders.v1/3@1042",
            "pass: 12, password=null, secret=***, token=abc",
            "at 2026-11-22T10:00:00+1100 2026-11-22T10:00:00.123+01:00",
            "0.4111111111111111 and 8b1f-4111-1111-1111-1111-9",
            "20261122100000 1.5e+1012345678 a/+4930123456789x",
            "the phone of order 1001 is missing",
            "picks@orders.accepted/0 and pick-service@orders.accepted.v1/11",
            "com.shop.Order@1f2e3d4c, partition=3 offset=412345678901",
        ] {
            assert_eq!(clean(text), text);
        }
    }

    #[test]
    fn the_same_value_has_the_same_name_however_it_is_written() {
        let last = |text: &str| clean(text).split(' ').next_back().map(str::to_owned);
        assert_eq!(last("a@b.de"), last("x A@B.de"));
        assert_eq!(last("4111 1111 1111 1111"), last("4111-1111-1111-1111"));
        assert_eq!(last("+49 30 1234567"), last("+4930/1234567"));
        assert_ne!(last("a@b.de"), last("b@b.de"));
        let other = Pseudonyms::new("other");
        assert_ne!(other.text("a@b.de", &|_, _| false), clean("a@b.de"));
    }

    #[test]
    fn keys_stay_but_what_opens_something_never_does() {
        let pseudonyms = Pseudonyms::new("");
        let text = "4111111111111111 a@b.de password=a@b.de";
        let kept = pseudonyms.text(text, &|_, value| value == "a@b.de" || value.starts_with('4'));
        assert!(kept.starts_with("4111111111111111 a@b.de password=secret#"), "{kept}");
    }

    #[test]
    fn what_was_cut_off_in_the_middle_goes() {
        assert_eq!(clean("order 1001 of ann.b@sh…"), "order 1001 of …");
        assert_eq!(clean("card 41111111111…"), "card …");
        assert_eq!(clean("order-1001 failed in com.shop.Ord…"), "order-1001 failed in com.shop.Ord…");
        let kept = Pseudonyms::new("").text("order 41111111111…", &|_, _| true).into_owned();
        assert_eq!(kept, "order 41111111111…");
    }

    #[test]
    fn what_follows_a_pseudonym_does_not_become_one_with_it() {
        let once = clean("a@b.de@c.de 4111111111111111@c.de");
        assert_eq!(clean(&once), once);
    }

    #[test]
    fn an_answer_is_redacted_wherever_it_holds_text() {
        let answer = json!({
            "evidence": { "e1": { "text": "for ann@b.de", "ref": "customers.c[ann@b.de]" } },
            "keys": { "columns": ["phone", "id"], "values": [["030 1234567", "030 1234567"]] },
            "count": 4_111_111_111_111_111_u64,
            "file": "ann@b.de/app.log"
        });
        let clean = Pseudonyms::new("").answer(&answer, &|_, _| false).unwrap();
        let text = clean.to_string();
        assert_eq!(text.matches("ann@b.de").count(), 1, "places stay: {text}");
        assert_eq!(clean["count"], answer["count"]);
        let row = &clean["keys"]["values"][0];
        assert!(row[0].as_str().unwrap().starts_with("phone#") && row[1] == "030 1234567", "{row}");
    }

    #[test]
    fn cells_are_judged_by_their_column_and_by_the_names_inside_them() {
        let answer = json!({
            "columns": ["card_number", "password", "doc", "id", "password_hash", "n"],
            "values": [[1_234_567_812_345_678_u64, "hunter two's \"secret\"",
                {"phone": "0170 1234567", "x": [{"password": "hunter2"}], "ann@b.de": 1},
                4_111_111_111_111_112_u64, "$2b$10$abcdefghij", null]]
        });
        let clean = Pseudonyms::new("").answer(&answer, &|_, _| false).unwrap();
        let row = &clean["values"][0];
        assert!(row[0].as_str().unwrap().starts_with("card#"), "{row}");
        assert!(
            row[1].as_str().unwrap().starts_with("secret#") && row[1].as_str().unwrap().len() == 13,
            "{row}"
        );
        assert!(row[4].as_str().unwrap().starts_with("secret#"), "{row}");
        assert_eq!((&row[3], &row[5]), (&answer["values"][0][3], &json!(null)), "{row}");
        let text = row.to_string();
        assert!(!["hunter", "0170", "ann@", "1234567"].iter().any(|hidden| text.contains(hidden)), "{text}");
        assert_eq!(
            Pseudonyms::new("").answer(&clean, &|_, _| false).unwrap(),
            clean,
            "a second time changes nothing"
        );
    }

    #[test]
    fn a_whole_value_is_personal_or_not() {
        for value in ["a@b.de", "+49301234567", "DE89370400440532013000"] {
            assert!(crate::looks_personal(value), "{value}");
        }
        for value in ["4111111111111111", "ORD-1", "DE89", "AB12CDEF34567890", ""] {
            assert!(!crate::looks_personal(value), "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_borne_and_a_second_time_changes_nothing(text in "(?s)(.|[a-z@.+:=/ 0-9-]|password=|phone: |…){0,80}") {
            let once = clean(&text);
            prop_assert_eq!(clean(&once), once);
        }
    }
}
