//! The search for keys in raw bytes, including the spellings that JSON gives to keys with special characters.

use std::fmt::Write;
use std::sync::Arc;
use waylaid_store::KeySet;

/// A key set together with other spellings of its keys.
pub(crate) struct Search {
    set: Arc<KeySet>,
    /// Where there are spellings: for each index of `set` the index of the key it stands for.
    original: Option<Vec<u32>>,
}

impl Search {
    /// Adds the spellings that the keys may have inside JSON, and inside a JSON string that holds JSON.
    pub fn new(keys: &Arc<KeySet>) -> Self {
        let plain =
            |key: &str| key.bytes().all(|b| matches!(b, b' '..=b'~') && !matches!(b, b'"' | b'\\' | b'/'));
        let all = || (0..keys.len() as u32).map(|index| keys.key(index));
        if all().all(plain) {
            return Self { set: Arc::clone(keys), original: None };
        }
        let mut spellings: Vec<String> = all().map(str::to_owned).collect();
        let mut original: Vec<u32> = (0..keys.len() as u32).collect();
        for (index, key) in all().enumerate().filter(|(_, key)| !plain(key)) {
            for spelling in spellings_of(key) {
                spellings.push(spelling);
                original.push(index as u32);
            }
        }
        // A spelling that is another key as well belongs to that key: repeats share the first's index.
        let set = KeySet::new(spellings.iter().cloned());
        let mut by_index = vec![0; set.len()];
        for (spelling, original) in spellings.iter().zip(original).rev() {
            if let Some(index) = set.get(spelling) {
                by_index[index as usize] = original;
            }
        }
        Self { set: Arc::new(set), original: Some(by_index) }
    }

    /// Positions and keys, sorted by position.
    pub fn positions(&self, text: &[u8]) -> Vec<(usize, u32)> {
        let mut hits = Vec::new();
        match &self.original {
            None => self.set.find(text, |at, key| hits.push((at, key))),
            Some(original) => self.set.find(text, |at, key| hits.push((at, original[key as usize]))),
        }
        if !hits.is_sorted() {
            hits.sort_unstable();
        }
        hits
    }

    /// Keys, sorted, without repeats.
    pub fn keys(&self, text: &[u8]) -> Vec<u32> {
        keys_of(&self.positions(text))
    }
}

/// The keys of some hits, sorted, without repeats.
pub(crate) fn keys_of(hits: &[(usize, u32)]) -> Vec<u32> {
    let mut keys: Vec<u32> = hits.iter().map(|(_, key)| *key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// How JSON may spell a key, and how it may be spelt in JSON that is itself the text of a JSON string.
fn spellings_of(key: &str) -> Vec<String> {
    let mut spellings = Vec::new();
    for slash in [false, true] {
        for unicode in [Unicode::Raw, Unicode::Lower, Unicode::Upper] {
            let once = escape(key, slash, unicode);
            spellings.push(escape(&once, false, Unicode::Raw));
            spellings.push(escape(&once, true, Unicode::Raw));
            // The outer string may be the one that escapes what the inner left as it is.
            spellings.push(escape(&once, slash, unicode));
            spellings.push(once);
        }
    }
    spellings.sort();
    spellings.dedup();
    spellings.retain(|s| s != key);
    spellings
}

#[derive(Clone, Copy, PartialEq)]
enum Unicode {
    Raw,
    Lower,
    Upper,
}

fn escape(text: &str, slash: bool, unicode: Unicode) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' if slash => out.push_str("\\/"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => push_unit(&mut out, c as u16, unicode),
            c if c.is_ascii() || unicode == Unicode::Raw => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    push_unit(&mut out, *unit, unicode);
                }
            }
        }
    }
    out
}

fn push_unit(out: &mut String, unit: u16, unicode: Unicode) {
    let _ = match unicode {
        Unicode::Upper => write!(out, "\\u{unit:04X}"),
        Unicode::Raw | Unicode::Lower => write!(out, "\\u{unit:04x}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(keys: &[&str], text: &str) -> Vec<u32> {
        Search::new(&Arc::new(KeySet::new(keys.iter().copied()))).keys(text.as_bytes())
    }

    #[test]
    fn spellings_of_json_stand_for_their_key() {
        let keys = ["plain-1", "A/1", "caf\u{e9}-2", "say \"7\"", "\u{1F600}9"];
        assert_eq!(found(&keys, r#"{"id":"plain-1","b":"A\/1"}"#), [0, 1]);
        assert_eq!(found(&keys, r#"{"payload":"{\"b\":\"A/1\"}"}"#), [1]);
        assert_eq!(found(&keys, r#"{"payload":"{\"b\":\"A\\/1\"}"}"#), [1]);
        assert_eq!(found(&keys, r#"{"b":"caf\u00e9-2"}"#), [2]);
        assert_eq!(found(&keys, r#"{"b":"caf\u00E9-2"}"#), [2]);
        assert_eq!(found(&keys, r#"{"payload":"{\"b\":\"caf\\u00e9-2\"}"}"#), [2]);
        assert_eq!(found(&keys, r#"{"b":"say \"7\""}"#), [3]);
        assert_eq!(found(&keys, r#"{"payload":"{\"b\":\"say \\\"7\\\"\"}"}"#), [3]);
        assert_eq!(found(&keys, r#"{"b":"\ud83d\ude009"}"#), [4]);
        assert!(found(&keys, r#"{"b":"A/12 plain-11"}"#).is_empty());
    }

    #[test]
    fn a_spelling_that_is_another_key_stays_that_key() {
        assert_eq!(found(&["A/1", "A\\/1"], "A\\/1"), [1]);
    }
}
