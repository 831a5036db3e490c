//! The stateless mask: variable words, quoted values and values behind `=` become holes.

use super::HOLE;
use super::token::{Piece, Pieces, Shape, shape};

/// Messages are masked up to this many bytes; what follows is one hole.
const LIMIT: usize = 4096;

/// The message with its variable tokens replaced by `<*>`: stateless, the same for the same text.
///
/// Only the first line counts: further lines are data (a row, a statement, a stack). Neighbouring holes become one, and
/// so do lists of holes, so that the number of items doesn't matter.
pub fn template_of(message: &str) -> String {
    let (line, _) = crate::scan::first_line(message.trim_start());
    let cut = crate::scan::head(line, LIMIT);
    let mut writer = Writer { out: String::with_capacity(cut.len()), pending: None };
    let mut rest = cut;
    while !rest.is_empty() {
        let used = step(rest, &mut writer);
        rest = &rest[used..];
    }
    if cut.len() < line.len() {
        writer.hole();
    }
    writer.finish()
}

/// Masks one piece at the start of `rest` and says how long it was.
fn step(rest: &str, writer: &mut Writer) -> usize {
    if let Some(len) = quoted(rest, writer.previous_is_word()) {
        writer.text(&rest[..1]);
        writer.hole();
        writer.text(&rest[len - 1..len]);
        return len;
    }
    match Pieces::new(rest).next() {
        Some(Piece::Word(word)) => {
            let value = writer.out_ends_with_equals() && !word.is_empty();
            match shape(word) {
                Shape::Constant if !value => writer.text(word),
                _ => mask_word(word, writer),
            }
            word.len()
        }
        Some(Piece::Gap(gap)) => {
            // A quote inside a gap may open a quoted value: stop before it.
            let len = gap
                .char_indices()
                .skip(1)
                .find(|(_, c)| matches!(c, '"' | '\'' | '`'))
                .map_or(gap.len(), |(n, _)| n);
            writer.text(&gap[..len]);
            len
        }
        None => rest.len(),
    }
}

/// A variable word keeps a constant label before a colon: `blk:12` is `blk:<*>`.
fn mask_word(word: &str, writer: &mut Writer) {
    if let Some((label, value)) = word.split_once(':')
        && !value.is_empty()
        && !value.starts_with('/')
        && label.len() > 1
        && label.bytes().all(|c| c.is_ascii_alphabetic() || c == b'_')
        && !label.bytes().all(|c| c.is_ascii_hexdigit())
    {
        writer.text(&word[..=label.len()]);
    }
    writer.hole();
}

/// The length of a quoted value at the start; apostrophes inside words open nothing.
fn quoted(rest: &str, previous_is_word: bool) -> Option<usize> {
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    if quote == '\'' && previous_is_word {
        return None;
    }
    let end = rest[1..].find(quote)? + 1;
    (end > 1 || quote != '\'').then_some(end + 1)
}

struct Writer {
    out: String,
    /// What was written since the last hole, while it can still be swallowed as a list's separator.
    pending: Option<usize>,
}

impl Writer {
    fn text(&mut self, text: &str) {
        if self.pending.is_some() && !text.bytes().all(|c| matches!(c, b' ' | b',' | b';' | b'|')) {
            self.pending = None;
        }
        self.out.push_str(text);
    }

    fn hole(&mut self) {
        if let Some(at) = self.pending {
            self.out.truncate(at);
            return;
        }
        self.out.push_str(HOLE);
        self.pending = Some(self.out.len());
    }

    fn previous_is_word(&self) -> bool {
        self.out.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '>')
    }

    fn out_ends_with_equals(&self) -> bool {
        self.out.ends_with('=') && !self.out.ends_with("==")
    }

    fn finish(mut self) -> String {
        self.out.truncate(self.out.trim_end().len());
        self.out
    }
}
