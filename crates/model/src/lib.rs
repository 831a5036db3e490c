//! The words of Waylaid as types: time, keys, log events, records, rows, evidence, coverage, verdicts.
//!
//! Nothing here does I/O, reads the environment or knows a connector. Everything serialises to the same bytes
//! for the same value.

pub mod answers;
pub mod asked;
pub mod coverage;
pub mod diagnosis;
pub mod facts;
pub mod reference;
pub mod system;
pub mod time;

pub use asked::Asked;
pub use coverage::{Coverage, Status};
pub use diagnosis::{
    BindingSummary, Cause, CodePlace, Cohort, Diagnosis, EntityList, Evidence, EvidenceId, Fix, HopCount,
    KeyList, Kind, Outcome, ProblemSummary, Question, RuledOut, Sampled, Suspect, Verdict,
};
pub use facts::{Level, Located, LogEvent, Record, Row, scalar_text};
pub use reference::Reference;
pub use system::{
    EntitySpec, LogBindingSpec, Rule, ServiceSpec, Settings, StoreKind, StoreSpec, System, TableColumn,
    TopicBindingSpec,
};
pub use time::{Timestamp, Window};
