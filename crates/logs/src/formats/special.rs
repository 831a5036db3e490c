//! Headers that are no variation of time, level, thread, logger: klog, syslog, `java.util.logging` in two lines.

use super::{body, level};
use crate::scan::{blank_run, digit_run, digits, first_line};
use crate::timestamps::{self, Hints};
use serde_json::Value;
use waylaid_model::LogEvent;

/// `I1122 10:11:12.345678    1234 file.go:12] message`.
pub(crate) fn klog(text: &str, hints: Hints) -> Option<LogEvent> {
    let b = text.as_bytes();
    if !super::lines::is_klog(b) || !text.is_char_boundary(6) {
        return None;
    }
    let (date, _) = digits(&b[1..], 4)?;
    let clock = timestamps::parse_prefix(&b[6..], hints)?;
    let dated = format!("{:02}-{:02} {}", date / 100, date % 100, text.get(6..6 + clock.len)?);
    let stamp = timestamps::parse(&dated, hints)?;
    let close = text.find("] ").or_else(|| text.find(']'))?;
    let mut words = text.get(6 + clock.len..close)?.split_whitespace();
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
    if tag.contains(' ') || tag.is_empty() || host.is_empty() || host.ends_with(':') || host.starts_with('[')
    {
        return None;
    }
    Some(Parts { stamp, host, tag, message: message.trim_start() })
}

/// The same as an event.
pub(crate) fn rfc3164(text: &str, hints: Hints) -> Option<LogEvent> {
    let Parts { stamp, host, tag, message } = rfc3164_parts(text, hints)?;
    let (name, pid) = match tag.strip_suffix(']').and_then(|t| t.split_once('[')) {
        Some((name, pid)) => (name, Some(pid.to_owned())),
        None => (tag, None),
    };
    let mut fields = vec![("host.name".to_owned(), Value::from(host))];
    fields.push(("process.name".into(), name.into()));
    let (message, exception) = body::split(message);
    Some(LogEvent {
        time: stamp.time,
        zone_assumed: stamp.zone_assumed,
        thread: pid,
        message,
        fields,
        exception,
        ..LogEvent::default()
    })
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
