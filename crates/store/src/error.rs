//! How a connector fails: one type with a kind, whether trying again may help, and what was being done.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// It does not exist.
    NotFound,
    /// It exists and may not be read.
    Denied,
    /// It was read and makes no sense.
    Corrupt,
    /// Somebody else holds it.
    Locked,
    /// The deadline passed.
    Timeout,
    /// The question was cancelled.
    Cancelled,
    /// The budget of bytes or rows is used up.
    Budget,
    /// The query does not fit the store (an unknown table, a column that is not there).
    Invalid,
    /// Anything else from below: I/O, the driver, the network.
    Io,
}

/// A failure of a store.
#[derive(Debug, thiserror::Error)]
pub struct StoreError {
    /// What went wrong.
    pub kind: ErrorKind,
    /// What was being done, and to what: `reading topics/orders.ndjson`.
    pub context: String,
    /// What lies below.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl StoreError {
    /// An error with nothing below it.
    pub fn new(kind: ErrorKind, context: impl Into<String>) -> Self {
        Self { kind, context: context.into(), source: None }
    }

    /// The same with what lies below.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Wraps an I/O error; its kind decides ours.
    pub fn from_io(error: std::io::Error, context: impl Into<String>) -> Self {
        let kind = match error.kind() {
            std::io::ErrorKind::NotFound => ErrorKind::NotFound,
            std::io::ErrorKind::PermissionDenied => ErrorKind::Denied,
            std::io::ErrorKind::TimedOut => ErrorKind::Timeout,
            std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof => ErrorKind::Corrupt,
            _ => ErrorKind::Io,
        };
        Self::new(kind, context).with_source(error)
    }

    /// Whether the same call may succeed a moment later.
    pub fn is_retryable(&self) -> bool {
        matches!(self.kind, ErrorKind::Locked | ErrorKind::Timeout)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ErrorKind::NotFound => "not found",
            ErrorKind::Denied => "permission denied",
            ErrorKind::Corrupt => "unreadable content",
            ErrorKind::Locked => "locked by another process",
            ErrorKind::Timeout => "deadline passed",
            ErrorKind::Cancelled => "cancelled",
            ErrorKind::Budget => "budget used up",
            ErrorKind::Invalid => "query does not fit",
            ErrorKind::Io => "failed",
        };
        write!(f, "{}: {what}", self.context)?;
        match &self.source {
            Some(source) => write!(f, " ({source})"),
            None => Ok(()),
        }
    }
}
