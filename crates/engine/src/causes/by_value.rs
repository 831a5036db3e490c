//! Failures that name nobody, told by a value: all of their lines hold what those that stopped have in common and no completed
//! one has. A file, a rack, a tenant fails, and everybody in it.

use crate::discriminate::{Told, Trait};
use crate::problems::Problem;
use crate::suspects::{BY_VALUE, Boundary, Candidate};
use crate::world::World;
use waylaid_model::Level;

/// The failure, of any service, whose lines hold what sets the stuck apart.
pub(super) fn by_value(
    world: &World<'_>,
    boundary: &Boundary,
    entities: &[u32],
    traits: &[Trait],
) -> Option<Candidate> {
    let values: Vec<Vec<&str>> = traits.iter().filter_map(values).collect();
    if values.is_empty() {
        return None;
    }
    let arrived = entities.iter().filter_map(|e| world.at(*e, boundary.from)).min()?;
    let fails = |p: &Problem| {
        let is_new = p.first.is_some_and(|first| arrived.since(first) <= 600 * 1_000_000_000);
        let is_tied = p.hits.keys().any(|e| !p.loose.contains(e));
        !p.quiet && !is_tied && is_new && (p.exception.is_some() || p.level >= Some(Level::Error))
    };
    let failures = world.problems.iter().enumerate().filter(|(_, p)| fails(p));
    let told = failures.filter(|(_, p)| values.iter().any(|v| holds(world, p, v)));
    let (problem, _) = told.min_by_key(|(i, p)| (p.exception.is_none(), std::cmp::Reverse(p.count), *i))?;
    let hits = entities.to_vec();
    Some(Candidate { problem, hits, done_hits: 0, repaired: 0, tier: BY_VALUE, is_caller: false })
}

/// The values of a field that are telling enough to be looked for in lines: no flag, no small number.
fn values(t: &Trait) -> Option<Vec<&str>> {
    const SHORTEST: usize = 3;
    t.field()?;
    let Told::Is(value) = &t.told else { return None };
    let values: Vec<&str> = value.split(" or ").collect();
    let is_telling = |v: &&str| v.chars().count() >= SHORTEST && !crate::ids::is_common(v);
    values.iter().all(is_telling).then_some(values)
}

/// Whether (nearly) all events of a failure hold one of the values, and each of the values is held by some.
fn holds(world: &World<'_>, problem: &Problem, values: &[&str]) -> bool {
    const LOOKED_AT: usize = 200;
    let mut met = vec![false; values.len()];
    let facts = &problem.facts[..problem.facts.len().min(LOOKED_AT)];
    let mut with = 0;
    for index in facts {
        let log = &world.haul.logs[*index];
        let cause = log.failure.as_ref().map_or("", |f| f.root_message.as_str());
        let placed = log.placed.iter().map(|p| p.value.as_str());
        let texts: Vec<&str> = [log.message.as_str(), cause].into_iter().chain(placed).collect();
        let mut is_with = false;
        for (met, value) in met.iter_mut().zip(values) {
            let holds = texts.iter().any(|text| has_token(text, value));
            *met |= holds;
            is_with |= holds;
        }
        with += usize::from(is_with);
    }
    !facts.is_empty() && with * 10 >= facts.len() * 9 && met.into_iter().all(|m| m)
}

/// Whether a text holds a value on its own, not as a part of a longer word.
fn has_token(text: &str, value: &str) -> bool {
    let is_end = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(value).any(|(at, _)| {
        is_end(text[..at].chars().next_back()) && is_end(text[at + value.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_on_its_own() {
        assert!(has_token("MPR_20261102_R0421.csv: 3,9", "R0421"));
        assert!(has_token("rack=R0421", "R0421"));
        assert!(!has_token("rack R04215", "R0421"));
        assert!(!has_token("", "R0421"));
    }
}
