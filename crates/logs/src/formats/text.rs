//! Events that are text lines: the special headers first, then the general one.

use super::header::{self, Header};
use super::{access, body, logfmt, special, variants};
use crate::scan::first_line;
use crate::timestamps::{self, Hints};
use serde_json::Value;
use waylaid_model::LogEvent;

/// Reads the lines of a text event.
pub(crate) fn parse(text: &str, hints: Hints) -> LogEvent {
    let text = text.trim_start_matches(['\n', '\r']);
    let first_byte = text.as_bytes().first().copied().unwrap_or_default();
    if let Some(event) = parse_special(text, first_byte, hints) {
        return event;
    }
    let (line, rest) = first_line(text);
    if !rest.is_empty()
        && let Some(event) = special::two_lines(text, hints)
    {
        return event;
    }
    let mut header = Header::default();
    header::parse(line, hints, &mut header);
    let detail_free;
    let body_text = if rest.contains(":  ")
        && rest.lines().any(|l| super::lines::is_server_detail(l.as_bytes()))
    {
        detail_free = format!("{}\n{}", &line[header.at.min(header.end)..header.end], strip_prefixes(rest));
        detail_free.as_str()
    } else if header.end < line.len() || rest.is_empty() {
        &line[header.at.min(header.end)..header.end]
    } else {
        &text[header.at..]
    };
    into_event(header, body_text, line, rest)
}

fn into_event(header: Header<'_>, body_text: &str, line: &str, rest: &str) -> LogEvent {
    let joined;
    let body_text = if header.end < line.len() && !rest.is_empty() {
        joined = format!("{body_text}\n{rest}");
        joined.as_str()
    } else {
        body_text
    };
    let (mut message, exception) = body::split(body_text);
    let mut fields = header.fields;
    if exception.is_some() {
        cut_object(&mut message, &mut fields);
    }
    tail_object(&mut message, &mut fields);
    let level = header.level.or_else(|| variants::level_told(&message));
    if header.logger.is_some_and(|l| l.contains("::")) {
        trailing_pairs(&message, &mut fields);
    }
    LogEvent {
        time: header.stamp.and_then(|s| s.time),
        zone_assumed: header.stamp.is_some_and(|s| s.zone_assumed && s.time.is_some()),
        level,
        thread: header.thread.map(str::to_owned),
        logger: header.logger.map(str::to_owned),
        message,
        template: None,
        fields,
        exception,
    }
}

fn parse_special(text: &str, first: u8, hints: Hints) -> Option<LogEvent> {
    match first {
        b'<' => special::syslog(text, hints),
        b'I' | b'W' | b'E' | b'F' | b'D' if super::lines::is_klog(text.as_bytes()) => {
            special::klog(text, hints)
        }
        b'a'..=b'z' if super::lines::is_logfmt(text.as_bytes()) => logfmt::parse(text, hints),
        b'A'..=b'Z' if is_month_first(text, hints) => special::rfc3164(text, hints),
        b'0'..=b'9' if special::is_csvlog(text) => special::csvlog(text, hints),
        b'0'..=b'9' | b':' | b'a'..=b'z'
            if !text.as_bytes().get(4).is_some_and(|c| *c == b'-' || *c == b'/') =>
        {
            access::parse(first_line(text).0, hints).or_else(|| special::npm(text))
        }
        _ => None,
    }
}

/// A date by month name without year, as syslog writes it.
fn is_month_first(text: &str, hints: Hints) -> bool {
    let no_year = Hints { year: None, ..hints };
    let head = &text.as_bytes()[..text.len().min(40)];
    timestamps::parse_prefix(head, no_year).is_some_and(|s| s.time.is_none() && s.len >= 14)
}

/// The repeated prefixes of a PostgreSQL server's DETAIL, STATEMENT and such lines taken off.
fn strip_prefixes(rest: &str) -> String {
    let mut out = String::with_capacity(rest.len());
    for line in rest.lines() {
        let start = if super::lines::is_server_detail(line.as_bytes()) {
            let colon = line.find(":  ").unwrap_or(0);
            line[..colon].rfind([' ', ':']).map_or(0, |at| at + 1)
        } else {
            0
        };
        out.push_str(&line[start..]);
        out.push('\n');
    }
    out
}

/// zap's console encoder ends a line with a tab and an object of fields.
fn tail_object(message: &mut String, fields: &mut Vec<(String, Value)>) {
    if let Some((at, end)) = context(message) {
        let mut found = Vec::new();
        let (broken, _) = super::json::flatten(message[at..end].trim(), &mut found);
        if !broken || message[at..end].trim() == "[]" {
            fields.append(&mut found);
            message.truncate(message[..at].trim_end().len());
        }
        return;
    }
    if !message.ends_with('}') {
        return;
    }
    let Some(at) = message.find("\t{") else { return object_behind(message, fields) };
    let mut found = Vec::new();
    let (broken, _) = super::json::flatten(&message[at + 1..], &mut found);
    if !broken {
        fields.append(&mut found);
        message.truncate(at);
    }
}

/// What Monolog's context says before the exception in it, behind which it goes on for lines: `Label failed {"rma":"R-7",`.
fn cut_object(message: &mut String, fields: &mut Vec<(String, Value)>) {
    let Some(open) = message.strip_suffix(',') else { return };
    let Some(at) = open.find(" {\"") else { return };
    let mut found = Vec::new();
    let (broken, _) = super::json::flatten(&format!("{}}}", &open[at + 1..]), &mut found);
    if !broken {
        fields.append(&mut found);
        message.truncate(at);
    }
}

/// An object that a logger writes behind the message (`handler failed {"topic":"orders","offset":12}`): its fields are
/// read, and the message stays as it is, for it may be the message's own.
fn object_behind(message: &str, fields: &mut Vec<(String, Value)>) {
    let line = first_line(message).0;
    let Some(at) = line.find(" {\"").filter(|_| line.ends_with('}')) else { return };
    let mut found = Vec::new();
    let (broken, _) = super::json::flatten(&line[at + 1..], &mut found);
    if !broken {
        fields.append(&mut found);
    }
}

/// Where Monolog's context stands: `Label sent {"rma":"R-7"} []`, `Started [] []`. What comes last is its "extra", which
/// is empty as a rule.
pub(super) fn context(message: &str) -> Option<(usize, usize)> {
    let rest = message.trim_end().strip_suffix(" []")?;
    if let Some(before) = rest.strip_suffix(" []") {
        return Some((before.len(), rest.len()));
    }
    let at = rest.find(" {\"").filter(|_| rest.ends_with('}'))?;
    serde_json::from_str::<serde::de::IgnoredAny>(&rest[at..]).is_ok().then_some((at, rest.len()))
}

/// Fields that Rust's tracing writes behind the message.
fn trailing_pairs(message: &str, fields: &mut Vec<(String, Value)>) {
    let line = first_line(message).0;
    if line.contains('=') {
        fields.extend(logfmt::Pairs::unquoted(line).map(|(k, v)| (k.to_owned(), logfmt::scalar(v))));
    }
}
