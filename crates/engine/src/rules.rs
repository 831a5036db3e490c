//! The rules of docs/verdict.md: which facts make `confirmed`, `likely`, `inconclusive`, and what caps them.

use crate::causes::{Draft, Proof};
use crate::discriminate::{Told, Trait};
use crate::offsets::Consumption;
use crate::suspects::BY_VALUE;
use crate::world::World;
use waylaid_model::{Kind, Outcome, Status};

/// With fewer completed entities than this nothing can be compared.
pub(crate) const SMALL_CONTROL: usize = 5;

/// The outcome of one cause with the reasons why it is not higher.
pub(crate) fn outcome(world: &World<'_>, draft: &Draft, done: &[u32]) -> (Outcome, Vec<String>) {
    let mut caps = Vec::new();
    let base = base(world, draft, done, &mut caps);
    if base == Outcome::Inconclusive {
        return (base, caps);
    }
    let mut outcome = base;
    let mut cap = |to: Outcome, why: String, caps: &mut Vec<String>| {
        if outcome < to {
            outcome = to;
        }
        caps.push(why);
    };
    if done.len() < SMALL_CONTROL {
        cap(Outcome::Likely, format!("only {} completed entities to compare with", done.len()), &mut caps);
    }
    for node in [draft.boundary.from, draft.boundary.to] {
        let (store, target) = world.store_of(&world.trails.nodes[node]);
        let bad = world
            .haul
            .coverage
            .iter()
            .find(|c| c.store == store && (c.target == target || c.target == store) && c.is_incomplete());
        if let Some(bad) = bad {
            cap(
                Outcome::Likely,
                format!("{} {} was not searched whole: {}", bad.store, bad.target, bad.note),
                &mut caps,
            );
        }
    }
    if let Some(service) = &draft.boundary.service {
        let own = world.system.services.iter().find(|s| s.name == *service);
        let is_own = |store: &str| {
            let short = store.strip_prefix("tables.").unwrap_or_default();
            own.is_some_and(|s| s.tables.iter().any(|t| t == short || t.split('.').next() == Some(short)))
        };
        let unread = world.haul.coverage.iter().find(|c| c.status == Status::Failed && is_own(&c.store));
        if let Some(unread) = unread {
            cap(
                Outcome::Likely,
                format!("{}, a store of {service}, could not be read: {}", unread.store, unread.note),
                &mut caps,
            );
        }
        let failed = world.haul.coverage.iter().find(|c| {
            c.store.starts_with("logs")
                && (c.target == *service || c.status == Status::Failed)
                && c.is_incomplete()
        });
        if let Some(bad) = failed {
            cap(Outcome::Likely, format!("the log of {service} was not read whole: {}", bad.note), &mut caps);
        }
    }
    (outcome, caps)
}

fn base(world: &World<'_>, draft: &Draft, done: &[u32], caps: &mut Vec<String>) -> Outcome {
    match &draft.proof {
        Proof::OutOfSight { why } => {
            caps.push(why.clone());
            Outcome::Inconclusive
        }
        _ if draft.kind == Kind::Unknown => {
            let apart = match &draft.proof {
                Proof::Silent { traits, .. } => !traits.is_empty(),
                Proof::Problem { .. } | Proof::Outage { .. } => true,
                _ => false,
            };
            let why = if apart {
                "what sets the stuck apart is known, and nothing that was looked at says why they stop"
            } else {
                "nothing that was looked at sets the stuck apart"
            };
            caps.push(why.into());
            Outcome::Inconclusive
        }
        Proof::Problem { candidate, .. } => {
            let is_quiet = world.problems[candidate.problem].quiet;
            if is_quiet && draft.kind == Kind::SchemaMismatch {
                caps.push(
                    "what sets the stuck apart is the form of their records; no code that reads it was seen"
                        .into(),
                );
                return Outcome::Likely;
            }
            let problem = &world.problems[candidate.problem];
            if draft.kind == Kind::OutOfOrder
                && crate::causes::changed_meanwhile(world, &draft.boundary, problem, &draft.entities)
                && crate::structure::overtaken(world, &draft.boundary, &draft.entities, done).is_none()
            {
                caps.push(
                    "that the row was changed at that moment by another is told by its times alone".into(),
                );
                return Outcome::Likely;
            }
            if candidate.tier == BY_VALUE {
                caps.push("the failure names those that stopped by something else than their keys".into());
                return Outcome::Likely;
            }
            if candidate.tier > 0 {
                let is_own = draft.boundary.service.as_deref()
                    == Some(world.problems[candidate.problem].service.as_str());
                let why = if is_own {
                    "the error is told by whom it hits, not by where they stopped"
                } else {
                    "the error was logged by a service that is no part of the learnt flow"
                };
                caps.push(why.into());
                return Outcome::Likely;
            }
            if let Some(why) = is_over(world, draft, candidate, done) {
                caps.push(why);
                return Outcome::Likely;
            }
            let share = candidate.hits.len() as f64 / draft.boundary.entities.len().max(1) as f64;
            let used_up = share >= 0.9 && crate::suspects::stays_last(world, candidate);
            let lift = share * done.len() as f64 >= 3.0 * candidate.innocent() as f64;
            if candidate.innocent() * 20 > done.len() && !(used_up && lift) {
                caps.push(format!(
                    "{} of {} completed entities met the same error and went on",
                    candidate.innocent(),
                    done.len()
                ));
                return Outcome::Likely;
            }
            Outcome::Confirmed
        }
        Proof::Outage { consumption, .. } => {
            // Rows that lie unsent show it by themselves; then nothing is known of a group.
            let shown = consumption.as_ref().is_none_or(|c| !c.waiting.is_empty());
            if !shown {
                caps.push(
                    "the failure names none of the entities; when it came is all that ties it to them".into(),
                );
                return Outcome::Likely;
            }
            Outcome::Confirmed
        }
        Proof::SetBack { is_shown, .. } => {
            if !is_shown {
                caps.push("that the row was written over follows from the order of messages alone".into());
                return Outcome::Likely;
            }
            Outcome::Confirmed
        }
        Proof::Behind(_) => {
            caps.push("it moves; that it falls behind is told by its pace".into());
            Outcome::Likely
        }
        Proof::Stopped { .. } => {
            caps.push("that it runs no more is told by its silence alone".into());
            Outcome::Likely
        }
        Proof::NotConsumed(_) | Proof::Detour(_) | Proof::Unsent { .. } | Proof::Overtaken { .. } => {
            Outcome::Confirmed
        }
        Proof::Silent { consumption, traits, .. } => silent(world, draft, consumption, traits, caps),
    }
}

/// Where nothing was logged. That a record was consumed and left nothing behind can be looked up for every entity; why
/// it did is proven only where the code reads what sets the stuck apart.
fn silent(
    world: &World<'_>,
    draft: &Draft,
    consumption: &Consumption,
    traits: &[Trait],
    caps: &mut Vec<String>,
) -> Outcome {
    let service = draft.boundary.service.as_deref();
    if !service.is_some_and(|s| world.haul.has_logs(s)) {
        caps.push("the service's log is not among the stores, so what it logged is not known".into());
        let acted = matches!(draft.kind, Kind::NotPublished | Kind::ReplyNotPublished);
        return if traits.is_empty() && !acted { Outcome::Inconclusive } else { Outcome::Likely };
    }
    if matches!(draft.kind, Kind::NotPublished | Kind::ReplyNotPublished) {
        let apart = traits.iter().any(|t| t.field().is_some() && t.done == 0 && t.stuck == t.of_stuck);
        if apart && crate::codeplaces::swallows_publishing(world, draft) {
            return Outcome::Confirmed;
        }
        caps.push("nothing that was looked at says why it was not published".into());
        return Outcome::Likely;
    }
    if consumption.consumed.len() < draft.entities.len() {
        caps.push("whether all of the records were consumed is not known".into());
        return Outcome::Likely;
    }
    if draft.kind == Kind::ReplyNotApplied {
        if changed_since(world, draft) {
            caps.push("their rows were changed later than that, and by what is not known".into());
            return Outcome::Likely;
        }
        return Outcome::Confirmed;
    }
    if traits.is_empty() {
        caps.push("nothing sets the stuck apart from the completed".into());
        return Outcome::Likely;
    }
    if matches!(traits[0].told, Told::Shaped(_)) {
        caps.push("what sets the stuck apart is their size or form; that it decides was not seen".into());
        return Outcome::Likely;
    }
    let read_in_code = crate::codeplaces::conditions(world, service, traits).next().is_some();
    if !read_in_code {
        caps.push("what sets the stuck apart is a contrast; no code that reads it was seen".into());
        return Outcome::Likely;
    }
    Outcome::Confirmed
}

/// Whether the failure came to an end, and some that it had hit have got on since then: the others may follow by themselves.
fn is_over(
    world: &World<'_>,
    draft: &Draft,
    candidate: &crate::suspects::Candidate,
    done: &[u32],
) -> Option<String> {
    const OVER: i64 = 600 * 1_000_000_000;
    const FEWEST: usize = 3;
    let problem = &world.problems[candidate.problem];
    let (last, now) = problem.last.zip(world.now)?;
    let met = done.iter().filter(|e| problem.hits.contains_key(e));
    let since = met.filter(|e| world.at(**e, draft.boundary.to).is_some_and(|on| on > last)).count();
    (now.since(last) >= OVER && since >= FEWEST).then(|| {
        format!("it was last logged at {last}, and {since} that it had hit have got on since: these may follow by themselves")
    })
}

/// Whether the rows of (nearly) all were changed well after they had arrived: then the reply may have been applied and
/// written over.
fn changed_since(world: &World<'_>, draft: &Draft) -> bool {
    const WELL_AFTER: i64 = 5 * 1_000_000_000;
    let changed = |e: &&u32| {
        let arrival = world.at(**e, draft.boundary.from);
        let of_state = crate::rowtime::of_state(&world.home.entities[**e as usize].row);
        if of_state.zip(arrival).is_some_and(|(state, arrival)| state < arrival) {
            return false;
        }
        let times = crate::rowtime::times(&world.home.entities[**e as usize].row);
        let touched =
            times.into_iter().filter(|(c, _)| crate::rowtime::is_touch_name(c)).map(|(_, t)| t).max();
        touched.zip(world.at(**e, draft.boundary.from)).is_some_and(|(t, at)| t.since(at) > WELL_AFTER)
    };
    draft.entities.iter().filter(changed).count() * 10 >= draft.entities.len() * 8
}

/// The outcome of the whole: the lowest of the causes that explain at least a tenth; an unexplained part allows no more
/// than `likely`.
pub(crate) fn overall(causes: &[(Outcome, usize)], total: usize) -> Outcome {
    if causes.is_empty() {
        return if total == 0 { Outcome::NoFault } else { Outcome::Inconclusive };
    }
    let lowest =
        causes.iter().filter(|(_, n)| n * 10 >= total).map(|(o, _)| *o).max().unwrap_or(Outcome::Likely);
    let unexplained = causes.iter().any(|(o, _)| *o == Outcome::Inconclusive);
    if unexplained && lowest == Outcome::Confirmed { Outcome::Likely } else { lowest }
}
