//! Values as JSON, and what a column's type needs so that its values can be selected and looked up.

use serde_json::Value;
use tiberius::numeric::Numeric;
use tiberius::time::{Date, DateTime, Time};
use tiberius::{ColumnData, Row};
use waylaid_sql::{cut, float, hexadecimal};

/// Days from 1 January of the year 1 to that of 1970, and from there back to 1900.
const DAYS_TO_1970: i64 = 719_162;
const DAYS_FROM_1900: i64 = 25_567;

/// A cell of a row as JSON.
pub(crate) fn value(row: &Row, at: usize) -> Value {
    row.cells().nth(at).map_or(Value::Null, |(_, cell)| of(cell).unwrap_or(Value::Null))
}

fn of(cell: &ColumnData<'_>) -> Option<Value> {
    Some(match cell {
        ColumnData::U8(number) => Value::from((*number)?),
        ColumnData::I16(number) => Value::from((*number)?),
        ColumnData::I32(number) => Value::from((*number)?),
        ColumnData::I64(number) => Value::from((*number)?),
        // Through its text: as a longer float it would show digits that nobody wrote.
        ColumnData::F32(number) => {
            let number = (*number)?;
            float(number.to_string().parse().unwrap_or(f64::from(number)))
        }
        ColumnData::F64(number) => float((*number)?),
        ColumnData::Bit(flag) => Value::from((*flag)?),
        ColumnData::String(text) => cut(text.as_deref()?),
        ColumnData::Guid(guid) => Value::from((*guid)?.to_string()),
        ColumnData::Binary(bytes) => hexadecimal(bytes.as_deref()?),
        ColumnData::Numeric(number) => decimal((*number)?),
        ColumnData::Xml(document) => cut(document.as_deref()?.as_ref()),
        ColumnData::DateTime(moment) => Value::from(old_moment((*moment)?)),
        ColumnData::SmallDateTime(moment) => {
            let moment = (*moment)?;
            let minutes = i64::from(moment.seconds_fragments());
            let day = day(i64::from(moment.days()) - DAYS_FROM_1900);
            Value::from(format!("{day} {:02}:{:02}:00", minutes / 60, minutes % 60))
        }
        ColumnData::Time(time) => Value::from(clock((*time)?)),
        ColumnData::Date(date) => Value::from(date_text((*date)?)),
        ColumnData::DateTime2(moment) => {
            let moment = (*moment)?;
            Value::from(format!("{} {}", date_text(moment.date()), clock(moment.time())))
        }
        ColumnData::DateTimeOffset(moment) => {
            let moment = (*moment)?;
            // It is sent in world time, with the minutes that its own zone is ahead.
            let minutes = i64::from(moment.offset());
            let moment = moment.datetime2();
            let (days, time) = shifted(moment.date(), moment.time(), minutes);
            let sign = if minutes < 0 { '-' } else { '+' };
            let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
            Value::from(format!("{} {time} {sign}{hours:02}:{rest:02}", day(days)))
        }
    })
}

/// A number with any digits: whole ones as numbers, others as texts.
fn decimal(number: Numeric) -> Value {
    let (value, scale) = (number.value(), usize::from(number.scale()));
    if scale == 0 {
        return i64::try_from(value).map_or_else(|_| Value::from(value.to_string()), Value::from);
    }
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, rest) = digits.split_at(digits.len() - scale);
    Value::from(format!("{}{whole}.{rest}", if value < 0 { "-" } else { "" }))
}

/// `2026-11-02`, by days since 1970 (the calendar repeats itself every 400 years).
fn day(since_1970: i64) -> String {
    let shifted = since_1970 + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

fn date_text(date: Date) -> String {
    day(i64::from(date.days()) - DAYS_TO_1970)
}

/// Three hundredths of a second since midnight, rounded to thousandths as the server writes them.
fn old_moment(moment: DateTime) -> String {
    let fragments = u64::from(moment.seconds_fragments());
    let thousandths = (fragments * 10 + 1) / 3;
    let day = day(i64::from(moment.days()) - DAYS_FROM_1900);
    format!("{day} {}", time_text(thousandths, 3))
}

fn clock(time: Time) -> String {
    time_text(time.increments(), usize::from(time.scale()).min(7))
}

/// `10:11:12.345`, by units since midnight of so many digits behind the second.
fn time_text(units: u64, digits: usize) -> String {
    let second = 10_u64.pow(u32::try_from(digits).unwrap_or(7));
    let (seconds, rest) = (units / second, units % second);
    let text = format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if digits == 0 { text } else { format!("{text}.{rest:0digits$}") }
}

/// Days since 1970 and time of day, so many minutes later.
fn shifted(date: Date, time: Time, minutes: i64) -> (i64, String) {
    let digits = usize::from(time.scale()).min(7);
    let minute = 60 * 10_i64.pow(u32::try_from(digits).unwrap_or(7));
    let units = i64::try_from(time.increments()).unwrap_or(0) + minutes * minute;
    let whole = 24 * 60 * minute;
    let days = i64::from(date.days()) - DAYS_TO_1970 + units.div_euclid(whole);
    (days, time_text(units.rem_euclid(whole).unsigned_abs(), digits))
}

/// About how many bytes a row takes.
pub(crate) fn size(row: &Row) -> u64 {
    let bytes = |cell: &ColumnData<'_>| match cell {
        ColumnData::String(Some(text)) => text.len() as u64,
        ColumnData::Binary(Some(bytes)) => bytes.len() as u64,
        _ => 8,
    };
    row.cells().map(|(_, cell)| bytes(cell)).sum()
}

/// A column's type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Type {
    /// The engine's own name, `varchar`; that below it where it is one of the database's own.
    pub name: String,
    /// With its size: `varchar(20)`.
    pub full: String,
}

impl Type {
    /// By its name and what the catalogue says of its size, in bytes.
    pub fn new(name: &str, length: i64, precision: i64, scale: i64) -> Self {
        let characters = |width: i64| match length {
            -1 => "max".to_owned(),
            length => (length / width).to_string(),
        };
        let full = match name {
            "nvarchar" | "nchar" => format!("{name}({})", characters(2)),
            "varchar" | "char" | "varbinary" | "binary" => format!("{name}({})", characters(1)),
            "decimal" | "numeric" => format!("{name}({precision}, {scale})"),
            "datetime2" | "time" | "datetimeoffset" => format!("{name}({scale})"),
            _ => name.to_owned(),
        };
        Self { name: name.to_owned(), full }
    }

    /// An expression of this type in a form that the driver reads exactly.
    pub fn selected(&self, column: &str) -> String {
        match self.name.as_str() {
            // The driver makes floats of them.
            "money" | "smallmoney" => format!("CONVERT(decimal(19, 4), {column})"),
            "sql_variant" => format!("CONVERT(nvarchar(4000), {column})"),
            "text" | "ntext" | "xml" => format!("CONVERT(nvarchar(max), {column})"),
            "image" | "hierarchyid" | "geometry" | "geography" => {
                format!("CONVERT(varbinary(max), {column})")
            }
            _ => column.to_owned(),
        }
    }

    /// A column and the place of a value in a list behind it, in a form that an index on the column serves where there
    /// can be one; and whether it can. What does not fit the type becomes null, which equals nothing.
    pub fn among(&self, column: &str) -> (String, fn(usize, &str) -> String, bool) {
        match self.name.as_str() {
            "sql_variant" | "text" | "ntext" | "xml" => {
                (self.selected(column), |at, _| format!("@P{at}"), false)
            }
            "image" | "hierarchyid" | "geometry" | "geography" => {
                (self.selected(column), |at, _| format!("TRY_CONVERT(varbinary(max), @P{at}, 2)"), false)
            }
            "binary" | "varbinary" | "timestamp" | "rowversion" => {
                (column.to_owned(), |at, _| format!("TRY_CONVERT(varbinary(8000), @P{at}, 2)"), true)
            }
            _ => (column.to_owned(), |at, full| format!("TRY_CAST(@P{at} AS {full})"), true),
        }
    }

    /// A text as it is given for a place in that list.
    pub fn given(&self, text: &str) -> Option<String> {
        match self.name.as_str() {
            "binary" | "varbinary" | "image" | "timestamp" | "rowversion" | "hierarchyid" | "geometry"
            | "geography" => {
                let digits = text.strip_prefix("x'")?.strip_suffix('\'')?;
                let is_plain = digits.len() % 2 == 0 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                is_plain.then(|| digits.to_owned())
            }
            "tinyint" | "smallint" | "int" | "bigint" => {
                text.parse::<i64>().ok().filter(|number| number.to_string() == text).map(|_| text.to_owned())
            }
            // The server takes an empty text for nought.
            _ if text.is_empty() && !self.is_text() => None,
            _ => Some(text.to_owned()),
        }
    }

    /// Whether its values are texts.
    fn is_text(&self) -> bool {
        ["varchar", "nvarchar", "char", "nchar", "text", "ntext", "sql_variant", "xml", "sysname"]
            .contains(&self.name.as_str())
    }

    /// Whether rows can be put in order by it.
    pub fn has_order(&self) -> bool {
        !["text", "ntext", "image", "xml", "geometry", "geography"].contains(&self.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tiberius::time::{DateTime2, DateTimeOffset, SmallDateTime};

    #[test]
    fn types_are_kept() {
        let json_of = |cell: ColumnData<'_>| of(&cell);
        assert_eq!(json_of(ColumnData::I64(Some(7))), Some(json!(7)));
        assert_eq!(json_of(ColumnData::F32(Some(0.1))), Some(json!(0.1)));
        assert_eq!(json_of(ColumnData::Bit(Some(true))), Some(json!(true)));
        assert_eq!(json_of(ColumnData::String(None)), None);
        assert_eq!(json_of(ColumnData::Binary(Some(vec![0, 255].into()))), Some(json!("x'00ff'")));
        let number = |value, scale| decimal(Numeric::new_with_scale(value, scale));
        assert_eq!(
            (number(1250, 2), number(-5, 2), number(7, 0)),
            (json!("12.50"), json!("-0.05"), json!(7))
        );
    }

    #[test]
    fn moments_are_written_as_the_server_writes_them() {
        let date = Date::new(739_921);
        assert_eq!(date_text(date), "2026-11-02");
        assert_eq!((date_text(Date::new(0)), day(0)), ("0001-01-01".into(), "1970-01-01".into()));
        let of = |cell: ColumnData<'_>| of(&cell).unwrap();
        let time = Time::new(36_672_345, 3);
        assert_eq!(of(ColumnData::Time(Some(time))), json!("10:11:12.345"));
        let moment = DateTime2::new(date, time);
        assert_eq!(of(ColumnData::DateTime2(Some(moment))), json!("2026-11-02 10:11:12.345"));
        let late = DateTime2::new(date, Time::new(23 * 3_600, 0));
        let late = DateTimeOffset::new(late, 120);
        assert_eq!(of(ColumnData::DateTimeOffset(Some(late))), json!("2026-11-03 01:00:00 +02:00"));
        let old = DateTime::new(0, 300 * 60 + 1);
        assert_eq!(of(ColumnData::DateTime(Some(old))), json!("1900-01-01 00:01:00.003"));
        let small = SmallDateTime::new(1, 61);
        assert_eq!(of(ColumnData::SmallDateTime(Some(small))), json!("1900-01-02 01:01:00"));
    }

    #[test]
    fn only_values_that_a_type_can_have_are_asked_for() {
        let given = |name: &str, text: &str| Type::new(name, 20, 9, 2).given(text);
        assert_eq!(given("int", "07"), None);
        assert_eq!(given("int", "7"), Some("7".into()));
        assert_eq!(given("varbinary", "x'0F'"), Some("0F".into()));
        assert_eq!(given("varbinary", "x'0'"), None);
        assert_eq!((given("decimal", ""), given("varchar", "")), (None, Some(String::new())));
        assert_eq!(Type::new("nvarchar", 40, 0, 0).full, "nvarchar(20)");
        assert_eq!(Type::new("varchar", -1, 0, 0).full, "varchar(max)");
        let (column, place, uses_index) = Type::new("decimal", 5, 9, 2).among("[c]");
        assert_eq!((column.as_str(), uses_index), ("[c]", true));
        assert_eq!(place(3, "decimal(9, 2)"), "TRY_CAST(@P3 AS decimal(9, 2))");
    }
}
