//! A first go-live, or an outage older than all that is kept: nobody completed, so that nothing can be compared. What is
//! left is the failure with which the way of (nearly) all of them ends.

use super::{Draft, Findings, Proof};
use crate::problems::Problem;
use crate::suspects::{Boundary, Candidate, ends_with};
use crate::trails::Node;
use crate::world::World;
use std::collections::BTreeMap;
use waylaid_model::{Kind, Level};

/// Gives those their cause who were last seen failing, where that is (nearly) everybody: an error that only a part of them
/// met may be innocent, and nobody is there who met it and went on.
pub(super) fn find(world: &World<'_>, stuck: &[u32], findings: &mut Findings) {
    let fails =
        |p: &Problem| !p.quiet && (p.exception.is_some() || p.level.is_some_and(|l| l >= Level::Warn));
    let ending = |p: &Problem| -> Vec<u32> {
        stuck.iter().copied().filter(|e| p.hits.contains_key(e) && ends_with(world, p, *e)).collect()
    };
    let candidates = world.problems.iter().enumerate().filter(|(_, p)| fails(p));
    let best = candidates
        .map(|(i, p)| (ending(p), i))
        .max_by_key(|(hits, i)| (hits.len(), !world.problems[*i].is_generic(), std::cmp::Reverse(*i)));
    let Some((hits, problem)) = best.filter(|(hits, _)| hits.len() * 10 >= stuck.len().max(2) * 8) else {
        return;
    };
    let Some(boundary) = boundary(world, problem, &hits) else { return };
    let kind = world.problems[problem].kind.unwrap_or(Kind::HandlerException);
    let candidate =
        Candidate { problem, hits: hits.clone(), done_hits: 0, repaired: 0, tier: 0, is_caller: false };
    findings.boundaries.push(boundary.clone());
    let proof = Proof::Problem { candidate, blocked: Vec::new(), consumption: None };
    findings.drafts.push(Draft { kind, boundary, entities: hits, proof });
}

/// From the last step that all of them took to the service that fails.
fn boundary(world: &World<'_>, problem: usize, hits: &[u32]) -> Option<Boundary> {
    let service = world.problems[problem].service.clone();
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for entity in hits {
        let reach = &world.trails.reach[*entity as usize];
        let last = reach
            .iter()
            .filter(|(n, _)| world.flow.step_of(**n).is_some())
            .filter(|(n, _)| !matches!(world.trails.nodes[**n], Node::Service(_)))
            .max_by_key(|(_, r)| r.first);
        last.into_iter().for_each(|(n, _)| *counts.entry(*n).or_default() += 1);
    }
    let (from, _) = counts.into_iter().max_by_key(|(_, n)| *n)?;
    let step = world.flow.step_of(from)?;
    let to = world.trails.nodes.iter().position(|n| matches!(n, Node::Service(s) if *s == service))?;
    Some(Boundary { step, from, to, service: Some(service), entities: hits.to_vec() })
}
