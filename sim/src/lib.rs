//! A small deterministic simulator that writes whole incidents as folders.
//!
//! It plays companies whose services exchange records over topics, write rows into tables and write logs, injects a
//! fault, and leaves behind what an investigator would find: a bundle of files. Beside it goes `expected.json`, the
//! verdict that follows from what was injected. The product never reads this crate; tests and the demo read its bundles.
//!
//! The same case gives the same bytes, always: time is simulated, chance is seeded by the case's name, and every
//! collection that is iterated is ordered.

mod bundle;
mod cases;
mod code;
mod kafka;
mod log;
mod noise;
mod scale;
mod tables;
mod time;
mod truth;
mod world;

use std::path::Path;

pub use bundle::{check, names, write};
pub use scale::{Scale, write_scaled};

/// What a written case weighs and holds, for the summary the program prints.
#[derive(Debug, Clone)]
pub struct Written {
    /// The case's name.
    pub name: String,
    /// Bytes of all files of the bundle.
    pub bytes: u64,
    /// Entities that are stuck by the case's rule.
    pub stuck: usize,
    /// Entities that completed.
    pub done: usize,
    /// Log lines written, as an editor counts them.
    pub log_lines: u64,
    /// Topic records written.
    pub records: u64,
}

/// Bytes of all files below a folder.
fn folder_bytes(dir: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(dir) else { return 0 };
    entries
        .filter_map(Result::ok)
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => folder_bytes(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}
