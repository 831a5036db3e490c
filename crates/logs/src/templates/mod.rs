//! Messages without their variable parts: a stateless mask and a streaming grouper.

mod grouper;
mod looks;
mod mask;
mod tally;
mod token;

pub(crate) use grouper::hash_bytes;
pub use grouper::{GroupId, Grouper};
pub use looks::Looks;
pub use mask::template_of;
pub use tally::{Counted, Masked, Tally};

/// What stands for a variable part.
pub const HOLE: &str = "<*>";

#[cfg(test)]
mod tests;
