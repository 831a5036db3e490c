//! Constraint violations in any text: which constraint, table, columns and values.

use waylaid_model::Kind;

/// Which constraint was violated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubKind {
    /// A unique constraint, unique index or primary key.
    Unique,
    /// A foreign key.
    ForeignKey,
    /// A column that must not be null, or has no default.
    NotNull,
    /// A check constraint or a document validation.
    Check,
    /// Not told.
    Unknown,
}

impl SubKind {
    /// The name used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unique => "unique",
            Self::ForeignKey => "foreign_key",
            Self::NotNull => "not_null",
            Self::Check => "check",
            Self::Unknown => "unknown",
        }
    }
}

/// One constraint violation as its message tells it. What the message does not tell is `None` or empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// [`Kind::DuplicateKey`] for unique constraints, else [`Kind::ConstraintViolation`].
    pub kind: Kind,
    /// Which constraint.
    pub sub: SubKind,
    /// SQLSTATE, error number or vendor code (`23505`, `1062`, `ORA-00001`, `E11000`).
    pub vendor_code: Option<String>,
    /// Constraint or index.
    pub constraint: Option<String>,
    /// Schema, owner or database.
    pub schema: Option<String>,
    /// Table or collection.
    pub table: Option<String>,
    /// Columns of the key, in order.
    pub columns: Vec<String>,
    /// Values of the key, in the columns' order.
    pub values: Vec<String>,
    /// The values as one text where the server joins them without escaping (MySQL's `1294-1538`).
    pub joined: Option<String>,
    /// Table that a foreign key refers to.
    pub referenced_table: Option<String>,
    /// The message was cut before its end: values may be missing or incomplete.
    pub truncated: bool,
}

/// Every violation in a text, innermost cause first, repeats in wrappers left out.
pub fn find_violations(_text: &str) -> Vec<Violation> {
    Vec::new()
}
