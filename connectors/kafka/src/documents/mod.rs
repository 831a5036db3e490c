//! Payloads that are binary documents: MessagePack and CBOR into JSON. Bytes are only taken for such a document when all of
//! them are one, with a map or a list at its top; nothing is reserved by what a length claims.

mod cbor;
mod msgpack;

use serde_json::{Number, Value};
use std::fmt::Write as _;

/// How deep documents may be nested.
const DEPTH: u8 = 64;
/// Bytes of a binary member that are shown.
const SHOWN: usize = 256;

/// The document that these bytes are, if they are one.
pub(crate) fn document(bytes: &[u8]) -> Option<Value> {
    match bytes.first()? {
        // Maps and lists of the one are lists of the other: the one is far more frequent.
        0x80..=0x9f => msgpack::document(bytes).or_else(|| cbor::document(bytes)),
        0xdc..=0xdf => msgpack::document(bytes),
        0xa0..=0xdb => cbor::document(bytes),
        _ => None,
    }
}

/// Bytes that are left to be read.
struct Input<'b> {
    rest: &'b [u8],
}

impl<'b> Input<'b> {
    fn take(&mut self, count: u64) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(usize::try_from(count).ok()?)?;
        self.rest = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// A whole number of so many bytes, the highest first.
    fn number(&mut self, bytes: u64) -> Option<u64> {
        Some(self.take(bytes)?.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }

    fn text(&mut self, count: u64) -> Option<String> {
        std::str::from_utf8(self.take(count)?).ok().map(str::to_owned)
    }
}

fn float(number: f64) -> Value {
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

/// Bytes inside a document, as tables show them.
fn binary(bytes: &[u8]) -> Value {
    let mut text = String::from("x'");
    for byte in &bytes[..bytes.len().min(SHOWN)] {
        let _ = write!(text, "{byte:02x}");
    }
    text.push('\'');
    if bytes.len() > SHOWN {
        let _ = write!(text, "… ({} bytes)", bytes.len());
    }
    Value::from(text)
}

/// The name of a member: text, or a number as its digits.
fn name(value: Value) -> Option<String> {
    match value {
        Value::String(name) => Some(name),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_are_told_apart_by_their_first_byte() {
        // {"id": 1001, "ok": true}
        assert_eq!(document(b"\x82\xa2id\xcd\x03\xe9\xa2ok\xc3"), Some(json!({"id": 1001, "ok": true})));
        assert_eq!(document(b"\xa2\x62id\x19\x03\xe9\x62ok\xf5"), Some(json!({"id": 1001, "ok": true})));
        // A list of two in CBOR, which MessagePack would take for a map.
        assert_eq!(document(b"\x82\x01\x61a"), Some(json!([1, "a"])));
    }

    #[test]
    fn what_is_no_whole_document_is_none() {
        for bytes in [
            b"".as_slice(),
            b"\x01",
            b"\x82\xa2id",
            b"\x81\xa2id\x01\x00",
            b"\xdf\xff\xff\xff\xff",
            b"\xdd\xff\xff\xff\xff\x01",
            b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\xa2\x62id\x19\x03",
            b"\x00\x00\x00\x00\x07\x0cORD-17\x02",
        ] {
            assert_eq!(document(bytes), None, "{bytes:x?}");
        }
        assert_eq!(document(&[0x91; 10_000]), None, "as deep as that is none");
        assert_eq!(document(&[0x9f; 10_000]), None);
    }

    #[test]
    fn any_bytes_are_borne() {
        let mut state = 7_u64;
        for _ in 0..200_000 {
            let bytes: Vec<u8> = (0..24)
                .map(|_| {
                    state =
                        state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 33) as u8
                })
                .collect();
            let _ = document(&bytes);
            let _ = document(&[&[0x82], &bytes[..]].concat());
            let _ = document(&[&[0xbf], &bytes[..]].concat());
        }
    }
}
