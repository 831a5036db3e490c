//! Answers for an agent: one text of bounded length, sums first, ids to dig deeper, coverage at the end.
//!
//! What comes from a store is quoted between `«` and `»`, or stands on a line that begins with `| `; nothing in it can
//! leave either (`fence`). The words around it are constants: [`Line::say`] takes nothing else. What does not fit is
//! counted, never dropped in silence.

mod answers;
mod diagnosis;
mod fence;
mod keys;
mod line;
mod query;
mod show;
mod tail;
mod text;
mod tokens;

pub use answers::{check, flow, problems, search, stuck, system, trail};
pub use diagnosis::diagnosis;
pub use fence::quoted;
pub use keys::keys;
pub use line::Line;
pub use query::query;
pub use show::{Part, cause, evidence, part, problem, queries};
pub use tail::coverage;
pub use text::{BYTES, TOKENS, Text};
pub use tokens::estimate;

/// A text and where it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The text, without what a caller says about going on.
    pub text: String,
    /// The cursor of the next part, where there is one.
    pub next: Option<usize>,
}
