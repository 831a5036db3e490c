//! The rows of one table, one by one as the server sends them.

use crate::catalog;
use crate::cells::size;
use crate::client::Asking;
use crate::plan::Plan;
use mysql_async::Row as SqlRow;
use waylaid_model::{Coverage, Status};
use waylaid_store::{Context, Filter, RowHit, RowQuery, StoreError};

/// Delivers the rows that a query selects.
pub(crate) async fn rows(
    store: &str,
    asking: &mut Asking<'_>,
    query: &RowQuery,
    context: &Context,
    sink: &mut dyn FnMut(RowHit),
) -> Result<Coverage, StoreError> {
    let table = catalog::one(asking, &query.table).await?;
    let mut plan = Plan::new(&table, query)?;
    let mut coverage = Coverage::new(store, &query.table, Status::Searched);
    let (all, is_counted) = match query.filter {
        Filter::All if query.limit.is_none() => (0, true),
        _ => catalog::count(asking, &table).await?,
    };
    // One more than wanted tells whether there are more.
    let mut left = query.limit.map_or(u64::MAX, |limit| limit.saturating_add(1));
    for piece in plan.pieces(query.limit.map(|limit| limit.saturating_add(1))) {
        if left == 0 {
            break;
        }
        asking
            .each(&piece.sql, piece.parameters, context, &mut |row| {
                context.add_bytes(bytes(&row));
                if plan.matches(&row, piece.wanted.as_ref()) {
                    coverage.matched += 1;
                    left -= 1;
                    if query.limit.is_none_or(|limit| coverage.matched <= limit) {
                        sink(plan.hit(store, &query.table, &row));
                    }
                }
                left > 0
            })
            .await?;
    }
    let seen = if matches!(query.filter, Filter::All) { coverage.matched } else { 0 };
    finish(&mut coverage, query, (all.max(seen), is_counted), &plan.by);
    Ok(coverage)
}

/// Status, range and whether there are more.
fn finish(coverage: &mut Coverage, query: &RowQuery, (all, is_counted): (u64, bool), by: &str) {
    coverage.scanned = all;
    let about = if is_counted { "" } else { "about " };
    coverage.range = format!("{about}{all} rows{by}");
    if all == 0 {
        coverage.status = Status::Empty;
    }
    if let Some(limit) = query.limit.filter(|limit| coverage.matched > *limit) {
        coverage.status = Status::Partial;
        coverage.note = format!("limit of {limit} rows: there are more");
    }
}

/// About how many bytes a row takes.
pub(crate) fn bytes(row: &SqlRow) -> u64 {
    (0..row.len()).filter_map(|at| row.as_ref(at)).map(size).sum()
}
