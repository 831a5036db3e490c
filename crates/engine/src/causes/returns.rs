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

/// The first topic home that an entity's row was not changed by, nor by anything after.
fn first_unapplied(world: &World<'_>, entity: u32) -> Option<usize> {
    let changed = last_change(world, entity)?;
    let home = world.home_service()?;
    let is_reply = |node: &usize| {
        let node = &world.trails.nodes[*node];
        let Some(topic) = node.topic() else { return false };
        let reads = world.services.consuming.get(topic).is_some_and(|s| s.contains(home));
        reads && world.services.producer(node) != Some(home)
    };
    let reached = world.trails.reach[entity as usize].iter().filter(|(n, _)| is_reply(n));
    let since =
        reached.filter_map(|(n, r)| r.first.filter(|at| at.since(changed) > APART).map(|at| (at, *n)));
    since.min().map(|(_, n)| n)
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
