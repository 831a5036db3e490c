//! What only the catalogue can tell of a statement that passed the guard: whose functions it calls and how volatile they are,
//! what lies behind its views, whether a table is elsewhere, whether a type or an operator runs somebody's code.

use crate::catalog::get;
use crate::client::Asking;
use std::collections::BTreeSet;
use waylaid_sql::through_views;
use waylaid_sqlguard::{Accepted, Dialect, Name, check};
use waylaid_store::{ErrorKind, StoreError};

/// Called volatile because they answer differently each time, and harmless.
const HARMLESS: [&str; 12] = [
    "random",
    "clock_timestamp",
    "timeofday",
    "gen_random_uuid",
    "pg_relation_size",
    "pg_table_size",
    "pg_indexes_size",
    "pg_total_relation_size",
    "pg_database_size",
    "uuid_generate_v1",
    "uuid_generate_v4",
    "pg_blocking_pids",
];
/// Operators that stand behind words: LIKE, IN, BETWEEN, CASE, DISTINCT, ORDER BY.
const WORDS: [&str; 10] = ["=", "<>", "<", "<=", ">", ">=", "~~", "~~*", "!~~", "!~~*"];

const FUNCTIONS: &str = "\
SELECT p.proname::text, n.nspname::text, p.provolatile::text, n.nspname = ANY($2) AS seen,
       n.nspname = 'pg_catalog' OR EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
           WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e') AS known,
       p.pronargs > 0 AND EXISTS (SELECT 1 FROM pg_catalog.pg_type t
           WHERE t.oid = p.proargtypes[0] AND t.typtype IN ('c', 'p')) AS takes_rows
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.proname = ANY($1)";

const RELATIONS: &str = "\
SELECT c.oid, c.relname::text, n.nspname::text, c.relkind::text, n.nspname = ANY($2) AS seen,
       CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) END AS definition
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = ANY($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')";

const ELSEWHERE: &str = "\
WITH RECURSIVE pieces(number) AS (
    SELECT unnest($1::oid[]) UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN pieces ON i.inhparent = number)
SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pieces ON c.oid = number WHERE c.relkind = 'f' LIMIT 1";

const TYPES: &str = "\
SELECT t.typname::text, n.nspname::text FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typname = ANY($1) AND n.nspname <> 'pg_catalog' AND $2::text[] IS NOT NULL AND t.typtype NOT IN ('e', 'c')
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')";

const OPERATORS: &str = "\
SELECT o.oprname::text, n.nspname::text FROM pg_catalog.pg_operator o
     JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
WHERE o.oprname = ANY($1) AND n.nspname <> 'pg_catalog' AND n.nspname = ANY($2)
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_operator'::regclass AND d.objid = o.oid AND d.deptype = 'e')";

/// Refuses a statement that would run code of somebody's own, or read what is not in the database.
pub(crate) async fn judge(store: &str, asking: &Asking<'_>, accepted: &Accepted) -> Result<(), StoreError> {
    let audit = Audit { store, asking };
    let mut seen = BTreeSet::new();
    through_views(store, accepted, async |statement, within| {
        audit.functions(statement, within).await?;
        audit.types(statement, within).await?;
        audit.operators(statement, within).await?;
        audit.relations(statement, within, &mut seen).await
    })
    .await
}

struct Audit<'a> {
    store: &'a str,
    asking: &'a Asking<'a>,
}

impl Audit<'_> {
    fn refuse(&self, why: &str) -> StoreError {
        StoreError::new(ErrorKind::Invalid, format!("{}: {why}", self.store))
    }

    async fn rows(&self, sql: &str, names: &[&str]) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        self.asking.wait(self.asking.transaction.query(sql, &[&names, &self.asking.seen])).await
    }

    async fn functions(&self, statement: &Accepted, within: &str) -> Result<(), StoreError> {
        let names: BTreeSet<&str> = statement
            .functions
            .iter()
            .map(|f| f.name.as_str())
            .chain(statement.attributes.iter().map(String::as_str))
            .collect();
        let names: Vec<&str> = names.into_iter().collect();
        for row in self.rows(FUNCTIONS, &names).await? {
            let (name, schema): (&str, &str) = (get(&row, 0, self.asking)?, get(&row, 1, self.asking)?);
            let is_volatile = get::<&str>(&row, 2, self.asking)? == "v" && !HARMLESS.contains(&name);
            let is_seen: bool = get(&row, 3, self.asking)?;
            let is_known: bool = get(&row, 4, self.asking)?;
            let takes_rows: bool = get(&row, 5, self.asking)?;
            let is_called = statement.functions.iter().any(|f| f.name == name && reaches(f, schema, is_seen));
            let is_attribute = takes_rows && is_seen && !is_known && statement.attributes.contains(name);
            if !is_known && (is_called || is_attribute) {
                let why = format!(
                    "{within}{schema}.{name} is a function of the database's own, which may do anything; \
                     write what it computes"
                );
                return Err(self.refuse(&why));
            }
            if is_called && is_volatile {
                let why = format!(
                    "{within}the server calls {schema}.{name} volatile: it may change something; \
                     use functions that only compute"
                );
                return Err(self.refuse(&why));
            }
        }
        Ok(())
    }

    /// Types by their names; a call of a function that there is not is a cast to the type of that name.
    async fn types(&self, statement: &Accepted, within: &str) -> Result<(), StoreError> {
        let named = statement.types.iter().chain(&statement.functions);
        let names: Vec<&str> = named.map(|name| name.name.as_str()).collect();
        match self.rows(TYPES, &names).await?.first() {
            None => Ok(()),
            Some(row) => {
                let (name, schema): (&str, &str) = (get(row, 0, self.asking)?, get(row, 1, self.asking)?);
                let why = format!(
                    "{within}{schema}.{name} is a type of the database's own, whose checks may run code"
                );
                Err(self.refuse(&format!("{why}; cast to the type below it")))
            }
        }
    }

    async fn operators(&self, statement: &Accepted, within: &str) -> Result<(), StoreError> {
        let names: Vec<&str> = statement.operators.iter().map(String::as_str).chain(WORDS).collect();
        match self.rows(OPERATORS, &names).await?.first() {
            None => Ok(()),
            Some(row) => {
                let (name, schema): (&str, &str) = (get(row, 0, self.asking)?, get(row, 1, self.asking)?);
                Err(self.refuse(&format!(
                    "{within}schema {schema} has an operator {name} of its own, which may do anything; \
                     no free SELECT is run where its own operators are in the search path"
                )))
            }
        }
    }

    /// Refuses what is elsewhere; hands over what views are made of.
    async fn relations(
        &self,
        statement: &Accepted,
        within: &str,
        seen: &mut BTreeSet<u32>,
    ) -> Result<Vec<(Accepted, String)>, StoreError> {
        let names: Vec<&str> = statement.relations.iter().map(|name| name.name.as_str()).collect();
        let mut views = Vec::new();
        let mut tables: Vec<u32> = Vec::new();
        for row in self.rows(RELATIONS, &names).await? {
            let number: u32 = get(&row, 0, self.asking)?;
            let (name, schema): (&str, &str) = (get(&row, 1, self.asking)?, get(&row, 2, self.asking)?);
            let (kind, is_seen): (&str, bool) = (get(&row, 3, self.asking)?, get(&row, 4, self.asking)?);
            let is_meant = statement.relations.iter().any(|r| r.name == name && reaches(r, schema, is_seen));
            // The engine's own views call the engine's own functions; the guard knows those that tell too much.
            if !is_meant || ["pg_catalog", "information_schema"].contains(&schema) || !seen.insert(number) {
                continue;
            }
            if kind == "v" {
                let definition: Option<&str> = get(&row, 5, self.asking)?;
                let accepted =
                    check(Dialect::Postgres, definition.unwrap_or_default()).map_err(|refusal| {
                        self.refuse(&format!("{within}the view {schema}.{name} may not be read: {refusal}"))
                    })?;
                views.push((accepted, format!("inside the view {schema}.{name}: ")));
            } else {
                tables.push(number);
            }
        }
        if let Some(row) =
            self.asking.wait(self.asking.transaction.query(ELSEWHERE, &[&tables])).await?.first()
        {
            let name: &str = get(row, 0, self.asking)?;
            let why = format!(
                "{within}{name} is a foreign table: what it shows lies in another system or in a file"
            );
            return Err(self.refuse(&format!("{why}; ask that system itself")));
        }
        Ok(views)
    }
}

/// Whether a name means something in this schema.
fn reaches(name: &Name, schema: &str, is_seen: bool) -> bool {
    name.schema.as_deref().map_or(is_seen, |named| named == schema)
}
