//! From a cause to the places in code: the frame that threw, the statement that logged, the condition that decides, the
//! handler of the topic, the call that publishes, what swallows.

mod errors;
mod passed;
mod stores;

pub(crate) use stores::{handler_of, readers, sets};

use crate::causes::{Draft, Proof, told_in_row};
use crate::discriminate::Trait;
use crate::world::World;
use waylaid_code::{
    Sources, Statement, Touched, deciding, handler_condition, handling_failures, leaving_before, swallowing,
};
use waylaid_model::{CodePlace, Kind, Timestamp, time::human_duration};

const MOST: usize = 5;

/// The role of the statement that wrote an error's line.
const LOGGED: &str = "statement that logged it";

/// Places of a cause, most likely first.
pub(crate) fn places(world: &World<'_>, draft: &Draft) -> Vec<CodePlace> {
    let mut out = Vec::new();
    let service = draft.boundary.service.as_deref();
    let sources = service.and_then(|s| world.sources(s));
    if let (Some(sources), true) = (sources, lacks_publishing(world, draft)) {
        unpublished(world, draft, sources, &mut out);
    }
    match &draft.proof {
        Proof::Problem { candidate, blocked, .. } => {
            errors::of_problem(world, candidate.problem, draft, &mut out);
            if let Some(sources) = sources {
                around_problem(world, candidate.problem, !blocked.is_empty(), sources, &mut out);
            }
        }
        Proof::Outage { problem, .. } => errors::of_problem(world, *problem, draft, &mut out),
        Proof::Behind(behind) => {
            if let Some(problem) = behind.problem {
                errors::of_problem(world, problem, draft, &mut out);
            }
        }
        Proof::SetBack { log, .. } => errors::of_event(world, &world.haul.logs[*log], &mut out),
        Proof::Silent { traits, said, .. } => {
            if let Some(log) = said.and_then(|p| world.problems[p].facts.first()) {
                errors::of_event(world, &world.haul.logs[*log], &mut out);
            }
            if let Some(text) = told_in_row::whole_text(world, draft) {
                errors::of_text(sources, &text, &mut out);
            }
            for place in conditions(world, service, traits).collect::<Vec<_>>() {
                let role = "condition on what sets the stuck apart (candidate)";
                add(&mut out, service.unwrap_or_default(), place, role);
            }
        }
        Proof::Stopped { .. } => {
            let jobs = sources.into_iter().flat_map(waylaid_code::Sources::jobs);
            for job in jobs.take(3) {
                let line = u64::from(job.line);
                let place = Statement { path: job.path.clone(), line, symbol: job.symbol.clone() };
                let off = if job.suspended { ", switched off" } else { "" };
                let role = format!("runs by the clock: {}{off}", job.schedule);
                add(&mut out, service.unwrap_or_default(), place, &role);
            }
        }
        _ => {}
    }
    if let Some(sources) = sources {
        // What was never handed over has let nobody go.
        let handed_over = draft.kind != Kind::NotConsumed && !matches!(draft.proof, Proof::Behind(_));
        if out.is_empty() && handed_over {
            for guard in passed::guards(world, draft, sources) {
                add(
                    &mut out,
                    &sources.service,
                    guard,
                    "leaves before what it says of the completed (candidate)",
                );
            }
        }
        of_stores(world, draft, sources, &mut out);
    }
    out.truncate(MOST);
    let onset = draft.entities.iter().filter_map(|e| world.home.entities[*e as usize].entered).min();
    out.iter_mut().for_each(|place| date(world, place, onset));
    out
}

/// What decides that a quiet line is reached, and what the consumer does with the record that it can't get past.
fn around_problem(
    world: &World<'_>,
    problem: usize,
    blocks: bool,
    sources: &Sources,
    out: &mut Vec<CodePlace>,
) {
    let problem = &world.problems[problem];
    if problem.service != sources.service {
        return;
    }
    let logged = out.iter().position(|p| p.role == LOGGED).filter(|_| problem.quiet);
    if let Some((at, place)) = logged.map(|at| (at, out[at].clone())) {
        for (n, found) in deciding(sources, &place.path, place.line).into_iter().enumerate() {
            insert(out, at + 1 + n, &sources.service, found, "decides that it comes to this");
        }
    }
    if blocks {
        for found in handling_failures(sources) {
            let at = out.len().min(1);
            insert(out, at, &sources.service, found, "what is done with a record that fails");
        }
    }
}

/// Adds the commit that last touched the line; one shortly before the cohort began to stop is told.
fn date(world: &World<'_>, place: &mut CodePlace, onset: Option<Timestamp>) {
    let (Some(sources), Ok(line)) = (world.sources(&place.service), u32::try_from(place.line)) else {
        return;
    };
    match sources.last_touched(&place.path, (line, line)) {
        Touched::By(commit) => {
            if let Some(onset) = onset.filter(|o| commit.is_near(*o)) {
                let before = human_duration(onset.since(commit.at));
                place
                    .role
                    .push_str(&format!("; changed {before} before the first stopped: {}", commit.summary));
            }
            place.commit = commit.id;
        }
        Touched::NotCommitted => place.role.push_str("; not committed"),
        Touched::Unknown(_) => {}
    }
}

/// Whether what is missing is a record that the service had to send, and no error of its own says why.
fn lacks_publishing(world: &World<'_>, draft: &Draft) -> bool {
    let quiet = match &draft.proof {
        Proof::Problem { candidate, .. } => world.problems[candidate.problem].quiet,
        Proof::Silent { .. } | Proof::Unsent { .. } | Proof::Detour(_) => true,
        _ => false,
    };
    quiet && world.trails.nodes[draft.boundary.to].topic().is_some()
}

/// What swallows around the call that should have sent, then the call; for a record that went elsewhere, what decides
/// where to.
fn unpublished(world: &World<'_>, draft: &Draft, sources: &Sources, out: &mut Vec<CodePlace>) {
    let service = &sources.service;
    let wrong = match &draft.proof {
        Proof::Detour(detour) => Some(detour.topic.as_str()).filter(|_| !detour.dead_letter),
        _ => None,
    };
    if let Some(wrong) = wrong {
        for (place, role) in stores::deciding(sources, wrong) {
            add(out, service, place, role);
        }
    }
    let Some(topic) = world.trails.nodes[draft.boundary.to].topic() else { return };
    for place in stores::publishing(sources, topic) {
        if wrong.is_none() && !matches!(draft.proof, Proof::Unsent { .. }) {
            for swallowed in swallowing(sources, &place.path, place.line) {
                add(
                    out,
                    service,
                    swallowed,
                    "swallows what fails: neither thrown again nor logged above debug",
                );
            }
        }
        let found = leaving_before(sources, &place.path, place.line);
        add(out, service, place, "where the topic is published");
        for place in found.into_iter().filter(|_| wrong.is_none()) {
            add(out, service, place, "leaves some out before it publishes (candidate)");
        }
    }
}

/// Whether the call that should have sent stands where a failure is swallowed.
pub(crate) fn swallows_publishing(world: &World<'_>, draft: &Draft) -> bool {
    let Some(sources) = draft.boundary.service.as_deref().and_then(|s| world.sources(s)) else {
        return false;
    };
    let Some(topic) = world.trails.nodes[draft.boundary.to].topic() else { return false };
    stores::publishing(sources, topic).iter().any(|p| !swallowing(sources, &p.path, p.line).is_empty())
}

/// Tables and topics that the cause is about.
fn of_stores(world: &World<'_>, draft: &Draft, sources: &Sources, out: &mut Vec<CodePlace>) {
    // What violated a constraint stands beside the highest frame; what only was not written comes after all else.
    let violating = stores::violating(world, draft, sources);
    if !violating.is_empty() {
        let at = usize::from(out.first().is_some_and(|p| p.role.starts_with("frame")));
        let known = |p: &&Statement| out.iter().any(|o| o.path == p.path && o.line == p.line);
        if let Some(place) = violating.iter().find(|p| !known(p)).cloned() {
            insert(out, at, &sources.service, place, "SQL on the table");
        }
    } else if let Some(place) = stores::table_line(world, draft, sources) {
        let first = matches!(draft.proof, Proof::Unsent { .. });
        let at = if first { 0 } else { out.len() };
        insert(out, at, &sources.service, place, "SQL on the table");
    }
    if let Some(place) = stores::defined(world, draft, sources) {
        let at = out.len().min(3);
        insert(out, at, &sources.service, place, "where the violated constraint is defined");
    }
    let handler = stores::handler(world, draft, sources);
    if let Some(place) = handler {
        let silent = matches!(draft.proof, Proof::Silent { .. }) && draft.kind != Kind::ReplyNotPublished;
        if silent {
            for swallowed in swallowing(sources, &place.path, place.line) {
                add(
                    out,
                    &sources.service,
                    swallowed,
                    "swallows what fails: neither thrown again nor logged above debug",
                );
            }
        }
        add(out, &sources.service, place, "handler of the topic");
    }
}

/// Conditions in a service's code that read what sets the stuck apart.
pub(crate) fn conditions<'a>(
    world: &'a World<'_>,
    service: Option<&'a str>,
    traits: &'a [Trait],
) -> impl Iterator<Item = Statement> + 'a {
    let sources = service.and_then(|s| world.sources(s));
    traits.iter().take(3).filter_map(move |t| handler_condition(sources?, t.field()?, t.told.value()))
}

/// Puts a place where it belongs, unless it is known.
fn insert(out: &mut Vec<CodePlace>, at: usize, service: &str, place: Statement, role: &str) {
    let before = out.len();
    add(out, service, place, role);
    if out.len() > before
        && let Some(new) = out.pop()
    {
        out.insert(at.min(out.len()), new);
    }
}

fn add(out: &mut Vec<CodePlace>, service: &str, place: Statement, role: &str) {
    let known = out.iter().any(|p| p.path == place.path && p.line == place.line);
    if !known {
        out.push(CodePlace {
            service: service.to_owned(),
            path: place.path,
            line: place.line,
            symbol: place.symbol,
            commit: String::new(),
            role: role.to_owned(),
        });
    }
}
