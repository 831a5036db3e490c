//! Templates of whole files, line by line: blocks of lines are masked on any thread, and counted in their order on one.
//!
//! The same lines give the same groups however they are cut into blocks: a block only says which masks it holds, in
//! the order in which they came; the groups grow where the blocks are put together again.

use super::grouper::{GroupId, Grouper, hash_bytes};
use super::looks::{Found, Looks};
use super::mask::mask_keeping;
use crate::formats::{FileProfile, Said};
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A line that belongs to the event of the line before it.
const SAME: u32 = u32::MAX;

/// The masks of a block of lines.
#[derive(Debug, Default)]
pub struct Masked {
    /// For each line, which of the masks it has.
    lines: Vec<u32>,
    masks: Vec<Mask>,
    /// The texts of the masks, one after the other.
    text: String,
}

#[derive(Clone, Copy, Debug)]
struct Mask {
    hash: u64,
    end: usize,
    count: u64,
}

impl Masked {
    /// Masks each line of a block. A line may have any length; the last one needs no line end.
    pub fn of(block: &[u8], profile: &FileProfile) -> Self {
        Self::with(block, profile, &mut Looks::default())
    }

    /// The same, with what is known of lines of the same file that came before.
    pub fn with(block: &[u8], profile: &FileProfile, looks: &mut Looks) -> Self {
        looks.next_block();
        let mut masked = Self::default();
        let mut tools =
            Tools { profile, looks, known: Known::default(), mask: String::new(), kept: Vec::new() };
        let whole = std::str::from_utf8(block).ok();
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', block).chain(std::iter::once(block.len())) {
            if start == block.len() {
                break;
            }
            let mask = match whole {
                Some(text) => masked.line(&text[start..end], &mut tools),
                None => masked.read(&String::from_utf8_lossy(&block[start..end]), None, &mut tools),
            };
            start = end + 1;
            if let Some(at) = mask {
                masked.masks[at as usize].count += 1;
            }
            let at = mask.or_else(|| masked.lines.last().copied());
            masked.lines.push(at.unwrap_or(SAME));
        }
        masked
    }

    /// Which mask a line has; `None` where it belongs to the event before it.
    fn line(&mut self, line: &str, tools: &mut Tools<'_>) -> Option<u32> {
        match tools.looks.find(line.as_bytes()) {
            Found::More => None,
            Found::Nothing(look) => self.read(line, look, tools),
            Found::Mask(number) => {
                if let Some(at) = tools.looks.place(number) {
                    return Some(at);
                }
                let (hash, text) = tools.looks.mask(number)?;
                let at = self.enter(hash, text, &mut tools.known);
                tools.looks.put(number, at);
                Some(at)
            }
        }
    }

    /// The same for a line that looks like none before.
    fn read(&mut self, line: &str, look: Option<u64>, tools: &mut Tools<'_>) -> Option<u32> {
        let text = line.strip_suffix('\r').unwrap_or(line);
        let Said::Message(message) = tools.profile.said(text) else {
            if let Some(look) = look {
                tools.looks.keep_more(look);
            }
            return None;
        };
        tools.mask.clear();
        tools.kept.clear();
        mask_keeping(&message, &mut tools.mask, &mut tools.kept);
        let hash = hash_bytes(tools.mask.as_bytes());
        let at = self.enter(hash, &tools.mask, &mut tools.known);
        // A message that had to be put together says nothing about places in its line.
        if let (Some(look), Cow::Borrowed(message)) = (look, &message) {
            let from = (message.as_ptr() as usize).wrapping_sub(line.as_ptr() as usize);
            let places = digits_at(line.as_bytes(), from, &tools.kept);
            if let Some(number) = tools.looks.keep(look, line.as_bytes(), &places, hash, &tools.mask) {
                tools.looks.put(number, at);
            }
        }
        Some(at)
    }

    /// Where a mask stands among those of this block.
    fn enter(&mut self, hash: u64, mask: &str, known: &mut Known<u32>) -> u32 {
        let at = *known.entry(hash).or_insert(self.masks.len() as u32);
        if at as usize == self.masks.len() {
            self.text.push_str(mask);
            self.masks.push(Mask { hash, end: self.text.len(), count: 0 });
        }
        at
    }

    /// How many lines there were.
    pub fn lines(&self) -> usize {
        self.lines.len()
    }
}

/// What it takes to mask the lines of a block.
struct Tools<'a> {
    profile: &'a FileProfile,
    looks: &'a mut Looks,
    /// Where each mask stands in the block.
    known: Known<u32>,
    mask: String,
    kept: Vec<(usize, usize)>,
}

/// The places of the digits in parts of a message that begins at `from` in a line.
fn digits_at(line: &[u8], from: usize, parts: &[(usize, usize)]) -> Vec<u32> {
    let places = parts.iter().flat_map(|(at, len)| from + at..from + at + len);
    places.filter(|at| line.get(*at).is_some_and(u8::is_ascii_digit)).map(|at| at as u32).collect()
}

/// A map by hashes.
pub(super) type Known<V> = HashMap<u64, V, BuildHasherDefault<Ready>>;

/// Takes a hash that is one already.
#[derive(Default)]
pub(super) struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.0 = self.0.rotate_left(8) ^ u64::from(*b));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// A template with how often it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Its group.
    pub id: GroupId,
    /// How many messages have it.
    pub count: u64,
    /// The text, `<*>` where messages differ.
    pub template: String,
}

/// Counts templates over blocks of lines, in bounded memory.
#[derive(Debug, Default)]
pub struct Tally {
    grouper: Grouper,
    counts: Vec<u64>,
    lines: u64,
    messages: u64,
    last: Option<GroupId>,
}

impl Tally {
    /// Adds a block that follows the ones before: the group of each line as it stands now, where `groups` is asked for.
    pub fn add(&mut self, block: &Masked, groups: Option<&mut Vec<GroupId>>) {
        let mut ids = Vec::with_capacity(block.masks.len());
        let mut from = 0;
        for mask in &block.masks {
            let id = self.grouper.add_mask(mask.hash, &block.text[from..mask.end]);
            from = mask.end;
            let at = id.0 as usize;
            if self.counts.len() <= at {
                self.counts.resize(at + 1, 0);
            }
            self.counts[at] += mask.count;
            self.messages += mask.count;
            ids.push(id);
        }
        self.lines += block.lines.len() as u64;
        let of = |at: u32| ids.get(at as usize).copied();
        let before = self.last;
        self.last = block.lines.last().and_then(|at| of(*at)).or(before);
        let Some(groups) = groups else { return };
        // A file that begins in the middle of an event: its lines are a group of their own.
        let lost = before.unwrap_or(GroupId(0));
        groups.extend(block.lines.iter().map(|at| of(*at).unwrap_or(lost)));
    }

    /// Ends a file: what follows belongs to no event before it.
    pub fn end_of_file(&mut self) {
        self.last = None;
    }

    /// How many lines there were.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// How many of them began an event; the others belong to the event before them.
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// The group that an earlier one has become part of; itself where it has not.
    pub fn resolve(&self, id: GroupId) -> GroupId {
        self.grouper.resolve(id)
    }

    /// All templates, the most frequent first.
    pub fn templates(&self) -> Vec<Counted> {
        let mut sums: HashMap<GroupId, u64> = HashMap::new();
        for (at, count) in self.counts.iter().enumerate().filter(|(_, c)| **c > 0) {
            *sums.entry(self.grouper.resolve(GroupId(at as u32))).or_default() += count;
        }
        let mut found: Vec<Counted> = sums
            .into_iter()
            .map(|(id, count)| Counted { id, count, template: self.grouper.template(id) })
            .collect();
        found.sort_by(|a, b| b.count.cmp(&a.count).then(a.id.cmp(&b.id)));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    const LOG: &str = "2026-11-22 10:11:12 ERROR order 12 failed\n\tat a.B.c(B.java:1)\n2026-11-22 10:11:13 INFO order 13 picked\n2026-11-22 10:11:14 INFO order 14 picked\n";

    fn tally(text: &str, cuts: &[usize]) -> (Tally, Vec<GroupId>) {
        let profile = FileProfile::of(text.as_bytes());
        let (mut tally, mut groups, mut from) = (Tally::default(), Vec::new(), 0);
        for to in cuts.iter().copied().chain(std::iter::once(text.len())) {
            tally.add(&Masked::of(&text.as_bytes()[from..to], &profile), Some(&mut groups));
            from = to;
        }
        let groups = groups.into_iter().map(|g| tally.resolve(g)).collect();
        (tally, groups)
    }

    #[test]
    fn lines_have_groups_and_groups_have_counts() {
        let (tally, groups) = tally(LOG, &[]);
        let shown: Vec<String> =
            tally.templates().iter().map(|t| format!("{} {}", t.count, t.template)).collect();
        assert_eq!(shown, ["2 order <*> picked", "1 order <*> failed"]);
        assert_eq!((tally.lines(), tally.messages()), (4, 3));
        assert_eq!(groups[0], groups[1]);
        assert_eq!(groups[2], groups[3]);
        assert_ne!(groups[0], groups[2]);
    }

    #[test]
    fn blocks_make_no_difference() {
        let ends: Vec<usize> = LOG.match_indices('\n').map(|(at, _)| at + 1).collect();
        let whole = tally(LOG, &[]).1;
        for cut in &ends[..ends.len() - 1] {
            assert_eq!(tally(LOG, &[*cut]).1, whole);
        }
        assert_eq!(tally(LOG, &ends[..ends.len() - 1]).1, whole);
    }

    /// What is known of lines before changes nothing: each line alone has the same template.
    #[test]
    fn looks_change_no_group() {
        let words = [
            "eth0",
            "eth1",
            "12",
            "7",
            "order",
            "a91f",
            "b22e",
            "[x:9]",
            "10.0.0.1",
            "ab12cd34",
            "/a/ab12cd34e",
            "k-ab12cd34",
            "\"q 4\"",
            "=5",
            "v1.2",
            "é3",
        ];
        let mut text = String::new();
        for n in 0..2000_usize {
            let word = |k: usize| words[(n * 7 + n / 13 * k) % words.len()];
            let _ = writeln!(
                text,
                "2026-11-22 10:{:02}:{:02} INFO [t-{}] {} got {} of {n}",
                n / 60,
                n % 60,
                n % 4,
                word(1),
                word(3)
            );
        }
        let (with, groups) = tally(&text, &[]);
        let profile = FileProfile::of(text.as_bytes());
        let (mut without, mut alone) = (Tally::default(), Vec::new());
        for line in text.split_inclusive('\n') {
            without.add(&Masked::of(line.as_bytes(), &profile), Some(&mut alone));
        }
        let alone: Vec<GroupId> = alone.into_iter().map(|g| without.resolve(g)).collect();
        assert_eq!(groups, alone);
        assert_eq!(with.templates(), without.templates());
    }

    #[test]
    fn every_line_counts_whatever_it_is() {
        for text in ["", "\n", "\n\n\n", "a", "a\n", "\r\n\r\n", "\u{feff}\n{\n", "\tat x\n\tat y\n"] {
            let (tally, groups) = tally(text, &[]);
            let lines = text.matches('\n').count() + usize::from(!text.is_empty() && !text.ends_with('\n'));
            assert_eq!((groups.len(), tally.lines()), (lines, lines as u64), "{text:?}");
        }
        let mut tally = Tally::default();
        tally.add(&Masked::of(b"\xff\xfe\n\x00\x80 x\n", &FileProfile::default()), None);
        assert_eq!(tally.lines(), 2);
    }
}
