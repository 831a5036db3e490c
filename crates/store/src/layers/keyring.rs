//! Which values are keys of entities, as far as they could be taken for something else. Below the engine everything is
//! plain, so that joins hold; what leaves is redacted, and must know what to leave alone.

use super::kind::{Kind, Layer};
use crate::{Context, KeySet, StoreError};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use waylaid_model::TableColumn;

/// Whether a value could be taken for something else than a key.
pub type Doubt = fn(&str) -> bool;

/// The keys that the stores which share it were asked for, or hold as such.
#[derive(Clone, Default)]
pub struct Keyring(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    own: HashSet<String>,
    asked: Vec<Arc<KeySet>>,
}

impl Keyring {
    /// Adds an entity's own key.
    pub fn add(&self, key: &str) {
        self.with(|known| known.own.insert(key.to_owned()));
    }

    /// Whether it is an entity's own key, as far as there was a doubt.
    pub fn is_own(&self, value: &str) -> bool {
        self.with(|known| known.own.contains(value))
    }

    /// Whether a store was asked for it.
    pub fn is_asked(&self, value: &str) -> bool {
        self.with(|known| known.asked.iter().any(|keys| keys.get(value).is_some()))
    }

    /// The entities' own keys among them, sorted.
    pub fn own(&self) -> Vec<String> {
        let mut own: Vec<String> = self.with(|known| known.own.iter().cloned().collect());
        own.sort_unstable();
        own
    }

    /// What stores were asked for, sorted, without repeats.
    pub fn asked(&self) -> Vec<String> {
        let of = |keys: &Arc<KeySet>| -> Vec<String> {
            (0..keys.len() as u32).map(|index| keys.key(index).to_owned()).collect()
        };
        let mut asked: Vec<String> = self.with(|known| known.asked.iter().flat_map(of).collect());
        asked.sort_unstable();
        asked.dedup();
        asked
    }

    fn with<T>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A store whose keys are remembered.
pub struct Remember<K: Kind> {
    below: Box<K::Store>,
    keyring: Keyring,
    columns: Vec<TableColumn>,
    doubt: Doubt,
}

impl<K: Kind> Remember<K> {
    /// Puts it around a store. `columns` are those that hold entities' own keys; their `store` is not looked at.
    pub fn new(below: Box<K::Store>, keyring: Keyring, columns: Vec<TableColumn>, doubt: Doubt) -> Self {
        Self { below, keyring, columns, doubt }
    }

    fn see(&self, hit: &K::Hit) {
        for column in self.columns.iter().filter(|c| c.table == K::target(hit)) {
            if let Some(key) = K::cell(hit, &column.column).filter(|key| (self.doubt)(key)) {
                self.keyring.add(&key);
            }
        }
    }
}

impl<K: Kind> Layer<K> for Remember<K> {
    fn below(&self) -> &K::Store {
        &self.below
    }

    fn ask(&self, query: &K::Query, context: &Context, sink: K::Sink<'_>) -> Result<K::Answer, StoreError> {
        if let Some(keys) = K::keys(query) {
            self.keyring.with(|known| {
                if !known.asked.iter().any(|k| Arc::ptr_eq(k, keys)) {
                    known.asked.push(Arc::clone(keys));
                }
            });
        }
        if self.columns.is_empty() {
            return K::ask(&self.below, query, context, &Some, sink);
        }
        let pass = |hit| {
            self.see(&hit);
            Some(hit)
        };
        K::ask(&self.below, query, context, &pass, sink)
    }
}
