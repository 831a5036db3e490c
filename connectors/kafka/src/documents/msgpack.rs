//! MessagePack.

use super::{DEPTH, Input, binary, float, name};
use serde_json::{Map, Value};
use waylaid_model::Timestamp;

/// The map or list that these bytes are.
pub(super) fn document(bytes: &[u8]) -> Option<Value> {
    let mut input = Input { rest: bytes };
    let value = value(&mut input, DEPTH)?;
    (input.rest.is_empty() && (value.is_object() || value.is_array())).then_some(value)
}

fn value(input: &mut Input<'_>, depth: u8) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    Some(match input.byte()? {
        small @ 0x00..=0x7f => Value::from(small),
        head @ 0x80..=0x8f => map(input, u64::from(head & 0x0f), depth)?,
        head @ 0x90..=0x9f => list(input, u64::from(head & 0x0f), depth)?,
        head @ 0xa0..=0xbf => Value::from(input.text(u64::from(head & 0x1f))?),
        0xc0 => Value::Null,
        0xc2 => Value::from(false),
        0xc3 => Value::from(true),
        head @ 0xc4..=0xc6 => {
            let count = input.number(1 << (head - 0xc4))?;
            binary(input.take(count)?)
        }
        head @ 0xc7..=0xc9 => {
            let count = input.number(1 << (head - 0xc7))?;
            extension(input, count)?
        }
        0xca => float(f64::from(f32::from_bits(u32::try_from(input.number(4)?).ok()?))),
        0xcb => float(f64::from_bits(input.number(8)?)),
        head @ 0xcc..=0xcf => Value::from(input.number(1 << (head - 0xcc))?),
        0xd0 => Value::from(input.number(1)? as i8),
        0xd1 => Value::from(input.number(2)? as i16),
        0xd2 => Value::from(input.number(4)? as i32),
        0xd3 => Value::from(input.number(8)? as i64),
        head @ 0xd4..=0xd8 => extension(input, 1 << (head - 0xd4))?,
        head @ 0xd9..=0xdb => {
            let count = input.number(1 << (head - 0xd9))?;
            Value::from(input.text(count)?)
        }
        head @ (0xdc | 0xdd) => {
            let count = input.number(if head == 0xdc { 2 } else { 4 })?;
            list(input, count, depth)?
        }
        head @ (0xde | 0xdf) => {
            let count = input.number(if head == 0xde { 2 } else { 4 })?;
            map(input, count, depth)?
        }
        negative @ 0xe0..=0xff => Value::from(negative as i8),
        0xc1 => return None,
    })
}

fn list(input: &mut Input<'_>, count: u64, depth: u8) -> Option<Value> {
    (0..count).map(|_| value(input, depth)).collect::<Option<Vec<Value>>>().map(Value::Array)
}

fn map(input: &mut Input<'_>, count: u64, depth: u8) -> Option<Value> {
    let mut map = Map::new();
    for _ in 0..count {
        let name = name(value(input, depth)?)?;
        map.insert(name, value(input, depth)?);
    }
    Some(Value::Object(map))
}

/// A time, or bytes of a kind that only its writer knows.
fn extension(input: &mut Input<'_>, count: u64) -> Option<Value> {
    let kind = input.byte()? as i8;
    let bytes = input.take(count)?;
    let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    let (seconds, nanos) = match (kind, bytes) {
        (-1, [_, _, _, _]) => (number(bytes) as i64, 0),
        (-1, [_, _, _, _, _, _, _, _]) => {
            ((number(bytes) & 0x3_ffff_ffff) as i64, (number(bytes) >> 34) as i64)
        }
        (-1, [nanos @ .., _, _, _, _, _, _, _, _]) if nanos.len() == 4 => {
            (number(&bytes[4..]) as i64, number(nanos) as i64)
        }
        _ => return Some(binary(bytes)),
    };
    Some(Value::from(Timestamp::from_seconds(seconds).plus(nanos).to_string()))
}

#[cfg(test)]
mod tests {
    use super::document;
    use serde_json::json;

    #[test]
    fn every_kind_of_value() {
        for (bytes, expected) in [
            (b"\x94\x7f\xff\xd0\x80\xcf\xff\xff\xff\xff\xff\xff\xff\xff".as_slice(), json!([127, -1, -128, u64::MAX])),
            (b"\x93\xca\x3f\xc0\x00\x00\xcb\x40\x04\x00\x00\x00\x00\x00\x00\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00", json!([1.5, 2.5, null])),
            (b"\x92\xd9\x02ab\xc4\x02\x00\xff", json!(["ab", "x'00ff'"])),
            (b"\x81\xa1t\xd6\xff\x00\x00\x00\x01", json!({"t": "1970-01-01T00:00:01Z"})),
            (b"\x81\x07\xde\x00\x01\xa1a\xc0", json!({"7": {"a": null}})),
            (b"\xdc\x00\x01\xd1\xff\xfe", json!([-2])),
            (b"\x90", json!([])),
        ] {
            assert_eq!(document(bytes), Some(expected), "{bytes:x?}");
        }
        for bytes in [b"\x91\xc1".as_slice(), b"\x81\xc0\x01", b"\x07", b"\xa1a"] {
            assert_eq!(document(bytes), None, "{bytes:x?}");
        }
    }
}
