//! Text for a person, no wider than 100 columns: the verdict in its first three lines, then the rest.

mod answers;
mod causes;
mod diagnosis;
mod flow;
mod problems;
mod query;
mod show;
mod tail;

pub use answers::{check, flow as flow_answer, search, stuck, trail};
pub use diagnosis::diagnosis;
pub use problems::problems;
pub use query::query;
pub use show::{cause, evidence, problem, queries};
