//! Records that a reader of committed ones does not see: of transactions that were aborted or are still open. They leave gaps in
//! the offsets, as markers and compaction do; the gaps are looked into, so that what was published and undone is told.

use crate::client::{Client, Next, Reading};
use crate::finder::Finder;
use crate::plan::Plan;
use crate::read::{IDLE, LOOK, Partitions};
use std::collections::BTreeMap;
use std::time::Instant;
use waylaid_store::{Context, ErrorKind, StoreError};

/// Gaps of a partition that are remembered.
pub const REMEMBERED: usize = 256;
/// Stretches of a topic that are looked into.
const STRETCHES: usize = 16;
/// Gaps that lie closer together are looked into at once.
const CLOSE: i64 = 2_000;
/// Places named one by one.
const NAMED: usize = 3;

/// What was found in the gaps of a topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Records.
    pub records: u64,
    /// Of these, how many hold a key that was asked for.
    pub keyed: u64,
    /// The first of them: partition and offset; those with a key come first.
    pub places: Vec<(i32, i64)>,
    /// Whether there are gaps that were not looked into.
    pub more: bool,
}

/// A gap: offsets `from..to` without a record.
pub type Gap = (i64, i64);

/// Looks into the gaps of topics that are not compacted.
pub fn look(
    client: &Client,
    plan: &Plan,
    read: &Partitions,
    finder: Option<&Finder>,
    context: &Context,
) -> Result<BTreeMap<String, Hidden>, StoreError> {
    let mut all = BTreeMap::new();
    let with_gaps: Vec<&str> = plan
        .topics
        .iter()
        .filter(|topic| read.iter().any(|((name, _), seen)| *name == topic.name && !seen.gaps.is_empty()))
        .map(|topic| topic.name.as_str())
        .collect();
    if with_gaps.is_empty() {
        return Ok(all);
    }
    // What may not be asked is taken for compacted: its gaps say nothing.
    let settings = client.settings(&with_gaps).unwrap_or_default();
    let is_kept = |name: &str| {
        let policy = settings.get(name).and_then(|s| s.iter().find(|(n, _)| n == "cleanup.policy"));
        policy.is_some_and(|(_, policy)| !policy.contains("compact"))
    };
    for name in with_gaps.into_iter().filter(|name| is_kept(name)) {
        let gaps = read.iter().filter(|((topic, _), _)| topic == name).map(|((_, p), seen)| (*p, &seen.gaps));
        let (stretches, more) = stretches(gaps);
        let mut hidden = Hidden { more, ..Hidden::default() };
        for (partition, gaps) in stretches {
            stretch(client, name, partition, &gaps, finder, &mut hidden, context)?;
        }
        all.insert(name.to_owned(), hidden);
    }
    Ok(all)
}

/// Gaps that lie close together, and whether there are more than are looked into.
fn stretches<'a>(of: impl Iterator<Item = (i32, &'a Vec<Gap>)>) -> (Vec<(i32, Vec<Gap>)>, bool) {
    let mut found: Vec<(i32, Vec<Gap>)> = Vec::new();
    let mut more = false;
    for (partition, gaps) in of {
        more |= gaps.len() >= REMEMBERED;
        for gap in gaps {
            match found.last_mut() {
                Some((last, near))
                    if *last == partition && near.last().is_some_and(|n| gap.0 - n.1 < CLOSE) =>
                {
                    near.push(*gap);
                }
                _ => found.push((partition, vec![*gap])),
            }
        }
    }
    more |= found.len() > STRETCHES;
    found.truncate(STRETCHES);
    (found, more)
}

fn stretch(
    client: &Client,
    topic: &str,
    partition: i32,
    gaps: &[Gap],
    finder: Option<&Finder>,
    hidden: &mut Hidden,
    context: &Context,
) -> Result<(), StoreError> {
    let (Some(first), Some(last)) = (gaps.first(), gaps.last()) else { return Ok(()) };
    let reader = client.reader(Reading::Uncommitted)?;
    reader.assign(topic, &[(partition, first.0)])?;
    let mut heard = Instant::now();
    loop {
        context.check("looking for records of aborted transactions")?;
        match reader.next(LOOK) {
            Next::Record(fetched) => {
                heard = Instant::now();
                let offset = fetched.offset();
                if offset >= last.1 {
                    return Ok(());
                }
                let at = gaps.partition_point(|gap| gap.1 <= offset);
                if gaps.get(at).is_some_and(|gap| gap.0 <= offset) {
                    let is_keyed = finder.is_some_and(|finder| !finder.keys(&fetched).is_empty());
                    hidden.add(partition, offset, is_keyed);
                }
                if offset + 1 >= last.1 {
                    return Ok(());
                }
            }
            Next::End(_) => return Ok(()),
            Next::Refused(error) => return Err(error),
            Next::Nothing if heard.elapsed() > IDLE => {
                return Err(StoreError::new(
                    ErrorKind::Timeout,
                    "looking for records of aborted transactions",
                ));
            }
            Next::Nothing => {}
        }
    }
}

impl Hidden {
    fn add(&mut self, partition: i32, offset: i64, is_keyed: bool) {
        self.records += 1;
        if is_keyed {
            self.places.insert((self.keyed as usize).min(self.places.len()), (partition, offset));
            self.keyed += 1;
        } else {
            self.places.push((partition, offset));
        }
        self.places.truncate(NAMED);
    }

    /// Adds what was found in other partitions.
    pub fn join(&mut self, other: Self) {
        self.places.extend(other.places);
        self.places.truncate(NAMED);
        self.records += other.records;
        self.keyed += other.keyed;
        self.more |= other.more;
    }

    /// What a reader must know; nothing where there is nothing.
    pub fn note(&self) -> Option<String> {
        if self.records == 0 {
            return None;
        }
        let places: Vec<String> = self.places.iter().map(|(p, offset)| format!("p{p}@{offset}")).collect();
        let rest = if self.records > self.places.len() as u64 { ", …" } else { "" };
        let least = if self.more { "at least " } else { "" };
        let keyed = if self.keyed > 0 {
            format!("; {} of them hold what was searched for", self.keyed)
        } else {
            String::new()
        };
        Some(format!(
            "not delivered: {least}{} records of transactions that were aborted or are still open ({}{rest}){keyed}",
            self.records,
            places.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_gaps_are_one_stretch() {
        let (a, b) = (vec![(3, 5), (8, 9), (9_000, 9_001)], vec![(1, 2)]);
        let (found, more) = stretches([(0, &a), (1, &b)].into_iter());
        assert_eq!(found, [(0, vec![(3, 5), (8, 9)]), (0, vec![(9_000, 9_001)]), (1, vec![(1, 2)])]);
        assert!(!more);
    }

    #[test]
    fn those_with_a_key_are_named_first() {
        let mut hidden = Hidden::default();
        assert_eq!(hidden.note(), None);
        for (offset, is_keyed) in [(1, false), (2, false), (3, true), (4, false), (5, true)] {
            hidden.add(0, offset, is_keyed);
        }
        let note = hidden.note().unwrap();
        assert!(note.contains("5 records") && note.contains("(p0@3, p0@5, p0@1, …); 2 of them"), "{note}");
    }
}
