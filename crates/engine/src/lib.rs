//! The verdict: sweep, bindings, trails, flow, problems, refuters.
//!
//! [`diagnose`] and its smaller sisters take a system, its opened stores and a question. `gather` asks the stores and is
//! the only part that does; everything after it is pure and gives the same bytes for the same facts.

mod answers;
mod bindings;
mod book;
mod bridges;
mod causes;
mod codeplaces;
mod dating;
mod discriminate;
mod entered;
mod facts;
mod flow;
mod gather;
mod home;
mod ids;
mod joins;
mod keys;
mod murmurs;
mod occupants;
mod offsets;
mod places;
mod problems;
mod pulse;
mod rounds;
mod rowtime;
mod ruled_out;
mod rules;
mod search;
mod services;
mod skew;
mod structure;
mod suspects;
mod sweep;
mod trails;
mod verdict;
mod window;
mod wording;
mod world;

use waylaid_model::{Coverage, Diagnosis, System, Timestamp, Window};
use waylaid_store::{Context, LogStore, TableStore, TopicStore};

/// The opened stores of a system.
#[derive(Default)]
pub struct Stores {
    /// Log stores.
    pub logs: Vec<Box<dyn LogStore>>,
    /// Topic stores.
    pub topics: Vec<Box<dyn TopicStore>>,
    /// Table stores.
    pub tables: Vec<Box<dyn TableStore>>,
    /// Checkouts: service and folder.
    pub code: Vec<(String, std::path::PathBuf)>,
    /// Stores that are configured and could not be opened.
    pub failed: Vec<Coverage>,
}

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// Entity; the only one of the system when `None` and there is just one.
    pub entity: Option<String>,
    /// Ask about these keys instead of the stuck ones.
    pub keys: Vec<String>,
    /// Stuck means this state instead of the rule's.
    pub state: Option<String>,
    /// For at least so long, nanoseconds, instead of the rule's.
    pub older_than: Option<i64>,
    /// Only what happened in this window.
    pub window: Window,
    /// Compared with this one (questions without an entity).
    pub baseline: Option<Window>,
    /// What "now" means; the newest time in the stores when `None`.
    pub now: Option<Timestamp>,
    /// Without an entity: what changed in the window against the baseline.
    pub without_entity: bool,
    /// Follow every one of the stuck, in rounds of at most so many; a sample of very many when `None`.
    pub round: Option<usize>,
    /// One round of these.
    pub part: Option<Part>,
}

/// Where to look and what for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Whole tokens to find.
    pub keys: Vec<String>,
    /// Text to find.
    pub text: Option<String>,
    /// Regular expression to find.
    pub regex: Option<String>,
    /// Only stores or targets whose name contains one of these.
    pub targets: Vec<String>,
    /// Only records in which one of the keys stands at this path: `$.orderId`.
    pub keys_at: Option<String>,
    /// `$.path=value` conditions on records.
    pub paths: Vec<(String, String)>,
    /// `name=value` conditions on headers.
    pub headers: Vec<(String, String)>,
    /// Only records of this partition.
    pub partition: Option<i32>,
    /// Only records with these offsets, the last one not included.
    pub offsets: Option<std::ops::Range<i64>>,
    /// Only in this window.
    pub window: Window,
    /// Only records whose own key is one of the keys: where a broker's keys have their partitions, only those are read.
    pub by_key: bool,
    /// Show the newest matches first instead of the oldest.
    pub newest: bool,
    /// Pass over so many matches before the first that is shown.
    pub skip: usize,
    /// Show at most this many.
    pub limit: usize,
    /// Show of records only what stands at these paths; all of it where there are none.
    pub fields: Vec<String>,
}

/// Why a question could not be answered at all.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The question does not fit the system.
    #[error("{message}")]
    Question {
        /// What is wrong.
        message: String,
        /// What to do next.
        hint: String,
    },
    /// A store without which nothing can be said failed.
    #[error(transparent)]
    Store(#[from] waylaid_store::StoreError),
}

pub use answers::{ProblemsAsk, check, flow, follow, key_rows, problems, query, stuck, tables};
pub use home::MAX_COHORT;
pub use rounds::Part;
pub use search::search;

/// The verdict over stuck entities, given keys, or a window.
pub fn diagnose(
    system: &System,
    stores: &Stores,
    ask: &Ask,
    context: &Context,
) -> Result<Diagnosis, EngineError> {
    if ask.without_entity {
        return window::diagnose(stores, ask, context);
    }
    if let Some(size) = ask.round.filter(|_| ask.keys.is_empty()) {
        return rounds::diagnose(system, stores, ask, size, context);
    }
    let mut world = gather::gather(system, stores, ask, context)?;
    murmurs::listen(&mut world, stores, context)?;
    occupants::look(&mut world, stores, context)?;
    Ok(verdict::settle(&world, ask))
}
