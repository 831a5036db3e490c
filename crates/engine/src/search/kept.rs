//! The oldest matches or the newest, at most so many, and the counts of all.

use crate::facts::shorten;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use waylaid_model::answers::SearchHit;
use waylaid_model::{Reference, Timestamp};

const MAX_TEXT: usize = 600;

/// What was found so far; filled from several threads.
pub(super) struct Kept {
    limit: usize,
    newest: bool,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    counts: BTreeMap<(String, String), u64>,
    /// The last of the kept ones on top.
    heap: BinaryHeap<Entry>,
}

/// By place; no two have the same.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    place: Place,
    text: String,
}

/// By time, those without one last; then by reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Oldest(bool, Option<Timestamp>, Reference),
    Newest(bool, Reverse<(Option<Timestamp>, Reference)>),
}

impl Kept {
    pub(super) fn new(limit: usize, newest: bool) -> Self {
        Self { limit, newest, inner: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a match; keeps it when it is among the first.
    pub(super) fn add(
        &self,
        store: &str,
        target: &str,
        at: Option<Timestamp>,
        reference: &Reference,
        text: impl FnOnce() -> String,
    ) {
        let place = self.place(at, reference);
        let mut inner = self.lock();
        match inner.counts.get_mut(&(store.to_owned(), target.to_owned())) {
            Some(count) => *count += 1,
            None => drop(inner.counts.insert((store.to_owned(), target.to_owned()), 1)),
        }
        let full = inner.heap.len() >= self.limit;
        let earlier = inner.heap.peek().is_some_and(|top| place < top.place);
        if self.limit == 0 || (full && !earlier) {
            return;
        }
        let text = shorten(&text(), MAX_TEXT);
        inner.heap.push(Entry { place, text });
        if inner.heap.len() > self.limit {
            inner.heap.pop();
        }
    }

    fn place(&self, at: Option<Timestamp>, reference: &Reference) -> Place {
        let reference = reference.clone();
        if self.newest {
            Place::Newest(at.is_none(), Reverse((at, reference)))
        } else {
            Place::Oldest(at.is_none(), at, reference)
        }
    }

    /// Matches of a target so far.
    pub(super) fn count(&self, store: &str, target: &str) -> u64 {
        self.lock().counts.get(&(store.to_owned(), target.to_owned())).copied().unwrap_or(0)
    }

    /// Counts by store and target, and the kept ones in order.
    pub(super) fn into_parts(self) -> (Vec<(String, String, u64)>, Vec<SearchHit>) {
        let inner = self.inner.into_inner().unwrap_or_else(PoisonError::into_inner);
        let counts = inner.counts.into_iter().map(|((store, target), n)| (store, target, n)).collect();
        let hit = |e: Entry| {
            let (Place::Oldest(_, at, reference) | Place::Newest(_, Reverse((at, reference)))) = e.place;
            SearchHit { reference: reference.to_string(), at, text: e.text }
        };
        (counts, inner.heap.into_sorted_vec().into_iter().map(hit).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(newest: bool) -> Kept {
        let kept = Kept::new(2, newest);
        for (line, at) in [(1, Some(30)), (2, None), (3, Some(10)), (4, Some(20)), (5, Some(20))] {
            let file = "a.log".to_owned();
            let reference = Reference::LogLine { store: "logs.main".into(), file, line };
            kept.add("logs.main", "a", at.map(Timestamp), &reference, || line.to_string());
        }
        kept
    }

    #[test]
    fn counts_all_and_keeps_the_first() {
        for (newest, first) in [(false, ["3", "4"]), (true, ["1", "5"])] {
            let kept = kept(newest);
            assert_eq!(kept.count("logs.main", "a"), 5);
            let (counts, hits) = kept.into_parts();
            assert_eq!(counts, [("logs.main".to_owned(), "a".to_owned(), 5)]);
            assert_eq!(hits.iter().map(|h| h.text.as_str()).collect::<Vec<_>>(), first);
        }
    }
}
