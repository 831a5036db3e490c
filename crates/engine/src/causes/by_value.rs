//! Failures that name nobody, told by a value: all of their lines hold what those that stopped have in common and no completed
//! one has. A file, a rack, a tenant fails, and everybody in it.

use crate::discriminate::{Told, Trait};
use crate::places::Placed;
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
    let values: Vec<Wanted<'_>> = traits.iter().filter_map(values).collect();
    if values.is_empty() {
        return None;
    }
    let failures = failures(world, boundary, entities);
    let told = failures.filter(|(_, p)| values.iter().any(|v| holds(world, p, v)));
    let (problem, _) = told.min_by_key(|(i, p)| (p.exception.is_none(), std::cmp::Reverse(p.count), *i))?;
    let hits = entities.to_vec();
    Some(Candidate { problem, hits, done_hits: 0, repaired: 0, tier: BY_VALUE, is_caller: false })
}

/// Failures that came up with those that stopped and name none of the entities that went this way. A completed one that was
/// through long before is not met by it: a duplicate key names who holds the key, not who is refused.
pub(super) fn failures<'w>(
    world: &'w World<'_>,
    boundary: &'w Boundary,
    entities: &[u32],
) -> impl Iterator<Item = (usize, &'w Problem)> + 'w {
    const NEW: i64 = 600 * 1_000_000_000;
    let arrived = entities.iter().filter_map(|e| world.at(*e, boundary.from)).min();
    let is_new =
        move |p: &Problem| arrived.zip(p.first).is_some_and(|(arrived, first)| arrived.since(first) <= NEW);
    let is_tied = |p: &Problem| {
        p.hits.iter().filter(|(e, _)| !p.loose.contains(e)).any(|(e, (first, _))| {
            let through = world.at(*e, boundary.to).zip(*first);
            through.is_none_or(|(through, first)| first.since(through) <= NEW)
        })
    };
    let is_loud = |p: &Problem| p.exception.is_some() || p.level >= Some(Level::Error) || !p.is_generic();
    let all = world.problems.iter().enumerate();
    all.filter(move |(_, p)| !p.quiet && is_loud(p) && is_new(p) && !is_tied(p))
}

/// What is looked for in the lines of a failure.
struct Wanted<'t> {
    values: Vec<&'t str>,
    /// The field's name, where the values are so plain that they count only under it.
    under: Option<&'t str>,
}

/// The values of a field, and whether they are telling by themselves: no flag, no word, no small number.
fn values(t: &Trait) -> Option<Wanted<'_>> {
    const SHORTEST: usize = 3;
    let field = t.field()?;
    let Told::Is(value) = &t.told else { return None };
    let values: Vec<&str> = value.split(" or ").collect();
    let is_telling = |v: &&str| v.chars().count() >= SHORTEST && !crate::ids::is_common(v);
    let is_flag = |v: &&str| matches!(*v, "true" | "false" | "0" | "1" | "");
    let under = (!values.iter().all(is_telling)).then(|| last_word(field));
    (!values.iter().any(is_flag)).then_some(Wanted { values, under })
}

/// The last part of a place: `$.args.cellar` is `cellar`.
pub(super) fn last_word(place: &str) -> &str {
    place.rsplit(['.', ':', ' ', ']']).find(|w| !w.is_empty()).unwrap_or(place)
}

/// Whether (nearly) all events of a failure hold one of the values, and each of the values is held by some.
fn holds(world: &World<'_>, problem: &Problem, wanted: &Wanted<'_>) -> bool {
    let values = &wanted.values;
    const LOOKED_AT: usize = 200;
    let mut met = vec![false; values.len()];
    let facts = &problem.facts[..problem.facts.len().min(LOOKED_AT)];
    let mut with = 0;
    for index in facts {
        let log = &world.haul.logs[*index];
        let cause = log.failure.as_ref().map_or("", |f| f.root_message.as_str());
        let counts = |p: &&Placed| wanted.under.is_none_or(|u| last_word(&p.place).eq_ignore_ascii_case(u));
        let placed = log.placed.iter().chain(&log.words).filter(counts).map(|p| p.value.as_str());
        let whole = [log.message.as_str(), cause].into_iter().filter(|_| wanted.under.is_none());
        let texts: Vec<&str> = whole.chain(placed).collect();
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
