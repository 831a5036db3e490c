//! The guard of every free SELECT: a text from a person or an agent becomes one statement that only reads, or a refusal
//! that says why and what to write instead.
//!
//! Three things make it hold. The text is parsed, and only what is on a list of allowed forms passes: whatever the parser
//! knows and the list does not is refused. What is sent to the engine is not the text but what the guard wrote itself
//! from the parsed form: every name quoted, every literal spelled in one way, every operand in its own brackets, no
//! comment, so that nothing the engine reads differently from the parser can reach it. And what the engine alone can
//! tell (how volatile a function is, what lies behind a view) is handed to the connector as [`Accepted`]'s lists.
//!
//! The guard is one wall of several: connectors run what it accepted as a single prepared statement in a transaction that
//! the engine itself keeps read-only.
//!
//! - `dialect`: quoting and spelling
//! - `parse`: the text into one statement, of bounded size and depth
//! - `walk/`: the allow-list: queries, what stands in FROM, expressions, types
//! - `functions/`: which functions are refused or allowed by name, a file an engine
//! - `refusal`: what is said when something does not pass

mod dialect;
mod functions;
mod parse;
mod refusal;
mod walk;

pub use dialect::Dialect;
pub use refusal::{Refusal, Why};

use std::collections::BTreeSet;

/// A name as the statement has it: in a schema or bare. Folded as the engine folds it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// Schema or database, where it is told.
    pub schema: Option<String>,
    /// The name.
    pub name: String,
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// A statement that passed, and what the engine has to be asked about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// What is sent.
    pub sql: String,
    /// Whether it is an EXPLAIN: its rows are a plan.
    pub is_explain: bool,
    /// Tables and views it reads.
    pub relations: BTreeSet<Name>,
    /// Functions it calls.
    pub functions: BTreeSet<Name>,
    /// Parts of composite values it names; PostgreSQL would call a function of that name if there is no such part.
    pub attributes: BTreeSet<String>,
    /// Operators it uses.
    pub operators: BTreeSet<String>,
    /// Types it names that are not the language's own.
    pub types: BTreeSet<Name>,
}

/// Checks a text and writes the statement that may be sent.
///
/// ```
/// use waylaid_sqlguard::{Dialect, check};
/// let accepted = check(Dialect::Postgres, "select state, count(*) from orders group by 1 -- how many").unwrap();
/// assert_eq!(accepted.sql, r#"SELECT "state", "count"(*) FROM "orders" GROUP BY 1"#);
/// let refused = check(Dialect::Postgres, "SELECT 1; DROP TABLE orders").unwrap_err();
/// assert!(refused.to_string().contains("one statement"));
/// ```
pub fn check(dialect: Dialect, text: &str) -> Result<Accepted, Refusal> {
    parse::with_statement(dialect, text, walk::statement)
}

/// Checks what a view is made of, where the engine tells it as the statement that made the view. What comes back is for the
/// engine to be asked about, not to be sent.
pub fn check_view(dialect: Dialect, text: &str) -> Result<Accepted, Refusal> {
    parse::with_statement(dialect, text, walk::view)
}

#[cfg(test)]
mod tests;
