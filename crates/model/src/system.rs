//! The system: services, stores and entities of one `waylaid.toml`, after it was read and checked.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The map of what there is to look at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct System {
    /// Name of the system.
    pub name: String,
    /// Log stores.
    pub logs: Vec<StoreSpec>,
    /// Topic stores.
    pub topics: Vec<StoreSpec>,
    /// Table stores.
    pub tables: Vec<StoreSpec>,
    /// Services that the file names; others are discovered.
    pub services: Vec<ServiceSpec>,
    /// Entities.
    pub entities: Vec<EntitySpec>,
}

impl System {
    /// The entity of that name, or the only one when no name is given.
    pub fn entity(&self, name: Option<&str>) -> Option<&EntitySpec> {
        match name {
            Some(name) => self.entities.iter().find(|e| e.name == name),
            None if self.entities.len() == 1 => self.entities.first(),
            None => None,
        }
    }
}

/// What kind of store, hence which connector reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreKind {
    /// A folder of files.
    Files,
    /// A SQLite database file.
    Sqlite,
    /// A Kafka cluster.
    Kafka,
    /// An Elasticsearch cluster.
    Elasticsearch,
    /// An OpenSearch cluster.
    Opensearch,
    /// A PostgreSQL database.
    Postgres,
    /// A MySQL or MariaDB database.
    Mysql,
    /// A MongoDB database.
    Mongodb,
    /// A SQL Server database.
    Sqlserver,
}

impl StoreKind {
    /// As `kind` names it in `waylaid.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Sqlite => "sqlite",
            Self::Kafka => "kafka",
            Self::Elasticsearch => "elasticsearch",
            Self::Opensearch => "opensearch",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Mongodb => "mongodb",
            Self::Sqlserver => "sqlserver",
        }
    }

    /// Whether it changes while it is looked at: what "now" means then is the clock.
    pub fn is_live(self) -> bool {
        !matches!(self, Self::Files | Self::Sqlite)
    }
}

/// What a connector is told: the keys of its section. Some of it is secret: none of it is shown, none of it is stored.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// These values.
    pub fn of<const N: usize>(values: [(&str, &str); N]) -> Self {
        Self(values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// Sets a value.
    pub fn set(&mut self, name: &str, value: String) {
        self.0.insert(name.to_owned(), value);
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// One configured store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoreSpec {
    /// Short name: `main` of `[logs.main]`.
    pub name: String,
    /// Connector.
    pub kind: StoreKind,
    /// What its connector is told.
    #[serde(skip)]
    pub settings: Settings,
}

/// One configured service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ServiceSpec {
    /// Name, as its log folder has it.
    pub name: String,
    /// Table stores it owns, or single tables as `store.table`.
    pub tables: Vec<String>,
    /// Checkout, relative to the system's folder.
    pub code: Option<String>,
}

/// `store.table.column`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TableColumn {
    /// Table store's short name.
    pub store: String,
    /// Table.
    pub table: String,
    /// Column.
    pub column: String,
}

impl TableColumn {
    /// Reads `store.table.column`; the table may itself hold dots (`store.schema.table.column`).
    pub fn parse(text: &str) -> Option<Self> {
        let (store, rest) = text.split_once('.')?;
        let (table, column) = rest.rsplit_once('.')?;
        let parts = [store, table, column];
        parts.iter().all(|p| !p.trim().is_empty()).then(|| Self {
            store: store.into(),
            table: table.into(),
            column: column.into(),
        })
    }
}

/// A rule over a state column: equals one of these, or is null or is not, for at least this long.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// The column that holds the state.
    pub column: TableColumn,
    /// Values that satisfy it, as text.
    pub equals: Vec<String>,
    /// Instead of values: whether the column has to be null (or an empty text), or must not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub null: Option<bool>,
    /// Shortest stay in the state, nanoseconds.
    pub for_nanos: i64,
}

impl Rule {
    /// Whether a state satisfies it; an empty text stands for null.
    pub fn holds(&self, state: &str) -> bool {
        match self.null {
            Some(null) => state.is_empty() == null,
            None => self.equals.iter().any(|value| value == state),
        }
    }

    /// What it asks for, in a few words.
    pub fn wants(&self) -> String {
        match self.null {
            Some(true) => format!("{} null", self.column.column),
            Some(false) => format!("{} not null", self.column.column),
            None => self.equals.join(", "),
        }
    }
}

/// A written-down binding in a topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopicBindingSpec {
    /// Topic.
    pub topic: String,
    /// `$.path`, `key` or `header:name`.
    pub place: String,
}

/// A written-down binding in logs: a field's path, or a pattern with a group named `id`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum LogBindingSpec {
    /// Field of a structured event.
    Field(String),
    /// Regular expression with a named group `id`.
    Pattern(String),
}

/// One configured entity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntitySpec {
    /// Name: `order`.
    pub name: String,
    /// Key columns; the first is the home table. With the state column of that table where it has one.
    pub tables: Vec<(TableColumn, Option<String>)>,
    /// Written-down topic bindings; others are discovered.
    pub topics: Vec<TopicBindingSpec>,
    /// Written-down log bindings; others are discovered.
    pub logs: Vec<LogBindingSpec>,
    /// Who is stuck.
    pub stuck: Option<Rule>,
    /// Who is done.
    pub done: Option<Rule>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_neither_shown_nor_stored() {
        let mut settings = Settings::default();
        settings.set("password", "hunter2".into());
        let spec = StoreSpec { name: "main".into(), kind: StoreKind::Kafka, settings };
        assert_eq!(spec.settings.get("password"), Some("hunter2"));
        assert!(!format!("{spec:?}").contains("hunter2"));
        assert!(!serde_json::to_string(&spec).unwrap().contains("hunter2"));
    }
}
