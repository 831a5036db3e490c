//! No more than so many items of each target in an answer; what was left out is counted.

use super::kind::{Kind, Layer};
use crate::{Context, StoreError};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use waylaid_model::Status;

/// A store of which each call delivers at most so many items of each target (service, topic, table).
pub struct Budget<K: Kind> {
    below: Box<K::Store>,
    items: u64,
}

impl<K: Kind> Budget<K> {
    /// Puts the limit around a store.
    pub fn new(below: Box<K::Store>, items: u64) -> Self {
        Self { below, items }
    }
}

/// Counts the items of each target.
#[derive(Default)]
struct Meter(Mutex<HashMap<String, u64>>);

impl Meter {
    /// How many there are of this target, with this one.
    fn count(&self, target: &str) -> u64 {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(target) {
            *count += 1;
            return *count;
        }
        counts.insert(target.to_owned(), 1);
        1
    }
}

impl<K: Kind> Layer<K> for Budget<K> {
    fn below(&self) -> &K::Store {
        &self.below
    }

    fn ask(&self, query: &K::Query, context: &Context, sink: K::Sink<'_>) -> Result<K::Answer, StoreError> {
        // A store whose query knows a limit says itself what that left out.
        if let Some(limited) = K::limited(query, self.items) {
            return K::ask(&self.below, &limited, context, &Some, sink);
        }
        let meter = Meter::default();
        let pass = |hit| (meter.count(K::target(&hit)) <= self.items).then_some(hit);
        let mut answer = K::ask(&self.below, query, context, &pass, sink)?;
        let counts = meter.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        for line in K::lines(&mut answer) {
            let over = counts.get(&line.target).map_or(0, |count| count.saturating_sub(self.items));
            if over == 0 {
                continue;
            }
            if line.status != Status::Failed {
                line.status = Status::Partial;
            }
            let note = format!("{over} of these matches left out: the limit is {}", self.items);
            line.note = if line.note.is_empty() { note } else { format!("{}; {note}", line.note) };
        }
        Ok(answer)
    }
}
