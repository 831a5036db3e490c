//! The key values inside a problem's messages: which constraint of which table, which columns, which values.

use crate::problems::Problem;
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use waylaid_model::{KeyList, Kind};

/// Table, constraint and columns as a message names them.
type Constraint = (Option<String>, Option<String>, Vec<String>);

/// The keys of a problem that violates a constraint; `None` when its messages name none.
pub(crate) fn of_problem(world: &World<'_>, problem: &Problem, entities: &[u32]) -> Option<KeyList> {
    if !matches!(problem.kind, Some(Kind::DuplicateKey | Kind::ConstraintViolation)) {
        return None;
    }
    let hits = |i: &usize| world.haul.logs[*i].entities.iter().any(|e| entities.binary_search(e).is_ok());
    let named = problem.facts.iter().any(hits);
    let theirs =
        |facts: &[usize]| -> Vec<usize> { facts.iter().filter(|i| !named || hits(i)).copied().collect() };
    let mut by_constraint: BTreeMap<Constraint, BTreeSet<Vec<String>>> = BTreeMap::new();
    for (constraint, values) in violated(world, &theirs(&problem.facts)) {
        by_constraint.entry(constraint).or_default().extend(values);
    }
    // Attempts that were told in other words violated the same constraint, each perhaps with a key of its own.
    let is_other =
        |p: &&Problem| p.service == problem.service && p.kind == problem.kind && !std::ptr::eq(*p, problem);
    for other in world.problems.iter().filter(is_other) {
        for (constraint, values) in violated(world, &theirs(&other.facts)) {
            let known = by_constraint.iter_mut().find(|(known, _)| is_same(known, &constraint));
            if let Some((_, known)) = known {
                known.extend(values);
            }
        }
    }
    let ((table, constraint, columns), values) = by_constraint.into_iter().max_by_key(|(_, v)| v.len())?;
    let (table, columns) = place(world, problem, table.as_deref(), constraint.as_deref(), columns);
    let values: Vec<Vec<String>> = values.into_iter().collect();
    Some(KeyList { table, constraint, columns, count: values.len() as u64, csv: String::new(), values })
}

/// Whether two messages speak of one constraint: by its name, where both have it; one may leave the table out.
fn is_same(a: &Constraint, b: &Constraint) -> bool {
    match (&a.1, &b.1) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

/// The constraints that events say were violated, with the values where they have them. An attempt that is repeated says
/// the same again.
fn violated(world: &World<'_>, facts: &[usize]) -> Vec<(Constraint, Option<Vec<String>>)> {
    let texts: HashSet<String> = facts.iter().map(|i| world.haul.logs[*i].full_text()).collect();
    let found = texts.iter().flat_map(|text| waylaid_logs::find_violations(text));
    let of = |v: waylaid_logs::Violation| {
        // A foreign key's value is looked up where it should have been.
        let table = v.referenced_table.or(v.table);
        ((table, v.constraint, v.columns), (!v.values.is_empty()).then_some(v.values))
    };
    found.map(of).collect()
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
