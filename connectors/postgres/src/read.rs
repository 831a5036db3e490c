//! The rows of one table, a piece at a time: never more of them in memory than a piece.

use crate::catalog;
use crate::client::Asking;
use crate::plan::{Plan, bytes};
use futures_util::TryStreamExt as _;
use std::pin::pin;
use tokio_postgres::types::ToSql;
use waylaid_model::Coverage;
use waylaid_sql::Reading;
use waylaid_store::{Context, RowHit, RowQuery, StoreError};

/// Rows that are asked for at once.
const PIECE: i32 = 1_000;

/// Delivers the rows that a query selects.
pub(crate) async fn rows(
    store: &str,
    asking: &Asking<'_>,
    query: &RowQuery,
    context: &Context,
    sink: &mut dyn FnMut(RowHit),
) -> Result<Coverage, StoreError> {
    let table = catalog::one(asking, &query.table).await?;
    let plan = Plan::new(&table, query)?;
    let mut reading = Reading::new(store, query, sink);
    for piece in plan.pieces(Reading::limit(query)) {
        if reading.is_done() {
            break;
        }
        pieces(asking, (&piece.sql, piece.parameters), context, &mut |row| {
            !plan.matches(row, piece.wanted.as_ref()) || reading.take(|| plan.hit(store, &query.table, row))
        })
        .await?;
    }
    let all =
        if reading.is_whole() { (reading.found(), true) } else { catalog::count(asking, &table).await? };
    Ok(reading.finish(all, &plan.by))
}

/// Runs a statement a piece at a time, until it ends or `each` has enough.
pub(crate) async fn pieces(
    asking: &Asking<'_>,
    (sql, values): (&str, Option<Vec<String>>),
    context: &Context,
    each: &mut dyn FnMut(&tokio_postgres::Row) -> bool,
) -> Result<(), StoreError> {
    let transaction = &asking.transaction;
    let statement = asking.wait(transaction.prepare(sql)).await?;
    let parameters: Vec<&(dyn ToSql + Sync)> = values.iter().map(|v| v as &(dyn ToSql + Sync)).collect();
    let portal = asking.wait(transaction.bind(&statement, &parameters)).await?;
    loop {
        let mut stream = pin!(asking.wait(transaction.query_portal_raw(&portal, PIECE)).await?);
        let mut seen = 0;
        while let Some(row) = asking.wait(stream.try_next()).await? {
            seen += 1;
            context.add_bytes(bytes(&row));
            context.check(asking.doing)?;
            if !each(&row) {
                return Ok(());
            }
        }
        if seen < PIECE {
            return Ok(());
        }
    }
}
