//! Layers around any connector: each wraps a store in another that keeps the same contract and adds one thing.
//!
//! - [`Budget`]: no more than so many items of each target
//! - [`Timeout`]: a store that hangs is abandoned
//! - [`Retry`]: what may succeed a moment later is tried again
//! - [`Audit`]: every call is written down
//! - [`Remember`]: which values are keys, so that redaction leaves them alone
//! - [`Record`] and [`Replay`]: a store on a cassette
//!
//! A layer is written once for all kinds of stores ([`Kind`]) and states only what it changes ([`Layer`]). Layers nest
//! in any order; around one another as the binary has them, from the outside: audit, keys, budget, timeout, retry.

mod audit;
mod budget;
mod cassette;
mod keyring;
mod kind;
mod retry;
mod timeout;
mod words;

pub use audit::{Audit, AuditLog};
pub use budget::Budget;
pub use cassette::{Record, Replay};
pub use keyring::{Doubt, Keyring, Remember};
pub use kind::{Kind, Layer, Logs, Next, Pass, Serve, Tables, Topics};
pub use retry::{Retry, Tries};
pub use timeout::{Timeout, within};

#[cfg(test)]
mod tests;
