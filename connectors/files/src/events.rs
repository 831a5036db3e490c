//! Where events begin and end in a stretch of text whose first byte begins an event.

use memchr::{memchr, memrchr};
use waylaid_logs::formats::FileProfile;

/// Tells which lines begin an event.
pub(crate) trait Shape: Send + Sync {
    /// Whether this physical line, given without its newline, begins a new event.
    fn starts_event(&self, line: &[u8]) -> bool;

    /// Whether a line that looks as if it began an event goes on with the line before it that is not blank.
    fn goes_on(&self, _previous: &[u8], _line: &[u8]) -> bool {
        false
    }
}

impl Shape for FileProfile {
    fn starts_event(&self, line: &[u8]) -> bool {
        Self::starts_event(self, line)
    }

    fn goes_on(&self, previous: &[u8], line: &[u8]) -> bool {
        Self::goes_on(self, previous, line)
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

/// Whether the line at `start`, which is not the text's first, begins an event: it looks so, and does not go on with what
/// stands before it.
fn begins(shape: &impl Shape, text: &[u8], start: usize) -> bool {
    let line = line_at(text, start);
    if !shape.starts_event(line) {
        return false;
    }
    let mut before = line_start(text, start - 1);
    for _ in 0..BLANK {
        if before == 0 || !line_at(text, before).trim_ascii().is_empty() {
            break;
        }
        before = line_start(text, before - 1);
    }
    !shape.goes_on(line_at(text, before), line)
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
