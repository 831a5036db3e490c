//! The bundle's own `waylaid.toml`: the same system, with files for stores.

use crate::checkout;
use crate::places;
use crate::state::Begun;
use std::fmt::Write as _;
use waylaid_model::{EntitySpec, LogBindingSpec, Rule, StoreKind, StoreSpec, System, TableColumn};

/// Where a store of a section lies inside the bundle. A store that could not be recorded is told a place that is not there,
/// so that it counts as failed and never as empty.
pub(crate) fn place(section: &str, name: &str, of: usize) -> String {
    match section {
        "tables" => format!("tables/{}.sqlite", places::file(name)),
        _ if of == 1 => section.to_owned(),
        _ => format!("{section}/{}", places::file(name)),
    }
}

/// The text of the file.
pub(crate) fn text(system: &System, begun: &Begun, failed: &dyn Fn(&str) -> bool) -> String {
    let mut out = String::from("# Written by `waylaid record`; README.md says what is in this bundle.\n");
    let _ = write!(out, "[system]\nname = {}\n", quoted(&system.name));
    if let Some(now) = begun.now {
        let _ = writeln!(out, "now = {}", quoted(&now.to_string()));
    }
    for (section, stores) in [("logs", &system.logs), ("topics", &system.topics), ("tables", &system.tables)]
    {
        for store in stores {
            self::store(&mut out, section, store, stores.len(), failed);
        }
    }
    for service in &system.services {
        let _ = writeln!(out, "\n[service.{}]", key(&service.name));
        if !service.tables.is_empty() {
            let _ = writeln!(out, "tables = {}", list(&service.tables));
        }
        if begun.code.contains(&service.name) {
            let _ = writeln!(out, "code = {}", quoted(&checkout::folder(&service.name)));
        }
    }
    system.entities.iter().for_each(|entity| self::entity(&mut out, entity));
    out
}

fn store(out: &mut String, section: &str, store: &StoreSpec, of: usize, failed: &dyn Fn(&str) -> bool) {
    let kind = if section == "tables" { StoreKind::Sqlite } else { StoreKind::Files };
    let mut path = place(section, &store.name, of);
    if failed(&format!("{section}.{}", store.name)) {
        path.push_str(".not-recorded");
    }
    let _ = writeln!(
        out,
        "\n[{section}.{}]\nkind = {}\npath = {}",
        key(&store.name),
        quoted(kind.name()),
        quoted(&path)
    );
}

fn entity(out: &mut String, entity: &EntitySpec) {
    let _ = writeln!(out, "\n[entity.{}]", key(&entity.name));
    let table = |(column, state): &(TableColumn, Option<String>)| {
        let state = state.as_ref().map_or_else(String::new, |s| format!(", state = {}", quoted(s)));
        format!("{{ column = {}{state} }}", self::column(column))
    };
    let topic = |binding: &waylaid_model::TopicBindingSpec| {
        let place = match binding.place.as_str() {
            "key" => "key = true".to_owned(),
            place => match place.strip_prefix("header:") {
                Some(name) => format!("header = {}", quoted(name)),
                None => format!("path = {}", quoted(place)),
            },
        };
        format!("{{ topic = {}, {place} }}", quoted(&binding.topic))
    };
    let log = |binding: &LogBindingSpec| match binding {
        LogBindingSpec::Field(field) => format!("{{ field = {} }}", quoted(field)),
        LogBindingSpec::Pattern(pattern) => format!("{{ pattern = {} }}", quoted(pattern)),
    };
    members(out, "tables", entity.tables.iter().map(table));
    members(out, "topics", entity.topics.iter().map(topic));
    members(out, "logs", entity.logs.iter().map(log));
    for (name, rule) in [("stuck", &entity.stuck), ("done", &entity.done)] {
        if let Some(rule) = rule {
            let _ = writeln!(out, "{name} = {}", self::rule(rule));
        }
    }
}

fn members(out: &mut String, name: &str, members: impl Iterator<Item = String>) {
    let members: Vec<String> = members.collect();
    if !members.is_empty() {
        let _ = writeln!(out, "{name} = [{}]", members.join(", "));
    }
}

fn rule(rule: &Rule) -> String {
    let when = match rule.null {
        Some(null) => format!("null = {null}"),
        None => format!("equals = {}", list(&rule.equals)),
    };
    let length = match rule.for_nanos / 1_000_000 {
        0 => String::new(),
        ms if ms % 1000 == 0 => format!(", for = \"{}s\"", ms / 1000),
        ms => format!(", for = \"{ms}ms\""),
    };
    format!("{{ column = {}, {when}{length} }}", column(&rule.column))
}

fn column(column: &TableColumn) -> String {
    quoted(&format!("{}.{}.{}", column.store, column.table, column.column))
}

fn list(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    format!("[{}]", values.join(", "))
}

fn key(name: &str) -> String {
    let is_bare =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if is_bare { name.to_owned() } else { quoted(name) }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
