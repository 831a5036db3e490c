//! More stuck entities than can be followed at once, all followed: in rounds, each over an even part of them, so that
//! memory stays what one round takes. What the rounds find is put together by cause.

use crate::{Ask, EngineError, Stores, gather, murmurs, rules, verdict};
use std::collections::{BTreeMap, BTreeSet};
use waylaid_model::{Cause, Diagnosis, Evidence, EvidenceId, KeyList, ProblemSummary, System, Verdict};
use waylaid_store::Context;

/// Which part of the stuck a round is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Number of the round, from 0.
    pub(crate) number: usize,
    /// So many are followed in a round, at most.
    pub(crate) size: usize,
}

impl Part {
    /// Of these, every so manyth; and how many rounds it takes.
    pub(crate) fn take<T>(self, all: Vec<T>) -> (Vec<T>, usize) {
        let rounds = all.len().div_ceil(self.size.max(1)).max(1);
        let own = all.into_iter().enumerate().filter(|(n, _)| n % rounds == self.number);
        (own.map(|(_, item)| item).collect(), rounds)
    }
}

/// The verdict over all of them.
pub(crate) fn diagnose(
    system: &System,
    stores: &Stores,
    ask: &Ask,
    size: usize,
    context: &Context,
) -> Result<Diagnosis, EngineError> {
    let round = |number: usize, ask: &Ask| -> Result<(Diagnosis, usize), EngineError> {
        let ask = Ask { part: Some(Part { number, size }), ..ask.clone() };
        let mut world = gather::gather(system, stores, &ask, context)?;
        murmurs::listen(&mut world, stores, context)?;
        Ok((verdict::settle(&world, &ask), world.home.rounds))
    };
    let (mut whole, rounds) = round(0, ask)?;
    // What "now" means must not change from one round to the next.
    let ask = Ask { now: ask.now.or(whole.question.now), ..ask.clone() };
    for number in 1..rounds {
        let (part, _) = round(number, &ask)?;
        add(&mut whole, part);
    }
    if rounds > 1 {
        settle(&mut whole, rounds);
    }
    Ok(whole)
}

/// What makes two rounds' causes one.
type Identity = (waylaid_model::Kind, Option<String>, String, Option<(Option<String>, String)>);

fn identity(cause: &Cause, problems: &[ProblemSummary]) -> Identity {
    let problem = problems.iter().find(|p| Some(&p.id) == cause.problem.as_ref());
    let says = problem.map(|p| (p.exception.clone(), p.template.clone()));
    (cause.kind, cause.service.clone(), cause.hop.clone(), says)
}

fn add(whole: &mut Diagnosis, part: Diagnosis) {
    let cohort = &mut whole.cohort;
    cohort.count += part.cohort.count;
    cohort.in_flight += part.cohort.in_flight;
    cohort.aged_out += part.cohort.aged_out;
    whole.verdict.unexplained += part.verdict.unexplained;
    for hop in part.flow {
        match whole.flow.iter_mut().find(|h| h.hop == hop.hop && h.service == hop.service) {
            Some(known) => {
                known.reached += hop.reached;
                known.passed += hop.passed;
            }
            None => whole.flow.push(hop),
        }
    }
    let capped = part.verdict.capped_by.into_iter().filter(|c| !whole.verdict.capped_by.contains(c));
    let capped: Vec<String> = capped.collect();
    whole.verdict.capped_by.extend(capped);
    for cause in part.verdict.causes {
        let same = identity(&cause, &part.problems);
        let known = whole.verdict.causes.iter().position(|c| identity(c, &whole.problems) == same);
        match known {
            Some(known) => join(&mut whole.verdict.causes[known], cause),
            None => adopt(whole, cause, &part.problems, &part.evidence),
        }
    }
}

/// Two rounds' findings of one cause.
fn join(known: &mut Cause, cause: Cause) {
    known.explains += cause.explains;
    known.outcome = known.outcome.max(cause.outcome);
    known.entities.keys.extend(cause.entities.keys);
    known.entities.count += cause.entities.count;
    match (&mut known.keys, cause.keys) {
        (Some(known), Some(keys)) => unite(known, keys),
        (none @ None, keys) => *none = keys,
        (Some(_), None) => {}
    }
}

fn unite(known: &mut KeyList, keys: KeyList) {
    let values: BTreeSet<Vec<String>> = known.values.drain(..).chain(keys.values).collect();
    known.values = values.into_iter().collect();
    known.count = known.values.len() as u64;
}

/// A cause that no round before has found, with what it cites under numbers of the whole.
fn adopt(
    whole: &mut Diagnosis,
    mut cause: Cause,
    problems: &[ProblemSummary],
    evidence: &BTreeMap<EvidenceId, Evidence>,
) {
    let mut cited: BTreeMap<EvidenceId, EvidenceId> = BTreeMap::new();
    let mut cite = |ids: &mut Vec<EvidenceId>, book: &mut BTreeMap<EvidenceId, Evidence>| {
        for id in ids {
            let Some(entry) = evidence.get(id) else { continue };
            let new = cited.entry(id.clone()).or_insert_with(|| {
                let new = EvidenceId(format!("e{}", book.len() + 1));
                book.insert(new.clone(), entry.clone());
                new
            });
            *id = new.clone();
        }
    };
    cite(&mut cause.evidence, &mut whole.evidence);
    if let Some(problem) = problems.iter().find(|p| Some(&p.id) == cause.problem.as_ref()) {
        let mut problem = problem.clone();
        cite(&mut problem.evidence, &mut whole.evidence);
        let highest = whole.problems.iter().filter_map(|p| p.id.trim_start_matches('p').parse().ok()).max();
        problem.id = format!("p{}", highest.unwrap_or(0usize) + 1);
        cause.problem = Some(problem.id.clone());
        whole.problems.push(problem);
    }
    whole.verdict.causes.push(cause);
}

/// Counts, order and outcome of the whole.
fn settle(whole: &mut Diagnosis, rounds: usize) {
    let total = whole.cohort.count;
    let Verdict { causes, outcome, summary, .. } = &mut whole.verdict;
    causes.sort_by_key(|c| std::cmp::Reverse(c.explains));
    for (number, cause) in causes.iter_mut().enumerate() {
        cause.id = format!("c{}", number + 1);
        cause.of = total;
        cause.entities.keys.sort();
        cause.statement = recounted(&cause.statement, cause.explains, total);
    }
    let outcomes: Vec<_> = causes.iter().map(|c| (c.outcome, c.explains as usize)).collect();
    *outcome = rules::overall(&outcomes, total as usize);
    if let Some(first) = causes.first() {
        let more =
            if causes.len() > 1 { format!(" (and {} more causes)", causes.len() - 1) } else { String::new() };
        *summary = format!("{}{more}", first.statement);
    }
    whole.notes.push(format!(
        "all of them were followed, in {rounds} rounds; facts and evidence of a cause are those of the first round that found it"
    ));
}

/// A statement begins with `N of M`.
fn recounted(statement: &str, explains: u64, total: u64) -> String {
    let mut words = statement.splitn(4, ' ');
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some(n), Some("of"), Some(m), Some(rest)) if [n, m].iter().all(|w| w.parse::<u64>().is_ok()) => {
            format!("{explains} of {total} {rest}")
        }
        _ => statement.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_one_is_in_one_round() {
        let all: Vec<usize> = (0..12_345).collect();
        let (_, rounds) = Part { number: 0, size: 5_000 }.take(all.clone());
        assert_eq!(rounds, 3);
        let mut seen: Vec<usize> =
            (0..rounds).flat_map(|number| Part { number, size: 5_000 }.take(all.clone()).0).collect();
        seen.sort_unstable();
        assert_eq!(seen, all);
        assert_eq!(Part { number: 0, size: 5_000 }.take(Vec::<usize>::new()).1, 1);
    }

    #[test]
    fn a_statement_is_recounted() {
        assert_eq!(recounted("5 of 7 stopped between a and b", 50, 70), "50 of 70 stopped between a and b");
        assert_eq!(recounted("cause not found", 1, 2), "cause not found");
    }
}
