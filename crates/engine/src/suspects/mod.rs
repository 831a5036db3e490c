//! Error groups weighed by the cohort: a group counts when it hits the stuck and spares the completed, at the right
//! hop, in the right order in time.

mod exposure;
mod last;
mod reminders;
mod retold;

pub(crate) use last::{earlier, ends_with, plain, stays_last, used_up};
pub(crate) use retold::reason;

use crate::problems::Problem;
use crate::trails::Node;
use crate::world::World;
use exposure::comes_round;
use reminders::{is_background, is_observer, is_of_repeat, is_reminder, says_again, tells_by_age};
use retold::{is_ended, is_retold, is_survived};
use std::collections::{BTreeSet, HashSet};

const SECOND: i64 = 1_000_000_000;
/// Slack when a log's time is compared with a record's.
const SLACK: i64 = 5 * SECOND;

/// Clocks further off than this are corrected before, or not to be trusted.
const MOST_SLACK: i64 = 120 * SECOND;

/// A part of the cohort that stopped at the same hop.
#[derive(Clone, Debug)]
pub(crate) struct Boundary {
    /// Step that is missing.
    pub(crate) step: usize,
    /// Last good node.
    pub(crate) from: usize,
    /// Missing node.
    pub(crate) to: usize,
    /// Service that had to act.
    pub(crate) service: Option<String>,
    pub(crate) entities: Vec<u32>,
}

/// The tier of a failure that names a value, and nobody.
pub(crate) const BY_VALUE: u8 = 2;

/// An error group as a candidate for a boundary.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) problem: usize,
    /// Stuck entities of the boundary that it hits, after they had reached the last good node.
    pub(crate) hits: Vec<u32>,
    /// Completed entities that it hits as well.
    pub(crate) done_hits: usize,
    /// Of these, how many got on only much later than usual: repaired, not spared.
    pub(crate) repaired: usize,
    /// 0 at the service that had to act or to hand over, 1 at one that is no part of the flow, [`BY_VALUE`] where it names
    /// what those that stopped have in common.
    pub(crate) tier: u8,
    /// Whether it was logged by the service that had to hand over, by a call that no topic shows.
    pub(crate) is_caller: bool,
}

impl Candidate {
    /// Completed entities that it hit and that went on as usual.
    pub(crate) fn innocent(&self) -> usize {
        self.done_hits - self.repaired
    }

    /// Whether it spares (nearly) all of the completed.
    pub(crate) fn is_clean(&self, done: usize) -> bool {
        self.innocent() * 50 <= done
    }
}

/// Candidates of a boundary, the most telling first.
pub(crate) fn rank(
    world: &World<'_>,
    problems: &[Problem],
    boundary: &Boundary,
    done: &[u32],
) -> Vec<Candidate> {
    let slack = slack(world, boundary, done);
    let mut candidates: Vec<Candidate> = (0..problems.len())
        .filter_map(|p| candidate(world, &problems[p], p, boundary, done, slack))
        .collect();
    let size = boundary.entities.len();
    candidates.retain(|c| {
        let quiet = problems[c.problem].quiet;
        let stands_out =
            c.hits.len() * 3 >= size && c.done_hits * 50 <= done.len() && c.done_hits * 4 <= c.hits.len();
        discriminates(c, size, done.len()) && (!quiet || stands_out)
    });
    let clean_specific: HashSet<u32> = candidates
        .iter()
        .filter(|c| c.is_clean(done.len()) && !problems[c.problem].is_generic() && !problems[c.problem].quiet)
        .flat_map(|c| c.hits.iter().copied())
        .collect();
    let clean_loud: HashSet<u32> = candidates
        .iter()
        .filter(|c| c.is_clean(done.len()) && !problems[c.problem].quiet)
        .flat_map(|c| c.hits.iter().copied())
        .collect();
    let tried = candidates.len();
    candidates.retain(|c| is_no_accident(c, size, done.len(), tried));
    candidates.retain(|c| problems[c.problem].quiet || !is_survived(world, c, boundary, done));
    let retold: HashSet<usize> =
        candidates.iter().filter(|c| is_retold(world, c, &candidates)).map(|c| c.problem).collect();
    let ended: HashSet<usize> =
        candidates.iter().filter(|c| is_ended(world, c, &candidates)).map(|c| c.problem).collect();
    candidates.sort_by_cached_key(|c| {
        let p = &problems[c.problem];
        let covered_by =
            |set: &HashSet<u32>| c.hits.iter().filter(|e| set.contains(e)).count() * 10 >= c.hits.len() * 8;
        let deferred =
            (p.is_generic() && covered_by(&clean_specific)) || (p.quiet && covered_by(&clean_loud));
        let milder = p.exception.is_none() && p.kind.is_none();
        (
            c.tier,
            !c.is_clean(done.len()),
            deferred || retold.contains(&c.problem) || ended.contains(&c.problem),
            c.is_caller,
            p.quiet,
            std::cmp::Reverse(c.hits.len() * if milder { 1 } else { 2 }),
            first_after(world, p, boundary, &c.hits),
            c.problem,
        )
    });
    candidates
}

/// Median time from the last good node to the first hit, so that the earlier of two equal groups is the cause.
fn first_after(world: &World<'_>, problem: &Problem, boundary: &Boundary, hits: &[u32]) -> i64 {
    let lags = hits.iter().filter_map(|e| Some(problem.hits.get(e)?.0?.since(world.at(*e, boundary.from)?)));
    crate::flow::median(lags.collect()).unwrap_or(i64::MAX)
}

fn discriminates(c: &Candidate, stuck: usize, done: usize) -> bool {
    let share = c.hits.len() as f64 / stuck.max(1) as f64;
    let spared = c.innocent() as f64 / done.max(1) as f64;
    if c.innocent() == 0 {
        return true;
    }
    // With one or two entities asked about, an error that many of the completed met says nothing.
    let by_chance = crate::discriminate::chance_of(c.hits.len(), stuck, c.innocent(), done) > 0.05;
    !by_chance && share >= spared * 3.0 && (spared <= 0.02 || share >= 0.5)
}

/// How much earlier than an entity's arrival the service's log may seem to speak of it: as much as it does for the
/// completed, whose order of events is known. Its clock may be some seconds behind.
pub(crate) fn slack(world: &World<'_>, boundary: &Boundary, done: &[u32]) -> i64 {
    let of_service = |o: &&crate::trails::Observation| match o.fact {
        crate::trails::Fact::Log(i) => Some(&world.haul.logs[i].service) == boundary.service.as_ref(),
        _ => false,
    };
    let mut lags: Vec<i64> = done
        .iter()
        .filter_map(|e| {
            let arrival = world.at(*e, boundary.from)?;
            let first = world.trails.of[*e as usize].iter().filter(of_service).find_map(|o| o.time)?;
            Some(first.since(arrival))
        })
        .collect();
    lags.sort_unstable();
    let usual = crate::flow::quantile(&lags, 0.25).unwrap_or(0);
    SLACK.max(SLACK - usual).min(MOST_SLACK)
}

/// A group that hits a few of many may do so by accident, also where it spares the completed.
fn is_no_accident(c: &Candidate, stuck: usize, done: usize, tried: usize) -> bool {
    let few = c.hits.len() * 5 < stuck;
    !few || crate::discriminate::chance_of(c.hits.len(), stuck, c.innocent(), done) * (tried.max(1) as f64)
        < 0.01
}

fn candidate(
    world: &World<'_>,
    problem: &Problem,
    index: usize,
    boundary: &Boundary,
    done: &[u32],
    slack: i64,
) -> Option<Candidate> {
    let tier = tier(world, problem, boundary)?;
    let is_caller = tier == 0 && Some(problem.service.as_str()) != boundary.service.as_deref();
    let after_arrival = |e: &u32| {
        let (_, last) = problem.hits.get(e)?;
        match (last, world.at(*e, boundary.from)) {
            (Some(last), Some(arrival)) if last.since(arrival) < -slack => None,
            _ => Some(*e),
        }
    };
    let mut hits: Vec<u32> = boundary.entities.iter().filter_map(after_arrival).collect();
    if hits.is_empty() && tier == 0 && is_skewed(world, problem, boundary, done) {
        hits = boundary.entities.iter().copied().filter(|e| problem.hits.contains_key(e)).collect();
    }
    if hits.is_empty() || (tier > 0 && is_observer(world, problem, boundary, &hits)) {
        return None;
    }
    if is_background(world, problem, &hits) || is_reminder(world, problem, boundary, &hits) {
        return None;
    }
    if tells_by_age(world, problem, boundary, &hits) {
        return None;
    }
    if problem.quiet && (is_of_repeat(world, problem, &hits) || says_again(problem)) {
        return None;
    }
    if comes_round(world, problem, boundary, &hits, done) {
        return None;
    }
    let late = latest_lag(world, problem, boundary, &hits);
    let usual = world.flow.steps[boundary.step].times.as_slice();
    let slow = crate::flow::quantile(usual, 0.95).unwrap_or(0).max(60 * SECOND) * 5;
    // Where a row's own change is all that tells of a hop, nothing is known of how long it takes.
    let is_timed = crate::flow::median(usual.to_vec()).is_some_and(|middle| middle > 0);
    let (mut done_hits, mut repaired) = (0, 0);
    // Where it names the stuck themselves, who only ran beside it on the same thread did not meet it.
    let names_them = !hits.iter().any(|e| problem.loose.contains(e));
    for entity in done.iter().filter(|e| !(names_them && problem.loose.contains(e))) {
        let Some((first, _)) = problem.hits.get(entity) else { continue };
        if is_afterthought(world, boundary, *entity, *first, late) {
            continue;
        }
        done_hits += 1;
        let arrived_on = world.trails.reach[*entity as usize].get(&boundary.to).and_then(|r| r.first);
        if let (Some(first), Some(on)) = (first, arrived_on) {
            repaired += usize::from(is_timed && on.since(*first) > slow);
        }
    }
    Some(Candidate { problem: index, hits, done_hits, repaired, tier, is_caller })
}

/// Whether the clock of the instance that wrote it must be behind: it names (nearly) all of the stuck and none of the
/// completed, always by the same time before they arrived.
fn is_skewed(world: &World<'_>, problem: &Problem, boundary: &Boundary, done: &[u32]) -> bool {
    const FEWEST: usize = 5;
    const SPREAD: i64 = 5 * SECOND;
    let lag = |e: &u32| Some(problem.hits.get(e)?.1?.since(world.at(*e, boundary.from)?));
    let mut lags: Vec<i64> = boundary.entities.iter().filter_map(lag).collect();
    lags.sort_unstable();
    let apart = crate::flow::quantile(&lags, 0.95).zip(crate::flow::quantile(&lags, 0.05));
    let is_all = lags.len() >= FEWEST && lags.len() * 10 >= boundary.entities.len() * 9;
    // What the group has not got to yet, nobody can have failed with.
    let is_taken = || crate::offsets::look(world, boundary, &boundary.entities).waiting.is_empty();
    is_all
        && apart.is_some_and(|(a, b)| a - b <= SPREAD)
        && !done.iter().any(|e| problem.hits.contains_key(e))
        && is_taken()
}

/// How long after their arrival (nearly all of) the stuck met it at the latest.
fn latest_lag(world: &World<'_>, problem: &Problem, boundary: &Boundary, hits: &[u32]) -> Option<i64> {
    let lag = |e: &u32| Some(problem.hits.get(e)?.0?.since(world.at(*e, boundary.from)?));
    let mut lags: Vec<i64> = hits.iter().filter_map(lag).collect();
    lags.sort_unstable();
    crate::flow::quantile(&lags, 0.95)
}

/// Whether a completed entity met it only when the hop was behind it, and later than any of the stuck did: the second
/// copy of a message that the first had been for. It says nothing of what the first one would have met.
fn is_afterthought(
    world: &World<'_>,
    boundary: &Boundary,
    entity: u32,
    met: Option<waylaid_model::Timestamp>,
    late: Option<i64>,
) -> bool {
    let (Some(met), Some(late), Some(arrival)) = (met, late, world.at(entity, boundary.from)) else {
        return false;
    };
    let on = world.at(entity, boundary.to);
    on.is_some_and(|on| met > on) && met.since(arrival) > late
}

/// Where a failure was logged, seen from the boundary: at the service that had to act, at one outside the flow, or
/// (`None`) at one whose part was done before or comes later, so that it is history or a consequence.
fn tier(world: &World<'_>, problem: &Problem, boundary: &Boundary) -> Option<u8> {
    if Some(problem.service.as_str()) == boundary.service.as_deref() {
        return Some(0);
    }
    // Between two tables or services somebody calls: who has the entity may fail before the next one hears of it.
    let shows_by_log = matches!(world.trails.nodes[boundary.from], Node::Service(_));
    if caller(world, boundary) == Some(problem.service.as_str()) && (shows_by_log || !problem.quiet) {
        return Some(0);
    }
    // Several may read one topic; who of them fails is not always who the flow says.
    let reads = world.trails.nodes[boundary.from].topic().is_some_and(|topic| {
        world.services.consuming.get(topic).is_some_and(|s| s.contains(&problem.service))
    });
    if reads && !problem.quiet {
        return Some(1);
    }
    let in_flow = world.flow.steps.iter().any(|s| s.service.as_deref() == Some(problem.service.as_str()));
    (!in_flow && !problem.quiet).then_some(1)
}

/// Who has to hand an entity over at a boundary that no topic lies between.
pub(crate) fn caller<'a>(world: &'a World<'_>, boundary: &Boundary) -> Option<&'a str> {
    match &world.trails.nodes[boundary.from] {
        Node::Table(table) | Node::Settled(table) | Node::Start(table) => world.services.owner(table),
        Node::Service(service) => Some(service),
        Node::Topic(_) | Node::Event(..) | Node::Done(_) => None,
    }
}

/// The services whose part an entity had behind it at a boundary.
pub(crate) fn passed_services<'a>(world: &'a World<'_>, boundary: &Boundary) -> BTreeSet<&'a str> {
    let mut out = BTreeSet::new();
    let mut at = world.flow.steps[boundary.step].parent;
    while let Some(step) = at {
        out.extend(world.flow.steps[step].service.as_deref());
        at = world.flow.steps[step].parent;
    }
    out
}
