//! `[logs.x]`, `[topics.x]`, `[tables.x]` and `[service.x]`.

use super::read::{Table, Value};
use crate::diagnostics::{Failure, did_you_mean};
use crate::kinds::{self, About, Key, Takes};
use waylaid_model::{ServiceSpec, Settings, StoreSpec, System};

/// Reads all stores.
pub fn read(root: &Table<'_>, system: &mut System) -> Result<(), Failure> {
    for section in ["logs", "topics", "tables"] {
        let Some(stores) = root.table(section)? else { continue };
        for (name, store) in stores.tables()? {
            let about = kind(&store, &kinds::of(section))?;
            let spec = StoreSpec { name, kind: about.kind, settings: settings(&store, &about)? };
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

/// The kind that a store names.
fn kind(store: &Table<'_>, known: &[About]) -> Result<About, Failure> {
    let names: Vec<&str> = known.iter().map(|about| about.kind.name()).collect();
    let first = names.first().copied().unwrap_or_default();
    let Some(value) = store.get("kind") else {
        return Err(store.lacks("kind", &format!("kind = \"{first}\"")));
    };
    let kind = value.text()?;
    let Some(about) = known.iter().find(|about| about.kind.name() == kind) else {
        return Err(value
            .fail(format!("unknown kind `{kind}` of {}", store.title))
            .hint(did_you_mean(&kind, names.iter().copied())));
    };
    match about.lacks {
        Some(feature) => Err(value
            .fail(format!("{} cannot be read: this build is without `{kind}`", store.title))
            .hint(format!("build it with: cargo build --release --features {feature}"))),
        None => Ok(*about),
    }
}

/// What a store is told.
fn settings(store: &Table<'_>, about: &About) -> Result<Settings, Failure> {
    let known: Vec<&str> = ["kind"].into_iter().chain(about.keys.iter().map(|key| key.name)).collect();
    store.only(&known)?;
    let mut settings = Settings::default();
    for key in about.keys {
        match (store.get(key.name), key.required) {
            (Some(value), _) => settings.set(key.name, setting(&value, key, &store.title)?),
            (None, Some(example)) => return Err(store.lacks(key.name, example)),
            (None, None) => {}
        }
    }
    Ok(settings)
}

fn setting(value: &Value<'_>, key: &Key, title: &str) -> Result<String, Failure> {
    match key.takes {
        Takes::Text | Takes::Path => value.text(),
        Takes::Url => value.url(),
        Takes::Secret => value.secret(),
        Takes::OneOf(words) => {
            let text = value.text()?;
            if words.contains(&text.as_str()) {
                return Ok(text);
            }
            let what = format!("unknown `{}` {text} of {title}", key.name);
            Err(value.fail(what).hint(did_you_mean(&text, words.iter().copied())))
        }
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
