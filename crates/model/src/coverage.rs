//! What was asked of each store, and how much of it was answered.

use serde::{Deserialize, Serialize};

/// How far a target was searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// All of it was searched.
    Searched,
    /// It was searched and holds nothing at all.
    Empty,
    /// Only a part was searched or readable; `note` says which.
    Partial,
    /// It could not be searched; `note` says why.
    Failed,
    /// The system has no such store.
    NotConfigured,
}

/// One line of coverage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Store, by its configured name (`logs.main`, `topics.main`, `tables.orders`).
    pub store: String,
    /// Service, topic or table; the store itself when it failed as a whole.
    pub target: String,
    /// How far.
    pub status: Status,
    /// What range was searched: times, partitions with offsets, rows.
    pub range: String,
    /// Lines, records or rows looked at.
    pub scanned: u64,
    /// Of these, how many matched the question.
    pub matched: u64,
    /// Why it is partial or failed, or what a reader must know (lines that did not parse, times without a zone).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Coverage {
    /// A line of coverage with counts of zero.
    pub fn new(store: impl Into<String>, target: impl Into<String>, status: Status) -> Self {
        Self {
            store: store.into(),
            target: target.into(),
            status,
            range: String::new(),
            scanned: 0,
            matched: 0,
            note: String::new(),
        }
    }

    /// The same with a note.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Whether something that should have been searched was not.
    pub fn is_incomplete(&self) -> bool {
        matches!(self.status, Status::Partial | Status::Failed)
    }
}
