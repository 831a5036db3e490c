//! Whose key is it? The home table is asked first; a key that it does not hold may be another id of an entity (a
//! shipment's number), and stands somewhere beside the entity's own.

use super::holders::{self, Accept, Found};
use crate::bindings::label;
use crate::home::table_store;
use crate::ids::{Fit, Names, is_common, is_id_like, is_id_word, words};
use crate::places::{self, Placed};
use crate::{EngineError, Stores};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use waylaid_model::{EntitySpec, LogEvent, Rule, TableColumn, Window, scalar_text};
use waylaid_store::{Context, ErrorKind, Filter, RowQuery, StoreError, TableStore};

/// How many ids may lie between the asked one and the entity's own.
const ROUNDS: usize = 3;
/// At most so many ids are asked on with.
const MAX_ASKED: usize = 50;
/// At most so many values beside an id are looked up in the home table.
const MAX_LOOKED_UP: usize = 20_000;

/// At most so many peers on either side of a key.
const PEERS: usize = 200;

/// What the home table says.
pub(super) enum InHome {
    /// It holds the key.
    Held,
    /// It does not.
    Lacking,
    /// It cannot be asked.
    Unreadable(String),
}

/// Asks the home table for a key.
pub(super) fn in_home(
    stores: &Stores,
    column: &TableColumn,
    key: &str,
    context: &Context,
) -> Result<InHome, EngineError> {
    match held(stores, column, vec![key.to_owned()], context) {
        Ok(held) if held.is_empty() => Ok(InHome::Lacking),
        Ok(_) => Ok(InHome::Held),
        Err(error) if error.kind == ErrorKind::Cancelled => Err(error.into()),
        Err(error) => Ok(InHome::Unreadable(error.to_string())),
    }
}

/// Which of these values are keys of the home table.
fn held(
    stores: &Stores,
    column: &TableColumn,
    values: Vec<String>,
    context: &Context,
) -> Result<BTreeSet<String>, StoreError> {
    let store = home_store(stores, column)?;
    let mut held = BTreeSet::new();
    if values.is_empty() {
        return Ok(held);
    }
    let query = RowQuery {
        table: column.table.clone(),
        columns: vec![column.column.clone()],
        filter: Filter::In { column: column.column.clone(), values },
        limit: None,
    };
    store.rows(&query, context, &mut |hit| {
        held.extend(hit.row.get(&column.column).and_then(scalar_text));
    })?;
    Ok(held)
}

/// Others in the same state, those whose keys are nearest. Followed along with one entity they show which values beside
/// its key are its own and which are everybody's (a path or a topic in the error that all of them hit).
pub(super) fn peers(
    stores: &Stores,
    spec: &EntitySpec,
    column: &TableColumn,
    own: &str,
    context: &Context,
) -> Result<Vec<String>, StoreError> {
    let of_rule = |rule: &Option<Rule>| rule.as_ref().map(|r| r.column.column.clone());
    let of_table = || spec.tables.first().and_then(|(_, state)| state.clone());
    let Some(state) = of_rule(&spec.stuck).or_else(of_table).or_else(|| of_rule(&spec.done)) else {
        return Ok(Vec::new());
    };
    let store = home_store(stores, column)?;
    let query = |column_asked: &str, value: String| RowQuery {
        table: column.table.clone(),
        columns: vec![column.column.clone(), state.clone()],
        filter: Filter::In { column: column_asked.to_owned(), values: vec![value] },
        limit: None,
    };
    let mut states = BTreeSet::new();
    store.rows(&query(&column.column, own.to_owned()), context, &mut |hit| {
        states.extend(hit.row.get(&state).and_then(scalar_text));
    })?;
    let Some(value) = states.pop_first() else { return Ok(Vec::new()) };
    let mut keys: BTreeSet<String> = BTreeSet::new();
    store.rows(&query(&state, value), context, &mut |hit| {
        keys.extend(hit.row.get(&column.column).and_then(scalar_text));
    })?;
    let before = keys.range::<str, _>((Bound::Unbounded, Bound::Excluded(own))).rev().take(PEERS);
    let after = keys.range::<str, _>((Bound::Excluded(own), Bound::Unbounded)).take(PEERS);
    Ok(before.chain(after).cloned().collect())
}

/// Keys of the home table, at most so many, evenly spread over it.
pub(super) fn sample(
    stores: &Stores,
    column: &TableColumn,
    count: usize,
    context: &Context,
) -> Result<Vec<String>, StoreError> {
    let store = home_store(stores, column)?;
    let query = RowQuery {
        table: column.table.clone(),
        columns: vec![column.column.clone()],
        filter: Filter::All,
        limit: None,
    };
    let mut keys = BTreeSet::new();
    store.rows(&query, context, &mut |hit| {
        keys.extend(hit.row.get(&column.column).and_then(scalar_text));
    })?;
    let step = keys.len().div_ceil(count.max(1)).max(1);
    Ok(keys.into_iter().step_by(step).collect())
}

fn home_store<'a>(stores: &'a Stores, column: &TableColumn) -> Result<&'a dyn TableStore, StoreError> {
    table_store(stores, &column.store).ok_or_else(|| {
        let failed = stores.failed.iter().find(|c| c.store == format!("tables.{}", column.store));
        let why = failed.map_or("it is not configured", |c| c.note.as_str());
        StoreError::new(ErrorKind::NotFound, format!("tables.{}: {why}", column.store))
    })
}

/// What the search for an owner came to.
pub(super) enum Owner {
    /// One entity.
    One(String),
    /// Several stand beside the key alike.
    Several(Vec<String>),
    /// None.
    None,
}

/// Looks for the entity beside whose key the given one stands, directly or by way of further ids.
pub(super) fn find(
    spec: &EntitySpec,
    column: &TableColumn,
    stores: &Stores,
    window: Window,
    key: &str,
    context: &Context,
) -> Result<Owner, EngineError> {
    let names = Names::new(&spec.name, &column.table, &column.column);
    let mut known: BTreeSet<String> = BTreeSet::from([key.to_owned()]);
    let mut asked = vec![key.to_owned()];
    let mut several = Vec::new();
    for _ in 0..ROUNDS {
        let found = holders::sweep(stores, &asked, window, &IdPlace(&asked), context)?;
        let units = units(&found);
        let candidates = candidates(&units, &names, &known);
        let held = held(stores, column, candidates, context)?;
        let owners = owners(&units, &asked, &held, &names);
        match owners.len() {
            0 => {}
            1 => return Ok(owners.into_iter().next().map_or(Owner::None, Owner::One)),
            _ if several.is_empty() => several = owners.into_iter().collect(),
            _ => {}
        }
        if !several.is_empty() {
            break;
        }
        asked = further(&units, &known);
        known.extend(asked.iter().cloned());
        if asked.is_empty() {
            break;
        }
    }
    Ok(if several.is_empty() { Owner::None } else { Owner::Several(several) })
}

/// Facts in which an id stands at a place that is named for ids, or is rare by itself.
struct IdPlace<'a>(&'a [String]);

impl Accept for IdPlace<'_> {
    fn event(&self, _: &LogEvent, placed: &[Placed]) -> bool {
        self.placed("", placed)
    }

    fn placed(&self, _: &str, placed: &[Placed]) -> bool {
        let names_id = |p: &Placed| words(label(&p.place)).iter().any(|w| is_id_word(w));
        let counts = |p: &Placed| self.0.contains(&p.value) && (!is_common(&p.value) || names_id(p));
        placed.iter().any(counts) || self.0.iter().all(|k| !is_common(k))
    }
}

fn units(found: &Found) -> Vec<Vec<Placed>> {
    let records = found.records.iter().map(|r| places::of_record(&r.record));
    let rows = found.rows.iter().map(|r| places::of_row(&r.row));
    records.chain(rows).chain(found.logs.iter().map(|l| l.placed.clone())).collect()
}

/// Whether a value at a place may be the entity's own key: it is rare, or the place is named for the entity.
fn may_be_own(p: &Placed, names: &Names) -> bool {
    !is_common(&p.value) || names.fit(label(&p.place)) == Fit::Named
}

fn candidates(units: &[Vec<Placed>], names: &Names, known: &BTreeSet<String>) -> Vec<String> {
    let mut values: BTreeSet<&str> = BTreeSet::new();
    for p in units.iter().flatten().filter(|p| may_be_own(p, names)) {
        if p.value.len() <= 100 && !known.contains(&p.value) && values.len() < MAX_LOOKED_UP {
            values.insert(&p.value);
        }
    }
    values.into_iter().map(str::to_owned).collect()
}

/// The entities beside each asked id, in facts that name just one; ids that several entities share are left out,
/// unless there are no others.
fn owners(
    units: &[Vec<Placed>],
    asked: &[String],
    held: &BTreeSet<String>,
    names: &Names,
) -> BTreeSet<String> {
    let mut of: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for unit in units {
        let beside: BTreeSet<&str> = unit
            .iter()
            .filter(|p| may_be_own(p, names) && held.contains(&p.value))
            .map(|p| p.value.as_str())
            .collect();
        if beside.len() != 1 {
            continue;
        }
        for id in asked.iter().filter(|a| unit.iter().any(|p| p.value == **a)) {
            of.entry(id).or_default().extend(&beside);
        }
    }
    let single: BTreeSet<&str> = of.values().filter(|o| o.len() == 1).flatten().copied().collect();
    let chosen = if single.is_empty() { of.into_values().flatten().collect() } else { single };
    chosen.into_iter().map(str::to_owned).collect()
}

/// Rare ids beside the asked ones, to ask on with.
fn further(units: &[Vec<Placed>], known: &BTreeSet<String>) -> Vec<String> {
    let mut values: BTreeSet<&str> = BTreeSet::new();
    for p in units.iter().flatten() {
        if !is_common(&p.value) && is_id_like(&p.value) && !known.contains(&p.value) {
            values.insert(&p.value);
        }
    }
    values.into_iter().take(MAX_ASKED).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(place: &str, value: &str) -> Placed {
        Placed { place: place.into(), value: value.into() }
    }

    #[test]
    fn an_id_that_one_entity_has_finds_it_and_a_shared_one_does_not() {
        let names = Names::new("order", "orders", "id");
        let units = vec![
            vec![placed("$.orderId", "1001"), placed("$.label", "LBL-77-9"), placed("$.customer", "CU-5001")],
            vec![placed("$.orderId", "1002"), placed("$.customer", "CU-5001"), placed("$.quantity", "1001")],
        ];
        let held: BTreeSet<String> = ["1001", "1002"].map(str::to_owned).into();
        let find = |ids: &[&str]| {
            let ids: Vec<String> = ids.iter().map(|i| (*i).to_owned()).collect();
            owners(&units, &ids, &held, &names).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(find(&["LBL-77-9"]), ["1001"]);
        assert_eq!(find(&["CU-5001"]), ["1001", "1002"]);
        assert_eq!(find(&["CU-5001", "LBL-77-9"]), ["1001"]);
        assert!(find(&["LBL-0"]).is_empty());
    }
}
