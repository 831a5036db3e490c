//! A SELECT of somebody's own: past the guard, past what the catalogue says of its views and tables, and then as one prepared
//! statement inside the transaction that the server keeps read-only.

use crate::audit;
use crate::client::{Asking, Client};
use crate::plan::value;
use crate::read::bytes;
use mysql_async::Params;
use waylaid_model::{Coverage, Reference, Row, Status};
use waylaid_sqlguard::{Accepted, Dialect, check};
use waylaid_store::{Context, ErrorKind, RowHit, RowQuery, StoreError};

/// Rows when nobody says how many.
const ROWS: u64 = 1_000;
/// Bytes of an answer at most.
const BYTES: u64 = 16 << 20;

/// Delivers the rows of a SELECT, with its limit.
pub(crate) fn rows(
    store: &str,
    client: &Client,
    (sql, limit): (&str, Option<u64>),
    context: &Context,
    sink: &mut dyn FnMut(RowHit),
) -> Result<Coverage, StoreError> {
    let accepted = check(Dialect::Mysql, sql)
        .map_err(|refusal| StoreError::new(ErrorKind::Invalid, format!("{store}: {refusal}")))?;
    let limit = limit.unwrap_or(ROWS);
    client.ask("running a SELECT", context, async |asking| {
        audit::judge(store, asking, &accepted).await?;
        run(store, asking, &accepted, limit, context, sink).await
    })
}

async fn run(
    store: &str,
    asking: &mut Asking<'_>,
    accepted: &Accepted,
    limit: u64,
    context: &Context,
    sink: &mut dyn FnMut(RowHit),
) -> Result<Coverage, StoreError> {
    let time = asking.config().statement;
    // A limit of the statement's own goes before; rows beyond ours are then not read.
    asking.limit(time, Some(limit.saturating_add(1))).await?;
    let statement = asking.prepared(&accepted.sql).await?;
    let names: Vec<String> =
        statement.columns().iter().map(|column| column.name_str().into_owned()).collect();
    let mut coverage = Coverage::new(store, RowQuery::SELECT, Status::Searched);
    let mut read = 0;
    asking
        .each(&accepted.sql, Params::Empty, context, &mut |row| {
            let size = bytes(&row);
            context.add_bytes(size);
            read += size;
            let delivered = coverage.matched;
            let enough = if delivered >= limit {
                Some(format!("limit of {limit} rows: there are more"))
            } else if read > BYTES && delivered > 0 {
                Some(format!("limit of {BYTES} bytes after {delivered} rows: there are more"))
            } else {
                None
            };
            if let Some(note) = enough {
                coverage.status = Status::Partial;
                coverage.note = note;
                return false;
            }
            coverage.matched += 1;
            let cells = names.iter().enumerate().map(|(at, name)| (name.clone(), value(&row, at))).collect();
            let (table, key) = (RowQuery::SELECT.to_owned(), coverage.matched.to_string());
            sink(RowHit { at: Reference::Row { store: store.to_owned(), table, key }, row: Row { cells } });
            true
        })
        .await?;
    coverage.scanned = coverage.matched;
    coverage.range = format!("columns {}", names.join(", "));
    Ok(coverage)
}
