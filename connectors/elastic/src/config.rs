//! Where the cluster is, how one gets in, and which of its indices are logs. Secrets are never shown.

use std::fmt;
use std::path::PathBuf;

/// Which of the two it is: they differ in how a view is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Product {
    /// Elasticsearch.
    #[default]
    Elasticsearch,
    /// OpenSearch.
    Opensearch,
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Elasticsearch => "Elasticsearch",
            Self::Opensearch => "OpenSearch",
        })
    }
}

/// Fields by what they say, where a person knows better than their names tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldNames {
    /// The time.
    pub time: Option<String>,
    /// The service that wrote the event.
    pub service: Option<String>,
    /// The instance of the service: a pod, a host.
    pub instance: Option<String>,
    /// The severity.
    pub level: Option<String>,
    /// The thread.
    pub thread: Option<String>,
}

/// A cluster, how to get in, and what is read there.
#[derive(Clone, Default)]
pub struct ElasticConfig {
    /// `https://host:9200`; a user and a password in it are taken out and used.
    pub url: String,
    /// Which product is expected there.
    pub product: Product,
    /// Indices, aliases, data streams, patterns of these, separated by commas.
    pub index: String,
    /// An API key: as the server encoded it, or as `id:key`.
    pub api_key: Option<String>,
    /// User.
    pub user: Option<String>,
    /// The user's password.
    pub password: Option<String>,
    /// A bearer token.
    pub token: Option<String>,
    /// Certificates that are trusted, a PEM file; the system's without it.
    pub ca: Option<PathBuf>,
    /// Our certificate, a PEM file, for mutual TLS.
    pub certificate: Option<PathBuf>,
    /// Its key, a PEM file.
    pub key: Option<PathBuf>,
    /// Which fields say what.
    pub fields: FieldNames,
}

impl fmt::Debug for ElasticConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = |secret: &Option<String>| secret.as_ref().map(|_| "***");
        f.debug_struct("ElasticConfig")
            .field("url", &without_login(&self.url))
            .field("product", &self.product)
            .field("index", &self.index)
            .field("api_key", &set(&self.api_key))
            .field("user", &self.user)
            .field("password", &set(&self.password))
            .field("token", &set(&self.token))
            .field("ca", &self.ca)
            .field("certificate", &self.certificate)
            .field("key", &self.key)
            .field("fields", &self.fields)
            .finish()
    }
}

/// An address without user and password.
fn without_login(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let slash = if path.is_empty() { "" } else { "/" };
    if scheme.is_empty() { format!("{host}{slash}{path}") } else { format!("{scheme}://{host}{slash}{path}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let config = ElasticConfig {
            url: "https://u:hunter2@es:9200/x".into(),
            api_key: Some("hunter2".into()),
            password: Some("hunter2".into()),
            token: Some("hunter2".into()),
            ..ElasticConfig::default()
        };
        let shown = format!("{config:?}");
        assert!(!shown.contains("hunter2") && shown.contains("https://es:9200/x"), "{shown}");
    }
}
