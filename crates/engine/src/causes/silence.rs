//! What is left where nothing tells: consumed and nothing to show for it, or out of sight.

use super::by_value::by_value;
use super::outages::{outage, stopper};
use super::paired::{murmured, paired};
use super::{Draft, Findings, Proof, publish_kind, traits_and_shapes};
use crate::discriminate::{Told, Trait};
use crate::flow;
use crate::offsets;
use crate::structure;
use crate::suspects::Boundary;
use crate::trails::{Fact, Node};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use waylaid_model::{Kind, Timestamp};

const SECOND: i64 = 1_000_000_000;

/// The kind of a boundary where nothing was logged.
pub(super) fn silent_kind(world: &World<'_>, boundary: &Boundary, entities: &[u32]) -> Kind {
    let at_work = boundary.service.as_deref().is_some_and(|s| {
        let with_row = entities.iter().filter(|e| structure::has_own_row(world, s, **e)).count();
        with_row * 2 > entities.len()
    });
    let from_topic = world.trails.nodes[boundary.from].topic().is_some();
    match &world.trails.nodes[boundary.to] {
        Node::Done(_) if from_topic && is_changed(world, boundary, entities) => Kind::Unknown,
        Node::Done(_) | Node::Settled(_) if from_topic => Kind::ReplyNotApplied,
        Node::Topic(_) | Node::Event(..) if !from_topic || at_work => publish_kind(world, boundary.to),
        _ if from_topic => Kind::SkippedSilently,
        _ => Kind::Unknown,
    }
}

/// Whether their own rows were changed right when the reply came: then it was applied, and something else is missing.
pub(super) fn is_changed(world: &World<'_>, boundary: &Boundary, entities: &[u32]) -> bool {
    const AT_ONCE: i64 = 5 * 1_000_000_000;
    let changed = |e: &&u32| {
        let row = &world.home.entities[**e as usize].row;
        let touched =
            crate::rowtime::times(row).into_iter().filter(|(c, _)| crate::rowtime::is_touch_name(c));
        let arrival = world.at(**e, boundary.from);
        touched
            .map(|(_, t)| t)
            .max()
            .zip(arrival)
            .is_some_and(|(t, a)| (-SECOND..=AT_ONCE).contains(&t.since(a)))
    };
    entities.iter().filter(changed).count() * 10 >= entities.len() * 8
}

/// What is left: consumed and nothing to show for it, or out of sight.
pub(super) fn silent(
    world: &World<'_>,
    boundary: &Boundary,
    entities: Vec<u32>,
    done: &[u32],
    findings: &mut Findings,
) {
    let consumption = offsets::look(world, boundary, &entities);
    let traits = traits_and_shapes(world, boundary, &entities, done);
    let outage = outage(world, boundary, &entities);
    let by_time = || paired(world, boundary, &entities, done);
    if let Some(problem) = outage.or_else(|| stopper(world, boundary, &entities, done)).or_else(by_time) {
        let other = if outage.is_some() { Kind::Unknown } else { Kind::HandlerException };
        let kind = world.problems[problem].kind.unwrap_or(other);
        findings.drafts.push(Draft {
            kind,
            boundary: boundary.clone(),
            entities,
            proof: Proof::Outage { problem, consumption: Some(consumption) },
        });
        return;
    }
    if let Some(candidate) = by_value(world, boundary, &entities, &traits) {
        let problem = &world.problems[candidate.problem];
        findings.drafts.push(Draft {
            kind: problem.kind.unwrap_or(Kind::HandlerException),
            boundary: Boundary { service: Some(problem.service.clone()), ..boundary.clone() },
            entities,
            proof: Proof::Problem { candidate, blocked: Vec::new(), consumption: None },
        });
        return;
    }
    if let Some(said) = murmured(world, boundary, &entities, done) {
        let problem = &world.problems[said];
        let boundary = Boundary { service: Some(problem.service.clone()), ..boundary.clone() };
        let consumption = offsets::look(world, &boundary, &entities);
        let seen = structure::seen_in_log(world, &boundary, &entities, done);
        let kind = match silent_kind(world, &boundary, &entities) {
            _ if !problem.is_generic() => problem.kind.unwrap_or(Kind::SkippedSilently),
            Kind::SkippedSilently if traits.first().is_some_and(|t| is_form(&traits, t)) => {
                Kind::SchemaMismatch
            }
            Kind::Unknown => Kind::SkippedSilently,
            kind => kind,
        };
        let proof = Proof::Silent { consumption, traits, seen, said: Some(said) };
        findings.drafts.push(Draft { kind, boundary, entities, proof });
        return;
    }
    let acted = world.trails.nodes[boundary.to].topic().is_some()
        && structure::row_says_done(world, boundary, &entities, done);
    if let Some(why) = out_of_sight(world, boundary, &traits).filter(|_| !acted) {
        findings.drafts.push(Draft {
            kind: Kind::Unknown,
            boundary: boundary.clone(),
            entities,
            proof: Proof::OutOfSight { why },
        });
        return;
    }
    if let Some(why) = waits_outside(world, boundary, &entities, done, &traits).filter(|_| !acted) {
        findings.drafts.push(Draft {
            kind: Kind::Unknown,
            boundary: boundary.clone(),
            entities,
            proof: Proof::OutOfSight { why },
        });
        return;
    }
    let seen = structure::seen_in_log(world, boundary, &entities, done);
    let kind = match silent_kind(world, boundary, &entities) {
        Kind::SkippedSilently if traits.first().is_some_and(|t| is_form(&traits, t)) => Kind::SchemaMismatch,
        kind => kind,
    };
    findings.drafts.push(Draft {
        kind,
        boundary: boundary.clone(),
        entities,
        proof: Proof::Silent { consumption, traits, seen, said: None },
    });
}

/// Whether a trait is about the form of the record: a field of another type, or one under another name.
pub(super) fn is_form(traits: &[Trait], first: &Trait) -> bool {
    let of_record = |t: &&Trait| t.feature.starts_with("record $");
    let retyped = first.feature.starts_with("record $") && matches!(first.told, Told::Typed(_));
    let lost = traits.iter().filter(of_record).any(|t| t.told == Told::Absent);
    let gained = traits.iter().filter(of_record).any(|t| matches!(t.told, Told::Typed(_)) && t.done == 0);
    retyped || (lost && gained)
}

/// A hop on which the service itself always waits: the last thing it did for the stuck is what the completed wait after,
/// too, for as good as the whole of the hop. What they wait for is covered by no store.
fn waits_outside(
    world: &World<'_>,
    boundary: &Boundary,
    entities: &[u32],
    done: &[u32],
    traits: &[Trait],
) -> Option<String> {
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
    (wait >= LONG && wait.saturating_mul(10) >= typical.saturating_mul(7)).then(|| {
        let apart = traits.first().map(|t| format!("; {}", t.sentence())).unwrap_or_default();
        format!(
            "completed ones wait {} here, on a party that no store covers{apart}",
            waylaid_model::time::human_duration(wait)
        )
    })
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

/// What is missing may lie in the part of its store that could not be read.
fn half_read(world: &World<'_>, node: usize) -> Option<String> {
    let (store, target) = world.store_of(&world.trails.nodes[node]);
    let line = world
        .haul
        .coverage
        .iter()
        .find(|c| c.store == store && (c.target == target || c.target == store) && c.is_incomplete())?;
    Some(format!(
        "{} {} was not searched whole ({}), so what is missing may be there",
        line.store, line.target, line.note
    ))
}

/// Why the party that had to act can't be looked at, where that is so.
fn out_of_sight(world: &World<'_>, boundary: &Boundary, traits: &[Trait]) -> Option<String> {
    let from = world.trails.nodes[boundary.from].name();
    if let Some(why) = half_read(world, boundary.to) {
        return Some(why);
    }
    match &boundary.service {
        None => Some(format!("no service that could be looked at takes the hop from `{from}`")),
        Some(service) if !world.services.all.contains(service) => {
            Some(format!("`{service}` has no log, table or code here"))
        }
        Some(service) if !world.haul.has_logs(service) && traits.is_empty() => {
            Some(format!("the log of `{service}` is not among the stores"))
        }
        Some(_) => None,
    }
}
