//! Where a piece of evidence can be looked up again.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The address of one fact in one store. Its text form is what reports print.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reference {
    /// A line of a log file: `order-service/app.log:1042`. `file` is relative to the log store's root.
    LogLine {
        /// Name of the store.
        store: String,
        /// Path relative to the store's root.
        file: String,
        /// First line of the event, from 1; 0 where a log has no lines and `file` names the event: `index/id`.
        line: u64,
    },
    /// A record of a topic: `orders.accepted.v1/3@1042`.
    Record {
        /// Name of the store.
        store: String,
        /// Topic.
        topic: String,
        /// Partition.
        partition: i32,
        /// Offset.
        offset: i64,
    },
    /// A row of a table: `orders.orders[1001]`.
    Row {
        /// Name of the store.
        store: String,
        /// Table.
        table: String,
        /// Primary key, parts joined by `,`.
        key: String,
    },
    /// A line of source code: `order-service@ab12cd3:src/Main.java:57`.
    Code {
        /// Service or repository.
        repo: String,
        /// Commit, or empty where no git history is at hand.
        commit: String,
        /// Path inside the repository.
        path: String,
        /// Line, from 1.
        line: u64,
    },
    /// A consumer group's committed offset: `group@topic/3`.
    Group {
        /// Name of the store.
        store: String,
        /// Group.
        group: String,
        /// Topic.
        topic: String,
        /// Partition.
        partition: i32,
    },
    /// A whole target that was searched, for evidence of absence: `topics.main:orders.accepted.v1`.
    Target {
        /// Name of the store.
        store: String,
        /// Service, topic or table.
        target: String,
    },
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LogLine { file, line: 0, .. } => f.write_str(file),
            Self::LogLine { file, line, .. } => write!(f, "{file}:{line}"),
            Self::Record { topic, partition, offset, .. } => write!(f, "{topic}/{partition}@{offset}"),
            Self::Row { store, table, key } => {
                write!(f, "{}.{table}[{key}]", store.strip_prefix("tables.").unwrap_or(store))
            }
            Self::Code { repo, commit, path, line } if commit.is_empty() => write!(f, "{repo}:{path}:{line}"),
            Self::Code { repo, commit, path, line } => write!(f, "{repo}@{commit}:{path}:{line}"),
            Self::Group { group, topic, partition, .. } => write!(f, "{group}@{topic}/{partition}"),
            Self::Target { store, target } => write!(f, "{store}:{target}"),
        }
    }
}
