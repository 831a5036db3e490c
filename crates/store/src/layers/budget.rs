//! No more than so many items of an answer; what was left out is counted.

use crate::{
    Context, LogCatalog, LogHit, LogQuery, LogStore, RecordHit, RecordQuery, RowHit, RowQuery, StoreError,
    TableCatalog, TableStore, TopicCatalog, TopicStore,
};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use waylaid_model::{Coverage, Reference, Status};

/// A store of which each call delivers at most so many items.
pub struct Budget<S: ?Sized> {
    inner: Box<S>,
    items: u64,
}

impl<S: ?Sized> Budget<S> {
    /// Puts the limit around a store.
    pub fn new(inner: Box<S>, items: u64) -> Self {
        Self { inner, items }
    }

    fn meter(&self) -> Meter {
        Meter { left: AtomicU64::new(self.items), limit: self.items, over: Mutex::default() }
    }
}

/// Counts down, and counts what came too late by target.
struct Meter {
    left: AtomicU64,
    limit: u64,
    over: Mutex<BTreeMap<String, u64>>,
}

impl Meter {
    /// Whether one more may pass.
    fn take(&self, target: &str) -> bool {
        let took = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if took.is_err() {
            let mut over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
            *over.entry(target.to_owned()).or_default() += 1;
        }
        took.is_ok()
    }

    /// Says in the coverage what was left out.
    fn settle(self, coverage: &mut [Coverage]) {
        let over = self.over.into_inner().unwrap_or_else(PoisonError::into_inner);
        for line in coverage {
            let Some(count) = over.get(&line.target) else { continue };
            if line.status != Status::Failed {
                line.status = Status::Partial;
            }
            let note = format!("{count} of these matches not delivered: the limit is {} in all", self.limit);
            line.note = if line.note.is_empty() { note } else { format!("{}; {note}", line.note) };
        }
    }
}

impl LogStore for Budget<dyn LogStore> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn catalog(&self, context: &Context) -> Result<LogCatalog, StoreError> {
        self.inner.catalog(context)
    }

    fn scan(
        &self,
        query: &LogQuery,
        context: &Context,
        sink: &(dyn Fn(LogHit) + Sync),
    ) -> Result<Vec<Coverage>, StoreError> {
        let meter = self.meter();
        let limited = |hit: LogHit| {
            if meter.take(&hit.service) {
                sink(hit);
            }
        };
        let mut coverage = self.inner.scan(query, context, &limited)?;
        meter.settle(&mut coverage);
        Ok(coverage)
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        self.inner.raw(at, context)
    }
}

impl TopicStore for Budget<dyn TopicStore> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn catalog(&self, context: &Context) -> Result<TopicCatalog, StoreError> {
        self.inner.catalog(context)
    }

    fn scan(
        &self,
        query: &RecordQuery,
        context: &Context,
        sink: &(dyn Fn(RecordHit) + Sync),
    ) -> Result<Vec<Coverage>, StoreError> {
        let meter = self.meter();
        let limited = |hit: RecordHit| {
            if meter.take(&hit.record.topic) {
                sink(hit);
            }
        };
        let mut coverage = self.inner.scan(query, context, &limited)?;
        meter.settle(&mut coverage);
        Ok(coverage)
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        self.inner.raw(at, context)
    }
}

impl TableStore for Budget<dyn TableStore> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn catalog(&self, context: &Context) -> Result<TableCatalog, StoreError> {
        self.inner.catalog(context)
    }

    fn rows(
        &self,
        query: &RowQuery,
        context: &Context,
        sink: &mut dyn FnMut(RowHit),
    ) -> Result<Coverage, StoreError> {
        // A table store says itself what its limit left out.
        let limit = Some(query.limit.unwrap_or(u64::MAX).min(self.items));
        self.inner.rows(&RowQuery { limit, ..query.clone() }, context, sink)
    }
}
