//! Values: the server writes each as a text, whatever its type, and what is a number or JSON becomes one again.

use serde_json::{Number, Value};
use waylaid_sql::{TEXT, cut, is_number};

/// Digits of a number at most.
const DIGITS: usize = 129;
/// Bytes of binary data that are shown at most.
const BYTES: usize = 4 << 10;

/// What a type needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Whole numbers.
    Integer,
    /// Numbers with any digits.
    Numeric,
    /// Floating numbers.
    Float,
    /// Text that compares as it is written.
    Text,
    /// Text filled up with blanks.
    Padded,
    /// A universally unique identifier.
    Uuid,
    /// A document.
    Json,
    /// Bytes.
    Binary,
    /// Anything else, as the server writes it.
    Other,
}

impl Kind {
    /// By the type's name in the catalogue.
    pub fn of(type_name: &str) -> Self {
        match type_name {
            "int2" | "int4" | "int8" | "oid" => Self::Integer,
            "numeric" => Self::Numeric,
            "float4" | "float8" => Self::Float,
            "text" | "varchar" => Self::Text,
            "bpchar" => Self::Padded,
            "uuid" => Self::Uuid,
            "json" | "jsonb" => Self::Json,
            "bytea" => Self::Binary,
            _ => Self::Other,
        }
    }

    /// The text of an expression's value, of bounded length.
    pub fn selected(self, expression: &str) -> String {
        match self {
            Self::Binary => format!(
                "pg_catalog.octet_length({expression})::text || ':' || \
                 pg_catalog.encode(pg_catalog.substr({expression}, 1, {BYTES}), 'hex')"
            ),
            _ => format!("pg_catalog.left(({expression})::text, {})", TEXT + 1),
        }
    }

    /// What the text stands for.
    pub fn value(self, text: Option<&str>) -> Value {
        let Some(text) = text else { return Value::Null };
        match self {
            _ if text.len() > TEXT && text.chars().count() > TEXT => cut(text),
            Self::Integer | Self::Numeric => {
                text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from)
            }
            Self::Float => {
                let number = text.parse::<f64>().ok().and_then(Number::from_f64);
                number.map_or_else(|| Value::from(text), Value::Number)
            }
            Self::Json => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
            Self::Binary => Value::from(binary(text)),
            Self::Text | Self::Padded | Self::Uuid | Self::Other => Value::from(text),
        }
    }

    /// A condition that holds for a column's values among a parameter of texts, in a form that an index on the column
    /// serves where there can be one; and the values that can stand there at all. The last says whether it holds for
    /// just these texts, or for others too that mean the same.
    pub fn among(self, column: &str, values: &[String]) -> Condition {
        let cast = |cast: &str, test: &dyn Fn(&str) -> bool| Condition {
            sql: format!("{column} = ANY(($1::text[])::{cast}[])"),
            values: values.iter().filter(|value| test(value)).cloned().collect(),
            is_exact: false,
            uses_index: true,
        };
        let is_sane = |text: &str| !text.contains('\0');
        let number = |text: &str| is_number(text, DIGITS);
        match self {
            Self::Integer => {
                let exact = |text: &str| text.parse::<i64>().is_ok_and(|number| number.to_string() == text);
                Condition { is_exact: true, ..cast("int8", &exact) }
            }
            Self::Numeric => cast("numeric", &number),
            Self::Float => cast("float8", &number),
            Self::Text => Condition { is_exact: true, ..cast("text", &is_sane) },
            Self::Padded => cast("bpchar", &is_sane),
            Self::Uuid => Condition { is_exact: true, ..cast("uuid", &is_uuid) },
            Self::Binary => {
                let bytes = values.iter().filter_map(|value| value.strip_prefix("x'")?.strip_suffix('\''));
                let hexadecimal =
                    bytes.filter(|b| b.len() % 2 == 0 && b.bytes().all(|c| c.is_ascii_hexdigit()));
                let values = hexadecimal.map(|bytes| format!("\\x{bytes}")).collect();
                Condition { values, ..cast("bytea", &is_sane) }
            }
            Self::Json => Condition {
                sql: format!("(({column})::jsonb #>> '{{}}') = ANY($1::text[])"),
                uses_index: false,
                ..cast("text", &is_sane)
            },
            Self::Other => Condition {
                sql: format!("({column})::text = ANY($1::text[])"),
                is_exact: true,
                uses_index: false,
                ..cast("text", &is_sane)
            },
        }
    }
}

/// See [`Kind::among`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    /// With the list as its first parameter.
    pub sql: String,
    /// The list.
    pub values: Vec<String>,
    /// Whether it holds for these texts only.
    pub is_exact: bool,
    /// Whether an index on the column can serve it.
    pub uses_index: bool,
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        })
}

/// `length:hexadecimal` as `x'…'`, with the true length where it is shortened.
fn binary(text: &str) -> String {
    let (length, digits) = text.split_once(':').unwrap_or(("0", text));
    let is_cut = length.parse::<usize>().is_ok_and(|length| length > BYTES);
    if is_cut { format!("x'{digits}'… ({length} bytes)") } else { format!("x'{digits}'") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn types_are_kept() {
        assert_eq!(Kind::of("int8").value(Some("7")), json!(7));
        assert_eq!(Kind::Numeric.value(Some("12.50")), json!("12.50"));
        assert_eq!(Kind::Numeric.value(Some("123456789012345678901")), json!("123456789012345678901"));
        assert_eq!(Kind::Float.value(Some("NaN")), json!("NaN"));
        assert_eq!(Kind::Json.value(Some(r#"{"a":1}"#)), json!({"a": 1}));
        assert_eq!(Kind::Binary.value(Some("2:00ff")), json!("x'00ff'"));
        assert_eq!(Kind::Binary.value(Some("5000:00")), json!("x'00'… (5000 bytes)"));
        assert_eq!(Kind::Other.value(None), Value::Null);
        let long = Kind::Text.value(Some(&"é".repeat(TEXT + 1)));
        assert!(long.as_str().is_some_and(|text| text.ends_with("… (cut)")));
    }

    #[test]
    fn only_values_that_a_type_can_have_are_asked_for() {
        let values: Vec<String> = ["7", "07", "x", "7.5", "1e9", "é\0"].map(String::from).into();
        assert_eq!(Kind::Integer.among("c", &values).values, ["7"]);
        assert_eq!(Kind::Numeric.among("c", &values).values, ["7", "07", "7.5"]);
        assert_eq!(Kind::Text.among("c", &values).values.len(), 5);
        assert!(Kind::Uuid.among("c", &values).values.is_empty());
        let bytes = Kind::Binary.among("c", &["x'0F'".to_owned(), "x'0'".to_owned()]);
        assert_eq!(bytes.values, ["\\x0F"]);
    }
}
