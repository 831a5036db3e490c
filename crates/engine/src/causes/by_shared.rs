//! Failures that name nobody's key, told by what stands beside it: a file, a slot, a row's own number. The values at one
//! place of their lines are values of one field of (nearly) all that stopped, and of no completed one.

use super::by_value::{failures, last_word};
use crate::places;
use crate::problems::Problem;
use crate::suspects::{BY_VALUE, Boundary, Candidate};
use crate::world::World;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Entities of a side that are looked at.
const LOOKED_AT: usize = 500;
/// Lines of a failure that are looked at.
const LINES: usize = 1_000;

/// The failure, of any service, whose lines name a field's values of those that stopped.
pub(super) fn by_shared(
    world: &World<'_>,
    boundary: &Boundary,
    entities: &[u32],
    done: &[u32],
) -> Option<Candidate> {
    const FEWEST: usize = 3;
    if entities.len() < FEWEST {
        return None;
    }
    let found: Vec<(usize, &Problem)> = failures(world, boundary, entities).collect();
    if found.is_empty() {
        return None;
    }
    let fields =
        Fields::of(world, &entities[..entities.len().min(LOOKED_AT)], &done[..done.len().min(LOOKED_AT)]);
    let told = found.into_iter().filter_map(|(n, p)| Some((fields.told(world, p)?, n, p)));
    let (_, problem, _) =
        told.max_by_key(|(covered, n, p)| (*covered, p.exception.is_some(), p.count, std::cmp::Reverse(*n)))?;
    let hits = entities.to_vec();
    Some(Candidate { problem, hits, done_hits: 0, repaired: 0, tier: BY_VALUE, is_caller: false })
}

/// Who has which value in which field.
struct Fields {
    /// By value: field, entity, whether it stopped.
    of: HashMap<String, Vec<(usize, u32, bool)>>,
    names: Vec<String>,
    stuck: usize,
    done: usize,
}

impl Fields {
    fn of(world: &World<'_>, stuck: &[u32], done: &[u32]) -> Self {
        let mut out = Self { of: HashMap::new(), names: Vec::new(), stuck: stuck.len(), done: done.len() };
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let roles: HashMap<u32, bool> =
            stuck.iter().map(|e| (*e, true)).chain(done.iter().map(|e| (*e, false))).collect();
        let mut add = |source: &str, entity: u32, placed: Vec<places::Placed>| {
            let Some(is_stuck) = roles.get(&entity) else { return };
            for p in placed {
                let name = format!("{source} {}", p.place);
                let next = numbers.len();
                let field = *numbers.entry(name.clone()).or_insert(next);
                if field == next {
                    out.names.push(name);
                }
                out.of.entry(p.value).or_default().push((field, entity, *is_stuck));
            }
        };
        for entity in stuck.iter().chain(done) {
            add("", *entity, places::of_row(&world.home.entities[*entity as usize].row));
        }
        for row in &world.haul.rows {
            row.entities.iter().for_each(|e| add(&row.table, *e, places::of_row(&row.row)));
        }
        for record in &world.haul.records {
            record
                .entities
                .iter()
                .for_each(|e| add(&record.record.topic, *e, places::of_record(&record.record)));
        }
        out
    }

    /// How many of the stopped a failure's lines name by one field, where these are nearly all and no completed ones.
    fn told(&self, world: &World<'_>, problem: &Problem) -> Option<usize> {
        let mut places: BTreeMap<&str, HashSet<&str>> = BTreeMap::new();
        for log in problem.facts.iter().take(LINES).map(|i| &world.haul.logs[*i]) {
            for p in &log.placed {
                places.entry(&p.place).or_default().insert(&p.value);
            }
        }
        places.iter().filter_map(|(place, values)| self.at(place, values)).max()
    }

    /// The same for the values of one place.
    fn at(&self, place: &str, values: &HashSet<&str>) -> Option<usize> {
        /// One value that all share says little: that is for a trait.
        const FEWEST: usize = 3;
        let mut by_field: BTreeMap<usize, (HashSet<u32>, HashSet<u32>, usize)> = BTreeMap::new();
        for value in values {
            let mut counted = HashSet::new();
            for (field, entity, is_stuck) in self.of.get(*value).into_iter().flatten() {
                let (stuck, done, met) = by_field.entry(*field).or_default();
                if *is_stuck {
                    stuck.insert(*entity)
                } else {
                    done.insert(*entity)
                };
                *met += usize::from(*is_stuck && counted.insert(*field));
            }
        }
        let common = values.iter().filter(|v| crate::ids::is_common(v)).count() * 2 > values.len();
        let fits = |(field, (stuck, done, met)): &(usize, (HashSet<u32>, HashSet<u32>, usize))| {
            let same_name = shares_word(place, &self.names[*field]);
            let sure = if common && !same_name { 5 } else { FEWEST };
            // The rest may be of those that are still on their way.
            let precise = met * 10 >= values.len() * 6;
            let all = stuck.len() * 10 >= self.stuck * if common && !same_name { 9 } else { 8 };
            let spared = done.len() * 50 <= self.done;
            let chance = crate::discriminate::chance_of(stuck.len(), self.stuck, done.len(), self.done);
            *met >= sure && precise && all && spared && chance < 0.001
        };
        by_field.into_iter().filter(fits).map(|(_, (stuck, ..))| stuck.len()).max()
    }
}

/// Whether a place in a line is named as a field is: `sample` and `qa.samples id`.
fn shares_word(place: &str, field: &str) -> bool {
    let words = |text: &str| -> HashSet<String> {
        let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() > 2);
        parts.map(|w| crate::ids::singular(&w.to_lowercase())).collect()
    };
    let own = words(last_word(place));
    words(field).iter().any(|w| own.contains(w))
}
