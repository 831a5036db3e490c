//! A search for keys of few lengths that looks at all bytes alike, many at a time.
//!
//! A whole token begins after a byte that is no letter or digit and ends before one, so for every length of key only
//! few places qualify: the byte before, the byte behind, and a few bytes that all keys of that length have in common
//! (the dashes of a UUID, a prefix, digits). These tests are plain loops over arrays, which the compiler turns into
//! vector instructions, once for each width that processors have; what passes them is looked up in a hash table.

use multiversion::multiversion;

/// Places tested at a time.
const BLOCK: usize = 2048;
/// Bytes known before the first place.
const BEFORE: usize = 2;
/// More lengths than this cost more than they save.
const MOST_LENGTHS: usize = 6;
const LONGEST: usize = 128;
/// Bytes in common that are tested for one length.
const MOST_TESTS: usize = 3;

/// Keys in groups of one length each.
pub(crate) struct Masks {
    groups: Vec<Group>,
    longest: usize,
}

struct Group {
    length: usize,
    tests: Vec<(usize, Test)>,
    slots: Vec<(u32, u32)>,
}

/// What all keys of a group have in common at one place.
#[derive(Clone, Copy, PartialEq)]
enum Test {
    Byte(u8),
    Digit,
}

/// What is known of a block's bytes.
struct Block {
    bytes: [u8; BEFORE + BLOCK + LONGEST + 1],
    /// 1 for letters and digits.
    alphanumeric: [u8; BEFORE + BLOCK + LONGEST + 1],
    /// 1 where a token may begin.
    begins: [u8; BLOCK],
    passes: [u8; BLOCK],
    /// A bit for each group that may begin there.
    found: [u8; BLOCK],
}

impl Masks {
    /// The search for these keys; `None` where they are of too many lengths, or begin or end with other signs than
    /// letters and digits.
    pub fn new(keys: &[String]) -> Option<Self> {
        let is_token = |key: &String| {
            let ends = [key.as_bytes().first(), key.as_bytes().last()];
            ends.iter().all(|b| b.is_some_and(u8::is_ascii_alphanumeric))
        };
        let mut lengths: Vec<usize> = keys.iter().map(String::len).collect();
        lengths.sort_unstable();
        lengths.dedup();
        let longest = *lengths.last()?;
        if lengths.len() > MOST_LENGTHS || longest > LONGEST || !keys.iter().all(is_token) {
            return None;
        }
        let groups = lengths.into_iter().map(|length| Group::new(keys, length)).collect();
        Some(Self { groups, longest })
    }

    /// Calls `found` with start and number of every occurrence, in the order of their starts.
    pub fn find(&self, keys: &[String], text: &[u8], found: &mut impl FnMut(usize, u32)) {
        let mut block = Box::new(Block {
            bytes: [0; _],
            alphanumeric: [0; _],
            begins: [0; _],
            passes: [0; _],
            found: [0; _],
        });
        for base in (0..text.len()).step_by(BLOCK) {
            load(&mut block, text, base, self.longest);
            block.found.fill(0);
            for (number, group) in self.groups.iter().enumerate() {
                test(&mut block, group, 1 << number);
            }
            let (words, _) = block.found.as_chunks::<16>();
            for (word, flags) in words.iter().enumerate().filter(|(_, w)| u128::from_ne_bytes(**w) != 0) {
                for (at, flags) in flags.iter().enumerate().filter(|(_, f)| **f != 0) {
                    let start = base + word * 16 + at;
                    for (number, group) in self.groups.iter().enumerate() {
                        if flags & (1 << number) != 0 {
                            group.look_up(keys, text, start, found);
                        }
                    }
                }
            }
        }
    }
}

/// Reads the bytes from `base` on, and tells where tokens may begin.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl", "x86_64+avx2"))]
fn load(block: &mut Block, text: &[u8], base: usize, longest: usize) {
    let from = base.saturating_sub(BEFORE);
    let pad = BEFORE - (base - from);
    let to = text.len().min(base + BLOCK + longest + 1);
    block.bytes[..pad].fill(0);
    block.bytes[pad..pad + to - from].copy_from_slice(&text[from..to]);
    block.bytes[pad + to - from..].fill(0);
    for (class, byte) in block.alphanumeric.iter_mut().zip(&block.bytes) {
        *class = u8::from(byte.wrapping_sub(b'0') < 10) | u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
    }
    let (here, before) = (&block.alphanumeric[BEFORE..], &block.alphanumeric[BEFORE - 1..]);
    for ((begins, here), before) in block.begins.iter_mut().zip(here).zip(before) {
        *begins = here & (before ^ 1);
    }
    if memchr::memchr(b'\\', &block.bytes).is_some() {
        // The letter of an escape is none of the token's: `\n1001`.
        let (before, escape) = (&block.bytes[BEFORE - 1..], &block.bytes[..]);
        for (((begins, here), before), escape) in block.begins.iter_mut().zip(here).zip(before).zip(escape) {
            let letter = u8::from(*before == b'n') | u8::from(*before == b't') | u8::from(*before == b'r');
            *begins |= here & letter & u8::from(*escape == b'\\');
        }
    }
}

/// Marks where a key of the group may stand.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl", "x86_64+avx2"))]
fn test(block: &mut Block, group: &Group, bit: u8) {
    let behind = &block.alphanumeric[BEFORE + group.length..];
    for ((passes, begins), behind) in block.passes.iter_mut().zip(&block.begins).zip(behind) {
        *passes = begins & (behind ^ 1);
    }
    for (offset, test) in &group.tests {
        let bytes = &block.bytes[BEFORE + offset..];
        match test {
            Test::Byte(byte) => {
                for (passes, found) in block.passes.iter_mut().zip(bytes) {
                    *passes &= u8::from(found == byte);
                }
            }
            Test::Digit => {
                for (passes, found) in block.passes.iter_mut().zip(bytes) {
                    *passes &= u8::from(found.wrapping_sub(b'0') < 10);
                }
            }
        }
    }
    for (found, passes) in block.found.iter_mut().zip(&block.passes) {
        *found |= passes * bit;
    }
}

impl Group {
    fn new(keys: &[String], length: usize) -> Self {
        let members = || keys.iter().enumerate().filter(|(_, key)| key.len() == length);
        let size = (members().count() * 2).next_power_of_two().max(16);
        let mut slots = vec![(0, 0); size];
        for (number, key) in members() {
            let hash = token_hash(key.as_bytes());
            let mut at = hash as usize & (size - 1);
            while slots[at].1 != 0 {
                at = (at + 1) & (size - 1);
            }
            slots[at] = (hash, number as u32 + 1);
        }
        let mut tests = Vec::new();
        for offset in 0..length {
            let bytes = || members().map(|(_, key)| key.as_bytes()[offset]);
            let first = bytes().next().unwrap_or_default();
            if bytes().all(|b| b == first) {
                tests.push((offset, Test::Byte(first)));
            } else if bytes().all(|b| b.is_ascii_digit()) {
                tests.push((offset, Test::Digit));
            }
        }
        Self { length, tests: most_telling(tests), slots }
    }

    fn look_up(&self, keys: &[String], text: &[u8], start: usize, found: &mut impl FnMut(usize, u32)) {
        let Some(token) = text.get(start..start + self.length) else { return };
        let hash = token_hash(token);
        let mut at = hash as usize & (self.slots.len() - 1);
        while self.slots[at].1 != 0 {
            let (known, number) = self.slots[at];
            if known == hash && keys[number as usize - 1].as_bytes() == token {
                found(start, number - 1);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }
}

/// Bytes that are the same in all keys before digits; of each, some that lie far apart.
fn most_telling(tests: Vec<(usize, Test)>) -> Vec<(usize, Test)> {
    let (mut digits, mut bytes): (Vec<_>, Vec<_>) =
        tests.into_iter().partition(|(_, test)| *test == Test::Digit);
    // Signs tell more than letters, letters more than digits.
    bytes.sort_by_key(|(_, test)| match test {
        Test::Byte(b) if !b.is_ascii_alphanumeric() => 0,
        Test::Byte(b) if b.is_ascii_alphabetic() => 1,
        _ => 2,
    });
    bytes.truncate(MOST_TESTS);
    let room = MOST_TESTS - bytes.len();
    if room > 0 && digits.len() > room {
        let last = digits.len() - 1;
        digits = (0..room).map(|i| digits[if room == 1 { 0 } else { i * last / (room - 1) }]).collect();
    }
    digits.truncate(room);
    bytes.extend(digits);
    bytes
}

/// A multiplicative hash over eight bytes at a time, folded to 32 bits.
pub(crate) fn token_hash(token: &[u8]) -> u32 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut hash = token.len() as u64;
    let (words, rest) = token.as_chunks::<8>();
    for word in words {
        hash = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
        hash ^= hash >> 29;
    }
    for byte in rest {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(FACTOR);
    }
    (hash ^ (hash >> 32)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeySet;
    use proptest::prelude::*;

    fn by_masks(keys: &[String], text: &[u8]) -> Option<Vec<(usize, u32)>> {
        let masks = Masks::new(keys)?;
        let mut hits = Vec::new();
        masks.find(keys, text, &mut |at, key| hits.push((at, key)));
        assert!(hits.is_sorted());
        Some(hits)
    }

    fn by_jumps(keys: &[String], text: &[u8]) -> Vec<(usize, u32)> {
        let mut hits = Vec::new();
        KeySet::new(keys.iter().cloned()).find(text, |at, key| hits.push((at, key)));
        hits.sort_unstable();
        hits
    }

    #[test]
    fn too_many_lengths_are_left_to_the_other_search() {
        let keys: Vec<String> = (1..9).map(|n| "1".repeat(n)).collect();
        assert!(by_masks(&keys, b"1").is_none());
        assert!(by_masks(&["-1".to_owned()], b"1").is_none());
    }

    #[test]
    fn tokens_across_the_borders_of_blocks() {
        let keys = vec!["10012002".to_owned(), "77".to_owned()];
        for shift in 0..BLOCK + 40 {
            let text = format!("{}10012002 77", " ".repeat(shift));
            assert_eq!(by_masks(&keys, text.as_bytes()).unwrap(), [(shift, 0), (shift + 9, 1)]);
        }
    }

    proptest! {
        #[test]
        fn both_searches_agree(
            keys in proptest::collection::hash_set("([a-c0-2]{2}|[a-c0-2]{3}-[0-2]{2}|[0-2]{6})", 1..20),
            text in "([a-c0-2 ,-]|\\\\[nt][0-2]{2}){0,300}",
        ) {
            let keys: Vec<String> = keys.into_iter().collect();
            prop_assert_eq!(by_masks(&keys, text.as_bytes()).unwrap(), by_jumps(&keys, text.as_bytes()));
        }
    }
}
