//! The rows of one table, one by one as the server sends them.

use crate::catalog;
use crate::cells::size;
use crate::client::Asking;
use crate::plan::Plan;
use tiberius::{Row as SqlRow, ToSql};
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
    let is_whole = matches!(query.filter, Filter::All) && query.limit.is_none();
    let (all, is_counted) = if is_whole { (0, true) } else { catalog::count(asking, &table).await? };
    let mut reading = Reading::new(store, query, sink);
    for piece in plan.pieces(Reading::limit(query)) {
        if reading.is_done() {
            break;
        }
        let parameters: Vec<&dyn ToSql> = piece.parameters.iter().map(|value| value as &dyn ToSql).collect();
        let each = &mut |row: &SqlRow| {
            context.add_bytes(size(row));
            !plan.matches(row, piece.wanted.as_ref()) || reading.take(|| plan.hit(store, &query.table, row))
        };
        asking.each(&piece.sql, &parameters, context, each).await?;
    }
    let seen = if matches!(query.filter, Filter::All) { reading.found() } else { 0 };
    Ok(reading.finish((all.max(seen), is_counted), &plan.by))
}
