//! The smaller answers: `check`, `stuck`, `follow`, `flow`, `problems`, `query`.

mod by_key;
mod check;
mod follow;
mod holders;
mod holdings;
mod key_rows;
mod overview;
mod owner;
mod problems;
mod query;
mod steps;

pub use check::check;
pub use follow::follow;
pub use key_rows::key_rows;
pub use overview::{flow, stuck};
pub use problems::{ProblemsAsk, problems};
pub use query::{query, tables};
