//! A record's line: `{"topic","partition","offset","tstype","ts","headers":["k","v",…],"key","payload"}`.

use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;
use std::fmt::Write;
use waylaid_model::{Record, Timestamp, scalar_text};

/// Where a record stands, and when.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head<'a> {
    /// Topic, where the record names it.
    pub topic: Option<Cow<'a, str>>,
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
    /// Time.
    pub time: Option<Timestamp>,
}

/// The head of a record's line; `None` when the line is no whole record. Reads no further than it must.
pub(super) fn head(line: &[u8]) -> Option<Head<'_>> {
    if line.last() != Some(&b'}') {
        return None;
    }
    let quick = Scalars::new(line).head().complete();
    quick.filter(|head| head.topic.is_some() && head.time.is_some()).or_else(|| slow_head(line))
}

/// The head of a line whose end is missing, as far as it stands before keys, headers and payload.
pub(super) fn head_of_beginning(beginning: &[u8]) -> Option<Head<'_>> {
    Scalars::new(beginning).head().complete()
}

#[derive(Deserialize)]
struct SlowHead<'a> {
    #[serde(borrow, default)]
    topic: Option<Cow<'a, str>>,
    partition: Value,
    offset: Value,
    #[serde(default, alias = "timestamp")]
    ts: Value,
}

fn slow_head(line: &[u8]) -> Option<Head<'_>> {
    let Ok(head) = serde_json::from_slice::<SlowHead<'_>>(line) else {
        let record = record(line, "")?;
        let topic = Some(record.topic).filter(|topic| !topic.is_empty()).map(Cow::Owned);
        return Some(Head { topic, partition: record.partition, offset: record.offset, time: record.time });
    };
    Some(Head {
        topic: head.topic,
        partition: i32::try_from(integer(&head.partition)?).ok()?,
        offset: integer(&head.offset)?,
        time: time(&head.ts),
    })
}

#[derive(Default)]
struct Partial<'a> {
    topic: Option<&'a str>,
    partition: Option<i32>,
    offset: Option<i64>,
    time: Option<Timestamp>,
}

impl<'a> Partial<'a> {
    fn complete(self) -> Option<Head<'a>> {
        let topic = self.topic.map(Cow::Borrowed);
        Some(Head { topic, partition: self.partition?, offset: self.offset?, time: self.time })
    }
}

/// The members at the beginning of an object, as long as they are numbers and plain strings.
struct Scalars<'a> {
    rest: &'a [u8],
}

impl<'a> Scalars<'a> {
    fn new(line: &'a [u8]) -> Self {
        Self { rest: line.trim_ascii_start().strip_prefix(b"{").unwrap_or_default() }
    }

    fn head(mut self) -> Partial<'a> {
        let mut head = Partial::default();
        while let Some((name, value)) = self.member() {
            let number = || std::str::from_utf8(value).ok()?.parse::<i64>().ok();
            match name {
                b"topic" => head.topic = string(value),
                b"partition" => head.partition = number().and_then(|p| i32::try_from(p).ok()),
                b"offset" => head.offset = number(),
                b"ts" => head.time = number().and_then(from_millis),
                b"key" | b"headers" | b"payload" => break,
                _ => {}
            }
            let is_done = head.topic.is_some() && head.time.is_some();
            if is_done && head.partition.is_some() && head.offset.is_some() {
                break;
            }
        }
        head
    }

    /// The next name and its value; strings keep their quotes. `None` at anything else.
    fn member(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        self.rest = self.rest.trim_ascii_start();
        self.rest = self.rest.strip_prefix(b",").unwrap_or(self.rest).trim_ascii_start();
        let name = self.string()?;
        self.rest = self.rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        let value = match self.rest.first()? {
            b'"' => self.string()?,
            b'-' | b'0'..=b'9' | b'n' => {
                let end = self.rest.iter().position(|b| matches!(b, b',' | b'}' | b' '))?;
                let (value, rest) = self.rest.split_at(end);
                self.rest = rest;
                return Some((&name[1..name.len() - 1], value));
            }
            _ => return None,
        };
        Some((&name[1..name.len() - 1], value))
    }

    /// A string without escapes, with its quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
        let inner = self.rest.strip_prefix(b"\"")?;
        let end = memchr::memchr2(b'"', b'\\', inner)?;
        if inner[end] == b'\\' {
            return None;
        }
        let (string, rest) = self.rest.split_at(end + 2);
        self.rest = rest;
        Some(string)
    }
}

fn string(value: &[u8]) -> Option<&str> {
    let inner = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    std::str::from_utf8(inner).ok()
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    topic: Option<String>,
    partition: Value,
    offset: Value,
    #[serde(default, alias = "timestamp")]
    ts: Value,
    #[serde(default)]
    headers: Value,
    #[serde(default)]
    key: Value,
    #[serde(default, alias = "value")]
    payload: Value,
}

/// A record from its line; `None` when the line is none. Bytes that JSON doesn't allow are replaced.
pub(super) fn record(line: &[u8], file_topic: &str) -> Option<Record> {
    let envelope: Envelope = match serde_json::from_slice(line) {
        Ok(envelope) => envelope,
        Err(_) => serde_json::from_str(&cleaned(line)?).ok()?,
    };
    Some(Record {
        topic: envelope.topic.unwrap_or_else(|| file_topic.to_owned()),
        partition: i32::try_from(integer(&envelope.partition)?).ok()?,
        offset: integer(&envelope.offset)?,
        time: time(&envelope.ts),
        key: key(envelope.key),
        headers: headers(&envelope.headers),
        payload: payload(envelope.payload),
    })
}

/// The line with invalid UTF-8 replaced and control characters escaped; `None` where that changes nothing.
fn cleaned(line: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(line);
    let is_dirty = matches!(text, Cow::Owned(_)) || text.bytes().any(|b| b < b' ');
    is_dirty.then(|| {
        let mut clean = String::with_capacity(text.len() + 64);
        for c in text.chars() {
            match c {
                c if c < ' ' => drop(write!(clean, "\\u{:04x}", c as u32)),
                c => clean.push(c),
            }
        }
        clean
    })
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(number) => from_millis(number.as_i64().or_else(|| number.as_f64().map(|f| f as i64))?),
        Value::String(text) => {
            text.parse().ok().and_then(from_millis).or_else(|| Timestamp::parse_rfc3339(text))
        }
        _ => None,
    }
}

/// Brokers say -1 where there is no time; a number too large for a time is none either.
fn from_millis(ms: i64) -> Option<Timestamp> {
    (ms >= 0).then(|| ms.checked_mul(1_000_000).map(Timestamp)).flatten()
}

fn key(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(key) => Some(key),
        other => Some(other.to_string()),
    }
}

/// Names and values in turn, or an object.
fn headers(value: &Value) -> Vec<(String, String)> {
    let text = |value: Option<&Value>| match value {
        None | Some(Value::Null) => String::new(),
        Some(value) => scalar_text(value).unwrap_or_else(|| value.to_string()),
    };
    match value {
        Value::Array(items) => items.chunks(2).map(|pair| (text(pair.first()), text(pair.get(1)))).collect(),
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), text(Some(value)))).collect(),
        _ => Vec::new(),
    }
}

/// What the payload says: decoded where it is the text of an object or array.
fn payload(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) => {
            let may_be_json = text.trim_start().starts_with(['{', '[']);
            let decoded = may_be_json.then(|| serde_json::from_str(&text).ok()).flatten();
            Some(decoded.unwrap_or(Value::String(text)))
        }
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(line: &str) -> Record {
        record(line.as_bytes(), "file").unwrap_or_else(|| panic!("{line} is a record"))
    }

    #[test]
    fn the_envelope_of_kcat() {
        let line = r#"{"topic":"o","partition":3,"offset":42,"tstype":"create","ts":1700000000123,"broker":1,
            "headers":["k","v","k","w"],"key":"7","payload":"{\"id\":7}"}"#
            .replace('\n', " ");
        let record = read(&line);
        assert_eq!((record.topic.as_str(), record.partition, record.offset), ("o", 3, 42));
        assert_eq!(record.time, Some(Timestamp::from_millis(1_700_000_000_123)));
        assert_eq!(record.headers, [("k".into(), "v".into()), ("k".into(), "w".into())]);
        assert_eq!(record.payload, Some(json!({"id": 7})));
        let head = head(line.as_bytes()).unwrap();
        assert_eq!(
            (head.topic.as_deref(), head.partition, head.offset, head.time),
            (Some("o"), 3, 42, record.time)
        );
    }

    #[test]
    fn what_may_be_missing_or_odd() {
        let record = read(r#"{"partition":0,"offset":1}"#);
        assert_eq!(
            (record.topic.as_str(), record.key, record.payload, record.time),
            ("file", None, None, None)
        );
        let record =
            read(r#"{"partition":"0","offset":1,"ts":-1,"key":77,"headers":null,"payload":{"a":[1]}}"#);
        assert_eq!((record.key.as_deref(), record.time), (Some("77"), None));
        assert_eq!(read(r#"{"partition":0,"offset":1,"ts":9223372036855}"#).time, None);
        assert_eq!(read(r#"{"partition":0,"offset":1,"ts":1e300}"#).time, None);
        assert_eq!(record.payload, Some(json!({"a": [1]})));
        assert_eq!(read(r#"{"partition":0,"offset":1,"payload":"{broken"}"#).payload, Some(json!("{broken")));
        assert_eq!(read(r#"{"partition":0,"offset":1,"payload":"12"}"#).payload, Some(json!("12")));
        assert!(record_is_none(r#"{"partition":0,"offset":1,"payl"#));
        assert!(record_is_none(r#"{"offset":1}"#) && record_is_none("[]") && record_is_none("nonsense"));
    }

    fn record_is_none(line: &str) -> bool {
        record(line.as_bytes(), "file").is_none() && head(line.as_bytes()).is_none()
    }

    #[test]
    fn heads_in_any_order() {
        let line =
            br#"{"payload":{"offset":9,"partition":9},"key":null,"offset":5,"partition":1,"topic":"t"}"#;
        let head = head(line).unwrap();
        assert_eq!((head.topic.as_deref(), head.partition, head.offset), (Some("t"), 1, 5));
    }

    #[test]
    fn bytes_that_json_does_not_allow() {
        let record = record(b"{\"partition\":0,\"offset\":1,\"payload\":\"a\x00\xff\"}", "f").unwrap();
        assert_eq!(record.payload, Some(json!("a\u{0}\u{fffd}")));
    }
}
