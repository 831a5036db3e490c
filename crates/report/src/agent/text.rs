//! A text up to a length; what does not fit is counted by its name.

use super::{Line, tokens};
use std::fmt::Write as _;

/// Longest answer in bytes.
pub const BYTES: usize = 9_000;
/// Longest answer in tokens, as estimated from above.
pub const TOKENS: usize = 1_900;
/// Kept free for coverage and the line on what was left out.
const TAIL: usize = 260;

/// An answer that is being written.
pub struct Text {
    out: String,
    tokens: usize,
    most: usize,
    left_out: Vec<(&'static str, usize)>,
}

impl Default for Text {
    fn default() -> Self {
        Self { out: String::new(), tokens: 0, most: TOKENS, left_out: Vec::new() }
    }
}

impl Text {
    /// Without a limit: for who reads a report rather than an answer.
    pub fn whole() -> Self {
        Self { most: usize::MAX, ..Self::default() }
    }

    /// What must not be missing.
    pub fn must(&mut self, line: &Line) {
        self.tokens += tokens::estimate(line.as_str()) + 1;
        self.out.push_str(line.as_str());
        self.out.push('\n');
    }

    /// One of several; false when there is no room for it, nor for another of its name.
    pub fn item(&mut self, name: &'static str, line: &Line) -> bool {
        let full = self.left_out.iter().any(|(n, _)| *n == name);
        if !full && self.fits(line) {
            self.must(line);
            return true;
        }
        self.leave_out(name, 1);
        false
    }

    /// Whether there is room for it.
    pub fn fits(&self, line: &Line) -> bool {
        let bytes = if self.most == usize::MAX { usize::MAX } else { BYTES - TAIL * 3 };
        let tokens = self.tokens + tokens::estimate(line.as_str()) + TAIL;
        self.out.len() + line.as_str().len() <= bytes && tokens <= self.most
    }

    /// Counts what is not said at all.
    pub fn leave_out(&mut self, name: &'static str, count: usize) {
        if count == 0 {
            return;
        }
        match self.left_out.iter_mut().find(|(n, _)| *n == name) {
            Some((_, sum)) => *sum += count,
            None => self.left_out.push((name, count)),
        }
    }

    /// The text, with what was left out and coverage at its end.
    pub fn finish(mut self, tail: &Line) -> String {
        if !self.left_out.is_empty() {
            let all: Vec<_> = self.left_out.iter().map(|(name, count)| format!("{count} {name}")).collect();
            let _ = writeln!(self.out, "not shown here: {}", all.join(", "));
        }
        self.out.push_str(tail.as_str());
        self.out.push('\n');
        self.out
    }
}
