//! The verdict: sweep, bindings, trails, flow, problems, refuters.

use waylaid_model::{
    Coverage, Diagnosis, System, Timestamp, Window,
    answers::{CheckAnswer, FlowAnswer, SearchAnswer, StuckAnswer, TrailAnswer},
};
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
    /// `$.path=value` conditions on records.
    pub paths: Vec<(String, String)>,
    /// `name=value` conditions on headers.
    pub headers: Vec<(String, String)>,
    /// Only in this window.
    pub window: Window,
    /// Show at most this many.
    pub limit: usize,
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

/// The verdict over stuck entities, given keys, or a window.
pub fn diagnose(_: &System, _: &Stores, _: &Ask, _: &Context) -> Result<Diagnosis, EngineError> {
    Err(EngineError::Question { message: "not built yet".into(), hint: String::new() })
}
/// One entity's trail.
pub fn follow(_: &System, _: &Stores, _: &Ask, _key: &str, _: &Context) -> Result<TrailAnswer, EngineError> {
    Err(EngineError::Question { message: "not built yet".into(), hint: String::new() })
}
/// The learnt flow.
pub fn flow(_: &System, _: &Stores, _: &Ask, _: &Context) -> Result<FlowAnswer, EngineError> {
    Err(EngineError::Question { message: "not built yet".into(), hint: String::new() })
}
/// Who is stuck.
pub fn stuck(_: &System, _: &Stores, _: &Ask, _: &Context) -> Result<StuckAnswer, EngineError> {
    Err(EngineError::Question { message: "not built yet".into(), hint: String::new() })
}
/// What there is, what is bound, what is missing.
pub fn check(_: &System, _: &Stores, _: &Ask, _: &Context) -> Result<CheckAnswer, EngineError> {
    Err(EngineError::Question { message: "not built yet".into(), hint: String::new() })
}
/// Matches in all stores.
pub fn search(_: &Stores, _: &Search, _: &Context) -> Result<SearchAnswer, EngineError> {
    Err(EngineError::Question { message: "not built yet".into(), hint: String::new() })
}
