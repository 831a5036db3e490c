//! What every call carries: whether it was cancelled, until when it may take, how far it got.

use crate::{ErrorKind, StoreError};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

/// Shared by all calls that serve one question.
#[derive(Debug, Default)]
pub struct Context {
    cancelled: AtomicBool,
    deadline: OnceLock<Instant>,
    max_bytes: Option<u64>,
    bytes: AtomicU64,
    expected: AtomicU64,
}

impl Context {
    /// Without deadline or budget.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with a deadline.
    #[must_use]
    pub fn with_deadline(self, deadline: Instant) -> Self {
        self.finish_by(deadline);
        self
    }

    /// Gives the question a deadline, unless it has one.
    pub fn finish_by(&self, deadline: Instant) {
        let _ = self.deadline.set(deadline);
    }

    /// Until when it may take.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline.get().copied()
    }

    /// The same with a budget of bytes read.
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// A context of its own with the same deadline and what is left of the budget, for work that may be abandoned.
    #[must_use]
    pub fn detached(&self) -> Self {
        let left = self.max_bytes.map(|max| max.saturating_sub(self.bytes_read()));
        Self { deadline: self.deadline.clone(), max_bytes: left, ..Self::default() }
    }

    /// Asks every call that serves this question to stop.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Fails when the call should stop: cancelled, past the deadline, over the budget. Connectors call it at least
    /// once per chunk of work.
    pub fn check(&self, doing: &str) -> Result<(), StoreError> {
        if self.is_cancelled() {
            return Err(StoreError::new(ErrorKind::Cancelled, doing));
        }
        if self.deadline().is_some_and(|d| Instant::now() >= d) {
            return Err(StoreError::new(ErrorKind::Timeout, doing));
        }
        if self.max_bytes.is_some_and(|max| self.bytes_read() > max) {
            return Err(StoreError::new(ErrorKind::Budget, doing));
        }
        Ok(())
    }

    /// Counts bytes read, for progress and budget.
    pub fn add_bytes(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes read so far.
    pub fn bytes_read(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Announces bytes that are going to be read, for progress.
    pub fn expect_bytes(&self, bytes: u64) {
        self.expected.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes announced so far.
    pub fn bytes_expected(&self) -> u64 {
        self.expected.load(Ordering::Relaxed)
    }
}
