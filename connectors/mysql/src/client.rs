//! Connections, and the transaction that every question is: read-only by the server's own doing, limited in time, cancelled
//! on the server when the question is, rolled back in the end.

use crate::config::MysqlConfig;
use crate::errors::Errors;
use mysql_async::prelude::{FromRow, Queryable as _};
use mysql_async::{BinaryProtocol, Conn, Error, Opts, Params, QueryResult, Row};
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
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
    opts: Opts,
    config: MysqlConfig,
    pub database: String,
    pub errors: Errors,
    /// A connection that nobody uses now.
    idle: Mutex<Option<Conn>>,
    runtime: Option<Runtime>,
}

/// One question's transaction.
pub(crate) struct Asking<'a> {
    connection: &'a mut Conn,
    pub errors: &'a Errors,
    pub doing: &'a str,
    /// The database whose tables are meant.
    pub database: &'a str,
    patience: Duration,
    config: &'a MysqlConfig,
    is_mariadb: bool,
    is_spoiled: &'a AtomicBool,
}

impl Asking<'_> {
    /// All rows of a statement that has few.
    pub async fn all<T: FromRow + Send + 'static>(
        &mut self,
        sql: &str,
        parameters: impl Into<Params> + Send,
    ) -> Result<Vec<T>, StoreError> {
        let call = self.connection.exec(sql, parameters.into());
        wait(self.errors, self.doing, self.patience, call).await
    }

    /// Rows one by one, until there are no more or `each` has enough; what follows is then given up, and the connection
    /// with it.
    pub async fn each(
        &mut self,
        sql: &str,
        parameters: Params,
        context: &Context,
        each: &mut dyn FnMut(Row) -> bool,
    ) -> Result<(), StoreError> {
        let (errors, doing, patience) = (self.errors, self.doing, self.patience);
        let spoiled = |is: bool| self.is_spoiled.store(is, Ordering::Relaxed);
        spoiled(true);
        let call = self.connection.exec_iter(sql, parameters);
        let mut result: QueryResult<'_, '_, BinaryProtocol> = wait(errors, doing, patience, call).await?;
        while let Some(row) = wait(errors, doing, patience, result.next()).await? {
            context.check(doing)?;
            if !each(row) {
                return Ok(());
            }
        }
        spoiled(false);
        Ok(())
    }

    /// Columns of a statement: names and types.
    pub async fn prepared(&mut self, sql: &str) -> Result<mysql_async::Statement, StoreError> {
        let call = self.connection.prep(sql);
        wait(self.errors, self.doing, self.patience, call).await
    }

    /// How long the next statements may take, and how many rows they may deliver.
    pub async fn limit(&mut self, time: Duration, rows: Option<u64>) -> Result<(), StoreError> {
        self.patience = time + GRACE;
        let time = if self.is_mariadb {
            format!("max_statement_time = {}", time.as_secs_f64().max(0.001))
        } else {
            format!("max_execution_time = {}", time.as_millis().max(1))
        };
        let rows = rows.map_or_else(|| "DEFAULT".to_owned(), |rows| rows.to_string());
        let sql = format!("SET SESSION {time}, SESSION sql_select_limit = {rows}");
        let call = self.connection.query_drop(sql);
        wait(self.errors, self.doing, self.patience, call).await
    }

    /// The limits of what it is to be asked.
    pub fn config(&self) -> &MysqlConfig {
        self.config
    }

    pub fn is_mariadb(&self) -> bool {
        self.is_mariadb
    }
}

async fn wait<T>(
    errors: &Errors,
    doing: &str,
    patience: Duration,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, StoreError> {
    if let Ok(result) = tokio::time::timeout(patience, call).await {
        return result.map_err(|error| errors.from(&error, doing));
    }
    let why = format!("no answer within {} s", patience.as_secs());
    Err(errors.fail(ErrorKind::Timeout, doing, &why))
}

impl Client {
    pub fn new(name: &str, config: &MysqlConfig) -> Result<Self, StoreError> {
        let wrong = |why: String| StoreError::new(ErrorKind::Invalid, format!("{name}: {why}"));
        let opts = config.parsed().map_err(wrong)?;
        if let Some(path) = &config.ca
            && let Err(error) = std::fs::read(path)
        {
            return Err(wrong(format!("the certificates in {} cannot be read: {error}", path.display())));
        }
        // The one that is there stays: all of them are this one.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let database = opts.db_name().unwrap_or_default().to_owned();
        let place = format!("{name} at {}:{}/{database}", opts.ip_or_hostname(), opts.tcp_port());
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("mysql")
            .enable_all()
            .build()
            .map_err(|error| StoreError::from_io(error, format!("{name}: starting a thread")))?;
        Ok(Self {
            errors: Errors { place, secrets: config.secrets(&opts) },
            opts,
            config: config.clone(),
            database,
            idle: Mutex::default(),
            runtime: Some(runtime),
        })
    }

    /// Asks something in a transaction of its own.
    pub fn ask<T>(
        &self,
        doing: &str,
        context: &Context,
        work: impl AsyncFnOnce(&mut Asking<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        context.check(doing)?;
        let Some(runtime) = &self.runtime else {
            return Err(self.errors.fail(ErrorKind::Io, doing, "the store is closed"));
        };
        runtime.block_on(async {
            let mut connection = tokio::select! {
                connected = self.connected(doing) => connected?,
                stop = stopped(doing, context) => return Err(stop),
            };
            let number = connection.id();
            let is_spoiled = AtomicBool::new(false);
            let result = tokio::select! {
                biased;
                stop = stopped(doing, context) => Err(stop),
                result = self.inside(&mut connection, doing, &is_spoiled, work) => result,
            };
            let is_stopped = context.check(doing).is_err();
            let hangs = matches!(&result, Err(error) if error.kind == ErrorKind::Timeout);
            if is_stopped || hangs || is_spoiled.into_inner() {
                // What was asked to stop from here goes on there until the server is told.
                drop(connection);
                let _ = tokio::time::timeout(CANCEL, self.stop(number)).await;
            } else if result.is_ok() {
                *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection);
            }
            match result {
                Err(error) if is_stopped => context.check(doing).and(Err(error)),
                result => result,
            }
        })
    }

    async fn inside<T>(
        &self,
        connection: &mut Conn,
        doing: &str,
        is_spoiled: &AtomicBool,
        work: impl AsyncFnOnce(&mut Asking<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let patience = self.config.table + GRACE;
        let begin = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
        wait(&self.errors, doing, CONNECT, connection.query_drop(begin)).await?;
        let sql = "SELECT VERSION()";
        let version: Option<String> = wait(&self.errors, doing, CONNECT, connection.query_first(sql)).await?;
        let is_mariadb = version.is_some_and(|version| version.contains("MariaDB"));
        let mut asking = Asking {
            connection,
            errors: &self.errors,
            doing,
            database: &self.database,
            patience,
            config: &self.config,
            is_mariadb,
            is_spoiled,
        };
        asking.limit(self.config.table, None).await?;
        let answer = work(&mut asking).await?;
        if !is_spoiled.load(Ordering::Relaxed) {
            wait(&self.errors, doing, CONNECT, connection.query_drop("ROLLBACK")).await?;
        }
        Ok(answer)
    }

    /// Ends what a connection of ours still does.
    async fn stop(&self, number: u32) -> Result<(), Error> {
        let mut other = Conn::new(self.opts.clone()).await?;
        // MariaDB's and MySQL's own way for a user to end what is the user's own.
        let _ = other.query_drop(format!("KILL CONNECTION {number}")).await;
        other.disconnect().await
    }

    /// A connection: the one that is idle, or a new one.
    async fn connected(&self, doing: &str) -> Result<Conn, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut connection) = idle {
            let alive = tokio::time::timeout(CANCEL, connection.ping()).await;
            if matches!(alive, Ok(Ok(()))) {
                return Ok(connection);
            }
        }
        let mut connection = wait(&self.errors, doing, CONNECT, Conn::new(self.opts.clone())).await?;
        for sql in self.settings() {
            wait(&self.errors, doing, CONNECT, connection.query_drop(sql)).await?;
        }
        let sql = "SHOW SESSION VARIABLES WHERE Variable_name IN ('tx_read_only', 'transaction_read_only')";
        let told: Vec<(String, String)> = wait(&self.errors, doing, CONNECT, connection.query(sql)).await?;
        if told.is_empty() || told.iter().any(|(_, value)| value != "ON") {
            return Err(self.errors.fail(ErrorKind::Denied, doing, "the server does not keep it read-only"));
        }
        Ok(connection)
    }

    /// What each connection begins with: one spelling of texts, one zone, read-only, short waits.
    fn settings(&self) -> [String; 4] {
        let seconds = self.config.lock.as_secs().max(1);
        [
            "SET NAMES utf8mb4".to_owned(),
            "SET SESSION sql_mode = '', SESSION time_zone = '+00:00'".to_owned(),
            format!(
                "SET SESSION lock_wait_timeout = {seconds}, SESSION innodb_lock_wait_timeout = {seconds}"
            ),
            "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY".to_owned(),
        ]
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runtime) = self.runtime.take() {
            // The driver says goodbye with a task of its own, for which it needs to be inside.
            let inside = runtime.enter();
            drop(idle);
            drop(inside);
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
