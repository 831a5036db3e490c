//! Layers around any connector: each wraps a store in another that keeps the same contract and adds one thing.
//!
//! - [`Budget`]: no more than so many items of an answer
//! - [`Timeout`]: a store that hangs is abandoned
//! - [`Retry`]: what may succeed a moment later is tried again
//! - [`Audit`]: every call is written down
//! - [`Redact`]: secrets and personal data become stable pseudonyms
//!
//! They nest in any order; [`Redact`] belongs outermost, so that nothing below it can pass a text by.

mod audit;
mod budget;
mod pseudonyms;
mod redact;
mod retry;
mod timeout;
mod words;

pub use audit::{Audit, AuditEntry, AuditLog};
pub use budget::Budget;
pub use pseudonyms::Pseudonyms;
pub use redact::Redact;
pub use retry::Retry;
pub use timeout::Timeout;

#[cfg(test)]
mod tests;
