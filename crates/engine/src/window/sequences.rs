//! What follows what inside a request, how often, and how long it takes, on each side.

use super::collect::{Collected, Entry, Unit};
use super::periods::{Periods, Side};
use std::collections::{BTreeMap, HashMap, HashSet};

/// How many events behind a statement are looked at.
const LOOK_AHEAD: usize = 32;
/// Pairs of statements that are counted; in order of the requests, so the same in every run.
const MAX_PAIRS: usize = 1_000_000;
const MAX_GAPS: usize = 40_000;
/// Four buckets to each doubling of a time, from a microsecond on.
const BUCKETS: usize = 112;

/// How often B came after A, before the next A.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Follows {
    /// Requests in which it came at least once.
    pub(super) any: [u64; 2],
    /// Requests in which it came every time.
    pub(super) all: [u64; 2],
    /// Times it was the very next.
    pub(super) next: [u64; 2],
}

/// Times between two neighbours, as a histogram.
#[derive(Clone, Debug)]
pub(super) struct Gap {
    buckets: [[u32; BUCKETS]; 2],
}

/// Everything counted.
#[derive(Default)]
pub(super) struct Counts {
    /// By statement: requests (or times, where requests have no name) in which it was logged.
    pub(super) trials: Vec<[u64; 2]>,
    /// By statement: requests that hold it.
    pub(super) units_with: Vec<[u64; 2]>,
    /// By service: requests it took part in.
    pub(super) units_of: Vec<[u64; 2]>,
    pub(super) all_units: [u64; 2],
    pub(super) pairs: HashMap<(u32, u32), Follows>,
    pub(super) gaps: HashMap<(u32, u32), Gap>,
    /// By statement and other service: requests in which that service logged before the statement's own went on.
    pub(super) calls: HashMap<(u32, u32), [u64; 2]>,
    pub(super) named: [u64; 2],
}

/// The events of a request, lane by lane.
pub(super) fn lanes(unit: &Unit) -> Vec<Vec<Entry>> {
    let mut by_lane: BTreeMap<u32, Vec<Entry>> = BTreeMap::new();
    for entry in &unit.entries {
        by_lane.entry(entry.lane).or_default().push(*entry);
    }
    by_lane.into_values().collect()
}

/// The events behind the one at `at`, up to its next repetition.
pub(super) fn segment(lane: &[Entry], at: usize) -> &[Entry] {
    let rest = &lane[at + 1..];
    let end = rest.iter().position(|e| e.statement == lane[at].statement).unwrap_or(rest.len());
    &rest[..end.min(LOOK_AHEAD)]
}

/// Counts every request.
pub(super) fn count(collected: &Collected, periods: &Periods) -> Counts {
    let statements = collected.statements.len();
    let mut counts = Counts {
        trials: vec![[0; 2]; statements],
        units_with: vec![[0; 2]; statements],
        units_of: vec![[0; 2]; collected.services.len()],
        ..Counts::default()
    };
    for unit in &collected.units {
        let Some(first) = unit.entries.first() else { continue };
        if let Some(side) = periods.side(first.at).filter(|_| unit.named) {
            counts.named[side as usize] += 1;
        }
        counts.presence(collected, periods, unit);
        counts.order(periods, unit);
        counts.neighbours(collected, periods, unit);
    }
    counts
}

impl Counts {
    /// Which statements and services take part in a request. Calls within one request do not count apart: they share
    /// its fate.
    fn presence(&mut self, collected: &Collected, periods: &Periods, unit: &Unit) {
        let Some(side) = unit.entries.iter().find_map(|e| periods.side(e.at)) else { return };
        let inside = unit.entries.iter().filter(|e| periods.side(e.at) == Some(side));
        let statements: HashSet<u32> = inside.map(|e| e.statement).collect();
        let services: HashSet<u32> =
            statements.iter().map(|s| collected.statements[*s as usize].service).collect();
        for statement in statements {
            self.units_with[statement as usize][side as usize] += 1;
        }
        for service in services {
            self.units_of[service as usize][side as usize] += 1;
        }
        self.all_units[side as usize] += 1;
    }

    /// What follows what, lane by lane; a request counts once where it has a name, else each time counts.
    fn order(&mut self, periods: &Periods, unit: &Unit) {
        let mut local: BTreeMap<(u32, usize), Local> = BTreeMap::new();
        for lane in lanes(unit) {
            for (at, entry) in lane.iter().enumerate() {
                let Some(side) = periods.side(entry.at) else { continue };
                let one = local.entry((entry.statement, side as usize)).or_default();
                one.add(segment(&lane, at));
                if !unit.named {
                    let one = std::mem::take(one);
                    self.close(entry.statement, side as usize, &one);
                }
            }
        }
        for ((statement, side), one) in local.iter().filter(|_| unit.named) {
            self.close(*statement, *side, one);
        }
    }

    /// Books what followed one statement in one request.
    fn close(&mut self, statement: u32, side: usize, one: &Local) {
        self.trials[statement as usize][side] += 1;
        for (other, times) in &one.followed {
            let key = (statement, *other);
            if self.pairs.len() >= MAX_PAIRS && !self.pairs.contains_key(&key) {
                continue;
            }
            let pair = self.pairs.entry(key).or_default();
            pair.any[side] += 1;
            pair.all[side] += u64::from(*times == one.times);
            pair.next[side] += one.next.get(other).copied().unwrap_or(0);
        }
    }

    /// Times between neighbours, and which services log between two events of another.
    fn neighbours(&mut self, collected: &Collected, periods: &Periods, unit: &Unit) {
        for pair in unit.entries.windows(2) {
            let Some(side) = periods.side(pair[0].at) else { continue };
            if !unit.named && pair[0].lane != pair[1].lane {
                continue;
            }
            let key = (pair[0].statement, pair[1].statement);
            if self.gaps.len() < MAX_GAPS || self.gaps.contains_key(&key) {
                self.gaps.entry(key).or_default().add(side, pair[1].at.since(pair[0].at));
            }
        }
        if !unit.named {
            return;
        }
        for (at, entry) in unit.entries.iter().enumerate() {
            let Some(side) = periods.side(entry.at) else { continue };
            for service in called(collected, &unit.entries[at..]) {
                self.calls.entry((entry.statement, service)).or_default()[side as usize] += 1;
            }
        }
    }

    /// Whether a statement is nearly always followed by another in the baseline.
    pub(super) fn leads_to(&self, statement: u32, other: u32) -> bool {
        let trials = self.trials[statement as usize][0];
        self.pairs.get(&(statement, other)).is_some_and(|p| trials > 0 && p.all[0] * 20 >= trials * 19)
    }
}

/// The services that log behind the first event before its own service does again.
fn called(collected: &Collected, entries: &[Entry]) -> HashSet<u32> {
    let own = collected.service_of(&entries[0]);
    entries[1..].iter().take(LOOK_AHEAD).map(|e| collected.service_of(e)).take_while(|s| *s != own).collect()
}

/// What followed one statement in one request.
#[derive(Default)]
struct Local {
    times: u64,
    followed: BTreeMap<u32, u64>,
    next: BTreeMap<u32, u64>,
}

impl Local {
    fn add(&mut self, segment: &[Entry]) {
        self.times += 1;
        let distinct: HashSet<u32> = segment.iter().map(|e| e.statement).collect();
        for statement in distinct {
            *self.followed.entry(statement).or_default() += 1;
        }
        if let Some(next) = segment.first() {
            *self.next.entry(next.statement).or_default() += 1;
        }
    }
}

impl Default for Gap {
    fn default() -> Self {
        Self { buckets: [[0; BUCKETS]; 2] }
    }
}

impl Gap {
    fn add(&mut self, side: Side, nanos: i64) {
        self.buckets[side as usize][bucket(nanos)] += 1;
    }

    /// How many were timed.
    pub(super) fn total(&self, side: usize) -> u64 {
        self.buckets[side].iter().map(|n| u64::from(*n)).sum()
    }

    /// How many took longer than a limit.
    pub(super) fn above(&self, side: usize, limit: i64) -> u64 {
        self.buckets[side][bucket(limit) + 1..].iter().map(|n| u64::from(*n)).sum()
    }

    /// The time that a share of them (in tenths) did not exceed.
    pub(super) fn quantile(&self, side: usize, tenths: u64) -> i64 {
        let wanted = (self.total(side) * tenths).div_ceil(10);
        let mut seen = 0;
        for (n, count) in self.buckets[side].iter().enumerate() {
            seen += u64::from(*count);
            if seen >= wanted {
                return upper(n);
            }
        }
        upper(BUCKETS - 1)
    }
}

fn bucket(nanos: i64) -> usize {
    let micros = (nanos.max(0) as f64) / 1_000.0;
    (((micros + 1.0).log2() * 4.0) as usize).min(BUCKETS - 1)
}

/// The longest time of a bucket.
fn upper(bucket: usize) -> i64 {
    (((bucket as f64 + 1.0) / 4.0).exp2() * 1_000.0) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_apart_by_a_fifth() {
        let mut gap = Gap::default();
        for ms in [10, 11, 12, 10, 11, 12, 10, 11, 12, 400] {
            gap.add(Side::Baseline, ms * 1_000_000);
        }
        let usual = gap.quantile(0, 9);
        assert!((12_000_000..15_000_000).contains(&usual), "{usual}");
        assert_eq!((gap.total(0), gap.above(0, usual), gap.above(1, usual)), (10, 1, 0));
        assert!(bucket(i64::MAX) == BUCKETS - 1 && bucket(-5) == 0);
    }
}
