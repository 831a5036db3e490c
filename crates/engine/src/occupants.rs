//! Whose row stands where a write violated a unique key.
//!
//! The same error means two things. Where the row that is there is their own, the write came twice and may pass for done.
//! Where it is somebody else's, the key is given out twice (a sequence that was set back, a counter, a value cut short),
//! and to take that row for done would lose the order for good. So the rows are looked up by the keys that the errors name.

use crate::bindings::Source;
use crate::bridges;
use crate::causes::Draft;
use crate::home::{Role, table_store};
use crate::keys;
use crate::places::{self, Placed};
use crate::world::World;
use crate::{EngineError, Stores};
use std::collections::{BTreeMap, BTreeSet};
use waylaid_model::{KeyList, Kind, Reference, Row, Timestamp, scalar_text};
use waylaid_store::{Context, ErrorKind, Filter, RowQuery, StoreError, TableStore};

/// Keys looked up for one problem.
const LOOKED_UP: usize = 200;

/// What was found where the rows of a problem's keys stand.
#[derive(Debug, Default)]
pub(crate) struct Occupants {
    /// `store.table`.
    pub(crate) table: String,
    /// Keys looked up.
    pub(crate) keys: usize,
    /// Whose row belongs to the entity that it stopped.
    pub(crate) own: usize,
    /// Whose row belongs to somebody else.
    pub(crate) others: usize,
    /// Of these, keys that came with the entity's own records.
    pub(crate) carried: usize,
    /// That no row holds (any more).
    pub(crate) gone: usize,
    /// A row of whom they are most, to be cited.
    pub(crate) sample: Option<(Reference, Option<Timestamp>, String)>,
}

impl Occupants {
    /// In words.
    pub(crate) fn sentence(&self, entity: &str) -> String {
        let Self { table, keys, own, others, gone, .. } = self;
        let came = match self.carried {
            0 => String::new(),
            n => format!(" ({n} of these keys came with its records)"),
        };
        let parts = [
            (*own, format!("hold the same {entity}")),
            (*others, format!("hold another {entity}{came}")),
            (*gone, "are not there".to_owned()),
            (keys - own - others - gone, format!("do not say which {entity}")),
        ];
        let told: Vec<String> =
            parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        format!("of the rows that stand in {table} under {keys} of these keys, {}", told.join(", "))
    }
}

/// Whose the row is that stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The stopped entity's own.
    Own,
    /// Somebody else's, under a key that the service gives out.
    Others,
    /// Somebody else's, under a key that came with the record: what both share, or a number given out twice before.
    Shared,
    /// It cannot be told.
    Unknown,
}

/// Whose rows violate a unique key: as looked up; where the errors name no values, by whether those that stopped have a
/// row in the table at all, as completed ones do.
pub(crate) fn whose(world: &World<'_>, draft: &Draft, keys: Option<&KeyList>) -> Whose {
    const FEWEST: usize = 3;
    if let Some(found) = draft.proof.problem().and_then(|p| world.occupants.get(&p)) {
        return match found {
            o if o.own > 0 => Whose::Own,
            o if o.carried * 2 > o.others => Whose::Shared,
            _ => Whose::Others,
        };
    }
    let Some(table) = keys.and_then(|k| k.table.as_deref()) else { return Whose::Unknown };
    let Some(node) = world.trails.nodes.iter().position(|n| n.table() == Some(table)) else {
        return Whose::Unknown;
    };
    let there = |e: &&u32| world.trails.reach[**e as usize].contains_key(&node);
    let own = draft.entities.iter().filter(there).count();
    let done = world.of_role(Role::Done).iter().filter(there).take(FEWEST).count();
    match own {
        0 if done >= FEWEST => Whose::Others,
        _ if own * 2 > draft.entities.len() => Whose::Own,
        _ => Whose::Unknown,
    }
}

/// Looks the rows up for each problem that says a unique key was violated by some of the stuck. A store that cannot
/// answer leaves the question open.
pub(crate) fn look(world: &mut World<'_>, stores: &Stores, context: &Context) -> Result<(), EngineError> {
    let stuck = world.of_role(Role::Stuck);
    let mut found = BTreeMap::new();
    let mut unread = Vec::new();
    for (number, problem) in world.problems.iter().enumerate() {
        let hits = problem.hits.keys().any(|e| stuck.binary_search(e).is_ok());
        if problem.kind != Some(Kind::DuplicateKey) || !hits {
            continue;
        }
        let Some(keys) = keys::of_problem(world, problem, &stuck) else { continue };
        match of_keys(world, number, &keys, &stuck, stores, context) {
            Ok(occupants) => found.extend(occupants.map(|o| (number, o))),
            Err(error) if error.kind == ErrorKind::Cancelled => return Err(error.into()),
            Err(error) => unread.push(format!(
                "whose rows hold the keys that {} names could not be looked up: {error}",
                problem.service
            )),
        }
    }
    world.notes.append(&mut unread);
    world.occupants = found;
    Ok(())
}

fn of_keys(
    world: &World<'_>,
    problem: usize,
    keys: &KeyList,
    stuck: &[u32],
    stores: &Stores,
    context: &Context,
) -> Result<Option<Occupants>, StoreError> {
    let Some((node, (name, table))) = keys.table.as_deref().and_then(|t| Some((t, t.split_once('.')?)))
    else {
        return Ok(None);
    };
    let (Some(store), false) = (table_store(stores, name), keys.columns.is_empty()) else { return Ok(None) };
    let wanted = who_met(world, problem, stuck);
    if wanted.is_empty() {
        return Ok(None);
    }
    let mut list = keys.clone();
    list.values = wanted.iter().map(|(values, _)| values.clone()).collect();
    // Messages may write names in another case than the catalogue.
    let info = world.haul.tables.iter().find(|t| t.node == node).map(|t| &t.info);
    let own = |column: &String| {
        let known = info.and_then(|i| i.columns.iter().find(|c| c.name.eq_ignore_ascii_case(column)));
        known.map_or_else(|| column.clone(), |c| c.name.clone())
    };
    let columns: Vec<String> = keys.columns.iter().map(own).collect();
    let rows = rows(store, table, &columns, &list, context)?;
    let mut out = Occupants { table: node.to_owned(), keys: wanted.len(), ..Occupants::default() };
    for (values, entity) in &wanted {
        let Some((at, row)) = rows.get(values) else {
            out.gone += 1;
            continue;
        };
        let text = || {
            let cells = row.cells.iter().filter_map(|(c, v)| scalar_text(v).map(|v| format!("{c}={v}")));
            format!(
                "stands in the way of {} {}: {}",
                world.spec.name,
                world.key(*entity),
                cells.collect::<Vec<_>>().join(" ")
            )
        };
        let is_first = match is_own(world, node, *entity, row) {
            Some(true) => {
                out.own += 1;
                out.own == 1 && out.others == 0
            }
            Some(false) => {
                out.others += 1;
                out.carried += usize::from(carries(world, *entity, values));
                out.others == 1
            }
            None => false,
        };
        if is_first {
            out.sample = Some((at.clone(), crate::rowtime::created(row), text()));
        }
    }
    Ok((out.own + out.others > 0).then_some(out))
}

/// The values that events of a problem name, each with the one of the stuck that the event is about.
fn who_met(world: &World<'_>, problem: usize, stuck: &[u32]) -> Vec<(Vec<String>, u32)> {
    let mut out = BTreeSet::new();
    for log in world.problems[problem].facts.iter().map(|i| &world.haul.logs[*i]) {
        let &[entity] = log.entities.as_slice() else { continue };
        if stuck.binary_search(&entity).is_err() {
            continue;
        }
        let named = waylaid_logs::find_violations(&log.full_text());
        out.extend(named.into_iter().filter(|v| !v.values.is_empty()).map(|v| (v.values, entity)));
        if out.len() >= LOOKED_UP {
            break;
        }
    }
    out.into_iter().take(LOOKED_UP).collect()
}

/// Whether a row is an entity's: it holds its key where the table is known to hold these, or another id of it. `None` where
/// it is not known by what rows of this table name theirs.
fn is_own(world: &World<'_>, node: &str, entity: u32, row: &Row) -> Option<bool> {
    let placed = places::of_row(row);
    let key = world.key(entity);
    let mut told = None;
    let source = Source::Table(node.to_owned());
    let of_table = world.haul.bindings.iter().filter(|(alias, b)| alias.is_empty() && b.source == source);
    for binding in of_table.map(|(_, b)| b) {
        let Some(found) = placed.iter().find(|p| p.place == binding.place) else { continue };
        if found.value == key || (binding.inside && places::tokens(&found.value).any(|t| t == key)) {
            return Some(true);
        }
        told = Some(false);
    }
    for alias in &world.haul.aliases {
        let owners = bridges::owners(alias, &placed);
        if owners.contains(&entity) {
            return Some(true);
        }
        told = told.or((!owners.is_empty()).then_some(false));
    }
    // Its own key anywhere else makes the row its own as well, unless a mere number that may be anything.
    let holds = |p: &Placed| p.value == key && !crate::ids::is_common(key);
    if placed.iter().any(holds) { Some(true) } else { told }
}

/// Whether an entity's own row or records hold a value of a violated key.
fn carries(world: &World<'_>, entity: u32, values: &[String]) -> bool {
    let telling = |p: &Placed| values.iter().any(|v| *v == p.value && !crate::ids::is_common(v));
    let records = world.haul.records.iter().filter(|r| r.entities.contains(&entity));
    places::of_row(&world.home.entities[entity as usize].row).iter().any(telling)
        || records.take(20).any(|r| places::of_record(&r.record).iter().any(telling))
}

/// The rows that hold these keys, by their values in the order of the columns.
pub(crate) fn rows(
    store: &dyn TableStore,
    table: &str,
    columns: &[String],
    keys: &KeyList,
    context: &Context,
) -> Result<BTreeMap<Vec<String>, (Reference, Row)>, StoreError> {
    let first: BTreeSet<String> = keys.values.iter().filter_map(|v| v.first().cloned()).collect();
    let Some(column) = columns.first() else { return Ok(BTreeMap::new()) };
    let filter = Filter::In { column: column.clone(), values: first.into_iter().collect() };
    let query = RowQuery { table: table.to_owned(), columns: Vec::new(), filter, limit: None };
    let mut found = BTreeMap::new();
    store.rows(&query, context, &mut |hit| {
        let values: Option<Vec<String>> =
            columns.iter().map(|c| hit.row.get(c).and_then(scalar_text)).collect();
        if let Some(values) = values {
            found.entry(values).or_insert((hit.at, hit.row));
        }
    })?;
    Ok(found)
}
