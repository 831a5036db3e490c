//! First in causal order: in each request the service whose own anomaly ended first. A caller that waits for a broken
//! callee shows its anomaly later, around the callee's.

use super::changes::{Change, What};
use super::collect::{Collected, Entry, Unit};
use super::fisher;
use super::periods::{Periods, Side};
use super::sequences::{Counts, lanes, segment};
use super::statement::Severity;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use waylaid_model::Timestamp;

/// Evidence from which on a failure belongs to the requests it stands in: one in a thousand.
const CHANCE: f64 = 6.9;

/// What the requests of the window say about a change.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    /// Requests that show it.
    pub(super) units: u64,
    /// Of these, those in which no other service went wrong before.
    pub(super) first: u64,
    /// In the others: which service went wrong before, how often.
    pub(super) behind: BTreeMap<u32, u64>,
    /// Whom its requests point at: for slowness between two services that is the callee.
    pub(super) services: BTreeMap<u32, u64>,
    /// Failures of other services that come before it and are no change themselves: in how many of its requests.
    pub(super) precursors: BTreeMap<u32, u64>,
    /// The earliest event that shows it.
    pub(super) sample: Option<Entry>,
}

/// One change in one request.
#[derive(Clone, Copy, Debug)]
struct Anomaly {
    change: usize,
    service: u32,
    begin: Timestamp,
    end: Timestamp,
    shown_by: Entry,
}

/// Weighs every change by the requests of the window.
pub(super) fn weigh(
    collected: &Collected,
    counts: &Counts,
    changes: &[Change],
    periods: &Periods,
) -> Vec<Standing> {
    let finder = Finder::new(collected, counts, changes);
    let mut standings = vec![Standing::default(); changes.len()];
    for unit in &collected.units {
        let mut anomalies = finder.anomalies(unit, periods);
        // Slowness counts only where nothing is broken: what is broken may well be slow, or wait.
        if anomalies.iter().any(|a| changes[a.change].what != What::Slower) {
            anomalies.retain(|a| changes[a.change].what != What::Slower);
        }
        let Some(root) = anomalies.iter().min_by_key(|a| (a.end, std::cmp::Reverse(a.begin), a.change))
        else {
            continue;
        };
        let root = finder.silent_callee(root).unwrap_or(root.service);
        let mut seen = BTreeSet::new();
        for anomaly in anomalies.iter().filter(|a| seen.insert(a.change)) {
            standings[anomaly.change].add(anomaly, root);
            for statement in finder.failures_before(unit, anomaly) {
                *standings[anomaly.change].precursors.entry(statement).or_default() += 1;
            }
        }
    }
    standings
}

impl Standing {
    fn add(&mut self, anomaly: &Anomaly, root: u32) {
        self.units += 1;
        *self.services.entry(anomaly.service).or_default() += 1;
        if anomaly.service == root {
            self.first += 1;
        } else {
            *self.behind.entry(root).or_default() += 1;
        }
        if self.sample.is_none_or(|s| anomaly.shown_by < s) {
            self.sample = Some(anomaly.shown_by);
        }
    }

    /// The service that most of its requests point at.
    pub(super) fn service(&self) -> Option<u32> {
        self.services.iter().max_by_key(|(id, n)| (**n, std::cmp::Reverse(**id))).map(|(id, _)| *id)
    }

    /// The failure that comes before it in more than half of its requests, and seldom enough in the others for chance
    /// not to explain that.
    pub(super) fn precursor(&self, counts: &Counts) -> Option<(u32, u64)> {
        let all = counts.all_units[Side::Window as usize];
        let telling = |statement: u32, times: u64| {
            let others = counts.units_with[statement as usize][Side::Window as usize].saturating_sub(times);
            fisher::more(times, self.units, others, all.saturating_sub(self.units)) >= CHANCE
        };
        let found = self.precursors.iter().filter(|(s, n)| **n * 2 > self.units && telling(**s, **n));
        found.max_by_key(|(s, n)| (**n, std::cmp::Reverse(**s))).map(|(s, n)| (*s, *n))
    }

    /// The share of its requests in which it came first; changes that no request shows stand by themselves.
    pub(super) fn share(&self) -> f64 {
        if self.units == 0 { 1.0 } else { self.first as f64 / self.units as f64 }
    }
}

struct Finder<'a> {
    collected: &'a Collected,
    counts: &'a Counts,
    changes: &'a [Change],
    /// By the statement before: what should follow.
    vanished: HashMap<u32, Vec<(u32, usize)>>,
    /// By the statement itself.
    appeared: HashMap<u32, Vec<usize>>,
    slower: HashMap<(u32, u32), usize>,
    silent: Vec<u32>,
}

impl<'a> Finder<'a> {
    fn new(collected: &'a Collected, counts: &'a Counts, changes: &'a [Change]) -> Self {
        let mut finder = Self {
            collected,
            counts,
            changes,
            vanished: HashMap::new(),
            appeared: HashMap::new(),
            slower: HashMap::new(),
            silent: Vec::new(),
        };
        for (index, change) in changes.iter().enumerate() {
            match (change.what, change.after, change.statement) {
                (What::Vanished, Some(after), Some(statement)) => {
                    finder.vanished.entry(after).or_default().push((statement, index));
                }
                (What::Slower, Some(after), Some(statement)) => {
                    finder.slower.insert((after, statement), index);
                }
                (What::Appeared | What::MoreFailures, _, Some(statement)) => {
                    finder.appeared.entry(statement).or_default().push(index);
                }
                _ => finder.silent.push(change.service),
            }
        }
        finder
    }

    fn anomalies(&self, unit: &Unit, periods: &Periods) -> Vec<Anomaly> {
        let mut out = Vec::new();
        let inside = |at: Timestamp| periods.side(at) == Some(Side::Window);
        for lane in lanes(unit) {
            for (at, entry) in lane.iter().enumerate().filter(|(_, e)| inside(e.at)) {
                for (statement, change) in self.vanished.get(&entry.statement).into_iter().flatten() {
                    let segment = segment(&lane, at);
                    if !segment.iter().any(|e| e.statement == *statement) {
                        out.push(self.gap(*change, *statement, (unit, &lane), entry, segment));
                    }
                }
                for change in self.appeared.get(&entry.statement).into_iter().flatten() {
                    let begin = if at > 0 { lane[at - 1].at } else { entry.at };
                    out.push(self.anomaly(*change, begin, entry.at, *entry));
                }
            }
        }
        for pair in unit.entries.windows(2).filter(|p| inside(p[0].at)) {
            let Some(change) = self.slower.get(&(pair[0].statement, pair[1].statement)) else { continue };
            if pair[1].at.since(pair[0].at) > self.changes[*change].limit {
                let mut anomaly = self.anomaly(*change, pair[0].at, pair[1].at, pair[1]);
                anomaly.service = self.callee(unit, pair);
                out.push(anomaly);
            }
        }
        out
    }

    /// Failures of other services before an anomaly's end that are as old as the baseline.
    fn failures_before(&self, unit: &Unit, anomaly: &Anomaly) -> BTreeSet<u32> {
        let old = |e: &&Entry| {
            let statement = &self.collected.statements[e.statement as usize];
            statement.severity == Severity::Failure
                && statement.service != anomaly.service
                && !self.appeared.contains_key(&e.statement)
        };
        let before = unit.entries.iter().take_while(|e| e.at <= anomaly.end);
        before.filter(old).map(|e| e.statement).collect()
    }

    fn anomaly(&self, change: usize, begin: Timestamp, end: Timestamp, shown_by: Entry) -> Anomaly {
        Anomaly { change, service: self.changes[change].service, begin, end, shown_by }
    }

    /// The stretch in which a missing statement should have come: from the last event that usually leads to it to what
    /// came instead, or to where the call returned.
    fn gap(
        &self,
        change: usize,
        missing: u32,
        place: (&Unit, &[Entry]),
        from: &Entry,
        segment: &[Entry],
    ) -> Anomaly {
        let leads = |e: &&Entry| self.counts.leads_to(e.statement, missing);
        let behind = segment.iter().take_while(leads).count();
        let shown_by = if behind == 0 { *from } else { segment[behind - 1] };
        let end = segment.get(behind).map_or_else(|| returned(place.0, place.1, &shown_by), |e| e.at);
        self.anomaly(change, shown_by.at, end, shown_by)
    }

    /// Of two neighbours of different services the one that came into the request later.
    fn callee(&self, unit: &Unit, pair: &[Entry]) -> u32 {
        let (a, b) = (self.collected.service_of(&pair[0]), self.collected.service_of(&pair[1]));
        let entered =
            |service: u32| unit.entries.iter().position(|e| self.collected.service_of(e) == service);
        if entered(a) > entered(b) { a } else { b }
    }

    /// A service that has fallen silent and that was always called where the root's anomaly begins.
    fn silent_callee(&self, root: &Anomaly) -> Option<u32> {
        let from = root.shown_by.statement;
        let before = match self.changes[root.change].what {
            What::Vanished => from,
            _ => self.changes[root.change].after?,
        };
        let trials = self.counts.units_with[before as usize][0];
        self.silent.iter().copied().find(|service| {
            let calls = self.counts.calls.get(&(before, *service)).map_or(0, |c| c[0]);
            calls > 0 && calls * 10 >= trials * 9
        })
    }
}

/// When a call that logs no more was over at the latest: when a lane that had begun before it goes on.
fn returned(unit: &Unit, lane: &[Entry], last: &Entry) -> Timestamp {
    let began = lane.first().map_or(last.at, |e| e.at);
    let callers: BTreeSet<u32> = unit
        .entries
        .iter()
        .take_while(|e| e.at < began)
        .map(|e| e.lane)
        .filter(|l| *l != last.lane)
        .collect();
    let goes_on = unit.entries.iter().find(|e| e.at > last.at && callers.contains(&e.lane));
    goes_on.or(unit.entries.last()).map_or(last.at, |e| e.at)
}
