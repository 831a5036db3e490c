//! Queues that move, and more slowly than they fill.
//!
//! A burst that is being worked off is no fault. A consumer that takes many times as long for each as it did, while more
//! come than it gets through, is one, although its offset moves.

use crate::flow;
use crate::offsets::Consumption;
use crate::problems::Problem;
use crate::suspects::Boundary;
use crate::world::World;
use std::collections::BTreeMap;
use waylaid_model::Timestamp;

const SECOND: i64 = 1_000_000_000;

/// How far a consumer has fallen back.
#[derive(Clone, Debug)]
pub(crate) struct Behind {
    /// Time for one, lately and before; nanoseconds.
    pub(crate) pace: i64,
    pub(crate) before: i64,
    pub(crate) since: Timestamp,
    /// Records that wait, at half of the time since and now.
    pub(crate) waited: i64,
    pub(crate) waiting: i64,
    /// What it has logged of most since then.
    pub(crate) problem: Option<usize>,
}

/// One that went through a partition.
struct Passed {
    from: Timestamp,
    to: Timestamp,
    offset: i64,
}

/// Whether the partitions in which these are queued fall back.
pub(super) fn falls_behind(
    world: &World<'_>,
    boundary: &Boundary,
    consumption: &Consumption,
) -> Option<Behind> {
    const FEWEST: usize = 5;
    const TIMES: i64 = 5;
    let now = world.now?;
    let mut oldest: Option<Timestamp> = None;
    for (entity, _) in &consumption.waiting {
        let at = world.at(*entity, boundary.from)?;
        oldest = Some(oldest.map_or(at, |o| o.min(at)));
    }
    let oldest = oldest?;
    let passed = passed(world, boundary);
    let mut served: Vec<(Timestamp, i64)> =
        consumption.partitions.keys().filter_map(|p| passed.get(p)).flat_map(|of| services(of)).collect();
    served.sort_unstable();
    let lately: Vec<i64> = served.iter().filter(|(to, _)| *to >= oldest).map(|(_, t)| *t).collect();
    let (pace, enough) = (flow::median(lately.clone())?, lately.len() >= FEWEST);
    let earlier: Vec<i64> = served.iter().map(|(_, t)| *t).filter(|t| *t * TIMES < pace).collect();
    let before = flow::median(earlier.clone())?;
    if !enough || earlier.len() < FEWEST || pace < TIMES * SECOND || pace < before.saturating_mul(TIMES) {
        return None;
    }
    // From when on (nearly) all took long.
    let slow = |t: i64| t > before.saturating_mul(TIMES);
    let since = served.iter().enumerate().find(|(n, (_, t))| {
        let rest = &served[*n..];
        slow(*t) && rest.iter().filter(|(_, t)| slow(*t)).count() * 5 >= rest.len() * 4
    })?;
    let since = since.1.0.plus(-since.1.1);
    let mid = since.plus(now.since(since) / 2);
    let waited: i64 =
        consumption.partitions.keys().map(|p| lag_at(world, boundary, passed.get(p), *p, mid)).sum();
    let waiting: i64 = consumption.partitions.values().map(|(committed, end)| end - committed).sum();
    // As fast as from the beginning; what levels off will be worked off.
    let grows = waiting * 10 > waited * 16 + 20;
    grows.then(|| {
        let problem = told(world, boundary, since, pace, lately.len());
        Behind { pace, before, since, waited, waiting, problem }
    })
}

/// Those that went through, by partition.
fn passed(world: &World<'_>, boundary: &Boundary) -> BTreeMap<i32, Vec<Passed>> {
    let mut out: BTreeMap<i32, Vec<Passed>> = BTreeMap::new();
    for entity in 0..world.home.entities.len() as u32 {
        let (Some(from), Some(to)) = (world.at(entity, boundary.from), world.at(entity, boundary.to)) else {
            continue;
        };
        let first = world.trails.records(entity, boundary.from).map(|i| &world.haul.records[i].record);
        if let Some(record) = first.min_by_key(|r| r.offset) {
            out.entry(record.partition).or_default().push(Passed { from, to, offset: record.offset });
        }
    }
    out.values_mut().for_each(|of| of.sort_unstable_by_key(|p| (p.to, p.offset)));
    out
}

/// How long each took by itself: since it came, or since the one before it was through, when it was worked on.
fn services(of: &[Passed]) -> Vec<(Timestamp, i64)> {
    let mut last: Option<Timestamp> = None;
    let mut out = Vec::with_capacity(of.len());
    for p in of {
        let begun = last.map_or(p.from, |last| last.max(p.from));
        out.push((p.to, p.to.since(begun).max(0)));
        last = Some(p.to);
    }
    out
}

/// Records of a partition that had come and were not through at a moment, by offsets.
fn lag_at(
    world: &World<'_>,
    boundary: &Boundary,
    passed: Option<&Vec<Passed>>,
    partition: i32,
    at: Timestamp,
) -> i64 {
    let through = passed.into_iter().flatten().filter(|p| p.to <= at).map(|p| p.offset).max();
    let topic = world.trails.nodes[boundary.from].topic().unwrap_or_default();
    let records = world.haul.records.iter().map(|r| &r.record);
    let came =
        records.filter(|r| r.topic == topic && r.partition == partition && r.time.is_some_and(|t| t <= at));
    came.map(|r| r.offset).max().zip(through).map_or(0, |(came, through)| (came - through).max(0))
}

/// What the service has logged of most that it has worked on since.
fn told(world: &World<'_>, boundary: &Boundary, since: Timestamp, pace: i64, worked: usize) -> Option<usize> {
    let service = boundary.service.as_deref()?;
    let near = 3 * pace + 60 * SECOND;
    let is_told = |p: &Problem| {
        let begun = p.first.is_some_and(|first| first.since(since).abs() <= near);
        p.service == service && begun && p.count as usize * 2 >= worked
    };
    let found = world.problems.iter().enumerate().filter(|(_, p)| is_told(p));
    found.max_by_key(|(n, p)| (!p.is_generic(), p.count, std::cmp::Reverse(*n))).map(|(n, _)| n)
}
