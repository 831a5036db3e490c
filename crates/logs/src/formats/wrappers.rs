//! What container runtimes put around every line: docker's json-file, CRI, the prefix of docker compose.

use super::writers;
use crate::timestamps::{self, Hints};
use serde_json::Value;
use std::borrow::Cow;
use waylaid_model::Timestamp;

/// How many bytes of a wrapped line are unwrapped for the cheap test of its beginning.
pub(crate) const PEEK: usize = 160;

/// The text inside the wrappers and what the wrapper told.
#[derive(Debug)]
pub(crate) struct Unwrapped<'a> {
    pub(crate) text: Cow<'a, str>,
    /// Time of the first line, by the runtime, with zone.
    pub(crate) time: Option<Timestamp>,
    /// `stdout` or `stderr`, and compose's service.
    pub(crate) fields: Vec<(String, Value)>,
}

/// The beginning of the line inside a wrapper, for tests of its shape; the line itself when there is no wrapper.
pub(crate) fn peek<'a>(line: &'a [u8], buffer: &'a mut [u8; PEEK]) -> &'a [u8] {
    if let Some(inner) = docker_inner(line) {
        return unescape_head(inner, buffer);
    }
    if let Some((_, _, at)) = cri(line) {
        return &line[at..];
    }
    match pod_prefix(line) {
        Some(at) => &line[at..],
        None => line,
    }
}

/// Where the text starts behind `[pod/pick-7d9f8b6c5-abcde/pick] ` of `kubectl logs --prefix`.
fn pod_prefix(line: &[u8]) -> Option<usize> {
    let head = line.strip_prefix(b"[pod/")?;
    let close = memchr::memchr(b']', &head[..head.len().min(300)])?;
    (head.get(close + 1) == Some(&b' ')).then_some(5 + close + 2)
}

/// What follows `{"log":"` of docker's json-file, still escaped.
fn docker_inner(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"{\"log\":")?;
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    rest.strip_prefix(b"\"")
}

fn unescape_head<'a>(escaped: &[u8], buffer: &'a mut [u8; PEEK]) -> &'a [u8] {
    let (mut from, mut to) = (0, 0);
    while to < PEEK && from < escaped.len() && escaped[from] != b'"' {
        let mut c = escaped[from];
        from += 1;
        if c == b'\\' {
            let Some(code) = escaped.get(from) else { break };
            from += 1;
            c = match code {
                b'n' => break,
                b't' => b'\t',
                b'r' => b'\r',
                b'u' => {
                    let low = escaped.get(from + 2..from + 4).unwrap_or(b"3f");
                    from += 4;
                    let hex = std::str::from_utf8(low).ok().and_then(|h| u8::from_str_radix(h, 16).ok());
                    hex.unwrap_or(b'?')
                }
                other => *other,
            };
        }
        buffer[to] = c;
        to += 1;
    }
    &buffer[..to]
}

/// `2026-11-22T10:11:12.345678901Z stdout F text`: length of the time, stream, where the text starts.
fn cri(line: &[u8]) -> Option<(usize, &'static str, usize)> {
    if line.get(10) != Some(&b'T') || line.get(4) != Some(&b'-') {
        return None;
    }
    let end = memchr::memchr(b' ', &line[..line.len().min(48)])?;
    let rest = &line[end..];
    let stream = if rest.starts_with(b" stdout ") {
        "stdout"
    } else if rest.starts_with(b" stderr ") {
        "stderr"
    } else {
        return None;
    };
    let tag = rest.get(8..)?;
    (matches!(tag, [b'F' | b'P', b' ', ..])).then_some((end, stream, end + 10))
}

/// Whether a wrapped line is cut: the runtime goes on with it on the next one. CRI tags such lines with a `P`; docker's
/// have no line end inside.
pub(crate) fn goes_on(line: &[u8]) -> bool {
    if docker_inner(line).is_some() {
        let end = memchr::memmem::rfind(line, b"\",\"stream\":").unwrap_or(0);
        let inner = &line[..end];
        let slashes =
            inner.strip_suffix(b"n").unwrap_or_default().iter().rev().take_while(|c| **c == b'\\').count();
        return end > 0 && slashes % 2 == 0;
    }
    cri(line).is_some_and(|(_, _, at)| line[at - 2] == b'P')
}

/// Takes wrappers off an event's lines and joins what is inside.
pub(crate) fn unwrap(text: Cow<'_, str>) -> Unwrapped<'_> {
    if docker_inner(text.as_bytes()).is_some()
        && let Some(unwrapped) = unwrap_docker(&text)
    {
        return unwrapped;
    }
    if let Some((len, stream, _)) = cri(text.as_bytes()) {
        return unwrap_cri(&text, len, stream);
    }
    if let Some(at) = name_before(text.as_bytes()) {
        return unwrap_compose(&text, at);
    }
    let text = writers::unnamed(&text).map_or(text, |joined| writers::with_tabs(Cow::Owned(joined)));
    Unwrapped { text, time: None, fields: Vec::new() }
}

/// The text inside the wrapper of a single line; `None` where there is no wrapper.
pub(crate) fn inner_line(line: &str) -> Option<Cow<'_, str>> {
    if docker_inner(line.as_bytes()).is_some() {
        let mut inner = serde_json::from_str::<DockerLine<'_>>(line).ok()?.log;
        match &mut inner {
            Cow::Borrowed(text) => *text = text.trim_end_matches(['\n', '\r']),
            Cow::Owned(text) => text.truncate(text.trim_end_matches(['\n', '\r']).len()),
        }
        return Some(crate::scan::strip_ansi(inner));
    }
    if let Some((_, _, at)) = cri(line.as_bytes()) {
        return line.get(at..).map(Cow::Borrowed);
    }
    name_before(line.as_bytes()).map(|at| Cow::Borrowed(&line[at..]))
}

#[derive(serde::Deserialize)]
struct DockerLine<'a> {
    #[serde(borrow)]
    log: Cow<'a, str>,
    #[serde(default)]
    stream: Option<Cow<'a, str>>,
    #[serde(default)]
    time: Option<Cow<'a, str>>,
    #[serde(default)]
    attrs: Option<Value>,
}

fn unwrap_docker(text: &str) -> Option<Unwrapped<'static>> {
    let mut joined = String::with_capacity(text.len());
    let (mut time, mut fields) = (None, Vec::new());
    for (n, line) in text.lines().enumerate() {
        match serde_json::from_str::<DockerLine<'_>>(line) {
            Ok(inner) => {
                joined.push_str(&inner.log);
                if n == 0 {
                    time =
                        inner.time.and_then(|t| timestamps::parse(&t, Hints::default())).and_then(|s| s.time);
                    fields.extend(inner.stream.map(|s| ("stream".to_owned(), Value::String(s.into_owned()))));
                    fields.extend(inner.attrs.map(|a| ("attrs".to_owned(), a)));
                }
            }
            Err(_) if n == 0 => return None,
            Err(_) => {
                if !joined.ends_with('\n') {
                    joined.push('\n');
                }
                joined.push_str(line);
                joined.push('\n');
            }
        }
    }
    joined.truncate(joined.trim_end_matches(['\n', '\r']).len());
    Some(Unwrapped { text: crate::scan::strip_ansi(Cow::Owned(joined)), time, fields })
}

fn unwrap_cri(text: &str, len: usize, stream: &str) -> Unwrapped<'static> {
    let time = timestamps::parse(&text[..len], Hints::default()).and_then(|s| s.time);
    let mut joined = String::with_capacity(text.len());
    let mut partial = true;
    for (n, line) in text.lines().enumerate() {
        let (inner, is_partial) = match cri(line.as_bytes()) {
            Some((_, _, at)) => (line.get(at..).unwrap_or_default(), line.as_bytes()[at - 2] == b'P'),
            None => (line, false),
        };
        if n > 0 && !partial {
            joined.push('\n');
        }
        joined.push_str(inner);
        partial = is_partial;
    }
    let fields = vec![("stream".to_owned(), Value::String(stream.to_owned()))];
    Unwrapped { text: Cow::Owned(joined), time, fields }
}

/// Where the text starts behind `order-service-1  | `, or behind the name of a pod.
pub(super) fn name_before(line: &[u8]) -> Option<usize> {
    if let Some(at) = pod_prefix(line) {
        return Some(at);
    }
    let head = &line[..line.len().min(80)];
    let bar = memchr::memchr(b'|', head)?.checked_sub(1)?;
    let name = head[..bar].trim_ascii_end();
    let is_named = name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.'))
        && std::str::from_utf8(name).is_ok_and(|name| super::level::of_word(name).is_none());
    // An empty line may have lost the blank behind the bar.
    let at = match line.get(bar..) {
        Some([b' ', b'|', b' ', ..]) => bar + 3,
        Some([b' ', b'|']) => bar + 2,
        _ => return None,
    };
    is_named.then_some(at)
}

fn unwrap_compose(text: &str, at: usize) -> Unwrapped<'static> {
    let prefix = &text[..at];
    let joined: Vec<&str> = text
        .lines()
        .map(|l| l.strip_prefix(prefix).or(l.strip_prefix(prefix.trim_end())).unwrap_or(l))
        .collect();
    let name = prefix.trim_end_matches(['|', ' ', ']']).trim_start_matches('[').to_owned();
    let fields = vec![("container.name".to_owned(), Value::String(name))];
    Unwrapped { text: Cow::Owned(joined.join("\n")), time: None, fields }
}
