//! Every call is written down: which store, what was asked in words, what came of it.

use super::words;
use crate::{
    Context, LogCatalog, LogHit, LogQuery, LogStore, RecordHit, RecordQuery, RowHit, RowQuery, StoreError,
    TableCatalog, TableStore, TopicCatalog, TopicStore,
};
use std::sync::{Arc, Mutex, PoisonError};
use waylaid_model::{Coverage, Reference};

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Store, by its configured name.
    pub store: String,
    /// Verb of the contract: `catalog`, `scan`, `raw`, `rows`.
    pub verb: &'static str,
    /// What was asked, in words. No key's value is in it.
    pub asked: String,
    /// Lines, records or rows looked at.
    pub scanned: u64,
    /// Of these, how many matched.
    pub matched: u64,
    /// The error, where it failed.
    pub error: Option<String>,
}

/// The entries of all stores that share it.
#[derive(Clone, Debug, Default)]
pub struct AuditLog(Arc<Mutex<Vec<AuditEntry>>>);

impl AuditLog {
    /// What was written down so far.
    pub fn entries(&self) -> Vec<AuditEntry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn write(&self, entry: AuditEntry) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }
}

/// A store whose calls are written down.
pub struct Audit<S: ?Sized> {
    inner: Box<S>,
    log: AuditLog,
}

impl<S: ?Sized> Audit<S> {
    /// Puts it around a store.
    pub fn new(inner: Box<S>, log: AuditLog) -> Self {
        Self { inner, log }
    }

    fn note<T>(
        &self,
        store: &str,
        verb: &'static str,
        asked: String,
        result: Result<T, StoreError>,
        coverage: impl Fn(&T) -> (u64, u64),
    ) -> Result<T, StoreError> {
        let (scanned, matched) = result.as_ref().map(coverage).unwrap_or_default();
        let error = result.as_ref().err().map(ToString::to_string);
        self.log.write(AuditEntry { store: store.to_owned(), verb, asked, scanned, matched, error });
        result
    }
}

fn sums(coverage: &[Coverage]) -> (u64, u64) {
    (coverage.iter().map(|c| c.scanned).sum(), coverage.iter().map(|c| c.matched).sum())
}

impl LogStore for Audit<dyn LogStore> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn catalog(&self, context: &Context) -> Result<LogCatalog, StoreError> {
        let result = self.inner.catalog(context);
        self.note(self.name(), "catalog", "services".into(), result, |c| (c.targets.len() as u64, 0))
    }

    fn scan(
        &self,
        query: &LogQuery,
        context: &Context,
        sink: &(dyn Fn(LogHit) + Sync),
    ) -> Result<Vec<Coverage>, StoreError> {
        let result = self.inner.scan(query, context, sink);
        self.note(self.name(), "scan", words::logs(query), result, |c| sums(c))
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        let result = self.inner.raw(at, context);
        self.note(self.name(), "raw", at.to_string(), result, |_| (1, 1))
    }
}

impl TopicStore for Audit<dyn TopicStore> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn catalog(&self, context: &Context) -> Result<TopicCatalog, StoreError> {
        let result = self.inner.catalog(context);
        self.note(self.name(), "catalog", "topics".into(), result, |c| (c.topics.len() as u64, 0))
    }

    fn scan(
        &self,
        query: &RecordQuery,
        context: &Context,
        sink: &(dyn Fn(RecordHit) + Sync),
    ) -> Result<Vec<Coverage>, StoreError> {
        let result = self.inner.scan(query, context, sink);
        self.note(self.name(), "scan", words::records(query), result, |c| sums(c))
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        let result = self.inner.raw(at, context);
        self.note(self.name(), "raw", at.to_string(), result, |_| (1, 1))
    }
}

impl TableStore for Audit<dyn TableStore> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn catalog(&self, context: &Context) -> Result<TableCatalog, StoreError> {
        let result = self.inner.catalog(context);
        self.note(self.name(), "catalog", "tables".into(), result, |c| (c.tables.len() as u64, 0))
    }

    fn rows(
        &self,
        query: &RowQuery,
        context: &Context,
        sink: &mut dyn FnMut(RowHit),
    ) -> Result<Coverage, StoreError> {
        let result = self.inner.rows(query, context, sink);
        self.note(self.name(), "rows", words::rows(query), result, |c| (c.scanned, c.matched))
    }
}
