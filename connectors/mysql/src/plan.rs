//! The statement for the rows of one table, and how its rows are read: first the key, then the filtered column, then the
//! cells.

use crate::catalog::{COUNTED, Described, identifier};
use crate::cells::Kind;
use mysql_async::{Params, Row as SqlRow, Value as Cell};
use std::collections::HashSet;
use waylaid_model::{Reference, Row, scalar_text};
use waylaid_sql::{Piece, Twins, Wanted, by, is_number, key_of, pieces, texts};
use waylaid_store::values::{Chunk, sorted};
use waylaid_store::{RowHit, RowQuery, StoreError};

/// Values that one statement carries at most (the protocol ends at 65,535), and their bytes (servers end at 4 MiB or more).
const CHUNK: Chunk = Chunk { values: 20_000, bytes: 2 << 20 };

/// Digits of a number at most.
const DIGITS: usize = 64;

/// See above.
pub(crate) struct Plan {
    head: String,
    order: String,
    condition: Option<Condition>,
    keys: usize,
    has_key: bool,
    /// Values of the filter, in the order of texts, each once.
    values: Vec<String>,
    columns: Vec<String>,
    /// Rows that were seen, where they have no key.
    twins: Twins,
    /// What is told of the index that serves the condition.
    pub by: String,
}

/// A column in a form that an index on it serves where there can be one, and how a value stands in the list behind it.
struct Condition {
    column: String,
    place: &'static str,
    /// The values that can stand there at all.
    values: fn(&str) -> Vec<Cell>,
    /// Whether it holds for just these texts, or for others too that mean the same.
    is_exact: bool,
    uses_index: bool,
}

impl Plan {
    pub fn new(table: &Described, query: &RowQuery) -> Result<Self, StoreError> {
        let Wanted { columns, filter } = Wanted::of(&table.info, query)?;
        let key = key_of(&table.info);
        let has_key = !key.is_empty();
        // Without a key a row is told by all that it holds.
        let key: Vec<String> =
            if has_key { key.into_iter().map(str::to_owned).collect() } else { names(table) };
        let mut selected: Vec<String> = key.iter().map(|name| identifier(name)).collect();
        selected.extend(filter.map(|(column, _)| identifier(column)));
        selected.extend(columns.iter().map(|name| identifier(name)));
        let condition = filter.map(|(column, _)| condition(table, column)).transpose()?;
        let filter_column = filter.map(|(column, _)| column);
        let is_indexed =
            |(column, condition): (&str, &Condition)| condition.uses_index && table.indexed.contains(column);
        let by = by(filter_column, filter_column.zip(condition.as_ref()).is_some_and(is_indexed));
        Ok(Self {
            head: format!("SELECT {} FROM {}", selected.join(", "), identifier(&table.info.name)),
            order: order(table, has_key, &key),
            condition,
            keys: key.len(),
            has_key,
            values: filter.map(|(_, values)| sorted(values)).unwrap_or_default(),
            columns,
            twins: Twins::default(),
            by,
        })
    }

    /// The statements, each with its values; `limit` is what one of them needs to deliver at most.
    pub fn pieces(&self, limit: Option<u64>) -> Vec<Piece<Params>> {
        let limited = |is_exact: bool| {
            limit.filter(|_| is_exact).map(|limit| format!(" LIMIT {limit}")).unwrap_or_default()
        };
        let Some(condition) = &self.condition else {
            let sql = format!("{}{}{}", self.head, self.order, limited(true));
            return vec![Piece { sql, parameters: Params::Empty, wanted: None }];
        };
        let limit = limited(condition.is_exact);
        pieces(CHUNK, &self.values, |values| {
            let cells: Vec<Cell> = values.iter().flat_map(|value| (condition.values)(value)).collect();
            if cells.is_empty() {
                return None;
            }
            let places = vec![condition.place; cells.len()].join(", ");
            let sql = format!("{} WHERE {} IN ({places}){}{limit}", self.head, condition.column, self.order);
            Some((sql, Params::Positional(cells)))
        })
    }

    /// Whether the filtered column equals one of these values as text, which the server's own comparison only
    /// approximates.
    pub fn matches(&self, row: &SqlRow, wanted: Option<&HashSet<String>>) -> bool {
        let Some(wanted) = wanted else { return true };
        texts(&value(row, self.keys)).iter().flatten().any(|text| wanted.contains(text))
    }

    pub fn hit(&mut self, store: &str, table: &str, row: &SqlRow) -> RowHit {
        let parts: Vec<String> =
            (0..self.keys).map(|at| scalar_text(&value(row, at)).unwrap_or_else(|| "null".into())).collect();
        let key = if self.has_key { parts.join(",") } else { self.twins.name(&parts) };
        let first = self.keys + usize::from(self.condition.is_some());
        let cells = self.columns.iter().enumerate();
        let cells = cells.map(|(at, name)| (name.clone(), value(row, first + at))).collect();
        let at = Reference::Row { store: store.to_owned(), table: table.to_owned(), key };
        RowHit { at, row: Row { cells } }
    }
}

/// A cell of a row as JSON.
pub(crate) fn value(row: &SqlRow, at: usize) -> serde_json::Value {
    let cell = row.as_ref(at).unwrap_or(&Cell::NULL);
    row.columns_ref().get(at).map_or(serde_json::Value::Null, |column| Kind::of(column).value(cell))
}

fn names(table: &Described) -> Vec<String> {
    table.info.columns.iter().map(|column| column.name.clone()).collect()
}

fn known<'t>(table: &'t Described, column: &str) -> Result<&'t str, StoreError> {
    let place = table.info.columns.iter().position(|info| info.name == column);
    place.and_then(|at| table.types.get(at)).map(String::as_str).ok_or_else(|| table.info.no_column(column))
}

/// By the key; without one by all that a row holds, unless that would be a long sort for the server.
fn order(table: &Described, has_key: bool, key: &[String]) -> String {
    if has_key {
        let key: Vec<String> = key.iter().map(|name| identifier(name)).collect();
        return format!(" ORDER BY {}", key.join(", "));
    }
    if table.estimate > COUNTED {
        return String::new();
    }
    let key: Vec<String> = key.iter().map(|name| format!("CAST({} AS BINARY)", identifier(name))).collect();
    format!(" ORDER BY {}", key.join(", "))
}

/// See [`Condition`].
fn condition(table: &Described, column: &str) -> Result<Condition, StoreError> {
    let data_type = known(table, column)?;
    let plain = identifier(column);
    let text = |value: &str| vec![Cell::Bytes(value.into())];
    let made = |column: String, place, values, is_exact, uses_index| Condition {
        column,
        place,
        values,
        is_exact,
        uses_index,
    };
    Ok(match data_type {
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "year" => {
            made(plain, "?", |value| integer(value).into_iter().collect(), true, true)
        }
        "decimal" => made(plain, "CAST(? AS DECIMAL(65, 30))", number, false, true),
        "float" | "double" => made(format!("CAST({plain} AS CHAR)"), "?", float, false, false),
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "enum" | "set" => {
            made(plain, "?", text, false, true)
        }
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => {
            made(plain, "UNHEX(?)", |value| bytes(value).map(Cell::Bytes).into_iter().collect(), false, true)
        }
        "bit" => made(format!("{plain} + 0"), "?", |value| integer(value).into_iter().collect(), true, false),
        "json" => made(format!("JSON_UNQUOTE({plain})"), "?", text, false, false),
        _ => made(format!("CAST({plain} AS CHAR)"), "?", text, false, false),
    })
}

fn number(text: &str) -> Vec<Cell> {
    if is_number(text, DIGITS) { vec![Cell::Bytes(text.into())] } else { Vec::new() }
}

/// The server writes whole floats without a point.
fn float(text: &str) -> Vec<Cell> {
    [Some(text), text.strip_suffix(".0")].into_iter().flatten().map(|text| Cell::Bytes(text.into())).collect()
}

/// A whole number that is written as the server writes it.
fn integer(text: &str) -> Option<Cell> {
    let signed = text.parse::<i64>().ok().filter(|number| number.to_string() == text).map(Cell::Int);
    signed.or_else(|| text.parse::<u64>().ok().filter(|number| number.to_string() == text).map(Cell::UInt))
}

/// The digits of `x'…'`.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("x'")?.strip_suffix('\'')?;
    let is_plain = digits.len() % 2 == 0 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_plain.then(|| digits.as_bytes().to_vec())
}
