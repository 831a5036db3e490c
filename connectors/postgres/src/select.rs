//! A SELECT of somebody's own: past the guard, past the catalogue's word on what it calls, and then as one prepared
//! statement inside the transaction that the server keeps read-only.

use crate::audit;
use crate::catalog::identifier;
use crate::cells::Kind;
use crate::client::{self, Asking, Client};
use crate::plan::{bytes, text};
use crate::read::pieces;
use tokio_postgres::types::{FromSql, Type};
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
    let accepted = waylaid_sql::accepted(store, Dialect::Postgres, sql)?;
    let limit = Selected::limit(limit);
    client::ask(client, "running a SELECT", context, async |asking: &Asking<'_>| {
        audit::judge(store, asking, &accepted).await?;
        asking.look_where_the_role_does().await?;
        run(store, asking, &accepted, limit, context, sink).await
    })
}

async fn run(
    store: &str,
    asking: &Asking<'_>,
    accepted: &Accepted,
    limit: u64,
    context: &Context,
    sink: &mut dyn FnMut(RowHit),
) -> Result<Coverage, StoreError> {
    let statement = asking.wait(asking.transaction.prepare(&accepted.sql)).await?;
    let columns: Vec<(String, Kind)> = statement
        .columns()
        .iter()
        .map(|column| (column.name().to_owned(), Kind::of(column.type_().name())))
        .collect();
    let sql =
        if accepted.is_explain { accepted.sql.clone() } else { wrapped(&accepted.sql, &columns, limit) };
    let types = statement.columns().iter();
    let types = types.map(|column| (column.name().to_owned(), column.type_().name().to_owned())).collect();
    let mut selected = Selected::new(store, types, limit, sink);
    pieces(asking, (&sql, None), context, &mut |row| {
        let cell = |(at, (_, kind)): (usize, &(String, Kind))| {
            if accepted.is_explain { plan_line(row, at) } else { kind.value(text(row, at)) }
        };
        selected.take(bytes(row), || columns.iter().enumerate().map(cell).collect())
    })
    .await?;
    Ok(selected.finish())
}

/// The statement as a table in FROM, where no statement that writes may stand, with one row more than wanted.
fn wrapped(sql: &str, columns: &[(String, Kind)], limit: u64) -> String {
    if columns.is_empty() {
        return format!("SELECT FROM ({sql}) AS q LIMIT {}", limit.saturating_add(1));
    }
    let names: Vec<String> = (1..=columns.len()).map(|at| identifier(&format!("c{at}"))).collect();
    let texts: Vec<String> =
        names.iter().zip(columns).map(|(name, (_, kind))| kind.selected(&format!("q.{name}"))).collect();
    let (texts, names) = (texts.join(", "), names.join(", "));
    format!("SELECT {texts} FROM ({sql}) AS q({names}) LIMIT {}", limit.saturating_add(1))
}

/// A line of a plan, whatever its type: all of them come as texts.
fn plan_line(row: &tokio_postgres::Row, at: usize) -> serde_json::Value {
    struct Text(String);
    impl<'a> FromSql<'a> for Text {
        fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
            Ok(Self(String::from_utf8_lossy(raw).into_owned()))
        }

        fn accepts(_: &Type) -> bool {
            true
        }
    }
    row.try_get::<_, Text>(at).map_or(serde_json::Value::Null, |text| serde_json::Value::from(text.0))
}
