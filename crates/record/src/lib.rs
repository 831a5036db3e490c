//! An incident bundle from whatever stores a system has: logs, topics, tables and code of a window and a cohort as files.
//!
//! Stores are only read, through the contract; what is written is written below one folder. A recording is a list of
//! parts (a service's log, a topic, a table, a checkout), each whole or not there, so that it goes on where it was
//! interrupted; `waylaid.toml` comes last, and without it the folder is no system. Secrets and personal data become
//! pseudonyms on their way in, keys of entities stay.

mod checkout;
mod config;
mod error;
mod events;
mod folder;
mod logs;
mod places;
mod readme;
mod recording;
mod records;
mod scrub;
mod spool;
mod state;
mod tables;
mod topics;

pub use error::RecordError;
pub use folder::Folder;
pub use recording::{Outcome, Step, Stores, Task, record};
pub use scrub::Scrubber;
pub use state::{Begun, Part, State, salt};
