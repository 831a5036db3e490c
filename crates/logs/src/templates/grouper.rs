//! The streaming grouper: messages with the same mask are one group at once; masks that differ in one word only, by
//! many different words, become one group with a hole there.
//!
//! The work of a line is one mask and one look-up. Only a mask that was never seen before is compared, and that by
//! look-ups too: for each word, the hash of the mask without that word tells which masks share all the rest.

use super::HOLE;
use super::mask::mask_into;
use std::collections::HashMap;

/// A group of a [`Grouper`]; stable for the life of the grouper. Groups can grow together: [`Grouper::resolve`] tells
/// the one that an id has become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u32);

/// So many different words at one place, all else the same, show that the place is variable.
const DISTINCT: usize = 5;
/// The first word of a message mostly names what happens, words in capitals name states, and words before a colon name
/// values: these must vary more.
const DISTINCT_NAMES: usize = 16;
/// At most so many masks are remembered at a place.
const MEMBERS: usize = 24;
/// Masks longer than this are compared as a whole only.
const WORDS: usize = 64;
/// Masks up to this length are compared without two of their words too.
const WORDS_FOR_PAIRS: usize = 14;
/// Bounds of memory: groups, and places that are watched.
const MOST_GROUPS: usize = 1 << 17;
const MOST_PLACES: usize = 1 << 20;

/// Groups messages by template as they stream by, in bounded memory.
#[derive(Debug, Default)]
pub struct Grouper {
    /// Template of each group, as pieces.
    groups: Vec<Vec<Piece>>,
    /// The group that each group has become part of; itself where it has not.
    parents: Vec<u32>,
    exact: HashMap<u64, u32>,
    places: HashMap<u64, Place>,
    mask: String,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    text: Box<str>,
    hash: u64,
    /// Whether it is a word that may turn out to be variable.
    is_word: bool,
}

/// What was seen at a place where masks differ.
#[derive(Debug, Default)]
struct Place {
    /// Groups of the masks that share all but this place.
    groups: Vec<u32>,
    /// The group with a hole at this place, once there is one.
    hole: Option<u32>,
}

impl Grouper {
    /// The group of a message; a new one when none fits.
    pub fn add(&mut self, message: &str) -> GroupId {
        self.mask.clear();
        mask_into(message, &mut self.mask);
        let hash = hash_bytes(self.mask.as_bytes());
        if let Some(id) = self.exact.get(&hash) {
            return self.resolve(GroupId(*id));
        }
        if self.groups.len() >= MOST_GROUPS {
            return self.overflow();
        }
        let pieces = split(&self.mask);
        let id = self.place(pieces);
        self.exact.insert(hash, id);
        self.resolve(GroupId(id))
    }

    /// The group that an earlier one has become part of; itself where it has not.
    #[must_use]
    pub fn resolve(&self, id: GroupId) -> GroupId {
        let mut at = id.0;
        while let Some(parent) = self.parents.get(at as usize).filter(|p| **p != at) {
            at = *parent;
        }
        GroupId(at)
    }

    /// The template of a group as it stands now; empty for an id that this grouper never gave.
    pub fn template(&self, id: GroupId) -> String {
        let id = self.resolve(id);
        let pieces = self.groups.get(id.0 as usize);
        pieces.map_or_else(String::new, |pieces| pieces.iter().map(|p| &*p.text).collect())
    }

    /// How many groups there are now.
    pub fn len(&self) -> usize {
        self.parents.iter().enumerate().filter(|(n, p)| *n == **p as usize).count()
    }

    /// Whether no message was added yet.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The one group of everything that comes after the bound was reached and matches nothing.
    fn overflow(&mut self) -> GroupId {
        if self.groups.len() == MOST_GROUPS {
            self.new_group(vec![Piece::hole()]);
        }
        GroupId(MOST_GROUPS as u32)
    }

    fn new_group(&mut self, pieces: Vec<Piece>) -> u32 {
        let id = self.groups.len() as u32;
        self.groups.push(pieces);
        self.parents.push(id);
        id
    }

    /// Finds the group of a mask seen for the first time, or makes one.
    fn place(&mut self, pieces: Vec<Piece>) -> u32 {
        let keys = keys(&pieces);
        for (key, _) in &keys {
            if let Some(hole) = self.places.get(key).and_then(|p| p.hole) {
                return self.resolve(GroupId(hole)).0;
            }
        }
        let id = self.new_group(pieces);
        self.watch(id, keys);
        id
    }

    /// Enters a group at its places; groups that turn out to differ in a variable word only become one.
    fn watch(&mut self, id: u32, keys: Vec<(u64, Spot)>) {
        let mut waiting = vec![(id, keys)];
        while let Some((id, keys)) = waiting.pop() {
            for (key, spot) in keys {
                if self.places.len() >= MOST_PLACES && !self.places.contains_key(&key) {
                    continue;
                }
                let place = self.places.entry(key).or_default();
                if let Some(hole) = place.hole {
                    self.join(id, hole);
                    continue;
                }
                if place.groups.len() < MEMBERS {
                    place.groups.push(id);
                }
                if !is_variable(&self.groups, &place.groups, spot) {
                    continue;
                }
                let members = std::mem::take(&mut place.groups);
                let hole = self.open_hole(id, spot, &mut waiting);
                if let Some(place) = self.places.get_mut(&key) {
                    place.hole = Some(hole);
                }
                for member in members {
                    self.join(member, hole);
                }
            }
        }
    }

    /// The group of a mask with a hole at a place: one that has that very mask already, else a new one.
    fn open_hole(&mut self, id: u32, spot: Spot, waiting: &mut Vec<(u32, Vec<(u64, Spot)>)>) -> u32 {
        let mut pieces = self.groups[id as usize].clone();
        for at in spot.places() {
            pieces[at] = Piece::hole();
        }
        let text: String = pieces.iter().map(|p| &*p.text).collect();
        let hash = hash_bytes(text.as_bytes());
        if let Some(known) = self.exact.get(&hash) {
            return self.resolve(GroupId(*known)).0;
        }
        let keys = keys(&pieces);
        let hole = self.new_group(pieces);
        self.exact.insert(hash, hole);
        waiting.push((hole, keys));
        hole
    }

    fn join(&mut self, member: u32, into: u32) {
        let (member, into) = (self.resolve(GroupId(member)).0, self.resolve(GroupId(into)).0);
        if member != into {
            self.parents[member as usize] = into;
        }
    }
}

/// One or two places of a mask.
#[derive(Clone, Copy, Debug)]
struct Spot {
    first: u16,
    second: Option<u16>,
}

impl Spot {
    fn places(self) -> impl Iterator<Item = usize> {
        std::iter::once(self.first).chain(self.second).map(usize::from)
    }
}

/// Whether the masks that share all but a spot show that each of its places is variable.
fn is_variable(groups: &[Vec<Piece>], members: &[u32], spot: Spot) -> bool {
    members.len() >= DISTINCT
        && spot.places().all(|at| {
            let mut words: Vec<&str> =
                members.iter().filter_map(|m| Some(&*groups[*m as usize].get(at)?.text)).collect();
            words.sort_unstable();
            words.dedup();
            let states = words.iter().all(|w| w.bytes().all(|c| c.is_ascii_uppercase() || c == b'_'));
            let label = words.iter().all(|w| w.ends_with(':'));
            words.len() >= if at == 0 || states || label { DISTINCT_NAMES } else { DISTINCT }
        })
}

impl Piece {
    fn hole() -> Self {
        Self { text: HOLE.into(), hash: hash_bytes(HOLE.as_bytes()), is_word: false }
    }
}

/// The keys of a mask without each of its words, and without each two where it is short.
fn keys(pieces: &[Piece]) -> Vec<(u64, Spot)> {
    let words: Vec<usize> =
        (0..pieces.len()).filter(|n| pieces[*n].is_word && !is_label(pieces, *n)).collect();
    let constants = pieces.iter().filter(|p| p.is_word).count();
    if pieces.len() > 4 * WORDS || words.len() > WORDS || constants < 2 {
        return Vec::new();
    }
    let share = |at: usize| mix(pieces[at].hash ^ mix(at as u64 + 1));
    let total = (0..pieces.len()).fold(mix(pieces.len() as u64), |sum, at| sum.wrapping_add(share(at)));
    let mut keys = Vec::with_capacity(words.len());
    for (n, &at) in words.iter().enumerate() {
        let without = total.wrapping_sub(share(at));
        let spot = Spot { first: at as u16, second: None };
        keys.push((mix(without ^ (at as u64) << 32), spot));
        if words.len() > WORDS_FOR_PAIRS || constants < 5 {
            continue;
        }
        for &other in &words[n + 1..] {
            let without = without.wrapping_sub(share(other));
            let spot = Spot { first: at as u16, second: Some(other as u16) };
            keys.push((mix(without ^ (at as u64) << 32 ^ (other as u64) << 48 ^ 1), spot));
        }
    }
    keys
}

/// Whether a word names the value that follows it.
fn is_label(pieces: &[Piece], at: usize) -> bool {
    pieces.get(at + 1).is_some_and(|p| p.text.starts_with('='))
}

/// A mask as words, holes and what stands between them.
fn split(mask: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = mask;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(HOLE) {
            pieces.push(Piece::hole());
            rest = after;
            continue;
        }
        let is_word = !rest.starts_with(is_separator);
        let end = rest
            .char_indices()
            .skip(1)
            .find(|(at, c)| is_separator(*c) == is_word || rest[*at..].starts_with(HOLE))
            .map_or(rest.len(), |(at, _)| at);
        let text = &rest[..end];
        // Digits inside a word that the mask left alone don't make it a word of the language, letters do.
        let is_word = is_word && text.bytes().any(|c| c.is_ascii_alphabetic() || c >= 0x80);
        pieces.push(Piece { text: text.into(), hash: hash_bytes(text.as_bytes()), is_word });
        rest = &rest[end..];
    }
    pieces
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | ',' | ';' | '|' | '=' | '"' | '\'' | '`'
        )
}

/// A hash that is the same on every machine; eight bytes a step.
fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut hash = 0x9e37_79b9_7f4a_7c15 ^ bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0u8; 8];
        word.copy_from_slice(chunk);
        hash = mix(hash ^ u64::from_le_bytes(word));
    }
    let mut word = [0u8; 8];
    let tail = chunks.remainder();
    word[..tail.len()].copy_from_slice(tail);
    mix(hash ^ u64::from_le_bytes(word))
}

/// Stafford's mixer 13, the finaliser of SplitMix64.
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
