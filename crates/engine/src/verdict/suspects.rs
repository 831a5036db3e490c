//! Who is worth a look where nothing is proven, and the error groups that the answer mentions.

use super::citing::cite_problem;
use crate::book::Book;
use crate::causes::{self, Findings};
use crate::problems::Problem;
use crate::world::World;
use waylaid_model::{Cause, Kind, Level, ProblemSummary, Suspect};

/// Failures that are tied to nobody and are no older than the first of those that stopped: of the services that had to act,
/// and of others where they come again and again.
pub(super) fn unattributed<'w>(
    world: &'w World<'_>,
    findings: &'w Findings,
) -> impl Iterator<Item = &'w Problem> {
    const HOUR: i64 = 3600 * 1_000_000_000;
    const OFTEN: u64 = 3;
    let is_new = |p: &Problem| {
        findings.boundaries.iter().any(|b| {
            let arrived = b.entities.iter().filter_map(|e| world.at(*e, b.from)).min();
            p.first.zip(arrived).is_some_and(|(first, arrived)| arrived.since(first) <= HOUR / 6)
        })
    };
    let acts = |p: &Problem| findings.boundaries.iter().any(|b| b.service.as_deref() == Some(&p.service));
    let is_loud = |p: &Problem| {
        let again = p.level >= Some(Level::Warn) && p.count >= OFTEN;
        !p.quiet && (p.exception.is_some() || p.kind.is_some() || again)
    };
    let is_error = |p: &Problem| p.level >= Some(Level::Error) && p.count >= OFTEN;
    let is_tied = |p: &Problem| p.hits.keys().any(|e| !p.loose.contains(e));
    let told = move |p: &&Problem| is_loud(p) && !is_tied(p) && is_new(p) && (acts(p) || is_error(p));
    let mut found: Vec<&Problem> = world.problems.iter().filter(told).collect();
    found.sort_by_key(|p| (!acts(p), std::cmp::Reverse(p.count)));
    found.into_iter().take(3)
}

/// Ranked places worth a look: services of the causes, then what they were consumed by, then the loudest others.
pub(super) fn suspects(
    world: &World<'_>,
    findings: &Findings,
    causes: &[Cause],
    stuck: &[u32],
    book: &mut Book,
) -> Vec<Suspect> {
    let mut out: Vec<Suspect> = Vec::new();
    for cause in causes {
        if let Some(service) = &cause.service
            && out.iter().all(|s| s.service != *service)
        {
            out.push(Suspect {
                service: service.clone(),
                why: cause.statement.clone(),
                code: cause.code.clone(),
                evidence: cause.evidence.clone(),
            });
        }
    }
    // Who only waits accuses nobody.
    let waits = |e: &u32| findings.queued.contains(e);
    for boundary in findings.boundaries.iter().filter(|b| !b.entities.iter().all(waits)) {
        // What another service is known to have stopped, this one need not answer for.
        let is_explained = |e: &&u32| {
            let explains = |d: &causes::Draft| d.kind != Kind::Unknown && d.entities.contains(e);
            findings.drafts.iter().any(explains)
        };
        let open = boundary.entities.iter().filter(|e| !is_explained(e)).count();
        if let Some(service) = &boundary.service
            && out.iter().all(|s| s.service != *service)
            && open * 10 > boundary.entities.len()
        {
            let why = format!(
                "{} of {} stopped at its hop {}",
                boundary.entities.len(),
                stuck.len(),
                world.flow.hop(&world.trails, boundary.step)
            );
            out.push(Suspect { service: service.clone(), why, code: Vec::new(), evidence: Vec::new() });
        }
    }
    for problem in unattributed(world, findings) {
        // An error that tells the cause leaves nothing to guess.
        let is_told = |c: &Cause| c.service.as_deref() == Some(&problem.service) && c.problem.is_some();
        if out.len() < 5 && !causes.iter().any(is_told) {
            let mut ids = Vec::new();
            cite_problem(world, problem, &[], book, &mut ids);
            let since = problem.first.map(|t| format!(" since {t}")).unwrap_or_default();
            let why = format!("{}: {} times{since}, and it names nobody", problem.title(), problem.count);
            out.push(Suspect { service: problem.service.clone(), why, code: Vec::new(), evidence: ids });
        }
    }
    let mut loud: Vec<&Problem> = world
        .problems
        .iter()
        .filter(|p| !p.quiet && p.hits.keys().any(|e| stuck.binary_search(e).is_ok()))
        .collect();
    loud.sort_by_key(|p| std::cmp::Reverse(p.hits.keys().filter(|e| stuck.binary_search(e).is_ok()).count()));
    for problem in loud {
        if out.len() < 5 && out.iter().all(|s| s.service != problem.service) {
            let hits = problem.hits.keys().filter(|e| stuck.binary_search(e).is_ok()).count();
            let mut ids = Vec::new();
            cite_problem(world, problem, stuck, book, &mut ids);
            let why = format!("{} hits {hits} of {} stuck", problem.title(), stuck.len());
            out.push(Suspect { service: problem.service.clone(), why, code: Vec::new(), evidence: ids });
        }
    }
    out
}

pub(super) fn summaries(
    world: &World<'_>,
    findings: &Findings,
    ruled_out: &[waylaid_model::RuledOut],
    stuck: &[u32],
    done: &[u32],
    id: &dyn Fn(usize) -> String,
    book: &mut Book,
) -> Vec<ProblemSummary> {
    let mentioned: Vec<String> = ruled_out.iter().filter_map(|r| r.problem.clone()).collect();
    let of_causes: Vec<usize> = findings.drafts.iter().filter_map(|d| d.proof.problem()).collect();
    let mut list: Vec<usize> =
        (0..world.problems.len()).filter(|p| of_causes.contains(p) || mentioned.contains(&id(*p))).collect();
    list.sort_by_key(|p| id(*p).trim_start_matches('p').parse::<usize>().unwrap_or(usize::MAX));
    list.into_iter()
        .map(|p| {
            let problem = &world.problems[p];
            let mut ids = Vec::new();
            cite_problem(world, problem, stuck, book, &mut ids);
            let hits = |set: &[u32]| set.iter().filter(|e| problem.hits.contains_key(e)).count() as u64;
            ProblemSummary {
                id: id(p),
                service: problem.service.clone(),
                exception: problem.exception.clone(),
                template: problem.template.clone(),
                kind: problem.kind.unwrap_or(Kind::Unknown),
                count: problem.count,
                first: problem.first,
                last: problem.last,
                hits_stuck: hits(stuck),
                hits_completed: hits(done),
                evidence: ids,
            }
        })
        .collect()
}
