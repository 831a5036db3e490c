//! Words that hint at a failure, searched in raw bytes so that only lines that hold one are ever parsed.
//!
//! The list is wide on purpose: it may hit too much (the parsed event decides), never too little.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

/// As few and as long as covers the ways in which formats say it; parts of words where these serve several.
const MARKERS: [&str; 73] = [
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
    // Answers of 500 and above in access logs.
    "\" 5",
    // Syslog's severities of 4 and below, GELF's and the journal's.
    "\n<",
    "\"level\":3,",
    "\"level\":3}",
    "\"PRIORITY\":\"0",
    "\"PRIORITY\":\"1",
    "\"PRIORITY\":\"2",
    "\"PRIORITY\":\"3",
    "\"PRIORITY\":\"4",
    "\"s\":\"E",
    "\"s\":\"W",
    "\"s\":\"F",
    // Kernels and daemons without levels.
    "egfault",
    "core dumped",
    "illed process",
    "ut of memory",
    "refused",
    "timed out",
    "annot ",
    "ould not ",
    "nable to ",
    "ermission denied",
    "o space left",
    "o such file",
    "ommand not found",
    " E ",
    " W ",
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
        if from == 0 && (is_glog_failure(text) || is_syslog_failure(text)) {
            return Some(0);
        }
        let mut from = from;
        loop {
            let hit = automaton.find(aho_corasick::Input::new(text).range(from..))?;
            let is_line_start = text[hit.start()] == b'\n';
            // Only some of syslog's priorities are failures.
            if is_line_start && text[hit.start() + 1] == b'<' && !is_syslog_failure(&text[hit.start() + 1..])
            {
                from = hit.end();
                continue;
            }
            // A marker that begins with a newline belongs to the line after it.
            return Some(if is_line_start { hit.start() + 1 } else { hit.start() });
        }
    }
}

/// `E1120 10:00:00`, `W, [2026`: the line's first letter is its level.
fn is_glog_failure(line: &[u8]) -> bool {
    matches!(line, [b'E' | b'W' | b'F', b'0' | b'1' | b',', ..])
}

/// `<11>Nov 22 …`: a priority whose severity is a warning or worse.
fn is_syslog_failure(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"<") else { return false };
    let digits = rest.iter().take(4).take_while(|c| c.is_ascii_digit()).count();
    let number = rest[..digits].iter().fold(0u32, |n, c| n * 10 + u32::from(c - b'0'));
    rest.get(digits) == Some(&b'>') && matches!(digits, 1..=3) && number % 8 <= 4
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
            "1.2.3.4 - - [22/Nov/2026:10:11:12 +0000] \"GET / HTTP/1.1\" 503 12",
            "<11>Nov 22 10:11:12 host app: x",
            "<12>1 2026-11-22T10:11:12Z host app - - - x",
            "{\"level\":3,\"short_message\":\"x\"}",
            "{\"PRIORITY\":\"3\",\"MESSAGE\":\"x\"}",
            "kernel: app[7]: segfault at 0",
        ] {
            assert!(markers.next(line.as_bytes(), 0).is_some(), "{line}");
        }
        assert_eq!(markers.next(b"INFO all is well\nE1120 x", 0), Some(17));
        assert_eq!(markers.next(b"INFO order 1001 accepted", 0), None);
        assert_eq!(markers.next(b"<14>x\n<13>x\n<11>x", 0), Some(12));
        assert_eq!(markers.next(b"<14>x\n<13>x", 0), None);
    }
}
