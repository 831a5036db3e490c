//! Which keys a record holds: in its key, in a header, anywhere in its payload.

use crate::client::Fetched;
use crate::convert::key_text;
use crate::schema::Decoder;
use std::sync::Arc;
use waylaid_store::KeySet;

/// The keys of a query, with the spellings that JSON may give them.
pub struct Finder {
    keys: Arc<KeySet>,
    set: Arc<KeySet>,
    decoder: Decoder,
    /// Where there are spellings: for each index of `set` the index of the key it stands for.
    original: Option<Vec<u32>>,
}

impl Finder {
    /// Adds spellings for keys that JSON may escape.
    pub fn new(keys: &Arc<KeySet>, decoder: &Decoder) -> Self {
        let decoder = decoder.clone();
        let count = u32::try_from(keys.len()).unwrap_or(u32::MAX);
        let mut spelt: Vec<(String, u32)> =
            (0..count).map(|index| (keys.key(index).to_owned(), index)).collect();
        for index in 0..count {
            spelt.extend(spellings(keys.key(index)).into_iter().map(|spelling| (spelling, index)));
        }
        if spelt.len() == keys.len() {
            return Self { keys: Arc::clone(keys), set: Arc::clone(keys), decoder, original: None };
        }
        let set = KeySet::new(spelt.iter().map(|(spelling, _)| spelling.clone()));
        let mut original = vec![0; set.len()];
        // The first to have a spelling keeps it: keys come before other keys' spellings.
        for (spelling, index) in spelt.iter().rev() {
            if let Some(at) = set.get(spelling) {
                original[at as usize] = *index;
            }
        }
        Self { keys: Arc::clone(keys), set: Arc::new(set), decoder, original: Some(original) }
    }

    /// Whether a record's own key is one of them.
    pub fn is_key_of(&self, fetched: &Fetched<'_>) -> bool {
        fetched.key().is_some_and(|key| self.keys.get(&key_text(key)).is_some())
    }

    /// The keys in a record, sorted, without repeats.
    pub fn keys(&self, fetched: &Fetched<'_>) -> Vec<u32> {
        let mut found = Vec::new();
        if let Some(key) = fetched.key() {
            self.find(key_text(key).as_bytes(), &mut found);
        }
        fetched.headers().filter_map(|(_, value)| value).for_each(|value| self.find(value, &mut found));
        if let Some(payload) = fetched.payload() {
            // The bytes before a text of a binary document may be letters, and its numbers are no digits.
            match self.decoder.document(payload) {
                Some(told) => self.find(told.to_string().as_bytes(), &mut found),
                None => self.find(payload, &mut found),
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn find(&self, text: &[u8], found: &mut Vec<u32>) {
        match &self.original {
            None => self.set.find(text, |_, key| found.push(key)),
            Some(original) => self.set.find(text, |_, key| found.push(original[key as usize])),
        }
    }
}

/// How JSON may spell a key otherwise; nothing for most.
fn spellings(key: &str) -> Vec<String> {
    let quoted = serde_json::Value::from(key).to_string();
    let escaped = quoted.trim_start_matches('"');
    let escaped = escaped.strip_suffix('"').unwrap_or(escaped);
    let ascii: String = escaped.chars().map(ascii_only).collect();
    let mut all = vec![escaped.to_owned(), escaped.replace('/', "\\/"), ascii];
    all.retain(|spelling| spelling != key);
    all.sort();
    all.dedup();
    all
}

/// As serializers write it that leave nothing but ASCII.
fn ascii_only(c: char) -> String {
    if c.is_ascii() {
        return c.to_string();
    }
    let mut units = [0; 2];
    c.encode_utf16(&mut units).iter().fold(String::new(), |text, unit| text + &format!("\\u{unit:04x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(keys: &[&str], text: &str) -> Vec<u32> {
        let mut found = Vec::new();
        Finder::new(&Arc::new(KeySet::new(keys.to_vec())), &Decoder::default())
            .find(text.as_bytes(), &mut found);
        found
    }

    #[test]
    fn keys_are_found_however_json_spells_them() {
        assert_eq!(found(&["1001", "1002"], r#"{"id":1002}"#), [1]);
        assert_eq!(found(&["x", "a/b-1"], r#"{"id":"a\/b-1"}"#), [1]);
        assert_eq!(found(&["größe-7"], "{\"id\":\"gr\\u00f6\\u00dfe-7\"}"), [0]);
        assert_eq!(found(&["größe-7"], r#"{"id":"größe-7"}"#), [0]);
        assert!(found(&["1001"], r#"{"id":"21001"}"#).is_empty());
    }
}
