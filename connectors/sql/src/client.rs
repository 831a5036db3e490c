//! A connection that is kept between questions, and questions that end: by their answer, at their deadline, when they are
//! cancelled, or when the server hangs; then the server is told to stop as well.

use crate::Errors;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use waylaid_store::{Context, ErrorKind, StoreError};

/// How long the way in may take, with the login.
pub const CONNECT: Duration = Duration::from_secs(15);
/// Beyond the server's own limit, until it counts as one that hangs.
pub const GRACE: Duration = Duration::from_secs(5);
/// How long is tried to tell the server to stop, or whether it is still there.
const CANCEL: Duration = Duration::from_secs(3);
/// Between two looks at whether to stop.
const WATCH: Duration = Duration::from_millis(20);

/// What a driver must be able to do.
#[expect(async_fn_in_trait, reason = "all of it runs where it is awaited, on the thread that asks")]
pub trait Driver {
    /// A connection.
    type Connection;
    /// What its thread is called.
    const THREAD: &'static str;

    /// A new connection.
    async fn connect(&self, errors: &Errors, doing: &str) -> Result<Self::Connection, StoreError>;
    /// Whether the server still answers on a connection.
    async fn is_alive(&self, connection: &mut Self::Connection) -> bool;
    /// Whether the server still works for a question whose answer nobody wants any more.
    fn is_busy(&self, connection: &Self::Connection) -> bool;
    /// Whether a connection may serve again, after a question that was answered or was not.
    fn may_stay(&self, connection: &Self::Connection, was_answered: bool) -> bool;
    /// Tells the server to stop what it does for a connection, and gives it up.
    async fn stop(&self, connection: Self::Connection);
}

/// A database.
pub struct Client<D: Driver> {
    /// How it is reached.
    pub driver: D,
    /// How its errors are told.
    pub errors: Errors,
    /// A connection that nobody uses now.
    idle: Mutex<Option<D::Connection>>,
    runtime: Option<Runtime>,
}

impl<D: Driver> Client<D> {
    /// A database. Nothing is reached out to.
    pub fn new(store: &str, driver: D, errors: Errors) -> Result<Self, StoreError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name(D::THREAD)
            .enable_all()
            .build()
            .map_err(|error| StoreError::from_io(error, format!("{store}: starting a thread")))?;
        Ok(Self { driver, errors, idle: Mutex::default(), runtime: Some(runtime) })
    }

    /// Asks something over a connection.
    pub fn ask<T>(
        &self,
        doing: &str,
        context: &Context,
        work: impl AsyncFnOnce(&mut D::Connection) -> Result<T, StoreError>,
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
            let result = tokio::select! {
                biased;
                stop = stopped(doing, context) => Err(stop),
                result = work(&mut connection) => result,
            };
            // What was asked to stop from here, and what hangs there, goes on until the server is told.
            let is_stopped = context.check(doing).is_err();
            let hangs = matches!(&result, Err(error) if error.kind == ErrorKind::Timeout);
            if is_stopped || hangs || self.driver.is_busy(&connection) {
                let _ = tokio::time::timeout(CANCEL, self.driver.stop(connection)).await;
            } else if self.driver.may_stay(&connection, result.is_ok()) {
                *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection);
            }
            match result {
                Err(error) if is_stopped => context.check(doing).and(Err(error)),
                result => result,
            }
        })
    }

    /// A connection: the one that is idle, or a new one.
    async fn connected(&self, doing: &str) -> Result<D::Connection, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut connection) = idle {
            let alive = tokio::time::timeout(CANCEL, self.driver.is_alive(&mut connection)).await;
            if matches!(alive, Ok(true)) {
                return Ok(connection);
            }
        }
        self.driver.connect(&self.errors, doing).await
    }
}

impl<D: Driver> Drop for Client<D> {
    fn drop(&mut self) {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runtime) = self.runtime.take() {
            // A driver that says goodbye does so with a task of its own, for which it needs to be inside.
            let inside = runtime.enter();
            drop(idle);
            drop(inside);
            // Not awaited: a connection that hangs must not hold up who closes the store.
            runtime.shutdown_background();
        }
    }
}

impl<D: Driver> fmt::Debug for Client<D> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};
    use std::time::Instant;

    /// A server that is none: connections are numbers.
    #[derive(Default)]
    struct Pretended {
        made: Cell<u32>,
        told: RefCell<Vec<u32>>,
        is_gone: Cell<bool>,
    }

    impl Driver for Pretended {
        type Connection = u32;
        const THREAD: &'static str = "pretended";

        async fn connect(&self, errors: &Errors, doing: &str) -> Result<u32, StoreError> {
            if self.is_gone.get() {
                return Err(errors.fail(ErrorKind::Io, doing, "refused"));
            }
            self.made.set(self.made.get() + 1);
            Ok(self.made.get())
        }

        async fn is_alive(&self, _: &mut u32) -> bool {
            !self.is_gone.get()
        }

        fn is_busy(&self, _: &u32) -> bool {
            false
        }

        fn may_stay(&self, _: &u32, was_answered: bool) -> bool {
            was_answered
        }

        async fn stop(&self, connection: u32) {
            self.told.borrow_mut().push(connection);
        }
    }

    fn client() -> Client<Pretended> {
        let errors = Errors { place: "tables.x".into(), secrets: Vec::new() };
        Client::new("tables.x", Pretended::default(), errors).unwrap()
    }

    #[test]
    fn a_connection_serves_again_unless_its_question_failed() {
        let client = client();
        let number = |client: &Client<Pretended>| {
            client.ask("asking", &Context::new(), async |connection| Ok(*connection)).unwrap()
        };
        assert_eq!((number(&client), number(&client)), (1, 1));
        let failed: Result<(), _> = client.ask("asking", &Context::new(), async |_| {
            Err(StoreError::new(ErrorKind::Invalid, "no such table"))
        });
        assert_eq!(failed.unwrap_err().kind, ErrorKind::Invalid);
        assert_eq!(number(&client), 2);
        assert!(client.driver.told.borrow().is_empty());
        client.driver.is_gone.set(true);
        let gone = client.ask("asking", &Context::new(), async |_| Ok(()));
        assert!(gone.unwrap_err().to_string().contains("refused"));
    }

    #[test]
    fn a_question_ends_at_its_deadline_and_the_server_is_told() {
        let client = client();
        let context = Context::new().with_deadline(Instant::now() + Duration::from_millis(60));
        let start = Instant::now();
        let ended = client.ask("asking", &context, async |_| {
            tokio::time::sleep(Duration::from_secs(30)).await;
            Ok(())
        });
        assert_eq!(ended.unwrap_err().kind, ErrorKind::Timeout);
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
        let hangs = client.ask("asking", &Context::new(), async |_| {
            let errors = Errors { place: "tables.x".into(), secrets: Vec::new() };
            let call = std::future::pending::<()>();
            errors.within("asking", Duration::from_millis(10), call).await
        });
        assert!(hangs.unwrap_err().to_string().contains("no answer within"));
        assert_eq!(*client.driver.told.borrow(), [1, 2]);
    }
}
