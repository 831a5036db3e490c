//! Headers that are no variation of time, level, thread, logger: klog, syslog, `java.util.logging` in two lines.

use super::{body, level};
use crate::scan::{blank_run, digit_run, digits, first_line};
use crate::timestamps::{self, Hints};
use serde_json::Value;
use waylaid_model::LogEvent;

/// `I1122 10:11:12.345678    1234 file.go:12] message`, with the year before the month in newer glog.
pub(crate) fn klog(text: &str, hints: Hints) -> Option<LogEvent> {
    let b = text.as_bytes();
    if !super::lines::is_klog(b) {
        return None;
    }
    let at = super::lines::klog_date(b)? + 1;
    let (date, _) = digits(&b[at - 5..], 4)?;
    let clock = timestamps::parse_prefix(b.get(at..)?, hints)?;
    let year = text.get(1..at - 5).filter(|y| !y.is_empty()).map_or(String::new(), |y| format!("{y}-"));
    let dated = format!("{year}{:02}-{:02} {}", date / 100, date % 100, text.get(at..at + clock.len)?);
    let stamp = timestamps::parse(&dated, hints)?;
    let close = text.find("] ").or_else(|| text.find(']'))?;
    let mut words = text.get(at + clock.len..close)?.split_whitespace();
    let (thread, logger) = (words.next(), words.next());
    let (message, exception) = body::split(text[close + 1..].trim_start());
    Some(LogEvent {
        time: stamp.time,
        zone_assumed: true,
        level: level::of_letter(b[0]),
        thread: thread.map(str::to_owned),
        logger: logger.map(str::to_owned),
        message,
        exception,
        ..LogEvent::default()
    })
}

/// `14 silly package data …`, as npm numbers the lines of its logs; `npm error code E404` on a terminal.
pub(crate) fn npm(text: &str) -> Option<LogEvent> {
    const WORDS: [&str; 10] =
        ["silly", "verbose", "info", "http", "timing", "notice", "warn", "error", "WARN", "ERR!"];
    let (number, rest) = text.split_once(' ')?;
    let (word, rest) = rest.split_once(' ')?;
    let is_number = number.len() <= 9 && digit_run(number.as_bytes()) == number.len();
    if !(is_number || number == "npm") || !WORDS.contains(&word) {
        return None;
    }
    let level = level::of_word(if word == "timing" { "verbose" } else { word.trim_end_matches('!') });
    let (message, exception) = body::split(rest);
    Some(LogEvent { level, message, exception, ..LogEvent::default() })
}

/// `<13>Nov 22 10:11:12 host app[12]: message` and `<13>1 2026-11-22T10:11:12Z host app 12 id [sd] message`.
pub(crate) fn syslog(text: &str, hints: Hints) -> Option<LogEvent> {
    let b = text.as_bytes();
    if b.first() != Some(&b'<') {
        return None;
    }
    let run = digit_run(&b[1..]);
    let (priority, _) = digits(&b[1..], 3)?;
    if !(1..=3).contains(&run) || b.get(1 + run) != Some(&b'>') {
        return None;
    }
    let rest = &text[run + 2..];
    let mut event = match rest.strip_prefix("1 ") {
        Some(new) => rfc5424(new, hints)?,
        None => rfc3164(rest, hints)?,
    };
    event.level = event.level.or(level::of_syslog_priority(priority));
    Some(event)
}

fn rfc5424(text: &str, hints: Hints) -> Option<LogEvent> {
    let mut parts = text.splitn(6, ' ');
    let time = parts.next()?;
    let (host, app, pid, id, rest) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let stamp = timestamps::parse(time, hints);
    let mut event = LogEvent {
        time: stamp.and_then(|s| s.time),
        zone_assumed: stamp.is_some_and(|s| s.zone_assumed),
        ..LogEvent::default()
    };
    let mut field = |name: &str, text: &str| {
        if text != "-" {
            event.fields.push((name.to_owned(), Value::from(text)));
        }
    };
    field("host.name", host);
    field("process.name", app);
    field("syslog.msgid", id);
    event.thread = (pid != "-").then(|| pid.to_owned());
    let message = structured_data(rest, &mut event);
    let (message, exception) = body::split(message.trim_start_matches('\u{feff}'));
    event.message = message;
    event.exception = exception;
    Some(event)
}

/// Takes `[id k="v"][id k="v"]` off and gives what follows.
fn structured_data<'a>(rest: &'a str, event: &mut LogEvent) -> &'a str {
    let mut rest = rest.strip_prefix('-').unwrap_or(rest);
    while rest.starts_with('[') {
        let mut end = 1;
        let b = rest.as_bytes();
        let mut quoted = false;
        while end < b.len() && (quoted || b[end] != b']') {
            match b[end] {
                b'\\' => end += 1,
                b'"' => quoted = !quoted,
                _ => {}
            }
            end += 1;
        }
        let Some(inner) = rest.get(1..end) else { break };
        for (key, value) in super::logfmt::Pairs::new(inner) {
            event.fields.push((key.to_owned(), super::logfmt::scalar(value)));
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    rest.trim_start()
}

/// The message of a syslog line with its priority in front.
pub(crate) fn syslog_message(line: &str, hints: Hints) -> Option<&str> {
    let close = line.find('>').filter(|c| (2..=4).contains(c))?;
    let rest = &line[close + 1..];
    let Some(new) = rest.strip_prefix("1 ") else { return rfc3164_parts(rest, hints).map(|p| p.message) };
    let data = new.splitn(6, ' ').nth(5)?;
    Some(structured_data(data, &mut LogEvent::default()).trim_start_matches('\u{feff}'))
}

/// What an older syslog line holds.
pub(crate) struct Parts<'a> {
    stamp: timestamps::Stamp,
    host: &'a str,
    tag: &'a str,
    pub(crate) message: &'a str,
}

/// `Nov 22 10:11:12 host app[12]: message`, the priority already off.
pub(crate) fn rfc3164_parts(text: &str, hints: Hints) -> Option<Parts<'_>> {
    let stamp = timestamps::parse_prefix(text.as_bytes(), hints)?;
    let rest = &text[stamp.len..];
    let gap = blank_run(rest.as_bytes());
    let (host, rest) = rest[gap..].split_once(' ')?;
    let (tag, message) = rest.split_once(": ").or_else(|| rest.split_once(':'))?;
    if !is_tag(tag) || tag.is_empty() || host.is_empty() || host.ends_with(':') || host.starts_with('[') {
        return None;
    }
    Some(Parts { stamp, host, tag, message: message.trim_start() })
}

/// A program without blanks, or one of several words with its process or version: `Google Chrome[345]`, `syslogd 1.4.1`,
/// `launchd[1] (quicklook[12])`.
fn is_tag(tag: &str) -> bool {
    let Some((first, rest)) = tag.split_once(' ') else { return true };
    let named = first.starts_with(|c: char| c.is_ascii_alphabetic()) && !first.contains(['=', '"', ',']);
    let version = rest.starts_with(|c: char| c.is_ascii_digit())
        && rest.bytes().all(|c| c.is_ascii_digit() || c == b'.')
        && rest.contains('.');
    let whose = first.ends_with(']') && rest.starts_with('(') && rest.ends_with(')') && !rest.contains(' ');
    let process = rest.strip_suffix(']').and_then(|r| r.rsplit_once('[')).is_some_and(|(words, pid)| {
        digit_run(pid.as_bytes()) == pid.len()
            && tag.len() < 48
            && words.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b' ' | b'.' | b'-'))
    });
    named && (version || whose || process)
}

/// The same as an event.
pub(crate) fn rfc3164(text: &str, hints: Hints) -> Option<LogEvent> {
    let Parts { stamp, host, tag, message } = rfc3164_parts(text, hints)?;
    let whole = tag.split_once(" (").map_or(tag, |(program, _)| program);
    let (name, pid) = match whole.strip_suffix(']').and_then(|t| t.split_once('[')) {
        Some((name, pid)) => (name, Some(pid.to_owned())),
        None => (tag, None),
    };
    let mut fields = vec![("host.name".to_owned(), Value::from(host))];
    fields.push(("process.name".into(), name.into()));
    let level = super::variants::level_told(message);
    let (message, exception) = body::split(message);
    Some(LogEvent {
        time: stamp.time,
        zone_assumed: stamp.zone_assumed,
        level,
        thread: pid,
        message,
        fields,
        exception,
        ..LogEvent::default()
    })
}

/// Whether a line is one of PostgreSQL's `csvlog`: a time, then a user and a database in quotes or nothing.
pub(crate) fn is_csvlog(line: &str) -> bool {
    let head = &line.as_bytes()[..line.len().min(40)];
    memchr::memchr(b',', head)
        .is_some_and(|at| at > 18 && matches!(line.as_bytes().get(at + 1), Some(b'"' | b',')))
}

/// Columns of `csvlog` that are read.
const CSV: [(usize, &str); 5] =
    [(1, "user"), (2, "database"), (7, "command"), (12, "sqlstate"), (22, "application")];

/// `2026-11-22 10:11:12.345 UTC,"app","orders",77,…,ERROR,23505,"duplicate key …","Key (id)=(1) already exists.",…`.
pub(crate) fn csvlog(text: &str, hints: Hints) -> Option<LogEvent> {
    let columns = csv_columns(text);
    let column = |n: usize| columns.get(n).map(|c| csv_text(c)).filter(|c| !c.is_empty());
    let severity = columns.get(11)?;
    let level =
        if *severity == "LOG" { Some(waylaid_model::Level::Info) } else { level::of_header_word(severity) };
    let stamp = timestamps::parse_prefix(text.as_bytes(), hints)?;
    let mut message = column(13)?;
    for (n, label) in [(14, "DETAIL"), (15, "HINT"), (18, "CONTEXT"), (19, "STATEMENT")] {
        if let Some(more) = column(n) {
            message = format!("{message}\n{label}:  {more}");
        }
    }
    let fields = CSV.iter().filter_map(|(n, name)| Some(((*name).to_owned(), Value::from(column(*n)?))));
    Some(LogEvent {
        time: stamp.time,
        zone_assumed: stamp.zone_assumed,
        level: Some(level?),
        thread: column(3),
        message,
        fields: fields.collect(),
        ..LogEvent::default()
    })
}

/// The message of such a line, as it is written there.
pub(crate) fn csvlog_message(line: &str) -> Option<&str> {
    let columns = csv_columns(line);
    columns.get(13).map(|c| c.trim_matches('"')).filter(|c| !c.is_empty())
}

/// The columns of a row, quotes still around them; at most those that are read.
fn csv_columns(text: &str) -> Vec<&str> {
    let (mut columns, mut start, mut quoted) = (Vec::with_capacity(24), 0, false);
    for (at, c) in text.bytes().enumerate() {
        match c {
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                columns.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        if columns.len() > 23 {
            return columns;
        }
    }
    columns.push(text[start..].trim_end());
    columns
}

fn csv_text(column: &str) -> String {
    match column.strip_prefix('"').and_then(|c| c.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => column.to_owned(),
    }
}

/// `Nov 22, 2026 10:11:12 AM com.acme.Orders accept` and on the next line `INFO: message`.
pub(crate) fn two_lines(text: &str, hints: Hints) -> Option<LogEvent> {
    let (first, rest) = first_line(text);
    let (word, message) = rest.split_once(": ")?;
    let level = level::of_word(word).filter(|_| word.bytes().all(|c| c.is_ascii_uppercase()))?;
    let stamp = timestamps::parse_prefix(first.as_bytes(), hints)?;
    let mut words = first[stamp.len..].split_whitespace();
    let logger = words.next().filter(|w| crate::scan::is_dotted_ident(w))?;
    let (message, exception) = body::split(message);
    let mut fields = Vec::new();
    if let Some(method) = words.next() {
        fields.push(("method".to_owned(), Value::from(method)));
    }
    Some(LogEvent {
        time: stamp.time,
        zone_assumed: stamp.zone_assumed,
        level: Some(level),
        logger: Some(logger.to_owned()),
        message,
        fields,
        exception,
        ..LogEvent::default()
    })
}
