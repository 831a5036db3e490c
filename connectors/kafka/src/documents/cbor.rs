//! CBOR.

use super::{DEPTH, Input, binary, float, name};
use serde_json::{Map, Value};

/// The map or list that these bytes are.
pub(super) fn document(bytes: &[u8]) -> Option<Value> {
    let mut input = Input { rest: bytes };
    let value = value(&mut input, DEPTH)??;
    (input.rest.is_empty() && (value.is_object() || value.is_array())).then_some(value)
}

/// A value; nothing inside where a `break` ends what has no length.
#[expect(clippy::option_option, reason = "broken and ended are two things")]
fn value(input: &mut Input<'_>, depth: u8) -> Option<Option<Value>> {
    let depth = depth.checked_sub(1)?;
    let head = input.byte()?;
    let (major, info) = (head >> 5, head & 0x1f);
    // Simple values and floats carry what others have for a length.
    let argument = match info {
        0..=23 => Some(u64::from(info)),
        24..=27 => Some(input.number(1 << (info - 24))?),
        31 => None,
        _ => return None,
    };
    Some(Some(match (major, argument) {
        (0, Some(number)) => Value::from(number),
        (1, Some(number)) => negative(number),
        (2, Some(count)) => binary(input.take(count)?),
        (3, Some(count)) => Value::from(input.text(count)?),
        (2 | 3, None) => pieces(input, major)?,
        (4, count) => list(input, count, depth)?,
        (5, count) => map(input, count, depth)?,
        // A tag says how to take what follows: as it is, but for whole numbers without bounds.
        (6, Some(tag @ (2 | 3))) => large(input, tag)?,
        (6, Some(_)) => return value(input, depth),
        (7, None) => return Some(None),
        (7, Some(bits)) => simple(info, bits)?,
        _ => return None,
    }))
}

fn negative(number: u64) -> Value {
    match i64::try_from(number) {
        Ok(number) => Value::from(-1 - number),
        Err(_) => Value::from((-1 - i128::from(number)).to_string()),
    }
}

fn list(input: &mut Input<'_>, count: Option<u64>, depth: u8) -> Option<Value> {
    let mut list = Vec::new();
    while count.is_none_or(|count| (list.len() as u64) < count) {
        match (value(input, depth)?, count) {
            (Some(value), _) => list.push(value),
            (None, None) => break,
            (None, Some(_)) => return None,
        }
    }
    Some(Value::Array(list))
}

fn map(input: &mut Input<'_>, count: Option<u64>, depth: u8) -> Option<Value> {
    let mut map = Map::new();
    let mut read = 0;
    while count.is_none_or(|count| read < count) {
        read += 1;
        match (value(input, depth)?, count) {
            (Some(key), _) => map.insert(name(key)?, value(input, depth)??),
            (None, None) => break,
            (None, Some(_)) => return None,
        };
    }
    Some(Value::Object(map))
}

/// Text or bytes in pieces.
fn pieces(input: &mut Input<'_>, major: u8) -> Option<Value> {
    let mut all = Vec::new();
    loop {
        let head = input.byte()?;
        if head == 0xff {
            break;
        }
        let info = head & 0x1f;
        if head >> 5 != major || info > 27 {
            return None;
        }
        let count = if info < 24 { u64::from(info) } else { input.number(1 << (info - 24))? };
        all.extend_from_slice(input.take(count)?);
    }
    Some(if major == 3 { Value::from(String::from_utf8(all).ok()?) } else { binary(&all) })
}

/// A whole number of any size: its digits where it is not too long for them.
fn large(input: &mut Input<'_>, tag: u64) -> Option<Value> {
    let head = input.byte()?;
    let count = match head {
        0x40..=0x57 => u64::from(head & 0x1f),
        0x58 => input.number(1)?,
        _ => return None,
    };
    let bytes = input.take(count)?;
    if bytes.len() >= 16 {
        return Some(binary(bytes));
    }
    let number = bytes.iter().fold(0_i128, |number, byte| (number << 8) | i128::from(*byte));
    Some(Value::from(if tag == 3 { -1 - number } else { number }.to_string()))
}

fn simple(info: u8, bits: u64) -> Option<Value> {
    Some(match (info, bits) {
        (20, _) => Value::from(false),
        (21, _) => Value::from(true),
        (22 | 23, _) => Value::Null,
        (25, bits) => float(half(bits as u16)),
        (26, bits) => float(f64::from(f32::from_bits(bits as u32))),
        (27, bits) => float(f64::from_bits(bits)),
        _ => return None,
    })
}

/// A float of sixteen bits.
fn half(bits: u16) -> f64 {
    let (exponent, mantissa) = (i32::from((bits >> 10) & 0x1f), f64::from(bits & 0x3ff));
    let size = match exponent {
        0 => mantissa * 2_f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + mantissa / 1024.0) * 2_f64.powi(exponent - 15),
    };
    if bits >> 15 == 1 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::document;
    use serde_json::json;

    #[test]
    fn every_kind_of_value() {
        for (bytes, expected) in [
            (
                b"\x84\x18\xff\x20\x1b\xff\xff\xff\xff\xff\xff\xff\xff\x3b\xff\xff\xff\xff\xff\xff\xff\xff"
                    .as_slice(),
                json!([255, -1, u64::MAX, "-18446744073709551616"]),
            ),
            (
                b"\x83\xf9\x3e\x00\xfa\x40\x20\x00\x00\xfb\x40\x04\x00\x00\x00\x00\x00\x00",
                json!([1.5, 2.5, 2.5]),
            ),
            (b"\xbf\x61a\x9f\x01\xf6\xff\xff", json!({"a": [1, null]})),
            (b"\xa1\x61t\xc0\x74\x32\x30\x32\x36-01-01T00:00:00Z", json!({"t": "2026-01-01T00:00:00Z"})),
            (b"\x82\x7f\x61a\x61b\xff\x42\x00\xff", json!(["ab", "x'00ff'"])),
            (b"\xd9\xd9\xf7\xa1\x01\xf5", json!({"1": true})),
            (b"\x81\xc2\x49\x01\x00\x00\x00\x00\x00\x00\x00\x00", json!(["18446744073709551616"])),
        ] {
            assert_eq!(document(bytes), Some(expected), "{bytes:x?}");
        }
        for bytes in [b"\x82\x01\xff".as_slice(), b"\xa1\x61a\xff", b"\x9f\x01", b"\x61a", b"\xa1\xf5\x01"] {
            assert_eq!(document(bytes), None, "{bytes:x?}");
        }
    }
}
