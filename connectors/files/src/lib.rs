//! Logs and topics that are plain files: the embedded stores, and the two halves of an incident bundle that are text.
//!
//! Everything is streamed: a file is read in blocks of a few megabytes that end where an event ends, all blocks are
//! searched for all keys at once, and only events that were hit are parsed. Memory is bounded by the number of
//! threads, not by the data. Nothing is ever opened for writing, and no symbolic link is followed.
//!
//! - `tree`, `names`: which files there are and what their names say
//! - `stream`, `blocks`: bytes of a file, decompressed, cut where events begin
//! - `sweep`: all parts over all cores
//! - `search`, `markers`: keys and words of failure in raw bytes
//! - [`FilesLogs`], [`FilesTopics`]: the two stores on top

mod blocks;
mod events;
mod logs;
mod markers;
mod names;
mod sampling;
mod search;
mod stream;
mod sweep;
mod topics;
mod tree;

pub use logs::FilesLogs;
pub use stream::open;
pub use topics::FilesTopics;
