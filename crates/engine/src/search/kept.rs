//! The oldest matches, at most so many, and the counts of all.

use crate::facts::shorten;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use waylaid_model::answers::SearchHit;
use waylaid_model::{Reference, Timestamp};

const MAX_TEXT: usize = 600;

/// What was found so far; filled from several threads.
pub(super) struct Kept {
    limit: usize,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    counts: BTreeMap<(String, String), u64>,
    /// The newest of the kept ones on top.
    heap: BinaryHeap<Entry>,
}

/// By time, those without one last; then by reference.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    at: (bool, Option<Timestamp>),
    reference: Reference,
    text: String,
}

impl Kept {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, inner: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a match; keeps it when it is among the oldest.
    pub(super) fn add(
        &self,
        store: &str,
        target: &str,
        at: Option<Timestamp>,
        reference: &Reference,
        text: impl FnOnce() -> String,
    ) {
        let at = (at.is_none(), at);
        let mut inner = self.lock();
        match inner.counts.get_mut(&(store.to_owned(), target.to_owned())) {
            Some(count) => *count += 1,
            None => drop(inner.counts.insert((store.to_owned(), target.to_owned()), 1)),
        }
        let full = inner.heap.len() >= self.limit;
        let older = inner.heap.peek().is_some_and(|top| (&at, reference) < (&top.at, &top.reference));
        if self.limit == 0 || (full && !older) {
            return;
        }
        let text = shorten(&text(), MAX_TEXT);
        inner.heap.push(Entry { at, reference: reference.clone(), text });
        if inner.heap.len() > self.limit {
            inner.heap.pop();
        }
    }

    /// Matches of a target so far.
    pub(super) fn count(&self, store: &str, target: &str) -> u64 {
        self.lock().counts.get(&(store.to_owned(), target.to_owned())).copied().unwrap_or(0)
    }

    /// Counts by store and target, and the kept ones, oldest first.
    pub(super) fn into_parts(self) -> (Vec<(String, String, u64)>, Vec<SearchHit>) {
        let inner = self.inner.into_inner().unwrap_or_else(PoisonError::into_inner);
        let counts = inner.counts.into_iter().map(|((store, target), n)| (store, target, n)).collect();
        let hit = |e: Entry| SearchHit { reference: e.reference.to_string(), at: e.at.1, text: e.text };
        (counts, inner.heap.into_sorted_vec().into_iter().map(hit).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_all_and_keeps_the_oldest() {
        let kept = Kept::new(2);
        for (line, at) in [(1, Some(30)), (2, None), (3, Some(10)), (4, Some(20)), (5, Some(20))] {
            let file = "a.log".to_owned();
            let reference = Reference::LogLine { store: "logs.main".into(), file, line };
            kept.add("logs.main", "a", at.map(Timestamp), &reference, || line.to_string());
        }
        assert_eq!(kept.count("logs.main", "a"), 5);
        let (counts, hits) = kept.into_parts();
        assert_eq!(counts, [("logs.main".to_owned(), "a".to_owned(), 5)]);
        assert_eq!(hits.iter().map(|h| h.text.as_str()).collect::<Vec<_>>(), ["3", "4"]);
    }
}
