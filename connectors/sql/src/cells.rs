//! Values as JSON and as texts, of bounded length.

use serde_json::{Number, Value};
use std::collections::HashMap;
use std::fmt::Write as _;
use waylaid_model::scalar_text;

/// Characters of a value that are read at most.
pub const TEXT: usize = 256 << 10;
/// Bytes of binary data that are shown at most.
const BYTES: usize = 4 << 10;

/// A text that is not too long; else its beginning, marked.
pub fn cut(text: &str) -> Value {
    if text.len() > TEXT && text.chars().count() > TEXT {
        let cut: String = text.chars().take(TEXT).collect();
        return Value::from(format!("{cut}… (cut)"));
    }
    Value::from(text)
}

/// A number, or the text of what JSON has no number for.
pub fn float(number: f64) -> Value {
    Number::from_f64(number).map_or_else(|| Value::from(number.to_string()), Value::Number)
}

/// `x'…'`, shortened with the true length behind it.
pub fn hexadecimal(bytes: &[u8]) -> Value {
    let mut text = String::from("x'");
    for byte in &bytes[..bytes.len().min(BYTES)] {
        let _ = write!(text, "{byte:02x}");
    }
    text.push('\'');
    if bytes.len() > BYTES {
        let _ = write!(text, "… ({} bytes)", bytes.len());
    }
    Value::from(text)
}

/// The texts that a value equals: its own, and that of the integer where it is a whole number with a point.
pub fn texts(value: &Value) -> [Option<String>; 2] {
    let whole = match value {
        Value::Number(number) if number.is_f64() => {
            let float = number.as_f64().filter(|f| f.fract() == 0.0 && f.abs() < 9e15);
            float.map(|f| (f as i64).to_string())
        }
        _ => None,
    };
    [scalar_text(value), whole]
}

/// Whether a text is digits with at most one point between them, and no more of them than an engine reads.
pub fn is_number(text: &str, most: usize) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.len() <= most
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
        && digits.matches('.').count() < 2
}

/// What tells rows without a key: a number made of all that each holds (FNV-1a, the same for every build), and which of
/// several alike it is.
#[derive(Debug, Default)]
pub struct Twins(HashMap<u64, u64>);

impl Twins {
    /// The name of the next row that holds this.
    pub fn name(&mut self, parts: &[String]) -> String {
        let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let count = self.0.entry(hash).or_default();
        *count += 1;
        if *count == 1 { format!("#{hash:016x}") } else { format!("#{hash:016x}/{count}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn long_values_are_cut_and_say_so() {
        assert_eq!(hexadecimal(&[0, 255]), json!("x'00ff'"));
        assert!(hexadecimal(&[7; 5_000]).as_str().is_some_and(|text| text.ends_with("'… (5000 bytes)")));
        let long = cut(&"é".repeat(TEXT + 1));
        assert!(long.as_str().is_some_and(|text| text.ends_with("… (cut)")));
        assert_eq!((cut("é"), float(0.5), float(f64::NAN)), (json!("é"), json!(0.5), json!("NaN")));
    }

    #[test]
    fn numbers_and_rows_are_told_apart() {
        assert_eq!(texts(&json!(7.0)), [Some("7.0".into()), Some("7".into())]);
        assert!(is_number("-7.5", 9) && !is_number("7.", 9) && !is_number("1e9", 9) && !is_number("1234", 3));
        let mut twins = Twins::default();
        let row = |text: &str| vec![text.to_owned()];
        let names = [twins.name(&row("a")), twins.name(&row("b")), twins.name(&row("a"))];
        assert!(names[0] != names[1] && names[2] == format!("{}/2", names[0]), "{names:?}");
    }
}
