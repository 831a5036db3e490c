//! The rows of one table, one by one as the server sends them.

use crate::catalog;
use crate::cells::size;
use crate::client::Asking;
use crate::plan::Plan;
use mysql_async::Row as SqlRow;
use waylaid_model::Coverage;
use waylaid_sql::Reading;
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
    let (all, is_counted) = match query.filter {
        Filter::All if query.limit.is_none() => (0, true),
        _ => catalog::count(asking, &table).await?,
    };
    let mut reading = Reading::new(store, query, sink);
    for piece in plan.pieces(Reading::limit(query)) {
        if reading.is_done() {
            break;
        }
        let each = &mut |row: SqlRow| {
            context.add_bytes(bytes(&row));
            !plan.matches(&row, piece.wanted.as_ref()) || reading.take(|| plan.hit(store, &query.table, &row))
        };
        asking.each(&piece.sql, piece.parameters, context, each).await?;
    }
    let seen = if matches!(query.filter, Filter::All) { reading.found() } else { 0 };
    Ok(reading.finish((all.max(seen), is_counted), &plan.by))
}

/// About how many bytes a row takes.
pub(crate) fn bytes(row: &SqlRow) -> u64 {
    (0..row.len()).filter_map(|at| row.as_ref(at)).map(size).sum()
}
