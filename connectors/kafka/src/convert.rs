//! Bytes of a record into text and JSON. What is neither is shown as far as it can be read.

use crate::client::Fetched;
use crate::documents;
use crate::schema::Decoder;
use serde_json::{Value, json};
use std::borrow::Cow;
use waylaid_model::{Record, Timestamp};

/// Serializers of schema registries put this before a payload: a zero and the schema's number.
const FRAME: usize = 5;
/// Bytes of a payload that is no text which are shown.
const SHOWN: usize = 16 * 1024;

/// A record.
pub fn record(topic: &str, fetched: &Fetched<'_>, decoder: &Decoder) -> Record {
    Record {
        topic: topic.to_owned(),
        partition: fetched.partition(),
        offset: fetched.offset(),
        time: fetched.millis().and_then(time),
        key: fetched.key().map(|key| key_text(key).into_owned()),
        headers: fetched.headers().map(|(name, value)| (name.to_owned(), header_text(value))).collect(),
        payload: fetched.payload().map(|bytes| payload(bytes, decoder)),
    }
}

/// A record as the envelope that `kcat -J` prints.
pub fn envelope(topic: &str, fetched: &Fetched<'_>, decoder: &Decoder) -> String {
    let headers: Vec<Value> =
        fetched.headers().flat_map(|(name, value)| [json!(name), json!(header_text(value))]).collect();
    json!({
        "topic": topic,
        "partition": fetched.partition(),
        "offset": fetched.offset(),
        "tstype": if fetched.is_stamped_by_broker() { "logappend" } else { "create" },
        "ts": fetched.millis().unwrap_or(-1),
        "headers": headers,
        "key": fetched.key().map(key_text),
        "payload": fetched.payload().map(|payload| decoder.document(payload).map_or_else(|| text(payload), |told| Cow::Owned(told.to_string()))),
    })
    .to_string()
}

/// Milliseconds as a time; none where that is out of range.
pub fn time(millis: i64) -> Option<Timestamp> {
    millis.checked_mul(1_000_000).map(Timestamp)
}

/// A key as text: whole numbers of four or eight bytes, as serializers of integers write them, become digits.
pub fn key_text(key: &[u8]) -> Cow<'_, str> {
    if let Some(text) = plain(key) {
        return Cow::Borrowed(text);
    }
    if let Ok(bytes) = <[u8; 8]>::try_from(key) {
        return Cow::Owned(i64::from_be_bytes(bytes).to_string());
    }
    if let Ok(bytes) = <[u8; 4]>::try_from(key) {
        return Cow::Owned(i32::from_be_bytes(bytes).to_string());
    }
    Cow::Owned(readable(key))
}

fn header_text(value: Option<&[u8]>) -> String {
    value.map(|value| text(value).into_owned()).unwrap_or_default()
}

/// Text as it is; of anything else what can be read of it.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    plain(bytes).map_or_else(|| Cow::Owned(readable(bytes)), Cow::Borrowed)
}

/// The document that bytes are which are no text.
pub fn document(bytes: &[u8]) -> Option<Value> {
    let may_be = bytes.first().is_some_and(|first| *first >= 0x80);
    if may_be && plain(bytes).is_none() { documents::document(bytes) } else { None }
}

/// The payload decoded: JSON where it is an object or a list, with or without a registry's frame; MessagePack and CBOR; else
/// text.
pub fn payload(bytes: &[u8], decoder: &Decoder) -> Value {
    let body = match bytes {
        [0, ..] if bytes.len() > FRAME && may_be_json(&bytes[FRAME..]) => &bytes[FRAME..],
        _ => bytes,
    };
    let decoded = may_be_json(body).then(|| serde_json::from_slice(body).ok()).flatten();
    decoded.or_else(|| decoder.document(bytes)).unwrap_or_else(|| Value::String(text(bytes).into_owned()))
}

fn may_be_json(bytes: &[u8]) -> bool {
    matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// The bytes as text, if they are some.
pub fn plain(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let is_odd = |b: &u8| *b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r');
    (!bytes.iter().any(is_odd)).then_some(text)
}

/// What can be read of bytes that are no text; the rest as dots.
fn readable(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(SHOWN)];
    let mut text: String = String::from_utf8_lossy(head)
        .chars()
        .map(|c| if c.is_control() || c == char::REPLACEMENT_CHARACTER { '·' } else { c })
        .collect();
    if head.len() < bytes.len() {
        text.push_str(&format!("… ({} bytes)", bytes.len()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Value {
        payload(bytes, &Decoder::default())
    }

    #[test]
    fn keys() {
        for (bytes, expected) in [
            (b"1001".as_slice(), "1001"),
            (b"", ""),
            (b"\x00\x00\x00\x00\x00\x40\x16\x71", "4200049"),
            (b"\xff\xff\xff\xff", "-1"),
            ("größe".as_bytes(), "größe"),
            (b"\x00\x01", "··"),
        ] {
            assert_eq!(key_text(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn payloads() {
        assert_eq!(of(br#" {"id":7}"#), json!({"id": 7}));
        assert_eq!(of(b"\x00\x00\x00\x00\x07{\"id\":7}"), json!({"id": 7}));
        assert_eq!(of(b"{broken"), json!("{broken"));
        assert_eq!(of(b"12"), json!("12"));
        assert_eq!(of(b""), json!(""));
        assert_eq!(of(b"\x82\xa2id\xcd\x03\xe9\xa2ok\xc3"), json!({"id": 1001, "ok": true}));
        assert_eq!(of("äöü".as_bytes()), json!("äöü"));
        assert_eq!(of(b"\x00\x00\x00\x00\x07\x0cORD-17\x02"), json!("······ORD-17·"));
        let long = of(&vec![0xff; SHOWN + 1]);
        assert!(long.as_str().unwrap().ends_with(&format!("… ({} bytes)", SHOWN + 1)));
    }

    #[test]
    fn times_out_of_range_are_none() {
        assert_eq!(time(i64::MAX), None);
        assert_eq!(time(5), Some(Timestamp::from_millis(5)));
    }
}
