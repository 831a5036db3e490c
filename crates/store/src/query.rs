//! How stores are asked. A query says everything that it wants, so that a connector can push it down.

use crate::{KeySet, LogHit};
use serde::{Serialize, Serializer};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use waylaid_model::Window;

/// Which events or records of a target are wanted; what matches any of these is delivered.
#[derive(Clone, Default, Serialize)]
pub struct Select {
    /// Those that hold one of these keys as a whole token.
    #[serde(serialize_with = "keys")]
    pub keys: Option<Arc<KeySet>>,
    /// Log events that report a failure or warn (level WARN and above, an exception, or words that say so).
    pub failures: bool,
    /// Everything.
    pub all: bool,
    /// This many per part (file, partition), evenly spread over it as far as the store can, whatever they hold.
    pub sample: Option<usize>,
}

/// Keys as a list of their values.
#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn keys<S: Serializer>(keys: &Option<Arc<KeySet>>, serializer: S) -> Result<S::Ok, S::Error> {
    match keys {
        Some(keys) => serializer.collect_seq((0..keys.len() as u32).map(|index| keys.key(index))),
        None => serializer.serialize_none(),
    }
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

/// Judges events by their look, so that a store need not read and deliver thousands that say the same.
///
/// Events look alike when their texts are the same but for ids, numbers and times. What is wanted of them must follow
/// from the look and the keys: which of several alike ones is seen first is left to chance. A store may deliver more
/// than is wanted, and one that knows no looks delivers everything.
pub trait Alike: Send + Sync {
    /// An event with a look that its part had not shown before.
    fn seen(&self, look: u64, hit: &LogHit);

    /// How many events of one look and with just these keys are wanted of each part: the first ones.
    fn wanted(&self, keys: &[u32]) -> usize;

    /// Whether a key tells whose an event is that holds it. Short numbers stand in any text: an event that holds nothing
    /// else is one without keys.
    fn tells(&self, key: u32) -> bool;

    /// Whether an event without keys is wanted although there are enough that look like it. `near_key` says that one
    /// of the keys stands shortly before it.
    fn still_wanted(&self, look: u64, text: &[u8], near_key: bool) -> bool;

    /// So many events with this look were not delivered.
    fn left_out(&self, look: u64, count: u64);
}

/// How many failures are enough, and for how many each stands that was chosen by chance.
#[derive(Debug)]
pub struct Enough {
    most: u64,
    /// By part and place, of those that stand for more than themselves.
    weights: Mutex<HashMap<(u32, u64), u32>>,
}

impl Enough {
    /// So many.
    pub fn new(most: u64) -> Self {
        Self { most, weights: Mutex::default() }
    }

    /// How many are enough.
    pub fn most(&self) -> u64 {
        self.most
    }

    /// Notes, before it is handed over, that an event stands for so many, itself included.
    pub fn stands_for(&self, part: u32, seq: u64, count: u32) {
        if count > 1 {
            self.weights.lock().unwrap_or_else(PoisonError::into_inner).insert((part, seq), count);
        }
    }

    /// For how many events one stands, itself included.
    pub fn weight(&self, part: u32, seq: u64) -> u32 {
        let weights = self.weights.lock().unwrap_or_else(PoisonError::into_inner);
        weights.get(&(part, seq)).copied().unwrap_or(1)
    }
}

/// A question to a log store.
#[derive(Clone, Default, Serialize)]
pub struct LogQuery {
    /// Only these services; all when `None`.
    pub services: Option<Vec<String>>,
    /// Only events of this window; events without a time are delivered.
    pub window: Window,
    /// Which of them.
    pub select: Select,
    /// For a failure that holds none of the keys, or only such as tell nothing ([`Alike::tells`]), and names no record of a
    /// topic: deliver up to this many events that precede it on the same thread (or in the same file when it names no thread), newest first,
    /// as [`crate::LogHit::preceding`]; further ones as long as they look alike, and the one before these, where the store
    /// can tell.
    pub preceding: usize,
    /// So many failures that hold none of the keys are enough; all when `None`. A store whose server counts for it may choose
    /// that many by chance out of very many: each then stands for several ([`Enough::weight`]), and the coverage says so.
    #[serde(skip)]
    pub enough: Option<Arc<Enough>>,
    /// Of events that look alike only so many; all when `None`. Without effect where the window has an end, because
    /// events that are not read have no time.
    #[serde(skip)]
    pub alike: Option<Arc<dyn Alike>>,
}

/// A question to a topic store.
#[derive(Clone, Default, Serialize)]
pub struct RecordQuery {
    /// Only these topics; all when `None`.
    pub topics: Option<Vec<String>>,
    /// Only records of this window.
    pub window: Window,
    /// Which of them; `failures` means nothing here.
    pub select: Select,
    /// Of records that hold a single key at most so many of each key are wanted from each part, the first ones; all
    /// when `None`. A store may deliver more.
    pub first: Option<usize>,
    /// Of records that hold one of the keys only those whose own key it is. A store may leave parts out that cannot hold
    /// these, and says so in the coverage; but it reads everything before a key is nowhere.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub by_key: bool,
    /// Of records only those of this partition are wanted. A store may deliver others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partition: Option<i32>,
    /// Of records only those with these offsets are wanted, the last one not included. A store may deliver others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offsets: Option<Range<i64>>,
}

impl RecordQuery {
    /// The keys, where only records are wanted whose own key is one of them.
    pub fn own_keys(&self) -> Option<&Arc<KeySet>> {
        let is_all = self.select.all || self.select.sample.is_some_and(|count| count > 0);
        self.select.keys.as_ref().filter(|keys| self.by_key && !is_all && !keys.is_empty())
    }
}

/// Which rows are wanted.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
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
    /// The rows of a SELECT of somebody's own, which the store's guard has to accept. Table and columns of the query mean
    /// nothing then; rows are numbered from 1 as they come, and before them comes a head ([`crate::RowHit::is_head`]).
    Select {
        /// The SELECT.
        sql: String,
    },
}

impl RowQuery {
    /// What coverage and references of a free SELECT have for a table's name.
    pub const SELECT: &'static str = "select";

    /// A free SELECT.
    pub fn select(sql: impl Into<String>, limit: u64) -> Self {
        let filter = Filter::Select { sql: sql.into() };
        Self { table: Self::SELECT.to_owned(), columns: Vec::new(), filter, limit: Some(limit) }
    }
}

/// A question to a table store.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
