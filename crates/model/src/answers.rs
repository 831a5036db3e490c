//! The answers of the smaller commands: `check`, `stuck`, `follow`, `flow`, `search`, `query`, `problems`. Each carries its coverage.

use crate::{BindingSummary, Cohort, Coverage, Evidence, EvidenceId, HopCount, Kind, Timestamp, Window};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// One step of a trail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrailStep {
    /// When, corrected by the estimated clock skew; `None` when the fact carries no time (a row without one).
    pub at: Option<Timestamp>,
    /// Service, where known.
    pub service: Option<String>,
    /// What it is: `log`, `record`, `row`.
    pub source: String,
    /// Node of the flow it stands for: a topic, `store.table`, or the service whose log it is.
    pub node: String,
    /// Where it can be looked up.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Severity, for log events.
    pub level: Option<String>,
    /// What it says, shortened.
    pub text: String,
    /// The key under which the entity shows here, where it is another than the asked one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// How many like it follow directly (a re-send, a retry) and were folded into this one.
    #[serde(default)]
    pub repeats: u64,
}

/// The answer of `follow`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrailAnswer {
    /// Entity.
    pub entity: String,
    /// Key asked about.
    pub key: String,
    /// Other keys of the same entity, `name=value`.
    pub aliases: Vec<String>,
    /// State in its home table, where there is one.
    pub state: Option<String>,
    /// The steps in order.
    pub steps: Vec<TrailStep>,
    /// Services in the order in which the trail first reaches them.
    pub services: Vec<String>,
    /// Where it ends: `complete`, or the first missing hop `FROM -> TO`; `None` when no flow is known to compare with.
    pub ends: Option<String>,
    /// What a reader must know (skew, aged-out stores).
    pub notes: Vec<String>,
    /// What was searched.
    pub coverage: Vec<Coverage>,
}

/// The answer of `flow`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlowAnswer {
    /// Entity.
    pub entity: String,
    /// Completed entities it was learnt from.
    pub learnt_from: u64,
    /// Hops in order.
    pub hops: Vec<HopCount>,
    /// Distinct ways through the flow with counts, most frequent first: nodes joined by ` -> `.
    pub variants: Vec<(String, u64)>,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// What was searched.
    pub coverage: Vec<Coverage>,
}

/// Entities in one state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StateCount {
    /// State.
    pub state: String,
    /// `stuck`, `done` or `other` by the entity's rules.
    pub role: String,
    /// How many.
    pub count: u64,
    /// Of the stuck state: how many for long enough.
    pub stuck: u64,
    /// When the longest-staying one entered the state.
    pub oldest: Option<Timestamp>,
    /// When the latest one did.
    pub newest: Option<Timestamp>,
}

/// Stuck entities by last good hop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StuckGroup {
    /// Last node that they reached.
    pub last_good: String,
    /// First hop that is missing.
    pub missing: String,
    /// How many.
    pub count: u64,
    /// Some of their keys.
    pub samples: Vec<String>,
}

/// The answer of `stuck`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StuckAnswer {
    /// Entity.
    pub entity: String,
    /// Sizes.
    pub cohort: Cohort,
    /// Every state with its count.
    pub states: Vec<StateCount>,
    /// Stuck ones by last good hop.
    pub groups: Vec<StuckGroup>,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// What was searched.
    pub coverage: Vec<Coverage>,
}

/// The answer of `check`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckAnswer {
    /// System.
    pub system: String,
    /// Stores with what they hold: name, kind, a line of words, whether it could be read.
    pub stores: Vec<StoreCheck>,
    /// Services, configured and discovered: name, where it was found.
    pub services: Vec<(String, String)>,
    /// Bindings found.
    pub bindings: Vec<BindingSummary>,
    /// Places that share values with the entity by chance and were not taken, each with the reason.
    pub rejected: Vec<BindingSummary>,
    /// Estimated clock skew, a line each.
    pub skew: Vec<String>,
    /// What is missing for a full verdict.
    pub missing: Vec<String>,
    /// What was searched.
    pub coverage: Vec<Coverage>,
}

/// One store as `check` saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoreCheck {
    /// `logs.main`.
    pub store: String,
    /// Whether it could be read.
    pub ok: bool,
    /// What it holds, or why it could not be read.
    pub holds: String,
}

/// One match of `search`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchHit {
    /// Where.
    #[serde(rename = "ref")]
    pub reference: String,
    /// When.
    pub at: Option<Timestamp>,
    /// Text, shortened.
    pub text: String,
}

/// The answer of `search`: counts first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchAnswer {
    /// Matches per target: `store`, `target`, count.
    pub counts: Vec<(String, String, u64)>,
    /// All matches.
    pub matched: u64,
    /// Those shown, in order of their time.
    pub hits: Vec<SearchHit>,
    /// Whether they begin with the newest.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub newest_first: bool,
    /// How many more there are behind those that are shown.
    pub more: u64,
    /// So many matches to pass over to see what comes next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
    /// What was searched.
    pub coverage: Vec<Coverage>,
}

/// The answer of `query`: the rows of one SELECT.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QueryAnswer {
    /// Store that was asked.
    pub store: String,
    /// Names of the columns; the same one may stand there twice.
    pub columns: Vec<String>,
    /// Their types as the store calls them; empty where it has no name for one.
    pub types: Vec<String>,
    /// The rows, a value a column.
    pub values: Vec<Vec<Value>>,
    /// Whether there are more rows than these.
    pub more: bool,
    /// What was searched, and where it ended.
    pub coverage: Vec<Coverage>,
}

/// The answer of `problems`: error groups of all services, those that matter most first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProblemsAnswer {
    /// The stretch of time that was counted, as far as the logs reach into it.
    pub window: Window,
    /// What it was compared with; `None` where the whole of the logs is compared with itself.
    pub baseline: Option<Window>,
    /// How many problems there are.
    pub count: u64,
    /// Events that report one, in the window.
    pub events: u64,
    /// The same in the baseline.
    pub before: u64,
    /// The problems, at most as many as were asked for.
    pub problems: Vec<Problem>,
    /// Events behind the problems, by id.
    pub evidence: BTreeMap<EvidenceId, Evidence>,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// What was searched.
    pub coverage: Vec<Coverage>,
}

/// A group of errors: exception type, template, top application frames.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// `p1`: its place in this answer.
    pub id: String,
    /// The same in every answer about the same problem.
    pub fingerprint: String,
    /// `error` or `warning`.
    pub rank: String,
    /// Level at its worst, where one is told.
    pub level: Option<String>,
    /// Kind by its texts.
    pub kind: Option<Kind>,
    /// Type of the root cause, where something was thrown.
    pub exception: Option<String>,
    /// What it says, `<*>` where events differ.
    pub template: String,
    /// Top application frames, innermost first.
    pub frames: Vec<String>,
    /// Chain of causes in one line, outermost first.
    pub chain: Option<String>,
    /// Events in the window.
    pub count: u64,
    /// Events in the baseline.
    pub before: u64,
    /// `new`, `more`, `as_ever`, or `unknown` where there is too little to compare.
    pub onset: String,
    /// Since when it is new or more, where that can be told.
    pub since: Option<Timestamp>,
    /// First event.
    pub first: Option<Timestamp>,
    /// Last event.
    pub last: Option<Timestamp>,
    /// Services with counts, most frequent first.
    pub services: Vec<(String, u64)>,
    /// Instances with counts, most frequent first.
    pub instances: Vec<(String, u64)>,
    /// Events in equal parts of the window, where times are known.
    pub histogram: Vec<u64>,
    /// Stuck and completed entities that its events name; `None` where no entity is known.
    pub entities: Option<EntityHits>,
    /// Evidence ids of up to three events.
    pub evidence: Vec<EvidenceId>,
}

/// How many entities a problem hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityHits {
    /// Stuck ones.
    pub stuck: u64,
    /// Completed ones.
    pub completed: u64,
}

/// A key out of a problem's messages, with its row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    /// The values, in the key's columns' order.
    pub values: Vec<String>,
    /// How many events of the logs name it.
    pub messages: u64,
    /// Whether the table holds such a row.
    pub exists: bool,
    /// The row's state, where the table has one.
    pub state: Option<String>,
    /// When the row came to be, where that can be told.
    pub created: Option<Timestamp>,
}

/// The answer of `keys`: key values out of error messages as a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KeysAnswer {
    /// The error group or cause that was asked about; empty for the keys of a text.
    pub of: String,
    /// Its case.
    pub case: String,
    /// Table, as `store.table` where it could be placed.
    pub table: Option<String>,
    /// Constraint or index.
    pub constraint: Option<String>,
    /// How many distinct keys, or how many findings in a text.
    pub count: u64,
    /// So many of the stuck are explained by the cause, of so many.
    pub explains: (u64, u64),
    /// So many keys have a row; `None` where rows could not be looked up.
    pub exist: Option<u64>,
    /// The rows' states with counts, the most frequent first.
    pub states: Vec<(String, u64)>,
    /// File with all of them.
    pub csv: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// A line a key, a value a column.
    pub values: Vec<Vec<Value>>,
    /// What was searched for it.
    pub coverage: Vec<Coverage>,
}
