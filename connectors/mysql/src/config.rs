//! Where the database is and how one gets in. The address may hold a password: it is never shown.

use mysql_async::{Opts, OptsBuilder, PoolOpts, SslOpts};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;
use waylaid_sql::{is_local, passwords};

/// A database and how to get in.
#[derive(Clone)]
pub struct MysqlConfig {
    /// `mysql://user:password@host:port/database`, with `?ssl-mode=` of `disabled`, `required` and the like.
    pub url: String,
    /// User, over the address's.
    pub user: Option<String>,
    /// Password, over the address's.
    pub password: Option<String>,
    /// Certificates that are trusted, a PEM file; those of the web without it.
    pub ca: Option<PathBuf>,
    /// How long a SELECT of somebody's own may take.
    pub statement: Duration,
    /// How long reading one table may take.
    pub table: Duration,
    /// How long may be waited for a lock.
    pub lock: Duration,
}

const EXAMPLE: &str = "write mysql://user@host:3306/database";

impl MysqlConfig {
    /// A database with the usual limits.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            user: None,
            password: None,
            ca: None,
            statement: Duration::from_secs(30),
            table: Duration::from_mins(5),
            lock: Duration::from_secs(2),
        }
    }

    /// As the driver has it; what is wrong is said without the address, which may hold a password.
    pub(crate) fn parsed(&self) -> Result<Opts, String> {
        let Some((_, rest)) =
            self.url.split_once("://").filter(|(scheme, _)| ["mysql", "mariadb"].contains(scheme))
        else {
            return Err(format!("the address of the database is no URL of MySQL; {EXAMPLE}"));
        };
        let (rest, mode) = split_mode(rest)?;
        let unreadable = |_| format!("the address of the database cannot be read; {EXAMPLE}");
        let parsed = Opts::from_url(&format!("mysql://{rest}")).map_err(unreadable)?;
        if parsed.db_name().is_none_or(str::is_empty) {
            return Err(format!("the address names no database; {EXAMPLE}"));
        }
        let user = self.user.clone().or_else(|| parsed.user().map(str::to_owned));
        if user.as_ref().is_none_or(String::is_empty) {
            return Err(format!("the address of the database names no user; {EXAMPLE}"));
        }
        let password = self.password.clone().or_else(|| parsed.pass().map(str::to_owned));
        let is_encrypted = match mode.as_deref() {
            Some("disabled" | "disable") => false,
            Some("required" | "require" | "verify_ca" | "verify_identity" | "verify-ca" | "verify-full") => {
                true
            }
            // What only prefers encryption can be talked out of it.
            None | Some("preferred" | "prefer") => !is_local(parsed.ip_or_hostname()),
            Some(other) => {
                return Err(format!(
                    "there is no ssl-mode {other}: write disabled, required or verify_identity"
                ));
            }
        };
        let tls = is_encrypted.then(|| {
            let own = self.ca.clone().map(|path| vec![path.into()]);
            SslOpts::default()
                .with_disable_built_in_roots(own.is_some())
                .with_root_certs(own.unwrap_or_default())
        });
        let builder = OptsBuilder::from_opts(parsed)
            .user(user)
            .pass(password)
            .ssl_opts(tls)
            .prefer_socket(false)
            .stmt_cache_size(0)
            .pool_opts(PoolOpts::default())
            .tcp_keepalive(Some(Duration::from_secs(15)))
            .enable_cleartext_plugin(false);
        Ok(builder.into())
    }

    /// Everything in it that must not be seen.
    pub(crate) fn secrets(&self, parsed: &Opts) -> Vec<String> {
        passwords(&self.url, parsed.pass().map(str::to_owned), self.password.clone())
    }
}

/// The address without the mode of encryption, which the driver calls otherwise.
fn split_mode(url: &str) -> Result<(String, Option<String>), String> {
    let Some((base, query)) = url.split_once('?') else { return Ok((url.to_owned(), None)) };
    let mut mode = None;
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        match parameter.split_once('=') {
            Some(("ssl-mode" | "sslmode" | "ssl_mode", value)) => mode = Some(value.to_ascii_lowercase()),
            _ => {
                return Err(
                    "the address of the database may have ?ssl-mode=… and nothing else behind it".to_owned()
                );
            }
        }
    }
    Ok((base.to_owned(), mode))
}

impl fmt::Debug for MysqlConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MysqlConfig").field("ca", &self.ca).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encryption_is_the_rule_but_at_home() {
        let encrypted = |url: &str| MysqlConfig::new(url).parsed().unwrap().ssl_opts().is_some();
        assert!(encrypted("mysql://a@db.example/x"));
        assert!(encrypted("mysql://a@db.example/x?ssl-mode=PREFERRED"));
        assert!(!encrypted("mysql://a@db.example/x?ssl-mode=disabled"));
        assert!(!encrypted("mariadb://a@127.0.0.1:3307/x"));
        assert!(encrypted("mysql://a@127.0.0.1/x?ssl-mode=verify_identity"));
    }

    #[test]
    fn secrets_are_not_shown() {
        let config = MysqlConfig::new("mysql://u:hunt%40er2@host/db");
        let parsed = config.parsed().unwrap();
        assert!(config.secrets(&parsed).contains(&"hunt@er2".to_owned()));
        assert!(!format!("{config:?}").contains("hunt"));
        for wrong in [
            "hunter2",
            "mysql://u:hunter2@host:port/db",
            "mysql://u:hunter2@host",
            "mysql://u:hunter2@h/d?x=hunter2",
        ] {
            let said = MysqlConfig::new(wrong).parsed().unwrap_err();
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}
