//! Who we are there, and what this role could do beyond reading: what an administrator should take away.

use crate::catalog::get;
use crate::client::Asking;
use waylaid_sql::now;
use waylaid_store::{Standing, StoreError};

const WHO: &str = "\
SELECT current_setting('server_version'), current_user::text, pg_is_in_recovery(),
       (extract(epoch FROM clock_timestamp()) * 1000)::int8,
       rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls
FROM pg_catalog.pg_roles WHERE rolname = current_user";

/// Powers that come with a role that we are a member of.
const MEMBER: &str = "\
SELECT rolname::text FROM pg_catalog.pg_roles
WHERE rolname = ANY(ARRAY['pg_write_all_data', 'pg_write_server_files', 'pg_read_server_files',
    'pg_execute_server_program', 'pg_signal_backend', 'pg_checkpoint', 'pg_maintain', 'pg_create_subscription'])
  AND pg_has_role(current_user, oid, 'MEMBER') ORDER BY rolname";

/// What can be written, owned, created or run, as counts with an example each.
const COUNTS: &str = "\
SELECT what, count(*), min(name) FROM (
    SELECT 1 AS what, c.oid::regclass::text AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
      AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
    UNION ALL
    SELECT 2, c.oid::regclass::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
      AND pg_has_role(current_user, c.relowner, 'USAGE')
    UNION ALL
    SELECT 3, c.oid::regclass::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT LIKE 'pg\\_%' AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'USAGE, UPDATE') ELSE false END
    UNION ALL
    SELECT 4, n.nspname::text FROM pg_catalog.pg_namespace n
    WHERE n.nspname NOT LIKE 'pg\\_%' AND has_schema_privilege(n.oid, 'CREATE')
    UNION ALL
    SELECT 5, current_database()::text WHERE has_database_privilege(current_database(), 'CREATE')
    UNION ALL
    SELECT 6, p.oid::regprocedure::text FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND p.provolatile = 'v' AND has_function_privilege(p.oid, 'EXECUTE')
    UNION ALL
    SELECT 7, p.oid::regprocedure::text FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND p.prosecdef AND has_function_privilege(p.oid, 'EXECUTE')
) AS found GROUP BY what ORDER BY what";

pub(crate) async fn ask(asking: &Asking<'_>) -> Result<Standing, StoreError> {
    let before = now();
    let row = asking.wait(asking.transaction.query_one(WHO, &[])).await?;
    let ours = i64::midpoint(before, now());
    let mut beyond = Vec::new();
    let powers = [
        (4, "it is a superuser: nothing is refused to it"),
        (5, "it may make and change roles"),
        (6, "it may make databases"),
        (7, "it may replicate"),
        (8, "it is not held back by policies of rows"),
    ];
    for (at, what) in powers {
        if get(&row, at, asking)? {
            beyond.push(what.to_owned());
        }
    }
    for member in asking.wait(asking.transaction.query(MEMBER, &[])).await? {
        beyond.push(format!("it is a member of {}", get::<&str>(&member, 0, asking)?));
    }
    for counted in asking.wait(asking.transaction.query(COUNTS, &[])).await? {
        let (what, count): (i32, i64) = (get(&counted, 0, asking)?, get(&counted, 1, asking)?);
        beyond.push(sentence(what, count, get(&counted, 2, asking)?));
    }
    Ok(Standing {
        product: format!("PostgreSQL {}", get::<&str>(&row, 0, asking)?),
        login: get(&row, 1, asking)?,
        is_replica: get(&row, 2, asking)?,
        beyond,
        ahead_ms: get::<i64>(&row, 3, asking)? - ours,
        ..Standing::default()
    })
}

fn sentence(what: i32, count: i64, example: &str) -> String {
    let such = if count == 1 { example.to_owned() } else { format!("{count}, such as {example}") };
    match what {
        1 => format!("it may write tables: {such}"),
        2 => format!("it owns: {such}"),
        3 => format!("it may move sequences: {such}"),
        4 => format!("it may create in schemas: {such}"),
        5 => format!("it may create schemas in the database {example}"),
        6 => format!("it may run volatile functions: {such}"),
        _ => format!("it may run functions with their owner's rights: {such}"),
    }
}
