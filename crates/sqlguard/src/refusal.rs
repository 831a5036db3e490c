//! What is said when something does not pass: what, why, and what to write instead.

use std::fmt;

/// Which rule was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// It is no SQL of this dialect.
    Syntax,
    /// It is not exactly one statement.
    Several,
    /// It is no SELECT.
    NoSelect,
    /// A part of a SELECT that does more than read, or that is not on the list.
    Form,
    /// A function that has effects, reads outside the database, waits or runs other SQL.
    Function,
    /// A table or view that must not be read.
    Relation,
    /// A type or an operator that runs code of the database's own.
    Custom,
    /// It is too long or too deep.
    Size,
}

/// A statement that does not pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// Which rule was broken.
    pub why: Why,
    /// What it was.
    pub what: String,
    /// What to write instead.
    pub hint: String,
}

impl Refusal {
    /// A refusal with what to do instead.
    pub fn new(why: Why, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { why, what: what.into(), hint: hint.into() }
    }

    /// A part of the language that is not on the list.
    pub(crate) fn form(what: impl Into<String>) -> Self {
        let hint = "write a plain SELECT: columns, FROM, JOIN, WHERE, GROUP BY, HAVING, ORDER BY, LIMIT, WITH, UNION";
        Self::new(Why::Form, format!("{} is not allowed", what.into()), hint)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what, self.hint)
    }
}
