//! Who we are there, and what this user could do beyond reading: what an administrator should take away.

use crate::client::Asking;
use waylaid_sql::now;
use waylaid_store::{Standing, StoreError};

const WHO: &str =
    "SELECT VERSION(), CURRENT_USER(), @@GLOBAL.read_only, CAST(UNIX_TIMESTAMP(NOW(6)) * 1000 AS SIGNED)";
/// What only lets one look.
const READING: [&str; 9] = [
    "USAGE",
    "SELECT",
    "SHOW VIEW",
    "SHOW DATABASES",
    "PROCESS",
    "REPLICATION CLIENT",
    "BINLOG MONITOR",
    "SLAVE MONITOR",
    "REPLICA MONITOR",
];

pub(crate) async fn ask(asking: &mut Asking<'_>) -> Result<Standing, StoreError> {
    let before = now();
    let who = asking.all::<(String, String, bool, i64)>(WHO, ()).await?.pop().unwrap_or_default();
    let ours = i64::midpoint(before, now());
    let grants = asking.all::<String>("SHOW GRANTS FOR CURRENT_USER()", ()).await?;
    let product = if asking.is_mariadb() { "MariaDB" } else { "MySQL" };
    Ok(Standing {
        product: format!("{product} {}", who.0.split('-').next().unwrap_or_default()),
        login: who.1,
        is_replica: who.2,
        beyond: grants.iter().filter_map(|grant| beyond(grant)).collect(),
        ahead_ms: who.3 - ours,
        ..Standing::default()
    })
}

/// What a line such as ``GRANT SELECT, INSERT ON `shop`.* TO …`` gives beyond reading. What stands behind TO may hold the
/// trace of a password.
fn beyond(grant: &str) -> Option<String> {
    let rest = grant.strip_prefix("GRANT ")?;
    let (given, _) = rest.split_once(" TO ")?;
    let Some((rights, on)) = given.split_once(" ON ") else {
        return Some(format!("it has the role {given}, and what that may do"));
    };
    if rights.starts_with("ALL PRIVILEGES") {
        return Some(format!("it may do everything on {on}"));
    }
    // A list of columns has commas of its own.
    let mut plain = String::new();
    let mut depth = 0_i32;
    for c in rights.chars() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if depth == 0 && c != ')' {
            plain.push(c);
        }
    }
    let more: Vec<&str> = plain.split(',').map(str::trim).filter(|right| !READING.contains(right)).collect();
    (!more.is_empty()).then(|| format!("it may {} on {on}", more.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::beyond;

    #[test]
    fn grants_are_read() {
        for (grant, told) in [
            ("GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*AB'", None),
            ("GRANT SELECT, SHOW VIEW ON `s`.* TO `a`@`%`", None),
            ("GRANT SELECT (id, name) ON `s`.`t` TO `a`@`%`", None),
            (
                "GRANT SELECT, INSERT (a, b), EXECUTE ON `s`.* TO `a`@`%`",
                Some("it may INSERT, EXECUTE on `s`.*"),
            ),
            ("GRANT FILE ON *.* TO `a`@`%`", Some("it may FILE on *.*")),
            ("GRANT ALL PRIVILEGES ON *.* TO `a`@`%` WITH GRANT OPTION", Some("it may do everything on *.*")),
            ("GRANT `writer` TO `a`@`%`", Some("it has the role `writer`, and what that may do")),
        ] {
            assert_eq!(beyond(grant).as_deref(), told, "{grant}");
        }
    }
}
