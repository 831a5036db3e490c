//! Who wrote a line, where every line says so: the name that docker compose and kubectl put before lines, the program
//! and process of a syslog or a journal. Lines of several writers stand between each other in such a file; only those of
//! one writer belong together.

use super::{lines, variants, wrappers};
use crate::scan::{blank_run, digit_run};
use crate::timestamps::{self, Hints};
use std::borrow::Cow;

/// Of how many programs of a file it is remembered that they write headers of their own.
const HEADED: usize = 64;
/// How rsyslog writes the control characters that a message holds.
const TAB: &str = "#011";

/// A line of which it is known who wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written<'a> {
    /// The writer as the line names it: a container, or host, program and process.
    pub(super) writer: &'a [u8],
    /// What was written.
    pub(super) inner: &'a [u8],
}

impl<'a> Written<'a> {
    /// The program without the number of its process: its next process writes alike.
    fn program(&self) -> &'a [u8] {
        memchr::memrchr(b'[', self.writer).map_or(self.writer, |at| &self.writer[..at])
    }
}

/// Who wrote a line, and what; `None` where the line doesn't say.
pub(super) fn split(line: &[u8]) -> Option<Written<'_>> {
    let (from, at) = match wrappers::name_before(line) {
        Some(at) => (0, at),
        None => syslog(line)?,
    };
    Some(Written { writer: line[from..at].trim_ascii_end(), inner: &line[at..] })
}

/// `Nov 22 10:11:12 web1 pick[77]: text`, with a full date or behind a priority too: where the host stands, and the text.
fn syslog(line: &[u8]) -> Option<(usize, usize)> {
    let priority = match line {
        [b'<', rest @ ..] if rest.get(digit_run(rest)) == Some(&b'>') => digit_run(rest) + 2,
        _ => 0,
    };
    let rest = &line[priority..];
    let stamp = timestamps::parse_prefix(rest, Hints::default()).filter(|s| s.len >= 14)?;
    let gap = blank_run(&rest[stamp.len..]);
    let from = priority + stamp.len + gap;
    let head = &line[from..line.len().min(from + 256)];
    let head = std::str::from_utf8(head).or_else(|e| std::str::from_utf8(&head[..e.valid_up_to()])).ok()?;
    let named = variants::host_and_program(head)?;
    // The kernel's tables are no traces, and their lines are many.
    let is_kernel = head[..named.len].ends_with(" kernel:");
    let at = from + named.len;
    (gap > 0 && named.thread.is_some() && !is_kernel)
        .then(|| (from, at + usize::from(line.get(at) == Some(&b' '))))
}

/// The programs of a file that put headers of their own before what they write.
#[derive(Clone, Debug, Default)]
pub(super) struct Writers {
    headed: Vec<Box<[u8]>>,
}

impl Writers {
    /// What the lines of a sample tell; `None` where they don't all say who wrote them.
    pub(super) fn learn(sample: &[u8]) -> Option<Self> {
        let mut counts: Vec<(&[u8], i64)> = Vec::new();
        let (mut all, mut named) = (0usize, 0usize);
        for line in sample.split(|c| *c == b'\n').filter(|l| !l.trim_ascii().is_empty()) {
            all += 1;
            // Files of one writer whose lines have no names are most files: they are told by their beginning.
            if all > 8 && named == 0 {
                return None;
            }
            let Some(written) = split(line) else { continue };
            named += 1;
            if is_continuation(written.inner) {
                continue;
            }
            let step = if lines::shape_of(written.inner).is_some() { 1 } else { -1 };
            match counts.iter().position(|(program, _)| *program == written.program()) {
                Some(at) => counts[at].1 += step,
                None if counts.len() < HEADED => counts.push((written.program(), step)),
                None => {}
            }
        }
        let headed = counts.into_iter().filter(|(_, n)| *n >= 0).map(|(program, _)| program.into()).collect();
        (named > 1 && named * 10 >= all * 9).then_some(Self { headed })
    }

    /// Whether what was written begins an event, going by the look of it alone.
    pub(super) fn starts_event(&self, written: &Written<'_>) -> bool {
        let headed = || self.headed.iter().any(|program| **program == *written.program());
        let inner = written.inner;
        lines::shape_of(inner).is_some() && !lines::is_server_detail(inner)
            || !is_continuation(inner) && !headed()
    }
}

fn is_continuation(inner: &[u8]) -> bool {
    inner.starts_with(TAB.as_bytes()) || lines::is_continuation(inner)
}

/// An event of several lines of one writer without the names before its lines but for the first.
pub(super) fn unnamed(text: &str) -> Option<String> {
    let (first, rest) = text.split_once('\n')?;
    let writer = split(first.as_bytes())?.writer;
    let mut joined = first.to_owned();
    for line in rest.lines() {
        joined.push('\n');
        let own = split(line.as_bytes()).filter(|written| written.writer == writer);
        // Where the name ends, a character begins: it ends with a blank or a colon.
        joined.push_str(own.and_then(|w| line.get(line.len() - w.inner.len()..)).unwrap_or(line));
    }
    Some(joined)
}

/// The text with the tabs that a syslog daemon wrote as numbers.
pub(super) fn with_tabs(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains(TAB) { Cow::Owned(text.replace(TAB, "\t")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_who_wrote_them() {
        let of = |line: &'static str| {
            split(line.as_bytes())
                .map(|w| (std::str::from_utf8(w.writer).unwrap(), std::str::from_utf8(w.inner).unwrap()))
        };
        assert_eq!(of("pick-1  |   at x"), Some(("pick-1  |", "  at x")));
        assert_eq!(of("Nov 22 10:11:12 web1 pick[77]:   File x"), Some(("web1 pick[77]:", "  File x")));
        assert_eq!(of("<13>Nov  2 10:11:12 web1 pick[77]: x"), Some(("web1 pick[77]:", "x")));
        assert_eq!(of("2026-11-22T10:11:12.5+00:00 web1 pick[77]: x"), Some(("web1 pick[77]:", "x")));
        assert_eq!(of("[pod/pick-1-a/pick] \tat x"), Some(("[pod/pick-1-a/pick]", "\tat x")));
        assert_eq!(of("Nov 22 10:11:12 web1 kernel: x"), None);
        assert_eq!(of("2026-11-22 10:11:12 INFO pick order[1]: x y"), None);
        assert_eq!(
            of("a | b | c"),
            Some(("a |", "b | c")),
            "whether names stand there is for the whole file to tell"
        );
    }

    #[test]
    fn a_file_of_one_writer_has_no_names() {
        let plain = "2026-11-22 10:11:12 INFO a\n".repeat(20);
        assert!(Writers::learn(plain.as_bytes()).is_none());
        let table = format!("a | b\n{}", "2026-11-22 10:11:12 INFO a\n".repeat(20));
        assert!(Writers::learn(table.as_bytes()).is_none());
        let named = "web-1 | 2026-11-22 10:11:12 INFO a\njob-1 | done\njob-1 | begun\n".repeat(3);
        let writers = Writers::learn(named.as_bytes()).unwrap();
        let starts = |line: &str| writers.starts_event(&split(line.as_bytes()).unwrap());
        assert!(starts("job-1 | anything"));
        assert!(!starts("web-1 | anything"));
        assert!(!starts("job-1 |   at x"));
        assert!(starts("new-1 | anything"));
    }
}
