//! What changed beyond chance: statements that no longer follow, new ones, more failures, silence, slowness.

use super::collect::Collected;
use super::fisher;
use super::sequences::{Counts, Gap};
use super::statement::Severity;
use std::collections::BTreeMap;

/// Share of false finds that is put up with among the finds of a family of tests.
const FALSE_FINDS: f64 = 0.01;
/// Counts that could never reach this evidence (one in ten thousand) are not tested.
const TESTABLE: f64 = 9.2;
/// A rule has at most one exception in so many; more often than that both ways are normal.
const RULE: u64 = 20;
/// A new failure is worth a look from this evidence (one in a hundred) on, though it may be chance.
const HINT: f64 = 4.6;
/// Below this a pause between two lines is noise of the scheduler.
const SHORTEST: i64 = 1_000_000;

/// What kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum What {
    /// Nearly always followed, and doesn't any more.
    Vanished,
    /// (Nearly) never followed, and does now.
    Appeared,
    /// A failure or warning in a larger share of the service's work.
    MoreFailures,
    /// The service logged, and doesn't any more.
    Silent,
    /// The pause between two neighbours grew.
    Slower,
}

/// One change of one service.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) what: What,
    pub(super) service: u32,
    /// The statement it is about; none for a service.
    pub(super) statement: Option<u32>,
    /// The statement before it.
    pub(super) after: Option<u32>,
    /// Hits and trials in the baseline and in the window. A hit is what is wrong: missing, there, slow.
    pub(super) base: (u64, u64),
    pub(super) now: (u64, u64),
    /// Longest usual pause, for [`What::Slower`].
    pub(super) limit: i64,
    /// Beyond chance; else a new failure met too seldom to tell.
    pub(super) sure: bool,
    /// `-ln p`.
    pub(super) evidence: f64,
    /// How often the two are direct neighbours.
    pub(super) near: u64,
}

/// All changes, the strongest first.
pub(super) fn find(collected: &Collected, counts: &Counts) -> Vec<Change> {
    let mut changes = significant(follows(collected, counts, What::Vanished));
    changes.extend(significant(follows(collected, counts, What::Appeared)));
    changes.extend(significant(failures(collected, counts)));
    changes.extend(significant(silent(collected, counts)));
    changes.extend(significant(slower(collected, counts)));
    let mut best: BTreeMap<(u32, bool, Option<u32>), Change> = BTreeMap::new();
    for change in changes {
        let gone = matches!(change.what, What::Vanished | What::Slower);
        let key = (change.service, gone, change.statement);
        match best.get(&key) {
            Some(known) if known.evidence >= change.evidence => {}
            _ => {
                best.insert(key, change);
            }
        }
    }
    let mut changes: Vec<Change> = best.into_values().collect();
    changes.sort_by(|a, b| {
        b.evidence
            .total_cmp(&a.evidence)
            .then_with(|| b.near.cmp(&a.near))
            .then_with(|| (a.service, a.statement, a.what).cmp(&(b.service, b.statement, b.what)))
    });
    changes
}

/// A family of tests: how many were made, and what came out of those in the direction asked for.
struct Family {
    tests: usize,
    found: Vec<Change>,
}

/// Keeps what stands out of a family, by the false discovery rate.
fn significant(mut family: Family) -> Vec<Change> {
    let mut evidence: Vec<f64> = family.found.iter().map(|c| c.evidence).collect();
    let threshold = fisher::threshold(&mut evidence, family.tests, FALSE_FINDS);
    for change in &mut family.found {
        change.sure = change.evidence >= threshold;
    }
    let is_new = |c: &Change| c.what == What::MoreFailures && c.base.0 == 0;
    family.found.retain(|c| c.sure || (is_new(c) && c.evidence >= HINT));
    nearest(family.found)
}

/// Of the changes of one statement, the one after its closest neighbour among those of about the same evidence.
fn nearest(found: Vec<Change>) -> Vec<Change> {
    let mut by_statement: BTreeMap<(u32, Option<u32>), Vec<Change>> = BTreeMap::new();
    for change in found {
        by_statement.entry((change.service, change.statement)).or_default().push(change);
    }
    let pick = |changes: Vec<Change>| {
        let top = changes.iter().map(|c| c.evidence).fold(0.0, f64::max);
        changes.into_iter().filter(|c| c.evidence >= top * 0.8).max_by(|a, b| {
            a.near.cmp(&b.near).then(a.evidence.total_cmp(&b.evidence)).then(b.after.cmp(&a.after))
        })
    };
    by_statement.into_values().filter_map(pick).collect()
}

/// Whether a share at least doubled.
fn doubled(now: (u64, u64), base: (u64, u64)) -> bool {
    let cross = |hits: u64, trials: u64| u128::from(hits) * u128::from(trials);
    now.0 > 0 && cross(now.0, base.1) >= 2 * cross(base.0, now.1)
}

/// Pairs whose rule was (nearly) without exception in the baseline and is broken in the window.
fn follows(collected: &Collected, counts: &Counts, what: What) -> Family {
    let mut family = Family { tests: 0, found: Vec::new() };
    for ((after, statement), pair) in &counts.pairs {
        let [base_trials, trials] = counts.trials[*after as usize];
        let hits = |side: usize, trials: u64| match what {
            What::Vanished => trials - pair.all[side],
            _ => pair.any[side],
        };
        let (base, now) = ((hits(0, base_trials), base_trials), (hits(1, trials), trials));
        if base_trials == 0 || base.0 * RULE > base_trials || fisher::most(trials, base_trials) < TESTABLE {
            continue;
        }
        family.tests += 1;
        if !doubled(now, base) {
            continue;
        }
        family.found.push(Change {
            what,
            service: collected.statements[*statement as usize].service,
            statement: Some(*statement),
            after: Some(*after),
            base,
            now,
            limit: 0,
            sure: true,
            evidence: fisher::more(now.0, now.1, base.0, base.1),
            near: pair.next[usize::from(what == What::Appeared)],
        });
    }
    family
}

/// Failures and warnings, by the share of the service's requests that hold them; of all requests where the service logged
/// nothing in the baseline.
fn failures(collected: &Collected, counts: &Counts) -> Family {
    let mut family = Family { tests: 0, found: Vec::new() };
    for (index, statement) in collected.statements.iter().enumerate() {
        if statement.severity == Severity::Normal {
            continue;
        }
        let own = counts.units_of[statement.service as usize];
        let trials = if own[0] == 0 { counts.all_units } else { own };
        let hits = counts.units_with[index];
        family.tests += 1;
        let (base, now) = ((hits[0], trials[0]), (hits[1], trials[1]));
        if doubled(now, base) {
            family.found.push(Change {
                what: What::MoreFailures,
                service: statement.service,
                statement: Some(index as u32),
                after: None,
                base,
                now,
                limit: 0,
                sure: true,
                evidence: fisher::more(now.0, now.1, base.0, base.1),
                near: 0,
            });
        }
    }
    family
}

/// Services that logged in the baseline and not once in the window, though others did.
fn silent(collected: &Collected, counts: &Counts) -> Family {
    let mut family = Family { tests: 0, found: Vec::new() };
    let all = counts.all_units;
    for service in 0..collected.services.len() {
        let own = counts.units_of[service];
        let events: u64 =
            collected.statements.iter().filter(|s| s.service as usize == service).map(|s| s.count[1]).sum();
        family.tests += 1;
        if own[0] > 0 && own[1] == 0 && events == 0 {
            let (base, now) = ((all[0] - own[0], all[0]), (all[1], all[1]));
            family.found.push(Change {
                what: What::Silent,
                service: service as u32,
                statement: None,
                after: None,
                base: (own[0], all[0]),
                now: (0, all[1]),
                limit: 0,
                sure: true,
                evidence: fisher::more(now.0, now.1, base.0, base.1),
                near: 0,
            });
        }
    }
    family
}

/// Neighbours between which more than twice the usual (nine in ten) time passes more often than before, and more often
/// than between the other neighbours of the window.
fn slower(collected: &Collected, counts: &Counts) -> Family {
    let timed: Vec<(&(u32, u32), &Gap, i64)> = counts
        .gaps
        .iter()
        .filter(|(_, gap)| gap.total(0) >= 10 && gap.total(1) > 0)
        .map(|(key, gap)| (key, gap, gap.quantile(0, 9).max(SHORTEST) * 2))
        .collect();
    let slow: u64 = timed.iter().map(|(_, gap, limit)| gap.above(1, *limit)).sum();
    let all: u64 = timed.iter().map(|(_, gap, _)| gap.total(1)).sum();
    let mut family = Family { tests: timed.len(), found: Vec::new() };
    for ((after, statement), gap, limit) in timed {
        let base = (gap.above(0, limit), gap.total(0));
        let now = (gap.above(1, limit), gap.total(1));
        let rest = (slow - now.0, all - now.1);
        if !doubled(now, base) || !doubled(now, rest) {
            continue;
        }
        let evidence = fisher::more(now.0, now.1, base.0, base.1);
        family.found.push(Change {
            what: What::Slower,
            service: collected.statements[*statement as usize].service,
            statement: Some(*statement),
            after: Some(*after),
            base,
            now,
            limit,
            sure: true,
            evidence: if rest.1 == 0 {
                evidence
            } else {
                evidence.min(fisher::more(now.0, now.1, rest.0, rest.1))
            },
            near: 0,
        });
    }
    family
}
