//! The kinds of stores that `waylaid.toml` may name: what each is told, and how it is opened. A new connector is a file
//! here and a line in a list below.

mod elastic;
mod files;
mod kafka;
mod mongodb;
mod mysql;
mod postgres;
mod sqlite;
mod sqlserver;

use std::path::{Path, PathBuf};
use waylaid_model::{Settings, StoreKind, StoreSpec, System};
use waylaid_store::{LogStore, StoreError, TableStore, TopicStore};

/// Kinds of `[logs.x]`.
pub const LOGS: &[Entry<dyn LogStore>] = &[files::LOGS, elastic::ELASTICSEARCH, elastic::OPENSEARCH];
/// Kinds of `[topics.x]`.
pub const TOPICS: &[Entry<dyn TopicStore>] = &[files::TOPICS, kafka::TOPICS];
/// Kinds of `[tables.x]`.
pub const TABLES: &[Entry<dyn TableStore>] =
    &[sqlite::TABLES, postgres::TABLES, mysql::TABLES, sqlserver::TABLES, mongodb::TABLES];

/// A kind of store of one contract.
pub struct Entry<S: ?Sized + 'static> {
    /// What the configuration must know of it.
    pub about: About,
    /// Opens one. Reaches out only as far as it must.
    pub open: fn(&Place) -> Result<Box<S>, StoreError>,
}

/// What the configuration must know of a kind.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The kind.
    pub kind: StoreKind,
    /// The keys of a store of this kind beside `kind`.
    pub keys: &'static [Key],
    /// The feature of this build that it needs, where the build is without.
    pub lacks: Option<&'static str>,
}

/// A key of a store.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What may stand there.
    pub takes: Takes,
    /// A line that sets it, where it must be there.
    pub required: Option<&'static str>,
}

/// What may stand behind a key.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    /// Any text.
    Text,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A file or folder, relative to the system's.
    Path,
    /// The address of a server; with a password in it, only from the environment.
    Url,
    /// What only the environment may say: a file is copied, shared and kept in a history.
    Secret,
}

impl Key {
    /// A key that may be left out.
    const fn new(name: &'static str, takes: Takes) -> Self {
        Self { name, takes, required: None }
    }

    /// A key that must be there, with a line that sets it.
    const fn required(name: &'static str, takes: Takes, example: &'static str) -> Self {
        Self { name, takes, required: Some(example) }
    }
}

/// The kinds of a section: `logs`, `topics` or `tables`.
pub fn of(section: &str) -> Vec<About> {
    match section {
        "logs" => LOGS.iter().map(|entry| entry.about).collect(),
        "topics" => TOPICS.iter().map(|entry| entry.about).collect(),
        _ => TABLES.iter().map(|entry| entry.about).collect(),
    }
}

/// A store that is to be opened.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its name with its section: `logs.main`.
    pub name: String,
    folder: PathBuf,
    settings: Settings,
}

impl Place {
    /// The place of a store; what it is told is relative to the system's folder.
    pub fn new(name: String, spec: &StoreSpec, folder: &Path) -> Self {
        Self { name, folder: folder.to_owned(), settings: spec.settings.clone() }
    }

    /// What it was told.
    #[cfg_attr(
        not(any(
            feature = "elastic",
            feature = "kafka",
            feature = "postgres",
            feature = "mysql",
            feature = "mongodb",
            feature = "sqlserver"
        )),
        allow(dead_code, reason = "files are told their path only")
    )]
    pub fn text(&self, key: &str) -> Option<String> {
        self.settings.get(key).map(str::to_owned)
    }

    /// A file or folder that it was told.
    pub fn path(&self, key: &str) -> Option<PathBuf> {
        self.settings.get(key).map(|path| self.folder.join(path))
    }

    /// What is opened, for errors: never what may be a secret.
    pub fn shown(&self) -> String {
        self.path("path").map_or_else(|| self.name.clone(), |path| path.display().to_string())
    }
}

/// What opens the stores of a system: the secrets that they were told, and the passwords inside their addresses.
pub fn secrets(system: &System) -> Vec<String> {
    let mut secrets = Vec::new();
    for (section, stores) in [("logs", &system.logs), ("topics", &system.topics), ("tables", &system.tables)]
    {
        let kinds = of(section);
        for store in stores {
            let keys = kinds.iter().filter(|about| about.kind == store.kind).flat_map(|about| about.keys);
            for key in keys {
                let value = store.settings.get(key.name);
                match key.takes {
                    Takes::Secret => secrets.extend(value.map(str::to_owned)),
                    Takes::Url => secrets.extend(value.and_then(password).map(str::to_owned)),
                    Takes::Text | Takes::OneOf(_) | Takes::Path => {}
                }
            }
        }
    }
    secrets
}

/// The password inside an address.
fn password(url: &str) -> Option<&str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (login, _) = rest.split(['/', '?']).next()?.rsplit_once('@')?;
    login.split_once(':').map(|(_, password)| password)
}
