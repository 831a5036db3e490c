//! The smaller answers: `check`, `stuck`, `follow`, `flow`, `problems`.

mod by_key;
mod check;
mod follow;
mod holders;
mod holdings;
mod overview;
mod owner;
mod problems;
mod steps;

pub use check::check;
pub use follow::follow;
pub use overview::{flow, stuck};
pub use problems::{ProblemsAsk, problems};
