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
    let pair = Pairing { stuck: arrivals(entities), others: arrivals(&others), done: arrivals(done), within };
    let is_loud = |p: &Problem| !p.quiet && (p.exception.is_some() || p.level >= Some(Level::Warn));
    let own = world.problems.iter().enumerate().filter(|(_, p)| p.service == service && is_loud(p));
    let fitting = own.filter(|(_, p)| pair.fits(&events(world, p, boundary), p));
    fitting.min_by_key(|(i, p)| (p.is_generic(), p.exception.is_none(), *i)).map(|(i, _)| i)
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
