//! A SELECT of somebody's own: past the guard, past what the catalogue says of its views and tables, and then as one prepared
//! statement inside the transaction that the server keeps read-only.

use crate::audit;
use crate::cells::type_name;
use crate::client::{self, Asking, Client};
use crate::plan::value;
use crate::read::bytes;
use mysql_async::Params;
use waylaid_model::Coverage;
use waylaid_sqlguard::{Accepted, Dialect};
use waylaid_store::{Context, RowHit, Selected, StoreError};

/// Delivers the rows of a SELECT, with its limit.
pub(crate) fn rows(
    store: &str,
    client: &Client,
    (sql, limit): (&str, Option<u64>),
    context: &Context,
    sink: &mut dyn FnMut(RowHit),
) -> Result<Coverage, StoreError> {
    let accepted = waylaid_sql::accepted(store, Dialect::Mysql, sql)?;
    let limit = Selected::limit(limit);
    client::ask(client, "running a SELECT", context, async |asking: &mut Asking<'_>| {
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
    let columns = statement.columns();
    let columns: Vec<(String, String)> =
        columns.iter().map(|c| (c.name_str().into_owned(), type_name(c).to_owned())).collect();
    let width = columns.len();
    let mut selected = Selected::new(store, columns, limit, sink);
    asking
        .each(&accepted.sql, Params::Empty, context, &mut |row| {
            let size = bytes(&row);
            context.add_bytes(size);
            selected.take(size, || (0..width).map(|at| value(&row, at)).collect())
        })
        .await?;
    Ok(selected.finish())
}
