//! The statement for the rows of one table, and how its rows are read: first the key, then the filtered column, then the
//! cells, each as a text.

use crate::catalog::{Described, identifier};
use crate::cells::Kind;
use std::collections::HashSet;
use tokio_postgres::Row as SqlRow;
use waylaid_model::{Reference, Row};
use waylaid_sql::{Piece, Wanted, by, pieces, texts};
use waylaid_store::values::{Chunk, sorted};
use waylaid_store::{RowHit, RowQuery, StoreError};

/// What one statement carries at most.
const CHUNK: Chunk = Chunk { values: 50_000, bytes: 8 << 20 };

/// See above.
pub(crate) struct Plan {
    /// Up to its condition.
    head: String,
    order: String,
    keys: Vec<Kind>,
    /// The filtered column in SQL, what it needs, and its values in the order of texts, each once.
    filter: Option<(String, Kind, Vec<String>)>,
    cells: Vec<(String, Kind)>,
    /// What is told of the index that serves the condition.
    pub by: String,
}

impl Plan {
    pub fn new(table: &Described, query: &RowQuery) -> Result<Self, StoreError> {
        let Wanted { columns, filter } = Wanted::of(&table.info, query)?;
        let mut key: Vec<(String, Kind)> = Vec::new();
        for column in table.info.primary_key() {
            key.push((identifier(column), kind(table, column)?));
        }
        let has_key = !key.is_empty();
        if !has_key && table.is_partitioned {
            key.push(("tableoid".to_owned(), Kind::Integer));
        }
        if !has_key {
            key.push(("ctid".to_owned(), Kind::Other));
        }
        let filtered = filter.map(|(column, _)| kind(table, column)).transpose()?;
        let mut selected: Vec<String> = key.iter().map(|(column, kind)| kind.selected(column)).collect();
        selected.extend(filter.zip(filtered).map(|((column, _), kind)| kind.selected(&identifier(column))));
        let mut cells = Vec::new();
        for column in columns {
            let kind = kind(table, &column)?;
            selected.push(kind.selected(&identifier(&column)));
            cells.push((column, kind));
        }
        let is_indexed =
            |(column, kind): (&str, Kind)| kind.among("", &[]).uses_index && table.indexed.contains(column);
        let filter_column = filter.map(|(column, _)| column);
        let by = by(filter_column, filter_column.zip(filtered).is_some_and(is_indexed));
        // Without a key the order is that of the places, which a look at the whole table keeps by itself.
        let sorts = has_key || filter.is_some();
        let names: Vec<&str> = key.iter().map(|(column, _)| column.as_str()).collect();
        let order = if sorts { format!(" ORDER BY {}", names.join(", ")) } else { String::new() };
        Ok(Self {
            head: format!("SELECT {} FROM {}", selected.join(", "), table.sql()),
            order,
            keys: key.into_iter().map(|(_, kind)| kind).collect(),
            filter: filter
                .zip(filtered)
                .map(|((column, values), kind)| (identifier(column), kind, sorted(values))),
            cells,
            by,
        })
    }

    /// The statements, each with its list of values; `limit` is what one of them needs to deliver at most.
    pub fn pieces(&self, limit: Option<u64>) -> Vec<Piece<Option<Vec<String>>>> {
        let limited = |is_exact: bool| {
            limit.filter(|_| is_exact).map(|limit| format!(" LIMIT {limit}")).unwrap_or_default()
        };
        let Some((column, kind, values)) = &self.filter else {
            let sql = format!("{}{}{}", self.head, self.order, limited(true));
            return vec![Piece { sql, parameters: None, wanted: None }];
        };
        pieces(CHUNK, values, |values| {
            let condition = kind.among(column, values);
            let limit = limited(condition.is_exact);
            let sql = format!("{} WHERE {}{}{limit}", self.head, condition.sql, self.order);
            Some((sql, Some(condition.values)))
        })
    }

    /// Whether the filtered column equals one of these values as text, which the server's own comparison only
    /// approximates.
    pub fn matches(&self, row: &SqlRow, wanted: Option<&HashSet<String>>) -> bool {
        let (Some(wanted), Some((_, kind, _))) = (wanted, &self.filter) else { return true };
        texts(&kind.value(text(row, self.keys.len()))).iter().flatten().any(|text| wanted.contains(text))
    }

    pub fn hit(&self, store: &str, table: &str, row: &SqlRow) -> RowHit {
        let key: Vec<String> = self
            .keys
            .iter()
            .enumerate()
            .map(|(at, kind)| {
                waylaid_model::scalar_text(&kind.value(text(row, at))).unwrap_or_else(|| "null".into())
            })
            .collect();
        let first = self.keys.len() + usize::from(self.filter.is_some());
        let cells = self.cells.iter().enumerate();
        let cells =
            cells.map(|(at, (name, kind))| (name.clone(), kind.value(text(row, first + at)))).collect();
        let at = Reference::Row { store: store.to_owned(), table: table.to_owned(), key: key.join(",") };
        RowHit { at, row: Row { cells } }
    }
}

/// The text in a column, none where it is null.
pub(crate) fn text(row: &SqlRow, at: usize) -> Option<&str> {
    row.try_get::<_, Option<&str>>(at).ok().flatten()
}

/// Bytes of all texts of a row.
pub(crate) fn bytes(row: &SqlRow) -> u64 {
    (0..row.len()).filter_map(|at| text(row, at)).map(|text| text.len() as u64).sum()
}

fn kind(table: &Described, column: &str) -> Result<Kind, StoreError> {
    let found = table.info.columns.iter().zip(&table.kinds).find(|(info, _)| info.name == column);
    found.map(|(_, kind)| *kind).ok_or_else(|| table.info.no_column(column))
}
