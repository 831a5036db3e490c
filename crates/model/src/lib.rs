//! The words of Waylaid as types: time, keys, log events, records, rows, evidence, coverage, verdicts.
//!
//! Nothing here does I/O, reads the environment or knows a connector. Everything serialises to the same bytes
//! for the same value.

pub mod coverage;
pub mod diagnosis;
pub mod facts;
pub mod reference;
pub mod system;
pub mod time;

pub use coverage::{Coverage, Status};
pub use diagnosis::{
    Cause, CodePlace, Cohort, Diagnosis, EntityList, Evidence, Fix, HopCount, KeyList, Kind, Outcome,
    Question, RuledOut, Suspect, Verdict,
};
pub use facts::{Level, LogEvent, Record, Row};
pub use reference::Reference;
pub use system::{EntitySpec, Rule, ServiceSpec, StoreKind, StoreSpec, System, TableColumn};
pub use time::{Timestamp, Window};
