//! A set of keys and the search for all of them at once in a stretch of bytes.
//!
//! The search is Wu and Manber's ("A fast algorithm for multi-pattern searching", 1994): a window of the shortest
//! key's length moves over the text and jumps as far as its last block of three bytes allows, so most bytes are never
//! looked at. Where all keys have one of a few lengths, a search over all bytes at once takes its place (`masks`):
//! ids of one kind mostly do, and digits leave little to jump over. A key counts only as a whole token: no ASCII
//! letter or digit may touch it on either side.

use crate::masks::{Masks, token_hash};
use std::collections::HashMap;

const BLOCK: usize = 3;
const TABLE_BITS: u32 = 15;
const SHORT: usize = 4;
/// Texts shorter than this are not worth the other search's preparation.
const MASKS_FROM: usize = 1 << 10;

/// Keys, searchable together. Indices follow the order in which the keys were given; repeats share the first's.
pub struct KeySet {
    keys: Vec<String>,
    index: HashMap<String, u32>,
    window: usize,
    /// Whether all long keys begin with a letter or digit.
    starts_tokens: bool,
    shift: Vec<u8>,
    slots: Vec<Slot>,
    slot_mask: usize,
    has_short: bool,
    longest_short: usize,
    /// Short keys that are no single token (`a-1`); rare, each searched by itself.
    odd: Vec<u32>,
    /// The faster search, where the keys allow it.
    masks: Option<Masks>,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    /// Hash of the first `window` bytes; entries of one chain lie next to each other.
    hash: u32,
    /// Pattern number plus one, 0 when free.
    pattern: u32,
}

impl KeySet {
    /// Builds the set; empty keys are ignored. Time and memory grow with the keys' total length.
    pub fn new<I, S>(keys: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        let mut set = Self {
            keys: Vec::new(),
            index: HashMap::new(),
            window: 0,
            starts_tokens: false,
            shift: Vec::new(),
            slots: Vec::new(),
            slot_mask: 0,
            has_short: false,
            longest_short: 0,
            odd: Vec::new(),
            masks: None,
        };
        for key in keys {
            let key = key.into();
            if !key.is_empty() && !set.index.contains_key(&key) {
                set.index.insert(key.clone(), set.keys.len() as u32);
                set.keys.push(key);
            }
        }
        set.build();
        set.masks = Masks::new(&set.keys);
        set
    }

    fn build(&mut self) {
        let long = |k: &&String| k.len() >= SHORT;
        self.window =
            self.keys.iter().filter(long).map(String::len).min().unwrap_or(0).min(usize::from(u8::MAX));
        let is_token = |k: &String| k.bytes().all(|b| b.is_ascii_alphanumeric());
        let odd = self.keys.iter().enumerate().filter(|(_, k)| k.len() < SHORT && !is_token(k));
        self.odd = odd.map(|(number, _)| number as u32).collect();
        let short = self.keys.iter().filter(|k| k.len() < SHORT && is_token(k));
        self.longest_short = short.map(String::len).max().unwrap_or(0);
        self.has_short = self.longest_short > 0;
        if self.window == 0 {
            return;
        }
        self.starts_tokens = self.keys.iter().filter(long).all(|k| k.as_bytes()[0].is_ascii_alphanumeric());
        let farthest = (self.window - BLOCK + 1) as u8;
        self.shift = vec![farthest; 1 << TABLE_BITS];
        let count = self.keys.iter().filter(long).count();
        let size = (count * 2).next_power_of_two().max(64);
        self.slots = vec![Slot::default(); size];
        self.slot_mask = size - 1;
        for (number, key) in self.keys.iter().enumerate().filter(|(_, k)| k.len() >= SHORT) {
            let head = &key.as_bytes()[..self.window];
            for (end, block) in head.windows(BLOCK).enumerate() {
                let entry = &mut self.shift[block_hash(block[0], block[1], block[2])];
                *entry = (*entry).min((self.window - BLOCK - end) as u8);
            }
            let hash = token_hash(head);
            let mut at = hash as usize & self.slot_mask;
            while self.slots[at].pattern != 0 {
                at = (at + 1) & self.slot_mask;
            }
            self.slots[at] = Slot { hash, pattern: number as u32 + 1 };
        }
    }

    /// How many distinct keys.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The key of an index.
    pub fn key(&self, index: u32) -> &str {
        &self.keys[index as usize]
    }

    /// Whether a key is a number so short that it turns up in any text: a line number, a count, a status.
    pub fn is_weak(&self, index: u32) -> bool {
        let key = self.key(index);
        key.len() <= 4 && key.bytes().all(|b| b.is_ascii_digit())
    }

    /// The index of a key.
    pub fn get(&self, key: &str) -> Option<u32> {
        self.index.get(key).copied()
    }

    /// Calls `found` with start and index of every occurrence of every key as a whole token. Occurrences of long keys
    /// come in order of their start; those of keys shorter than four bytes may come after all of these.
    pub fn find(&self, text: &[u8], mut found: impl FnMut(usize, u32)) {
        if let Some(masks) = self.masks.as_ref().filter(|_| text.len() >= MASKS_FROM) {
            return masks.find(&self.keys, text, &mut found);
        }
        if self.window > 0 {
            self.find_long(text, &mut found);
        }
        if self.has_short {
            self.find_short(text, &mut found);
        }
        for number in &self.odd {
            let key = self.key(*number).as_bytes();
            for start in memchr::memmem::find_iter(text, key) {
                if is_boundary_before(text, start) && is_boundary_after(text, start + key.len(), key) {
                    found(start, *number);
                }
            }
        }
    }

    /// Whether any key occurs.
    pub fn occurs_in(&self, text: &[u8]) -> bool {
        let mut any = false;
        self.find(text, |_, _| any = true);
        any
    }

    fn find_long(&self, text: &[u8], found: &mut impl FnMut(usize, u32)) {
        let mut end = self.window;
        while let Some(block) = text.get(end.wrapping_sub(BLOCK)..end) {
            let shift = self.shift[block_hash(block[0], block[1], block[2])];
            if shift > 0 {
                end += usize::from(shift);
                continue;
            }
            let start = end - self.window;
            if is_boundary_before(text, start) {
                self.verify(text, start, found);
                end += 1;
            } else {
                // The window begins inside a token: no key does before the next one.
                end += 1 + self.rest_of_token(&text[start + 1..]);
            }
        }
    }

    /// How many bytes to the end of the token that goes on here, where all keys begin with a letter or digit.
    #[inline]
    fn rest_of_token(&self, text: &[u8]) -> usize {
        if !self.starts_tokens {
            return 0;
        }
        text.iter().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(text.len())
    }

    fn verify(&self, text: &[u8], start: usize, found: &mut impl FnMut(usize, u32)) {
        let hash = token_hash(&text[start..start + self.window]);
        let mut at = hash as usize & self.slot_mask;
        while self.slots[at].pattern != 0 {
            if self.slots[at].hash == hash {
                let number = self.slots[at].pattern - 1;
                let key = self.keys[number as usize].as_bytes();
                if text[start..].starts_with(key) && is_boundary_after(text, start + key.len(), key) {
                    found(start, number);
                }
            }
            at = (at + 1) & self.slot_mask;
        }
    }

    /// Keys of one to three bytes: every token that short is looked up.
    fn find_short(&self, text: &[u8], found: &mut impl FnMut(usize, u32)) {
        let mut at = 0;
        while at < text.len() {
            if !text[at].is_ascii_alphanumeric() {
                at += 1;
                continue;
            }
            let end =
                text[at..].iter().position(|b| !b.is_ascii_alphanumeric()).map_or(text.len(), |n| at + n);
            // The letter of an escape is not part of the token behind it, unless it is no escape.
            let starts = [at, at + 1];
            for start in starts.into_iter().filter(|s| *s < end && is_boundary_before(text, *s)) {
                let token = Some(&text[start..end]).filter(|t| t.len() <= self.longest_short);
                let token = token.and_then(|t| std::str::from_utf8(t).ok());
                if let Some(number) = token.and_then(|t| self.get(t)) {
                    found(start, number);
                }
            }
            at = end;
        }
    }
}

#[inline]
fn block_hash(a: u8, b: u8, c: u8) -> usize {
    let block = u32::from(a) | u32::from(b) << 8 | u32::from(c) << 16;
    (block.wrapping_mul(0x9E37_79B1) >> (32 - TABLE_BITS)) as usize
}

/// A token may start after anything but a letter or digit, and after the letter of an escape (`\n1001` inside JSON).
#[inline]
fn is_boundary_before(text: &[u8], start: usize) -> bool {
    match start.checked_sub(1).map(|at| text[at]) {
        Some(before) if before.is_ascii_alphanumeric() && text[start].is_ascii_alphanumeric() => {
            matches!(before, b'n' | b't' | b'r') && start >= 2 && text[start - 2] == b'\\'
        }
        _ => true,
    }
}

#[inline]
fn is_boundary_after(text: &[u8], end: usize, key: &[u8]) -> bool {
    let touches = text.get(end).is_some_and(u8::is_ascii_alphanumeric);
    !(touches && key.last().is_some_and(u8::is_ascii_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(set: &KeySet, text: &str) -> Vec<(usize, String)> {
        let mut hits = Vec::new();
        set.find(text.as_bytes(), |at, key| hits.push((at, set.key(key).to_owned())));
        hits.sort();
        hits
    }

    #[test]
    fn finds_whole_tokens_only() {
        let set = KeySet::new(["1001", "ORD-2024-7", "7"]);
        let hits = all(&set, r#"order 1001, 210015, x1001, [ORD-2024-7] n=7 "\n1001" ORD-2024-71"#);
        let keys: Vec<_> = hits.iter().map(|(_, k)| k.as_str()).collect();
        assert_eq!(keys, ["1001", "ORD-2024-7", "7", "7", "1001"]);
    }

    #[test]
    fn an_empty_set_finds_nothing() {
        assert!(!KeySet::new(Vec::<String>::new()).occurs_in(b"anything 1"));
    }

    proptest! {
        #[test]
        fn agrees_with_a_naive_search(keys in proptest::collection::vec("[a-c0-2]{1,6}(-[0-2]{1,3})?", 1..20), text in "[a-c0-2 ,-]{0,200}") {
            let set = KeySet::new(keys.clone());
            let mut naive = Vec::new();
            for start in 0..text.len() {
                for number in 0..set.len() as u32 {
                    let key = set.key(number);
                    if text[start..].starts_with(key)
                        && is_boundary_before(text.as_bytes(), start)
                        && is_boundary_after(text.as_bytes(), start + key.len(), key.as_bytes()) {
                        naive.push((start, key.to_owned()));
                    }
                }
            }
            naive.sort();
            prop_assert_eq!(all(&set, &text), naive);
        }

        #[test]
        fn never_panics(keys in proptest::collection::vec(".{0,8}", 0..10), text in proptest::collection::vec(any::<u8>(), 0..300)) {
            KeySet::new(keys).find(&text, |_, _| {});
        }
    }
}
