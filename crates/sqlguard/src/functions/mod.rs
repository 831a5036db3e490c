//! Which functions may be called. MySQL, SQLite and SQL Server have no list of what a function does, so theirs are allowed by name;
//! PostgreSQL's are refused by name here and by volatility at run time.

mod mysql;
mod postgres;
mod sqlite;
mod sqlserver;

use crate::{Dialect, Name, Refusal, Why};
use std::collections::BTreeSet;

/// Refuses functions that must not be called.
pub(crate) fn judge(dialect: Dialect, called: &BTreeSet<Name>) -> Result<(), Refusal> {
    for function in called {
        let name = function.name.to_ascii_lowercase();
        let refused = match dialect {
            Dialect::Postgres => postgres::refuses(&name),
            Dialect::Mysql if mysql::ALLOWED.binary_search(&name.as_str()).is_ok() => None,
            Dialect::Mysql => Some(mysql::why(&name)),
            Dialect::Sqlite if sqlite::ALLOWED.binary_search(&name.as_str()).is_ok() => None,
            Dialect::SqlServer if sqlserver::ALLOWED.binary_search(&name.as_str()).is_ok() => None,
            Dialect::SqlServer => Some(sqlserver::why(&name)),
            Dialect::Sqlite => Some("it is not on the list of functions that only compute"),
        };
        if let Some(why) = refused {
            let hint = "call functions that compute something from what they are given";
            return Err(Refusal::new(
                Why::Function,
                format!("the function {function} is not allowed: {why}"),
                hint,
            ));
        }
    }
    Ok(())
}

/// Refuses what is called in FROM of SQL Server and is none of the engine's own functions that only compute. A table with
/// hints behind it, in the old way to write them, looks like one.
pub(crate) fn returns_rows(name: &Name) -> Result<(), Refusal> {
    let is_known = sqlserver::ROWS.iter().any(|known| name.name.eq_ignore_ascii_case(known));
    if name.schema.is_none() && is_known {
        return Ok(());
    }
    let why = sqlserver::why(&name.name.to_ascii_lowercase());
    let hint =
        "read tables and views, without hints; of functions only STRING_SPLIT, OPENJSON and GENERATE_SERIES";
    Err(Refusal::new(Why::Function, format!("{name}(…) in FROM is not allowed: {why}"), hint))
}

/// Whether a function of SQL Server is given a part of time first.
pub(crate) fn takes_part(name: &str) -> bool {
    sqlserver::DATED.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The part of time of that name, as it is sent.
pub(crate) fn part(name: &str) -> Option<&'static str> {
    sqlserver::PARTS.into_iter().find(|known| name.eq_ignore_ascii_case(known))
}

/// Refuses relations that show what lies outside the database's own tables.
pub(crate) fn relation(dialect: Dialect, name: &Name) -> Result<(), Refusal> {
    let (schema, relation) =
        (name.schema.as_deref().map(str::to_ascii_lowercase), name.name.to_ascii_lowercase());
    let refused = match dialect {
        Dialect::Postgres => {
            matches!(schema.as_deref(), None | Some("pg_catalog"))
                && postgres::RELATIONS.contains(&relation.as_str())
        }
        Dialect::Mysql => matches!(schema.as_deref(), Some("mysql" | "sys" | "performance_schema")),
        Dialect::Sqlite => relation.starts_with("pragma_"),
        Dialect::SqlServer => {
            let is_told = sqlserver::CATALOGUE.contains(&relation.as_str());
            relation.starts_with('#') || (schema.as_deref() == Some("sys") && !is_told)
        }
    };
    if refused {
        let hint = "read the tables of the application";
        let what = format!("{name} is not allowed: it shows secrets, or files of the server");
        return Err(Refusal::new(Why::Relation, what, hint));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        assert!(mysql::ALLOWED.is_sorted());
        assert!(sqlite::ALLOWED.is_sorted());
        assert!(sqlserver::ALLOWED.is_sorted());
    }

    #[test]
    fn names_are_judged_whatever_their_case() {
        let one = |name: &str| BTreeSet::from([Name { schema: None, name: name.to_owned() }]);
        for (dialect, good, bad) in [
            (Dialect::Postgres, "now", "PG_Sleep"),
            (Dialect::Mysql, "Concat", "SLEEP"),
            (Dialect::Sqlite, "LOWER", "load_extension"),
            (Dialect::SqlServer, "GetDate", "OPENROWSET"),
        ] {
            assert_eq!(judge(dialect, &one(good)), Ok(()));
            assert_eq!(judge(dialect, &one(bad)).map_err(|refusal| refusal.why), Err(Why::Function));
        }
    }
}
