//! The rows of one table, a piece at a time: never more of them in memory than a piece.

use crate::catalog;
use crate::client::Asking;
use crate::plan::{Plan, bytes};
use futures_util::TryStreamExt as _;
use std::pin::pin;
use tokio_postgres::types::ToSql;
use waylaid_model::{Coverage, Status};
use waylaid_store::{Context, Filter, RowHit, RowQuery, StoreError};

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
    let mut coverage = Coverage::new(store, &query.table, Status::Searched);
    // One more than wanted tells whether there are more.
    let mut left = query.limit.map_or(u64::MAX, |limit| limit.saturating_add(1));
    for piece in plan.pieces(query.limit.map(|limit| limit.saturating_add(1))) {
        if left == 0 {
            break;
        }
        pieces(asking, (&piece.sql, piece.values), context, &mut |row| {
            if plan.matches(row, piece.wanted.as_ref()) {
                coverage.matched += 1;
                left -= 1;
                if query.limit.is_none_or(|limit| coverage.matched <= limit) {
                    sink(plan.hit(store, &query.table, row));
                }
            }
            left > 0
        })
        .await?;
    }
    finish(&mut coverage, asking, &table, query, &plan.by).await?;
    Ok(coverage)
}

/// Status, range and whether there are more.
async fn finish(
    coverage: &mut Coverage,
    asking: &Asking<'_>,
    table: &catalog::Described,
    query: &RowQuery,
    by: &str,
) -> Result<(), StoreError> {
    let is_cut = query.limit.is_some_and(|limit| coverage.matched > limit);
    let (all, is_counted) = match query.filter {
        Filter::All if !is_cut => (coverage.matched, true),
        _ => catalog::count(asking, table).await?,
    };
    coverage.scanned = all;
    let about = if is_counted { "" } else { "about " };
    coverage.range = format!("{about}{all} rows{by}");
    if all == 0 {
        coverage.status = Status::Empty;
    }
    if let Some(limit) = query.limit.filter(|_| is_cut) {
        coverage.status = Status::Partial;
        coverage.note = format!("limit of {limit} rows: there are more");
    }
    Ok(())
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
