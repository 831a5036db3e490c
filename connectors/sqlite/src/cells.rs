//! Cells of SQLite as JSON values.

use rusqlite::types::ValueRef;
use serde_json::{Number, Value};
use std::fmt::Write;
use waylaid_model::scalar_text;

/// A blob's bytes that are shown at most.
const BLOB_LIMIT: usize = 4 << 10;
/// A text's bytes that are shown at most.
const TEXT_LIMIT: usize = 256 << 10;

/// A cell as the contract has it.
pub(crate) fn value(cell: ValueRef<'_>) -> Value {
    match cell {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::from(number),
        ValueRef::Real(number) => {
            Number::from_f64(number).map_or_else(|| Value::from(number.to_string()), Value::Number)
        }
        ValueRef::Text(text) => Value::from(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::from(hexadecimal(bytes)),
    }
}

/// A cell of a SELECT of somebody's own, of bounded length.
pub(crate) fn shown(cell: ValueRef<'_>) -> Value {
    match cell {
        ValueRef::Text(text) if text.len() > TEXT_LIMIT => {
            let start = String::from_utf8_lossy(&text[..TEXT_LIMIT]);
            Value::from(format!("{}… (cut)", start.trim_end_matches('\u{fffd}')))
        }
        cell => value(cell),
    }
}

/// About how many bytes a cell takes.
pub(crate) fn size(cell: ValueRef<'_>) -> u64 {
    match cell {
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => 8,
        ValueRef::Text(text) => text.len() as u64,
        ValueRef::Blob(bytes) => bytes.len().min(BLOB_LIMIT) as u64,
    }
}

/// `x'…'`, shortened with the true length behind it.
fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::from("x'");
    for byte in &bytes[..bytes.len().min(BLOB_LIMIT)] {
        let _ = write!(text, "{byte:02x}");
    }
    text.push('\'');
    if bytes.len() > BLOB_LIMIT {
        let _ = write!(text, "… ({} bytes)", bytes.len());
    }
    text
}

/// A cell as part of a reference.
pub(crate) fn key_text(cell: ValueRef<'_>) -> String {
    scalar_text(&value(cell)).unwrap_or_else(|| "null".to_owned())
}

/// The texts that a cell equals: its own, and that of the integer where it holds a whole number as a real.
pub(crate) fn texts(cell: ValueRef<'_>) -> [Option<String>; 2] {
    let whole = match cell {
        ValueRef::Real(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
            Some((number as i64).to_string())
        }
        _ => None,
    };
    [scalar_text(&value(cell)), whole]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_are_shortened() {
        assert_eq!(value(ValueRef::Blob(&[0, 255])), Value::from("x'00ff'"));
        let long = hexadecimal(&[1; 5000]);
        assert!(long.ends_with("'… (5000 bytes)") && long.len() < 9000);
    }

    #[test]
    fn odd_cells_have_a_value() {
        assert_eq!(value(ValueRef::Real(f64::INFINITY)), Value::from("inf"));
        assert_eq!(value(ValueRef::Text(b"a\xff")), Value::from("a\u{fffd}"));
        assert_eq!(texts(ValueRef::Real(7.0))[1].as_deref(), Some("7"));
    }
}
