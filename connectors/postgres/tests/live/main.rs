//! The connector on a real server: the contract, what it tells, what it refuses, and that nothing changes there.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bypass;
mod conforms;
mod faults;
mod lines;
mod proxy;
mod selects;
mod support;
mod tables;
