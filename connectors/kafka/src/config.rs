//! Where the cluster is and how one gets in. Secrets are never shown.

use crate::schema::RegistryConfig;
use std::fmt;
use std::path::PathBuf;

/// How the connection is protected and whether one logs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Security {
    /// Neither.
    #[default]
    Plaintext,
    /// TLS; with a certificate of ours, mutual.
    Tls,
    /// A login over an open connection.
    Sasl,
    /// A login over TLS.
    SaslTls,
}

impl Security {
    /// All names that [`Security::from_name`] knows.
    pub const NAMES: [&'static str; 4] = ["plaintext", "tls", "sasl", "sasl_tls"];

    /// By the name in `waylaid.toml`.
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Plaintext, Self::Tls, Self::Sasl, Self::SaslTls];
        Self::NAMES.iter().position(|n| *n == name).map(|at| all[at])
    }
}

/// How one logs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mechanism {
    /// User and password as they are.
    #[default]
    Plain,
    /// A proof of the password, SHA-256.
    ScramSha256,
    /// A proof of the password, SHA-512.
    ScramSha512,
    /// A token.
    OauthBearer,
}

impl Mechanism {
    /// All names that [`Mechanism::from_name`] knows.
    pub const NAMES: [&'static str; 4] = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"];

    /// By its registered name.
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Plain, Self::ScramSha256, Self::ScramSha512, Self::OauthBearer];
        Self::NAMES.iter().position(|n| *n == name).map(|at| all[at])
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => Self::NAMES[0],
            Self::ScramSha256 => Self::NAMES[1],
            Self::ScramSha512 => Self::NAMES[2],
            Self::OauthBearer => Self::NAMES[3],
        }
    }
}

/// A cluster and how to get in.
#[derive(Clone, Default)]
pub struct KafkaConfig {
    /// Brokers to begin with: `host:port`, separated by commas.
    pub bootstrap: String,
    /// How the connection is protected.
    pub security: Security,
    /// How one logs in, where one does.
    pub mechanism: Mechanism,
    /// User.
    pub user: Option<String>,
    /// Password.
    pub password: Option<String>,
    /// Token, for `OAUTHBEARER`.
    pub token: Option<String>,
    /// Certificates that are trusted, a PEM file; the system's without it.
    pub ca: Option<PathBuf>,
    /// Our certificate, a PEM file.
    pub certificate: Option<PathBuf>,
    /// Our key, a PEM file.
    pub key: Option<PathBuf>,
    /// What our key is locked with.
    pub key_password: Option<String>,
    /// Where the schemas of payloads are, where there is such a place.
    pub registry: Option<RegistryConfig>,
}

impl KafkaConfig {
    /// A cluster without protection.
    pub fn plaintext(bootstrap: impl Into<String>) -> Self {
        Self { bootstrap: bootstrap.into(), ..Self::default() }
    }
}

impl fmt::Debug for KafkaConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = |secret: &Option<String>| secret.as_ref().map(|_| "…");
        f.debug_struct("KafkaConfig")
            .field("bootstrap", &self.bootstrap)
            .field("security", &self.security)
            .field("mechanism", &self.mechanism)
            .field("user", &self.user)
            .field("password", &hidden(&self.password))
            .field("token", &hidden(&self.token))
            .field("ca", &self.ca)
            .field("certificate", &self.certificate)
            .field("key", &self.key)
            .field("key_password", &hidden(&self.key_password))
            .field("registry", &self.registry)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known() {
        assert_eq!(Security::from_name("sasl_tls"), Some(Security::SaslTls));
        assert_eq!(Security::from_name("SSL"), None);
        for name in Mechanism::NAMES {
            assert_eq!(Mechanism::from_name(name).map(Mechanism::name), Some(name));
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let secret = || Some("hunter2".to_owned());
        let config = KafkaConfig {
            password: secret(),
            token: secret(),
            key_password: secret(),
            ..KafkaConfig::plaintext("a:1")
        };
        let shown = format!("{config:?}");
        assert!(shown.contains("a:1") && !shown.contains("hunter2"), "{shown}");
    }
}
