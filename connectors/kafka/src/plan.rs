//! Which offsets of which partitions a query needs.

use crate::catalog;
use crate::client::{At, Client, Listed};
use crate::narrow::LeftOut;
use std::collections::{BTreeMap, BTreeSet};
use waylaid_model::Timestamp;
use waylaid_store::{Context, RecordQuery, StoreError};

/// Producers stamp records and deliver them later: how much later is still looked for behind the end of a window.
pub const LATE_MILLIS: i64 = 3_600_000;

/// The offsets `start..end` of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// Partition.
    pub partition: i32,
    /// First offset wanted.
    pub start: i64,
    /// The offset behind the last one wanted.
    pub end: i64,
    /// Whether the window ends before the partition does.
    pub is_cut: bool,
}

impl Range {
    /// As much of it as is asked for.
    fn within(mut self, offsets: Option<&std::ops::Range<i64>>) -> Self {
        if let Some(offsets) = offsets {
            self.start = self.start.max(offsets.start);
            self.end = self.end.min(offsets.end).max(self.start);
        }
        self
    }

    /// How many offsets that are; some of them may hold no record.
    pub fn len(&self) -> u64 {
        u64::try_from(self.end.saturating_sub(self.start)).unwrap_or(0)
    }
}

/// A topic to be read.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Name.
    pub name: String,
    /// Partitions with what is wanted of them, sorted.
    pub ranges: Vec<Range>,
    /// Partitions that do not answer.
    pub silent: Vec<i32>,
    /// Why it cannot be read, where it cannot.
    pub trouble: Option<String>,
    /// Partitions that are not read because they cannot hold what is looked for.
    pub left_out: Option<LeftOut>,
}

impl Planned {
    fn new(name: String) -> Self {
        Self { name, ranges: Vec::new(), silent: Vec::new(), trouble: None, left_out: None }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        let left = self.left_out.iter().flat_map(|left| &left.ranges);
        self.ranges.iter().chain(left).all(|range| range.len() == 0)
    }
}

/// Everything to be read.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Topics, sorted by name.
    pub topics: Vec<Planned>,
    /// Topics that were asked for and are not there.
    pub missing: Vec<String>,
}

/// Looks the offsets of a query up.
pub fn make(client: &Client, query: &RecordQuery, context: &Context) -> Result<Plan, StoreError> {
    let mut topics = catalog::topics(client)?;
    let mut plan = Plan::default();
    if let Some(wanted) = &query.topics {
        topics.retain(|topic| wanted.contains(&topic.name));
        let there: BTreeSet<&String> = topics.iter().map(|t| &t.name).collect();
        let missing: BTreeSet<&String> = wanted.iter().filter(|name| !there.contains(name)).collect();
        plan.missing = missing.into_iter().cloned().collect();
    }
    context.check("searching topics")?;
    let places = catalog::places(&topics);
    let from = query.window.from.map_or(At::Start, |time| At::Millis(millis_up(time)));
    let starts = client.offsets(&places, from)?;
    let mut ends = client.offsets(&places, At::End)?;
    let mut cut = BTreeSet::new();
    if let Some(until) = query.window.until {
        for (place, end) in
            client.offsets(&places, At::Millis(millis_up(until).saturating_add(LATE_MILLIS)))?
        {
            if ends.get(&place).is_some_and(|whole| end < *whole) {
                cut.insert(place.clone());
                ends.insert(place, end);
            }
        }
    }
    let planned = |topic: Listed| {
        let mut planned = Planned { trouble: topic.trouble, ..Planned::new(topic.name) };
        for partition in topic.partitions.into_iter().filter(|p| query.partition.is_none_or(|one| one == *p))
        {
            let place = (planned.name.clone(), partition);
            match (starts.get(&place), ends.get(&place)) {
                (Some(start), Some(end)) => {
                    let is_cut = cut.contains(&place);
                    let range = Range { partition, start: *start, end: *start.max(end), is_cut };
                    planned.ranges.push(range.within(query.offsets.as_ref()));
                }
                _ => planned.silent.push(partition),
            }
        }
        planned
    };
    plan.topics = topics.into_iter().map(planned).collect();
    Ok(plan)
}

/// The first whole millisecond that is not before a time: brokers count in those.
fn millis_up(time: Timestamp) -> i64 {
    let millis = time.millis();
    if Timestamp::from_millis(millis) < time { millis.saturating_add(1) } else { millis }
}

/// Partitions that one thread reads together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Ordinal of the topic in the plan.
    pub topic: usize,
    /// What is read of it.
    pub ranges: Vec<Range>,
}

impl Task {
    fn len(&self) -> u64 {
        self.ranges.iter().map(Range::len).sum()
    }
}

/// A topic that is smaller is not worth a second thread.
const SMALL: u64 = 20_000;

impl Plan {
    /// Whether something is left out.
    pub fn is_narrowed(&self) -> bool {
        self.topics.iter().any(|topic| topic.left_out.is_some())
    }

    /// A plan of what was left out.
    pub fn take_left_out(&mut self) -> Self {
        let left = self.topics.iter_mut().filter_map(|topic| {
            Some(Planned { ranges: topic.left_out.take()?.ranges, ..Planned::new(topic.name.clone()) })
        });
        Self { topics: left.collect(), missing: Vec::new() }
    }

    /// Adds what is read of topics beside what was planned.
    pub fn join(&mut self, other: Self) {
        for more in other.topics {
            if let Some(topic) = self.topics.iter_mut().find(|topic| topic.name == more.name) {
                topic.ranges.extend(more.ranges.iter().cloned());
                topic.ranges.sort_by_key(|range| range.partition);
            }
        }
    }

    /// Divides the work for so many threads, the largest pieces first.
    pub fn tasks(&self, threads: usize) -> Vec<Task> {
        let mut tasks = Vec::new();
        for (topic, planned) in self.topics.iter().enumerate() {
            let mut ranges: Vec<Range> = planned.ranges.iter().filter(|r| r.len() > 0).cloned().collect();
            ranges.sort_by_key(|range| (std::cmp::Reverse(range.len()), range.partition));
            let total: u64 = ranges.iter().map(Range::len).sum();
            let parts = if total < SMALL { 1 } else { threads.clamp(1, ranges.len().max(1)) };
            // Each range goes to the part that has least to do so far.
            let mut shares: BTreeMap<(u64, usize), Vec<Range>> =
                (0..parts).map(|n| ((0, n), Vec::new())).collect();
            for range in ranges {
                let Some(((load, part), mut share)) = shares.pop_first() else { break };
                let load = load + range.len();
                share.push(range);
                shares.insert((load, part), share);
            }
            tasks.extend(shares.into_values().filter(|s| !s.is_empty()).map(|ranges| Task { topic, ranges }));
        }
        tasks.sort_by_key(|task| std::cmp::Reverse(task.len()));
        tasks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(partition: i32, start: i64, end: i64) -> Range {
        Range { partition, start, end, is_cut: false }
    }

    fn topic(name: &str, ranges: Vec<Range>) -> Planned {
        Planned { ranges, ..Planned::new(name.into()) }
    }

    #[test]
    fn work_is_divided_evenly_and_completely() {
        let ranges = vec![range(0, 0, 50_000), range(1, 0, 30_000), range(2, 0, 25_000), range(3, 7, 7)];
        let plan =
            Plan { topics: vec![topic("a", vec![range(0, 3, 5)]), topic("b", ranges)], missing: vec![] };
        let tasks = plan.tasks(2);
        let shape: Vec<(usize, Vec<i32>)> =
            tasks.iter().map(|t| (t.topic, t.ranges.iter().map(|r| r.partition).collect())).collect();
        assert_eq!(shape, [(1, vec![1, 2]), (1, vec![0]), (0, vec![0])]);
        assert_eq!(plan.tasks(1).len(), 2);
        assert!(Plan::default().tasks(4).is_empty());
    }

    #[test]
    fn of_a_range_only_what_is_asked_for_is_read() {
        let read = |from, to| range(0, 10, 20).within(Some(&(from..to)));
        assert_eq!((read(12, 15), read(0, 99)), (range(0, 12, 15), range(0, 10, 20)));
        assert_eq!((read(0, 5).len(), read(25, 30).len(), read(15, 12).len()), (0, 0, 0));
        assert_eq!(range(0, 10, 20).within(None), range(0, 10, 20));
    }

    #[test]
    fn a_window_begins_with_a_whole_millisecond() {
        assert_eq!(millis_up(Timestamp(5_000_000)), 5);
        assert_eq!(millis_up(Timestamp(5_000_001)), 6);
        assert_eq!(millis_up(Timestamp(i64::MIN)), Timestamp(i64::MIN).millis());
    }
}
