//! What can go wrong: it cannot be installed, or it does not start. Both say which server, and what was tried.

use crate::Kind;
use std::path::Path;

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something it needs is missing and cannot be had.
    #[error("{server} cannot be installed: {what}: {why}")]
    Install {
        /// Which server.
        server: Kind,
        /// What it needs.
        what: String,
        /// What the tool that should have brought it said.
        why: String,
    },
    /// It is installed and does not come up.
    #[error("{server} does not start: {why}\n{log}")]
    Start {
        /// Which server.
        server: Kind,
        /// What was seen of it.
        why: String,
        /// The end of its log.
        log: String,
    },
    /// A file or a process of ours.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// What the operating system said.
        source: std::io::Error,
    },
}

impl Error {
    pub(crate) fn install(server: Kind, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Install { server, what: what.into(), why: why.into() }
    }

    pub(crate) fn start(server: Kind, why: impl Into<String>, log: &Path) -> Self {
        Self::Start { server, why: why.into(), log: tail(log, 30) }
    }

    /// Whether another port would help.
    pub(crate) fn is_port_taken(&self) -> bool {
        let Self::Start { log, .. } = self else { return false };
        ["Address already in use", "BindException", "Address in use"].iter().any(|word| log.contains(word))
    }
}

/// Says what was being done when the operating system refused.
pub(crate) trait Doing<T> {
    /// `doing("writing the settings of Kafka")`.
    fn doing(self, what: impl Into<String>) -> Result<T, Error>;
}

impl<T> Doing<T> for std::io::Result<T> {
    fn doing(self, what: impl Into<String>) -> Result<T, Error> {
        self.map_err(|source| Error::Io { what: what.into(), source })
    }
}

/// The last lines of a file, for a person to see why.
pub(crate) fn tail(path: &Path, lines: usize) -> String {
    let text = std::fs::read(path).unwrap_or_default();
    let from = text.len().saturating_sub(64 * 1024);
    let text = String::from_utf8_lossy(&text[from..]).into_owned();
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
