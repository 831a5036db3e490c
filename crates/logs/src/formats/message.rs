//! Only the message of a line: what grouping millions of lines needs, without making an event of each.

use super::header::{self, Header};
use super::lines::{self, Shape};
use super::{FileProfile, access, json, logfmt, special, wrappers};
use crate::timestamps::{self, Hints};
use std::borrow::Cow;

/// What a line says to somebody who groups messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// The line begins an event with this message.
    Message(Cow<'a, str>),
    /// The line belongs to the event before it: a frame, a cause, a statement that goes on.
    More,
}

impl FileProfile {
    /// The message of a physical line, its header taken off. In a file without headers the line is the message.
    pub fn said<'a>(&self, line: &'a str) -> Said<'a> {
        if self.is_bare() {
            return Said::Message(Cow::Borrowed(line));
        }
        if let Some(read) = self.columns().and_then(|c| c.read(line)) {
            let program = super::variants::host_and_program(read.message).map_or(0, |p| p.len);
            return Said::Message(Cow::Borrowed(read.message[program..].trim_start()));
        }
        if memchr::memchr(0x1b, line.as_bytes()).is_some() {
            let clean = crate::scan::strip_ansi(Cow::Borrowed(line)).into_owned();
            return match self.said_plain(&clean) {
                Said::Message(message) => Said::Message(Cow::Owned(message.into_owned())),
                Said::More => Said::More,
            };
        }
        self.said_plain(line)
    }

    fn said_plain<'a>(&self, line: &'a str) -> Said<'a> {
        let mut buffer = [0u8; wrappers::PEEK];
        let inner = wrappers::peek(line.as_bytes(), &mut buffer);
        if self.begins(inner) {
            return Said::Message(message(line, self));
        }
        // A line without a header, in a file that has them: surely part of what came before, or a message of its own.
        let is_head = || std::str::from_utf8(inner).is_ok_and(super::body::is_head);
        if lines::is_continuation(inner) || lines::is_server_detail(inner) || is_head() {
            return Said::More;
        }
        Said::Message(Cow::Borrowed(line))
    }
}

/// The message of a line that begins an event.
fn message<'a>(line: &'a str, profile: &FileProfile) -> Cow<'a, str> {
    match wrappers::inner_line(line) {
        Some(Cow::Borrowed(inner)) => unwrapped(inner, profile.hints()),
        Some(Cow::Owned(inner)) => Cow::Owned(unwrapped(&inner, profile.hints()).into_owned()),
        None => unwrapped(line, profile.hints()),
    }
}

fn unwrapped(line: &str, hints: Hints) -> Cow<'_, str> {
    let message = match line.as_bytes().first() {
        Some(b'{') => return object(line),
        Some(_) => text(line, hints),
        None => return Cow::Borrowed(line),
    };
    if message.ends_with('}') {
        return behind_text(message);
    }
    if let Some((at, _)) = message.ends_with(']').then(|| super::text::context(message)).flatten() {
        return Cow::Borrowed(message[..at].trim_end());
    }
    Cow::Borrowed(message)
}

/// The message of an object, also where that is an object itself.
fn object(line: &str) -> Cow<'_, str> {
    let Some(message) = json::message(line) else { return Cow::Borrowed(line) };
    if !(message.starts_with("{\"") && message.ends_with('}')) || message == line.trim() {
        return message;
    }
    match json::message(&message) {
        Some(inner) => Cow::Owned(inner.into_owned()),
        None => message,
    }
}

/// An object behind a text header, or zap's object of fields behind the message.
fn behind_text(message: &str) -> Cow<'_, str> {
    if message.starts_with('{') {
        return json::message(message).unwrap_or(Cow::Borrowed(message));
    }
    match message.find("\t{") {
        Some(at) => Cow::Borrowed(&message[..at]),
        None => Cow::Borrowed(message),
    }
}

fn text(line: &str, hints: Hints) -> &str {
    let first = line.as_bytes().first().copied().unwrap_or_default();
    let special = match first {
        b'<' => special::syslog_message(line, hints),
        b'I' | b'W' | b'E' | b'F' | b'D' if lines::is_klog(line.as_bytes()) => {
            line.find("] ").map(|at| &line[at + 2..])
        }
        b'0'..=b'9' if special::is_csvlog(line) => special::csvlog_message(line),
        b'a'..=b'z' if lines::is_logfmt(line.as_bytes()) => logfmt::message(line),
        b'A'..=b'Z' if starts_with_month(line.as_bytes()) => {
            special::rfc3164_parts(line, hints).map(|p| p.message)
        }
        b'0'..=b'9' | b':' | b'a'..=b'z'
            if !line.as_bytes().get(4).is_some_and(|c| matches!(c, b'-' | b'/')) =>
        {
            access::message(line, hints)
        }
        _ => None,
    };
    special.unwrap_or_else(|| general(line, hints)).trim_end()
}

fn general(line: &str, hints: Hints) -> &str {
    let mut header = Header::default();
    header::parse(line, hints, &mut header);
    &line[header.at.min(header.end)..header.end]
}

/// Cheap: three letters and a blank, as syslog's dates begin.
fn starts_with_month(b: &[u8]) -> bool {
    b.get(3) == Some(&b' ')
        && timestamps::parse_prefix(&b[..b.len().min(40)], Hints::default())
            .is_some_and(|s| s.time.is_none() && s.len >= 14)
}

impl FileProfile {
    /// Whether the text of a line begins an event here.
    fn begins(&self, inner: &[u8]) -> bool {
        match lines::shape_of(inner) {
            None => false,
            Some(Shape::Dated) => !lines::is_server_detail(inner),
            Some(shape) => self.allows(shape, inner),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The message that a whole event has, and the one read here, are the same.
    #[test]
    fn the_same_message_as_the_events() {
        for line in [
            "2026-11-22 10:11:12,345 INFO  [main] com.acme.Orders - order 12 picked",
            "2026-11-22T10:11:12.345Z  INFO 1 --- [app] [main] c.a.Orders : order 12 picked",
            "[2026-11-22 10:11:12,345] INFO order 12 picked (com.acme.Orders)",
            "Nov 22 10:11:12 host app[12]: order 12 picked",
            "<13>Nov 22 10:11:12 host app[12]: order 12 picked",
            "<13>1 2026-11-22T10:11:12Z host app 12 id [a b=\"c\"] order 12 picked",
            "I1122 10:11:12.345678    1234 file.go:12] order 12 picked",
            "time=2026-11-22T10:11:12Z level=INFO msg=\"order 12 picked\" id=12",
            "{\"level\":\"info\",\"msg\":\"order 12 picked\",\"id\":12}",
            "{\"log\":\"2026-11-22 10:11:12 INFO order 12 picked\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-22T10:11:12Z\"}",
            "2026-11-22T10:11:12.123456789Z stdout F {\"level\":\"info\",\"message\":\"order 12 picked\"}",
            "order-1  | 2026-11-22T10:11:12Z INFO order 12 picked",
            "\u{1b}[32m2026-11-22T10:11:12Z\u{1b}[0m INFO order 12 picked",
            "10.0.0.1 - - [22/Nov/2026:10:11:12 +0000] \"GET /a HTTP/1.1\" 200 1",
            "2026-11-22T10:11:12.345Z\tINFO\tcmd/main.go:12\torder 12 picked\t{\"id\": 12}",
            "2026-11-22 10:11:12.345 UTC [12] shop@orders ERROR:  order 12 picked",
            "ERROR:shop.orders:order 12 picked",
            "[10:11:12 INF] order 12 picked",
        ] {
            let profile = FileProfile::of(format!("{line}\n{line}\n").as_bytes()).with_year(Some(2026));
            let event = super::super::parse_event(line.as_bytes(), &profile);
            assert_eq!(profile.said(line), Said::Message(Cow::Borrowed(event.message.as_str())), "{line}");
        }
    }

    #[test]
    fn frames_are_more_and_bare_messages_are_themselves() {
        let log = "2026-11-22 10:11:12 ERROR x failed\njava.io.IOException: z\n\tat a.B.c(B.java:1)\nCaused by: java.io.IOException: y\n";
        let profile = FileProfile::of(log.as_bytes());
        let said: Vec<bool> = log.lines().map(|l| profile.said(l) == Said::More).collect();
        assert_eq!(said, [false, true, true, true]);
        let bare =
            FileProfile::of(b"INFO: order 12 picked\nat noon it ended\n[main] order 13 picked\nlast order\n");
        assert_eq!(bare.said("INFO: order 12 picked"), Said::Message(Cow::Borrowed("INFO: order 12 picked")));
    }

    proptest::proptest! {
        #[test]
        fn any_line_says_something(line in r#"([{}\[\]()<>"':=|, \t\x1b-]|2026-11-22|10:11:12|Nov 22|INFO|\{"log":"|stdout F|msg=|[a-z0-9é]{1,3}){0,24}"#) {
            for profile in [FileProfile::default(), FileProfile::of(line.as_bytes())] {
                profile.said(&line);
            }
        }
    }
}
