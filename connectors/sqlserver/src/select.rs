//! A SELECT of somebody's own: past the guard, past what the catalogue says of its tables and views, and then as one
//! statement inside the transaction that is rolled back.

use crate::audit;
use crate::cells::{size, value};
use crate::client::{self, Asking, Client};
use waylaid_model::Coverage;
use waylaid_sqlguard::{Accepted, Dialect};
use waylaid_store::{Context, ErrorKind, RowHit, Selected, StoreError};

/// Names and types of the columns of a statement, which is not run for it; or why it cannot be run.
const COLUMNS: &str = "\
SELECT name, system_type_name, error_message FROM sys.dm_exec_describe_first_result_set(@P1, NULL, 0)
WHERE is_hidden = 0 OR error_number IS NOT NULL ORDER BY column_ordinal";

/// Delivers the rows of a SELECT, with its limit.
pub(crate) fn rows(
    store: &str,
    client: &Client,
    (sql, limit): (&str, Option<u64>),
    context: &Context,
    sink: &mut dyn FnMut(RowHit),
) -> Result<Coverage, StoreError> {
    let accepted = waylaid_sql::accepted(store, Dialect::SqlServer, sql)?;
    let limit = Selected::limit(limit);
    client::ask(client, "running a SELECT", context, async |asking: &mut Asking<'_>| {
        let (errors, doing, time) = (asking.errors, asking.doing, asking.config.statement);
        audit::judge(store, asking, &accepted).await?;
        // The server knows no limit of its own: it is told to stop.
        let ran = errors.within(doing, time, run(store, asking, &accepted, limit, context, sink)).await;
        ran.unwrap_or_else(|_| {
            let why = format!(
                "no answer within {} s; ask for less, or by a column that has an index",
                time.as_secs()
            );
            Err(errors.fail(ErrorKind::Timeout, doing, &why))
        })
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
    let columns = columns(asking, accepted).await?;
    let width = columns.len();
    // Rows beyond ours are then not read; a TOP of the statement's own goes before.
    asking.limit(limit.saturating_add(1)).await?;
    let mut selected = Selected::new(store, columns, limit, sink);
    let mut has_all = true;
    asking
        .each(&accepted.sql, &[], context, &mut |row| {
            let size = size(row);
            context.add_bytes(size);
            has_all = selected.take(size, || (0..width).map(|at| value(row, at)).collect());
            has_all
        })
        .await?;
    if has_all {
        asking.limit(0).await?;
    }
    Ok(selected.finish())
}

async fn columns(asking: &mut Asking<'_>, accepted: &Accepted) -> Result<Vec<(String, String)>, StoreError> {
    let mut columns = Vec::new();
    for row in asking.all(COLUMNS, &[&accepted.sql]).await? {
        if let Some(why) = asking.maybe(&row, 2)? {
            return Err(asking.errors.fail(ErrorKind::Invalid, asking.doing, why));
        }
        columns.push((asking.text(&row, 0)?, asking.text(&row, 1)?));
    }
    Ok(columns)
}
