//! What the tools ask. Everything that comes back may be shown to anybody: it passed the door at which secrets and
//! personal data become pseudonyms.

use crate::Refusal;
use std::sync::Arc;
use waylaid_model::answers::{
    CheckAnswer, FlowAnswer, KeysAnswer, ProblemsAnswer, QueryAnswer, SearchAnswer, StuckAnswer, TrailAnswer,
};
use waylaid_model::{Asked, Coverage, Diagnosis, System};
use waylaid_store::Context;

/// Times as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// From this moment on.
    pub since: Option<String>,
    /// Before this moment.
    pub until: Option<String>,
    /// `FROM..TO` to compare with.
    pub baseline: Option<String>,
}

/// A question about entities, or about a window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Entity; the only one when there is just one.
    pub entity: Option<String>,
    /// Ask about these instead of the stuck ones.
    pub keys: Vec<String>,
    /// Stuck means this state.
    pub state: Option<String>,
    /// For at least so long.
    pub older_than: Option<String>,
    /// When.
    pub times: Times,
}

/// Where to look and what for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Whole words to find.
    pub keys: Vec<String>,
    /// Text to find.
    pub text: Option<String>,
    /// Regular expression to find.
    pub regex: Option<String>,
    /// Where in records the keys have to stand; anywhere when `None`.
    pub keys_at: Option<String>,
    /// `$.path=value` conditions on records.
    pub paths: Vec<String>,
    /// `name=value` conditions on headers.
    pub headers: Vec<String>,
    /// `logs`, `topics` or `tables`; all when `None`.
    pub store: Option<&'static str>,
    /// Only services, topics and tables whose name contains one of these.
    pub targets: Vec<String>,
    /// When.
    pub times: Times,
    /// So many matches at most.
    pub limit: usize,
    /// What is shown of records; all of them where nothing is named.
    pub fields: Vec<String>,
}

/// Where keys are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keys {
    /// In the messages of an error group or a cause.
    Of {
        /// The case's id, or `last`.
        case: String,
        /// The group's or the cause's.
        id: String,
    },
    /// In a text.
    In(String),
}

/// A piece of evidence, read again from its store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    /// As it stands there, or what the case kept of it.
    pub text: String,
    /// Why it could not be read again.
    pub stale: Option<String>,
}

/// An event of a text and its places in code.
pub struct Located {
    /// Its first line.
    pub line: String,
    /// The places.
    pub answer: waylaid_code::Answer,
}

/// The system that is asked, by the functions of the command line.
pub trait Backend: Send + Sync + 'static {
    /// The system as configured, and what of it is not there. Opens nothing.
    fn system(&self) -> Result<(System, Vec<Coverage>), Refusal>;
    /// The verdict; stored as a case.
    fn diagnose(&self, question: &Question, context: &Arc<Context>) -> Result<Diagnosis, Refusal>;
    /// Who is stuck.
    fn stuck(&self, question: &Question, context: &Arc<Context>) -> Result<StuckAnswer, Refusal>;
    /// One entity's trail.
    fn follow(&self, question: &Question, key: &str, context: &Arc<Context>) -> Result<TrailAnswer, Refusal>;
    /// The learnt flow.
    fn flow(&self, question: &Question, context: &Arc<Context>) -> Result<FlowAnswer, Refusal>;
    /// What the stores hold.
    fn check(&self, context: &Arc<Context>) -> Result<CheckAnswer, Refusal>;
    /// Error groups, so many at most.
    fn problems(
        &self,
        question: &Question,
        limit: usize,
        context: &Arc<Context>,
    ) -> Result<ProblemsAnswer, Refusal>;
    /// Matches.
    fn search(&self, search: &Search, context: &Arc<Context>) -> Result<SearchAnswer, Refusal>;
    /// The rows of a SELECT in a table store, so many at most; without one, its tables.
    fn query(
        &self,
        store: Option<&str>,
        sql: Option<&str>,
        limit: u64,
        context: &Arc<Context>,
    ) -> Result<QueryAnswer, Refusal>;
    /// The key values inside error messages, with their rows.
    fn keys(&self, keys: &Keys, context: &Arc<Context>) -> Result<KeysAnswer, Refusal>;
    /// Log lines or a stack trace to places in code.
    fn locate(&self, text: &str, services: &[String]) -> Result<Vec<Located>, Refusal>;
    /// Ids of the stored cases, newest first.
    fn cases(&self) -> Result<Vec<String>, Refusal>;
    /// A stored case: its id, or `last`.
    fn case(&self, id: &str) -> Result<Diagnosis, Refusal>;
    /// What the stores were asked for a case.
    fn asked(&self, case: &str) -> Result<Vec<Asked>, Refusal>;
    /// A piece of evidence of a case, read again.
    fn evidence(&self, case: &str, id: &str, context: &Arc<Context>) -> Result<Raw, Refusal>;
}
