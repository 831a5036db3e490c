//! Failures told by what came last: tries that were used up, the last word on somebody, and what failed before another party
//! sent on all the same.

use super::retold::is_survived;
use super::{Boundary, Candidate, SECOND, SLACK, candidate, is_observer, slack};
use crate::problems::Problem;
use crate::trails::Node;
use crate::world::World;
use std::collections::BTreeMap;
use waylaid_model::Level;

/// Whether a failure of the service that had to act is the last thing seen of most of the stuck, while completed ones
/// that it hit as well went on: retries that were used up. Only asked where nothing sets the stuck apart more plainly.
pub(crate) fn used_up(
    world: &World<'_>,
    problems: &[Problem],
    boundary: &Boundary,
    done: &[u32],
) -> Option<Candidate> {
    let slack = slack(world, boundary, done);
    let mut best: Option<Candidate> = None;
    let fails =
        |p: &Problem| !p.quiet && (p.exception.is_some() || p.level.is_some_and(|l| l >= Level::Error));
    for (index, problem) in problems.iter().enumerate().filter(|(_, p)| fails(p)) {
        let Some(c) = candidate(world, problem, index, boundary, done, slack).filter(|c| c.tier == 0) else {
            continue;
        };
        let stays_last = c.hits.iter().filter(|e| ends_with(world, problem, **e)).count();
        let fits = c.hits.len() * 10 >= boundary.entities.len() * 9
            && stays_last * 10 >= c.hits.len() * 9
            && c.innocent() * 10 <= done.len() * 6;
        if fits && best.as_ref().is_none_or(|b| c.innocent() < b.innocent()) {
            best = Some(c);
        }
    }
    best
}

/// A failure of any service that hits (nearly) all that stopped and none of the completed, and is the last thing its service
/// said of them: where the flow tells nothing better, it tells where to look.
pub(crate) fn plain(
    world: &World<'_>,
    problems: &[Problem],
    boundary: &Boundary,
    done: &[u32],
) -> Option<Candidate> {
    const FEWEST: usize = 3;
    let slack = slack(world, boundary, done);
    let mut best: Option<Candidate> = None;
    for (index, problem) in problems.iter().enumerate().filter(|(_, p)| !p.quiet) {
        let arrival = |e: &u32| world.at(*e, boundary.from);
        let met = |e: &u32| {
            problem.hits.get(e).is_some_and(|(_, last)| {
                last.zip(arrival(e)).is_none_or(|(last, arrival)| last.since(arrival) >= -slack)
            })
        };
        let hits: Vec<u32> = boundary.entities.iter().copied().filter(|e| met(e)).collect();
        let done_hits =
            done.iter().filter(|e| problem.hits.contains_key(e) && !problem.loose.contains(e)).count();
        let last = hits.iter().filter(|e| ends_with(world, problem, **e)).count();
        let is_plain = hits.len() >= FEWEST.max(boundary.entities.len() * 9 / 10)
            && done_hits == 0
            && done.len() >= 20
            && last * 10 >= hits.len() * 9
            && !is_observer(world, problem, boundary, &hits);
        // Of several, one whose kind says something.
        let is_better = |b: &Candidate| problems[b.problem].is_generic() && !problem.is_generic();
        if is_plain && best.as_ref().is_none_or(is_better) {
            let is_caller = Some(problem.service.as_str()) != boundary.service.as_deref();
            best = Some(Candidate { problem: index, hits, done_hits, repaired: 0, tier: 1, is_caller });
        }
    }
    best
}

/// A failure of the service that had to act which names (nearly) all that stopped and none of the completed, but came before
/// the last thing that was seen of them: what another party sent on all the same hides where they failed. With the last node
/// that they had reached by then.
pub(crate) fn earlier(
    world: &World<'_>,
    problems: &[Problem],
    boundary: &Boundary,
    done: &[u32],
) -> Option<(Candidate, usize)> {
    const FEWEST: usize = 3;
    let is_loud = |p: &Problem| !p.quiet && (p.exception.is_some() || p.level >= Some(Level::Warn));
    let own = |p: &Problem| boundary.service.as_deref() == Some(p.service.as_str());
    let of = |(index, problem): (usize, &Problem)| {
        let names = |e: &u32| problem.hits.contains_key(e) && !problem.loose.contains(e);
        let hits: Vec<u32> = boundary.entities.iter().copied().filter(names).collect();
        let is_before = |e: &&u32| {
            let last = problem.hits.get(e).and_then(|h| h.1);
            last.zip(world.at(**e, boundary.from)).is_some_and(|(last, arrival)| last < arrival)
        };
        let is_all = hits.len() >= FEWEST.max(boundary.entities.len() * 9 / 10)
            && hits.iter().filter(is_before).count() * 10 >= hits.len() * 9;
        let is_clean = done.len() >= 20 && !done.iter().any(names);
        let candidate =
            Candidate { problem: index, hits, done_hits: 0, repaired: 0, tier: 1, is_caller: false };
        let tells = is_all && is_clean && !is_survived(world, &candidate, boundary, done);
        let from = tells.then(|| reached_by(world, problem, &candidate.hits)).flatten()?;
        Some((candidate, from))
    };
    let loud = problems.iter().enumerate().filter(|(_, p)| own(p) && is_loud(p));
    loud.filter_map(of).min_by_key(|(c, _)| (problems[c.problem].is_generic(), c.problem))
}

/// The node that (most of) those that a failure hit had reached last when it came.
pub(super) fn reached_by(world: &World<'_>, problem: &Problem, hits: &[u32]) -> Option<usize> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for entity in hits {
        let failed = problem.hits.get(entity).and_then(|h| h.0)?;
        let reach = world.trails.reach[*entity as usize].iter();
        let by_then = reach
            .filter(|(n, _)| !matches!(world.trails.nodes[**n], Node::Service(_)))
            .filter_map(|(n, r)| r.first.filter(|at| at.since(failed) <= SECOND).map(|at| (at, *n)));
        if let Some((_, node)) = by_then.max() {
            *counts.entry(node).or_default() += 1;
        }
    }
    counts.into_iter().max_by_key(|(_, n)| *n).map(|(node, _)| node)
}

/// Whether the failure is the last thing that its service logged of (nearly) all that it hits.
pub(crate) fn stays_last(world: &World<'_>, candidate: &Candidate) -> bool {
    let problem = &world.problems[candidate.problem];
    let last = candidate.hits.iter().filter(|e| ends_with(world, problem, **e)).count();
    last * 10 >= candidate.hits.len() * 9
}

/// Whether the failure is the last thing that its service logged of an entity.
pub(crate) fn ends_with(world: &World<'_>, problem: &Problem, entity: u32) -> bool {
    let Some((_, Some(last))) = problem.hits.get(&entity) else { return false };
    let service = Node::Service(problem.service.clone());
    let Some(node) = world.trails.node(&service) else { return true };
    let latest = world.trails.reach[entity as usize].get(&node).and_then(|r| r.last);
    latest.is_none_or(|latest| latest.since(*last) <= SLACK)
}
