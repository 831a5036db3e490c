//! Values as JSON, and texts as all the values that they may stand for.

use mongodb::bson::oid::ObjectId;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, DateTime, Decimal128};
use serde_json::{Number, Value};
use std::fmt::Write as _;

/// Bytes of a binary value that are shown.
const SHOWN: usize = 256;
/// Whole numbers that a double holds exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A value as JSON. What has no form there becomes text.
pub(crate) fn value(of: &Bson) -> Value {
    match of {
        Bson::Double(number) => double(*number),
        Bson::Int32(number) => Value::from(*number),
        Bson::Int64(number) => Value::from(*number),
        Bson::Boolean(flag) => Value::from(*flag),
        Bson::String(text) | Bson::Symbol(text) | Bson::JavaScriptCode(text) => Value::from(text.as_str()),
        Bson::Null | Bson::Undefined => Value::Null,
        Bson::ObjectId(id) => Value::from(id.to_hex()),
        Bson::DateTime(time) => Value::from(
            time.try_to_rfc3339_string().unwrap_or_else(|_| format!("{} ms", time.timestamp_millis())),
        ),
        Bson::Decimal128(number) => Value::from(number.to_string()),
        Bson::Binary(binary) => Value::from(bytes(binary)),
        Bson::Array(list) => Value::Array(list.iter().map(value).collect()),
        Bson::Document(document) => {
            Value::Object(document.iter().map(|(name, of)| (name.clone(), value(of))).collect())
        }
        other => Value::from(other.to_string()),
    }
}

/// Shells write whole numbers as doubles; they are told as the numbers that they are.
fn double(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < EXACT {
        return Value::from(number as i64);
    }
    Number::from_f64(number).map_or_else(|| Value::from(number.to_string()), Value::Number)
}

fn bytes(binary: &Binary) -> String {
    let hex = |bytes: &[u8]| {
        bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    };
    if binary.subtype == BinarySubtype::Uuid && binary.bytes.len() == 16 {
        let text = hex(&binary.bytes);
        return [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-");
    }
    let more = if binary.bytes.len() > SHOWN {
        format!("… ({} bytes)", binary.bytes.len())
    } else {
        String::new()
    };
    format!("x'{}'{more}", hex(&binary.bytes[..binary.bytes.len().min(SHOWN)]))
}

/// The values that read like this text.
pub(crate) fn candidates(text: &str) -> Vec<Bson> {
    let mut all = vec![Bson::String(text.to_owned())];
    if let Ok(number) = text.parse::<i64>() {
        all.push(Bson::Int64(number));
    } else if let Ok(number) = text.parse::<f64>() {
        all.push(Bson::Double(number));
        all.extend(text.parse::<Decimal128>().ok().map(Bson::Decimal128));
    }
    all.extend(ObjectId::parse_str(text).ok().map(Bson::ObjectId));
    all.extend(text.parse().ok().map(Bson::Boolean));
    if text.len() >= 20 && text.as_bytes().get(10) == Some(&b'T') {
        all.extend(DateTime::parse_rfc3339_str(text).ok().map(Bson::DateTime));
    }
    all.extend(binary(text).map(Bson::Binary));
    all
}

/// A binary value as it is shown above.
fn binary(text: &str) -> Option<Binary> {
    let (hex, subtype) = match text.strip_prefix("x'").and_then(|rest| rest.strip_suffix('\'')) {
        Some(hex) => (hex.to_owned(), BinarySubtype::Generic),
        None if text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4 => {
            (text.replace('-', ""), BinarySubtype::Uuid)
        }
        None => return None,
    };
    let digits = hex.as_bytes().chunks_exact(2);
    let byte = |two: &[u8]| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = if hex.len() % 2 == 0 { digits.map(byte).collect() } else { None };
    Some(Binary { subtype, bytes: bytes? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mongodb::bson::doc;
    use serde_json::json;
    use waylaid_model::scalar_text;

    #[test]
    fn what_is_shown_is_found_again() {
        let uuid = Binary { subtype: BinarySubtype::Uuid, bytes: (0..16).collect() };
        let plain = Binary { subtype: BinarySubtype::Generic, bytes: vec![0, 255] };
        for of in [
            Bson::String("ORD-1".into()),
            Bson::Int64(-7),
            Bson::Double(1.5),
            Bson::Boolean(true),
            Bson::ObjectId(ObjectId::from_bytes([7; 12])),
            Bson::DateTime(DateTime::from_millis(1_700_000_000_123)),
            Bson::Decimal128("1.10".parse().unwrap()),
            Bson::Binary(uuid),
            Bson::Binary(plain),
        ] {
            let text = scalar_text(&value(&of)).unwrap();
            assert!(candidates(&text).contains(&of), "{text}: {of:?}");
        }
    }

    #[test]
    fn values_become_json() {
        let document = doc! {"a": [1, 2.0, {"b": Bson::Null}], "t": DateTime::from_millis(0)};
        let expected = json!({"a": [1, 2, {"b": null}], "t": "1970-01-01T00:00:00Z"});
        assert_eq!(value(&Bson::Document(document)), expected);
        assert_eq!(value(&Bson::Double(f64::NAN)), json!("NaN"));
        assert_eq!(value(&Bson::Double(1e300)), json!(1e300));
        assert_eq!(value(&Bson::MaxKey), json!("MaxKey"));
        for text in ["", "x'", "x'0'", "x'zz'", "é", "--------------------------------ééé"] {
            assert_eq!(candidates(text).len(), 1, "{text}");
        }
    }
}
