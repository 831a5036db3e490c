//! The connector on a real broker: the contract, the edges of the log, and that nobody can tell it was there.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bench;
mod conforms;
mod faults;
mod footprint;
mod front;
mod groups;
mod narrow;
mod records;
mod schemas;
mod security;
mod support;
