//! How PostgreSQL is asked: in a transaction that is read-only by the server's own doing, limited in time, cancelled on
//! the server when the question is, rolled back in the end.

use crate::config::{PostgresConfig, place};
use crate::errors;
use crate::tls;
use std::future::Future;
use std::time::Duration;
use tokio_postgres::{Config, IsolationLevel, Transaction};
use tokio_postgres_rustls::MakeRustlsConnect;
use waylaid_sql::{CONNECT, Driver, Errors, GRACE};
use waylaid_store::{Context, ErrorKind, StoreError};

/// A database.
pub(crate) type Client = waylaid_sql::Client<Postgres>;

/// How it is reached, and what each transaction begins with.
pub(crate) struct Postgres {
    config: Config,
    tls: MakeRustlsConnect,
    settings: String,
    patience: Duration,
}

impl Driver for Postgres {
    type Connection = tokio_postgres::Client;
    const THREAD: &'static str = "postgres";

    async fn connect(&self, errors: &Errors, doing: &str) -> Result<Self::Connection, StoreError> {
        let connecting = self.config.connect(self.tls.clone());
        let (client, connection) = wait(errors, doing, CONNECT, connecting).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    async fn is_alive(&self, connection: &mut Self::Connection) -> bool {
        !connection.is_closed() && connection.batch_execute("").await.is_ok()
    }

    fn is_busy(&self, _: &Self::Connection) -> bool {
        false
    }

    fn may_stay(&self, connection: &Self::Connection, _: bool) -> bool {
        !connection.is_closed()
    }

    async fn stop(&self, connection: Self::Connection) {
        let _ = connection.cancel_token().cancel_query(self.tls.clone()).await;
    }
}

/// One question's transaction.
pub(crate) struct Asking<'a> {
    pub transaction: Transaction<'a>,
    pub errors: &'a Errors,
    pub doing: &'a str,
    /// The schema whose tables are meant.
    pub schema: String,
    /// Schemas in which the role looks for names without one.
    pub seen: Vec<String>,
    /// These as the server has them.
    path: String,
    patience: Duration,
}

impl Asking<'_> {
    /// Waits for the server, not for ever.
    pub async fn wait<T>(
        &self,
        call: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, StoreError> {
        wait(self.errors, self.doing, self.patience, call).await
    }

    /// From here on names without a schema are looked for where the role does: for a statement of somebody's own.
    pub async fn look_where_the_role_does(&self) -> Result<(), StoreError> {
        let sql = "SELECT pg_catalog.set_config('search_path', $1, true)";
        self.wait(self.transaction.query_one(sql, &[&self.path])).await.map(drop)
    }
}

/// What the transaction is. Our own statements find nothing but the server's own functions and operators.
const BEGUN: &str = "\
SELECT pg_catalog.current_setting('transaction_read_only'), pg_catalog.current_setting('search_path'),
       pg_catalog.current_schema()::text, pg_catalog.current_schemas(true)::text[],
       pg_catalog.set_config('search_path', 'pg_catalog', true)";

async fn wait<T>(
    errors: &Errors,
    doing: &str,
    patience: Duration,
    call: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, StoreError> {
    errors.within(doing, patience, call).await?.map_err(|error| errors::from(errors, &error, doing))
}

/// A database. Nothing is reached out to.
pub(crate) fn open(name: &str, config: &PostgresConfig) -> Result<Client, StoreError> {
    let wrong = |why: String| StoreError::new(ErrorKind::Invalid, format!("{name}: {why}"));
    let parsed = config.parsed().map_err(wrong)?;
    let errors = Errors { place: format!("{name} at {}", place(&parsed)), secrets: config.secrets(&parsed) };
    let driver = Postgres {
        tls: tls::maker(config.ca.as_deref()).map_err(wrong)?,
        settings: settings(config),
        patience: config.statement + GRACE,
        config: parsed,
    };
    Client::new(name, driver, errors)
}

/// Asks something in a transaction of its own.
pub(crate) fn ask<T>(
    client: &Client,
    doing: &str,
    context: &Context,
    work: impl AsyncFnOnce(&Asking<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let (driver, errors) = (&client.driver, &client.errors);
    client.ask(doing, context, async |connection| {
        let begin =
            connection.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
        let transaction = wait(errors, doing, driver.patience, begin.start()).await?;
        let call = transaction.batch_execute(&driver.settings);
        wait(errors, doing, driver.patience, call).await?;
        let row = wait(errors, doing, driver.patience, transaction.query_one(BEGUN, &[])).await?;
        let asking = asking(transaction, &row, (errors, doing, driver.patience))?;
        let result = work(&asking).await;
        let rolled_back = wait(errors, doing, driver.patience, asking.transaction.rollback()).await;
        let answer = result?;
        rolled_back.map(|()| answer)
    })
}

fn asking<'a>(
    transaction: Transaction<'a>,
    row: &tokio_postgres::Row,
    (errors, doing, patience): (&'a Errors, &'a str, Duration),
) -> Result<Asking<'a>, StoreError> {
    let failed = |error| errors::from(errors, &error, doing);
    if row.try_get::<_, &str>(0).map_err(failed)? != "on" {
        return Err(errors.fail(ErrorKind::Denied, doing, "the server does not keep it read-only"));
    }
    let schema: Option<String> = row.try_get(2).map_err(failed)?;
    let schema = schema.ok_or_else(|| {
        let why = "there is no such schema, or no right to use it: name one with schema = \"…\"";
        errors.fail(ErrorKind::Invalid, doing, why)
    })?;
    let (seen, path) = (row.try_get(3).map_err(failed)?, row.try_get(1).map_err(failed)?);
    Ok(Asking { transaction, errors, doing, schema, seen, path, patience })
}

/// For this transaction only, so that nothing of it is left in a connection that a pooler may hand to others.
fn settings(config: &PostgresConfig) -> String {
    let milliseconds = |duration: Duration| duration.as_millis().max(1).to_string();
    let mut settings = vec![
        ("statement_timeout", milliseconds(config.statement)),
        ("lock_timeout", milliseconds(config.lock)),
        ("idle_in_transaction_session_timeout", milliseconds(config.statement + Duration::from_mins(2))),
        ("client_encoding", "'UTF8'".to_owned()),
        ("standard_conforming_strings", "on".to_owned()),
        ("datestyle", "'ISO, YMD'".to_owned()),
        ("intervalstyle", "'postgres'".to_owned()),
        ("timezone", "'UTC'".to_owned()),
        ("bytea_output", "'hex'".to_owned()),
        ("extra_float_digits", "1".to_owned()),
        // The order of rows without a key is that of their places.
        ("synchronize_seqscans", "off".to_owned()),
        ("max_parallel_workers_per_gather", "0".to_owned()),
        ("jit", "off".to_owned()),
    ];
    if let Some(schema) = &config.schema {
        settings.push(("search_path", format!("\"{}\"", schema.replace('\0', "").replace('"', "\"\""))));
    }
    let lines: Vec<String> =
        settings.iter().map(|(name, value)| format!("SET LOCAL {name} = {value}")).collect();
    lines.join("; ")
}
