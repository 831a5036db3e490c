//! Where the database is and how one gets in. The address may hold a password: it is never shown.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// A database and how to get in.
#[derive(Clone)]
pub struct MongoConfig {
    /// `mongodb://user:password@host:port/database`, with the options of MongoDB's own addresses.
    pub url: String,
    /// User, over the address's.
    pub user: Option<String>,
    /// Password, over the address's.
    pub password: Option<String>,
    /// Certificates that are trusted, a PEM file; those of the web without it.
    pub ca: Option<PathBuf>,
    /// How long an aggregation of somebody's own may take.
    pub statement: Duration,
    /// How long reading one collection may take.
    pub table: Duration,
}

pub(crate) const EXAMPLE: &str = "write mongodb://user@host:27017/database";

impl MongoConfig {
    /// A database with the usual limits.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            user: None,
            password: None,
            ca: None,
            statement: Duration::from_secs(30),
            table: Duration::from_mins(5),
        }
    }

    /// What is wrong with the address, said without it: it may hold a password.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.url.starts_with("mongodb+srv://") {
            return Err(format!(
                "addresses that a name server has to complete are not understood; {EXAMPLE} with all hosts"
            ));
        }
        if self.url.starts_with("mongodb://") {
            Ok(())
        } else {
            Err(format!("the address of the database is no URL of MongoDB; {EXAMPLE}"))
        }
    }

    /// Everything in it that must not be seen; one or two letters would take the sense out of any message.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let in_url = self.url.split_once("://").and_then(|(_, rest)| {
            let (login, _) = rest.split(['/', '?']).next()?.rsplit_once('@')?;
            login.split_once(':').map(|(_, password)| password.to_owned())
        });
        [in_url, self.password.clone()].into_iter().flatten().filter(|s| s.len() > 2).collect()
    }
}

impl fmt::Debug for MongoConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongoConfig").field("user", &self.user).field("ca", &self.ca).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_as_one_and_never_shown() {
        let config = MongoConfig::new("mongodb://u:hunter2@h:1/shop?x=1");
        assert_eq!(config.secrets(), ["hunter2"]);
        assert!(!format!("{config:?}").contains("hunter2"));
        assert!(config.check().is_ok());
        for url in ["postgres://u:hunter2@h/d", "mongodb+srv://u:hunter2@h/d", ""] {
            let why = MongoConfig::new(url).check().unwrap_err();
            assert!(why.contains("mongodb://") && !why.contains("hunter2"), "{why}");
        }
    }
}
