//! The connection, and all that is ever sent over it: commands that read, each with a limit to how long it may take.

use crate::config::{EXAMPLE, MongoConfig};
use crate::errors::Errors;
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::{ClientOptions, Credential, ReadPreference, SelectionCriteria, Tls, TlsOptions};
use mongodb::{Cursor, Database};
use std::fmt;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use waylaid_store::{Context, ErrorKind, StoreError};

/// How long the way in may take, with the login.
const CONNECT: Duration = Duration::from_secs(15);
/// Beyond the server's own limit, until it counts as one that hangs.
const GRACE: Duration = Duration::from_secs(5);
/// Between two looks at whether to stop.
const WATCH: Duration = Duration::from_millis(20);
/// Documents that are fetched at once.
const BATCH: i32 = 1_000;
/// Connections at once.
const CONNECTIONS: u32 = 2;

/// A database.
pub(crate) struct Client {
    config: MongoConfig,
    pub errors: Errors,
    database: Mutex<Option<Database>>,
    runtime: Option<Runtime>,
}

/// Something that is sent. There is nothing else: no command that writes, no script.
pub(crate) enum Ask<'a> {
    /// Which collections there are.
    Collections,
    /// Which indexes a collection has.
    Indexes(&'a str),
    /// Documents of a collection: which, in which order, at most how many.
    Find(&'a str, Document, Document, Option<i64>),
    /// An aggregation whose stages were looked through.
    Aggregate(&'a str, &'a [Document]),
}

/// Something that is sent and answered with one document.
pub(crate) enum AskOnce<'a> {
    /// How many documents a collection has, by its own count.
    Count(&'a str),
    /// Which version the server is of.
    Version,
    /// Which part it plays, and what time it has.
    Hello,
    /// Who we are and what we may do.
    Who,
}

impl Ask<'_> {
    fn command(&self, time: Duration) -> Document {
        let milliseconds = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        match self {
            Self::Collections => doc! {"listCollections": 1, "cursor": {}},
            Self::Indexes(of) => doc! {"listIndexes": *of, "cursor": {}},
            Self::Find(of, filter, sort, limit) => {
                let mut command = doc! {
                    "find": *of, "filter": filter.clone(), "sort": sort.clone(), "batchSize": BATCH,
                    "maxTimeMS": milliseconds,
                };
                limit.iter().for_each(|limit| drop(command.insert("limit", *limit)));
                command
            }
            Self::Aggregate(of, stages) => doc! {
                "aggregate": *of, "pipeline": stages.to_vec(), "cursor": {"batchSize": BATCH},
                "maxTimeMS": milliseconds, "allowDiskUse": false,
            },
        }
    }
}

impl AskOnce<'_> {
    fn command(&self) -> Document {
        match self {
            Self::Count(of) => doc! {"count": *of},
            Self::Version => doc! {"buildInfo": 1},
            // By its old name, which every version knows.
            Self::Hello => doc! {"isMaster": 1},
            Self::Who => doc! {"connectionStatus": 1, "showPrivileges": true},
        }
    }
}

/// One question.
pub(crate) struct Asking<'a> {
    database: Database,
    pub errors: &'a Errors,
    pub doing: &'a str,
    config: &'a MongoConfig,
}

impl Asking<'_> {
    /// Documents one by one, until there are no more or `each` has enough.
    pub async fn each(
        &self,
        ask: Ask<'_>,
        each: &mut dyn FnMut(Document) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let time = if matches!(ask, Ask::Aggregate(..)) { self.config.statement } else { self.config.table };
        let command = ask.command(time);
        let call = self.database.run_cursor_command(command).selection_criteria(nearby());
        let mut cursor: Cursor<Document> = self.wait(time, async { call.await }).await?;
        while self.wait(time, cursor.advance()).await? {
            let document = cursor.deserialize_current();
            let document = document.map_err(|error| self.errors.from(&error, self.doing))?;
            if !each(document)? {
                break;
            }
        }
        Ok(())
    }

    /// All documents of an answer that has few.
    pub async fn all(&self, ask: Ask<'_>) -> Result<Vec<Document>, StoreError> {
        let mut all = Vec::new();
        self.each(ask, &mut |document| {
            all.push(document);
            Ok(true)
        })
        .await?;
        Ok(all)
    }

    /// An answer that is one document.
    pub async fn once(&self, ask: AskOnce<'_>) -> Result<Document, StoreError> {
        let call = self.database.run_command(ask.command()).selection_criteria(nearby());
        self.wait(CONNECT, async { call.await }).await
    }

    /// The database's name.
    pub fn database(&self) -> &str {
        self.database.name()
    }

    async fn wait<T>(
        &self,
        time: Duration,
        call: impl Future<Output = mongodb::error::Result<T>>,
    ) -> Result<T, StoreError> {
        match tokio::time::timeout(time + CONNECT + GRACE, call).await {
            Ok(result) => result.map_err(|error| self.errors.from(&error, self.doing)),
            Err(_) => Err(self.errors.fail(ErrorKind::Timeout, self.doing, "the server does not answer")),
        }
    }
}

/// A node that follows, where there is one: those that wait for the leader are not to wait for us.
fn nearby() -> SelectionCriteria {
    SelectionCriteria::ReadPreference(ReadPreference::SecondaryPreferred { options: None })
}

impl Client {
    pub fn new(name: &str, config: &MongoConfig) -> Result<Self, StoreError> {
        let wrong = |why: String| StoreError::new(ErrorKind::Invalid, format!("{name}: {why}"));
        config.check().map_err(wrong)?;
        let errors = Errors { place: name.to_owned(), secrets: config.secrets() };
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("mongodb")
            .enable_all()
            .build()
            .map_err(|error| StoreError::from_io(error, format!("{name}: starting a thread")))?;
        let mut client =
            Self { config: config.clone(), errors, database: Mutex::default(), runtime: Some(runtime) };
        let options = client.options()?;
        let hosts: Vec<String> = options.hosts.iter().map(ToString::to_string).collect();
        let database = options.default_database.unwrap_or_default();
        client.errors.place = format!("{name} at {}/{database}", hosts.join(","));
        Ok(client)
    }

    /// The address and what is laid over it. Nothing is reached out to.
    fn options(&self) -> Result<ClientOptions, StoreError> {
        let wrong = |why: &str| self.errors.fail(ErrorKind::Invalid, "reading the address", why);
        let Some(runtime) = &self.runtime else { return Err(wrong("the store is closed")) };
        let parsed = runtime.block_on(async { ClientOptions::parse(&self.config.url).await });
        let mut options = parsed.map_err(|error| self.errors.from(&error, "reading the address"))?;
        if options.default_database.as_ref().is_none_or(String::is_empty) {
            return Err(wrong(&format!("the address names no database; {EXAMPLE}")));
        }
        if self.config.user.is_some() || self.config.password.is_some() {
            let credential = options.credential.get_or_insert_with(Credential::default);
            credential.username = self.config.user.clone().or(credential.username.take());
            credential.password = self.config.password.clone().or(credential.password.take());
        }
        if let Some(ca) = &self.config.ca {
            let trusted = TlsOptions::builder().ca_file_path(ca.clone()).build();
            options.tls = Some(Tls::Enabled(trusted));
        }
        options.app_name = Some("waylaid".to_owned());
        options.retry_writes = Some(false);
        options.connect_timeout = Some(CONNECT);
        options.server_selection_timeout = Some(CONNECT);
        options.max_pool_size = Some(CONNECTIONS);
        Ok(options)
    }

    /// Asks something.
    pub fn ask<T>(
        &self,
        doing: &str,
        context: &Context,
        work: impl AsyncFnOnce(&Asking<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        context.check(doing)?;
        let database = self.database(doing)?;
        let Some(runtime) = &self.runtime else {
            return Err(self.errors.fail(ErrorKind::Io, doing, "the store is closed"));
        };
        let asking = Asking { database, errors: &self.errors, doing, config: &self.config };
        // What is dropped ends its cursor on the server.
        runtime.block_on(async {
            tokio::select! {
                biased;
                stop = stopped(doing, context) => Err(stop),
                result = work(&asking) => result,
            }
        })
    }

    /// The database; connections are made in the background from here on.
    fn database(&self, doing: &str) -> Result<Database, StoreError> {
        let mut database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(database) = &*database {
            return Ok(database.clone());
        }
        let options = self.options()?;
        let name = options.default_database.clone().unwrap_or_default();
        let _inside = self.runtime.as_ref().map(Runtime::enter);
        let client = mongodb::Client::with_options(options);
        let client = client.map_err(|error| self.errors.from(&error, doing))?;
        Ok(database.insert(client.database(&name)).clone())
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let database = self.database.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runtime) = self.runtime.take() {
            // The driver says goodbye with a task of its own, for which it needs to be inside.
            let inside = runtime.enter();
            drop(database);
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

/// A number of any kind.
pub(crate) fn number(value: Option<&Bson>) -> i64 {
    match value {
        Some(Bson::Int32(number)) => i64::from(*number),
        Some(Bson::Int64(number)) => *number,
        Some(Bson::Double(number)) => *number as i64,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_commands_that_read_are_sent() {
        let time = Duration::from_secs(1);
        let find = Ask::Find("orders", doc! {}, doc! {"_id": 1}, Some(3));
        let cursors = [Ask::Collections, Ask::Indexes("orders"), find, Ask::Aggregate("orders", &[])];
        let mut names: Vec<String> = Vec::new();
        for command in cursors.iter().map(|ask| ask.command(time)) {
            names.extend(command.keys().next().cloned());
        }
        for ask in [AskOnce::Count("orders"), AskOnce::Version, AskOnce::Hello, AskOnce::Who] {
            names.extend(ask.command().keys().next().cloned());
        }
        let reading = [
            "listCollections",
            "listIndexes",
            "find",
            "aggregate",
            "count",
            "buildInfo",
            "isMaster",
            "connectionStatus",
        ];
        assert_eq!(names, reading);
    }
}
