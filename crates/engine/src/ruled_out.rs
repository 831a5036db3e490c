//! What was considered and refuted, and by what: loud errors that hit the completed alike, that came before the last
//! good hop, that are consequences, or that hit none of the stuck.

use crate::book::Book;
use crate::causes::Draft;
use crate::problems::Problem;
use crate::suspects::passed_services;
use crate::world::World;
use std::collections::BTreeSet;
use waylaid_model::{EvidenceId, Kind, Level, RuledOut};

/// At most so many are told.
const MOST: usize = 12;

/// The hypotheses that a hasty reader of the logs would have had, each with what refutes it.
pub(crate) fn list(
    world: &World<'_>,
    drafts: &[Draft],
    stuck: &[u32],
    done: &[u32],
    ids: &dyn Fn(usize) -> String,
    book: &mut Book,
) -> Vec<RuledOut> {
    let reason = |d: &Draft| crate::suspects::reason(world, &world.problems[d.proof.problem()?], &d.entities);
    let told = drafts.iter().flat_map(|d| [d.proof.problem(), reason(d)]);
    let used: BTreeSet<usize> = told.flatten().collect();
    let mut candidates: Vec<(usize, &Problem)> = world
        .problems
        .iter()
        .enumerate()
        .filter(|(i, p)| !used.contains(i) && !p.quiet && (p.level.is_none_or(|l| l >= Level::Warn)))
        .filter(|(_, p)| p.kind.is_some() || p.level.is_some_and(|l| l >= Level::Error))
        .collect();
    let hits = |p: &Problem, set: &[u32]| set.iter().filter(|e| p.hits.contains_key(e)).count();
    candidates.sort_by_key(|(i, p)| {
        (std::cmp::Reverse(hits(p, stuck)), std::cmp::Reverse(p.level), std::cmp::Reverse(p.count), *i)
    });
    let mut out: Vec<RuledOut> = Vec::new();
    for (index, problem) in candidates {
        let kind = problem.kind.unwrap_or(Kind::HandlerException);
        if !is_refuted(drafts, problem, done) || names_nobody(world, problem, stuck, drafts) {
            continue;
        }
        let told =
            out.iter().any(|r| r.kind == kind && r.service.as_deref() == Some(problem.service.as_str()));
        if told || out.len() >= MOST {
            continue;
        }
        let same_cause = drafts
            .iter()
            .any(|d| d.kind == kind && d.boundary.service.as_deref() == Some(problem.service.as_str()));
        if same_cause {
            continue;
        }
        out.push(RuledOut {
            hypothesis: format!("{} is the cause", problem.title()),
            kind,
            service: Some(problem.service.clone()),
            why: why(
                world,
                drafts,
                problem,
                hits(problem, stuck),
                stuck.len(),
                hits(problem, done),
                done.len(),
            ),
            problem: Some(ids(index)),
            evidence: evidence(world, problem, done, book),
        });
    }
    out
}

/// Where nobody completed, or no cause is known of those that it hits while it spares the completed, nothing refutes it.
fn is_refuted(drafts: &[Draft], problem: &Problem, done: &[u32]) -> bool {
    let spares = !done.iter().any(|e| problem.hits.contains_key(e));
    let mut of_hits =
        drafts.iter().filter(|d| d.entities.iter().any(|e| problem.hits.contains_key(e))).peekable();
    let hits_unknown = of_hits.peek().is_some() && of_hits.all(|d| d.kind == Kind::Unknown);
    if done.is_empty() {
        return false;
    }
    !spares || !hits_unknown
}

/// Whether its events are tied to nobody but by nearness in time: that they touch none of the stuck says nothing then. Only
/// when it began refutes it.
fn names_nobody(world: &World<'_>, problem: &Problem, stuck: &[u32], drafts: &[Draft]) -> bool {
    let is_tied = problem.hits.keys().any(|e| !problem.loose.contains(e));
    let touches = stuck.iter().any(|e| problem.hits.contains_key(e));
    !is_tied && !touches && !began_long_before(world, problem, drafts) && !is_passed(world, problem, drafts)
}

/// Whether (all of) those that stopped had its service behind them.
fn is_passed(world: &World<'_>, problem: &Problem, drafts: &[Draft]) -> bool {
    let had = |d: &Draft| {
        passed_services(world, &d.boundary).contains(problem.service.as_str())
            && d.boundary.service.as_deref() != Some(problem.service.as_str())
    };
    !drafts.is_empty() && drafts.iter().all(had)
}

/// Whether it was there ten minutes and more before the first of those that stopped.
fn began_long_before(world: &World<'_>, problem: &Problem, drafts: &[Draft]) -> bool {
    let born = drafts
        .iter()
        .flat_map(|d| &d.entities)
        .filter_map(|e| crate::flow::birth(&world.trails, *e as usize))
        .min();
    problem.first.zip(born).is_some_and(|(first, born)| born.since(first) > 600 * 1_000_000_000)
}

/// A stuck or a completed entity's event, best one of the completed: they prove that one gets past it.
fn evidence(world: &World<'_>, problem: &Problem, done: &[u32], book: &mut Book) -> Vec<EvidenceId> {
    let done: BTreeSet<u32> = done.iter().copied().collect();
    let logs = problem.facts.iter().map(|i| &world.haul.logs[*i]);
    let best =
        logs.clone().find(|l| l.entities.iter().any(|e| done.contains(e))).or_else(|| logs.clone().next());
    best.into_iter()
        .map(|log| {
            let completed = log
                .entities
                .iter()
                .find(|e| done.contains(e))
                .map(|e| format!(" [{} {} completed all the same]", world.spec.name, world.key(*e)));
            book.cite(
                log.at.clone(),
                log.time,
                &format!("{}{}", log.summary(), completed.unwrap_or_default()),
            )
        })
        .collect()
}

fn why(
    world: &World<'_>,
    drafts: &[Draft],
    problem: &Problem,
    stuck: usize,
    of_stuck: usize,
    done: usize,
    of_done: usize,
) -> String {
    let counts = format!("it hits {stuck} of {of_stuck} stuck and {done} of {of_done} completed");
    if stuck == 0 {
        let before =
            if began_long_before(world, problem, drafts) { "; it began before any of them" } else { "" };
        let by = if is_passed(world, problem, drafts) {
            "all of the stuck got past its service"
        } else {
            "it touches none of the stuck"
        };
        return format!("{counts}: {by}{before}");
    }
    let passed = drafts.iter().any(|d| {
        passed_services(world, &d.boundary).contains(problem.service.as_str())
            && d.boundary.service.as_deref() != Some(problem.service.as_str())
    });
    if passed {
        let past = drafts
            .iter()
            .flat_map(|d| d.entities.iter().map(move |e| (d, e)))
            .filter(|(d, e)| problem.hits.contains_key(e) && world.at(**e, d.boundary.from).is_some())
            .count();
        let node = drafts.first().map(|d| world.trails.nodes[d.boundary.from].name()).unwrap_or_default();
        return format!("{counts}; {past} of the stuck it hits got past it: they were seen at {node}");
    }
    if done > 0 {
        return format!("{counts}: completed ones met it and went on");
    }
    format!("{counts}; it comes with the cause or after it, at a service that was not the first to fail")
}
