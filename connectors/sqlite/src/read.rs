//! Rows of one table.

use crate::catalog;
use crate::cells::{key_text, texts, value};
use crate::client::Database;
use crate::quote::identifier;
use crate::select;
use rusqlite::types::{ToSql, Value as Cell};
use rusqlite::{Connection, Row as SqlRow};
use serde_json::{Value, json};
use std::collections::HashSet;
use waylaid_model::{Coverage, Reference, Row, Status};
use waylaid_store::{Context, ErrorKind, Filter, RowHit, RowQuery, StoreError, TableInfo};

/// Rows between two looks at whether to stop.
const CHECK_EVERY: u64 = 1024;
/// Names under which SQLite knows a row's number; a column of that name hides it.
const ROW_NUMBERS: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// Delivers the rows that a query selects.
pub(crate) fn rows(
    store: &str,
    database: &Database,
    connection: &Connection,
    query: &RowQuery,
    context: &Context,
    sink: &mut dyn FnMut(RowHit),
) -> Result<Coverage, StoreError> {
    if let Filter::Select { sql } = &query.filter {
        return select::rows(store, database, connection, (sql, query.limit), context, sink);
    }
    let doing = format!("reading table {}", query.table);
    let failed = |error: rusqlite::Error| database.error(error, &doing);
    let table = describe(connection, query, &failed)?;
    let plan = Plan::new(&table, query)?;
    let mut statement = connection.prepare(&plan.sql).map_err(failed)?;
    let parameters: Vec<&dyn ToSql> = plan.parameters.iter().map(|p| p as &dyn ToSql).collect();
    let mut found = statement.query(parameters.as_slice()).map_err(failed)?;
    let mut coverage = Coverage::new(store, &query.table, Status::Searched);
    let mut delivered = 0;
    while let Some(row) = found.next().map_err(failed)? {
        if coverage.scanned.is_multiple_of(CHECK_EVERY) {
            context.check(&doing)?;
        }
        coverage.scanned += 1;
        if !plan.matches(row).map_err(failed)? {
            continue;
        }
        coverage.matched += 1;
        if query.limit.is_none_or(|limit| delivered < limit) {
            delivered += 1;
            sink(plan.hit(store, &query.table, row).map_err(failed)?);
        }
    }
    drop(found);
    finish(&mut coverage, connection, query, delivered).map_err(failed)?;
    Ok(coverage)
}

/// Status, range and what was left out.
fn finish(
    coverage: &mut Coverage,
    connection: &Connection,
    query: &RowQuery,
    delivered: u64,
) -> rusqlite::Result<()> {
    let all = match &query.filter {
        Filter::All | Filter::Select { .. } => coverage.scanned,
        Filter::In { .. } => {
            let sql = format!("SELECT count(*) FROM {}", identifier(&query.table));
            connection.query_row(&sql, [], |row| row.get::<_, i64>(0))?.try_into().unwrap_or(0)
        }
    };
    // A look-up by value answers for every row of the table.
    coverage.scanned = all;
    coverage.range = format!("{all} rows");
    if all == 0 {
        coverage.status = Status::Empty;
    }
    let more = coverage.matched - delivered;
    if more > 0 {
        coverage.status = Status::Partial;
        coverage.note = format!("limit of {delivered} rows: {more} more match");
    }
    Ok(())
}

fn describe(
    connection: &Connection,
    query: &RowQuery,
    failed: &dyn Fn(rusqlite::Error) -> StoreError,
) -> Result<TableInfo, StoreError> {
    let tables = catalog::names(connection).map_err(failed)?;
    if !tables.contains(&query.table) {
        let known = tables.join(", ");
        let why = format!("there is no table {}; there are: {known}", query.table);
        return Err(StoreError::new(ErrorKind::Invalid, why));
    }
    catalog::table(connection, &query.table, false).map_err(failed)
}

/// A statement and how to read its rows: first the key, then the filtered column, then the cells.
struct Plan {
    sql: String,
    parameters: Vec<Cell>,
    key_columns: usize,
    wanted: Option<HashSet<String>>,
    columns: Vec<String>,
}

impl Plan {
    fn new(table: &TableInfo, query: &RowQuery) -> Result<Self, StoreError> {
        let known = |name: &str| table.columns.iter().any(|c| c.name == name);
        let row_number =
            ROW_NUMBERS.into_iter().find(|n| !table.columns.iter().any(|c| c.name.eq_ignore_ascii_case(n)));
        let columns: Vec<String> = if query.columns.is_empty() {
            table.columns.iter().map(|c| c.name.clone()).collect()
        } else {
            query.columns.clone()
        };
        let has_row_number = table.primary_key().is_empty();
        let is_row_number = |name: &str| has_row_number && row_number == Some(name);
        let filtered = match &query.filter {
            Filter::All | Filter::Select { .. } => None,
            Filter::In { column, values } => Some((column, values)),
        };
        for column in columns.iter().chain(filtered.map(|(column, _)| column)) {
            if !known(column) && !is_row_number(column) {
                return Err(table.no_column(column));
            }
        }
        let mut key: Vec<String> = table.primary_key().into_iter().map(identifier).collect();
        if key.is_empty() {
            key.extend(row_number.map(str::to_owned));
        }
        // A bare row number must not be quoted: where there is none, quotes would make it a text.
        let name = |column: &String| if known(column) { identifier(column) } else { column.clone() };
        let mut selected = key.clone();
        selected.extend(filtered.map(|(column, _)| name(column)));
        selected.extend(columns.iter().map(name));
        let mut sql = format!("SELECT {} FROM {}", selected.join(", "), identifier(&table.name));
        let mut parameters = Vec::new();
        if let Some((column, values)) = filtered {
            sql.push_str(" WHERE ");
            sql.push_str(&condition(&name(column), values, &mut parameters));
        }
        if !key.is_empty() {
            sql.push_str(" ORDER BY ");
            sql.push_str(&key.join(", "));
        }
        let wanted = filtered.map(|(_, values)| values.iter().cloned().collect());
        Ok(Self { sql, parameters, key_columns: key.len(), wanted, columns })
    }

    /// Whether the filtered column equals a value as text, which the engine's own comparison only approximates.
    fn matches(&self, row: &SqlRow<'_>) -> rusqlite::Result<bool> {
        let Some(wanted) = &self.wanted else { return Ok(true) };
        let cell = row.get_ref(self.key_columns)?;
        Ok(texts(cell).iter().flatten().any(|text| wanted.contains(text)))
    }

    fn hit(&self, store: &str, table: &str, row: &SqlRow<'_>) -> rusqlite::Result<RowHit> {
        let key: Vec<String> =
            (0..self.key_columns).map(|i| row.get_ref(i).map(key_text)).collect::<Result<_, _>>()?;
        let first = self.key_columns + usize::from(self.wanted.is_some());
        let cell = |(i, column): (usize, &String)| Ok((column.clone(), value(row.get_ref(first + i)?)));
        let cells = self.columns.iter().enumerate().map(cell).collect::<rusqlite::Result<_>>()?;
        let at = Reference::Row { store: store.to_owned(), table: table.to_owned(), key: key.join(",") };
        Ok(RowHit { at, row: Row { cells } })
    }
}

/// The column among the values, so that an index on it serves and rows come in one order: all values in one list,
/// each as text and, where it is one, as a number, since a column without a type compares both strictly.
fn condition(column: &str, values: &[String], parameters: &mut Vec<Cell>) -> String {
    let mut list: Vec<Value> = Vec::with_capacity(values.len() * 2);
    let mut blobs: Vec<Value> = Vec::new();
    for value in values {
        list.push(Value::from(value.as_str()));
        if let Ok(number) = value.parse::<i64>() {
            list.push(json!(number));
        } else if let Ok(number) = value.parse::<f64>() {
            list.push(json!(number));
        }
        if value.starts_with("x'") && value.ends_with('\'') {
            blobs.push(Value::from(value[2..value.len() - 1].to_ascii_uppercase()));
        }
    }
    parameters.push(Cell::Text(Value::Array(list).to_string()));
    let mut sql = format!("{column} IN (SELECT value FROM json_each(?1))");
    if !blobs.is_empty() {
        parameters.push(Cell::Text(Value::Array(blobs).to_string()));
        sql = format!(
            "({sql} OR typeof({column}) = 'blob' AND hex({column}) IN (SELECT value FROM json_each(?2)))"
        );
    }
    sql
}
