//! The connector on a server that speaks MongoDB's protocol: the contract, types, aggregations, and that nothing changes.
//! The server is a stand-in, not MongoDB itself.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod aggregations;
mod conforms;
mod faults;
mod support;
