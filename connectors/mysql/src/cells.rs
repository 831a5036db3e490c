//! Values: what is a number or a document becomes one, times are written as the server writes them.

use mysql_async::consts::{ColumnFlags, ColumnType};
use mysql_async::{Column, Value as Cell};
use serde_json::Value;
use waylaid_sql::{cut, float, hexadecimal};

/// The number of the encoding that is none: bytes.
const BINARY: u16 = 63;

/// What a column of an answer needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Digits, with or without a point.
    Decimal,
    /// A document.
    Json,
    /// Bytes.
    Binary,
    /// Bits.
    Bits,
    /// A day.
    Date,
    /// A moment, with so many digits behind the second.
    Moment(usize),
    /// A time of day, or a span of time.
    Time(usize),
    /// Anything else.
    Other,
}

impl Kind {
    /// Of a column of an answer.
    pub fn of(column: &Column) -> Self {
        use ColumnType as T;
        let decimals = usize::from(column.decimals()).min(6);
        match column.column_type() {
            T::MYSQL_TYPE_DECIMAL | T::MYSQL_TYPE_NEWDECIMAL => Self::Decimal,
            T::MYSQL_TYPE_JSON => Self::Json,
            T::MYSQL_TYPE_BIT => Self::Bits,
            T::MYSQL_TYPE_DATE | T::MYSQL_TYPE_NEWDATE => Self::Date,
            T::MYSQL_TYPE_DATETIME | T::MYSQL_TYPE_TIMESTAMP => Self::Moment(decimals),
            T::MYSQL_TYPE_TIME => Self::Time(decimals),
            T::MYSQL_TYPE_GEOMETRY => Self::Binary,
            _ if column.character_set() == BINARY && column.flags().contains(ColumnFlags::BINARY_FLAG) => {
                Self::Binary
            }
            _ => Self::Other,
        }
    }

    /// What a cell stands for.
    pub fn value(self, cell: &Cell) -> Value {
        match cell {
            Cell::NULL => Value::Null,
            Cell::Int(number) => Value::from(*number),
            Cell::UInt(number) => Value::from(*number),
            // Through its text: as a longer float it would show digits that nobody wrote.
            Cell::Float(number) => float(number.to_string().parse().unwrap_or(f64::from(*number))),
            Cell::Double(number) => float(*number),
            Cell::Bytes(bytes) => self.bytes(bytes),
            Cell::Date(..) | Cell::Time(..) => Value::from(self.time(cell)),
        }
    }

    fn bytes(self, bytes: &[u8]) -> Value {
        match self {
            Self::Binary => hexadecimal(bytes),
            Self::Bits => {
                let number = bytes.iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
                Value::from(number)
            }
            Self::Decimal => {
                let text = String::from_utf8_lossy(bytes);
                text.parse::<i64>().map_or_else(|_| Value::from(text.as_ref()), Value::from)
            }
            Self::Json => {
                serde_json::from_slice(bytes).unwrap_or_else(|_| cut(&String::from_utf8_lossy(bytes)))
            }
            _ => cut(&String::from_utf8_lossy(bytes)),
        }
    }

    fn time(self, cell: &Cell) -> String {
        match *cell {
            Cell::Date(year, month, day, ..) if self == Self::Date => {
                format!("{year:04}-{month:02}-{day:02}")
            }
            Cell::Date(year, month, day, hour, minute, second, micros) => {
                let digits = if let Self::Moment(digits) = self { digits } else { 0 };
                let day = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}");
                format!("{day}{}", fraction(micros, digits))
            }
            Cell::Time(is_negative, days, hour, minute, second, micros) => {
                let digits = if let Self::Time(digits) = self { digits } else { 0 };
                let sign = if is_negative { "-" } else { "" };
                let hours = u64::from(days) * 24 + u64::from(hour);
                format!("{sign}{hours:02}:{minute:02}:{second:02}{}", fraction(micros, digits))
            }
            _ => String::new(),
        }
    }
}

/// The name of a column's type, as it is written where a table is made.
pub(crate) fn type_name(column: &Column) -> &'static str {
    use ColumnType as T;
    let is_binary = column.character_set() == BINARY;
    match column.column_type() {
        T::MYSQL_TYPE_TINY => "tinyint",
        T::MYSQL_TYPE_SHORT => "smallint",
        T::MYSQL_TYPE_INT24 => "mediumint",
        T::MYSQL_TYPE_LONG => "int",
        T::MYSQL_TYPE_LONGLONG => "bigint",
        T::MYSQL_TYPE_FLOAT => "float",
        T::MYSQL_TYPE_DOUBLE => "double",
        T::MYSQL_TYPE_DECIMAL | T::MYSQL_TYPE_NEWDECIMAL => "decimal",
        T::MYSQL_TYPE_DATE | T::MYSQL_TYPE_NEWDATE => "date",
        T::MYSQL_TYPE_TIME => "time",
        T::MYSQL_TYPE_DATETIME => "datetime",
        T::MYSQL_TYPE_TIMESTAMP => "timestamp",
        T::MYSQL_TYPE_YEAR => "year",
        T::MYSQL_TYPE_BIT => "bit",
        T::MYSQL_TYPE_JSON => "json",
        T::MYSQL_TYPE_GEOMETRY => "geometry",
        T::MYSQL_TYPE_STRING => {
            if is_binary {
                "binary"
            } else {
                "char"
            }
        }
        T::MYSQL_TYPE_VARCHAR | T::MYSQL_TYPE_VAR_STRING => {
            if is_binary {
                "varbinary"
            } else {
                "varchar"
            }
        }
        T::MYSQL_TYPE_TINY_BLOB
        | T::MYSQL_TYPE_BLOB
        | T::MYSQL_TYPE_MEDIUM_BLOB
        | T::MYSQL_TYPE_LONG_BLOB => {
            if is_binary {
                "blob"
            } else {
                "text"
            }
        }
        _ => "",
    }
}

fn fraction(micros: u32, digits: usize) -> String {
    let digits = if digits == 0 && micros > 0 { 6 } else { digits };
    if digits == 0 { String::new() } else { format!(".{}", &format!("{micros:06}")[..digits]) }
}

/// About how many bytes a cell takes.
pub(crate) fn size(cell: &Cell) -> u64 {
    if let Cell::Bytes(bytes) = cell { bytes.len() as u64 } else { 8 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn types_are_kept() {
        let bytes = |text: &str| Cell::Bytes(text.into());
        assert_eq!(Kind::Decimal.value(&bytes("12.50")), json!("12.50"));
        assert_eq!(Kind::Decimal.value(&bytes("12")), json!(12));
        assert_eq!(Kind::Json.value(&bytes("[1]")), json!([1]));
        assert_eq!(Kind::Bits.value(&Cell::Bytes(vec![1, 0])), json!(256));
        assert_eq!(Kind::Binary.value(&Cell::Bytes(vec![0, 255])), json!("x'00ff'"));
        assert_eq!(Kind::Other.value(&Cell::Float(0.1)), json!(0.1));
        assert_eq!(Kind::Other.value(&Cell::UInt(u64::MAX)), json!(u64::MAX));
        let moment = Cell::Date(2026, 1, 2, 3, 4, 5, 600_000);
        assert_eq!(Kind::Moment(3).value(&moment), json!("2026-01-02 03:04:05.600"));
        assert_eq!(Kind::Date.value(&moment), json!("2026-01-02"));
        assert_eq!(Kind::Time(0).value(&Cell::Time(true, 1, 2, 3, 4, 0)), json!("-26:03:04"));
    }
}
