//! Failures that name nobody, told by when they come: one after the arrival of (nearly) each of those that stopped, and none
//! after that of those who got on.

use crate::flow;
use crate::problems::Problem;
use crate::suspects::Boundary;
use crate::world::World;
use waylaid_model::{Level, Timestamp};

const SECOND: i64 = 1_000_000_000;
/// A consumer works on a record within this time after it came, whatever it takes to finish.
const LONGEST: i64 = 60 * SECOND;
/// Clocks of two services are hardly closer than this.
const SLACK: i64 = SECOND / 2;
/// Of fewer nothing is told by times alone.
const FEWEST: usize = 5;

/// The failure of the service that had to act which pairs with the arrivals of those who stopped.
pub(super) fn paired(
    world: &World<'_>,
    boundary: &Boundary,
    entities: &[u32],
    done: &[u32],
) -> Option<usize> {
    let service = boundary.service.as_deref()?;
    let pair = Pairing::new(world, boundary, entities, done);
    let is_loud = |p: &Problem| !p.quiet && (p.exception.is_some() || p.level >= Some(Level::Warn));
    let own = world.problems.iter().enumerate().filter(|(_, p)| p.service == service && is_loud(p));
    let fitting = own.filter(|(_, p)| pair.fits(&events(world, p, boundary), p));
    fitting.min_by_key(|(i, p)| (p.is_generic(), p.exception.is_none(), *i)).map(|(i, _)| i)
}

/// A message in passing that pairs with the arrivals of those who stopped: of the service that had to act, else of any that
/// says it about as often as somebody stopped.
pub(super) fn murmured(
    world: &World<'_>,
    boundary: &Boundary,
    entities: &[u32],
    done: &[u32],
) -> Option<usize> {
    let pair = Pairing::new(world, boundary, entities, done);
    let is_own = |p: &Problem| Some(p.service.as_str()) == boundary.service.as_deref();
    let since = pair.stuck.first().copied()?;
    let slow = flow::quantile(&world.flow.steps[boundary.step].times, 0.95).unwrap_or(0);
    let left = pair.others.iter().filter(|t| **t >= since).count().max(entities.len());
    let fitting = world.murmurs.iter().filter(|m| {
        let as_often = m.times.len() * 10 >= entities.len() * 9 && m.times.len() * 2 <= left * 3;
        // One for each of all that are left tells of these only where they are most of all that are left.
        let is_most = entities.len() * 2 >= left;
        let fits =
            pair.fits(&m.times, &world.problems[m.problem]) || (is_most && pair.is_one_each(&m.times, slow));
        (is_own(&world.problems[m.problem]) || as_often) && fits
    });
    let best = fitting.min_by_key(|m| {
        let p = &world.problems[m.problem];
        (!is_own(p), p.is_generic(), m.times.len().abs_diff(left), m.problem)
    });
    best.map(|m| m.problem)
}

/// When a failure came, without those that are about somebody: whoever it names, unless that one had got on long before.
/// The key in a violation is that of the row that was there already.
fn events(world: &World<'_>, problem: &Problem, boundary: &Boundary) -> Vec<Timestamp> {
    let facts = problem.facts.iter().map(|i| &world.haul.logs[*i]);
    let is_about = |entity: u32, time: Timestamp| {
        let on = world.at(entity, boundary.to);
        on.is_none_or(|on| time.since(on) <= LONGEST)
    };
    let of_nobody = facts.filter_map(|log| {
        let time = log.time?;
        let own = log.joined_by.is_none() && log.entities.iter().any(|e| is_about(*e, time));
        (!own).then_some(time)
    });
    let mut times: Vec<Timestamp> = of_nobody.collect();
    times.sort_unstable();
    times
}

/// The arrivals with which a failure may pair.
struct Pairing {
    stuck: Vec<Timestamp>,
    others: Vec<Timestamp>,
    done: Vec<Timestamp>,
    /// How long after an arrival a failure may be about it.
    within: i64,
}

impl Pairing {
    fn new(world: &World<'_>, boundary: &Boundary, entities: &[u32], done: &[u32]) -> Self {
        let arrivals = |of: &[u32]| -> Vec<Timestamp> {
            let mut times: Vec<Timestamp> = of.iter().filter_map(|e| world.at(*e, boundary.from)).collect();
            times.sort_unstable();
            times
        };
        let slow = flow::quantile(&world.flow.steps[boundary.step].times, 0.95).unwrap_or(0);
        let within = slow.saturating_mul(2).clamp(2 * SECOND, LONGEST);
        // Whoever else is there and has not got on, in flight perhaps, may have met it as well.
        let followed = 0..world.home.entities.len() as u32;
        let others: Vec<u32> = followed.filter(|e| world.at(*e, boundary.to).is_none()).collect();
        Self { stuck: arrivals(entities), others: arrivals(&others), done: arrivals(done), within }
    }

    /// Whether there is one event for (nearly) each of those that were left since the first that stopped, and (nearly) no
    /// other: where many come at once, also some that get on, the count tells.
    fn is_one_each(&self, events: &[Timestamp], slow: i64) -> bool {
        const ENOUGH: usize = 10;
        let Some(since) = self.stuck.first() else { return false };
        let within = slow.saturating_add(slow / 5).clamp(2 * SECOND, 20 * LONGEST);
        let events: Vec<Timestamp> = events.iter().copied().filter(|t| since.since(*t) <= SLACK).collect();
        // What came later than it was listened for tells nothing.
        let Some(last) = events.last() else { return false };
        let left = self.others.iter().filter(|t| *t >= since && *t <= last);
        let (mut next, mut pairs, mut arrivals) = (0, 0, 0);
        for arrival in left {
            arrivals += 1;
            while events.get(next).is_some_and(|t| arrival.since(*t) > SLACK) {
                next += 1;
            }
            if events.get(next).is_some_and(|t| t.since(*arrival) <= within) {
                pairs += 1;
                next += 1;
            }
        }
        events.len() >= ENOUGH && pairs * 10 >= events.len() * 9 && pairs * 10 >= arrivals * 9
    }

    fn fits(&self, events: &[Timestamp], problem: &Problem) -> bool {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return false };
        // Of many that repeat only the first are kept.
        let until = if problem.count > problem.facts.len() as u64 { *last } else { Timestamp(i64::MAX) };
        let since = self.stuck.first().copied().unwrap_or(*first);
        let of_time = |times: &[Timestamp]| -> Vec<Timestamp> {
            times.iter().copied().filter(|t| *t >= since && *t <= until).collect()
        };
        let (stuck, done) = (of_time(&self.stuck), of_time(&self.done));
        let events: Vec<Timestamp> = events.iter().copied().filter(|t| since.since(*t) <= SLACK).collect();
        let is_met = |arrival: &Timestamp| {
            let from = events.partition_point(|t| arrival.since(*t) > SLACK);
            events.get(from).is_some_and(|t| t.since(*arrival) <= self.within)
        };
        let is_told = |event: &Timestamp| {
            let follows = |arrivals: &[Timestamp]| {
                let after = arrivals.partition_point(|a| a.since(*event) <= SLACK);
                after > 0 && event.since(arrivals[after - 1]) <= self.within
            };
            follows(&self.stuck) || follows(&self.others)
        };
        let met = stuck.iter().filter(|a| is_met(a)).count();
        let told = events.iter().filter(|e| is_told(e)).count();
        if stuck.len() < FEWEST || met * 10 < stuck.len() * 9 || told * 10 < events.len() * 9 {
            return false;
        }
        // How often would one be met by whoever comes at any time?
        if done.len() >= FEWEST {
            return done.iter().filter(|a| is_met(a)).count() * 3 <= done.len();
        }
        let span = events.last().map_or(0, |l| l.since(since)).max(1);
        i64::try_from(events.len()).unwrap_or(i64::MAX).saturating_mul(self.within) <= span / 3
    }
}
