//! Where the database is and how one gets in. The address may hold a password: it is never shown.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;
use tiberius::{AuthMethod, Config, EncryptionLevel};
use waylaid_sql::{is_local, passwords};

/// A database and how to get in.
#[derive(Clone)]
pub struct SqlServerConfig {
    /// `sqlserver://user:password@host:port/database`, with `?encrypt=` of `yes`, `no` or `strict`.
    pub url: String,
    /// User, over the address's.
    pub user: Option<String>,
    /// Password, over the address's.
    pub password: Option<String>,
    /// Schema; the user's own without it.
    pub schema: Option<String>,
    /// Certificates that are trusted beside the system's, a PEM file.
    pub ca: Option<PathBuf>,
    /// How long a SELECT of somebody's own may take.
    pub statement: Duration,
    /// How long may be waited for the next rows of a table.
    pub table: Duration,
    /// How long may be waited for a lock.
    pub lock: Duration,
}

const EXAMPLE: &str = "write sqlserver://user@host:1433/database";

/// What an address says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub host: String,
    pub port: u16,
    pub database: String,
    pub user: String,
    pub password: Option<String>,
    encryption: &'static str,
}

impl SqlServerConfig {
    /// A database with the usual limits.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            user: None,
            password: None,
            schema: None,
            ca: None,
            statement: Duration::from_secs(30),
            table: Duration::from_mins(1),
            lock: Duration::from_secs(2),
        }
    }

    /// What the address says, with what is laid over it; what is wrong is said without it, as it may hold a password.
    pub(crate) fn address(&self) -> Result<Address, String> {
        let unreadable = || format!("the address of the database cannot be read; {EXAMPLE}");
        let rest = ["sqlserver://", "mssql://"].iter().find_map(|scheme| self.url.strip_prefix(scheme));
        let rest =
            rest.ok_or_else(|| format!("the address of the database is no URL of SQL Server; {EXAMPLE}"))?;
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (place, database) = rest.rsplit_once('/').ok_or_else(unreadable)?;
        if database.is_empty() {
            return Err(format!("the address names no database; {EXAMPLE}"));
        }
        let (login, place) = place.rsplit_once('@').unwrap_or(("", place));
        let (user, password) = login.split_once(':').map_or((login, None), |(u, p)| (u, Some(p)));
        let (host, port) = host_and_port(place).ok_or_else(unreadable)?;
        let decoded = |text: &str| decoded(text).ok_or_else(unreadable);
        let user = self.user.clone().map_or_else(|| decoded(user), Ok)?;
        if user.is_empty() {
            return Err(format!("the address of the database names no user; {EXAMPLE}"));
        }
        let password = match &self.password {
            Some(password) => Some(password.clone()),
            None => password.map(decoded).transpose()?,
        };
        let encryption = encryption(options, is_local(&host))?;
        Ok(Address { database: decoded(database)?, host, port, user, password, encryption })
    }

    /// As the driver has it. The server is told that nothing will be written: a group of replicas may send us to one that
    /// follows.
    pub(crate) fn parsed(&self, address: &Address) -> Result<Config, String> {
        let mut config = Config::new();
        config.host(&address.host);
        config.port(address.port);
        config.database(&address.database);
        config.application_name("waylaid");
        config.readonly(true);
        config.lossy_utf16_decoding(true);
        config.encryption(match address.encryption {
            "strict" => EncryptionLevel::Strict,
            "yes" => EncryptionLevel::Required,
            _ => EncryptionLevel::NotSupported,
        });
        if let Some(path) = &self.ca {
            let unreadable =
                |why: &str| format!("the certificates in {} cannot be read: {why}", path.display());
            let bundle = std::fs::read(path).map_err(|error| unreadable(&error.to_string()))?;
            if bundle.is_empty() {
                return Err(unreadable("there are none"));
            }
            config.trust_cert_ca_bundle(bundle);
        }
        let password = address.password.clone().unwrap_or_default();
        config.authentication(AuthMethod::sql_server(&address.user, password));
        Ok(config)
    }

    /// Everything in it that must not be seen.
    pub(crate) fn secrets(&self, address: &Address) -> Vec<String> {
        passwords(&self.url, address.password.clone(), self.password.clone())
    }
}

/// What only prefers encryption can be talked out of it: there is no such word.
fn encryption(options: &str, is_local: bool) -> Result<&'static str, String> {
    let mut told = if is_local { "no" } else { "yes" };
    for option in options.split('&').filter(|option| !option.is_empty()) {
        told = match option.to_ascii_lowercase().as_str() {
            "encrypt=yes" | "encrypt=true" | "encrypt=mandatory" => "yes",
            "encrypt=no" | "encrypt=false" | "encrypt=disable" => "no",
            "encrypt=strict" => "strict",
            _ => {
                let known = "?encrypt=yes, no or strict, and nothing else behind it";
                return Err(format!("the address of the database may have {known}"));
            }
        };
    }
    Ok(told)
}

/// Host and port; an address of version 6 stands in brackets.
fn host_and_port(place: &str) -> Option<(String, u16)> {
    const PORT: u16 = 1433;
    if let Some(rest) = place.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        let port = if port.is_empty() { PORT } else { port.strip_prefix(':')?.parse().ok()? };
        return Some((host.to_owned(), port));
    }
    let (host, port) = match place.split_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (place, PORT),
    };
    let is_plain = !host.is_empty() && host.chars().all(|c| c.is_alphanumeric() || "-._".contains(c));
    is_plain.then(|| (host.to_owned(), port))
}

/// A text in which `%41` stands for `A`.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        if *byte == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*byte);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

impl fmt::Debug for SqlServerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlServerConfig")
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
        let told = |url: &str| SqlServerConfig::new(url).address().unwrap().encryption;
        assert_eq!(told("sqlserver://a@db.example/x"), "yes");
        assert_eq!(told("mssql://a@db.example:1444/x?encrypt=no"), "no");
        assert_eq!(told("sqlserver://a@127.0.0.1/x"), "no");
        assert_eq!(told("sqlserver://a@[::1]:99/x?encrypt=Strict"), "strict");
    }

    #[test]
    fn secrets_are_not_shown() {
        let config = SqlServerConfig::new("sqlserver://u:hunt%40er2@host/my%20db");
        let address = config.address().unwrap();
        assert_eq!((address.database.as_str(), address.port), ("my db", 1433));
        assert!(config.secrets(&address).contains(&"hunt@er2".to_owned()));
        assert!(!format!("{config:?}").contains("hunt"));
        for wrong in [
            "hunter2",
            "sqlserver://u:hunter2@host:port/db",
            "sqlserver://u:hunter2@host",
            "sqlserver://u:hunter2@host/",
            "sqlserver://:hunter2@host/db",
            "sqlserver://u:hunter2%4@host/db",
            "sqlserver://u:hunter2@host\\instance/db",
            "sqlserver://u:hunter2@h/d?trustServerCertificate=true&password=hunter2",
        ] {
            let said = SqlServerConfig::new(wrong).address().unwrap_err();
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}
