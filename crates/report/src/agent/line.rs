//! A line of an answer: constant words, numbers, ids, and quotations.

use super::fence;
use crate::words;
use std::fmt::Write as _;
use waylaid_model::EvidenceId;

/// A line, or a few that belong together.
#[derive(Clone, Debug, Default)]
pub struct Line(String);

impl Line {
    /// Begins with words of ours.
    pub fn new(words: &'static str) -> Self {
        Self(words.to_owned())
    }

    /// Words of ours. Nothing else can be said: what varies is a number, an id or a quotation.
    #[must_use]
    pub fn say(mut self, words: &'static str) -> Self {
        self.0.push_str(words);
        self
    }

    /// A number.
    #[must_use]
    pub fn number(mut self, number: u64) -> Self {
        self.0.push_str(&words::number(number));
        self
    }

    /// A number and what is counted.
    #[must_use]
    pub fn count(self, number: u64, one: &'static str, many: &'static str) -> Self {
        self.number(number).say(" ").say(if number == 1 { one } else { many })
    }

    /// Text from a store or a configuration, quoted, of at most so many characters.
    #[must_use]
    pub fn data(mut self, text: &str, columns: usize) -> Self {
        self.0.push_str(&fence::quoted(text, columns));
        self
    }

    /// An id that we made (`e4`, `c-20261122-1`); quoted where it does not look like one.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !id.is_empty() && id.len() <= 24 && id.chars().all(plain) {
            self.0.push_str(id);
            return self;
        }
        self.data(id, 40)
    }

    /// Up to so many evidence ids, with a space before each.
    #[must_use]
    pub fn ids(mut self, ids: &[EvidenceId], most: usize) -> Self {
        for id in ids.iter().take(most) {
            self = self.say(" ").id(&id.0);
        }
        if ids.len() > most { self.say(" …") } else { self }
    }

    /// A time.
    #[must_use]
    pub fn time(mut self, at: waylaid_model::Timestamp) -> Self {
        let _ = write!(self.0, "{at}");
        self
    }

    /// A whole line of a store: it begins with `| `.
    #[must_use]
    pub fn raw(mut self, line: &str) -> Self {
        self.0.push_str(&fence::raw(line));
        self
    }

    /// A further line.
    #[must_use]
    pub fn then(mut self, line: &Self) -> Self {
        self.0.push('\n');
        self.0.push_str(&line.0);
        self
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
