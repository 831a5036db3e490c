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
    /// Entities whose first record the group has not got to, with partition.
    pub(crate) waiting: Vec<(u32, i32)>,
    /// Entities of which nothing can be said (group or partition unknown).
    pub(crate) unknown: Vec<u32>,
    /// Committed offset and end of each partition that holds waiting records.
    pub(crate) partitions: BTreeMap<i32, (i64, i64)>,
    /// Partitions on which others are still being processed.
    pub(crate) moving: Vec<i32>,
}

/// A partition still moves when something of it was processed this recently, or within this many usual hop times.
const RECENT: i64 = 600 * 1_000_000_000;

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
        } else {
            out.waiting.push((*entity, record.partition));
            out.partitions.insert(record.partition, (committed, end.unwrap_or(record.offset + 1)));
        }
    }
    out.moving = out
        .partitions
        .iter()
        .filter(|(p, (committed, _))| moves(world, boundary, **p, *committed))
        .map(|(p, _)| *p)
        .collect();
    out
}

/// Whether entities whose records lie just before the committed offset were processed only recently.
fn moves(world: &World<'_>, boundary: &Boundary, partition: i32, committed: i64) -> bool {
    let mut latest: Option<Timestamp> = None;
    for (entity, reach) in world.trails.reach.iter().enumerate() {
        let Some(on) = reach.get(&boundary.to).and_then(|r| r.first) else { continue };
        let here = world.trails.records(entity as u32, boundary.from).map(|i| &world.haul.records[i].record);
        if here.into_iter().any(|r| r.partition == partition && r.offset < committed) {
            latest = latest.max(Some(on));
        }
    }
    let usual = crate::flow::quantile(&world.flow.steps[boundary.step].times, 0.95).unwrap_or(0);
    match (latest, world.now) {
        (Some(latest), Some(now)) => now.since(latest) <= RECENT.max(usual / 2).min(RECENT * 3),
        _ => false,
    }
}
