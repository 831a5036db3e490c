//! How MySQL and MariaDB are asked: in a transaction that is read-only by the server's own doing, limited in time,
//! cancelled on the server when the question is, rolled back in the end.

use crate::config::MysqlConfig;
use crate::errors;
use mysql_async::prelude::{FromRow, Queryable as _};
use mysql_async::{BinaryProtocol, Conn, Error, Opts, Params, QueryResult, Row};
use std::future::Future;
use std::time::Duration;
use waylaid_sql::{CONNECT, Driver, Errors, GRACE};
use waylaid_store::{Context, ErrorKind, StoreError};

/// A database.
pub(crate) type Client = waylaid_sql::Client<Mysql>;

/// How it is reached.
pub(crate) struct Mysql {
    opts: Opts,
    config: MysqlConfig,
    database: String,
}

/// A connection.
pub(crate) struct Line {
    connection: Conn,
    /// Whether rows still come that nobody wants.
    is_spoiled: bool,
}

impl Driver for Mysql {
    type Connection = Line;
    const THREAD: &'static str = "mysql";

    async fn connect(&self, errors: &Errors, doing: &str) -> Result<Line, StoreError> {
        let mut connection = wait(errors, doing, CONNECT, Conn::new(self.opts.clone())).await?;
        for sql in self.settings() {
            wait(errors, doing, CONNECT, connection.query_drop(sql)).await?;
        }
        let sql = "SHOW SESSION VARIABLES WHERE Variable_name IN ('tx_read_only', 'transaction_read_only')";
        let told: Vec<(String, String)> = wait(errors, doing, CONNECT, connection.query(sql)).await?;
        if told.is_empty() || told.iter().any(|(_, value)| value != "ON") {
            return Err(errors.fail(ErrorKind::Denied, doing, "the server does not keep it read-only"));
        }
        Ok(Line { connection, is_spoiled: false })
    }

    async fn is_alive(&self, line: &mut Line) -> bool {
        line.connection.ping().await.is_ok()
    }

    fn is_busy(&self, line: &Line) -> bool {
        line.is_spoiled
    }

    fn may_stay(&self, _: &Line, was_answered: bool) -> bool {
        was_answered
    }

    /// MariaDB's and MySQL's own way for a user to end what is the user's own.
    async fn stop(&self, line: Line) {
        let number = line.connection.id();
        drop(line);
        let Ok(mut other) = Conn::new(self.opts.clone()).await else { return };
        let _ = other.query_drop(format!("KILL CONNECTION {number}")).await;
        let _ = other.disconnect().await;
    }
}

impl Mysql {
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

/// One question's transaction.
pub(crate) struct Asking<'a> {
    line: &'a mut Line,
    pub errors: &'a Errors,
    pub doing: &'a str,
    /// The database whose tables are meant.
    pub database: &'a str,
    patience: Duration,
    config: &'a MysqlConfig,
    is_mariadb: bool,
}

impl Asking<'_> {
    /// All rows of a statement that has few.
    pub async fn all<T: FromRow + Send + 'static>(
        &mut self,
        sql: &str,
        parameters: impl Into<Params> + Send,
    ) -> Result<Vec<T>, StoreError> {
        let call = self.line.connection.exec(sql, parameters.into());
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
        self.line.is_spoiled = true;
        let call = self.line.connection.exec_iter(sql, parameters);
        let mut result: QueryResult<'_, '_, BinaryProtocol> = wait(errors, doing, patience, call).await?;
        while let Some(row) = wait(errors, doing, patience, result.next()).await? {
            context.check(doing)?;
            if !each(row) {
                return Ok(());
            }
        }
        drop(result);
        self.line.is_spoiled = false;
        Ok(())
    }

    /// Columns of a statement: names and types.
    pub async fn prepared(&mut self, sql: &str) -> Result<mysql_async::Statement, StoreError> {
        let call = self.line.connection.prep(sql);
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
        let call = self.line.connection.query_drop(sql);
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
    errors.within(doing, patience, call).await?.map_err(|error| errors::from(errors, &error, doing))
}

/// A database. Nothing is reached out to.
pub(crate) fn open(name: &str, config: &MysqlConfig) -> Result<Client, StoreError> {
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
    let errors = Errors { place, secrets: config.secrets(&opts) };
    Client::new(name, Mysql { opts, config: config.clone(), database }, errors)
}

/// Asks something in a transaction of its own.
pub(crate) fn ask<T>(
    client: &Client,
    doing: &str,
    context: &Context,
    work: impl AsyncFnOnce(&mut Asking<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let (driver, errors) = (&client.driver, &client.errors);
    client.ask(doing, context, async |line| {
        let begin = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
        wait(errors, doing, CONNECT, line.connection.query_drop(begin)).await?;
        let sql = "SELECT VERSION()";
        let version: Option<String> = wait(errors, doing, CONNECT, line.connection.query_first(sql)).await?;
        let mut asking = Asking {
            line,
            errors,
            doing,
            database: &driver.database,
            patience: driver.config.table + GRACE,
            config: &driver.config,
            is_mariadb: version.is_some_and(|version| version.contains("MariaDB")),
        };
        asking.limit(driver.config.table, None).await?;
        let answer = work(&mut asking).await?;
        if !line.is_spoiled {
            wait(errors, doing, CONNECT, line.connection.query_drop("ROLLBACK")).await?;
        }
        Ok(answer)
    })
}
