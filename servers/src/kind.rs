//! The servers there are: a name and a version each, one line each.

use std::fmt;

/// A server of one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Apache Kafka 4.2.0, one node, KRaft.
    Kafka,
    /// PostgreSQL, 15 where Debian has it.
    Postgres,
    /// MariaDB, 10.11 where Debian has it.
    Mariadb,
    /// Elasticsearch 9.2.0, one node, without security.
    Elasticsearch9,
    /// Elasticsearch 8.15.5, one node, without security.
    Elasticsearch8,
    /// Elasticsearch 7.10.2, one node, without security.
    Elasticsearch7,
    /// OpenSearch 3.3.0, one node, without security.
    Opensearch3,
    /// Apicurio Registry 3.3.3, schemas in memory.
    Apicurio3,
    /// A stand-in for MongoDB: its protocol, documents in memory.
    Mongodb,
}

const ALL: [(Kind, &str, &str); 9] = [
    (Kind::Kafka, "kafka", "Kafka 4.2.0"),
    (Kind::Postgres, "postgres", "PostgreSQL 15"),
    (Kind::Mariadb, "mariadb", "MariaDB 10.11"),
    (Kind::Elasticsearch9, "elasticsearch-9.2", "Elasticsearch 9.2.0"),
    (Kind::Elasticsearch8, "elasticsearch-8.15", "Elasticsearch 8.15.5"),
    (Kind::Elasticsearch7, "elasticsearch-7.10", "Elasticsearch 7.10.2"),
    (Kind::Opensearch3, "opensearch-3.3", "OpenSearch 3.3.0"),
    (Kind::Apicurio3, "apicurio-3.3", "Apicurio Registry 3.3.3"),
    (Kind::Mongodb, "mongodb-stand-in", "a stand-in for MongoDB"),
];

impl Kind {
    /// All of them, the light ones first.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.into_iter().map(|(kind, ..)| kind)
    }

    /// The name in commands and folders.
    pub fn name(self) -> &'static str {
        self.line().1
    }

    /// The name for people.
    pub fn title(self) -> &'static str {
        self.line().2
    }

    /// The server of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        ALL.into_iter().find(|(_, n, _)| *n == name).map(|(kind, ..)| kind)
    }

    fn line(self) -> (Self, &'static str, &'static str) {
        ALL.into_iter().find(|(kind, ..)| *kind == self).unwrap_or(ALL[0])
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_there_and_back() {
        for kind in Kind::all() {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
            assert_eq!(kind.line().0, kind, "{kind} has a line of its own");
        }
        assert_eq!(Kind::from_name("oracle"), None);
    }
}
