//! Who we are there, and what this user could do beyond reading: what an administrator should take away.

use crate::client::{Asking, whole};
use waylaid_sql::now;
use waylaid_store::{Standing, StoreError};

const WHO: &str = "\
SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)), SUSER_SNAME(),
       CASE WHEN DATABASEPROPERTYEX(DB_NAME(), 'Updateability') = 'READ_ONLY' THEN 1 ELSE 0 END,
       DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME())";

/// Roles that may more than read, of the server and of the database, and that we are a member of.
const ROLES: &str = "\
SELECT r.name FROM (VALUES (N'sysadmin'), (N'serveradmin'), (N'securityadmin'), (N'processadmin'), (N'setupadmin'),
    (N'bulkadmin'), (N'diskadmin'), (N'dbcreator')) AS r(name) WHERE IS_SRVROLEMEMBER(r.name) = 1
UNION ALL
SELECT r.name FROM (VALUES (N'db_owner'), (N'db_datawriter'), (N'db_ddladmin'), (N'db_securityadmin'),
    (N'db_accessadmin'), (N'db_backupoperator')) AS r(name) WHERE IS_ROLEMEMBER(r.name) = 1";

/// Rights on the server and on the database that are more than reading.
const RIGHTS: &str = "\
SELECT entity_name, permission_name FROM sys.fn_my_permissions(NULL, 'SERVER')
WHERE permission_name NOT LIKE 'VIEW%' AND permission_name NOT IN ('CONNECT SQL', 'CONNECT ANY DATABASE', 'SELECT ALL USER SECURABLES')
UNION ALL
SELECT entity_name, permission_name FROM sys.fn_my_permissions(NULL, 'DATABASE')
WHERE permission_name NOT LIKE 'VIEW%' AND permission_name NOT IN ('CONNECT', 'SELECT', 'SHOWPLAN')
ORDER BY 1 DESC, 2";

/// What can be written or run one by one, as counts with an example each.
const COUNTS: &str = "\
SELECT CAST(found.what AS int), CAST(COUNT(*) AS int), MIN(found.name) FROM (
    SELECT 1 AS what, s.name + N'.' + t.name AS name FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id
    WHERE 1 IN (HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), N'OBJECT', N'INSERT'),
                HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), N'OBJECT', N'UPDATE'),
                HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), N'OBJECT', N'DELETE'))
    UNION ALL
    SELECT 2, s.name + N'.' + o.name FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
    WHERE o.type IN ('P', 'PC', 'X', 'FN', 'FS') AND o.is_ms_shipped = 0
      AND HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(o.name), N'OBJECT', N'EXECUTE') = 1
    UNION ALL
    SELECT 3, s.name + N'.' + q.name FROM sys.sequences AS q JOIN sys.schemas AS s ON s.schema_id = q.schema_id
    WHERE HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(q.name), N'OBJECT', N'UPDATE') = 1
) AS found GROUP BY found.what ORDER BY found.what";

/// Rights named one by one.
const NAMED: usize = 6;

pub(crate) async fn ask(asking: &mut Asking<'_>) -> Result<Standing, StoreError> {
    let before = now();
    let who = asking.all(WHO, &[]).await?;
    let ours = i64::midpoint(before, now());
    let mut told = Standing { product: "SQL Server".to_owned(), ..Standing::default() };
    if let Some(row) = who.first() {
        told.product = format!("SQL Server {}", asking.text(row, 0)?);
        told.login = asking.text(row, 1)?;
        told.is_replica = whole(row, 2) == Some(1);
        told.ahead_ms = whole(row, 3).map_or(0, |theirs| theirs - ours);
    }
    for row in asking.all(ROLES, &[]).await? {
        told.beyond.push(role(&asking.text(&row, 0)?));
    }
    let mut rights: Vec<(String, Vec<String>)> = Vec::new();
    for row in asking.all(RIGHTS, &[]).await? {
        let (on, right) = (asking.text(&row, 0)?, asking.text(&row, 1)?);
        match rights.last_mut().filter(|(known, _)| *known == on) {
            Some((_, all)) => all.push(right),
            None => rights.push((on, vec![right])),
        }
    }
    told.beyond.extend(rights.iter().map(|(on, rights)| sentence(on, rights)));
    for row in asking.all(COUNTS, &[]).await? {
        let number = |at: usize| whole(&row, at).unwrap_or_default();
        told.beyond.push(counted(number(0), number(1), &asking.text(&row, 2)?));
    }
    Ok(told)
}

fn role(name: &str) -> String {
    match name {
        "sysadmin" => "it is a sysadmin: nothing is refused to it".to_owned(),
        "db_owner" => "it is the database's db_owner: nothing in it is refused to it".to_owned(),
        "db_datawriter" => "it may write all tables: it is a db_datawriter".to_owned(),
        other => format!("it is a member of {other}"),
    }
}

fn sentence(on: &str, rights: &[String]) -> String {
    let rest = rights.len().saturating_sub(NAMED);
    let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let named: Vec<&str> = rights.iter().take(NAMED).map(String::as_str).collect();
    format!("it may {}{rest} on the {}", named.join(", "), on.to_lowercase())
}

fn counted(what: i64, count: i64, example: &str) -> String {
    let such = if count == 1 { example.to_owned() } else { format!("{count}, such as {example}") };
    match what {
        1 => format!("it may write tables: {such}"),
        2 => format!("it may run procedures and functions: {such}"),
        _ => format!("it may move sequences: {such}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_told_in_sentences() {
        let rights: Vec<String> = (1..=8).map(|n| format!("R{n}")).collect();
        assert_eq!(sentence("DATABASE", &rights), "it may R1, R2, R3, R4, R5, R6 and 2 more on the database");
        assert_eq!(counted(1, 1, "dbo.t"), "it may write tables: dbo.t");
        assert_eq!(counted(2, 3, "dbo.p"), "it may run procedures and functions: 3, such as dbo.p");
        assert!(role("sysadmin").contains("nothing is refused"));
    }
}
