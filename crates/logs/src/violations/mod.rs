//! Constraint violations in any text: which constraint, table, columns and values; a file a database family.
//!
//! Vendor codes and structure come first, words second: servers speak other languages.

mod db2;
mod h2;
mod merge;
mod mongodb;
mod mysql;
mod oracle;
mod parameters;
mod postgres;
mod sql;
mod sqlite;
mod sqlserver;
mod values;
mod wrappers;

use aho_corasick::AhoCorasick;
use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;
use waylaid_model::{Kind, LogEvent};

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
    /// An exclusion constraint: a key that conflicts with another without being equal.
    Exclusion,
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
            Self::Exclusion => "exclusion",
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
    /// Database, where the message names it beside a schema.
    pub database: Option<String>,
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

impl Violation {
    /// A violation of which nothing but its sort and code is known.
    fn new(sub: SubKind, code: Option<&str>) -> Self {
        let kind = if sub == SubKind::Unique { Kind::DuplicateKey } else { Kind::ConstraintViolation };
        Self {
            kind,
            sub,
            vendor_code: code.map(str::to_owned),
            constraint: None,
            database: None,
            schema: None,
            table: None,
            columns: Vec::new(),
            values: Vec::new(),
            joined: None,
            referenced_table: None,
            truncated: false,
        }
    }

    /// Sets schema and table from a name such as `dbo.orders`, `"SHOP"."ORDERS"`, `db.dbo.orders`.
    fn set_table(&mut self, name: &str) {
        let parts: Vec<&str> = name.split('.').map(values::unquote).filter(|p| !p.is_empty()).collect();
        if let Some((table, before)) = parts.split_last() {
            self.table = Some((*table).to_owned());
            self.schema = before.last().map(|s| (*s).to_owned()).or_else(|| self.schema.take());
            if let [.., database, _] = before {
                self.database = Some((*database).to_owned());
            }
        }
    }
}

/// A violation and where in the text it was found.
struct Hit {
    at: usize,
    /// Told by a wrapper that knows less than the server's own message.
    is_wrapper: bool,
    violation: Violation,
}

impl Hit {
    fn new(at: usize, violation: Violation) -> Self {
        Self { at, is_wrapper: false, violation }
    }
}

/// Texts longer than this are cut: no error message is.
const LIMIT: usize = 256 * 1024;
/// At most so many violations are read from one text.
const MOST: usize = 1000;

/// What some violation's text must contain; everything else is left unread.
static TRIGGERS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = [
        "constraint",
        "duplicate",
        "violat",
        "E11000",
        "ORA-0",
        "cannot be null",
        "default value",
        "foreign key",
        "cannot insert",
        "23505",
        "23503",
        "23502",
        "23514",
        "23000",
        "SQLCODE",
        "SQL0",
        "P20",
        "not unique",
        "Raw query failed",
        "must be unique",
        "no partition of",
        "1022",
        "1216",
        "1217",
        "1586",
        "1761",
        "4025",
        "hat keinen",
        "por defecto",
        "デフォルト",
        "不能为",
        "ingang '",
        "Dublett '",
        "Дублирующаяся",
        "dupliqu",
        "enregistrement",
        "fila hija",
        "fila padre",
        "linha filha",
        "linha pai",
        "キー",
        "键",
        "1062",
        "1048",
        "1364",
        "1451",
        "1452",
        "3819",
        ")=(",
        "null not allowed",
        "integrity",
        "failed validation",
        "NULL",
        "nula",
        "nulo",
        "vazia",
        "ser vide",
        "tre vide",
        "darf nicht",
        "duplic",
        "KEY-",
        "contrainte",
        "restric",
        "restri\u{e7}",
        "違反",
        "违反",
        "огранич",
        "vincolo",
        "doppelt",
        "duplicad",
        "duplicata",
        "重複",
        "重复",
    ];
    AhoCorasick::builder().ascii_case_insensitive(true).build(words).ok()
});

/// Every violation in a text, innermost cause first, repeats in wrappers left out.
pub fn find_violations(text: &str) -> Vec<Violation> {
    let text = crate::scan::head(text, LIMIT);
    if TRIGGERS.as_ref().is_some_and(|t| !t.is_match(text)) {
        return Vec::new();
    }
    let raw = text;
    let text = &*unescape(raw);
    let mut hits = Vec::new();
    postgres::find(text, &mut hits);
    mysql::find(text, &mut hits);
    sqlserver::find(text, &mut hits);
    oracle::find(text, &mut hits);
    sqlite::find(text, &mut hits);
    mongodb::find(raw, text, &mut hits);
    h2::find(text, &mut hits);
    db2::find(text, &mut hits);
    wrappers::find(text, &mut hits);
    merge::merge(text, hits)
}

/// All that an event says, for [`find_violations`]: message, exception, and the texts of its fields, each under its last
/// name (`detail: 'Key (id)=(7) already exists.'`), as drivers print their errors.
pub fn text_of(event: &LogEvent) -> String {
    let mut text = event.message.clone();
    if let Some(exception) = &event.exception {
        text.push('\n');
        text += exception;
    }
    for (path, value) in &event.fields {
        let Some(said) = value.as_str().filter(|s| s.len() >= 3) else { continue };
        let name = path.rsplit('.').next().unwrap_or(path);
        text += "\n  ";
        text += name;
        text += ": '";
        text += said;
        text.push('\'');
    }
    text
}

/// A name in doubled quotes, as CSV writes it.
static DOUBLED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"""([\w.$ -]{1,200})"""#).ok());

/// Ends of lines of a text that is in one line; a path's `\new` is none.
static LINE_ENDS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:\\r)?\\n([\s\\A-Z\[(]|at |insert |$)").ok());

/// A text in which quotes and line ends are escaped (a dump of a string, once or several times over) as it was before.
fn unescape(text: &str) -> Cow<'_, str> {
    const QUOTES: [&str; 6] = ["\\\"", "\\'", "\\u0022", "\\u0027", "&quot;", "&#39;"];
    let mut text = Cow::Borrowed(text);
    for _ in 0..4 {
        if !QUOTES.iter().any(|e| text.contains(e)) {
            break;
        }
        text = Cow::Owned(once(&text));
    }
    let is_one_line = text.contains("\\n") && !text.trim_end().contains('\n');
    if is_one_line && let Some(ends) = LINE_ENDS.as_ref() {
        text = Cow::Owned(ends.replace_all(&text, "\n$1").into_owned());
    }
    match DOUBLED.as_ref().filter(|_| text.contains("\"\"")).map(|d| d.replace_all(&text, "\"$1\"")) {
        Some(Cow::Owned(plain)) => Cow::Owned(plain),
        _ => text,
    }
}

/// One level of escapes taken off.
fn once(text: &str) -> String {
    const KNOWN: [(&str, &str); 11] = [
        ("\\\\", "\\"),
        ("\\\"", "\""),
        ("\\'", "'"),
        ("\\n", "\n"),
        ("\\r", ""),
        ("\\t", "\t"),
        ("\\u0022", "\""),
        ("\\u0027", "'"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&apos;", "'"),
    ];
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '&']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((escape, meant)) = KNOWN.iter().find(|(escape, _)| rest.starts_with(escape)) {
            plain.push_str(meant);
            rest = &rest[escape.len()..];
        } else {
            plain.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests;
