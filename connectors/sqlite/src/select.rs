//! A SELECT of somebody's own, past the guard, on a connection that cannot write.

use crate::cells::value;
use crate::client::Database;
use rusqlite::Connection;
use waylaid_model::{Coverage, Reference, Row, Status};
use waylaid_sqlguard::{Dialect, check};
use waylaid_store::{Context, ErrorKind, RowHit, RowQuery, StoreError};

/// Rows when nobody says how many.
const ROWS: u64 = 1_000;

/// Delivers the rows of a SELECT, with its limit.
pub(crate) fn rows(
    store: &str,
    database: &Database,
    connection: &Connection,
    (sql, limit): (&str, Option<u64>),
    context: &Context,
    sink: &mut dyn FnMut(RowHit),
) -> Result<Coverage, StoreError> {
    let doing = "running a SELECT";
    let accepted = check(Dialect::Sqlite, sql)
        .map_err(|refusal| StoreError::new(ErrorKind::Invalid, format!("{store}: {refusal}")))?;
    let failed = |error: rusqlite::Error| {
        let kind = database.error(error, doing);
        // What is left after the guard are names that are not there and the like.
        if kind.kind == ErrorKind::Io { StoreError { kind: ErrorKind::Invalid, ..kind } } else { kind }
    };
    let mut statement = connection.prepare(&accepted.sql).map_err(failed)?;
    if !statement.readonly() {
        return Err(StoreError::new(ErrorKind::Invalid, format!("{store}: the statement would write")));
    }
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let limit = limit.unwrap_or(ROWS);
    let mut coverage = Coverage::new(store, RowQuery::SELECT, Status::Searched);
    let mut found = statement.query([]).map_err(failed)?;
    while let Some(row) = found.next().map_err(failed)? {
        context.check(doing)?;
        if coverage.matched == limit {
            coverage.status = Status::Partial;
            coverage.note = format!("limit of {limit} rows: there are more");
            break;
        }
        coverage.matched += 1;
        let cells = names.iter().enumerate().map(|(at, name)| Ok((name.clone(), value(row.get_ref(at)?))));
        let row = Row { cells: cells.collect::<rusqlite::Result<_>>().map_err(failed)? };
        let (table, key) = (RowQuery::SELECT.to_owned(), coverage.matched.to_string());
        sink(RowHit { at: Reference::Row { store: store.to_owned(), table, key }, row });
    }
    coverage.scanned = coverage.matched;
    coverage.range = format!("columns {}", names.join(", "));
    Ok(coverage)
}
