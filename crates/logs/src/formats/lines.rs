//! Which physical lines begin an event: a cheap test of the first bytes.

use super::level;
use crate::scan::{blank_run, digit_run, skip_ansi};
use crate::timestamps::{self, Hints};

/// What the beginning of a line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `{"…`.
    Json,
    /// A date with a clock time, also behind a bracket, a level or one other word.
    Dated,
    /// `I1122 10:11:12.345678`.
    Klog,
    /// `time=… level=… msg=…`.
    Logfmt,
    /// `<13>…`.
    Syslog,
    /// `1.2.3.4 - - [22/Nov/2026:…`.
    Access,
    /// A clock time without a date.
    Clock,
    /// An epoch number.
    Epoch,
    /// A level word without a time.
    Level,
}

impl Shape {
    pub(crate) const COUNT: usize = 9;
}

/// The shape of a line's beginning; `None` for lines that continue an event or have no header.
pub(crate) fn shape_of(line: &[u8]) -> Option<Shape> {
    let line = skip_ansi(line);
    let first = *line.first()?;
    match first {
        b'{' => is_object_start(line).then_some(Shape::Json),
        b'[' => bracketed(line),
        b'<' => (matches!(digit_run(&line[1..]), 1..=3)
            && line.get(1 + digit_run(&line[1..])) == Some(&b'>'))
        .then_some(Shape::Syslog),
        b' ' => indented(line),
        c if c.is_ascii_digit() => digits_first(line),
        c if c.is_ascii_alphabetic() => word_first(line),
        b':' => is_access(line).then_some(Shape::Access),
        _ => None,
    }
}

fn is_object_start(line: &[u8]) -> bool {
    let rest = &line[1..];
    matches!(rest.get(rest.iter().take_while(|c| c.is_ascii_whitespace()).count()), None | Some(b'"' | b'}'))
}

/// A full ISO date and clock time: the test most lines need.
fn is_iso(b: &[u8]) -> bool {
    b.len() >= 16
        && b[..4].iter().all(u8::is_ascii_digit)
        && matches!(b[4], b'-' | b'/')
        && b[7] == b[4]
        && matches!(b[10], b'T' | b' ')
        && b[13] == b':'
        && b[11].is_ascii_digit()
        && b[8].is_ascii_digit()
}

/// Two spaces and a time, as the pretty format of Rust's tracing writes; all other indented lines continue.
fn indented(line: &[u8]) -> Option<Shape> {
    let gap = blank_run(line);
    (gap <= 2 && is_iso(&line[gap..]) && line[gap + 10] == b'T').then_some(Shape::Dated)
}

fn digits_first(line: &[u8]) -> Option<Shape> {
    if is_iso(line) {
        return Some(Shape::Dated);
    }
    if let Some(stamp) = timestamps::parse_prefix(line, Hints::default()) {
        let is_clock = stamp.time.is_none() && matches!(line.get(1..3), Some([_, b':'] | [b':', _]));
        if is_clock {
            return (stamp.len >= 8 || line[stamp.len - 1].eq_ignore_ascii_case(&b'm'))
                .then_some(Shape::Clock);
        }
        let is_epoch = digit_run(line) >= 10;
        return Some(if is_epoch { Shape::Epoch } else { Shape::Dated });
    }
    if redis_head(line).is_some() {
        return Some(Shape::Dated);
    }
    is_access(line).then_some(Shape::Access)
}

/// `1234:M 22 Nov 2026 …`: how long what stands before Redis' time is.
pub(crate) fn redis_head(line: &[u8]) -> Option<usize> {
    let run = digit_run(line);
    let role = matches!(line.get(run..run + 3), Some([b':', b'M' | b'S' | b'C' | b'X', b' ']));
    (role && (1..=8).contains(&run) && timestamps::parse_prefix(&line[run + 3..], Hints::default()).is_some())
        .then_some(run + 3)
}

/// `1.2.3.4 - user [22/Nov/2026:10:11:12 +0000] "GET …`.
fn is_access(line: &[u8]) -> bool {
    let head = &line[..line.len().min(160)];
    let Some(open) = memchr::memchr(b'[', head) else { return false };
    let Some(date) = line.get(open + 1..) else { return false };
    date.len() > 12 && date[2] == b'/' && date[6] == b'/' && date[11] == b':'
}

/// `[2026-11-22 …`, `[10:11:12 INF]`, `[ERROR] …`, `[main] INFO …`.
fn bracketed(line: &[u8]) -> Option<Shape> {
    if let Some((at, _)) = super::variants::nest_head(line) {
        return timestamps::parse_prefix(&line[at..], Hints::default()).map(|_| Shape::Dated);
    }
    let inner = &line[1..];
    if inner.first()?.is_ascii_alphanumeric()
        && let Some(stamp) = timestamps::parse_prefix(inner, Hints::default())
    {
        let dated = stamp.time.is_some() || stamp.len > 13;
        return Some(if dated { Shape::Dated } else { Shape::Clock });
    }
    let close = memchr::memchr(b']', &inner[..inner.len().min(80)])?;
    let after = skip_ansi(&inner[close + 1..]);
    let gap = blank_run(after);
    if gap > 0 && is_iso(&after[gap..]) {
        return Some(Shape::Dated);
    }
    let within = trim(skip_ansi(&inner[..close]));
    let word = |b: &[u8]| std::str::from_utf8(b).ok().and_then(level::of_word).is_some();
    if word(within) || leading_level(&after[gap..]).is_some() {
        return Some(Shape::Level);
    }
    None
}

fn trim(b: &[u8]) -> &[u8] {
    b.trim_ascii()
}

/// The level word in capitals at the start of `b`, with its length.
fn leading_level(b: &[u8]) -> Option<usize> {
    let len = b.iter().take(12).take_while(|c| c.is_ascii_uppercase()).count();
    let ends =
        b.get(len).is_none_or(|c| matches!(c, b' ' | b'\t' | b':' | b'[' | b'|' | b']' | 0x1b | b'\r'));
    if len < 3 || !ends {
        return None;
    }
    let word = std::str::from_utf8(&b[..len]).ok()?;
    // logrus on a terminal: `FATA[0012] message`.
    let is_counted = || len == 4 && b[len..].first() == Some(&b'[') && level::of_word(word).is_some();
    (level::of_header_word(word).is_some() || is_counted()).then_some(len)
}

fn word_first(line: &[u8]) -> Option<Shape> {
    if is_klog(line) {
        return Some(Shape::Klog);
    }
    if is_ruby(line) {
        return Some(Shape::Dated);
    }
    if let Some(len) = leading_level(line) {
        let after = &line[len..];
        let gap = after.iter().take_while(|c| matches!(c, b' ' | b'\t' | b':' | b'[' | b'|')).count();
        let rest = &after[gap..];
        let dated =
            is_iso(rest) || timestamps::parse_prefix(rest, Hints::default()).is_some_and(|s| s.len >= 15);
        return Some(if dated { Shape::Dated } else { Shape::Level });
    }
    if is_logfmt(line) {
        return Some(Shape::Logfmt);
    }
    if let [_, _, _, _, b':', b' ', next, ..] = line
        && std::str::from_utf8(&line[..4]).ok().and_then(level::of_dotnet_prefix).is_some()
    {
        return next.is_ascii_alphabetic().then_some(Shape::Level);
    }
    if timestamps::parse_prefix(line, Hints::default()).is_some() {
        return Some(Shape::Dated);
    }
    let token = line.iter().take(72).position(|c| matches!(c, b' ' | b'\t'))?;
    let gap = blank_run(&line[token..]);
    let rest = &line[token + gap..];
    if rest.first() == Some(&b'|') && rest.len() > 2 {
        return shape_of(&rest[1 + blank_run(&rest[1..])..]);
    }
    if is_iso(rest) || (line[..token].contains(&b'.') && is_access(line)) {
        return Some(if is_iso(rest) { Shape::Dated } else { Shape::Access });
    }
    None
}

/// `E, [2026-11-22T10:11:12.345678 #77] ERROR -- pick: …` of Ruby's own logger.
pub(crate) fn is_ruby(line: &[u8]) -> bool {
    matches!(line, [b'D' | b'I' | b'W' | b'E' | b'F' | b'A', b',', b' ', b'[', d, ..] if d.is_ascii_digit())
        && line.len() > 24
}

/// `I1122 10:11:12.345678`, `I20261122 10:11:12.345678`.
pub(crate) fn is_klog(line: &[u8]) -> bool {
    line.len() > 14
        && matches!(line[0], b'I' | b'W' | b'E' | b'F' | b'D')
        && klog_date(line)
            .is_some_and(|at| line.get(at + 3) == Some(&b':') && line.get(at + 6) == Some(&b':'))
}

/// Where the blank behind klog's date is: four digits, or eight of newer glog.
pub(crate) fn klog_date(line: &[u8]) -> Option<usize> {
    let run = digit_run(&line[1..]);
    (matches!(run, 4 | 8) && line.get(1 + run) == Some(&b' ')).then_some(1 + run)
}

/// Whether a line starts with a key that logfmt lines start with.
pub(crate) fn is_logfmt(line: &[u8]) -> bool {
    const KEYS: [&[u8]; 10] = [
        b"time=",
        b"ts=",
        b"level=",
        b"lvl=",
        b"msg=",
        b"t=",
        b"at=",
        b"timestamp=",
        b"severity=",
        b"logger=",
    ];
    KEYS.iter().any(|k| line.starts_with(k)) && line.len() > 12
}

/// Lines that continue an event even in a file whose lines have no header.
pub(crate) fn is_continuation(line: &[u8]) -> bool {
    const STARTS: [&[u8]; 39] = [
        b"Caused by:",
        b"caused by:",
        b"... ",
        b"at ",
        b"Suppressed:",
        b"--- End of",
        b"---> ",
        b"goroutine ",
        b"created by ",
        b"DETAIL:",
        b"Detail:",
        b"HINT:",
        b"STATEMENT:",
        b"CONTEXT:",
        b"QUERY:",
        b"LINE ",
        b"During handling of the above",
        b"The above exception was",
        b"[signal ",
        b"stack backtrace:",
        b"Stack backtrace:",
        b"Stack trace:",
        b"PHP Stack trace:",
        b"PHP   ",
        b"note: run with `RUST_",
        b"note: Some details are omitted",
        b"exit status ",
        b"[SQL: ",
        b"[parameters: ",
        b"(Background on this error",
        b"Wrapped by: ",
        b"Error has been observed at the following site",
        b"Original Stack Trace:",
        b"(1) attached stack trace",
        b"Wraps: (",
        b"Error types: (",
        b"ClientConnectionId:",
        b"Error Number:",
        b"File name: '",
    ];
    let line = skip_ansi(line);
    let Some(first) = line.first() else { return true };
    first.is_ascii_whitespace()
        || (matches!(first, b'}' | b')' | b']' | b',' | b'|' | b'^') && line.len() < 200)
        || STARTS.iter().any(|s| line.starts_with(s))
}

/// PostgreSQL repeats its prefix before the lines that belong to an error: those lines continue it.
pub(crate) fn is_server_detail(line: &[u8]) -> bool {
    const WORDS: [&[u8]; 6] =
        [b"DETAIL:  ", b"STATEMENT:  ", b"HINT:  ", b"CONTEXT:  ", b"QUERY:  ", b"LOCATION:  "];
    let head = &line[..line.len().min(160)];
    let gap = |at: &usize| head[*at..].starts_with(b":  ");
    let Some(at) = memchr::memchr_iter(b':', head).find(gap) else { return false };
    WORDS.iter().any(|w| {
        let start = (at + 3).checked_sub(w.len());
        start.is_some_and(|s| s > 0 && matches!(head[s - 1], b' ' | b':') && &head[s..at + 3] == *w)
    })
}
