//! The connector in front of a stand-in for SQL Server, which speaks its protocol over tables in memory: the contract, what
//! is told, what is refused, what is sent. No test here saw a live server.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod asking;
mod conforms;
mod database;
mod faults;
mod tds;
