//! The answer: what `waylaid diagnose --format json` prints. Fields may be added, these stay.

use crate::{Coverage, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// How sure the verdict is, by rule (docs/verdict.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The cause is proven by what was looked at.
    Confirmed,
    /// The cause fits, something that could refute it was not seen.
    Likely,
    /// The boundary is known, the cause is not.
    Inconclusive,
    /// Nothing is wrong with the entities asked about.
    NoFault,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Confirmed => "confirmed",
            Self::Likely => "likely",
            Self::Inconclusive => "inconclusive",
            Self::NoFault => "no_fault",
        })
    }
}

/// What kind of cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name is its meaning; DESIGN §6 lists them")]
pub enum Kind {
    DuplicateKey,
    ConstraintViolation,
    DeserializationError,
    SchemaMismatch,
    HandlerException,
    DependencyError,
    DataMissing,
    NotPublished,
    WrongDestination,
    NotConsumed,
    SkippedSilently,
    DeadLettered,
    ReplyNotPublished,
    ReplyNotApplied,
    OutOfOrder,
    LockContention,
    ResourceExhausted,
    ConfigError,
    Unknown,
}

impl Kind {
    /// The name used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DuplicateKey => "duplicate_key",
            Self::ConstraintViolation => "constraint_violation",
            Self::DeserializationError => "deserialization_error",
            Self::SchemaMismatch => "schema_mismatch",
            Self::HandlerException => "handler_exception",
            Self::DependencyError => "dependency_error",
            Self::DataMissing => "data_missing",
            Self::NotPublished => "not_published",
            Self::WrongDestination => "wrong_destination",
            Self::NotConsumed => "not_consumed",
            Self::SkippedSilently => "skipped_silently",
            Self::DeadLettered => "dead_lettered",
            Self::ReplyNotPublished => "reply_not_published",
            Self::ReplyNotApplied => "reply_not_applied",
            Self::OutOfOrder => "out_of_order",
            Self::LockContention => "lock_contention",
            Self::ResourceExhausted => "resource_exhausted",
            Self::ConfigError => "config_error",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A whole answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Id of the case it is stored as; empty until stored.
    pub case: String,
    /// What was asked.
    pub question: Question,
    /// Who was looked at.
    pub cohort: Cohort,
    /// The learnt flow with counts of the cohort.
    pub flow: Vec<HopCount>,
    /// The verdict.
    pub verdict: Verdict,
    /// What was considered and refuted.
    pub ruled_out: Vec<RuledOut>,
    /// What was searched.
    pub coverage: Vec<Coverage>,
    /// Evidence by id (`e1`, `e2`, …).
    pub evidence: BTreeMap<EvidenceId, Evidence>,
    /// Error groups that the verdict mentions, by id (`p1`, …).
    #[serde(default)]
    pub problems: Vec<ProblemSummary>,
    /// Where entities show up, as found or as configured.
    #[serde(default)]
    pub bindings: Vec<BindingSummary>,
    /// What a reader must know: clock skew, re-sends, entities too old to follow.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What to do next.
    #[serde(default)]
    pub next_steps: Vec<String>,
}

/// An evidence id such as `e12`; sorts by number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EvidenceId(pub String);

impl EvidenceId {
    fn number(&self) -> u64 {
        self.0.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(u64::MAX)
    }
}

impl Ord for EvidenceId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.number().cmp(&other.number()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for EvidenceId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for EvidenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The question as understood.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Entity asked about; `None` for "what changed in this window".
    pub entity: Option<String>,
    /// State that counts as stuck.
    pub state: Option<String>,
    /// Keys that were given, when some were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
    /// Time range that was looked at.
    pub window: Option<(Timestamp, Timestamp)>,
    /// Time range it was compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<(Timestamp, Timestamp)>,
    /// What "now" meant.
    pub now: Option<Timestamp>,
}

/// Sizes of the sets that were compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cohort {
    /// Stuck entities.
    pub count: u64,
    /// Completed entities they are compared with.
    pub control: u64,
    /// In the stuck state, but not for long enough.
    #[serde(default)]
    pub in_flight: u64,
    /// Older than what logs and topics still hold.
    #[serde(default)]
    pub aged_out: u64,
    /// In some other final state: neither stuck nor done.
    #[serde(default)]
    pub other: u64,
    /// Where more are in the stuck state than can be followed: how many are, and how many of them, evenly taken, the other
    /// figures are about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampled: Option<Sampled>,
}

/// A part for the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sampled {
    /// So many were followed.
    pub followed: u64,
    /// Of so many.
    pub of: u64,
}

/// One hop of the learnt flow and how far the cohort got.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HopCount {
    /// `FROM -> TO`.
    pub hop: String,
    /// Service that does it, where known.
    pub service: Option<String>,
    /// Stuck entities seen at FROM.
    pub reached: u64,
    /// Of these, seen at TO.
    pub passed: u64,
    /// Completed entities seen at TO.
    #[serde(default)]
    pub control_passed: u64,
    /// Median time of the hop for completed entities, milliseconds; `None` without times.
    pub typical_ms: Option<u64>,
    /// 95th percentile of the same.
    #[serde(default)]
    pub slow_ms: Option<u64>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// How sure.
    pub outcome: Outcome,
    /// One sentence for the first line.
    #[serde(default)]
    pub summary: String,
    /// Causes, the one that explains most first. Together with `unexplained` they partition the cohort.
    pub causes: Vec<Cause>,
    /// Stuck entities that no cause explains.
    pub unexplained: u64,
    /// Ranked places worth a look, also where the verdict abstains.
    #[serde(default)]
    pub suspects: Vec<Suspect>,
    /// Why the outcome is not higher: the rules that capped it.
    #[serde(default)]
    pub capped_by: Vec<String>,
}

/// One cause of a part of the cohort.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    /// Id inside the case: `c1`.
    #[serde(default)]
    pub id: String,
    /// Kind.
    pub kind: Kind,
    /// How sure this one is; the verdict's outcome is the lowest of its causes'.
    pub outcome: Outcome,
    /// The service that had to act at the hop and failed or acted wrongly.
    pub service: Option<String>,
    /// Another service whose change or data made it so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// First hop that is missing.
    pub hop: String,
    /// How many of the cohort it explains.
    pub explains: u64,
    /// Size of the cohort.
    pub of: u64,
    /// Error group, where one carries it.
    pub problem: Option<String>,
    /// One sentence.
    pub statement: String,
    /// Evidence ids.
    pub evidence: Vec<EvidenceId>,
    /// Places in code, most likely first.
    pub code: Vec<CodePlace>,
    /// The entities it explains.
    pub entities: EntityList,
    /// Key values found inside its error messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<KeyList>,
    /// Suggested repair, in words.
    pub fix: Fix,
    /// Facts the rule used, in words with counts.
    #[serde(default)]
    pub facts: Vec<String>,
}

/// A place in code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodePlace {
    /// Service.
    pub service: String,
    /// Path inside its checkout.
    pub path: String,
    /// Line, from 1.
    pub line: u64,
    /// `Class.method` or function, where known.
    #[serde(default)]
    pub symbol: String,
    /// Commit, where known.
    #[serde(default)]
    pub commit: String,
    /// What it is: the frame that threw, the statement that logged, the handler, the condition.
    #[serde(default)]
    pub role: String,
}

/// The exact entities of a cause.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityList {
    /// How many.
    pub count: u64,
    /// File with all of them, one a line under a header; empty until stored.
    pub csv: String,
    /// The keys, sorted. Written to the CSV; JSON shows at most the first 20.
    #[serde(default)]
    pub keys: Vec<String>,
}

/// The key values inside a problem's messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyList {
    /// Table, as `store.table` where it could be placed, else as the message has it.
    pub table: Option<String>,
    /// Constraint or index.
    #[serde(default)]
    pub constraint: Option<String>,
    /// Columns.
    pub columns: Vec<String>,
    /// How many distinct.
    pub count: u64,
    /// File with all of them; empty until stored.
    pub csv: String,
    /// The values, a list a row, sorted.
    #[serde(default)]
    pub values: Vec<Vec<String>>,
}

/// A suggested repair, in words; empty strings where there is nothing to say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// Change to the code or configuration.
    pub code: String,
    /// Repair of the data.
    pub data: String,
    /// Test that is red before and green after.
    pub test: String,
}

/// A ranked place worth a look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suspect {
    /// Service.
    pub service: String,
    /// Why, with counts.
    pub why: String,
    /// Places in code.
    pub code: Vec<CodePlace>,
    /// Evidence ids.
    pub evidence: Vec<EvidenceId>,
}

/// A hypothesis that was looked at and refuted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuledOut {
    /// What one might have thought.
    pub hypothesis: String,
    /// Kind it would have been.
    pub kind: Kind,
    /// Service it would have been.
    pub service: Option<String>,
    /// What refutes it, with counts.
    pub why: String,
    /// Error group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Evidence ids.
    pub evidence: Vec<EvidenceId>,
}

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// When, where known.
    pub at: Option<Timestamp>,
    /// Where it can be looked up: the text of `address`.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The same, typed.
    pub address: crate::Reference,
    /// What it says, shortened.
    pub text: String,
}

/// An error group as the verdict cites it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProblemSummary {
    /// `p1`.
    pub id: String,
    /// Service that logged it.
    pub service: String,
    /// Exception type, where there is one.
    pub exception: Option<String>,
    /// Message template.
    pub template: String,
    /// Kind by its text.
    pub kind: Kind,
    /// Events in it.
    pub count: u64,
    /// First and last.
    pub first: Option<Timestamp>,
    /// Last.
    pub last: Option<Timestamp>,
    /// Stuck entities it hits.
    pub hits_stuck: u64,
    /// Completed entities it hits.
    pub hits_completed: u64,
    /// Evidence ids of samples.
    pub evidence: Vec<EvidenceId>,
}

/// Where an entity's key shows in a store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BindingSummary {
    /// Store.
    pub store: String,
    /// Service, topic or table.
    pub target: String,
    /// Field, path, header, column, or `text`.
    pub place: String,
    /// Name of the key that shows there: the entity's own, or the bridged one.
    pub key: String,
    /// How it is known, with counts: `configured`, or `183 of 200 sampled keys`.
    pub why: String,
    /// Keys that were found there.
    pub samples: Vec<String>,
}
