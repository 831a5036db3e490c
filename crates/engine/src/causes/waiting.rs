//! Hops on which a service waits for somebody whom no store covers: what it said last of those that stopped is what the
//! completed wait after, too.

use crate::discriminate::Trait;
use crate::flow;
use crate::suspects::Boundary;
use crate::trails::Fact;
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use waylaid_model::{Timestamp, time::human_duration};

const SECOND: i64 = 1_000_000_000;

/// Why those that stopped wait outside, where that is so.
pub(super) fn waits_outside(
    world: &World<'_>,
    boundary: &Boundary,
    entities: &[u32],
    done: &[u32],
    traits: &[Trait],
) -> Option<String> {
    let apart = || traits.first().map(|t| format!("; {}", t.sentence())).unwrap_or_default();
    if let Some(wait) = as_a_rule(world, boundary, entities, done, traits) {
        let wait = human_duration(wait);
        return Some(format!("completed ones wait {wait} here, on a party that no store covers{}", apart()));
    }
    let (last, wait) = after_the_same(world, boundary, entities, done)?;
    Some(format!(
        "the last that {} says of them is \"{}\", after which completed ones wait {}, on a party that no store covers{}",
        boundary.service.as_deref().unwrap_or("the service"),
        crate::facts::shorten(&last, 120),
        human_duration(wait),
        apart()
    ))
}

/// A step that some completed ones took as well, and after which they waited long until anything was said of them again or
/// they got on, while the step itself came soon: the service has handed them over. What comes late only reminds of them.
fn after_the_same(
    world: &World<'_>,
    boundary: &Boundary,
    entities: &[u32],
    done: &[u32],
) -> Option<(String, i64)> {
    const FEWEST: usize = 5;
    /// So long no service works on one before it says anything.
    const LONG: i64 = 15 * SECOND;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for entity in entities {
        // What it said before they came here is no step of this hop.
        let here = |at: Timestamp| world.at(*entity, boundary.from).is_none_or(|a| at.since(a) > -5 * SECOND);
        if let Some((_, template)) = said(world, boundary, *entity).last().filter(|(at, _)| here(*at)) {
            *counts.entry(template).or_default() += 1;
        }
    }
    let (last, count) = counts.into_iter().max_by_key(|(_, n)| *n)?;
    if count * 10 < entities.len() * 8 {
        return None;
    }
    let mut waits = Vec::new();
    let mut ways = Vec::new();
    let mut times = 0;
    for entity in done {
        let own: Vec<Timestamp> =
            said(world, boundary, *entity).filter(|(_, t)| *t == last).map(|(at, _)| at).collect();
        let (Some(step), Some(end)) = (own.first(), world.at(*entity, boundary.to)) else { continue };
        let next = said(world, boundary, *entity).find(|(at, t)| at > step && *t != last).map(|(at, _)| at);
        times += own.len();
        waits.push(next.map_or(end, |n| n.min(end)).since(*step));
        ways.push(end.since(*step));
    }
    // A reminder comes again and again, or late in the wait.
    let repeats = times * 2 > waits.len() * 3;
    let late = entities.iter().filter_map(|e| {
        let step = said(world, boundary, *e).find(|(_, t)| *t == last)?.0;
        Some(step.since(crate::flow::birth(&world.trails, *e as usize)?.max(world.at(*e, boundary.from)?)))
    });
    let late = flow::median(late.collect()).unwrap_or(0);
    if waits.len() < FEWEST || repeats {
        return None;
    }
    let (wait, way) = flow::median(waits).zip(flow::median(ways))?;
    let is_most = wait.saturating_mul(10) >= way.saturating_mul(7);
    (wait >= LONG && is_most && late < wait).then(|| (last.to_owned(), wait))
}

/// A hop on which the service itself always waits: the last thing it did for the stuck is what the completed wait after,
/// too, for as good as the whole of the hop. What they wait for is covered by no store.
fn as_a_rule(
    world: &World<'_>,
    boundary: &Boundary,
    entities: &[u32],
    done: &[u32],
    traits: &[Trait],
) -> Option<i64> {
    const LONG: i64 = 2 * 1_000_000_000;
    /// So long no service works on one of many.
    const OUTSIDE: i64 = 60 * SECOND;
    let typical = flow::median(world.flow.steps[boundary.step].times.clone())?;
    let publishes = world.trails.nodes[boundary.to].topic().is_some();
    // What sets them apart may be whom the service asks, unless its own code decides by it.
    let decides =
        || crate::codeplaces::conditions(world, boundary.service.as_deref(), traits).next().is_some();
    if typical < LONG || !publishes || (!traits.is_empty() && (typical < OUTSIDE || decides())) {
        return None;
    }
    let gaps: Vec<i64> = match last_said(world, boundary, entities, done) {
        Some(said) => done.iter().filter_map(|e| wait_after(world, boundary, *e, &said)).collect(),
        None if world.trails.nodes[boundary.from].topic().is_none() => vec![typical],
        None => Vec::new(),
    };
    let wait = flow::median(gaps)?;
    (wait >= LONG && wait.saturating_mul(10) >= typical.saturating_mul(7)).then_some(wait)
}

/// The message with which the service's log on the stuck ends, where it is the same for nearly all. What it says of few of
/// the completed is no step: it may only remind of those that wait.
fn last_said(world: &World<'_>, boundary: &Boundary, entities: &[u32], done: &[u32]) -> Option<String> {
    const LOOKED_AT: usize = 200;
    let mut of_done: BTreeMap<&str, usize> = BTreeMap::new();
    for entity in done.iter().take(LOOKED_AT) {
        let templates: BTreeSet<&str> =
            said(world, boundary, *entity).map(|(_, template)| template).collect();
        templates.into_iter().for_each(|t| *of_done.entry(t).or_default() += 1);
    }
    let is_step = |n: &usize| *n * 3 >= done.len().min(LOOKED_AT);
    let usual: BTreeSet<&str> = of_done.iter().filter(|(_, n)| is_step(n)).map(|(t, _)| *t).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for entity in entities {
        if let Some((_, template)) = said(world, boundary, *entity).filter(|(_, t)| usual.contains(t)).last()
        {
            *counts.entry(template).or_default() += 1;
        }
    }
    let (template, count) = counts.into_iter().max_by_key(|(_, n)| *n)?;
    (count * 10 >= entities.len() * 8).then(|| template.to_owned())
}

/// What the service that had to act logged of an entity, in order.
pub(super) fn said<'a>(
    world: &'a World<'_>,
    boundary: &'a Boundary,
    entity: u32,
) -> impl Iterator<Item = (Timestamp, &'a str)> + 'a {
    world.trails.of[entity as usize].iter().filter_map(move |o| match o.fact {
        Fact::Log(i) if Some(&world.haul.logs[i].service) == boundary.service.as_ref() => {
            // What was only joined to the entity may be about anybody.
            world.haul.logs[i].joined_by.is_none().then_some(())?;
            Some((o.time?, world.haul.logs[i].template.as_str()))
        }
        _ => None,
    })
}

/// How long a completed entity stood after that message, until the service's next sign of life or the next node.
fn wait_after(world: &World<'_>, boundary: &Boundary, entity: u32, template: &str) -> Option<i64> {
    let end = world.at(entity, boundary.to)?;
    let (from, _) = said(world, boundary, entity).filter(|(t, s)| *s == template && *t <= end).last()?;
    let next = said(world, boundary, entity).map(|(t, _)| t).find(|t| *t > from).unwrap_or(end);
    Some(next.min(end).since(from))
}
