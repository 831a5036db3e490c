//! `key=value` pairs: logfmt lines, and pairs in brackets that a mapped diagnostic context writes.

use super::fields::Draft;
use crate::timestamps::Hints;
use serde_json::Value;
use waylaid_model::LogEvent;

/// Reads a logfmt line (logrus, slog's text handler, go-kit); `None` when it is none.
pub(crate) fn parse(text: &str, hints: Hints) -> Option<LogEvent> {
    if !super::lines::is_logfmt(text.as_bytes()) {
        return None;
    }
    let (line, rest) = crate::scan::first_line(text);
    let mut draft = Draft::default();
    for (key, value) in Pairs::new(line) {
        draft.push(key.to_owned(), scalar(value));
    }
    if draft.len() < 2 {
        return None;
    }
    let mut event = draft.into_event(hints, line);
    if !rest.is_empty() {
        append(&mut event, rest);
    }
    Some(event)
}

/// The message of a logfmt line, as it is written.
pub(crate) fn message(line: &str) -> Option<&str> {
    let at = if line.starts_with("msg=") { 4 } else { line.find(" msg=").map(|at| at + 5)? };
    let rest = &line[at..];
    let Some(quoted) = rest.strip_prefix('"') else { return rest.split(' ').next() };
    let mut end = 0;
    let b = quoted.as_bytes();
    while end < b.len() && b[end] != b'"' {
        end += if b[end] == b'\\' { 2 } else { 1 };
    }
    quoted.get(..end.min(b.len()))
}

/// Adds lines that followed a structured event: a stack trace, else more message.
pub(crate) fn append(event: &mut LogEvent, rest: &str) {
    let (more, exception) = super::body::split(&format!("{}\n{rest}", event.message));
    event.message = more;
    if event.exception.is_none() {
        event.exception = exception;
    }
}

/// A value as JSON: numbers and booleans typed, all else text.
pub(crate) fn scalar(text: String) -> Value {
    match text.as_str() {
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        _ => {}
    }
    let b = text.as_bytes();
    let canonical =
        !b.is_empty() && b.len() < 19 && b.iter().all(u8::is_ascii_digit) && (b[0] != b'0' || b.len() == 1);
    match text.parse::<i64>() {
        Ok(n) if canonical => Value::from(n),
        _ => Value::String(text),
    }
}

/// The pairs of a text; what is no pair is passed over.
pub(crate) struct Pairs<'a> {
    text: &'a str,
    at: usize,
    /// Whether what an error says may hold blanks although it is not quoted.
    open: bool,
}

impl<'a> Pairs<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, open: false }
    }

    /// The same where values are written as they are: Rust's tracing puts no quotes around what an error says.
    pub(crate) fn unquoted(text: &'a str) -> Self {
        Self { text, at: 0, open: true }
    }

    /// A value up to the next pair, or to the end.
    fn open_value(&mut self) -> String {
        let rest = &self.text[self.at..];
        let begins_pair = |at: usize| {
            let tail = &rest[at + 1..];
            let len = tail.bytes().take_while(|c| is_key_byte(*c)).count();
            len > 0 && tail.as_bytes().get(len) == Some(&b'=')
        };
        let end =
            memchr::memchr_iter(b' ', rest.as_bytes()).find(|at| begins_pair(*at)).unwrap_or(rest.len());
        self.at += end;
        rest[..end].trim_end().to_owned()
    }

    fn value(&mut self) -> String {
        let rest = &self.text[self.at..];
        if rest.starts_with('"') {
            return self.quoted();
        }
        let len = rest.find([' ', '\t']).unwrap_or(rest.len());
        self.at += len;
        rest[..len].trim_end_matches([',', ';']).to_owned()
    }

    fn quoted(&mut self) -> String {
        let mut out = String::new();
        let mut chars = self.text[self.at + 1..].char_indices();
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += i + 2;
                    return out;
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => out.push('\n'),
                    Some((_, 't')) => out.push('\t'),
                    Some((_, 'r')) => {}
                    Some((_, other)) => out.push(other),
                    None => {}
                },
                other => out.push(other),
            }
        }
        self.at = self.text.len();
        out
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a str, String);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = &self.text[self.at..];
            let skip = rest.len() - rest.trim_start_matches([' ', '\t', ',', ';']).len();
            self.at += skip;
            let rest = &self.text[self.at..];
            if rest.is_empty() {
                return None;
            }
            let len = rest.bytes().take_while(|c| is_key_byte(*c)).count();
            if len > 0 && rest.as_bytes().get(len) == Some(&b'=') && !rest.as_bytes()[0].is_ascii_digit() {
                self.at += len + 1;
                let key = &rest[..len];
                let is_open = self.open && says_why(key) && !self.text[self.at..].starts_with('"');
                return Some((key, if is_open { self.open_value() } else { self.value() }));
            }
            self.at += rest.find([' ', '\t']).unwrap_or(rest.len());
        }
    }
}

/// Whether a field is named for what went wrong.
fn says_why(key: &str) -> bool {
    matches!(
        key.rsplit('.').next().unwrap_or(key),
        "error" | "err" | "e" | "reason" | "cause" | "exception" | "failure" | "why" | "source"
    )
}

fn is_key_byte(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | b'-' | b'@')
}

/// The pairs of a bracket that holds nothing but pairs (`traceId=ab, orderId=12`); `None` when it holds anything else.
pub(crate) fn strict_pairs(inner: &str) -> Option<Vec<(String, Value)>> {
    let separator = if inner.contains(',') { ',' } else { ' ' };
    let mut pairs = Vec::new();
    for part in inner.split(separator).map(str::trim).filter(|p| !p.is_empty()) {
        let (key, value) = part.split_once('=').or_else(|| part.split_once(": "))?;
        if key.is_empty() || !key.bytes().all(is_key_byte) || key.as_bytes()[0].is_ascii_digit() {
            return None;
        }
        if value.contains(['[', '(', '{']) {
            return None;
        }
        pairs.push((key.to_owned(), scalar(value.trim_matches('"').to_owned())));
    }
    (!pairs.is_empty()).then_some(pairs)
}
