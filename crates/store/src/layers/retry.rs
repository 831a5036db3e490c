//! What may succeed a moment later is tried again, as long as nothing was delivered yet.

use super::kind::{Kind, Layer};
use crate::{Context, StoreError};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use waylaid_model::Reference;

const SLICE: Duration = Duration::from_millis(20);

/// A store whose retryable failures are tried again.
pub struct Retry<K: Kind> {
    below: Box<K::Store>,
    tries: Tries,
}

/// How often something is tried in all, with a pause that doubles each time.
#[derive(Clone, Copy, Debug)]
pub struct Tries {
    /// How often in all.
    pub attempts: u32,
    /// The first pause.
    pub pause: Duration,
}

impl<K: Kind> Retry<K> {
    /// Puts the tries around a store.
    pub fn new(below: Box<K::Store>, tries: Tries) -> Self {
        Self { below, tries }
    }
}

impl Tries {
    /// Calls until it succeeds, fails for good, or `is_final` says that another try would do harm.
    pub fn run<T>(
        self,
        context: &Context,
        is_final: impl Fn() -> bool,
        mut call: impl FnMut() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut pause = self.pause;
        for _ in 1..self.attempts {
            match call() {
                Err(error) if error.is_retryable() && !is_final() => {}
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

impl<K: Kind> Layer<K> for Retry<K> {
    fn below(&self) -> &K::Store {
        &self.below
    }

    fn catalog(&self, context: &Context) -> Result<K::Catalog, StoreError> {
        self.tries.run(context, || false, || K::catalog(&self.below, context))
    }

    fn ask(
        &self,
        query: &K::Query,
        context: &Context,
        mut sink: K::Sink<'_>,
    ) -> Result<K::Answer, StoreError> {
        let has_delivered = AtomicBool::new(false);
        let pass = |hit| {
            has_delivered.store(true, Ordering::Relaxed);
            Some(hit)
        };
        let is_final = || has_delivered.load(Ordering::Relaxed);
        self.tries.run(context, is_final, || K::ask(&self.below, query, context, &pass, K::again(&mut sink)))
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        self.tries.run(context, || false, || K::raw(&self.below, at, context))
    }
}
