//! Error groups weighed by the cohort: a group counts when it hits the stuck and spares the completed, at the right
//! hop, in the right order in time.

use crate::problems::Problem;
use crate::trails::{Fact, Node};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use waylaid_model::Level;

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

    fn is_clean(&self, done: usize) -> bool {
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

/// Whether the service went on with (nearly) all of those that it hits: afterwards, and not before, it said of them what it
/// says of the completed on their way to the end of this hop. Then the next try went well, and they stopped by something else.
fn is_survived(world: &World<'_>, candidate: &Candidate, boundary: &Boundary, done: &[u32]) -> bool {
    const LOOKED_AT: usize = 500;
    let problem = &world.problems[candidate.problem];
    let said = |entity: u32| {
        world.trails.of[entity as usize].iter().filter_map(|o| match o.fact {
            Fact::Log(i) => Some(&world.haul.logs[i])
                .filter(|l| l.service == problem.service && l.joined_by.is_none() && !l.is_failure())
                .and_then(|l| Some((crate::facts::stem(&l.template), o.time?))),
            _ => None,
        })
    };
    let hits = &candidate.hits[..candidate.hits.len().min(LOOKED_AT)];
    let mut went_on: BTreeMap<&str, usize> = BTreeMap::new();
    for entity in hits {
        let Some((Some(first), Some(last))) = problem.hits.get(entity).copied() else { return false };
        let before: BTreeSet<&str> = said(*entity).filter(|(_, at)| *at <= first).map(|(t, _)| t).collect();
        let after: BTreeSet<&str> = said(*entity).filter(|(_, at)| *at > last).map(|(t, _)| t).collect();
        after.difference(&before).for_each(|t| *went_on.entry(t).or_default() += 1);
    }
    let control = &done[..done.len().min(LOOKED_AT)];
    let is_usual = |template: &str| {
        let on_the_way = control.iter().filter(|e| {
            let end = world.at(**e, boundary.to);
            said(**e).any(|(t, at)| t == template && end.is_none_or(|end| at.since(end) <= SLACK))
        });
        on_the_way.count() * 2 > control.len()
    };
    went_on.iter().any(|(template, n)| n * 10 >= hits.len() * 9 && is_usual(template))
}

/// Why a service gave somebody up, where it says so without an exception: the failure whose kind is known that it logged of
/// (nearly) all of them right before. That completed ones met it too does not matter: they were not given up.
pub(crate) fn reason(world: &World<'_>, problem: &Problem, hits: &[u32]) -> Option<usize> {
    const RIGHT_BEFORE: i64 = 300 * SECOND;
    if problem.quiet || problem.exception.is_some() || !problem.is_generic() || hits.is_empty() {
        return None;
    }
    let gap = |other: &Problem, e: &u32| {
        let last = other.hits.get(e).filter(|_| !other.loose.contains(e))?.1?;
        let gap = problem.hits.get(e)?.0?.since(last);
        (-SECOND..=RIGHT_BEFORE).contains(&gap).then_some(gap)
    };
    let is_of = |p: &Problem| p.service == problem.service && !p.quiet && !p.is_generic();
    let others = world.problems.iter().enumerate().filter(|(_, p)| is_of(p));
    let told = others.filter_map(|(i, other)| {
        let gaps: Vec<i64> = hits.iter().filter_map(|e| gap(other, e)).collect();
        let is_all = gaps.len() * 20 >= hits.len() * 19;
        crate::flow::median(gaps).filter(|_| is_all).map(|middle| (middle, i))
    });
    told.min().map(|(_, i)| i)
}

/// Whether a message tells again what an exception of the same service says of the same entities: the remark of a retry
/// beside the stack trace that ends them. The exception knows more.
fn is_retold(world: &World<'_>, candidate: &Candidate, all: &[Candidate]) -> bool {
    const LOOKED_AT: usize = 5;
    const FACTS: usize = 500;
    /// Shorter messages turn up in others by accident.
    const SHORTEST: usize = 12;
    let problem = &world.problems[candidate.problem];
    if problem.exception.is_some() {
        return false;
    }
    let hits: HashSet<u32> = candidate.hits.iter().copied().collect();
    let tells = |other: &Problem| {
        let facts = other.facts.iter().take(LOOKED_AT).filter_map(|i| world.haul.logs[*i].failure.as_ref());
        let mut roots = facts.map(|f| f.root_message.trim()).filter(|m| m.len() >= SHORTEST);
        roots.any(|root| {
            let same = crate::facts::first_line(root);
            problem.facts.iter().take(FACTS).any(|i| world.haul.logs[*i].message.contains(same))
        })
    };
    all.iter().any(|c| {
        let other = &world.problems[c.problem];
        let covers = c.hits.iter().filter(|e| hits.contains(e)).count() * 10 >= hits.len() * 8;
        other.exception.is_some() && other.service == problem.service && covers && tells(other)
    })
}

/// Whether a message without an exception tells of tries that ended in an exception of the same service: one that names
/// nobody, and that nearness ties to many of the same and to nobody else.
fn is_ended(world: &World<'_>, candidate: &Candidate, all: &[Candidate]) -> bool {
    let problem = &world.problems[candidate.problem];
    let ends = |c: &Candidate| {
        let other = &world.problems[c.problem];
        let both = c.hits.iter().filter(|e| candidate.hits.binary_search(e).is_ok()).count();
        other.service == problem.service
            && other.exception.is_some()
            && c.hits.iter().all(|e| other.loose.contains(e))
            && both * 20 >= c.hits.len() * 19
            && both * 2 >= candidate.hits.len()
    };
    problem.exception.is_none() && !problem.quiet && all.iter().any(ends)
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
    let late = latest_lag(world, problem, boundary, &hits);
    let usual = world.flow.steps[boundary.step].times.as_slice();
    let slow = crate::flow::quantile(usual, 0.95).unwrap_or(0).max(60 * SECOND) * 5;
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
            repaired += usize::from(on.since(*first) > slow);
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

/// Whether it goes on by itself: it began before any of those that it hits were there, names none of them, and mostly
/// comes while nobody is at hand. Who is beside it when it comes has nothing to do with it.
fn is_background(world: &World<'_>, problem: &Problem, hits: &[u32]) -> bool {
    let with = problem.facts.iter().filter(|i| !world.haul.logs[**i].entities.is_empty()).count();
    let born = hits.iter().filter_map(|e| crate::flow::birth(&world.trails, *e as usize)).min();
    let before = problem.first.zip(born).is_some_and(|(first, born)| born.since(first) > 600 * SECOND);
    before && with * 2 < problem.facts.len() && hits.iter().all(|e| problem.loose.contains(e))
}

/// Whether it was logged only when the completed would long have been through: somebody outside who watches for what
/// takes too long, and tells of the fault instead of making it.
fn is_observer(world: &World<'_>, problem: &Problem, boundary: &Boundary, hits: &[u32]) -> bool {
    let times = &world.flow.steps[boundary.step].times;
    let Some(longest) = crate::flow::quantile(times, 0.95) else { return false };
    let lag = |e: &u32| Some(problem.hits.get(e)?.0?.since(world.at(*e, boundary.from)?));
    let lags: Vec<i64> = hits.iter().filter_map(lag).collect();
    lags.len() == hits.len() && lags.iter().all(|l| *l > longest.max(60 * SECOND))
}

/// Whether the service itself only tells that something takes too long: without an exception, when the completed would long
/// have been through, and in words of waiting or again and again.
fn is_reminder(world: &World<'_>, problem: &Problem, boundary: &Boundary, hits: &[u32]) -> bool {
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

/// Whether a failure of the service that had to act is the last thing seen of most of the stuck, while completed ones
/// that it hit as well went on: retries that were used up. Only asked where nothing sets the stuck apart more plainly.
pub(crate) fn used_up(
    world: &World<'_>,
    problems: &[Problem],
    boundary: &Boundary,
    done: &[u32],
) -> Option<Candidate> {
    let slack = slack(world, boundary, done);
    let mut best: Option<Candidate> = None;
    let fails =
        |p: &Problem| !p.quiet && (p.exception.is_some() || p.level.is_some_and(|l| l >= Level::Error));
    for (index, problem) in problems.iter().enumerate().filter(|(_, p)| fails(p)) {
        let Some(c) = candidate(world, problem, index, boundary, done, slack).filter(|c| c.tier == 0) else {
            continue;
        };
        let stays_last = c.hits.iter().filter(|e| ends_with(world, problem, **e)).count();
        let fits = c.hits.len() * 10 >= boundary.entities.len() * 9
            && stays_last * 10 >= c.hits.len() * 9
            && c.innocent() * 10 <= done.len() * 6;
        if fits && best.as_ref().is_none_or(|b| c.innocent() < b.innocent()) {
            best = Some(c);
        }
    }
    best
}

/// A failure of any service that hits (nearly) all that stopped and none of the completed, and is the last thing its service
/// said of them: where the flow tells nothing better, it tells where to look.
pub(crate) fn plain(
    world: &World<'_>,
    problems: &[Problem],
    boundary: &Boundary,
    done: &[u32],
) -> Option<Candidate> {
    const FEWEST: usize = 3;
    let slack = slack(world, boundary, done);
    let mut best: Option<Candidate> = None;
    for (index, problem) in problems.iter().enumerate().filter(|(_, p)| !p.quiet) {
        let arrival = |e: &u32| world.at(*e, boundary.from);
        let met = |e: &u32| {
            problem.hits.get(e).is_some_and(|(_, last)| {
                last.zip(arrival(e)).is_none_or(|(last, arrival)| last.since(arrival) >= -slack)
            })
        };
        let hits: Vec<u32> = boundary.entities.iter().copied().filter(|e| met(e)).collect();
        let done_hits =
            done.iter().filter(|e| problem.hits.contains_key(e) && !problem.loose.contains(e)).count();
        let last = hits.iter().filter(|e| ends_with(world, problem, **e)).count();
        let is_plain = hits.len() >= FEWEST.max(boundary.entities.len() * 9 / 10)
            && done_hits == 0
            && done.len() >= 20
            && last * 10 >= hits.len() * 9
            && !is_observer(world, problem, boundary, &hits);
        // Of several, one whose kind says something.
        let is_better = |b: &Candidate| problems[b.problem].is_generic() && !problem.is_generic();
        if is_plain && best.as_ref().is_none_or(is_better) {
            let is_caller = Some(problem.service.as_str()) != boundary.service.as_deref();
            best = Some(Candidate { problem: index, hits, done_hits, repaired: 0, tier: 1, is_caller });
        }
    }
    best
}

/// A failure of the service that had to act which names (nearly) all that stopped and none of the completed, but came before
/// the last thing that was seen of them: what another party sent on all the same hides where they failed. With the last node
/// that they had reached by then.
pub(crate) fn earlier(
    world: &World<'_>,
    problems: &[Problem],
    boundary: &Boundary,
    done: &[u32],
) -> Option<(Candidate, usize)> {
    const FEWEST: usize = 3;
    let is_loud = |p: &Problem| !p.quiet && (p.exception.is_some() || p.level >= Some(Level::Warn));
    let own = |p: &Problem| boundary.service.as_deref() == Some(p.service.as_str());
    let of = |(index, problem): (usize, &Problem)| {
        let names = |e: &u32| problem.hits.contains_key(e) && !problem.loose.contains(e);
        let hits: Vec<u32> = boundary.entities.iter().copied().filter(names).collect();
        let is_before = |e: &&u32| {
            let last = problem.hits.get(e).and_then(|h| h.1);
            last.zip(world.at(**e, boundary.from)).is_some_and(|(last, arrival)| last < arrival)
        };
        let is_all = hits.len() >= FEWEST.max(boundary.entities.len() * 9 / 10)
            && hits.iter().filter(is_before).count() * 10 >= hits.len() * 9;
        let is_clean = done.len() >= 20 && !done.iter().any(names);
        let candidate =
            Candidate { problem: index, hits, done_hits: 0, repaired: 0, tier: 1, is_caller: false };
        let tells = is_all && is_clean && !is_survived(world, &candidate, boundary, done);
        let from = tells.then(|| reached_by(world, problem, &candidate.hits)).flatten()?;
        Some((candidate, from))
    };
    let loud = problems.iter().enumerate().filter(|(_, p)| own(p) && is_loud(p));
    loud.filter_map(of).min_by_key(|(c, _)| (problems[c.problem].is_generic(), c.problem))
}

/// The node that (most of) those that a failure hit had reached last when it came.
fn reached_by(world: &World<'_>, problem: &Problem, hits: &[u32]) -> Option<usize> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for entity in hits {
        let failed = problem.hits.get(entity).and_then(|h| h.0)?;
        let reach = world.trails.reach[*entity as usize].iter();
        let by_then = reach
            .filter(|(n, _)| !matches!(world.trails.nodes[**n], Node::Service(_)))
            .filter_map(|(n, r)| r.first.filter(|at| at.since(failed) <= SECOND).map(|at| (at, *n)));
        if let Some((_, node)) = by_then.max() {
            *counts.entry(node).or_default() += 1;
        }
    }
    counts.into_iter().max_by_key(|(_, n)| *n).map(|(node, _)| node)
}

/// Whether the failure is the last thing that its service logged of (nearly) all that it hits.
pub(crate) fn stays_last(world: &World<'_>, candidate: &Candidate) -> bool {
    let problem = &world.problems[candidate.problem];
    let last = candidate.hits.iter().filter(|e| ends_with(world, problem, **e)).count();
    last * 10 >= candidate.hits.len() * 9
}

/// Whether the failure is the last thing that its service logged of an entity.
pub(crate) fn ends_with(world: &World<'_>, problem: &Problem, entity: u32) -> bool {
    let Some((_, Some(last))) = problem.hits.get(&entity) else { return false };
    let service = Node::Service(problem.service.clone());
    let Some(node) = world.trails.node(&service) else { return true };
    let latest = world.trails.reach[entity as usize].get(&node).and_then(|r| r.last);
    latest.is_none_or(|latest| latest.since(*last) <= SLACK)
}
