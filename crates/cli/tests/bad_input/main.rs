//! Bad input: whatever is broken, cut, hostile or missing, there is no panic, the error is clear or the answer is partial
//! and its coverage says so, and what the damage does not concern keeps its verdict.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "../common/mod.rs"]
mod common;
mod incident;
mod logs;
mod questions;
mod records;
mod rows;
mod tables;
mod times;
mod topics;
