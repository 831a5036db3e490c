//! What only the catalogue can tell of a statement that passed the guard: whether its tables are of this database and lie in
//! it, and what its views are made of. Functions need no word of it: the guard lets only the engine's own pass.

use crate::client::{Asking, whole};
use std::collections::BTreeSet;
use waylaid_sql::through_views;
use waylaid_sqlguard::{Accepted, Dialect, Name, check_view};
use waylaid_store::{ErrorKind, StoreError};

/// What a name means in a schema, or where it is looked for next.
const OBJECT: &str = "\
SELECT s.name, o.name, RTRIM(o.type), CAST(COALESCE(t.is_external, 0) AS int), m.definition
FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id LEFT JOIN sys.tables AS t ON t.object_id = o.object_id
     LEFT JOIN sys.sql_modules AS m ON m.object_id = o.object_id
WHERE o.name = @P1 AND s.name IN (@P2, @P3) ORDER BY CASE WHEN s.name = @P2 THEN 0 ELSE 1 END";
/// Where a name without a schema is looked for at last.
const COMMON: &str = "dbo";

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
            if is_catalogue(name) {
                continue;
            }
            let own = asking.schema.clone();
            let schema = name.schema.as_deref().unwrap_or(&own);
            let next = if name.schema.is_none() { COMMON } else { schema };
            let found = asking.all(OBJECT, &[&name.name, &schema, &next]).await?;
            let Some(row) = found.first() else {
                return Err(refuse(format!("{within}there is no table or view {name} in this database")));
            };
            let (schema, object) = (asking.text(row, 0)?, asking.text(row, 1)?);
            if !seen.insert((schema.clone(), object.clone())) {
                continue;
            }
            let (kind, is_external) = (asking.text(row, 2)?, whole(row, 3) == Some(1));
            match kind.as_str() {
                "U" if !is_external => {}
                "V" => {
                    let view = view(&format!("{schema}.{object}"), asking.maybe(row, 4)?);
                    let view = view.map_err(|why| refuse(format!("{within}{why}")))?;
                    views.push((inside(view, &schema), format!("inside the view {schema}.{object}: ")));
                }
                _ => {
                    let why = "it is a synonym, a table of another system, or no table at all; ask where its rows lie";
                    return Err(refuse(format!("{within}{schema}.{object} is not read: {why}")));
                }
            }
        }
        Ok(views)
    })
    .await
}

/// What a view is made of.
fn view(name: &str, definition: Option<&str>) -> Result<Accepted, String> {
    let definition = definition.ok_or_else(|| {
        let what = "what the view is made of may not be seen";
        format!("{name}: {what}; let an administrator grant VIEW DEFINITION on it")
    })?;
    check_view(Dialect::SqlServer, definition)
        .map_err(|refusal| format!("the view {name} may not be read: {refusal}"))
}

/// Names without a schema are looked for in the view's own.
fn inside(mut view: Accepted, schema: &str) -> Accepted {
    let of = |name: Name| Name { schema: name.schema.or_else(|| Some(schema.to_owned())), ..name };
    view.relations = std::mem::take(&mut view.relations).into_iter().map(of).collect();
    view
}

/// Whether it is a view in which the server describes the tables; the guard knows which of them it lets pass.
fn is_catalogue(name: &Name) -> bool {
    let schema = name.schema.as_deref().unwrap_or_default();
    schema.eq_ignore_ascii_case("information_schema") || schema.eq_ignore_ascii_case("sys")
}
