//! The connector on a real broker: the contract, the edges of the log, and that nobody can tell it was there.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bench;
mod conforms;
mod faults;
mod footprint;
mod groups;
mod records;
mod security;
mod support;
