//! Connections, and the transaction that every question is: read-only by the server's own doing, limited in time, cancelled
//! on the server when the question is, rolled back in the end.

use crate::config::{PostgresConfig, place};
use crate::errors::Errors;
use crate::tls;
use std::fmt;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Config, IsolationLevel, Transaction};
use tokio_postgres_rustls::MakeRustlsConnect;
use waylaid_store::{Context, ErrorKind, StoreError};

/// How long the way in may take, with the login.
const CONNECT: Duration = Duration::from_secs(15);
/// Beyond the server's own limit, until it counts as one that hangs.
const GRACE: Duration = Duration::from_secs(5);
/// How long is tried to tell the server to stop.
const CANCEL: Duration = Duration::from_secs(3);
/// Between two looks at whether to stop.
const WATCH: Duration = Duration::from_millis(20);

/// A database.
pub(crate) struct Client {
    config: Config,
    tls: MakeRustlsConnect,
    settings: String,
    patience: Duration,
    pub errors: Errors,
    /// A connection that nobody uses now.
    idle: Mutex<Option<tokio_postgres::Client>>,
    runtime: Option<Runtime>,
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
    if let Ok(result) = tokio::time::timeout(patience, call).await {
        return result.map_err(|error| errors.from(&error, doing));
    }
    let why = format!("no answer within {} s", patience.as_secs());
    Err(errors.fail(ErrorKind::Timeout, doing, &why))
}

impl Client {
    pub fn new(name: &str, config: &PostgresConfig) -> Result<Self, StoreError> {
        let wrong = |why: String| StoreError::new(ErrorKind::Invalid, format!("{name}: {why}"));
        let parsed = config.parsed().map_err(wrong)?;
        let errors =
            Errors { place: format!("{name} at {}", place(&parsed)), secrets: config.secrets(&parsed) };
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("postgres")
            .enable_all()
            .build()
            .map_err(|error| StoreError::from_io(error, format!("{name}: starting a thread")))?;
        Ok(Self {
            tls: tls::maker(config.ca.as_deref()).map_err(wrong)?,
            settings: settings(config),
            patience: config.statement + GRACE,
            config: parsed,
            errors,
            idle: Mutex::default(),
            runtime: Some(runtime),
        })
    }

    /// Asks something in a transaction of its own.
    pub fn ask<T>(
        &self,
        doing: &str,
        context: &Context,
        work: impl AsyncFnOnce(&Asking<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        context.check(doing)?;
        let Some(runtime) = &self.runtime else {
            return Err(self.errors.fail(ErrorKind::Io, doing, "the store is closed"));
        };
        runtime.block_on(async {
            let mut client = tokio::select! {
                connected = self.connected(doing) => connected?,
                stop = stopped(doing, context) => return Err(stop),
            };
            let token = client.cancel_token();
            let result = tokio::select! {
                biased;
                stop = stopped(doing, context) => Err(stop),
                result = self.inside(&mut client, doing, work) => result,
            };
            // What was asked to stop from here, and what hangs there, goes on until the server is told.
            let is_stopped = context.check(doing).is_err();
            let hangs = matches!(&result, Err(error) if error.kind == ErrorKind::Timeout);
            if is_stopped || hangs {
                let _ = tokio::time::timeout(CANCEL, token.cancel_query(self.tls.clone())).await;
            } else if !client.is_closed() {
                *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(client);
            }
            match result {
                Err(error) if is_stopped => context.check(doing).and(Err(error)),
                result => result,
            }
        })
    }

    async fn inside<T>(
        &self,
        client: &mut tokio_postgres::Client,
        doing: &str,
        work: impl AsyncFnOnce(&Asking<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let begin =
            client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
        let transaction = wait(&self.errors, doing, self.patience, begin.start()).await?;
        let call = transaction.batch_execute(&self.settings);
        wait(&self.errors, doing, self.patience, call).await?;
        let row = wait(&self.errors, doing, self.patience, transaction.query_one(BEGUN, &[])).await?;
        let asking = self.asking(transaction, &row, doing)?;
        let result = work(&asking).await;
        let patience = asking.patience;
        let rolled_back = wait(&self.errors, doing, patience, asking.transaction.rollback()).await;
        let answer = result?;
        rolled_back.map(|()| answer)
    }

    fn asking<'a>(
        &'a self,
        transaction: Transaction<'a>,
        row: &tokio_postgres::Row,
        doing: &'a str,
    ) -> Result<Asking<'a>, StoreError> {
        let failed = |error| self.errors.from(&error, doing);
        if row.try_get::<_, &str>(0).map_err(failed)? != "on" {
            return Err(self.errors.fail(ErrorKind::Denied, doing, "the server does not keep it read-only"));
        }
        let schema: Option<String> = row.try_get(2).map_err(failed)?;
        let schema = schema.ok_or_else(|| {
            let why = "there is no such schema, or no right to use it: name one with schema = \"…\"";
            self.errors.fail(ErrorKind::Invalid, doing, why)
        })?;
        Ok(Asking {
            transaction,
            errors: &self.errors,
            doing,
            schema,
            seen: row.try_get(3).map_err(failed)?,
            path: row.try_get(1).map_err(failed)?,
            patience: self.patience,
        })
    }

    /// A connection: the one that is idle, or a new one.
    async fn connected(&self, doing: &str) -> Result<tokio_postgres::Client, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(client) = idle.filter(|client| !client.is_closed()) {
            let alive = tokio::time::timeout(CANCEL, client.batch_execute("")).await;
            if matches!(alive, Ok(Ok(()))) {
                return Ok(client);
            }
        }
        let connecting = self.config.connect(self.tls.clone());
        let (client, connection) = wait(&self.errors, doing, CONNECT, connecting).await?;
        tokio::spawn(connection);
        Ok(client)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // Not awaited: a connection that hangs must not hold up who closes the store.
        drop(self.idle.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the settings: they hold passwords.
        f.debug_struct("Client").field("place", &self.errors.place).finish_non_exhaustive()
    }
}

/// Comes back when the question should stop.
async fn stopped(doing: &str, context: &Context) -> StoreError {
    loop {
        if let Err(error) = context.check(doing) {
            return error;
        }
        tokio::time::sleep(WATCH).await;
    }
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
