//! How a recording fails: what was being written, and where.

use std::path::{Path, PathBuf};
use waylaid_store::StoreError;

/// Why a recording did not get on.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The folder holds something else.
    #[error("{} is not empty", folder.display())]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder holds a whole bundle.
    #[error("{} holds a whole bundle", folder.display())]
    Finished {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder holds the beginning of another recording.
    #[error("{} holds the beginning of another recording: {begun}", folder.display())]
    Other {
        /// The folder.
        folder: PathBuf,
        /// What that one was asked.
        begun: String,
    },
    /// Something could not be written, or read again.
    #[error("{doing} {}: {source}", path.display())]
    File {
        /// `writing`, `reading`.
        doing: &'static str,
        /// What.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A database file could not be written.
    #[error("writing {}: {source}", path.display())]
    Database {
        /// What.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// A store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RecordError {
    /// A file that could not be written.
    pub(crate) fn writing(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { doing: "writing", path, source }
    }

    /// A file that could not be read.
    pub(crate) fn reading(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { doing: "reading", path, source }
    }

    /// A database that could not be written.
    pub(crate) fn database(path: &Path) -> impl Fn(rusqlite::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Database { path: path.clone(), source }
    }
}
