//! Calls that write a table through an entity: repositories, sessions, contexts, clients made from a schema.

use super::{Table, snake};
use crate::configuration::is_test;
use crate::index::Index;
use crate::outline::{Call, Language, Outline, Value, last_name};
use crate::places::Statement;
use std::collections::HashMap;

const SAVES: &[&str] = &[
    "save",
    "saveAll",
    "saveAndFlush",
    "persist",
    "merge",
    "insert",
    "upsert",
    "create",
    "createMany",
    "Add",
    "AddAsync",
    "AddRange",
    "Update",
    "update",
    "add",
    "add_all",
    "insert_all",
    "upsert_all",
    "find_or_create_by",
    "firstOrCreate",
    "updateOrCreate",
    "bulk_create",
    "get_or_create",
    "update_or_create",
    "delete",
    "deleteById",
    "Remove",
];

pub(super) fn find(index: &Index, tables: &[Table]) -> Vec<(String, Statement)> {
    let entities: HashMap<&str, &str> = tables
        .iter()
        .filter(|t| !t.entity.is_empty())
        .map(|t| (t.entity.as_str(), t.name.as_str()))
        .collect();
    if entities.is_empty() {
        return Vec::new();
    }
    let repositories = repositories(index, &entities);
    let mut out = Vec::new();
    for file in index.files.iter().filter(|f| !is_test(&f.path)) {
        let types = types(&file.outline);
        for call in file.outline.calls.iter().filter(|c| SAVES.contains(&c.method())) {
            let table = of_receiver(call, &types, &repositories, &entities)
                .or_else(|| of_arguments(call, &entities))
                .or_else(|| of_name(&file.outline, call, &entities));
            if let Some(table) = table {
                let symbol = file.outline.symbol_name(call.symbol);
                let place = Statement { path: file.path.clone(), line: u64::from(call.line), symbol };
                out.push((table.to_owned(), place));
            }
        }
    }
    out
}

/// Types of fields, parameters and variables by their name.
fn types(outline: &Outline) -> HashMap<&str, &str> {
    let typed = outline.constants.iter().filter(|c| !c.type_name.is_empty());
    typed.map(|c| (c.name.as_str(), c.type_name.as_str())).collect()
}

/// Repositories by their name, with their table: `interface Orders extends JpaRepository<Order, Long>`.
fn repositories<'a>(index: &'a Index, entities: &HashMap<&str, &'a str>) -> HashMap<&'a str, &'a str> {
    let mut out = HashMap::new();
    for class in index.files.iter().flat_map(|f| &f.outline.symbols) {
        let table =
            class.types.iter().filter(|t| t.contains("Repository")).find_map(|t| argument_of(t, entities));
        if let Some(table) = table {
            out.insert(class.name.as_str(), table);
        }
    }
    out
}

/// The table of a type argument that is an entity.
fn argument_of<'a>(type_name: &str, entities: &HashMap<&str, &'a str>) -> Option<&'a str> {
    let inside = type_name.split_once('<')?.1;
    inside.split([',', '>', '<']).find_map(|t| entities.get(t.trim())).copied()
}

fn of_receiver<'a>(
    call: &Call,
    types: &HashMap<&str, &str>,
    repositories: &HashMap<&str, &'a str>,
    entities: &HashMap<&str, &'a str>,
) -> Option<&'a str> {
    let receiver = last_name(call.receiver());
    let type_name = types.get(receiver)?;
    let type_name = type_name.trim_start_matches([':', ' ']);
    repositories.get(type_name).copied().or_else(|| {
        let holds = ["Repository", "DbSet", "Set"].iter().any(|w| type_name.contains(w));
        holds.then(|| argument_of(type_name, entities)).flatten()
    })
}

/// `session.add(Order(…))`, `em.persist(new Order(…))`.
fn of_arguments<'a>(call: &Call, entities: &HashMap<&str, &'a str>) -> Option<&'a str> {
    call.arguments.iter().find_map(|a| match &a.value {
        Value::Call(callee, _) => entities.get(last_name(callee)).copied(),
        _ => None,
    })
}

/// `Order.objects.create(…)`, `db.Orders.Add(…)`, `prisma.order.create(…)`.
fn of_name<'a>(outline: &Outline, call: &Call, entities: &HashMap<&str, &'a str>) -> Option<&'a str> {
    let parts: Vec<&str> = call.receiver().split('.').map(|p| p.trim_end_matches("()")).collect();
    match outline.language {
        Language::Python => {
            parts.first().filter(|_| parts.contains(&"objects")).and_then(|p| entities.get(p)).copied()
        }
        Language::Ruby | Language::Php => parts.first().and_then(|p| entities.get(p)).copied(),
        Language::JavaScript => {
            let last = parts
                .last()
                .filter(|_| parts.len() > 1 && parts[parts.len() - 2].to_lowercase().contains("prisma"))?;
            entities.iter().find(|(e, _)| snake(e) == snake(last)).map(|(_, t)| *t)
        }
        Language::CSharp => {
            let last = parts.last().filter(|_| parts.len() > 1)?;
            let lower = last.to_lowercase();
            let set = |(entity, _): &(&&str, &&'a str)| {
                let entity = entity.to_lowercase();
                lower == entity || lower == format!("{entity}s") || lower == format!("{entity}es")
            };
            entities.iter().find(set).map(|(_, t)| *t)
        }
        _ => None,
    }
}
