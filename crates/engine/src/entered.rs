//! Since when an entity is in its state, and who is too young or too old to be judged.
//!
//! "Stuck for 30m" counts from the moment the state was entered, by whichever column or observation shows it, not by a
//! column that every retry touches.

use crate::home::{Entity, Home, Role};
use crate::ids::words;
use crate::places;
use crate::rowtime;
use crate::sweep::Haul;
use crate::trails::{Fact, Trails};
use std::collections::{BTreeMap, HashMap};
use waylaid_model::Timestamp;

const SECOND: i64 = 1_000_000_000;

/// Settles `entered` of every entity, and the roles of stuck ones that are too young or too old.
pub(crate) fn settle(
    home: &mut Home,
    haul: &Haul,
    trails: &Trails,
    now: Timestamp,
    at_least: i64,
    judge_age: bool,
) {
    let touched = touched_columns(home, trails);
    let shown = shown_states(home, haul, trails);
    let horizon = horizon(haul);
    leave_out_aged_control(home, haul, trails);
    for index in 0..home.entities.len() {
        let entered =
            entered(&home.entities[index], home.clock_error, &touched, shown.get(&(index as u32)).copied());
        let entity = &mut home.entities[index];
        entity.entered = entered;
        let is_judged = entity.role == Role::Peer || (entity.role == Role::Stuck && judge_age);
        if !is_judged {
            continue;
        }
        let is_peer = entity.role == Role::Peer;
        let seen = trails.of[index].iter().any(|o| matches!(o.fact, Fact::Log(_) | Fact::Record(_)));
        if let (false, Some(created), Some(horizon)) = (seen, entity.created, horizon)
            && created < horizon
        {
            entity.role = if is_peer { Role::Other } else { Role::AgedOut };
            continue;
        }
        if entered.is_some_and(|t| now.since(t) < at_least) {
            entity.role = if is_peer { Role::Other } else { Role::Young };
        }
    }
}

/// The moment before which logs and topics hold nothing any more: the oldest of what they still hold.
fn horizon(haul: &Haul) -> Option<Timestamp> {
    let oldest =
        haul.oldest.iter().filter(|(s, _)| !matches!(s, crate::bindings::Source::Table(_))).map(|(_, t)| *t);
    oldest.min()
}

/// Completed entities older than what a topic of their flow still holds teach nothing about that topic: they are left
/// out of the control where enough younger ones remain.
fn leave_out_aged_control(home: &mut Home, haul: &Haul, trails: &Trails) {
    let done: Vec<usize> =
        (0..home.entities.len()).filter(|e| home.entities[*e].role == Role::Done).collect();
    let passes = |node: usize| done.iter().filter(|e| trails.reach[**e].contains_key(&node)).count();
    let mut held_since: Option<Timestamp> = None;
    for (number, node) in trails.nodes.iter().enumerate() {
        let Some(topic) = node.topic() else { continue };
        if passes(number) * 10 >= done.len() {
            held_since =
                held_since.max(haul.oldest.get(&crate::bindings::Source::Topic(topic.to_owned())).copied());
        }
    }
    let Some(held_since) = held_since else { return };
    let aged: Vec<usize> = done
        .iter()
        .copied()
        .filter(|e| home.entities[*e].created.is_some_and(|c| held_since.since(c) > 60 * SECOND))
        .collect();
    let remain = done.len() - aged.len();
    if remain >= 20 || remain * 2 >= done.len() {
        aged.into_iter().for_each(|e| home.entities[e].role = Role::Other);
    }
}

/// Columns that a retry touches: their value coincides with a repeated observation, or with everybody else's.
fn touched_columns(home: &Home, trails: &Trails) -> Vec<String> {
    let mut votes: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut moments: HashMap<(String, i64), usize> = HashMap::new();
    let stuck =
        || home.entities.iter().enumerate().filter(|(_, e)| matches!(e.role, Role::Stuck | Role::Peer));
    for (_, entity) in stuck() {
        for (column, time) in rowtime::times(&entity.row) {
            *moments.entry((column.to_owned(), time.0.div_euclid(5 * SECOND))).or_default() += 1;
        }
    }
    for (index, entity) in stuck() {
        for (column, time) in rowtime::times(&entity.row) {
            let vote = votes.entry(column.to_owned()).or_default();
            vote.1 += 1;
            let near =
                |o: &crate::trails::Observation| o.time.is_some_and(|t| t.since(time).abs() <= 5 * SECOND);
            let repeated = trails.of[index].iter().any(|o| {
                near(o)
                    && o.fact != Fact::Home
                    && trails.reach[index]
                        .get(&o.node)
                        .is_some_and(|r| r.count > 1 && r.first.is_some_and(|f| time.since(f) > 60 * SECOND))
            });
            let with_others =
                moments.get(&(column.to_owned(), time.0.div_euclid(5 * SECOND))).copied().unwrap_or(0);
            let later = entity.created.is_some_and(|c| time.since(c) > 60 * SECOND);
            vote.0 +=
                usize::from(later && (repeated || (with_others >= 3 && rowtime::is_touch_name(column))));
        }
    }
    votes.into_iter().filter(|(_, (touched, all))| touched * 3 >= *all).map(|(column, _)| column).collect()
}

/// The first record, row or log event of each entity that shows its present state as a value.
fn shown_states(home: &Home, haul: &Haul, trails: &Trails) -> HashMap<u32, Timestamp> {
    let mut shown = HashMap::new();
    for (index, entity) in home.entities.iter().enumerate() {
        if entity.role == Role::Done || entity.state.len() < 3 {
            continue;
        }
        let is_state = |value: &str| value.eq_ignore_ascii_case(&entity.state);
        let first = trails.of[index].iter().find(|o| match o.fact {
            Fact::Row(i) => places::of_row(&haul.rows[i].row).iter().any(|p| is_state(&p.value)),
            Fact::Record(i) => places::of_record(&haul.records[i].record).iter().any(|p| is_state(&p.value)),
            Fact::Log(i) => places::tokens(&haul.logs[i].message).any(is_state),
            Fact::Home => false,
        });
        if let Some(time) = first.and_then(|o| o.time) {
            shown.insert(index as u32, time);
        }
    }
    shown
}

fn entered(
    entity: &Entity,
    clock_error: i64,
    touched: &[String],
    shown: Option<Timestamp>,
) -> Option<Timestamp> {
    let state = words(&entity.state);
    let mut times = rowtime::times(&entity.row);
    times.iter_mut().for_each(|(_, t)| *t = t.plus(-clock_error));
    let is_touched = |column: &str| touched.iter().any(|t| t == column);
    let own_column = times.iter().find(|(column, _)| {
        let column = words(column);
        state.iter().any(|w| {
            w.len() >= 3
                && column
                    .iter()
                    .any(|c| c.starts_with(w.as_str()) || (c.len() >= 4 && w.starts_with(c.as_str())))
        })
    });
    if let Some((_, time)) = own_column {
        return Some(*time);
    }
    let state_column = times.iter().find(|(column, _)| {
        words(column).iter().any(|w| matches!(w.as_str(), "status" | "state" | "since"))
            && !is_touched(column)
    });
    if let Some((_, time)) = state_column {
        return Some(*time);
    }
    let update = times.iter().find(|(column, _)| rowtime::is_touch_name(column) && !is_touched(column));
    match (update, shown) {
        (Some((_, update)), Some(shown)) if shown < *update => Some(*update),
        (_, Some(shown)) => Some(shown),
        (Some((_, update)), None) => Some(*update),
        (None, None) => entity.created,
    }
}

/// What "now" is: the newest time of the topics and logs whose clocks can be trusted, else of the tables.
pub(crate) fn now(haul: &Haul, latest_logs: &[(String, Timestamp)]) -> Option<Timestamp> {
    let times = haul.records.iter().filter_map(|r| r.record.time).collect();
    let topics = newest(times, latest_logs.iter().map(|(_, t)| *t).max());
    // Logs that go on long after the last record have a clock that is ahead, unless others agree: then nothing is sent any more.
    let agrees = |t: &Timestamp| {
        let near = |other: Timestamp| t.since(other).abs() <= 600 * SECOND;
        latest_logs.iter().filter(|(_, other)| near(*other)).count() > 1 || haul.newest.is_some_and(near)
    };
    let shifted = |t: &Timestamp| topics.is_some_and(|topics| t.since(topics) > 3600 * SECOND) && !agrees(t);
    let logs = latest_logs.iter().map(|(_, t)| *t).filter(|t| !shifted(t) || topics.is_none()).max();
    let all_shifted = latest_logs.iter().map(|(_, t)| *t).filter(shifted).min().filter(|_| logs.is_none());
    topics.max(logs).max(all_shifted).or(haul.newest)
}

/// A few times so far past all others are written wrong.
const ALONE: i64 = 90 * 86_400 * SECOND;

/// The newest of some times, without the few that lie months past all others and past what the logs hold.
fn newest(mut times: Vec<Timestamp>, logs: Option<Timestamp>) -> Option<Timestamp> {
    times.sort_unstable();
    let few = times.len() / 100 + 1;
    let is_alone = |at: &usize| {
        let before = times[at - 1].max(logs.unwrap_or(times[at - 1]));
        times[*at].since(before) > ALONE
    };
    let end = (times.len().saturating_sub(few).max(1)..times.len()).find(is_alone).unwrap_or(times.len());
    times[..end].last().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_far_past_all_others_is_not_now() {
        let day = |n: i64| Timestamp(n * 86_400 * SECOND);
        assert_eq!(newest(Vec::new(), None), None);
        assert_eq!(newest(vec![day(5)], None), Some(day(5)));
        assert_eq!(newest(vec![day(9), day(100_000), day(8)], None), Some(day(9)));
        assert_eq!(newest(vec![day(9), day(300)], Some(day(299))), Some(day(300)));
        let many: Vec<Timestamp> = (0..50).map(day).chain((400..450).map(day)).collect();
        assert_eq!(newest(many, None), Some(day(449)), "half of them are no mistake");
    }
}
