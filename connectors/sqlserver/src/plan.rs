//! The statement for the rows of one table, and how its rows are read: first the key, then the filtered column, then the
//! cells.

use crate::catalog::{COUNTED, Described, identifier};
use crate::cells::{Type, value};
use std::collections::HashSet;
use tiberius::Row as SqlRow;
use waylaid_model::{Reference, Row, scalar_text};
use waylaid_sql::{Piece, Twins, Wanted, by, key_of, pieces, texts};
use waylaid_store::values::{Chunk, sorted};
use waylaid_store::{RowHit, RowQuery, StoreError};

/// Values that one statement carries at most (the server ends at 2,100 parameters), and their bytes.
const CHUNK: Chunk = Chunk { values: 2_000, bytes: 2 << 20 };

/// See above.
pub(crate) struct Plan {
    /// Up to its condition, behind SELECT.
    head: String,
    order: String,
    /// The filtered column in SQL and its type.
    filter: Option<(String, Type)>,
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

impl Plan {
    pub fn new(table: &Described, query: &RowQuery) -> Result<Self, StoreError> {
        let Wanted { columns, filter } = Wanted::of(&table.info, query)?;
        let key: Vec<&str> = key_of(&table.info);
        let has_key = !key.is_empty();
        // Without a key a row is told by all that it holds.
        let key = if has_key { key } else { table.info.columns.iter().map(|c| c.name.as_str()).collect() };
        let filter_column = filter.map(|(column, _)| column);
        let wanted = key.iter().copied().chain(filter_column).chain(columns.iter().map(String::as_str));
        let selected: Vec<String> =
            wanted.map(|name| kind(table, name).selected(&identifier(name))).collect();
        let is_indexed = |column: &str| kind(table, column).among("").2 && table.indexed.contains(column);
        Ok(Self {
            head: format!("{} FROM {}", selected.join(", "), table.sql()),
            order: order(table, has_key, &key),
            filter: filter_column.map(|column| (identifier(column), kind(table, column))),
            keys: key.len(),
            has_key,
            values: filter.map(|(_, values)| sorted(values)).unwrap_or_default(),
            by: by(filter_column, filter_column.is_some_and(is_indexed)),
            columns,
            twins: Twins::default(),
        })
    }

    /// The statements, each with its values; `limit` is what one of them needs to deliver at most.
    pub fn pieces(&self, limit: Option<u64>) -> Vec<Piece<Vec<String>>> {
        let Some((column, kind)) = &self.filter else {
            let top = limit.map(|limit| format!("TOP ({limit}) ")).unwrap_or_default();
            let sql = format!("SELECT {top}{}{}", self.head, self.order);
            return vec![Piece { sql, parameters: Vec::new(), wanted: None }];
        };
        let (column, place, _) = kind.among(column);
        pieces(CHUNK, &self.values, |values| {
            let given: Vec<String> = values.iter().filter_map(|value| kind.given(value)).collect();
            if given.is_empty() {
                return None;
            }
            let places: Vec<String> = (1..=given.len()).map(|at| place(at, &kind.full)).collect();
            let places = places.join(", ");
            Some((format!("SELECT {} WHERE {column} IN ({places}){}", self.head, self.order), given))
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
        let first = self.keys + usize::from(self.filter.is_some());
        let cells = self.columns.iter().enumerate();
        let cells = cells.map(|(at, name)| (name.clone(), value(row, first + at))).collect();
        let at = Reference::Row { store: store.to_owned(), table: table.to_owned(), key };
        RowHit { at, row: Row { cells } }
    }
}

fn kind(table: &Described, column: &str) -> Type {
    let place = table.info.columns.iter().position(|info| info.name == column);
    place.and_then(|at| table.types.get(at)).cloned().unwrap_or_default()
}

/// By the key; without one by all that a row holds, unless that would be a long sort for the server.
fn order(table: &Described, has_key: bool, key: &[&str]) -> String {
    if !has_key && table.estimate > COUNTED {
        return String::new();
    }
    let sorted = key.iter().filter(|name| kind(table, name).has_order());
    let names: Vec<String> = sorted.map(|name| identifier(name)).collect();
    if names.is_empty() { String::new() } else { format!(" ORDER BY {}", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waylaid_store::{ColumnInfo, Filter};

    fn table() -> Described {
        let mut table = Described { schema: "dbo".into(), ..Described::default() };
        table.info.name = "orders".into();
        for (name, primary, kind) in
            [("id", 1, Type::new("int", 4, 10, 0)), ("price", 0, Type::new("money", 8, 19, 4))]
        {
            let data_type = kind.full.clone();
            table.info.columns.push(ColumnInfo { name: name.into(), data_type, primary, not_null: true });
            table.types.push(kind);
        }
        table.indexed.insert("id".into());
        table
    }

    #[test]
    fn statements_are_written_so_that_an_index_serves() {
        let filter = Filter::In { column: "id".into(), values: vec!["7".into(), "x".into(), "8".into()] };
        let query = RowQuery { table: "orders".into(), columns: Vec::new(), filter, limit: None };
        let plan = Plan::new(&table(), &query).unwrap();
        let pieces = plan.pieces(None);
        assert_eq!(
            pieces[0].sql,
            "SELECT [id], [id], [id], CONVERT(decimal(19, 4), [price]) FROM [dbo].[orders] \
             WHERE [id] IN (TRY_CAST(@P1 AS int), TRY_CAST(@P2 AS int)) ORDER BY [id]"
        );
        assert_eq!(
            (pieces[0].parameters.as_slice(), plan.by.as_str()),
            (["7".into(), "8".into()].as_slice(), ", by an index on id")
        );
    }

    #[test]
    fn a_limit_and_a_table_without_a_key() {
        let mut table = table();
        table.info.columns[0].primary = 0;
        let query = RowQuery {
            table: "orders".into(),
            columns: vec!["id".into()],
            filter: Filter::All,
            limit: Some(1),
        };
        let plan = Plan::new(&table, &query).unwrap();
        assert_eq!(
            plan.pieces(Some(2))[0].sql,
            "SELECT TOP (2) [id], CONVERT(decimal(19, 4), [price]), [id] FROM [dbo].[orders] ORDER BY [id], [price]"
        );
    }
}
