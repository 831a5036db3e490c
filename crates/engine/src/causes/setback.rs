//! A row that was set back: something that comes first for the completed came once more, and last, for the stuck, and wrote
//! over what had been reached by then.

use super::{Draft, Findings, Proof};
use crate::discriminate::Trait;
use crate::rowtime;
use crate::suspects::Boundary;
use crate::trails::Fact;
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

/// A message of a service: its name and the message's template.
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
    found.entities.iter().for_each(|e| {
        left.remove(e);
    });
    let quoted =
        |(service, template): Said<'_>| format!("\"{}\" of {service}", crate::facts::shorten(template, 80));
    let order = Trait {
        feature: format!("{} after {}", quoted(found.late), quoted(found.before)),
        value: "true".into(),
        stuck: found.entities.len(),
        of_stuck: found.entities.len(),
        done: found.done,
        of_done: found.of_done,
        since: None,
    };
    let touched = found.entities.iter().filter(|e| is_touched(world, **e, found.late)).count();
    let is_shown = touched * 10 >= found.entities.len() * 8;
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
    let mut best: Option<(i64, SetBack<'w>)> = None;
    for late in &common {
        for before in common.iter().filter(|b| *b != late) {
            let apart = if late.0 == before.0 { 0 } else { APART };
            let lag = |last: &Last<'w>| Some(last.get(late)?.0.since(last.get(before)?.0));
            let of_done: Vec<i64> = theirs.iter().filter_map(lag).collect();
            let inverted = of_done.iter().filter(|l| **l > 0).count();
            if of_done.len() * 2 < theirs.len() || inverted * 33 > of_done.len() {
                continue;
            }
            let is_late = |(e, last): &&(u32, Last<'w>)| {
                lag(last).is_some_and(|l| l > apart) && !is_sent_again(world, *e, *late, last)
            };
            let hit: Vec<&(u32, Last<'w>)> = ours.iter().filter(is_late).collect();
            if hit.len() < FEWEST || hit.len() * 20 < ours.len() * 19 {
                continue;
            }
            let mut lags: Vec<i64> = hit.iter().filter_map(|(_, last)| lag(last)).collect();
            lags.sort_unstable();
            // The message that came right before the late one says best how far they had got.
            let middle = lags[lags.len() / 2];
            if best.as_ref().is_none_or(|(least, _)| middle < *least) {
                let log = hit[0].1.get(late)?.1;
                let entities =
                    left.iter().copied().filter(|e| ours.len() < left.len() || hit.iter().any(|h| h.0 == *e));
                let found = SetBack {
                    late: *late,
                    before: *before,
                    entities: entities.collect(),
                    log,
                    done: inverted,
                    of_done: of_done.len(),
                };
                best = Some((middle, found));
            }
        }
    }
    best.map(|(_, found)| found)
}

fn last_said<'w>(world: &'w World<'_>, entity: u32) -> Last<'w> {
    let mut last = Last::new();
    for observation in &world.trails.of[entity as usize] {
        let (Fact::Log(i), Some(time)) = (observation.fact, observation.time) else { continue };
        let log = &world.haul.logs[i];
        if log.joined_by.is_none() && !log.is_failure() {
            last.insert((log.service.as_str(), log.template.as_str()), (time, i));
        }
    }
    last
}

/// Whether the message only tells of a record that was sent once more: that changes no row.
fn is_sent_again(world: &World<'_>, entity: u32, said: Said<'_>, last: &Last<'_>) -> bool {
    let Some((time, _)) = last.get(&said) else { return false };
    world.trails.of[entity as usize].iter().any(|o| {
        let node = &world.trails.nodes[o.node];
        node.topic().is_some()
            && world.services.producer(node) == Some(said.0)
            && o.time.is_some_and(|t| t.since(*time).abs() <= AT_ONCE)
    })
}

/// Whether a row of the entity was last changed just then.
fn is_touched(world: &World<'_>, entity: u32, said: Said<'_>) -> bool {
    let last = last_said(world, entity);
    let Some((time, _)) = last.get(&said) else { return false };
    let of_row = |row| rowtime::times(row).into_iter().map(|(_, t)| t).max();
    let home = of_row(&world.home.entities[entity as usize].row);
    home.is_some_and(|t| t.since(*time).abs() <= AT_ONCE)
}
