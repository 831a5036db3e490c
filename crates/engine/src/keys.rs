//! The key values inside a problem's messages: which constraint of which table, which columns, which values.

use crate::problems::Problem;
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use waylaid_model::{KeyList, Kind};

/// Table, constraint and columns as a message names them.
type Constraint = (Option<String>, Option<String>, Vec<String>);

/// The keys of a problem that violates a constraint; `None` when its messages name none.
pub(crate) fn of_problem(world: &World<'_>, problem: &Problem, entities: &[u32]) -> Option<KeyList> {
    if !matches!(problem.kind, Some(Kind::DuplicateKey | Kind::ConstraintViolation)) {
        return None;
    }
    let mut by_constraint: BTreeMap<Constraint, BTreeSet<Vec<String>>> = BTreeMap::new();
    let hits = |i: &&usize| world.haul.logs[**i].entities.iter().any(|e| entities.contains(e));
    let named = problem.facts.iter().any(|i| hits(&i));
    for index in problem.facts.iter().filter(|i| !named || hits(i)) {
        for violation in waylaid_logs::find_violations(&world.haul.logs[*index].full_text()) {
            // A foreign key's value is looked up where it should have been.
            let table = violation.referenced_table.clone().or_else(|| violation.table.clone());
            let identity = (table, violation.constraint.clone(), violation.columns.clone());
            let values = by_constraint.entry(identity).or_default();
            if !violation.values.is_empty() {
                values.insert(violation.values);
            }
        }
    }
    let ((table, constraint, columns), values) = by_constraint.into_iter().max_by_key(|(_, v)| v.len())?;
    let (table, columns) = place(world, problem, table.as_deref(), constraint.as_deref(), columns);
    let values: Vec<Vec<String>> = values.into_iter().collect();
    Some(KeyList { table, constraint, columns, count: values.len() as u64, csv: String::new(), values })
}

/// The table in the stores that a message means, and the constraint's columns from its catalogue.
fn place(
    world: &World<'_>,
    problem: &Problem,
    table: Option<&str>,
    constraint: Option<&str>,
    columns: Vec<String>,
) -> (Option<String>, Vec<String>) {
    let bare = |name: &str| {
        name.rsplit('.').next().unwrap_or(name).trim_matches(['"', '`', '[', ']']).to_lowercase()
    };
    let mine = |node: &str| world.services.owner(node) == Some(problem.service.as_str());
    let mut tables: Vec<_> = world.haul.tables.iter().collect();
    tables.sort_by_key(|t| (!mine(&t.node), t.node.clone()));
    let found = tables.iter().find(|t| {
        let name = t.info.name.to_lowercase();
        let named = table.is_some_and(|t| bare(t) == name);
        let by_key =
            constraint.is_some_and(|c| t.info.uniques.iter().any(|u| u.name.eq_ignore_ascii_case(c)));
        named || by_key
    });
    let found = found.or_else(|| {
        let constraint = constraint.map(bare)?;
        tables
            .iter()
            .filter(|t| constraint.contains(&t.info.name.to_lowercase()) && mine(&t.node))
            .max_by_key(|t| t.info.name.len())
    });
    let Some(found) = found else { return (table.map(str::to_owned), columns) };
    let columns = if columns.is_empty() { columns_of(&found.info, constraint) } else { columns };
    (Some(found.node.clone()), columns)
}

/// The columns of a constraint: by the catalogue, else by the names its own name is made of, else the primary key.
fn columns_of(table: &waylaid_store::TableInfo, constraint: Option<&str>) -> Vec<String> {
    let bare = |name: &str| name.rsplit('.').next().unwrap_or(name).to_lowercase();
    let unique = table.uniques.iter().find(|u| constraint.is_some_and(|c| bare(c) == bare(&u.name)));
    let spelt: Vec<String> = table
        .columns
        .iter()
        .map(|c| c.name.clone())
        .filter(|c| c.len() >= 3 && constraint.is_some_and(|k| bare(k).contains(&c.to_lowercase())))
        .collect();
    match unique {
        Some(unique) => unique.columns.clone(),
        None if !spelt.is_empty() => spelt,
        None => table.primary_key().into_iter().map(str::to_owned).collect(),
    }
}
