//! `waylaid mcp` as a client sees it.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "../common/mod.rs"]
mod common;

mod ask;
mod client;
mod clients;
mod conformance;
mod copilot;
mod errors;
mod http;
mod injections;
mod model;
mod others;
mod protocol;
mod script;
#[cfg(feature = "postgres")]
mod stores;
mod tokens;

/// A copy of the seed incident, in which cases may be stored.
fn seed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    common::copy(&common::root().join("cases/seed/incident"), folder.path());
    folder
}
