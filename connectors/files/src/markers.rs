//! Words that hint at a failure, searched in raw bytes so that only lines that hold one are ever parsed.
//!
//! The list is wide on purpose: it may hit too much (the parsed event decides), never too little.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use waylaid_model::{Level, LogEvent};

/// As few and as long as covers the ways in which formats say it; parts of words where these serve several.
const MARKERS: [&str; 46] = [
    "ERR",
    "WARN",
    "WRN",
    "FTL",
    "FATAL",
    "CRIT",
    "SEVERE",
    "PANIC",
    "EMERG",
    "rror",
    "warn",
    "Warn",
    "atal ",
    "atal\"",
    "Fatal",
    "fatal",
    "rit:",
    "ritical",
    "severe",
    "panic",
    "xception",
    "Traceback",
    "fail",
    "Fail",
    "FAIL",
    "\"level\":4",
    "\"level\":5",
    "\"level\":6",
    "\"level\": 4",
    "\"level\": 5",
    "\"level\": 6",
    "\"@l\":",
    "\"@l\" :",
    "everityNumber\":1",
    "everityNumber\":2",
    "[emerg]",
    "[alert]",
    "\nE0",
    "\nE1",
    "\nW0",
    "\nW1",
    "\nF0",
    "\nF1",
    "\nE, [",
    "\nW, [",
    "\nF, [",
];

/// The search for all markers at once.
pub(crate) struct Markers {
    automaton: Option<AhoCorasick>,
}

impl Markers {
    /// Builds it.
    pub fn new() -> Self {
        let built = AhoCorasickBuilder::new().match_kind(MatchKind::LeftmostFirst).build(MARKERS);
        Self { automaton: built.ok() }
    }

    /// The position of the first marker in `text` at or after `from`.
    pub fn next(&self, text: &[u8], from: usize) -> Option<usize> {
        let Some(automaton) = &self.automaton else { return (from < text.len()).then_some(from) };
        if from == 0 && is_glog_failure(text) {
            return Some(0);
        }
        let hit = automaton.find(aho_corasick::Input::new(text).range(from..))?;
        // A marker that begins with a newline belongs to the line after it.
        Some(if text[hit.start()] == b'\n' { hit.start() + 1 } else { hit.start() })
    }
}

/// `E1120 10:00:00`, `W, [2026`: the line's first letter is its level.
fn is_glog_failure(line: &[u8]) -> bool {
    matches!(line, [b'E' | b'W' | b'F', b'0' | b'1' | b',', ..])
}

/// Whether an event reports a failure or warns.
pub(crate) fn reports_failure(event: &LogEvent) -> bool {
    match event.level {
        _ if event.exception.is_some() => true,
        Some(level) => level >= Level::Warn,
        None => says_failure(&event.message),
    }
}

/// Whether a text speaks of a failure, by whole words.
fn says_failure(text: &str) -> bool {
    let is_word = |word: &str| {
        ["error", "errors", "exception", "failed", "failure", "fatal", "panic", "panicked"]
            .iter()
            .any(|known| word.eq_ignore_ascii_case(known))
            || (word.len() > 9 && word.ends_with("Exception"))
            || (word.len() > 5 && word.ends_with("Error"))
    };
    text.split(|c: char| !c.is_alphanumeric()).any(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_say_it_is_seen() {
        let markers = Markers::new();
        for line in [
            "2026-11-20 ERROR x",
            "10:00 [WRN] x",
            "E1120 10:00:00 x",
            "{\"level\":50}",
            "{\"@l\":\"Error\"}",
            "level=error",
            "level=warn",
            "{\"severity\":\"warning\"}",
            "Traceback (most recent call last):",
            "java.lang.IllegalStateException: x",
            "fail: App[0]",
            "crit: App[0]",
            "thread 'main' panicked at",
            "SEVERE: x",
            "[ERR] x",
            "{\"SeverityNumber\":17}",
            "E, [2026-11-20] x",
            "{\"level\":\"fatal\"}",
        ] {
            assert!(markers.next(line.as_bytes(), 0).is_some(), "{line}");
        }
        assert_eq!(markers.next(b"INFO all is well\nE1120 x", 0), Some(17));
        assert_eq!(markers.next(b"INFO order 1001 accepted", 0), None);
    }

    #[test]
    fn words_decide_only_where_no_level_does() {
        let event = |level, message: &str| LogEvent { level, message: message.into(), ..LogEvent::default() };
        assert!(reports_failure(&event(Some(Level::Warn), "odd")));
        assert!(!reports_failure(&event(Some(Level::Info), "0 errors")));
        assert!(reports_failure(&event(None, "Payment failed: 7")));
        assert!(reports_failure(&event(None, "ValueError: x")));
        assert!(!reports_failure(&event(None, "failover terror")));
    }
}
