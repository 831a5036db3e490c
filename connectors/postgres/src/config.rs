//! Where the database is and how one gets in. The address may hold a password: it is never shown.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use waylaid_sql::passwords;

/// A database and how to get in.
#[derive(Clone)]
pub struct PostgresConfig {
    /// `postgres://user:password@host:port/database`, with `?sslmode=` of `disable`, `require` and the like.
    pub url: String,
    /// User, over the address's.
    pub user: Option<String>,
    /// Password, over the address's.
    pub password: Option<String>,
    /// Schema; the first of the role's own search path without it.
    pub schema: Option<String>,
    /// Certificates that are trusted, a PEM file; the system's without it.
    pub ca: Option<PathBuf>,
    /// How long a statement, or a piece of a long answer, may take.
    pub statement: Duration,
    /// How long may be waited for a lock.
    pub lock: Duration,
}

impl PostgresConfig {
    /// A database with the usual limits.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            user: None,
            password: None,
            schema: None,
            ca: None,
            statement: Duration::from_secs(30),
            lock: Duration::from_secs(2),
        }
    }

    /// As the driver has it; what is wrong is said without the address, which may hold a password.
    pub(crate) fn parsed(&self) -> Result<Config, String> {
        const EXAMPLE: &str = "write postgres://user@host:5432/database";
        if !["postgres://", "postgresql://"].iter().any(|scheme| self.url.starts_with(scheme)) {
            return Err(format!("the address of the database is no URL of PostgreSQL; {EXAMPLE}"));
        }
        let (url, mode) = split_mode(&self.url);
        let mut config: Config =
            url.parse().map_err(|_| format!("the address of the database cannot be read; {EXAMPLE}"))?;
        let is_local = config.get_hosts().iter().all(is_local);
        config.ssl_mode(match mode.as_deref() {
            Some("disable") => SslMode::Disable,
            Some("require" | "verify-ca" | "verify-full") => SslMode::Require,
            // What only prefers encryption can be talked out of it.
            None | Some("prefer" | "allow") if is_local => SslMode::Disable,
            None | Some("prefer" | "allow") => SslMode::Require,
            Some(other) => {
                return Err(format!("there is no sslmode {other}: write disable, require or verify-full"));
            }
        });
        if let Some(user) = &self.user {
            config.user(user);
        }
        if let Some(password) = &self.password {
            config.password(password);
        }
        config.application_name("waylaid").connect_timeout(Duration::from_secs(5));
        config.keepalives_idle(Duration::from_secs(15));
        if config.get_user().is_none() {
            return Err(format!("the address of the database names no user; {EXAMPLE}"));
        }
        Ok(config)
    }

    /// Everything in it that must not be seen.
    pub(crate) fn secrets(&self, parsed: &Config) -> Vec<String> {
        let decoded = parsed.get_password().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        passwords(&self.url, decoded, self.password.clone())
    }
}

/// `host:port/database`.
pub(crate) fn place(config: &Config) -> String {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        Some(Host::Unix(path)) => path.display().to_string(),
        None => "localhost".to_owned(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("{host}:{port}/{database}")
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => waylaid_sql::is_local(name),
        Host::Unix(_) => true,
    }
}

/// The address without `sslmode`, of whose values the driver knows only some.
fn split_mode(url: &str) -> (String, Option<String>) {
    let Some((base, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let (mode, others): (Vec<&str>, Vec<&str>) = query.split('&').partition(|p| p.starts_with("sslmode="));
    let others = others.join("&");
    let mark = if others.is_empty() { "" } else { "?" };
    (format!("{base}{mark}{others}"), mode.last().map(|m| m["sslmode=".len()..].to_owned()))
}

impl fmt::Debug for PostgresConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresConfig")
            .field("schema", &self.schema)
            .field("ca", &self.ca)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encryption_is_the_rule_but_at_home() {
        let mode = |url: &str| PostgresConfig::new(url).parsed().unwrap().get_ssl_mode();
        assert_eq!(mode("postgres://a@db.example/x"), SslMode::Require);
        assert_eq!(mode("postgres://a@db.example/x?sslmode=prefer"), SslMode::Require);
        assert_eq!(mode("postgres://a@db.example/x?sslmode=disable"), SslMode::Disable);
        assert_eq!(mode("postgresql://a@127.0.0.1/x"), SslMode::Disable);
        assert_eq!(mode("postgres://a@127.0.0.1/x?sslmode=verify-full&connect_timeout=3"), SslMode::Require);
    }

    #[test]
    fn secrets_are_not_shown() {
        let config = PostgresConfig::new("postgres://u:hunt%40er2@host/db");
        let parsed = config.parsed().unwrap();
        assert_eq!(place(&parsed), "host:5432/db");
        assert!(config.secrets(&parsed).contains(&"hunt@er2".to_owned()));
        assert!(!format!("{config:?}").contains("hunt"));
        for wrong in ["hunter2", "postgres://u:hunter2@host:port/db", "postgres://u:hunter2@host/db?x=y"] {
            let said = PostgresConfig::new(wrong).parsed().unwrap_err();
            assert!(!said.contains("hunter2") && said.contains("postgres://user@host"), "{said}");
        }
    }
}
