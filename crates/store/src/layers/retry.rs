//! What may succeed a moment later is tried again, as long as nothing was delivered yet.

use crate::{
    Context, LogCatalog, LogHit, LogQuery, LogStore, RecordHit, RecordQuery, RowHit, RowQuery, StoreError,
    TableCatalog, TableStore, TopicCatalog, TopicStore,
};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use waylaid_model::{Coverage, Reference};

const SLICE: Duration = Duration::from_millis(20);

/// A store whose retryable failures are tried again.
pub struct Retry<S: ?Sized> {
    inner: Box<S>,
    attempts: u32,
    pause: Duration,
}

impl<S: ?Sized> Retry<S> {
    /// Tries up to `attempts` times in all, with a pause that doubles each time.
    pub fn new(inner: Box<S>, attempts: u32, pause: Duration) -> Self {
        Self { inner, attempts, pause }
    }

    fn run<T>(
        &self,
        context: &Context,
        has_delivered: &AtomicBool,
        mut call: impl FnMut() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut pause = self.pause;
        for _ in 1..self.attempts {
            match call() {
                Err(error) if error.is_retryable() && !has_delivered.load(Ordering::Relaxed) => {}
                result => return result,
            }
            wait(pause, context)?;
            pause = pause.saturating_mul(2);
        }
        call()
    }
}

/// Sleeps in slices, so that a cancelled question doesn't wait.
fn wait(pause: Duration, context: &Context) -> Result<(), StoreError> {
    let mut left = pause;
    loop {
        context.check("waiting to try again")?;
        if left.is_zero() {
            return Ok(());
        }
        thread::sleep(left.min(SLICE));
        left = left.saturating_sub(SLICE);
    }
}

impl LogStore for Retry<dyn LogStore> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn catalog(&self, context: &Context) -> Result<LogCatalog, StoreError> {
        self.run(context, &AtomicBool::new(false), || self.inner.catalog(context))
    }

    fn scan(
        &self,
        query: &LogQuery,
        context: &Context,
        sink: &(dyn Fn(LogHit) + Sync),
    ) -> Result<Vec<Coverage>, StoreError> {
        let has_delivered = AtomicBool::new(false);
        let watched = |hit: LogHit| {
            has_delivered.store(true, Ordering::Relaxed);
            sink(hit);
        };
        self.run(context, &has_delivered, || self.inner.scan(query, context, &watched))
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        self.run(context, &AtomicBool::new(false), || self.inner.raw(at, context))
    }
}

impl TopicStore for Retry<dyn TopicStore> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn catalog(&self, context: &Context) -> Result<TopicCatalog, StoreError> {
        self.run(context, &AtomicBool::new(false), || self.inner.catalog(context))
    }

    fn scan(
        &self,
        query: &RecordQuery,
        context: &Context,
        sink: &(dyn Fn(RecordHit) + Sync),
    ) -> Result<Vec<Coverage>, StoreError> {
        let has_delivered = AtomicBool::new(false);
        let watched = |hit: RecordHit| {
            has_delivered.store(true, Ordering::Relaxed);
            sink(hit);
        };
        self.run(context, &has_delivered, || self.inner.scan(query, context, &watched))
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        self.run(context, &AtomicBool::new(false), || self.inner.raw(at, context))
    }
}

impl TableStore for Retry<dyn TableStore> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn catalog(&self, context: &Context) -> Result<TableCatalog, StoreError> {
        self.run(context, &AtomicBool::new(false), || self.inner.catalog(context))
    }

    fn rows(
        &self,
        query: &RowQuery,
        context: &Context,
        sink: &mut dyn FnMut(RowHit),
    ) -> Result<Coverage, StoreError> {
        let has_delivered = AtomicBool::new(false);
        self.run(context, &has_delivered, || {
            self.inner.rows(query, context, &mut |row| {
                has_delivered.store(true, Ordering::Relaxed);
                sink(row);
            })
        })
    }
}
