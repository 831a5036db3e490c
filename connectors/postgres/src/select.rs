//! A SELECT of somebody's own: past the guard, past the catalogue's word on what it calls, and then as one prepared
//! statement inside the transaction that the server keeps read-only.

use crate::audit;
use crate::catalog::identifier;
use crate::cells::Kind;
use crate::client::{Asking, Client};
use crate::plan::{bytes, text};
use crate::read::pieces;
use tokio_postgres::types::{FromSql, Type};
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
    let accepted = check(Dialect::Postgres, sql)
        .map_err(|refusal| StoreError::new(ErrorKind::Invalid, format!("{store}: {refusal}")))?;
    let limit = limit.unwrap_or(ROWS);
    client.ask("running a SELECT", context, async |asking| {
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
    let mut answer =
        Answer { store, coverage: Coverage::new(store, RowQuery::SELECT, Status::Searched), read: 0 };
    pieces(asking, (&sql, None), context, &mut |row| {
        let cell = |(at, (name, kind)): (usize, &(String, Kind))| {
            let value = if accepted.is_explain { plan_line(row, at) } else { kind.value(text(row, at)) };
            (name.clone(), value)
        };
        answer.take(limit, bytes(row), sink, || Row { cells: columns.iter().enumerate().map(cell).collect() })
    })
    .await?;
    let mut coverage = answer.coverage;
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    coverage.scanned = coverage.matched;
    coverage.range = format!("columns {}", names.join(", "));
    Ok(coverage)
}

/// What was delivered so far.
struct Answer<'a> {
    store: &'a str,
    coverage: Coverage,
    read: u64,
}

impl Answer<'_> {
    /// Delivers a row, unless there were enough; whether more may come.
    fn take(
        &mut self,
        limit: u64,
        bytes: u64,
        sink: &mut dyn FnMut(RowHit),
        row: impl FnOnce() -> Row,
    ) -> bool {
        let delivered = self.coverage.matched;
        self.read += bytes;
        let enough = if delivered >= limit {
            Some(format!("limit of {limit} rows: there are more"))
        } else if self.read > BYTES && delivered > 0 {
            Some(format!("limit of {BYTES} bytes after {delivered} rows: there are more"))
        } else {
            None
        };
        if let Some(note) = enough {
            self.coverage.status = Status::Partial;
            self.coverage.note = note;
            return false;
        }
        self.coverage.matched += 1;
        let (table, key) = (RowQuery::SELECT.to_owned(), self.coverage.matched.to_string());
        let at = Reference::Row { store: self.store.to_owned(), table, key };
        sink(RowHit { at, row: row() });
        true
    }
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
