//! Failures that only tell of the fault: of somebody who watches, of a service that reminds, and what goes on by itself.

use super::{Boundary, SECOND};
use crate::problems::Problem;
use crate::trails::Fact;
use crate::world::World;

/// Whether it goes on by itself: it began before any of those that it hits were there, names none of them, and mostly
/// comes while nobody is at hand. Who is beside it when it comes has nothing to do with it.
pub(super) fn is_background(world: &World<'_>, problem: &Problem, hits: &[u32]) -> bool {
    let with = problem.facts.iter().filter(|i| !world.haul.logs[**i].entities.is_empty()).count();
    let born = hits.iter().filter_map(|e| crate::flow::birth(&world.trails, *e as usize)).min();
    let before = problem.first.zip(born).is_some_and(|(first, born)| born.since(first) > 600 * SECOND);
    before && with * 2 < problem.facts.len() && hits.iter().all(|e| problem.loose.contains(e))
}

/// Whether it was logged only when the completed would long have been through: somebody outside who watches for what
/// takes too long, and tells of the fault instead of making it.
pub(super) fn is_observer(world: &World<'_>, problem: &Problem, boundary: &Boundary, hits: &[u32]) -> bool {
    let times = &world.flow.steps[boundary.step].times;
    let Some(longest) = crate::flow::quantile(times, 0.95) else { return false };
    let lag = |e: &u32| Some(problem.hits.get(e)?.0?.since(world.at(*e, boundary.from)?));
    let lags: Vec<i64> = hits.iter().filter_map(lag).collect();
    lags.len() == hits.len() && lags.iter().all(|l| *l > longest.max(60 * SECOND))
}

/// Whether the service itself only tells that something takes too long: without an exception, when the completed would long
/// have been through, and in words of waiting or again and again.
pub(super) fn is_reminder(world: &World<'_>, problem: &Problem, boundary: &Boundary, hits: &[u32]) -> bool {
    const WORDS: &[&str] = &[
        "no response",
        "no answer",
        "no reply",
        "unanswered",
        "not answered",
        "not responded",
        "overdue",
        "still waiting",
        "still open",
        "still pending",
        "waiting for",
        "waiting since",
        "pending since",
        "open for",
        "open since",
        "older than",
        "stuck",
        "sla ",
        "reminder",
        "sin respuesta",
        "sin contestar",
        "pendiente",
        "keine antwort",
        "wartet",
        "überfällig",
        "ueberfaellig",
        "ausstehend",
        "pas de réponse",
        "en attente",
        "in attesa",
        "sem resposta",
    ];
    if problem.exception.is_some() || !is_observer(world, problem, boundary, hits) {
        return false;
    }
    let text = problem.template.to_lowercase();
    let again = |e: &&u32| {
        let both = problem.hits.get(e).and_then(|(first, last)| (*first).zip(*last));
        both.is_some_and(|(first, last)| last.since(first) >= 60 * SECOND)
    };
    WORDS.iter().any(|w| text.contains(w)) || hits.iter().filter(again).count() * 2 > hits.len()
}

/// Whether somebody tells of what waits by its age: of all at the same age, when the completed would long have been
/// through, and again and again. It says nothing of its own (a timeout or a refusal does), whatever it throws.
pub(super) fn tells_by_age(world: &World<'_>, problem: &Problem, boundary: &Boundary, hits: &[u32]) -> bool {
    const FEWEST: usize = 5;
    if !problem.is_generic() || hits.len() < FEWEST || !is_observer(world, problem, boundary, hits) {
        return false;
    }
    let (mut ages, mut spans, mut again) = (Vec::new(), Vec::new(), 0);
    for entity in hits {
        let Some((Some(first), Some(last))) = problem.hits.get(entity).copied() else { return false };
        let Some(born) = world.at(*entity, boundary.from) else { return false };
        ages.push(first.since(born));
        if last.since(first) >= 60 * SECOND {
            again += 1;
            spans.push(last.since(first));
        }
    }
    ages.sort_unstable();
    spans.sort_unstable();
    let quantile = |q| crate::flow::quantile(&ages, q).unwrap_or(0);
    // As long as the watch takes for a round, which is the shortest time between two of its remarks.
    let round = spans.first().copied().unwrap_or(0);
    let even = quantile(0.95) - quantile(0.05) <= round.max(quantile(0.5) / 4);
    again * 2 > hits.len() && even
}

/// Whether a remark came to (nearly) all that it names only when a record of theirs was sent once more: it tells what a
/// second record meets (`has its pick already`), not what became of the first.
pub(super) fn is_of_repeat(world: &World<'_>, problem: &Problem, hits: &[u32]) -> bool {
    const AT_ONCE: i64 = 10 * SECOND;
    let of_repeat = |entity: &&u32| {
        let Some(first) = problem.hits.get(entity).and_then(|h| h.0) else { return false };
        let mut sent: std::collections::BTreeMap<&str, Vec<i64>> = std::collections::BTreeMap::new();
        for observation in &world.trails.of[**entity as usize] {
            if let (Fact::Record(i), Some(time)) = (observation.fact, observation.time) {
                let lag = first.since(time);
                sent.entry(world.haul.records[i].record.topic.as_str()).or_default().push(lag);
            }
        }
        // It follows upon a repeated record, and did not follow upon the first one.
        sent.values().any(|lags| {
            let oldest = lags.iter().copied().max().unwrap_or(0);
            oldest > AT_ONCE && lags.iter().any(|l| (-SECOND..=AT_ONCE).contains(l))
        })
    };
    hits.iter().filter(of_repeat).count() * 10 >= hits.len() * 9
}

/// Whether a remark says that something is done once more: somebody looks after those that wait, and is not why they do.
pub(super) fn says_again(problem: &Problem) -> bool {
    const WORDS: &[&str] = &[
        "again",
        "anew",
        "resend",
        "resending",
        "resent",
        "republish",
        "republishing",
        "redeliver",
        "retry",
        "retrying",
        "erneut",
        "nochmal",
        "nochmals",
        "reintento",
        "reintentando",
        "renvoi",
        "ritento",
        "reenvio",
    ];
    let text = problem.template.to_lowercase().replace("re-", "re");
    text.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word))
}
