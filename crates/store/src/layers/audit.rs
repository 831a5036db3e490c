//! Every call is written down: which store, what was asked in words, what came of it. Without times, so that the same
//! question to the same bundle leaves the same list.

use super::kind::{Kind, Layer};
use crate::{Context, StoreError};
use std::sync::{Arc, Mutex, PoisonError};
use waylaid_model::{Asked, Reference};

/// The calls to all stores that share it, in order.
#[derive(Clone, Debug, Default)]
pub struct AuditLog(Arc<Mutex<Vec<Asked>>>);

impl AuditLog {
    /// What was written down so far.
    pub fn entries(&self) -> Vec<Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn write(&self, entry: Asked) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }
}

/// A store whose calls are written down.
pub struct Audit<K: Kind> {
    below: Box<K::Store>,
    log: AuditLog,
}

impl<K: Kind> Audit<K> {
    /// Puts it around a store.
    pub fn new(below: Box<K::Store>, log: AuditLog) -> Self {
        Self { below, log }
    }

    fn note<T>(
        &self,
        verb: &str,
        asked: String,
        result: Result<T, StoreError>,
        counts: impl FnOnce(&mut T) -> (u64, u64),
    ) -> Result<T, StoreError> {
        let mut result = result;
        let (scanned, matched) = result.as_mut().map_or((0, 0), counts);
        let error = result.as_ref().err().map(ToString::to_string);
        let (store, verb) = (K::name(&self.below).to_owned(), verb.to_owned());
        self.log.write(Asked { store, verb, asked, scanned, matched, error });
        result
    }
}

impl<K: Kind> Layer<K> for Audit<K> {
    fn below(&self) -> &K::Store {
        &self.below
    }

    fn catalog(&self, context: &Context) -> Result<K::Catalog, StoreError> {
        let result = K::catalog(&self.below, context);
        self.note("catalog", format!("which {} there are", K::TARGETS), result, |_| (0, 0))
    }

    fn ask(&self, query: &K::Query, context: &Context, sink: K::Sink<'_>) -> Result<K::Answer, StoreError> {
        let result = K::ask(&self.below, query, context, &Some, sink);
        self.note(K::VERB, K::words(query), result, |answer| {
            let lines = K::lines(answer).iter();
            lines.fold((0, 0), |sums, line| (sums.0 + line.scanned, sums.1 + line.matched))
        })
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        let result = K::raw(&self.below, at, context);
        self.note("raw", at.to_string(), result, |_| (1, 1))
    }
}
