//! The four engines: how they are parsed, and how names and literals are spelled so that they can mean one thing only.

use crate::{Refusal, Why};
use sqlparser::dialect::{Dialect as Parsed, MsSqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use std::fmt::Write as _;

/// An engine's SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
    /// SQLite.
    Sqlite,
    /// SQL Server.
    SqlServer,
}

/// Longest name that any of the engines bears.
const NAME_LIMIT: usize = 256;

impl Dialect {
    /// The engine's name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MySQL",
            Self::Sqlite => "SQLite",
            Self::SqlServer => "SQL Server",
        }
    }

    pub(crate) fn parser(self) -> &'static dyn Parsed {
        match self {
            Self::Postgres => &PostgreSqlDialect {},
            Self::Mysql => &MySqlDialect {},
            Self::Sqlite => &SQLiteDialect {},
            Self::SqlServer => &MsSqlDialect {},
        }
    }

    /// An identifier in the quotes that mean nothing but an identifier. SQLite takes what stands in double quotes for a
    /// text where there is no such column; backticks it does not.
    pub fn identifier(self, name: &str) -> Result<String, Refusal> {
        if name.is_empty() || name.contains('\0') || name.len() > NAME_LIMIT {
            let what = format!("a name of {} bytes", name.len());
            return Err(Refusal::new(Why::Size, what, "names have 1 to 256 bytes, and no NUL is among them"));
        }
        Ok(match self {
            Self::Postgres => format!("\"{}\"", name.replace('"', "\"\"")),
            Self::Mysql | Self::Sqlite => format!("`{}`", name.replace('`', "``")),
            Self::SqlServer => format!("[{}]", name.replace(']', "]]")),
        })
    }

    /// A text that means the same whatever the session thinks of backslashes.
    pub fn text(self, text: &str) -> Result<String, Refusal> {
        if text.contains('\0') {
            return Err(Refusal::new(Why::Form, "a NUL inside a text", "leave it out"));
        }
        let quoted = format!("'{}'", text.replace('\'', "''"));
        if self == Self::SqlServer {
            return transact(text, &quoted);
        }
        if !text.contains('\\') {
            return Ok(quoted);
        }
        Ok(match self {
            Self::Postgres => format!("E{}", quoted.replace('\\', "\\\\")),
            Self::Mysql => {
                let mut bytes = String::with_capacity(text.len() * 2);
                for byte in text.bytes() {
                    let _ = write!(bytes, "{byte:02x}");
                }
                format!("_utf8mb4 X'{bytes}'")
            }
            Self::Sqlite | Self::SqlServer => quoted,
        })
    }

    /// A name without quotes as the engine folds it.
    pub(crate) fn folded(self, name: &str, is_quoted: bool) -> String {
        match self {
            Self::Postgres if !is_quoted => name.to_ascii_lowercase(),
            _ => name.to_owned(),
        }
    }
}

/// SQL Server takes a backslash for nothing but itself, unless a line ends behind it: then both are left out. Texts that
/// have more than ASCII are told to be Unicode, so that no code page changes them.
fn transact(text: &str, quoted: &str) -> Result<String, Refusal> {
    if text.contains("\\\n") || text.contains("\\\r") {
        let hint = "write the text in one line, or as two with a + between them";
        return Err(Refusal::new(Why::Form, "a backslash at the end of a line of a text", hint));
    }
    Ok(if text.is_ascii() { quoted.to_owned() } else { format!("N{quoted}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_cannot_be_left() {
        assert_eq!(Dialect::Postgres.identifier("a\"b").unwrap(), "\"a\"\"b\"");
        assert_eq!(Dialect::Mysql.identifier("a`b").unwrap(), "`a``b`");
        assert!(Dialect::Sqlite.identifier("a\0").is_err());
        assert_eq!(Dialect::Postgres.text("a'\\").unwrap(), "E'a''\\\\'");
        assert_eq!(Dialect::Mysql.text("\\'").unwrap(), "_utf8mb4 X'5c27'");
        assert_eq!(Dialect::Sqlite.text("\\'").unwrap(), "'\\'''");
        assert_eq!(Dialect::SqlServer.identifier("a]; DROP").unwrap(), "[a]]; DROP]");
        assert_eq!(Dialect::SqlServer.text("\\'").unwrap(), "'\\'''");
        assert_eq!(Dialect::SqlServer.text("é").unwrap(), "N'é'");
        assert!(Dialect::SqlServer.text("a\\\nb").is_err());
    }
}
