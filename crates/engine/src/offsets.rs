//! What a consumer group's offsets say of the records that the stuck entities wait in.

use crate::suspects::Boundary;
use crate::world::World;
use std::collections::BTreeMap;
use waylaid_model::Timestamp;

/// A group's state towards the records of some entities.
#[derive(Debug, Default)]
pub(crate) struct Consumption {
    pub(crate) group: Option<String>,
    /// Entities all of whose records lie behind the committed offset.
    pub(crate) consumed: Vec<u32>,
    /// Of these, whose record is the last one before the committed offset, with partition: it may just be worked on.
    pub(crate) latest: Vec<(u32, i32)>,
    /// Entities whose first record the group has not got to, with partition.
    pub(crate) waiting: Vec<(u32, i32)>,
    /// Entities of which nothing can be said (group or partition unknown).
    pub(crate) unknown: Vec<u32>,
    /// Committed offset and end of each partition that holds waiting records.
    pub(crate) partitions: BTreeMap<i32, (i64, i64)>,
    /// Partitions on which others are still being processed.
    pub(crate) moving: Vec<i32>,
}

/// Standing still for less than this says nothing, where the rule for `stuck` does not ask for less.
const PAUSE: i64 = 120 * SECOND;
/// Standing still for longer than this is never usual.
const LONGEST: i64 = 1800 * SECOND;
const SECOND: i64 = 1_000_000_000;

/// Looks at the group of the service that had to act, on the topic of the last good node.
pub(crate) fn look(world: &World<'_>, boundary: &Boundary, entities: &[u32]) -> Consumption {
    let mut out = Consumption::default();
    let Some(topic) = world.trails.nodes[boundary.from].topic() else {
        out.unknown = entities.to_vec();
        return out;
    };
    let Some(group) = world.services.group_for(boundary.service.as_deref(), topic) else {
        out.unknown = entities.to_vec();
        return out;
    };
    out.group = Some(group.to_owned());
    let offsets: BTreeMap<i32, (Option<i64>, Option<i64>)> = world
        .haul
        .topics
        .groups
        .iter()
        .filter(|g| g.group == group && g.topic == topic)
        .map(|g| (g.partition, (g.committed, g.end)))
        .collect();
    for entity in entities {
        let first = world
            .trails
            .records(*entity, boundary.from)
            .map(|i| &world.haul.records[i].record)
            .min_by_key(|r| r.offset);
        let Some(record) = first else {
            out.unknown.push(*entity);
            continue;
        };
        let Some((committed, end)) = offsets.get(&record.partition) else {
            out.unknown.push(*entity);
            continue;
        };
        let committed = committed.unwrap_or(0);
        if committed > record.offset {
            out.consumed.push(*entity);
            if record.offset + 1 == committed {
                out.latest.push((*entity, record.partition));
            }
        } else {
            out.waiting.push((*entity, record.partition));
            out.partitions.insert(record.partition, (committed, end.unwrap_or(record.offset + 1)));
        }
    }
    if !out.waiting.is_empty() {
        out.moving = moving(world, boundary, &out);
    }
    out
}

/// The partitions with waiting records on which others are still being processed.
///
/// How long a partition may stand before it counts as standing follows from the consumer itself: twice the gap between
/// two processed records in which a moment of its past falls as a rule, so that one that works in batches every quarter
/// of an hour is not taken for dead, and one that took a second at a time is not waited for.
fn moving(world: &World<'_>, boundary: &Boundary, consumption: &Consumption) -> Vec<i32> {
    let Some(now) = world.now else { return Vec::new() };
    let mut processed: BTreeMap<i32, Vec<(Timestamp, Timestamp)>> = BTreeMap::new();
    for (entity, reach) in world.trails.reach.iter().enumerate() {
        let Some(on) = reach.get(&boundary.to).and_then(|r| r.first) else { continue };
        for index in world.trails.records(entity as u32, boundary.from) {
            let record = &world.haul.records[index].record;
            let is_behind =
                consumption.partitions.get(&record.partition).is_none_or(|(c, _)| record.offset < *c);
            if is_behind && let Some(arrived) = record.time {
                processed.entry(record.partition).or_default().push((on, arrived));
            }
        }
    }
    let pauses: Vec<i64> = processed.values_mut().flat_map(|p| pauses(p)).collect();
    let usual = crate::flow::quantile(&world.flow.steps[boundary.step].times, 0.95).unwrap_or(0);
    let asked = world.spec.stuck.as_ref().map(|r| r.for_nanos).filter(|f| *f > 0).unwrap_or(PAUSE);
    let bound = (usual_pause(pauses).saturating_mul(2)).max(usual).max(asked.min(PAUSE)).min(LONGEST);
    let stands = |partition: &i32| {
        let (latest, _) = *processed.get(partition)?.last()?;
        let since = first_waiting(world, boundary, consumption, *partition).map_or(latest, |w| w.max(latest));
        Some(now.since(since))
    };
    consumption.partitions.keys().copied().filter(|p| stands(p).is_some_and(|t| t <= bound)).collect()
}

/// How long the consumer let a record lie before it took the next one up, for each that it processed on a partition.
fn pauses(processed: &mut [(Timestamp, Timestamp)]) -> Vec<i64> {
    processed.sort_unstable();
    let pairs = processed.windows(2).map(|pair| pair[1].0.since(pair[0].0.max(pair[1].1)));
    pairs.map(|pause| pause.max(0)).collect()
}

/// The pause in which the middle moment of all paused time falls: many short ones within a batch do not hide the long
/// ones between batches, and one outage of the past does not make outages usual.
fn usual_pause(mut pauses: Vec<i64>) -> i64 {
    pauses.sort_unstable();
    let total: i64 = pauses.iter().sum();
    let mut sum = 0;
    pauses
        .into_iter()
        .find(|p| {
            sum += p;
            sum * 2 >= total
        })
        .unwrap_or(0)
}

/// When the record that is next on a partition arrived.
fn first_waiting(
    world: &World<'_>,
    boundary: &Boundary,
    consumption: &Consumption,
    partition: i32,
) -> Option<Timestamp> {
    let waiting = consumption.waiting.iter().filter(|(_, p)| *p == partition);
    waiting.filter_map(|(e, _)| world.at(*e, boundary.from)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_has_its_pauses_and_an_outage_is_none_of_them() {
        let quick = vec![SECOND; 600];
        assert_eq!(usual_pause(quick.clone()), SECOND);
        let batches: Vec<i64> = std::iter::repeat_n(10_000_000, 500).chain([900 * SECOND; 4]).collect();
        assert_eq!(usual_pause(batches), 900 * SECOND);
        let after_outage: Vec<i64> = quick.into_iter().chain([500 * SECOND]).collect();
        assert_eq!(usual_pause(after_outage), SECOND);
        assert_eq!(usual_pause(Vec::new()), 0);
    }

    #[test]
    fn an_empty_topic_is_no_pause() {
        let at = |s: i64| Timestamp(s * SECOND);
        let mut processed = vec![(at(1), at(0)), (at(5000), at(4999))];
        assert_eq!(pauses(&mut processed), [SECOND]);
    }
}
