//! A case with its stores opened.

use serde_json::Value;
use std::path::PathBuf;
use waylaid_engine::{Ask, Stores};
use waylaid_files::{FilesLogs, FilesTopics};
use waylaid_model::time::parse_duration;
use waylaid_model::{
    Coverage, EntitySpec, Rule, ServiceSpec, Settings, Status, StoreKind, StoreSpec, System, TableColumn,
    Timestamp,
};
use waylaid_sqlite::SqliteTables;

/// One incident of `cases/`.
pub struct Case {
    /// What its `waylaid.toml` says.
    pub system: System,
    /// Its stores.
    pub stores: Stores,
    /// What must come out.
    pub expected: Value,
}

impl Case {
    /// Opens it.
    pub fn open(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../cases").join(name);
        let incident = folder.join("incident");
        let expected = std::fs::read_to_string(folder.join("expected.json")).unwrap();
        let text = std::fs::read_to_string(incident.join("waylaid.toml")).unwrap();
        let system = system(&text.parse().unwrap());
        let mut stores = Stores::default();
        for s in &system.logs {
            let store =
                FilesLogs::open(format!("logs.{}", s.name), incident.join(s.settings.get("path").unwrap()))
                    .unwrap();
            stores.logs.push(Box::new(store));
        }
        for s in &system.topics {
            let store = FilesTopics::open(
                format!("topics.{}", s.name),
                incident.join(s.settings.get("path").unwrap()),
            )
            .unwrap();
            stores.topics.push(Box::new(store));
        }
        for s in &system.tables {
            let store = SqliteTables::open(
                format!("tables.{}", s.name),
                incident.join(s.settings.get("path").unwrap()),
            )
            .unwrap();
            stores.tables.push(Box::new(store));
        }
        Self { system, stores, expected: serde_json::from_str(&expected).unwrap() }
    }

    /// The question of the case.
    pub fn ask(&self) -> Ask {
        let question = &self.expected["question"];
        let now = question["now"].as_str().and_then(Timestamp::parse_rfc3339);
        Ask { entity: question["entity"].as_str().map(str::to_owned), now, ..Ask::default() }
    }

    /// Takes a table store away as if it could not be opened.
    pub fn fail(&mut self, name: &str) {
        let name = format!("tables.{name}");
        self.stores.tables.retain(|s| s.name() != name);
        let line = Coverage::new(name.clone(), name, Status::Failed).with_note("it is a directory");
        self.stores.failed.push(line);
    }
}

fn system(root: &toml::Table) -> System {
    System {
        name: text(&root["system"], "name").unwrap(),
        logs: stores(root, "logs", StoreKind::Files),
        topics: stores(root, "topics", StoreKind::Files),
        tables: stores(root, "tables", StoreKind::Sqlite),
        services: section(root, "service").map(|(name, t)| service(name, t)).collect(),
        entities: section(root, "entity").map(|(name, t)| entity(name, t)).collect(),
    }
}

fn section<'a>(root: &'a toml::Table, name: &str) -> impl Iterator<Item = (&'a String, &'a toml::Value)> {
    root.get(name).and_then(toml::Value::as_table).into_iter().flatten()
}

fn text(value: &toml::Value, key: &str) -> Option<String> {
    value.get(key).and_then(toml::Value::as_str).map(str::to_owned)
}

fn texts(value: Option<&toml::Value>) -> Vec<String> {
    match value {
        Some(toml::Value::Array(list)) => list.iter().flat_map(|v| texts(Some(v))).collect(),
        Some(toml::Value::String(one)) => vec![one.clone()],
        _ => Vec::new(),
    }
}

fn stores(root: &toml::Table, kind: &str, connector: StoreKind) -> Vec<StoreSpec> {
    let spec = |(name, t): (&String, &toml::Value)| StoreSpec {
        name: name.clone(),
        kind: connector,
        settings: Settings::of([("path", t["path"].as_str().unwrap())]),
    };
    section(root, kind).map(spec).collect()
}

fn service(name: &str, table: &toml::Value) -> ServiceSpec {
    ServiceSpec { name: name.to_owned(), tables: texts(table.get("tables")), code: text(table, "code") }
}

fn entity(name: &str, table: &toml::Value) -> EntitySpec {
    let column = |v: &toml::Value| TableColumn::parse(&text(v, "column").unwrap()).unwrap();
    let rule = |v: &toml::Value| Rule {
        column: column(v),
        equals: texts(v.get("equals")),
        null: None,
        for_nanos: text(v, "for").and_then(|f| parse_duration(&f)).unwrap_or(0),
    };
    let homes = table.get("tables").and_then(toml::Value::as_array).into_iter().flatten();
    EntitySpec {
        name: name.to_owned(),
        tables: homes.map(|v| (column(v), text(v, "state"))).collect(),
        topics: Vec::new(),
        logs: Vec::new(),
        stuck: table.get("stuck").map(rule),
        done: table.get("done").map(rule),
    }
}
