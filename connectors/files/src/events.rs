//! Where events begin and end in a stretch of text whose first byte begins an event.

use memchr::{memchr, memrchr};
use std::borrow::Cow;
use waylaid_logs::formats::FileProfile;

/// Tells which lines begin an event.
pub(crate) trait Shape: Send + Sync {
    /// Whether this physical line, given without its newline, begins a new event.
    fn starts_event(&self, line: &[u8]) -> bool;

    /// Whether a line that looks as if it began an event goes on with the line before it that is not blank.
    fn goes_on(&self, _previous: &[u8], _line: &[u8]) -> bool {
        false
    }

    /// Whether lines of several writers may stand between each other.
    fn has_writers(&self) -> bool {
        false
    }

    /// Who wrote a line, where all lines of a file say so.
    fn writer<'a>(&self, _line: &'a [u8]) -> Option<&'a [u8]> {
        None
    }
}

impl Shape for FileProfile {
    fn starts_event(&self, line: &[u8]) -> bool {
        Self::starts_event(self, line)
    }

    fn goes_on(&self, previous: &[u8], line: &[u8]) -> bool {
        Self::goes_on(self, previous, line)
    }

    fn has_writers(&self) -> bool {
        Self::has_writers(self)
    }

    fn writer<'a>(&self, line: &'a [u8]) -> Option<&'a [u8]> {
        Self::writer(self, line)
    }
}

/// Every line is an event, as in a file of records.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EveryLine;

impl Shape for EveryLine {
    fn starts_event(&self, _line: &[u8]) -> bool {
        true
    }
}

/// The line that begins at `start`, without its newline.
pub(crate) fn line_at(text: &[u8], start: usize) -> &[u8] {
    let line = &text[start..];
    let line = memchr(b'\n', line).map_or(line, |end| &line[..end]);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The start of the line that holds the byte at `at`.
pub(crate) fn line_start(text: &[u8], at: usize) -> usize {
    memrchr(b'\n', &text[..at]).map_or(0, |newline| newline + 1)
}

/// Blank lines that may stand inside a trace.
const BLANK: usize = 2;

/// Lines of others that may stand between two lines of a writer.
const BETWEEN: usize = 128;

/// Whether the line at `start`, which is not the text's first, begins an event: it looks so and does not go on with what
/// stands before it; or it goes on with what somebody else than the writer of the line before it wrote.
fn begins(shape: &impl Shape, text: &[u8], start: usize) -> bool {
    is_head(shape, text, start) || is_apart(shape, text, start)
}

/// Whether the line at `start` looks as if it began an event, and does not go on with what its writer wrote before.
fn is_head(shape: &impl Shape, text: &[u8], start: usize) -> bool {
    let line = line_at(text, start);
    if !shape.starts_event(line) {
        return false;
    }
    let before = match shape.writer(line) {
        Some(writer) => written_before(shape, text, start, writer),
        None => told_before(text, start),
    };
    !before.is_some_and(|before| shape.goes_on(line_at(text, before), line))
}

/// The start of the line before that is not blank, as far as a trace has blank lines.
fn told_before(text: &[u8], start: usize) -> Option<usize> {
    let mut before = line_start(text, start.checked_sub(1)?);
    for _ in 0..BLANK {
        if before == 0 || !line_at(text, before).trim_ascii().is_empty() {
            break;
        }
        before = line_start(text, before - 1);
    }
    Some(before)
}

/// The start of the last line before that this writer wrote.
fn written_before(shape: &impl Shape, text: &[u8], start: usize, writer: &[u8]) -> Option<usize> {
    let mut at = start;
    for _ in 0..BETWEEN {
        at = line_start(text, at.checked_sub(1)?);
        if shape.writer(line_at(text, at)) == Some(writer) {
            return Some(at);
        }
    }
    None
}

/// Whether the line at `start` has another writer than the one before it.
fn is_apart(shape: &impl Shape, text: &[u8], start: usize) -> bool {
    if !shape.has_writers() || start == 0 {
        return false;
    }
    let writer = shape.writer(line_at(text, start));
    writer.is_some() && writer != shape.writer(line_at(text, line_start(text, start - 1)))
}

/// The start of the event that the lines at `start` belong to, where those of others stand between; `start` itself where
/// they begin one, or where what they go on with is not in this text.
pub(crate) fn owner(shape: &impl Shape, text: &[u8], start: usize) -> usize {
    let Some(writer) = shape.has_writers().then(|| shape.writer(line_at(text, start))).flatten() else {
        return start;
    };
    let mut at = start;
    for _ in 0..BETWEEN {
        if is_head(shape, text, at) {
            return at;
        }
        match written_before(shape, text, at, writer) {
            Some(before) => at = before,
            None => break,
        }
    }
    start
}

/// The event from `start` to `end`, with those lines behind it that its writer went on with, between those of others.
pub(crate) fn own_lines<'a>(shape: &impl Shape, text: &'a [u8], start: usize, end: usize) -> Cow<'a, [u8]> {
    let mut own = Cow::Borrowed(&text[start..end]);
    let Some(writer) = shape.has_writers().then(|| shape.writer(line_at(text, start))).flatten() else {
        return own;
    };
    let mut at = end;
    for _ in 0..BETWEEN {
        if at >= text.len() {
            break;
        }
        let next = memchr(b'\n', &text[at..]).map_or(text.len(), |newline| at + newline + 1);
        if shape.writer(line_at(text, at)) == Some(writer) {
            if is_head(shape, text, at) {
                break;
            }
            own.to_mut().extend_from_slice(&text[at..next]);
        }
        at = next;
    }
    own
}

/// The start of the event that holds the byte at `at`.
pub(crate) fn event_start(shape: &impl Shape, text: &[u8], at: usize) -> usize {
    let mut start = line_start(text, at);
    while start > 0 && !begins(shape, text, start) {
        start = line_start(text, start - 1);
    }
    start
}

/// The start of the first event after the line that holds the byte at `at`, or the end of the text.
pub(crate) fn next_event(shape: &impl Shape, text: &[u8], at: usize) -> usize {
    let mut at = at;
    while let Some(newline) = memchr(b'\n', &text[at..]) {
        at += newline + 1;
        if at >= text.len() {
            break;
        }
        if begins(shape, text, at) {
            return at;
        }
    }
    text.len()
}

/// The start of the last complete line that begins an event, past the first byte.
pub(crate) fn last_event(shape: &impl Shape, text: &[u8]) -> Option<usize> {
    let mut end = memrchr(b'\n', text)?;
    loop {
        let start = line_start(text, end);
        if start == 0 {
            return None;
        }
        if begins(shape, text, start) {
            return Some(start);
        }
        end = start - 1;
    }
}

/// Counts lines on the way through a text, from one position to the next.
pub(crate) struct LineCounter<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> LineCounter<'a> {
    /// A counter at the beginning of a text whose first line has this number.
    pub fn new(text: &'a [u8], line: u64) -> Self {
        Self { text, at: 0, line }
    }

    /// The number of the line at a position not before the last one asked for.
    pub fn line_of(&mut self, at: usize) -> u64 {
        self.line += newlines(&self.text[self.at..at]);
        self.at = at;
        self.line
    }
}

/// How many newlines a text holds.
pub(crate) fn newlines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Flush;

    impl Shape for Flush {
        fn starts_event(&self, line: &[u8]) -> bool {
            line.first().is_some_and(|b| !b.is_ascii_whitespace())
        }
    }

    struct Named;

    impl Shape for Named {
        fn starts_event(&self, line: &[u8]) -> bool {
            line.get(2).is_some_and(|b| !b.is_ascii_whitespace())
        }

        fn has_writers(&self) -> bool {
            true
        }

        fn writer<'a>(&self, line: &'a [u8]) -> Option<&'a [u8]> {
            line.get(..1)
        }
    }

    #[test]
    fn lines_of_one_writer_are_found_between_those_of_others() {
        let text = b"a:one\na: two\nb:eins\na: three\nb: zwei\na:four\nc: lost\nb: drei\n";
        let of = |start: usize| {
            let own = own_lines(&Named, text, start, next_event(&Named, text, start));
            String::from_utf8(own.into_owned()).unwrap()
        };
        assert_eq!(of(0), "a:one\na: two\na: three\n");
        assert_eq!(of(13), "b:eins\nb: zwei\nb: drei\n");
        let place = |line: &[u8]| memchr::memmem::find(text, line).unwrap();
        assert_eq!(owner(&Named, text, place(b"a: three")), 0);
        assert_eq!(owner(&Named, text, place(b"b: drei")), 13);
        let lost = place(b"c: lost");
        assert_eq!(
            owner(&Named, text, lost),
            lost,
            "what it goes on with is not there: it stands for itself"
        );
        let mut at = 0;
        let mut parts = Vec::new();
        while at < text.len() {
            let end = next_event(&Named, text, at);
            parts.push(&text[at..end]);
            at = end;
        }
        assert_eq!(parts.concat(), text);
    }

    #[test]
    fn an_event_is_its_line_and_the_lines_that_belong_to_it() {
        let text = b"one\n  two\n\nthree\r\nfour";
        assert_eq!(event_start(&Flush, text, 7), 0);
        assert_eq!(next_event(&Flush, text, 0), 11);
        assert_eq!(line_at(text, 11), b"three");
        assert_eq!(last_event(&Flush, text), Some(11));
        assert_eq!(next_event(&Flush, text, 18), text.len());
        assert_eq!(LineCounter::new(text, 5).line_of(11), 8);
        assert_eq!(last_event(&Flush, b"one\n two\n"), None);
    }
}
