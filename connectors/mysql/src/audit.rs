//! What only the catalogue can tell of a statement that passed the guard: whether its tables are of this database and lie in
//! it, and what its views are made of. Functions need no word of it: the guard lets only the engine's own pass.

use crate::catalog::ELSEWHERE;
use crate::client::Asking;
use std::collections::BTreeSet;
use waylaid_sql::through_views;
use waylaid_sqlguard::{Accepted, Dialect, Name, check};
use waylaid_store::{ErrorKind, StoreError};

/// What the server tells of itself that is no matter of this database.
const TELLS: [&str; 7] = [
    "processlist",
    "files",
    "user_variables",
    "client_statistics",
    "user_privileges",
    "innodb_trx",
    "plugins",
];

const TABLES: &str = "\
SELECT t.TABLE_NAME, COALESCE(t.ENGINE, ''), t.TABLE_TYPE = 'VIEW', v.VIEW_DEFINITION FROM information_schema.TABLES t
LEFT JOIN information_schema.VIEWS v ON v.TABLE_SCHEMA = t.TABLE_SCHEMA AND v.TABLE_NAME = t.TABLE_NAME
WHERE t.TABLE_SCHEMA = ? AND t.TABLE_NAME = ?";

/// Refuses a statement that would read what is not in the database, or run what its views hide.
pub(crate) async fn judge(
    store: &str,
    asking: &mut Asking<'_>,
    accepted: &Accepted,
) -> Result<(), StoreError> {
    let refuse = |why: String| StoreError::new(ErrorKind::Invalid, format!("{store}: {why}"));
    let mut seen = BTreeSet::new();
    through_views(store, accepted, async |statement, within| {
        let mut views = Vec::new();
        for name in &statement.relations {
            if !is_here(name, asking.database).map_err(|why| refuse(format!("{within}{why}")))?
                || !seen.insert(name.name.clone())
            {
                continue;
            }
            let of = (asking.database.to_owned(), name.name.clone());
            for (table, engine, is_view, definition) in
                asking.all::<(String, String, bool, Option<String>)>(TABLES, of).await?
            {
                if ELSEWHERE.contains(&engine.to_uppercase().as_str()) {
                    let why =
                        format!("{within}the rows of {table} lie in another system; ask that one itself");
                    return Err(refuse(why));
                }
                if is_view {
                    let view = view(&table, definition.as_deref());
                    let view = view.map_err(|why| refuse(format!("{within}{why}")))?;
                    views.push((view, format!("inside the view {table}: ")));
                }
            }
        }
        Ok(views)
    })
    .await
}

/// What a view is made of.
fn view(name: &str, definition: Option<&str>) -> Result<Accepted, String> {
    let definition = definition.filter(|text| !text.is_empty()).ok_or_else(|| {
        format!("what the view {name} is made of may not be seen; let an administrator grant SHOW VIEW on it")
    })?;
    check(Dialect::Mysql, definition).map_err(|refusal| format!("the view {name} may not be read: {refusal}"))
}

/// Whether a table is one of this database; `false` where it is a table in which the server describes itself.
fn is_here(name: &Name, database: &str) -> Result<bool, String> {
    match name.schema.as_deref() {
        None => Ok(!name.name.eq_ignore_ascii_case("dual")),
        Some(schema) if schema == database => Ok(true),
        Some(schema) if schema.eq_ignore_ascii_case("information_schema") => {
            if TELLS.contains(&name.name.to_ascii_lowercase().as_str()) {
                return Err(format!(
                    "{name} tells of other users and of the server; read the tables of {database}"
                ));
            }
            Ok(false)
        }
        Some(_) => Err(format!("{name} is in another database; only {database} is read")),
    }
}
