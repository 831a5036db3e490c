//! Causes that the stores show by themselves: a record in another topic, a row that was never sent, a partition that
//! stands still, an event that came too early; and what is no fault, because it only waits.

use super::errors::outage;
use super::{Draft, Findings, Proof, publish_kind};
use crate::flow;
use crate::offsets;
use crate::structure::{self, Detour};
use crate::suspects::Boundary;
use crate::world::World;
use std::collections::BTreeSet;
use waylaid_model::Kind;

/// Records of a boundary at a topic that went into another topic than they should.
pub(super) fn elsewhere(
    world: &World<'_>,
    boundary: &Boundary,
    left: &mut BTreeSet<u32>,
    done: &[u32],
    findings: &mut Findings,
) {
    if world.trails.nodes[boundary.to].topic().is_none() {
        return;
    }
    let rest: Vec<u32> = left.iter().copied().collect();
    for detour in structure::detours(world, boundary, &rest, done).into_iter().filter(|d| !d.dead_letter) {
        let entities: Vec<u32> = detour.entities.iter().copied().filter(|e| left.contains(e)).collect();
        if entities.is_empty() || (entities.len() * 2 < rest.len() && entities.len() < 5) {
            continue;
        }
        left.retain(|e| !entities.contains(e));
        let (kind, proof) = (Kind::WrongDestination, Proof::Detour(detour));
        findings.drafts.push(Draft { kind, boundary: boundary.clone(), entities, proof });
    }
}

/// Causes that show in the stores without an error that names the entity.
pub(super) fn structural(
    world: &World<'_>,
    boundary: &Boundary,
    left: &mut BTreeSet<u32>,
    done: &[u32],
    findings: &mut Findings,
) {
    let mut rest: Vec<u32> = left.iter().copied().collect();
    let to_topic = world.trails.nodes[boundary.to].topic().is_some();
    for detour in structure::detours(world, boundary, &rest, done) {
        let entities: Vec<u32> = detour.entities.iter().copied().filter(|e| left.contains(e)).collect();
        let wide = entities.len() * 2 >= rest.len() || detour.dead_letter || entities.len() >= 5;
        if entities.is_empty() || !wide {
            continue;
        }
        let kind = match (detour.dead_letter, to_topic) {
            (true, _) => dead_letter_kind(world, &detour),
            (false, true) => Kind::WrongDestination,
            (false, false) => continue,
        };
        entities.iter().for_each(|e| {
            left.remove(e);
        });
        findings.drafts.push(Draft {
            kind,
            boundary: boundary.clone(),
            entities,
            proof: Proof::Detour(detour),
        });
    }
    rest = left.iter().copied().collect();
    if rest.is_empty() {
        return;
    }
    if to_topic && let Some((table, found, row)) = structure::unsent_rows(world, boundary, &rest, done) {
        left.clear();
        let kind = publish_kind(world, boundary.to);
        findings.drafts.push(Draft {
            kind,
            boundary: boundary.clone(),
            entities: rest,
            proof: Proof::Unsent { table, found, row },
        });
        return;
    }
    not_consumed(world, boundary, left, findings);
    let rest: Vec<u32> = left.iter().copied().collect();
    if let Some((node, found)) =
        structure::overtaken(world, boundary, &rest, done).filter(|_| !rest.is_empty())
    {
        left.clear();
        findings.drafts.push(Draft {
            kind: Kind::OutOfOrder,
            boundary: boundary.clone(),
            entities: rest,
            proof: Proof::Overtaken { node, found },
        });
    }
}

fn dead_letter_kind(world: &World<'_>, detour: &Detour) -> Kind {
    let Some((class, message)) = structure::dead_letter_reason(world, detour) else {
        return Kind::DeadLettered;
    };
    let text = format!("{class}: {message}");
    let parsed = waylaid_logs::parse_exception(&text);
    match waylaid_logs::classify(parsed.as_ref(), &text, &[]) {
        Some(kind) if !matches!(kind, Kind::HandlerException | Kind::Unknown) => kind,
        _ => Kind::DeadLettered,
    }
}

/// Splits off those that have not waited longer than completed ones usually do: slow by nature, in flight. Only where
/// the hop takes that long as a rule, not where a few were repaired late.
pub(super) fn within_usual_time(
    world: &World<'_>,
    boundary: &Boundary,
    left: &mut BTreeSet<u32>,
    findings: &mut Findings,
) {
    let times = &world.flow.steps[boundary.step].times;
    let (Some(typical), Some(slow)) = (flow::quantile(times, 0.5), flow::quantile(times, 0.95)) else {
        return;
    };
    let Some(now) = world.now.filter(|_| times.len() >= 10) else { return };
    let usual = |e: &u32| {
        let waited = world.at(*e, boundary.from).map(|t| now.since(t));
        waited.is_some_and(|w| w <= slow + slow / 20 && w <= typical.saturating_mul(3))
    };
    let (mut young, mut rest): (BTreeSet<u32>, BTreeSet<u32>) = left.iter().copied().partition(usual);
    // One in twenty takes longer than the slow time by nature: so many may, up to the longest that was seen.
    let longest = times.last().map_or(slow, |t| (*t).min(slow.saturating_mul(2)));
    let slowest = |e: &u32| world.at(*e, boundary.from).is_some_and(|t| now.since(t) <= longest);
    if rest.len() * 10 <= young.len() && rest.iter().all(slowest) {
        young.append(&mut rest);
    }
    findings.queued.extend(young);
    *left = rest;
}

/// Splits off those whose records the group has not got to: queued where the partition moves, else not consumed.
fn not_consumed(world: &World<'_>, boundary: &Boundary, left: &mut BTreeSet<u32>, findings: &mut Findings) {
    let rest: Vec<u32> = left.iter().copied().collect();
    let consumption = offsets::look(world, boundary, &rest);
    let (queued, standing): (Vec<_>, Vec<_>) =
        consumption.waiting.iter().partition(|(_, p)| consumption.moving.contains(p));
    for (entity, _) in queued.iter().chain(&standing) {
        left.remove(entity);
    }
    findings.queued.extend(queued.iter().map(|(e, _)| *e));
    let entities: Vec<u32> = standing.iter().map(|(e, _)| *e).collect();
    if entities.is_empty() {
        return;
    }
    let consumption = offsets::look(world, boundary, &entities);
    let proof = match outage(world, boundary, &entities) {
        Some(problem) => Proof::Outage { problem, consumption: Some(consumption) },
        None => Proof::NotConsumed(consumption),
    };
    let kind = match &proof {
        Proof::Outage { problem, .. } => world.problems[*problem].kind.unwrap_or(Kind::NotConsumed),
        _ => Kind::NotConsumed,
    };
    findings.drafts.push(Draft { kind, boundary: boundary.clone(), entities, proof });
}
