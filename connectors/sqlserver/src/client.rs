//! How SQL Server is asked: in a transaction that is rolled back whatever happens, with a limit to waiting for locks,
//! stopped on the server when the question is.

use crate::config::{Address, SqlServerConfig};
use crate::errors;
use futures_util::TryStreamExt as _;
use std::future::Future;
use std::time::Duration;
use tiberius::error::Error;
use tiberius::{ColumnData, Config, QueryItem, Row, ToSql};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt as _};
use waylaid_sql::{CONNECT, Driver, Errors, GRACE};
use waylaid_store::{Context, ErrorKind, StoreError};

/// Bytes of one value that the server sends at most.
pub(crate) const VALUE: usize = 1 << 20;
/// How often a server may send us on to another one.
const ROUTES: usize = 2;

/// A database.
pub(crate) type Client = waylaid_sql::Client<SqlServer>;
type Conn = tiberius::Client<Compat<TcpStream>>;

/// How it is reached.
pub(crate) struct SqlServer {
    parsed: Config,
    config: SqlServerConfig,
    address: Address,
}

/// A connection.
pub(crate) struct Line {
    connection: Conn,
    /// Whether rows still come that nobody wants.
    is_spoiled: bool,
}

impl Driver for SqlServer {
    type Connection = Line;
    const THREAD: &'static str = "sqlserver";

    async fn connect(&self, errors: &Errors, doing: &str) -> Result<Line, StoreError> {
        let mut line = Line { connection: self.way_in(errors, doing).await?, is_spoiled: false };
        batch(&mut line, (errors, doing, CONNECT), &self.settings()).await?;
        let rows = rows(&mut line, (errors, doing, CONNECT), ISOLATION, &[]).await?;
        // Where the database keeps versions of rows, nobody waits for us and we for nobody.
        let has_versions = rows.first().and_then(|row| whole(row, 0)) == Some(1);
        let level = if has_versions { "SNAPSHOT" } else { "READ COMMITTED" };
        let sql = format!("SET TRANSACTION ISOLATION LEVEL {level}");
        batch(&mut line, (errors, doing, CONNECT), &sql).await?;
        Ok(line)
    }

    async fn is_alive(&self, line: &mut Line) -> bool {
        match line.connection.simple_query("SELECT 1").await {
            Ok(answer) => answer.into_results().await.is_ok(),
            Err(_) => false,
        }
    }

    fn is_busy(&self, line: &Line) -> bool {
        line.is_spoiled
    }

    fn may_stay(&self, _: &Line, was_answered: bool) -> bool {
        was_answered
    }

    /// The protocol's own word to stop; what is open is rolled back when the connection ends.
    async fn stop(&self, mut line: Line) {
        let _ = line.connection.cancel_query().await;
        let _ = line.connection.close().await;
    }
}

/// Whether the database keeps versions of rows for readers: 1 where it does.
const ISOLATION: &str =
    "SELECT CAST(snapshot_isolation_state AS int) FROM sys.databases WHERE database_id = DB_ID()";

impl SqlServer {
    /// A connection with the login done, at the address or where that sends us.
    async fn way_in(&self, errors: &Errors, doing: &str) -> Result<Conn, StoreError> {
        let mut config = self.parsed.clone();
        let mut place = (self.address.host.clone(), self.address.port);
        for _ in 0..=ROUTES {
            // The way in is a large thing to carry about.
            let call = Box::pin(async {
                let stream = TcpStream::connect((place.0.as_str(), place.1)).await?;
                stream.set_nodelay(true)?;
                Box::pin(Conn::connect(config.clone(), stream.compat_write())).await
            });
            match errors.within(doing, CONNECT, call).await? {
                Err(Error::Routing { host, port }) => {
                    config.host(&host);
                    config.port(port);
                    place = (host, port);
                }
                result => return result.map_err(|error| errors::from(errors, &error, doing)),
            }
        }
        Err(errors.fail(ErrorKind::Io, doing, "it sends us from one server to another"))
    }

    /// What each connection begins with: texts mean one thing, waits are short, who is in the way is us.
    fn settings(&self) -> String {
        let lock = self.config.lock.as_millis().max(1);
        [
            "SET QUOTED_IDENTIFIER ON",
            "SET ANSI_NULLS ON",
            "SET ANSI_PADDING ON",
            "SET ANSI_WARNINGS ON",
            "SET ARITHABORT ON",
            "SET CONCAT_NULL_YIELDS_NULL ON",
            "SET NUMERIC_ROUNDABORT OFF",
            "SET NOCOUNT ON",
            "SET XACT_ABORT ON",
            "SET IMPLICIT_TRANSACTIONS OFF",
            "SET LANGUAGE us_english",
            "SET DATEFORMAT ymd",
            "SET DEADLOCK_PRIORITY LOW",
            &format!("SET TEXTSIZE {VALUE}"),
            &format!("SET LOCK_TIMEOUT {lock}"),
        ]
        .join("; ")
    }
}

/// One question's transaction.
pub(crate) struct Asking<'a> {
    line: &'a mut Line,
    pub errors: &'a Errors,
    pub doing: &'a str,
    /// The schema whose tables are meant.
    pub schema: String,
    pub config: &'a SqlServerConfig,
}

impl Asking<'_> {
    /// All rows of a statement that has few.
    pub async fn all(&mut self, sql: &str, parameters: &[&dyn ToSql]) -> Result<Vec<Row>, StoreError> {
        let patience = self.config.table + GRACE;
        rows(self.line, (self.errors, self.doing, patience), sql, parameters).await
    }

    /// Rows one by one, until there are no more or `each` has enough; what follows is then given up, and the connection
    /// with it.
    pub async fn each(
        &mut self,
        sql: &str,
        parameters: &[&dyn ToSql],
        context: &Context,
        each: &mut dyn FnMut(&Row) -> bool,
    ) -> Result<(), StoreError> {
        let at = (self.errors, self.doing, self.config.table + GRACE);
        self.line.is_spoiled = true;
        let mut stream = wait(at, self.line.connection.query(sql, parameters)).await?;
        while let Some(item) = wait(at, stream.try_next()).await? {
            context.check(self.doing)?;
            if let QueryItem::Row(row) = item
                && !each(&row)
            {
                return Ok(());
            }
        }
        drop(stream);
        self.line.is_spoiled = false;
        Ok(())
    }

    /// How many rows the next statements may deliver; 0 for any number.
    pub async fn limit(&mut self, rows: u64) -> Result<(), StoreError> {
        let rows = rows.min(i32::MAX as u64);
        let at = (self.errors, self.doing, self.config.table + GRACE);
        batch(self.line, at, &format!("SET ROWCOUNT {rows}")).await
    }

    /// A text of a row of the catalogue, which may be missing.
    pub fn maybe<'r>(&self, row: &'r Row, at: usize) -> Result<Option<&'r str>, StoreError> {
        row.try_get(at).map_err(|error| errors::from(self.errors, &error, self.doing))
    }

    /// A text of a row of the catalogue.
    pub fn text(&self, row: &Row, at: usize) -> Result<String, StoreError> {
        Ok(self.maybe(row, at)?.unwrap_or_default().to_owned())
    }
}

/// A whole number of a row of the catalogue, of any size.
pub(crate) fn whole(row: &Row, at: usize) -> Option<i64> {
    match row.cells().nth(at)?.1 {
        ColumnData::U8(number) => number.map(i64::from),
        ColumnData::I16(number) => number.map(i64::from),
        ColumnData::I32(number) => number.map(i64::from),
        ColumnData::I64(number) => *number,
        _ => None,
    }
}

/// Whom an error names, what is done, and how long is waited.
type At<'a> = (&'a Errors, &'a str, Duration);

async fn wait<T>(
    (errors, doing, patience): At<'_>,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, StoreError> {
    errors.within(doing, patience, call).await?.map_err(|error| errors::from(errors, &error, doing))
}

/// A batch of our own that answers nothing.
async fn batch(line: &mut Line, at: At<'_>, sql: &str) -> Result<(), StoreError> {
    wait(at, async { line.connection.simple_query(sql).await?.into_results().await }).await.map(drop)
}

/// All rows of a statement with parameters.
async fn rows(
    line: &mut Line,
    at: At<'_>,
    sql: &str,
    parameters: &[&dyn ToSql],
) -> Result<Vec<Row>, StoreError> {
    wait(at, async { line.connection.query(sql, parameters).await?.into_first_result().await }).await
}

/// A database. Nothing is reached out to.
pub(crate) fn open(name: &str, config: &SqlServerConfig) -> Result<Client, StoreError> {
    let wrong = |why: String| StoreError::new(ErrorKind::Invalid, format!("{name}: {why}"));
    let address = config.address().map_err(wrong)?;
    let place = format!("{name} at {}:{}/{}", address.host, address.port, address.database);
    let errors = Errors { place, secrets: config.secrets(&address) };
    let parsed = config.parsed(&address).map_err(wrong)?;
    Client::new(name, SqlServer { parsed, config: config.clone(), address }, errors)
}

/// Where we are: the user's own schema, whether there is the one that is meant, and in a transaction.
const BEGUN: &str = "SELECT SCHEMA_NAME(), CAST(SCHEMA_ID(@P1) AS int), CAST(XACT_STATE() AS int)";

/// Asks something in a transaction of its own, which is rolled back.
pub(crate) fn ask<T>(
    client: &Client,
    doing: &str,
    context: &Context,
    work: impl AsyncFnOnce(&mut Asking<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let (driver, errors) = (&client.driver, &client.errors);
    client.ask(doing, context, async |line| {
        let at = (errors, doing, CONNECT);
        batch(line, at, "BEGIN TRANSACTION").await?;
        let meant = driver.config.schema.as_deref();
        let begun = rows(line, at, BEGUN, &[&meant]).await?;
        let schema = schema(&begun, meant, errors, doing)?;
        let mut asking = Asking { line, errors, doing, schema, config: &driver.config };
        let answer = work(&mut asking).await?;
        if !line.is_spoiled {
            batch(line, at, "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION").await?;
        }
        Ok(answer)
    })
}

fn schema(rows: &[Row], meant: Option<&str>, errors: &Errors, doing: &str) -> Result<String, StoreError> {
    let number = |at: usize| rows.first().and_then(|row| whole(row, at));
    if number(2) != Some(1) {
        let why = "the server keeps no transaction open that could be rolled back";
        return Err(errors.fail(ErrorKind::Denied, doing, why));
    }
    let own = rows.first().and_then(|row| row.try_get::<&str, _>(0).ok().flatten());
    match (meant, own) {
        (Some(meant), _) if number(1).is_some() => Ok(meant.to_owned()),
        (None, Some(own)) => Ok(own.to_owned()),
        _ => {
            let why = "there is no such schema, or no right to use it: name one with schema = \"…\"";
            Err(errors.fail(ErrorKind::Invalid, doing, why))
        }
    }
}
