//! A SELECT of somebody's own, past the guard, on a connection that cannot write.

use crate::cells::{shown, size};
use crate::client::Database;
use rusqlite::limits::Limit;
use rusqlite::{Connection, Error};
use waylaid_model::Coverage;
use waylaid_sqlguard::{Dialect, check};
use waylaid_store::{Context, ErrorKind, RowHit, Selected, StoreError};

/// Bytes of a value or a row at most, also of those on the way to the answer.
const LONGEST: i32 = 64 << 20;

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
        .map_err(|refusal| StoreError::new(ErrorKind::Invalid, store).with_source(refusal))?;
    let failed = |error| failed(database, doing, error);
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST).map_err(failed)?;
    let mut statement = connection.prepare(&accepted.sql).map_err(failed)?;
    if !statement.readonly() {
        return Err(StoreError::new(ErrorKind::Invalid, format!("{store}: the statement would write")));
    }
    let columns = statement.columns();
    let columns = columns.map(|c| (c.name().to_owned(), c.decl_type().unwrap_or_default().to_owned()));
    let columns = columns.collect();
    let mut selected = Selected::new(store, columns, Selected::limit(limit), sink);
    let width = statement.column_count();
    let mut found = statement.query([]).map_err(failed)?;
    while let Some(row) = found.next().map_err(failed)? {
        context.check(doing)?;
        let cells =
            (0..width).map(|at| row.get_ref(at)).collect::<rusqlite::Result<Vec<_>>>().map_err(failed)?;
        let bytes = cells.iter().map(|cell| size(*cell)).sum();
        context.add_bytes(bytes);
        if !selected.take(bytes, || cells.into_iter().map(shown).collect()) {
            break;
        }
    }
    Ok(selected.finish())
}

/// What the engine says, without the statement, which is not the one that was typed.
fn failed(database: &Database, doing: &str, error: Error) -> StoreError {
    let said = match &error {
        Error::SqlInputError { msg, .. } => Some(msg.clone()),
        Error::SqliteFailure(_, msg) => msg.clone(),
        _ => None,
    };
    let error = database.error(error, doing);
    if error.kind != ErrorKind::Io {
        return error;
    }
    // What is left after the guard are names that are not there and the like.
    let error = StoreError { kind: ErrorKind::Invalid, ..error };
    match said {
        Some(said) => error.with_source(said),
        None => error,
    }
}
