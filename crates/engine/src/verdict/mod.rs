//! From findings to the answer: causes worded and cited, flow counted, the rest ruled out.

mod citing;
mod counts;
mod summary;
mod suspects;

use crate::book::Book;
use crate::causes::{self, Draft, Findings};
use crate::home::Role;
use crate::suspects::Boundary;
use crate::world::World;
use crate::{Ask, codeplaces, flow, keys, ruled_out, rules, wording};
use citing::evidence;
use counts::hops;
pub(crate) use counts::{bindings, hop_counts, summary_of};
use std::collections::BTreeMap;
pub(crate) use summary::waiting_notes;
use summary::{next_steps, notes, summary};
use suspects::{summaries, suspects};
use waylaid_model::{Cause, Cohort, Diagnosis, EntityList, Kind, Outcome, Question, Sampled, Verdict};

/// Settles the verdict over the stuck of a world.
pub(crate) fn settle(world: &World<'_>, ask: &Ask) -> Diagnosis {
    let stuck = world.of_role(Role::Stuck);
    let done = world.of_role(Role::Done);
    let peers = world.of_role(Role::Peer);
    let mut whole: Vec<u32> = stuck.iter().chain(&peers).copied().collect();
    whole.sort_unstable();
    let mut findings = causes::find(world, &whole, &done);
    let judged: Vec<(Outcome, Vec<String>)> =
        findings.drafts.iter().map(|draft| rules::outcome(world, draft, &done)).collect();
    let beside = findings.restrict(&stuck, &judged);
    let mut book = Book::default();
    let numbers = problem_numbers(world, &findings);
    let id = |p: usize| numbers.get(&p).map_or_else(|| format!("p{}", p + 1), |n| format!("p{n}"));
    let aged = world.of_role(Role::AgedOut).len();
    let counted = stuck.len() - findings.queued.len() + aged;
    let mut causes = Vec::new();
    let mut outcomes = Vec::new();
    let mut capped_by = Vec::new();
    for (number, (draft, (outcome, caps, peers))) in findings.drafts.iter().zip(beside).enumerate() {
        outcomes.push((outcome, draft.entities.len()));
        caps.into_iter().for_each(|c| {
            if !capped_by.contains(&c) {
                capped_by.push(c);
            }
        });
        let mut cause = cause(world, draft, number, outcome, counted, &done, &id, &mut book);
        if peers > 0 {
            cause.facts.push(format!("{peers} others in the same state stopped there by the same"));
        }
        causes.push(cause);
    }
    let outcome = rules::overall(&outcomes, counted);
    let explained: u64 = causes.iter().map(|c| c.explains).sum();
    let unexplained = (counted as u64).saturating_sub(explained);
    let ruled_out = ruled_out::list(world, &findings.drafts, &stuck, &done, &id, &mut book);
    let suspects = suspects(world, &findings, &causes, &stuck, &mut book);
    let rules = crate::home::Rules::new(world.spec, ask);
    let summary = summary(
        world,
        &findings,
        &causes,
        outcome,
        counted,
        &ask.keys,
        rules.stuck.as_ref().filter(|_| ask.state.is_some()),
    );
    let problems = summaries(world, &findings, &ruled_out, &stuck, &done, &id, &mut book);
    let next_steps = next_steps(world, &causes, outcome);
    Diagnosis {
        case: String::new(),
        question: question(world, ask),
        cohort: cohort(world, counted, done.len(), &findings),
        flow: hops(world, &stuck),
        verdict: Verdict { outcome, summary, causes, unexplained, suspects, capped_by },
        ruled_out,
        coverage: world.haul.coverage.clone(),
        evidence: book.into_entries(),
        problems,
        bindings: bindings(world),
        notes: notes(world, &findings, &ask.keys),
        next_steps,
    }
}

fn question(world: &World<'_>, ask: &Ask) -> Question {
    let rules = crate::home::Rules::new(world.spec, ask);
    let born = (0..world.home.entities.len()).filter_map(|e| flow::birth(&world.trails, e)).min();
    Question {
        entity: Some(world.spec.name.clone()),
        state: rules.stuck.map(|r| r.wants()),
        keys: ask.keys.clone(),
        window: ask.window.from.or(born).zip(ask.window.until.or(world.now)),
        baseline: None,
        now: world.now,
    }
}

pub(crate) fn cohort(world: &World<'_>, counted: usize, done: usize, findings: &Findings) -> Cohort {
    let named = |state: &String| world.spec.stuck.iter().chain(&world.spec.done).any(|r| r.holds(state));
    let other = world.home.states.iter().filter(|(s, _)| !named(s)).map(|(_, n)| *n).sum();
    Cohort {
        count: counted as u64,
        control: done as u64,
        in_flight: (world.of_role(Role::Young).len() + findings.queued.len()) as u64,
        aged_out: world.of_role(Role::AgedOut).len() as u64,
        other,
        sampled: world.home.cut.map(|of| Sampled { followed: crate::home::FOLLOWED_OF_MANY as u64, of }),
    }
}

/// Problems are numbered as the answer mentions them: those of the causes first.
fn problem_numbers(world: &World<'_>, findings: &Findings) -> BTreeMap<usize, usize> {
    let mut order: Vec<usize> = Vec::new();
    for draft in &findings.drafts {
        order.extend(draft.proof.problem().filter(|p| !order.contains(p)));
    }
    let mut rest: Vec<usize> = (0..world.problems.len()).filter(|p| !order.contains(p)).collect();
    rest.sort_by_key(|p| world.problems[*p].quiet);
    order.extend(rest);
    order.into_iter().enumerate().map(|(n, p)| (p, n + 1)).collect()
}

#[expect(clippy::too_many_arguments, reason = "one call, and each is a different thing")]
fn cause(
    world: &World<'_>,
    draft: &Draft,
    number: usize,
    outcome: Outcome,
    total: usize,
    done: &[u32],
    id: &dyn Fn(usize) -> String,
    book: &mut Book,
) -> Cause {
    let problem = draft.proof.problem();
    let keys = problem.and_then(|p| keys::of_problem(world, &world.problems[p], &draft.entities));
    let list = world.keys(&draft.entities);
    Cause {
        id: format!("c{}", number + 1),
        kind: draft.kind,
        outcome,
        service: draft
            .boundary
            .service
            .clone()
            .or_else(|| problem.map(|p| world.problems[p].service.clone())),
        origin: origin(world, draft),
        hop: hop(world, &draft.boundary),
        explains: list.len() as u64,
        of: total as u64,
        problem: problem.map(id),
        statement: wording::statement(world, draft, total),
        evidence: evidence(world, draft, done, book),
        code: codeplaces::places(world, draft),
        fix: wording::fix(world, draft, keys.as_ref()),
        facts: wording::facts(world, draft, done, keys.as_ref()),
        entities: EntityList { count: list.len() as u64, csv: String::new(), keys: list },
        keys,
    }
}

/// The hop of a boundary: `FROM -> TO`.
pub(crate) fn hop(world: &World<'_>, boundary: &Boundary) -> String {
    let step = &world.flow.steps[boundary.step];
    match step.parent {
        _ if step.parent.is_some() || step.node != boundary.to => {
            let name = |node: usize| world.trails.nodes[node].name();
            format!("{} -> {}", name(boundary.from), name(boundary.to))
        }
        _ => world.flow.hop(&world.trails, boundary.step),
    }
}

/// The producer of records whose form is what failed.
fn origin(world: &World<'_>, draft: &Draft) -> Option<String> {
    let by_form = matches!(draft.kind, Kind::SchemaMismatch | Kind::DeserializationError);
    let producer = world.services.producer(&world.trails.nodes[draft.boundary.from])?;
    (by_form && draft.boundary.service.as_deref() != Some(producer)).then(|| producer.to_owned())
}
