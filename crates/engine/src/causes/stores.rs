//! Causes that the stores show by themselves: a record in another topic, a row that was never sent, a partition that
//! stands still, an event that came too early; and what is no fault, because it only waits.

use super::behind::falls_behind;
use super::errors::fails_to_send;
use super::outages::{outage, standing_by, stopper};
use super::waiting::said;
use super::{Draft, Findings, Proof, publish_kind};
use crate::flow;
use crate::home::Role;
use crate::offsets;
use crate::structure::{self, Detour};
use crate::suspects::Boundary;
use crate::trails::Node;
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use waylaid_model::{Kind, Timestamp};

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
        let boundary = by_producer(world, boundary, &detour);
        let (kind, proof) = (Kind::WrongDestination, Proof::Detour(detour));
        findings.drafts.push(Draft { kind, boundary, entities, proof });
    }
}

/// Where nobody is known to take the hop, it is who wrote the other topic.
fn by_producer(world: &World<'_>, boundary: &Boundary, detour: &Detour) -> Boundary {
    let producer = world.services.producer(&world.trails.nodes[detour.node]).map(str::to_owned);
    let service = if detour.misspelt {
        producer.or_else(|| boundary.service.clone())
    } else {
        boundary.service.clone().or(producer)
    };
    Boundary { service, ..boundary.clone() }
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
        let kind = publish_kind(world, boundary);
        let boundary = of_sender(world, boundary, &table, &rest);
        let stopped_by =
            stopper(world, &boundary, &rest, done).filter(|p| fails_to_send(&world.problems[*p]));
        let proof = match stopped_by {
            Some(problem) => Proof::Outage { problem, consumption: None },
            None => Proof::Unsent { table, found, row },
        };
        findings.drafts.push(Draft { kind, boundary, entities: rest, proof });
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

/// The boundary of rows that wait to be sent: the only service whose code reads the table has to send them, else whose
/// table it is.
fn of_sender(world: &World<'_>, boundary: &Boundary, table: &str, entities: &[u32]) -> Boundary {
    let mut boundary = boundary.clone();
    let readers: Vec<&str> = crate::codeplaces::readers(world, table);
    let owner = match readers.as_slice() {
        [only] => Some(*only),
        _ => world.services.owner(table),
    };
    let owner = owner.map(str::to_owned);
    let from = world.trails.nodes.iter().position(|n| matches!(n, Node::Table(name) if name == table));
    let reached = |node: &usize| entities.iter().all(|e| world.trails.reach[*e as usize].contains_key(node));
    if let (Some(owner), Some(from)) = (owner, from.filter(reached)) {
        boundary.service = Some(owner);
        boundary.from = from;
    }
    boundary
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
    let taken = Taken::learn(world, boundary, left);
    let lately = slow_lately(world, boundary, now);
    let usual = |e: &u32| {
        let waited = world.at(*e, boundary.from).map(|t| now.since(t));
        waited.is_some_and(|w| w <= slow + slow / 20 && w <= typical.saturating_mul(3))
            || waited.zip(lately).is_some_and(|(w, lately)| w <= lately)
            || taken.is_at_work(world, boundary, *e, now)
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

/// How long those that got on last had waited, where they still do: a party that has become slow lets everybody wait, and
/// lets everybody go on in the end.
fn slow_lately(world: &World<'_>, boundary: &Boundary, now: Timestamp) -> Option<i64> {
    const LAST: usize = 20;
    let passed = |e: u32| {
        let (from, to) = world.at(e, boundary.from).zip(world.at(e, boundary.to))?;
        Some((to, to.since(from)))
    };
    let mut passed: Vec<(Timestamp, i64)> =
        world.of_role(Role::Done).into_iter().filter_map(passed).collect();
    passed.sort_unstable();
    let last = passed.get(passed.len().checked_sub(LAST)?..)?;
    let (first, latest) = (last.first()?.0, last.last()?.0);
    let goes_on = now.since(latest) <= latest.since(first);
    let mut waits: Vec<i64> = last.iter().map(|(_, wait)| *wait).collect();
    waits.sort_unstable();
    let (median, slow) = flow::quantile(&waits, 0.5).zip(flow::quantile(&waits, 0.9))?;
    // Some that were repaired late do not make a slow party.
    (goes_on && slow <= median.saturating_mul(3)).then_some(slow)
}

/// How long completed ones stay, at the longest, after what the service last said of those that are left. A service that
/// has just taken something up is at work on it, however long it had to wait before.
struct Taken {
    longest: BTreeMap<String, i64>,
}

impl Taken {
    const FEWEST: usize = 10;

    fn learn(world: &World<'_>, boundary: &Boundary, left: &BTreeSet<u32>) -> Self {
        let last = left.iter().filter_map(|e| said(world, boundary, *e).last().map(|(_, t)| t.to_owned()));
        let templates: BTreeSet<String> = last.collect();
        let of_template = |template: String| {
            let gap = |e: &u32| wait_until(world, boundary, *e, &template);
            let mut gaps: Vec<i64> = world.of_role(Role::Done).iter().filter_map(gap).collect();
            gaps.sort_unstable();
            let (median, slow) = flow::quantile(&gaps, 0.5).zip(flow::quantile(&gaps, 0.95))?;
            // A few that were repaired late make nothing usual.
            (gaps.len() >= Self::FEWEST).then_some((template, slow.min(median.saturating_mul(5))))
        };
        Self { longest: templates.into_iter().filter_map(of_template).collect() }
    }

    /// Whether the service said so of the entity just now, and for the first time: what is tried again and again is not
    /// at work.
    fn is_at_work(&self, world: &World<'_>, boundary: &Boundary, entity: u32, now: Timestamp) -> bool {
        let lines: Vec<_> = said(world, boundary, entity).collect();
        let Some((time, template)) = lines.last() else { return false };
        let is_first = lines.iter().filter(|(_, t)| t == template).count() == 1
            && world.at(entity, boundary.from).is_some_and(|arrival| *time >= arrival);
        let longest = self.longest.get(*template).copied().unwrap_or(0);
        is_first && now.since(*time) <= longest + longest / 20
    }
}

/// How long after the service last said this of a completed entity it got on.
fn wait_until(world: &World<'_>, boundary: &Boundary, entity: u32, template: &str) -> Option<i64> {
    let on = world.at(entity, boundary.to)?;
    let arrival = world.at(entity, boundary.from)?;
    let here = |t: &Timestamp| (arrival..=on).contains(t);
    let (from, _) = said(world, boundary, entity).filter(|(t, s)| *s == template && here(t)).last()?;
    Some(on.since(from))
}

/// Takes those that wait in partitions which move, and more slowly than they fill.
pub(super) fn behind(
    world: &World<'_>,
    boundary: &Boundary,
    left: &mut BTreeSet<u32>,
    findings: &mut Findings,
) {
    let rest: Vec<u32> = left.iter().copied().collect();
    let consumption = offsets::look(world, boundary, &rest);
    let moves = consumption.waiting.iter().all(|(_, p)| consumption.moving.contains(p));
    let Some(behind) = falls_behind(world, boundary, &consumption).filter(|_| moves) else { return };
    let telling = |p: usize| world.problems[p].kind.filter(|_| !world.problems[p].is_generic());
    // Where offsets are committed as records are handed out, the last one is at work.
    let waiting = consumption.waiting.iter().chain(&consumption.latest).map(|(e, _)| *e);
    let mut entities: Vec<u32> = waiting.collect();
    entities.sort_unstable();
    entities.dedup();
    left.retain(|e| entities.binary_search(e).is_err());
    findings.drafts.push(Draft {
        kind: behind.problem.and_then(telling).unwrap_or(Kind::NotConsumed),
        boundary: boundary.clone(),
        entities,
        proof: Proof::Behind(behind),
    });
}

/// Splits off those whose records the group has not got to: queued where the partition moves, else not consumed.
fn not_consumed(world: &World<'_>, boundary: &Boundary, left: &mut BTreeSet<u32>, findings: &mut Findings) {
    let rest: Vec<u32> = left.iter().copied().collect();
    let consumption = offsets::look(world, boundary, &rest);
    let (queued, standing): (Vec<_>, Vec<_>) =
        consumption.waiting.iter().partition(|(_, p)| consumption.moving.contains(p));
    // Where offsets are committed as records are handed out, the last one is at work while those behind it wait.
    let at_work = consumption.latest.iter().filter(|(_, p)| consumption.moving.contains(p));
    let queued: Vec<&(u32, i32)> = queued.into_iter().chain(at_work).collect();
    for (entity, _) in queued.iter().copied().chain(standing.iter().copied()) {
        left.remove(entity);
    }
    findings.queued.extend(queued.iter().map(|(e, _)| *e));
    let entities: Vec<u32> = standing.iter().map(|(e, _)| *e).collect();
    if entities.is_empty() {
        return;
    }
    let consumption = offsets::look(world, boundary, &entities);
    let holds_up = || standing_by(world, boundary, &consumption);
    let proof = match outage(world, boundary, &entities).or_else(holds_up) {
        Some(problem) => Proof::Outage { problem, consumption: Some(consumption) },
        None => Proof::NotConsumed(consumption),
    };
    let kind = match &proof {
        Proof::Outage { problem, .. } => world.problems[*problem]
            .kind
            .filter(|k| *k != Kind::HandlerException)
            .unwrap_or(Kind::NotConsumed),
        _ => Kind::NotConsumed,
    };
    findings.drafts.push(Draft { kind, boundary: boundary.clone(), entities, proof });
}
