//! A row that was set back: something that comes first for the completed came once more, and last, for the stuck, and wrote
//! over what had been reached by then.

use super::{Draft, Findings, Proof};
use crate::discriminate::{Told, Trait};
use crate::rowtime;
use crate::suspects::Boundary;
use crate::trails::{Fact, Node};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use waylaid_model::{Kind, Timestamp};

const SECOND: i64 = 1_000_000_000;
/// Clocks of two services are hardly closer than this.
const APART: i64 = 2 * SECOND;
/// What belongs together happens within this time.
const AT_ONCE: i64 = 10 * SECOND;
/// So many of a side are looked at.
const LOOKED_AT: usize = 500;
/// So many messages are compared with each other.
const MESSAGES: usize = 60;

/// A message of a service: its name and what the message's template begins with.
type Said<'w> = (&'w str, &'w str);
/// When each message was logged of an entity for the last time, and by which event.
type Last<'w> = BTreeMap<Said<'w>, (Timestamp, usize)>;

/// What came last for the stuck and never for the completed.
struct SetBack<'w> {
    late: Said<'w>,
    before: Said<'w>,
    entities: Vec<u32>,
    /// Event that shows it.
    log: usize,
    done: usize,
    of_done: usize,
}

/// Gives those their cause whose row a late event set back.
pub(super) fn set_back(
    world: &World<'_>,
    boundary: &Boundary,
    left: &mut BTreeSet<u32>,
    done: &[u32],
    findings: &mut Findings,
) {
    let Some(found) = find(world, left, done) else { return };
    // Only a state can be written over: who lacks a record or a row may never have got that far.
    let is_of_state = matches!(world.trails.nodes[boundary.to], Node::Done(_) | Node::Settled(_));
    let touched = found.entities.iter().filter(|e| is_touched(world, **e, found.late, !is_of_state)).count();
    let is_shown = touched * 10 >= found.entities.len() * 8;
    if !is_of_state && !is_shown {
        return;
    }
    found.entities.iter().for_each(|e| {
        left.remove(e);
    });
    let quoted =
        |(service, template): Said<'_>| format!("\"{}\" of {service}", crate::facts::shorten(template, 80));
    let order = Trait {
        feature: format!("{} after {}", quoted(found.late), quoted(found.before)),
        told: Told::Is("true".into()),
        stuck: found.entities.len(),
        of_stuck: found.entities.len(),
        done: found.done,
        of_done: found.of_done,
        since: None,
    };
    let boundary = Boundary { service: Some(found.late.0.to_owned()), ..boundary.clone() };
    let proof = Proof::SetBack { found: order, log: found.log, is_shown };
    findings.drafts.push(Draft { kind: Kind::OutOfOrder, boundary, entities: found.entities, proof });
}

/// The two messages whose order tells (nearly) all of the stuck from the completed.
fn find<'w>(world: &'w World<'_>, left: &BTreeSet<u32>, done: &[u32]) -> Option<SetBack<'w>> {
    const FEWEST: usize = 3;
    let ours: Vec<(u32, Last<'w>)> =
        left.iter().take(LOOKED_AT).map(|e| (*e, last_said(world, *e))).collect();
    let theirs: Vec<Last<'w>> = done.iter().take(LOOKED_AT).map(|e| last_said(world, *e)).collect();
    if ours.len() < FEWEST || theirs.len() < 5 {
        return None;
    }
    let mut counts: BTreeMap<Said<'w>, usize> = BTreeMap::new();
    ours.iter().flat_map(|(_, last)| last.keys()).for_each(|said| *counts.entry(*said).or_default() += 1);
    let common: Vec<Said<'w>> =
        counts.into_iter().filter(|(_, n)| n * 10 >= ours.len() * 9).map(|(s, _)| s).take(MESSAGES).collect();
    let pairs = common.iter().flat_map(|late| common.iter().map(move |before| (*late, *before)));
    let told = pairs.filter(|(late, before)| late != before).filter_map(|pair| {
        let (done, of_done) = spared(world, &theirs, pair)?;
        let hit: Vec<&(u32, Last<'w>)> =
            ours.iter().filter(|(e, last)| is_late(world, *e, last, pair)).collect();
        if hit.len() < FEWEST || hit.len() * 20 < ours.len() * 19 {
            return None;
        }
        let mut lags: Vec<i64> = hit.iter().filter_map(|(_, last)| lag(last, pair)).collect();
        lags.sort_unstable();
        let log = hit[0].1.get(&pair.0)?.1;
        Some((lags[lags.len() / 2], pair, log, done, of_done))
    });
    // The message that came right before the late one says best how far they had got.
    let (_, pair, log, done, of_done) = told.min_by_key(|(middle, pair, ..)| (*middle, *pair))?;
    let is_theirs = |e: &u32| is_late(world, *e, &last_said(world, *e), pair);
    let entities = left.iter().copied().filter(is_theirs).collect();
    Some(SetBack { late: pair.0, before: pair.1, entities, log, done, of_done })
}

/// How long after the second message the first one came, each for the last time.
fn lag(last: &Last<'_>, (late, before): (Said<'_>, Said<'_>)) -> Option<i64> {
    Some(last.get(&late)?.0.since(last.get(&before)?.0))
}

/// How many of the completed that show both show them the other way round, and of how many; `None` where these are too
/// few to tell, or too many do.
fn spared(world: &World<'_>, theirs: &[Last<'_>], pair: (Said<'_>, Said<'_>)) -> Option<(usize, usize)> {
    let with: Vec<&Last<'_>> = theirs.iter().filter(|last| lag(last, pair).is_some()).collect();
    let inverted = with.iter().filter(|last| comes_last(world, last, pair, 0)).count();
    (with.len() * 2 >= theirs.len() && inverted * 33 <= with.len()).then_some((inverted, with.len()))
}

/// Whether the first message came after the second, and not because a record was sent once more.
fn is_late(world: &World<'_>, entity: u32, last: &Last<'_>, pair: (Said<'_>, Said<'_>)) -> bool {
    let apart = if pair.0.0 == pair.1.0 { 0 } else { APART };
    comes_last(world, last, pair, apart) && !is_sent_again(world, entity, pair.0, last)
}

/// Whether the first message came after the second, by more than `apart`. A clock of whole seconds leaves the order to the
/// lines of the file.
fn comes_last(world: &World<'_>, last: &Last<'_>, pair: (Said<'_>, Said<'_>), apart: i64) -> bool {
    let is_below = || {
        let logs = [pair.0, pair.1].map(|said| last.get(&said).map(|(_, i)| &world.haul.logs[*i]));
        let [Some(late), Some(before)] = logs else { return false };
        let same_file =
            late.service == before.service && late.instance == before.instance && late.part == before.part;
        same_file && late.time == before.time && late.seq > before.seq
    };
    lag(last, pair).is_some_and(|l| l > apart) || is_below()
}

fn last_said<'w>(world: &'w World<'_>, entity: u32) -> Last<'w> {
    let mut last = Last::new();
    for observation in &world.trails.of[entity as usize] {
        let (Fact::Log(i), Some(time)) = (observation.fact, observation.time) else { continue };
        let log = &world.haul.logs[i];
        if log.joined_by.is_none() && !log.is_failure() {
            last.insert((log.service.as_str(), crate::facts::stem(&log.template)), (time, i));
        }
    }
    last
}

/// Whether the message only tells of a record that was sent once more: that changes no row.
fn is_sent_again(world: &World<'_>, entity: u32, said: Said<'_>, last: &Last<'_>) -> bool {
    let Some((time, _)) = last.get(&said) else { return false };
    let has_to_do = |node: &Node| {
        let consuming = node.topic().and_then(|t| world.services.consuming.get(t));
        world.services.producer(node) == Some(said.0) || consuming.is_some_and(|s| s.contains(said.0))
    };
    world.trails.of[entity as usize].iter().any(|o| {
        let node = &world.trails.nodes[o.node];
        let is_again = world.trails.reach[entity as usize].get(&o.node).is_some_and(|r| r.count > 1);
        node.topic().is_some()
            && is_again
            && has_to_do(node)
            && o.time.is_some_and(|t| t.since(*time).abs() <= AT_ONCE)
    })
}

/// Whether the row of the entity was last changed just then: by any of its times, or by one that every change touches.
fn is_touched(world: &World<'_>, entity: u32, said: Said<'_>, by_name: bool) -> bool {
    let last = last_said(world, entity);
    let Some((time, _)) = last.get(&said) else { return false };
    let times = rowtime::times(&world.home.entities[entity as usize].row).into_iter();
    let changed = times.filter(|(c, _)| !by_name || rowtime::is_touch_name(c)).map(|(_, t)| t).max();
    changed.is_some_and(|t| t.since(*time).abs() <= AT_ONCE)
}
