//! Delivered text without secrets and personal data. Keys of entities, places and times stay, so joins still work.

use super::Pseudonyms;
use crate::{
    Context, KeySet, LogCatalog, LogHit, LogQuery, LogStore, RecordHit, RecordQuery, RowHit, RowQuery,
    StoreError, TableCatalog, TableStore, TopicCatalog, TopicStore,
};
use std::borrow::Cow;
use std::sync::Arc;
use waylaid_model::{Coverage, LogEvent, Record, Reference};

/// A store whose text is redacted.
pub struct Redact<S: ?Sized> {
    inner: Box<S>,
    pseudonyms: Arc<Pseudonyms>,
}

impl<S: ?Sized> Redact<S> {
    /// Puts it around a store; stores that share the pseudonyms give the same value the same name.
    pub fn new(inner: Box<S>, pseudonyms: Arc<Pseudonyms>) -> Self {
        Self { inner, pseudonyms }
    }

    fn text(&self, text: &mut String, keys: Option<&KeySet>) {
        if let Cow::Owned(clean) = self.pseudonyms.text(text, keys) {
            *text = clean;
        }
    }

    fn event(&self, event: &mut LogEvent, keys: Option<&KeySet>) {
        self.text(&mut event.message, keys);
        for text in [&mut event.template, &mut event.exception, &mut event.thread].into_iter().flatten() {
            self.text(text, keys);
        }
        for (name, value) in &mut event.fields {
            self.pseudonyms.value(name, value, keys);
        }
    }

    fn record(&self, record: &mut Record, keys: Option<&KeySet>) {
        if let Some(key) = &mut record.key {
            self.text(key, keys);
        }
        for (name, header) in &mut record.headers {
            let mut value = serde_json::Value::String(std::mem::take(header));
            self.pseudonyms.value(name, &mut value, keys);
            *header = waylaid_model::scalar_text(&value).unwrap_or_default();
        }
        if let Some(payload) = &mut record.payload {
            self.pseudonyms.value("", payload, keys);
        }
    }
}

impl LogStore for Redact<dyn LogStore> {
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
        let keys = query.select.keys.as_deref();
        let redacted = |mut hit: LogHit| {
            self.event(&mut hit.event, keys);
            hit.preceding.iter_mut().for_each(|event| self.event(event, keys));
            sink(hit);
        };
        self.inner.scan(query, context, &redacted)
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        let mut text = self.inner.raw(at, context)?;
        self.text(&mut text, None);
        Ok(text)
    }
}

impl TopicStore for Redact<dyn TopicStore> {
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
        let redacted = |mut hit: RecordHit| {
            self.record(&mut hit.record, query.select.keys.as_deref());
            sink(hit);
        };
        self.inner.scan(query, context, &redacted)
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        let mut text = self.inner.raw(at, context)?;
        self.text(&mut text, None);
        Ok(text)
    }
}

impl TableStore for Redact<dyn TableStore> {
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
        let keys = match &query.filter {
            crate::Filter::In { values, .. } => Some(KeySet::new(values.iter().cloned())),
            crate::Filter::All => None,
        };
        self.inner.rows(query, context, &mut |mut hit| {
            for (column, value) in &mut hit.row.cells {
                self.pseudonyms.value(column, value, keys.as_ref());
            }
            sink(hit);
        })
    }
}
