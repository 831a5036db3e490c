//! The conformance suite: what every connector must do, whatever lies below it. A connector's tests fill a store with
//! something, say what they put in, and call the function of its kind; a broken promise panics with what was broken.
//!
//! Compiled only with the feature `testkit`, for tests.

mod folder;
mod logs;
mod tables;
mod topics;

pub use folder::fingerprint;
pub use logs::{LogExpectations, log_store_conforms};
pub use tables::{TableExpectations, table_store_conforms};
pub use topics::{TopicExpectations, topic_store_conforms};

use crate::{ErrorKind, StoreError};
use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How soon a cancelled call must be back.
const SOON: Duration = Duration::from_secs(2);

/// Collects what a store delivers, from whatever threads.
struct Collected<T>(Mutex<Vec<T>>);

impl<T> Collected<T> {
    fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    fn push(&self, item: T) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(item);
    }

    fn sorted_by_key<K: Ord>(self, key: impl Fn(&T) -> K) -> Vec<T> {
        let mut items = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        items.sort_by_cached_key(key);
        items
    }
}

fn is_sorted_without_repeats<T: Ord>(items: &[T]) -> bool {
    items.windows(2).all(|pair| pair[0] < pair[1])
}

fn answered<T>(result: Result<T, StoreError>, doing: &str) -> T {
    match result {
        Ok(answer) => answer,
        Err(error) => panic!("{doing}: {error}"),
    }
}

fn must_be_cancelled<T: Debug>(call: impl FnOnce() -> Result<T, StoreError>, doing: &str) {
    let start = Instant::now();
    match call() {
        Err(error) => assert_eq!(error.kind, ErrorKind::Cancelled, "{doing}, cancelled: {error}"),
        Ok(answer) => panic!("{doing}, cancelled, answered all the same: {answer:?}"),
    }
    assert!(start.elapsed() < SOON, "{doing}, cancelled, took {:?}", start.elapsed());
}
