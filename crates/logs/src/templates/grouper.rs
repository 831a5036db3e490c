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
/// Identifiers (`orderQueue`, `pick_worker`, `com.acme.Orders`) are names of things sooner than words of a sentence.
const DISTINCT_IDENTIFIERS: usize = 3;
/// Words that differ in their digits only (`eth0`, `eth1`), and names behind `for user`.
const DISTINCT_NUMBERED: usize = 2;
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
    /// Whether it is made as names in programs are.
    is_identifier: bool,
    /// What is left of it without its digits, where it has any.
    without_digits: Option<u64>,
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
        let mut mask = std::mem::take(&mut self.mask);
        mask.clear();
        mask_into(message, &mut mask);
        let id = self.add_mask(hash_bytes(mask.as_bytes()), &mask);
        self.mask = mask;
        id
    }

    /// The group of a message that is masked already.
    pub(crate) fn add_template(&mut self, template: &str) -> GroupId {
        self.add_mask(hash_bytes(template.as_bytes()), template)
    }

    /// The group of a message by its mask.
    pub(super) fn add_mask(&mut self, hash: u64, mask: &str) -> GroupId {
        if let Some(id) = self.exact.get(&hash) {
            return self.resolve(GroupId(*id));
        }
        if self.groups.len() >= MOST_GROUPS {
            return self.overflow();
        }
        let pieces = split(mask);
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
                if place.groups.len() >= MEMBERS {
                    continue;
                }
                place.groups.push(id);
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
    let least = if spot.second.is_some() { DISTINCT } else { DISTINCT_NUMBERED };
    members.len() >= least
        && spot.places().all(|at| {
            let Some(newest) = members.last().map(|m| &groups[*m as usize]) else { return false };
            let named = is_behind_user(newest, at) || is_process(newest, at);
            let plain = !named && newest.get(at).is_some_and(is_plain) && !is_object(newest, at);
            // What most words are needs many: nothing more to see while there are few.
            if members.len() < DISTINCT && plain {
                return false;
            }
            let mut words: Vec<&Piece> = members.iter().filter_map(|m| groups[*m as usize].get(at)).collect();
            words.sort_unstable_by_key(|p| p.hash);
            words.dedup_by_key(|p| p.hash);
            words.len() >= least.max(if named { DISTINCT_NUMBERED } else { needed(&words, newest, at) })
        })
}

/// A word that by its looks may be one of a sentence.
fn is_plain(word: &Piece) -> bool {
    !word.is_identifier && word.without_digits.is_none() && !is_switch(&word.text)
}

/// How many different words it takes at a place.
fn needed(words: &[&Piece], pieces: &[Piece], at: usize) -> usize {
    let numbered = |w: &&Piece| w.without_digits.is_some() && w.without_digits == words[0].without_digits;
    if words.iter().all(numbered) || words.iter().all(|w| is_switch(&w.text)) {
        return DISTINCT_NUMBERED;
    }
    let states = words.iter().all(|w| w.text.bytes().all(|c| c.is_ascii_uppercase() || c == b'_'));
    let label = words.iter().all(|w| w.text.ends_with(':'));
    if at == 0 || states || label {
        return DISTINCT_NAMES;
    }
    let object = is_object(pieces, at);
    if object && words.iter().any(|w| w.is_identifier) {
        return DISTINCT_NUMBERED;
    }
    let named = words.iter().all(|w| w.is_identifier) || (object && !words.iter().any(|w| is_verb(&w.text)));
    if named { DISTINCT_IDENTIFIERS } else { DISTINCT }
}

/// `on`, `off`, `true`: values whatever stands around them.
fn is_switch(word: &str) -> bool {
    const SWITCHES: [&str; 10] =
        ["on", "off", "true", "false", "yes", "no", "enabled", "disabled", "null", "none"];
    word.len() <= 8 && SWITCHES.iter().any(|s| word.eq_ignore_ascii_case(s))
}

/// Words by their endings that say what happens rather than to whom.
fn is_verb(word: &str) -> bool {
    word.ends_with("ed") || word.ends_with("ing") || word.ends_with('s')
}

/// Whether a place ends a phrase that names something: `… initialized by client X.`, `… for task X`.
fn is_object(pieces: &[Piece], at: usize) -> bool {
    const BEFORE: [&str; 12] =
        ["by", "for", "from", "to", "of", "on", "in", "at", "via", "with", "into", "driver"];
    let word = |back: usize| at.checked_sub(back).and_then(|n| pieces.get(n)).map_or("", |p| &*p.text);
    let ends = pieces.get(at + 1).is_none_or(|p| p.text.starts_with([',', ';', ')']));
    ends && word(1) == " " && (BEFORE.contains(&word(2)) || word(3) == " " && BEFORE.contains(&word(4)))
}

/// Whether a place is a program before its process in brackets: `sshd[<*>]`.
fn is_process(pieces: &[Piece], at: usize) -> bool {
    let text = |ahead: usize| pieces.get(at + ahead).map_or("", |p| &*p.text);
    at > 0 && text(1) == "[" && text(2) == HOLE && text(3).starts_with(']')
}

/// Whether what stands before a place announces a user's name: `session opened for user root`.
fn is_behind_user(pieces: &[Piece], at: usize) -> bool {
    const BEFORE: [&str; 7] = ["for", "by", "of", "as", "invalid", "unknown", "illegal"];
    let word = |back: usize| at.checked_sub(back).and_then(|n| pieces.get(n)).map_or("", |p| &*p.text);
    word(1) == " " && word(2).eq_ignore_ascii_case("user") && word(3) == " " && BEFORE.contains(&word(4))
}

/// The hash of a word without its digits, where it has any: the same for `eth0` and `eth12`.
fn without_digits(word: &str) -> Option<u64> {
    if !word.bytes().any(|c| c.is_ascii_digit()) {
        return None;
    }
    let letters: Vec<u8> = word.bytes().filter(|c| !c.is_ascii_digit()).collect();
    Some(hash_bytes(&letters))
}

/// Whether a word is made as names in programs are: a capital or a mark inside.
fn is_identifier(word: &str) -> bool {
    let b = word.trim_end_matches([':', '.', ',']).as_bytes();
    let hump = b.windows(2).any(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase());
    let mark = b.windows(3).any(|w| {
        w[0].is_ascii_alphanumeric()
            && matches!(w[1], b'_' | b'.' | b'$' | b'/' | b'@')
            && w[2].is_ascii_alphanumeric()
    });
    hump || mark
}

impl Piece {
    fn hole() -> Self {
        Self::new(HOLE, false)
    }

    fn new(text: &str, is_word: bool) -> Self {
        Self {
            text: text.into(),
            hash: hash_bytes(text.as_bytes()),
            is_word,
            is_identifier: is_word && is_identifier(text),
            without_digits: if is_word { without_digits(text) } else { None },
        }
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
        pieces.push(Piece::new(text, is_word));
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
pub(crate) fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut hash = 0x9e37_79b9_7f4a_7c15 ^ bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0u8; 8];
        word.copy_from_slice(chunk);
        hash = fold(hash ^ u64::from_le_bytes(word));
    }
    let mut word = [0u8; 8];
    let tail = chunks.remainder();
    word[..tail.len()].copy_from_slice(tail);
    mix(fold(hash ^ u64::from_le_bytes(word)))
}

/// Both halves of a wide product: one multiplication that mixes all bits.
fn fold(x: u64) -> u64 {
    let wide =
        u128::from(x ^ 0xa076_1d64_78bd_642f) * u128::from(0xe703_7ed1_a0b4_28db_u64 ^ x.rotate_left(29));
    (wide >> 64) as u64 ^ wide as u64
}

/// Stafford's mixer 13, the finaliser of SplitMix64.
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
