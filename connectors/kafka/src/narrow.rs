//! Leaves partitions out that cannot hold the records which have one of some keys: where a topic's keys fall by a known rule,
//! seen from keys of all its partitions, each key has its partition.

use crate::client::{Client, Next, Reader, Reading};
use crate::partitioner::{Rule, Witness};
use crate::plan::{Plan, Planned, Range};
use crate::read::{IDLE, LOOK};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use waylaid_store::{Context, ErrorKind, KeySet, RecordHit, StoreError};

/// A topic with fewer records is read as fast as its rule is found.
const WORTH: u64 = 20_000;
/// Places of each partition at which keys are looked at: its first records, its last ones, and some between them. Producers
/// change, and a topic gets more partitions, in the course of time.
const PLACES: u64 = 4;
/// Records at each place.
const AT_EACH: usize = 32;

/// What was left out of a topic, and why.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// By which rule.
    pub rule: Rule,
    /// What is not read.
    pub ranges: Vec<Range>,
}

impl LeftOut {
    /// What a reader must know.
    pub fn note(&self) -> String {
        let left = self.ranges.len();
        let partitions =
            if left == 1 { "1 partition was".to_owned() } else { format!("{left} partitions were") };
        format!(
            "{partitions} not read: keys fall to partitions by {}, as {} different keys of all partitions show",
            self.rule.by.name(),
            self.rule.keys
        )
    }
}

/// Leaves out what cannot hold records with these keys. What cannot be found out leaves the plan as it is.
pub fn narrow(client: &Client, plan: &mut Plan, keys: &KeySet, context: &Context) -> Result<(), StoreError> {
    for topic in &mut plan.topics {
        if !may_have_rule(topic) {
            continue;
        }
        let rule = match rule(client, topic, context) {
            Err(error) if error.kind == ErrorKind::Cancelled => return Err(error),
            other => other.ok().flatten(),
        };
        let Some(rule) = rule else { continue };
        let mut needed = BTreeSet::new();
        for index in 0..keys.len() as u32 {
            needed.append(&mut rule.partitions_of(keys.key(index)));
            if needed.len() == topic.ranges.len() {
                break;
            }
        }
        let (read, left) = topic.ranges.drain(..).partition(|range| needed.contains(&range.partition));
        topic.ranges = read;
        topic.left_out = Some(LeftOut { rule, ranges: left }).filter(|left| !left.ranges.is_empty());
    }
    Ok(())
}

/// All partitions answer, and there is something to be gained.
fn may_have_rule(topic: &Planned) -> bool {
    let is_whole = topic.ranges.iter().enumerate().all(|(n, range)| i32::try_from(n) == Ok(range.partition));
    let records: u64 = topic.ranges.iter().map(Range::len).sum();
    topic.trouble.is_none()
        && topic.silent.is_empty()
        && is_whole
        && topic.ranges.len() > 1
        && records >= WORTH
}

/// By which rule keys fall, where the keys at some places of each partition show one.
fn rule(client: &Client, topic: &Planned, context: &Context) -> Result<Option<Rule>, StoreError> {
    let mut witness = Witness::new(topic.ranges.len() as u32);
    let reader = client.reader(Reading::Few)?;
    for place in 0..PLACES {
        let from: BTreeMap<i32, i64> = topic
            .ranges
            .iter()
            .filter(|range| range.len() > 0)
            .map(|range| (range.partition, start(range, place)))
            .collect();
        look(&reader, topic, from, &mut witness, context)?;
    }
    Ok(witness.rule())
}

/// The offset of a place.
fn start(range: &Range, place: u64) -> i64 {
    let last = range.len().saturating_sub(AT_EACH as u64);
    let steps = u128::from(last) * u128::from(place) / u128::from(PLACES - 1);
    range.start.saturating_add(steps as i64)
}

/// Some records of each partition from these offsets on.
fn look(
    reader: &Reader,
    topic: &Planned,
    from: BTreeMap<i32, i64>,
    witness: &mut Witness,
    context: &Context,
) -> Result<(), StoreError> {
    reader.assign(&topic.name, &from.iter().map(|(p, offset)| (*p, *offset)).collect::<Vec<_>>())?;
    let mut left: BTreeMap<i32, usize> = from.into_keys().map(|partition| (partition, AT_EACH)).collect();
    let mut heard = Instant::now();
    while !left.is_empty() {
        match reader.next(LOOK) {
            Next::Record(fetched) => {
                heard = Instant::now();
                let partition = fetched.partition();
                let Some(count) = left.get_mut(&partition) else { continue };
                *count -= 1;
                if *count == 0 {
                    left.remove(&partition);
                }
                fetched.key().into_iter().for_each(|key| witness.see(partition, key));
            }
            Next::End(partition) => drop(left.remove(&partition)),
            Next::Refused(error) => return Err(error),
            Next::Nothing => {
                context.check("looking by which rule keys fall to partitions")?;
                if heard.elapsed() > IDLE {
                    return Err(StoreError::new(ErrorKind::Timeout, "looking at keys of all partitions"));
                }
            }
        }
    }
    context.check("looking by which rule keys fall to partitions")
}

/// Which keys were found as the key of a record.
pub struct Found<'k> {
    keys: &'k KeySet,
    found: Vec<AtomicBool>,
}

impl<'k> Found<'k> {
    /// None yet.
    pub fn none_of(keys: &'k KeySet) -> Self {
        Self { keys, found: (0..keys.len()).map(|_| AtomicBool::new(false)).collect() }
    }

    /// Takes notice of a record.
    pub fn note(&self, hit: &RecordHit) {
        let index = hit.record.key.as_deref().and_then(|key| self.keys.get(key));
        if let Some(found) = index.and_then(|index| self.found.get(index as usize)) {
            found.store(true, Ordering::Relaxed);
        }
    }

    /// Whether each was found somewhere.
    pub fn all(&self) -> bool {
        self.found.iter().all(|found| found.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_reach_from_the_first_record_to_the_last() {
        let range = |start, end| Range { partition: 0, start, end, is_cut: false };
        let places = |range: &Range| (0..PLACES).map(|place| start(range, place)).collect::<Vec<_>>();
        assert_eq!(places(&range(100, 1_032)), [100, 400, 700, 1_000]);
        assert_eq!(places(&range(7, 9)), [7, 7, 7, 7]);
        assert_eq!(places(&range(0, i64::MAX))[3], i64::MAX - 32);
    }
}
