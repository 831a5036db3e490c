//! From when to when a cluster's records are, by two questions to each broker for the partitions that it leads: which record is the
//! first that has a time, and which has the newest one. No record is fetched.

use super::layout::Layout;
use super::wire::{Reader, Writer};
use super::{Knows, LIST_OFFSETS, enter};
use crate::config::KafkaConfig;
use std::collections::BTreeMap;
use std::time::SystemTime;
use waylaid_model::Timestamp;
use waylaid_store::{Context, Standing};

/// The form of the request in which the newest time can be asked for; brokers know it since 3.0.
const FORM: i16 = 7;
/// Asks for the first record that has a time.
const FIRST: i64 = 0;
/// Asks for the record with the newest time.
const NEWEST: i64 = -3;
/// Partitions asked for at once.
const AT_ONCE: usize = 2_000;
/// Milliseconds from which a stamp is told to be ahead of us.
const AHEAD: i64 = 1_000;

/// A partition of a topic.
type Place<'a> = (&'a str, i32);

/// What was told so far.
#[derive(Debug, Default)]
struct Found {
    first: Option<i64>,
    newest: Option<(i64, String)>,
    /// Brokers that told nothing, and why.
    silent: Option<String>,
    /// Partitions that told nothing.
    refused: usize,
}

/// Tells the times of a cluster's records, and whether they are ahead of our clock.
pub fn tell(config: &KafkaConfig, layout: &Layout, knows: &Knows, context: &Context, told: &mut Standing) {
    if !knows.takes(LIST_OFFSETS, FORM) {
        told.tells.push("from when to when its records are is not told by brokers before 3.0".to_owned());
        return;
    }
    let mut led: BTreeMap<i32, Vec<Place<'_>>> = BTreeMap::new();
    for (name, laid) in &layout.topics {
        for (partition, leader) in &laid.partitions {
            led.entry(*leader).or_default().push((name, *partition));
        }
    }
    let mut found = Found::default();
    for (leader, places) in led {
        if context.check("asking for the times of records").is_err() {
            return;
        }
        let asked = match layout.brokers.get(&leader) {
            Some(broker) => ask(config, broker, &places, &mut found),
            None => Err("has no leader".to_owned()),
        };
        if let Err(why) = asked {
            found.silent = Some(format!("{} partitions: {why}", places.len()));
        }
    }
    found.tell(now(), told);
}

fn ask(config: &KafkaConfig, broker: &str, places: &[Place<'_>], found: &mut Found) -> Result<(), String> {
    let mut wire = enter(config, broker)?;
    for some in places.chunks(AT_ONCE) {
        for what in [FIRST, NEWEST] {
            let answer = wire.ask(LIST_OFFSETS, FORM, true, &question(some, what))?;
            read(&mut Reader::new(&answer), what, found)?;
        }
    }
    Ok(())
}

fn question(places: &[Place<'_>], what: i64) -> Writer {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for (name, partition) in places {
        topics.entry(name).or_default().push(*partition);
    }
    let mut body = Writer::default();
    // As a consumer, of everything that is written.
    body.i32(-1).byte(0).compact_count(topics.len());
    for (name, partitions) in topics {
        body.compact(name).compact_count(partitions.len());
        for partition in partitions {
            body.i32(partition).i32(-1).i64(what).tags();
        }
        body.tags();
    }
    body.tags();
    body
}

fn read(answer: &mut Reader<'_>, what: i64, found: &mut Found) -> Result<(), String> {
    answer.skip_tags()?;
    answer.take(4)?;
    for _ in 0..answer.compact_count()? {
        let name = answer.compact_text()?;
        for _ in 0..answer.compact_count()? {
            let (partition, error) = (answer.i32()?, answer.i16()?);
            let (millis, offset) = (answer.i64()?, answer.i64()?);
            answer.take(4)?;
            answer.skip_tags()?;
            if error == 0 {
                found.note(what, millis, || format!("{name}/{partition}@{offset}"));
            } else {
                found.refused += usize::from(what == FIRST);
            }
        }
        answer.skip_tags()?;
    }
    Ok(())
}

impl Found {
    /// A record's time; below zero where there is none.
    fn note(&mut self, what: i64, millis: i64, place: impl FnOnce() -> String) {
        if millis < 0 {
            return;
        }
        if what == FIRST {
            self.first = Some(self.first.map_or(millis, |first| first.min(millis)));
        } else if self.newest.as_ref().is_none_or(|(newest, _)| *newest < millis) {
            self.newest = Some((millis, place()));
        }
    }

    fn tell(self, now: i64, told: &mut Standing) {
        if let (Some(first), Some((newest, place))) = (self.first, &self.newest) {
            let (from, to) = (Timestamp::from_millis(first.min(*newest)), Timestamp::from_millis(*newest));
            told.tells.push(format!("records from {from} to {to}"));
            let ahead = newest.saturating_sub(now);
            if ahead >= AHEAD {
                let seconds = ahead as f64 / 1_000.0;
                told.skew.push(format!(
                    "the newest record, {place}, is stamped {seconds:.1} s ahead of our clock: the clock of who stamped \
                     it is ahead, or ours is behind"
                ));
            }
        }
        if self.refused > 0 {
            told.tells.push(format!("{} partitions do not tell their records' times", self.refused));
        }
        if let Some(why) = self.silent {
            told.tells.push(format!("the times of records are not told by {why}"));
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "the difference of two clocks is the answer")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_is_told_and_only_what_is_ahead_shows_a_clock() {
        let told = |newest| {
            let (mut found, mut told) = (Found::default(), Standing::default());
            for (what, millis) in
                [(FIRST, 5_000), (FIRST, 2_000), (FIRST, -1), (NEWEST, -1), (NEWEST, newest)]
            {
                found.note(what, millis, || "t/0@7".to_owned());
            }
            found.tell(60_000, &mut told);
            told
        };
        let calm = told(60_900);
        assert_eq!(calm.tells, ["records from 1970-01-01T00:00:02Z to 1970-01-01T00:01:00.900Z"]);
        assert!(calm.skew.is_empty());
        let ahead = told(3_660_000);
        assert!(
            ahead.skew[0].starts_with("the newest record, t/0@7, is stamped 3600.0 s ahead of"),
            "{ahead:?}"
        );
    }

    #[test]
    fn an_answer_that_breaks_off_or_is_none_is_no_panic() {
        let mut body = Writer::default();
        body.tags().i32(0).compact_count(1).compact("t").compact_count(1);
        body.i32(0).i16(0).i64(9).i64(4).i32(0).tags().tags().tags();
        let bytes = body.into_bytes();
        let mut found = Found::default();
        read(&mut Reader::new(&bytes), NEWEST, &mut found).unwrap();
        assert_eq!(found.newest, Some((9, "t/0@4".to_owned())));
        for length in 0..bytes.len() - 2 {
            assert!(
                read(&mut Reader::new(&bytes[..length]), NEWEST, &mut Found::default()).is_err(),
                "{length}"
            );
        }
    }
}
