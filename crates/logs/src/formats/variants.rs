//! What some products put between the time and the message of an otherwise plain header.

use super::{level, logfmt};
use crate::scan::{blank_run, digit_run};
use serde_json::Value;
use waylaid_model::Level;

/// A part of a header, and how long it is.
#[derive(Debug, Default)]
pub(super) struct Variant<'a> {
    pub(super) len: usize,
    pub(super) thread: Option<&'a str>,
    pub(super) logger: Option<&'a str>,
    pub(super) level: Option<Level>,
    pub(super) fields: Vec<(String, Value)>,
    /// The message follows.
    pub(super) ends: bool,
}

/// Reads what stands behind a time; the first byte tells which of them it may be.
pub(super) fn behind_time(rest: &str) -> Option<Variant<'_>> {
    let gap = blank_run(rest.as_bytes());
    let text = &rest[gap..];
    let found = match text.as_bytes() {
        [b':', ..] if gap == 0 => managed_postgres(text),
        [b'P', b'I', b'D', b'[', ..] => app_service(text),
        [b's', b'p', b'i', b'd', ..] => sql_server(text),
        [first, ..] if first.is_ascii_hexdigit() => liberty(text).or_else(|| host_and_program(text)),
        [first, ..] if first.is_ascii_alphanumeric() => host_and_program(text),
        _ => None,
    }?;
    Some(Variant { len: found.len + gap, ..found })
}

/// `:10.0.0.1(50222):app@orders:[78]:ERROR:  …` of a managed PostgreSQL.
fn managed_postgres(text: &str) -> Option<Variant<'_>> {
    let head = crate::scan::head(text, 200);
    let open = head.find(":[")?;
    let pid = &head[open + 2..];
    let run = digit_run(pid.as_bytes());
    if run == 0 || !pid[run..].starts_with("]:") {
        return None;
    }
    let (user, database) = head[..open].rsplit(':').next()?.split_once('@')?;
    let fields = vec![("user".to_owned(), user.into()), ("database".to_owned(), database.into())];
    Some(Variant { len: open + 2 + run + 2, thread: Some(&pid[..run]), fields, ..Variant::default() })
}

/// `PID[4711] Error       …` of Azure's App Service.
fn app_service(text: &str) -> Option<Variant<'_>> {
    let run = digit_run(&text.as_bytes()[4..]);
    let rest = text[4 + run..].strip_prefix("] ")?;
    let word = rest.split(' ').next()?;
    let level = level::of_word(word)?;
    let len = text.len() - rest.len() + word.len();
    Some(Variant {
        len,
        thread: Some(&text[4..4 + run]),
        level: Some(level),
        ends: true,
        ..Variant::default()
    })
}

/// `spid51      Error: 1205, …` of SQL Server.
fn sql_server(text: &str) -> Option<Variant<'_>> {
    let run = digit_run(&text.as_bytes()[4..]);
    let len = 4 + run + usize::from(text[4 + run..].starts_with('s'));
    let is_error = || text[len..].trim_start().starts_with("Error: ");
    let level = is_error().then_some(Level::Error);
    (run > 0 && text[len..].starts_with("  ")).then(|| Variant {
        len,
        thread: Some(&text[..len]),
        level,
        ends: true,
        ..Variant::default()
    })
}

/// `0000002a com.ibm.ws.Util      E SRVE0777E: …` of WebSphere: thread, name, a letter for the level.
fn liberty(text: &str) -> Option<Variant<'_>> {
    let (thread, rest) = text.split_once(' ')?;
    let is_thread = thread.len() == 8 && thread.bytes().all(|c| c.is_ascii_hexdigit());
    let (name, after) = rest.split_once(' ').filter(|_| is_thread)?;
    let after = after.trim_start_matches(' ');
    let level = match after.as_bytes() {
        [b'F', b' ', ..] => Level::Fatal,
        [b'E' | b'R', b' ', ..] => Level::Error,
        [b'W', b' ', ..] => Level::Warn,
        [b'A' | b'I' | b'C' | b'O', b' ', ..] => Level::Info,
        [b'D' | b'1' | b'2' | b'3' | b'<' | b'>', b' ', ..] => Level::Debug,
        _ => return None,
    };
    let len = text.len() - after.len() + 1;
    Some(Variant {
        len,
        thread: Some(thread),
        logger: Some(name),
        level: Some(level),
        ends: true,
        ..Variant::default()
    })
}

/// `web1 pick[77]: …` of syslog and the journal behind a full date.
pub(super) fn host_and_program(text: &str) -> Option<Variant<'_>> {
    let head = &text.as_bytes()[..text.len().min(128)];
    let host_end = memchr::memchr(b' ', head)?;
    let (host, rest) = (&text[..host_end], &text[host_end + 1..]);
    let end = memchr::memchr(b' ', &rest.as_bytes()[..rest.len().min(100)]).unwrap_or(rest.len());
    let (program, pid) = match rest[..end].strip_suffix("]:").and_then(|r| r.split_once('[')) {
        Some((program, pid)) => (program, Some(pid)),
        None if &rest[..end] == "kernel:" => ("kernel", None),
        None => return None,
    };
    let plain = |name: &str| {
        !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_./@#()".contains(&c))
    };
    let is_pid = pid.is_none_or(|pid| digit_run(pid.as_bytes()) == pid.len() && !pid.is_empty());
    if !plain(host) || !plain(program) || !is_pid || level::of_word(host).is_some() {
        return None;
    }
    let fields = vec![("host.name".to_owned(), host.into()), ("process.name".to_owned(), program.into())];
    Some(Variant { len: host_end + 1 + end, thread: pid, fields, ends: true, ..Variant::default() })
}

/// `pid=1 tid=ab class=PickJob ` before a level, as Sidekiq writes, and `user=app,db=orders ` as PostgreSQL can.
pub(super) fn pairs_before_level(rest: &str) -> Option<Variant<'_>> {
    let mut len = 0;
    let mut fields = Vec::new();
    // Whose line it is; then no word of the message is.
    let mut logger = None;
    for word in crate::scan::head(rest, 400).split_inclusive(' ').take(16) {
        let name = word.trim_end();
        if level::of_header_word(name.trim_end_matches(':')).is_some() || name == "LOG:" {
            return (len > 0).then_some(Variant { len, logger, fields, ..Variant::default() });
        }
        let mut parts = 0;
        for part in name.split(',') {
            let (key, value) = part.split_once('=')?;
            if key.is_empty() || !key.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_') {
                return None;
            }
            fields.push((key.to_owned(), logfmt::scalar(value.to_owned())));
            logger = logger.or((key == "class").then_some(value));
            parts += 1;
        }
        if parts == 0 {
            return None;
        }
        len += word.len();
    }
    None
}

/// Where the date starts behind `[Nest] 77  - `, and the process.
pub(super) fn nest_head(line: &[u8]) -> Option<(usize, usize)> {
    let rest = line.strip_prefix(b"[Nest] ")?;
    let run = digit_run(rest);
    let gap = blank_run(&rest[run..]);
    let dash = rest[run + gap..].starts_with(b"- ");
    (run > 0 && dash).then_some((7 + run + gap + 2, run))
}

/// The request id that AWS Lambda writes between tabs: 36 characters.
pub(super) fn is_request_id(word: &str) -> bool {
    word.len() == 36
        && word.bytes().enumerate().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == b'-',
            _ => c.is_ascii_hexdigit(),
        })
}

/// `MainThread`, `Thread-7`, `ThreadPoolExecutor-0_1`: how Python and Java call threads by themselves.
pub(super) fn is_thread_name(name: &str) -> bool {
    name == "MainThread"
        || ["Thread-", "ThreadPoolExecutor-", "ForkPoolWorker-", "pool-"].iter().any(|start| {
            name.strip_prefix(start).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
}

/// The level of a message that says it itself: PHP's own log has no other, nor have lines of requests.
pub(super) fn level_told(message: &str) -> Option<Level> {
    if let Some(rest) = message.strip_prefix("PHP ") {
        let word = rest.split(':').next()?;
        return Some(match word {
            "Fatal error" | "Parse error" | "Recoverable fatal error" | "Core error" | "Compile error" => {
                Level::Error
            }
            "Warning" | "Core warning" | "Compile warning" => Level::Warn,
            "Notice" | "Deprecated" | "Strict Standards" => Level::Info,
            _ => return None,
        });
    }
    let status = match message.as_bytes().first()? {
        b'"' => requested(message),
        b'0'..=b'9' => iis(message).or_else(|| haproxy(message)),
        _ => None,
    }?;
    Some(level_of_status(status))
}

/// The level of an answer: what the server did wrong is an error, what the client did a warning.
pub(super) fn level_of_status(status: u16) -> Level {
    match status {
        500.. => Level::Error,
        400..=499 => Level::Warn,
        _ => Level::Info,
    }
}

fn status_of(word: &str) -> Option<u16> {
    word.parse().ok().filter(|s| word.len() == 3 && (100..600).contains(s))
}

/// `"GET /orders HTTP/1.1" 503 …`.
fn requested(message: &str) -> Option<u16> {
    let (request, after) = crate::scan::head(message, 8192)[1..].split_once("\" ")?;
    request.rsplit(' ').next().filter(|v| v.starts_with("HTTP/"))?;
    status_of(after.split(' ').next()?)
}

/// `10.0.0.2 GET /orders - 443 - 10.0.0.1 curl - 500 0 0 123` of IIS: the last four are status, two codes, milliseconds.
fn iis(message: &str) -> Option<u16> {
    let mut first = message.split(' ').skip(1);
    let method = first.next().filter(|m| m.len() > 2 && m.bytes().all(|c| c.is_ascii_uppercase()));
    method.and(first.next().filter(|p| p.starts_with('/')))?;
    let mut last = message.trim_end().rsplit(' ');
    let is_number = |w: Option<&str>| w.is_some_and(|w| !w.is_empty() && digit_run(w.as_bytes()) == w.len());
    (is_number(last.next()) && is_number(last.next()) && is_number(last.next())).then_some(())?;
    status_of(last.next()?)
}

/// `10.0.0.1:50222 [22/Nov/2026:10:11:12.345] http-in~ orders/web1 0/0/1/-1/60002 504 …` of HAProxy.
fn haproxy(message: &str) -> Option<u16> {
    let mut words = message.split(' ').skip(1);
    words.next().filter(|w| w.starts_with('[') && w.ends_with(']'))?;
    let times = words.nth(2).filter(|t| t.matches('/').count() == 4)?;
    times.starts_with(|c: char| c.is_ascii_digit() || c == '-').then_some(())?;
    status_of(words.next()?)
}
