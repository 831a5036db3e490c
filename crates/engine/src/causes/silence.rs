//! What is left where nothing tells: consumed and nothing to show for it, or out of sight.

use super::by_shared::by_shared;
use super::by_value::by_value;
use super::outages::{outage, stopper};
use super::paired::{murmured, paired};
use super::told_in_row::ToldInRow;
use super::waiting::waits_outside;
use super::{Draft, Findings, Proof, publish_kind, traits_and_shapes};
use crate::discriminate::{Told, Trait};
use crate::offsets;
use crate::pulse::FellSilent;
use crate::structure;
use crate::suspects::Boundary;
use crate::trails::Node;
use crate::world::World;
use waylaid_model::Kind;

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
        Node::Topic(_) | Node::Event(..) if !from_topic || at_work => publish_kind(world, boundary),
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
    let in_row = ToldInRow::find(world, &entities, done);
    let by_row = || in_row.as_ref().and_then(|told| told.logged(world, boundary, &entities));
    let by_field = || by_shared(world, boundary, &entities, done);
    let by_value = || by_value(world, boundary, &entities, &traits);
    if let Some(candidate) = by_row().or_else(by_value).or_else(by_field) {
        let problem = &world.problems[candidate.problem];
        findings.drafts.push(Draft {
            kind: problem.kind.unwrap_or(Kind::HandlerException),
            boundary: Boundary { service: Some(problem.service.clone()), ..boundary.clone() },
            entities,
            proof: Proof::Problem { candidate, blocked: Vec::new(), consumption: None },
        });
        return;
    }
    if let Some(silent) = stopped(world, boundary, &entities, done) {
        let (kind, proof) = (Kind::NotConsumed, Proof::Stopped { silent });
        findings.drafts.push(Draft { kind, boundary: boundary.clone(), entities, proof });
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
    if let Some((told, kind)) = in_row.and_then(|told| told.kind().map(|kind| (told, kind))) {
        let seen = structure::seen_in_log(world, boundary, &entities, done);
        let service = told.service(world, &entities).or_else(|| boundary.service.clone());
        let first = told.told(entities.len(), done.len());
        let traits = std::iter::once(first).chain(traits).collect();
        let proof = Proof::Silent { consumption, traits, seen, said: None };
        let boundary = Boundary { service, ..boundary.clone() };
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

/// The run by the clock that had to take the hop and comes no more: (nearly) all arrived after it came last, and nobody has
/// gone on since.
fn stopped(world: &World<'_>, boundary: &Boundary, entities: &[u32], done: &[u32]) -> Option<usize> {
    const FEWEST: usize = 3;
    let service = boundary.service.as_deref()?;
    let fits = |silent: &FellSilent| {
        let Some(beat) = silent.beat.filter(|_| silent.service == service) else { return false };
        let since = silent.last.plus(beat / 2);
        let missed = |e: &&u32| world.at(**e, boundary.from).is_some_and(|at| at.plus(beat) > silent.last);
        let went_on = done.iter().any(|e| world.at(*e, boundary.to).is_some_and(|at| at > since));
        entities.len() >= FEWEST
            && entities.iter().filter(missed).count() * 20 >= entities.len() * 19
            && !went_on
    };
    // The whole service rather than one of its messages.
    let found = world.fell_silent.iter().enumerate().filter(|(_, s)| fits(s));
    found.min_by_key(|(n, s)| (s.message.is_some(), std::cmp::Reverse(s.beat), *n)).map(|(n, _)| n)
}

/// Whether a trait is about the form of the record: a field of another type, or one under another name.
pub(super) fn is_form(traits: &[Trait], first: &Trait) -> bool {
    let of_record = |t: &&Trait| t.feature.starts_with("record $");
    let retyped = first.feature.starts_with("record $") && matches!(first.told, Told::Typed(_));
    let lost = traits.iter().filter(of_record).any(|t| t.told == Told::Absent);
    let gained = traits.iter().filter(of_record).any(|t| matches!(t.told, Told::Typed(_)) && t.done == 0);
    retyped || (lost && gained)
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
