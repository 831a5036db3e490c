//! Secrets and personal data in what leaves: replaced by pseudonyms that stay the same for the same value.
//!
//! Stores and the engine work on what is really there, so that joins, sweeps and bindings hold. Whole answers are
//! redacted on their way out ([`Pseudonyms::answer`]), at the one door through which they come, so that a field that is
//! added tomorrow is redacted too.

mod checks;
mod patterns;
mod pseudonyms;

pub use patterns::{Personal, holds_pseudonym, looks_personal};
pub use pseudonyms::{Keep, Pseudonyms};
