//! Lines that look like one before, but for their digits, have its mask: what most lines of a log cost is one hash.
//!
//! Where digits stand decides where a header ends and which words are variable, not which digits they are (but for what
//! only looks like a time: `99:99:99` is taken for one behind lines with real ones). Where a mask keeps a word with digits
//! (`eth0`), the digits at that place are compared, too.

use super::grouper::hash_bytes;
use super::tally::Known;

/// At most so many looks are remembered; then all are forgotten. A log of few statements has fewer.
const MOST: usize = 1 << 15;
/// Lines longer than this, and masks longer than this, are not remembered.
const LONGEST: usize = 2048;
/// So many lines are not looked up after a time in which hardly any looked like one before.
const REST: u32 = 200_000;

/// What is known of the looks of a file's lines. One file's only: what a line means depends on its file.
#[derive(Debug, Default)]
pub struct Looks {
    known: Known<Look>,
    /// Masks by look and kept digits, where a mask keeps any.
    numbered: Known<u32>,
    seen: Vec<Seen>,
    buffer: Vec<u8>,
    block: u32,
    hits: u32,
    rest: u32,
}

#[derive(Debug)]
enum Look {
    /// The line belongs to the event before it.
    More,
    /// This mask, whatever the digits.
    Mask(u32),
    /// The mask depends on the digits at these places.
    Digits(Box<[u32]>),
}

/// A mask, and where it stands in the block that is read.
#[derive(Debug)]
struct Seen {
    hash: u64,
    text: Box<str>,
    block: u32,
    at: u32,
}

/// What is known of a line.
pub(super) enum Found {
    /// Nothing; the look to remember it by, where it is to be remembered.
    Nothing(Option<u64>),
    More,
    Mask(u32),
}

impl Looks {
    /// Begins the next block.
    pub(super) fn next_block(&mut self) {
        self.block = self.block.wrapping_add(1);
    }

    /// Looks a line up.
    pub(super) fn find(&mut self, line: &[u8]) -> Found {
        if line.len() > LONGEST {
            return Found::Nothing(None);
        }
        if self.rest > 0 {
            self.rest -= 1;
            return Found::Nothing(None);
        }
        let mut look = look(line);
        if !self.known.contains_key(&look)
            && let Some(without_ids) = look_without_ids(line, &mut self.buffer)
        {
            look = without_ids;
        }
        let mask = match self.known.get(&look) {
            None => return Found::Nothing(Some(look)),
            Some(Look::More) => {
                self.hits = self.hits.saturating_add(1);
                return Found::More;
            }
            Some(Look::Mask(mask)) => Some(*mask),
            Some(Look::Digits(places)) => self.numbered.get(&with_digits(look, line, places)).copied(),
        };
        match mask {
            Some(mask) => {
                self.hits = self.hits.saturating_add(1);
                Found::Mask(mask)
            }
            None => Found::Nothing(Some(look)),
        }
    }

    /// Remembers a line that goes on with the event before it.
    pub(super) fn keep_more(&mut self, look: u64) {
        self.make_room();
        self.known.insert(look, Look::More);
    }

    /// Remembers a line's mask, with the places of the digits that the mask keeps; its number here.
    pub(super) fn keep(
        &mut self,
        look: u64,
        line: &[u8],
        places: &[u32],
        hash: u64,
        mask: &str,
    ) -> Option<u32> {
        if mask.len() > LONGEST {
            return None;
        }
        self.make_room();
        let number = self.seen.len() as u32;
        self.seen.push(Seen { hash, text: mask.into(), block: self.block.wrapping_sub(1), at: 0 });
        if places.is_empty() {
            self.known.insert(look, Look::Mask(number));
        } else {
            self.numbered.insert(with_digits(look, line, places), number);
            self.known.entry(look).or_insert_with(|| Look::Digits(places.into()));
        }
        Some(number)
    }

    /// Where a mask stands in this block, if it was there already.
    pub(super) fn place(&self, number: u32) -> Option<u32> {
        self.seen.get(number as usize).filter(|s| s.block == self.block).map(|s| s.at)
    }

    /// A mask's hash and text.
    pub(super) fn mask(&self, number: u32) -> Option<(u64, &str)> {
        self.seen.get(number as usize).map(|s| (s.hash, &*s.text))
    }

    /// Notes at which place of this block a mask stands.
    pub(super) fn put(&mut self, number: u32, at: u32) {
        if let Some(seen) = self.seen.get_mut(number as usize) {
            (seen.block, seen.at) = (self.block, at);
        }
    }

    fn make_room(&mut self) {
        if self.seen.len().max(self.known.len()) < MOST {
            return;
        }
        if (self.hits as usize) < MOST / 4 {
            self.rest = REST;
        }
        self.known.clear();
        self.numbered.clear();
        self.seen.clear();
        self.hits = 0;
    }
}

const ZEROS: u64 = 0x3030_3030_3030_3030;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The hash of a line in which every digit is the same, eight bytes a step.
fn look(line: &[u8]) -> u64 {
    let mut chunks = line.chunks_exact(32);
    let mut hash = line.len() as u64;
    let mut plain = [0u8; 32];
    for chunk in &mut chunks {
        for (to, from) in plain.chunks_exact_mut(8).zip(chunk.chunks_exact(8)) {
            to.copy_from_slice(&without_digits(from).to_le_bytes());
        }
        hash = hash.rotate_left(23) ^ hash_bytes(&plain);
    }
    let rest = chunks.remainder();
    let mut len = 0;
    for from in rest.chunks(8) {
        plain[len..len + 8].copy_from_slice(&without_digits(from).to_le_bytes());
        len += 8;
    }
    hash_bytes(&plain[..len]) ^ hash.rotate_left(23)
}

/// Ids in hexadecimal digits begin behind what may be a time.
const BEHIND_TIME: usize = 24;

/// The same for a line with ids in hexadecimal digits (three decimal ones or more, so that they are variable in whatever
/// word they stand), in which all these digits are the same, too; `None` where it has none.
fn look_without_ids(line: &[u8], buffer: &mut Vec<u8>) -> Option<u64> {
    let line_behind = line.get(BEHIND_TIME..)?;
    buffer.clear();
    let (mut found, mut start, mut kinds) = (false, 0, 0);
    for (at, c) in line_behind.iter().chain(std::iter::once(&b' ')).enumerate() {
        let kind = HEXADECIMAL[usize::from(*c)];
        kinds += kind;
        if kind == 0 {
            let is_id = at - start >= 8 && kinds % LETTER >= 3 && kinds % DASH >= LETTER;
            if is_id {
                if !found {
                    buffer.extend_from_slice(line);
                    found = true;
                }
                let id = &mut buffer[BEHIND_TIME + start..BEHIND_TIME + at];
                id.iter_mut().filter(|c| **c != b'-').for_each(|c| *c = 0);
            }
            (start, kinds) = (at + 1, 0);
        }
    }
    found.then(|| look(buffer))
}

/// What a letter counts where a digit counts one; a dash counts more than all letters of a line.
const LETTER: u64 = 1 << 16;
const DASH: u64 = 1 << 48;

/// What each byte of an id counts; no other byte counts anything.
static HEXADECIMAL: [u64; 256] = {
    let mut kinds = [0; 256];
    let mut c = 0u8;
    while c < 255 {
        kinds[c as usize] = match c {
            b'0'..=b'9' => 1,
            b'a'..=b'f' | b'A'..=b'F' => LETTER,
            b'-' => DASH,
            _ => 0,
        };
        c += 1;
    }
    kinds
};

/// Eight bytes with every digit as 0 and every other byte as something else.
fn without_digits(bytes: &[u8]) -> u64 {
    let mut word = [0xffu8; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    let x = u64::from_le_bytes(word) ^ ZEROS;
    // The high bit of each byte that is at least ten now.
    let others = ((x & !HIGH).wrapping_add(0x7676_7676_7676_7676) | x) & HIGH;
    let digits = ((others ^ HIGH) >> 7).wrapping_mul(0xff);
    x & !digits
}

/// A look with the digits at some places of the line.
fn with_digits(look: u64, line: &[u8], places: &[u32]) -> u64 {
    places.iter().fold(look, |hash, at| {
        let digit = line.get(*at as usize).copied().unwrap_or_default();
        (hash.rotate_left(5) ^ u64::from(digit)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_make_no_look() {
        let lines = [
            "",
            "a",
            "12",
            "order 12 picked",
            "2026-11-22 10:11:12,345 INFO order 1234567 of [a:9] é picked 7",
        ];
        for line in lines {
            let other = line.replace(|c: char| c.is_ascii_digit(), "8");
            assert_eq!(look(line.as_bytes()), look(other.as_bytes()), "{line}");
            for (at, c) in line.char_indices().filter(|(_, c)| !c.is_ascii_digit()) {
                let mut changed = line.to_owned();
                changed.replace_range(at..at + c.len_utf8(), if c == 'x' { "y" } else { "x" });
                assert_ne!(look(line.as_bytes()), look(changed.as_bytes()), "{line} {changed}");
                changed.replace_range(at..=at, "0");
                assert_ne!(look(line.as_bytes()), look(changed.as_bytes()), "{line} {changed}");
            }
            assert_ne!(look(line.as_bytes()), look(format!("{line}0").as_bytes()));
        }
    }

    #[test]
    fn ids_make_no_look() {
        let of = |line: &str| look_without_ids(line.as_bytes(), &mut Vec::new());
        let line = |id: &str| format!("2026-11-22 10:11:12.345 INFO [req-{id} - -] order picked");
        let one = of(&line("3b241101-e2bb-4255-8caf-4136c566a962"));
        assert!(one.is_some());
        assert_eq!(one, of(&line("b3a41f0c-22bb-a255-8caf-d136c56fa96e")));
        assert_ne!(one, of(&line("3b2411012e2bb-4255-8caf-4136c566a962")));
        for other in ["order", "cafe-babe", "12345678", "feed12", ""] {
            assert_eq!(of(&line(other)), None, "{other}");
        }
    }

    #[test]
    fn every_byte_but_a_digit_stays_apart() {
        let of = |c: u8| without_digits(&[c; 8]);
        let mut others: Vec<u64> = (0..=255).filter(|c: &u8| !c.is_ascii_digit()).map(of).collect();
        assert!(others.iter().all(|o| *o != 0));
        others.sort_unstable();
        others.dedup();
        assert_eq!(others.len(), 246);
        assert!((b'0'..=b'9').all(|c| of(c) == 0));
    }

    #[test]
    fn memory_is_bounded() {
        let mut looks = Looks::default();
        for n in 0..3 * MOST as u64 {
            looks.keep(n, b"", &[], n, "a");
        }
        assert!(looks.seen.len() <= MOST && looks.known.len() <= MOST);
        assert!(looks.rest > 0, "lines that never come again are not looked up for a while");
    }
}
