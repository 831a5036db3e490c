//! How stores are asked. A query says everything that it wants, so that a connector can push it down.

use crate::KeySet;
use std::sync::Arc;
use waylaid_model::Window;

/// Which events or records of a target are wanted; what matches any of these is delivered.
#[derive(Clone, Default)]
pub struct Select {
    /// Those that hold one of these keys as a whole token.
    pub keys: Option<Arc<KeySet>>,
    /// Log events that report a failure or warn (level WARN and above, an exception, or words that say so).
    pub failures: bool,
    /// Everything.
    pub all: bool,
    /// This many per part (file, partition), evenly spread over it as far as the store can, whatever they hold.
    pub sample: Option<usize>,
}

impl Select {
    /// Everything.
    pub fn all() -> Self {
        Self { all: true, ..Self::default() }
    }

    /// What holds one of these keys.
    pub fn keys(keys: Arc<KeySet>) -> Self {
        Self { keys: Some(keys), ..Self::default() }
    }

    /// A sample.
    pub fn sample(count: usize) -> Self {
        Self { sample: Some(count), ..Self::default() }
    }
}

/// A question to a log store.
#[derive(Clone, Default)]
pub struct LogQuery {
    /// Only these services; all when `None`.
    pub services: Option<Vec<String>>,
    /// Only events of this window; events without a time are delivered.
    pub window: Window,
    /// Which of them.
    pub select: Select,
    /// For a failure that holds none of the keys: deliver up to this many events that precede it on the same thread
    /// (or in the same file when it names no thread), newest first, as [`crate::LogHit::preceding`].
    pub preceding: usize,
}

/// A question to a topic store.
#[derive(Clone, Default)]
pub struct RecordQuery {
    /// Only these topics; all when `None`.
    pub topics: Option<Vec<String>>,
    /// Only records of this window.
    pub window: Window,
    /// Which of them; `failures` means nothing here.
    pub select: Select,
}

/// Which rows are wanted.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of them.
    All,
    /// Those whose column, as text, equals one of these.
    In {
        /// Column.
        column: String,
        /// Values as text.
        values: Vec<String>,
    },
}

/// A question to a table store.
#[derive(Clone, Debug, PartialEq)]
pub struct RowQuery {
    /// Table.
    pub table: String,
    /// Only these columns, all when empty.
    pub columns: Vec<String>,
    /// Which rows.
    pub filter: Filter,
    /// At most this many; coverage says when there are more.
    pub limit: Option<u64>,
}
