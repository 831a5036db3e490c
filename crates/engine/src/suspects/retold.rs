//! Failures that belong to another one: those that were got over, the reason behind a last word, and the same told twice.

use super::{Boundary, Candidate, SECOND, SLACK};
use crate::problems::Problem;
use crate::trails::Fact;
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Whether the service went on with (nearly) all of those that it hits: afterwards, and not before, it said of them what it
/// says of the completed on their way to the end of this hop. Then the next try went well, and they stopped by something else.
pub(super) fn is_survived(
    world: &World<'_>,
    candidate: &Candidate,
    boundary: &Boundary,
    done: &[u32],
) -> bool {
    const LOOKED_AT: usize = 500;
    let problem = &world.problems[candidate.problem];
    let said = |entity: u32| {
        world.trails.of[entity as usize].iter().filter_map(|o| match o.fact {
            Fact::Log(i) => Some(&world.haul.logs[i])
                .filter(|l| l.service == problem.service && l.joined_by.is_none() && !l.is_failure())
                .and_then(|l| Some((crate::facts::stem(&l.template), o.time?))),
            _ => None,
        })
    };
    let hits = &candidate.hits[..candidate.hits.len().min(LOOKED_AT)];
    let mut went_on: BTreeMap<&str, usize> = BTreeMap::new();
    for entity in hits {
        let Some((Some(first), Some(last))) = problem.hits.get(entity).copied() else { return false };
        let before: BTreeSet<&str> = said(*entity).filter(|(_, at)| *at <= first).map(|(t, _)| t).collect();
        let after: BTreeSet<&str> = said(*entity).filter(|(_, at)| *at > last).map(|(t, _)| t).collect();
        after.difference(&before).for_each(|t| *went_on.entry(t).or_default() += 1);
    }
    let control = &done[..done.len().min(LOOKED_AT)];
    let is_usual = |template: &str| {
        let on_the_way = control.iter().filter(|e| {
            let end = world.at(**e, boundary.to);
            said(**e).any(|(t, at)| t == template && end.is_none_or(|end| at.since(end) <= SLACK))
        });
        on_the_way.count() * 2 > control.len()
    };
    went_on.iter().any(|(template, n)| n * 10 >= hits.len() * 9 && is_usual(template))
}

/// Why a service gave somebody up, where it says so without an exception: the failure whose kind is known that it logged of
/// (nearly) all of them right before. That completed ones met it too does not matter: they were not given up.
pub(crate) fn reason(world: &World<'_>, problem: &Problem, hits: &[u32]) -> Option<usize> {
    const RIGHT_BEFORE: i64 = 300 * SECOND;
    if problem.quiet || problem.exception.is_some() || !problem.is_generic() || hits.is_empty() {
        return None;
    }
    let gap = |other: &Problem, e: &u32| {
        let last = other.hits.get(e).filter(|_| !other.loose.contains(e))?.1?;
        let gap = problem.hits.get(e)?.0?.since(last);
        (-SECOND..=RIGHT_BEFORE).contains(&gap).then_some(gap)
    };
    let is_of = |p: &Problem| p.service == problem.service && !p.quiet && !p.is_generic();
    let others = world.problems.iter().enumerate().filter(|(_, p)| is_of(p));
    let told = others.filter_map(|(i, other)| {
        let gaps: Vec<i64> = hits.iter().filter_map(|e| gap(other, e)).collect();
        let is_all = gaps.len() * 20 >= hits.len() * 19;
        crate::flow::median(gaps).filter(|_| is_all).map(|middle| (middle, i))
    });
    told.min().map(|(_, i)| i)
}

/// Whether a message tells again what an exception of the same service says of the same entities: the remark of a retry
/// beside the stack trace that ends them. The exception knows more.
pub(super) fn is_retold(world: &World<'_>, candidate: &Candidate, all: &[Candidate]) -> bool {
    const LOOKED_AT: usize = 5;
    const FACTS: usize = 500;
    /// Shorter messages turn up in others by accident.
    const SHORTEST: usize = 12;
    let problem = &world.problems[candidate.problem];
    if problem.exception.is_some() {
        return false;
    }
    let hits: HashSet<u32> = candidate.hits.iter().copied().collect();
    let tells = |other: &Problem| {
        let facts = other.facts.iter().take(LOOKED_AT).filter_map(|i| world.haul.logs[*i].failure.as_ref());
        let mut roots = facts.map(|f| f.root_message.trim()).filter(|m| m.len() >= SHORTEST);
        roots.any(|root| {
            let same = crate::facts::first_line(root);
            problem.facts.iter().take(FACTS).any(|i| world.haul.logs[*i].message.contains(same))
        })
    };
    all.iter().any(|c| {
        let other = &world.problems[c.problem];
        let covers = c.hits.iter().filter(|e| hits.contains(e)).count() * 10 >= hits.len() * 8;
        other.exception.is_some() && other.service == problem.service && covers && tells(other)
    })
}

/// Whether a message without an exception tells of tries that ended in an exception of the same service: one that names
/// nobody, and that nearness ties to many of the same and to nobody else.
pub(super) fn is_ended(world: &World<'_>, candidate: &Candidate, all: &[Candidate]) -> bool {
    let problem = &world.problems[candidate.problem];
    let ends = |c: &Candidate| {
        let other = &world.problems[c.problem];
        let both = c.hits.iter().filter(|e| candidate.hits.binary_search(e).is_ok()).count();
        other.service == problem.service
            && other.exception.is_some()
            && c.hits.iter().all(|e| other.loose.contains(e))
            && both * 20 >= c.hits.len() * 19
            && both * 2 >= candidate.hits.len()
    };
    problem.exception.is_none() && !problem.quiet && all.iter().any(ends)
}
