//! Several replies that come home: the one that was not applied is the first of them since which the row has not changed.
//! That later ones fail, or find the row in a state that they do not expect, follows from it.

use crate::problems::Problem;
use crate::rowtime;
use crate::suspects::Boundary;
use crate::trails::Node;
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use waylaid_model::Timestamp;

/// Clocks of a database and of a broker are hardly closer than this.
const APART: i64 = 250_000_000;

/// Starts a boundary that ends in the entity's own row from the first reply that left the row as it was.
pub(super) fn take_first_reply(world: &World<'_>, boundary: &mut Boundary) {
    let is_home = matches!(world.trails.nodes[boundary.to], Node::Done(_));
    if !is_home || world.trails.nodes[boundary.from].topic().is_none() {
        return;
    }
    if let Some(node) = first_remarked(world, boundary) {
        boundary.from = node;
        return;
    }
    let mut firsts: BTreeMap<usize, usize> = BTreeMap::new();
    for entity in &boundary.entities {
        if let Some(node) = first_unapplied(world, *entity) {
            *firsts.entry(node).or_default() += 1;
        }
    }
    let Some((node, count)) = firsts.into_iter().max_by_key(|(_, n)| *n) else { return };
    if count * 10 >= boundary.entities.len() * 9 {
        boundary.from = node;
    }
}

/// The reply at which the entity's own service said of (nearly) all of them what it says of no completed one: that this one
/// changes nothing. What comes after it found the row as it was.
fn first_remarked(world: &World<'_>, boundary: &Boundary) -> Option<usize> {
    const AT_ONCE: i64 = 2 * 1_000_000_000;
    const FEWEST: usize = 3;
    let home = world.home_service()?;
    let replies: BTreeSet<usize> =
        boundary.entities.iter().flat_map(|e| replies(world, *e, home).map(|(_, n)| n)).collect();
    let done = world.of_role(crate::home::Role::Done);
    let names = |p: &Problem, e: &u32| p.hits.contains_key(e) && !p.loose.contains(e);
    let told = |p: &Problem, node: usize| {
        let lag = |e: &u32| Some(p.hits.get(e)?.0?.since(world.at(*e, node)?));
        let at_once = |e: &&u32| names(p, e) && lag(e).is_some_and(|lag| (-APART..=AT_ONCE).contains(&lag));
        let hit = boundary.entities.iter().filter(at_once).count();
        hit >= FEWEST && hit * 10 >= boundary.entities.len() * 9
    };
    let own = world.problems.iter().filter(|p| p.service == home && !done.iter().any(|e| names(p, e)));
    let found = own.flat_map(|p| replies.iter().copied().filter(move |node| told(p, *node)));
    let middle = |node: usize| {
        crate::flow::median(
            boundary.entities.iter().filter_map(|e| world.at(*e, node)).map(|t| t.0).collect(),
        )
    };
    found.min_by_key(|node| (middle(*node), *node))
}

/// The topics home that an entity was seen in, with the first time.
fn replies<'w>(
    world: &'w World<'_>,
    entity: u32,
    home: &'w str,
) -> impl Iterator<Item = (Timestamp, usize)> + 'w {
    let is_reply = move |node: usize| {
        let node = &world.trails.nodes[node];
        let reads =
            node.topic().and_then(|t| world.services.consuming.get(t)).is_some_and(|s| s.contains(home));
        reads && world.services.producer(node) != Some(home)
    };
    let reached = world.trails.reach[entity as usize].iter().filter(move |(n, _)| is_reply(**n));
    reached.filter_map(|(n, r)| r.first.map(|at| (at, *n)))
}

/// Whether (nearly) all of them came into the state in which they are only after the reply had come.
pub(super) fn came_too_early(world: &World<'_>, boundary: &Boundary, entities: &[u32]) -> bool {
    let is_late = |e: &&u32| {
        let state = rowtime::of_state(&world.home.entities[**e as usize].row);
        state.zip(world.at(**e, boundary.from)).is_some_and(|(state, at)| state.since(at) > APART)
    };
    matches!(world.trails.nodes[boundary.to], Node::Done(_))
        && entities.iter().filter(is_late).count() * 10 >= entities.len() * 9
}

/// The first topic home that an entity's row was not changed by, nor by anything after.
fn first_unapplied(world: &World<'_>, entity: u32) -> Option<usize> {
    let changed = last_change(world, entity)?;
    let home = world.home_service()?;
    replies(world, entity, home).filter(|(at, _)| at.since(changed) > APART).min().map(|(_, n)| n)
}

/// When the entity's row came into its state, or was last changed, as it says itself.
fn last_change(world: &World<'_>, entity: u32) -> Option<Timestamp> {
    let entity = &world.home.entities[entity as usize];
    // A row is touched by many things; its state has a time of its own at best.
    if let Some(time) = rowtime::of_state(&entity.row) {
        return Some(time);
    }
    let touched = rowtime::times(&entity.row).into_iter().filter(|(c, _)| rowtime::is_touch_name(c));
    touched.map(|(_, t)| t).max().max(entity.entered)
}

/// Whether a failure is about later records only than those with which a boundary begins.
pub(super) fn is_of_later_record(world: &World<'_>, boundary: &Boundary, problem: &Problem) -> bool {
    let Some(from) = world.trails.nodes[boundary.from].topic() else { return false };
    if !matches!(world.trails.nodes[boundary.to], Node::Done(_)) {
        return false;
    }
    let coordinates = problem.facts.iter().flat_map(|i| &world.haul.logs[*i].coordinates);
    let topics: BTreeSet<&str> = coordinates.filter_map(|c| c.topic.as_deref()).collect();
    let is_later = |topic: &&str| {
        let node = world.trails.nodes.iter().position(|n| n.topic() == Some(topic));
        let at = |e: &u32, n: usize| world.at(*e, n);
        node.is_some_and(|node| {
            let both = boundary.entities.iter().filter_map(|e| at(e, node).zip(at(e, boundary.from)));
            let lags: Vec<i64> = both.map(|(later, from)| later.since(from)).collect();
            crate::flow::median(lags).is_some_and(|lag| lag > 0)
        })
    };
    !topics.is_empty() && !topics.contains(from) && topics.iter().all(is_later)
}
