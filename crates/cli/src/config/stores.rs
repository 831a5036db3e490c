//! `[logs.x]`, `[topics.x]`, `[tables.x]` and `[service.x]`.

use super::read::{Table, Value};
use crate::diagnostics::{Failure, did_you_mean};
use waylaid_model::{ServiceSpec, StoreKind, StoreSpec, System};

/// Sections of stores: name, kinds that this version reads, kinds that are planned, an example.
const SECTIONS: [(&str, &[&str], &[&str], &str); 3] = [
    ("logs", &["files"], &["elasticsearch", "opensearch"], "path = \"logs\""),
    ("topics", &["files"], &["kafka"], "path = \"topics\""),
    (
        "tables",
        &["sqlite"],
        &["postgres", "mysql", "mariadb", "sqlserver", "mongodb"],
        "path = \"tables/orders.sqlite\"",
    ),
];

/// Reads all stores.
pub fn read(root: &Table<'_>, system: &mut System) -> Result<(), Failure> {
    for (section, kinds, planned, example) in SECTIONS {
        let Some(stores) = root.table(section)? else { continue };
        for (name, store) in stores.tables()? {
            let kind = kind(&store, kinds, planned)?;
            store.only(&["kind", "path"])?;
            let spec = StoreSpec { name, kind, path: store.required("path", example)? };
            match section {
                "logs" => system.logs.push(spec),
                "topics" => system.topics.push(spec),
                _ => system.tables.push(spec),
            }
        }
    }
    if system.logs.is_empty() && system.topics.is_empty() && system.tables.is_empty() {
        return Err(Failure::usage(format!("{} names no store", root.file.name))
            .hint("add at least one, such as:\n\n[logs.main]\nkind = \"files\"\npath = \"logs\""));
    }
    Ok(())
}

fn kind(store: &Table<'_>, kinds: &[&str], planned: &[&str]) -> Result<StoreKind, Failure> {
    let Some(value) = store.get("kind") else {
        return Err(store.lacks("kind", &format!("kind = \"{}\"", kinds[0])));
    };
    let kind = value.text()?;
    if planned.contains(&kind.as_str()) {
        return Err(value
            .fail(format!("{} cannot read `{kind}` yet: this version reads files and SQLite", store.title))
            .hint(format!("export what you need and use kind = \"{}\"", kinds[0])));
    }
    match kind.as_str() {
        "files" if kinds.contains(&"files") => Ok(StoreKind::Files),
        "sqlite" if kinds.contains(&"sqlite") => Ok(StoreKind::Sqlite),
        _ => Err(value
            .fail(format!("unknown kind `{kind}` of {}", store.title))
            .hint(did_you_mean(&kind, kinds.iter().copied()))),
    }
}

/// Reads all services.
pub fn services(root: &Table<'_>, system: &mut System) -> Result<(), Failure> {
    let Some(section) = root.table("service")? else { return Ok(()) };
    for (name, service) in section.tables()? {
        service.only(&["tables", "code"])?;
        let mut tables = Vec::new();
        if let Some(list) = service.get("tables") {
            for value in list.list()? {
                let table = value.text()?;
                known_store(&value, table.split('.').next().unwrap_or(&table), system)?;
                tables.push(table);
            }
        }
        system.services.push(ServiceSpec { name, tables, code: service.text("code")? });
    }
    Ok(())
}

/// Fails when there is no such table store.
pub fn known_store(value: &Value<'_>, store: &str, system: &System) -> Result<(), Failure> {
    if system.tables.iter().any(|s| s.name == store) {
        return Ok(());
    }
    let names = system.tables.iter().map(|s| s.name.as_str());
    let hint = if system.tables.is_empty() {
        format!("add it:\n\n[tables.{store}]\nkind = \"sqlite\"\npath = \"tables/{store}.sqlite\"")
    } else {
        did_you_mean(store, names)
    };
    Err(value.fail(format!("there is no [tables.{store}]")).hint(hint))
}
