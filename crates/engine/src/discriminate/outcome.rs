//! Columns that are empty among the stuck because of what they did not reach: they tell how far somebody came, not why.

use super::{Told, Trait};
use crate::home::Home;
use crate::places;
use crate::sweep::Haul;
use crate::trails::{Fact, Trails};
use crate::world::World;
use waylaid_model::{Timestamp, scalar_text};

/// A column that is empty among the stuck: the table, where it is not the entity's own, and the column.
fn empty_column(t: &Trait) -> Option<(Option<&str>, &str)> {
    let is_empty = match &t.told {
        Told::Null => true,
        Told::Is(value) => matches!(value.as_str(), "0" | "false" | ""),
        _ => false,
    };
    let of_row = t.feature.strip_prefix("row ").map(|column| (None, column));
    let of_other =
        || t.feature.strip_prefix("of ")?.split_once('.').map(|(table, column)| (Some(table), column));
    of_row.or_else(of_other).filter(|_| is_empty)
}

/// Whether a column is empty among the stuck because only a later hop fills it: what the completed have there is first
/// told behind the node. Rows tell nothing of that: they stand as they are now.
pub(super) fn is_filled_later(
    home: &Home,
    haul: &Haul,
    trails: &Trails,
    node: usize,
    done: &[u32],
    t: &Trait,
) -> bool {
    let Some((table, column)) = empty_column(t) else { return false };
    match Filled::look(home, haul, trails, node, done, table, column) {
        // When something was done tells how far they came, whatever the column is called.
        Filled::WithTimes => true,
        Filled::With { values, later, .. } => values > 0 && later * 2 > values,
    }
}

/// What completed ones have in a column that is empty among the stuck.
enum Filled {
    /// Times.
    WithTimes,
    /// Values that say whose they are; of these, how many were told before, and how many only behind the node.
    With { values: usize, before: usize, later: usize },
}

impl Filled {
    fn look(
        home: &Home,
        haul: &Haul,
        trails: &Trails,
        node: usize,
        done: &[u32],
        table: Option<&str>,
        column: &str,
    ) -> Self {
        const LOOKED_AT: usize = 50;
        let (mut values, mut before, mut later) = (0, 0, 0);
        for entity in done.iter().take(LOOKED_AT) {
            let observations = &trails.of[*entity as usize];
            let of_table = |o: &crate::trails::Observation| match o.fact {
                Fact::Row(i) if haul.rows[i].table.rsplit('.').next() == table => Some(&haul.rows[i].row),
                _ => None,
            };
            let row = match table {
                None => Some(&home.entities[*entity as usize].row),
                Some(_) => observations.iter().find_map(of_table),
            };
            let cell = row.and_then(|r| r.get(column));
            if cell.is_some_and(|cell| crate::rowtime::time_of(column, cell).is_some()) {
                return Self::WithTimes;
            }
            let value = cell.and_then(scalar_text).filter(|v| !crate::ids::is_common(v));
            let Some(value) = value else { continue };
            let tells = |fact: &Fact| match fact {
                Fact::Record(i) => {
                    places::of_record(&haul.records[*i].record).iter().any(|p| p.value == value)
                }
                Fact::Log(i) => haul.logs[*i].placed.iter().any(|p| p.value == value),
                // Rows stand as they are now.
                Fact::Home | Fact::Row(_) => false,
            };
            let first = observations.iter().find(|o| tells(&o.fact));
            let arrival = trails.reach[*entity as usize].get(&node).and_then(|r| r.first);
            let is_later = |o: &crate::trails::Observation| {
                o.node != node && o.time.zip(arrival).is_none_or(|(t, a)| t >= a)
            };
            values += 1;
            later += usize::from(first.is_some_and(is_later));
            before += usize::from(first.is_some_and(|o| !is_later(o)));
        }
        Self::With { values, before, later }
    }
}

/// Whether a column of the entity's row is empty among the stuck because a step that they did not take fills it: the code
/// sets it in rows that are there already, or the record by which they arrived knows nothing of it.
pub(crate) fn is_outcome(world: &World<'_>, node: usize, done: &[u32], t: &Trait) -> bool {
    const LOOKED_AT: usize = 50;
    let Some((other, column)) = empty_column(t) else { return false };
    let filled = Filled::look(&world.home, &world.haul, &world.trails, node, done, other, column);
    if matches!(filled, Filled::With { values, before, .. } if before * 2 > values) {
        return false;
    }
    let plain = |name: &str| -> String {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let names_it = |place: &str| plain(place.rsplit('.').next().unwrap_or(place)) == plain(column);
    let mut told =
        done.iter().take(LOOKED_AT).flat_map(|e| world.trails.of[*e as usize].iter()).filter_map(|o| match o
            .fact
        {
            Fact::Record(i) if world.trails.nodes[o.node].topic().is_some() => {
                Some((o, &world.haul.records[i]))
            }
            _ => None,
        });
    let by_then = |entity: u32, time: Option<Timestamp>| {
        let arrival = world.at(entity, node);
        time.zip(arrival).is_some_and(|(time, arrival)| time <= arrival)
    };
    let is_told = told.any(|(o, fact)| {
        fact.entities.iter().any(|e| by_then(*e, o.time))
            && places::of_record(&fact.record).iter().any(|p| p.place.starts_with('$') && names_it(&p.place))
    });
    if is_told {
        return false;
    }
    let own = crate::trails::home_name(&world.home);
    let table = other.unwrap_or(&own);
    world.trails.nodes[node].topic().is_some() || crate::codeplaces::sets(world, table, column)
}
