//! What was searched of each topic, and what was not.

use crate::client::{At, Client, Place};
use crate::hidden::Hidden;
use crate::narrow::LeftOut;
use crate::plan::{Plan, Planned};
use crate::read::{Partitions, Read, Seen, Source};
use std::collections::{BTreeMap, BTreeSet};
use waylaid_model::{Coverage, Status, Timestamp};

/// Partitions listed one by one; of more, only the outer bounds are given.
const LISTED: usize = 12;
/// What is said of payloads that stay bytes.
const UNKNOWN: &str = "are of schemas that are not to be had: their texts are searched, their fields are not";
/// Troubles named one by one; more are counted.
const NAMED: usize = 3;

/// A line for each topic that was asked for, sorted by name.
pub fn lines(source: Source<'_>, plan: &Plan, read: &Read) -> Vec<Coverage> {
    let gone = deleted_meanwhile(source.client, plan, read);
    let lines = plan.topics.iter().map(|topic| line(source.store, topic, read, &gone));
    let mut lines: Vec<Coverage> = lines.chain(missing(source.store, plan)).collect();
    for line in &mut lines {
        // Why schemas are not to be had is the registry's to say.
        if let (Some(why), true) = (source.decoder.trouble(), line.note.contains(UNKNOWN)) {
            line.note = format!("{} ({why})", line.note);
        }
    }
    lines.sort_by(|a, b| a.target.cmp(&b.target));
    lines
}

/// A line for each topic that was asked for and is not there.
pub fn missing(store: &str, plan: &Plan) -> impl Iterator<Item = Coverage> {
    plan.missing.iter().map(move |name| {
        Coverage::new(store, name, Status::NotConfigured).with_note("the cluster has no such topic")
    })
}

/// Where records begin now, of partitions whose first records were not seen: retention may have taken them.
fn deleted_meanwhile(client: &Client, plan: &Plan, read: &Read) -> BTreeMap<Place, i64> {
    let mut late = Vec::new();
    for topic in &plan.topics {
        for range in &topic.ranges {
            let place = (topic.name.clone(), range.partition);
            let Some(seen) = read.partitions.get(&place) else { continue };
            if range.len() > 0 && seen.span.is_none_or(|(first, _)| first > range.start) {
                late.push(place);
            }
        }
    }
    client.offsets(&late, At::Start).unwrap_or_default()
}

fn line(store: &str, topic: &Planned, read: &Read, gone: &BTreeMap<Place, i64>) -> Coverage {
    let sum = Sum::of(topic, &read.partitions, gone);
    let status = if topic.trouble.is_some() || (!sum.troubles.is_empty() && sum.seen.scanned == 0) {
        Status::Failed
    } else if !sum.troubles.is_empty() {
        Status::Partial
    } else if topic.is_empty() {
        Status::Empty
    } else {
        Status::Searched
    };
    let mut notes: Vec<String> = topic.trouble.iter().cloned().collect();
    notes.extend(shortened(sum.troubles));
    notes.extend(sum.notes);
    notes.extend(topic.left_out.as_ref().map(LeftOut::note));
    notes.extend(read.hidden.get(&topic.name).and_then(Hidden::note));
    let mut line = Coverage::new(store, topic.name.as_str(), status).with_note(notes.join("; "));
    line.range = range(&sum.spans, sum.seen.times);
    line.scanned = sum.seen.scanned;
    line.matched = sum.seen.matched;
    line
}

/// One topic over its partitions.
#[derive(Default)]
struct Sum {
    seen: Seen,
    spans: Vec<(i32, i64, i64)>,
    troubles: Vec<String>,
    notes: Vec<String>,
}

impl Sum {
    fn of(topic: &Planned, read: &Partitions, gone: &BTreeMap<Place, i64>) -> Self {
        let mut sum = Self::default();
        for partition in &topic.silent {
            sum.troubles.push(format!("p{partition} does not answer"));
        }
        let mut same: BTreeMap<String, BTreeSet<i32>> = BTreeMap::new();
        for range in &topic.ranges {
            let place = (topic.name.clone(), range.partition);
            let Some(seen) = read.get(&place) else { continue };
            sum.add(range.partition, seen);
            if let Some(trouble) = &seen.trouble {
                same.entry(trouble.clone()).or_default().insert(range.partition);
            }
            if let Some(start) = gone.get(&place).filter(|start| **start > range.start) {
                let until = (*start).min(range.end) - 1;
                sum.troubles
                    .push(format!("p{}: {}-{until} deleted while it was read", range.partition, range.start));
            }
        }
        for (trouble, partitions) in same {
            let named: Vec<String> = partitions.iter().map(|p| format!("p{p}")).collect();
            sum.troubles.push(format!("{} not read to the end: {trouble}", shortened(named).join(", ")));
        }
        if topic.ranges.iter().any(|range| range.is_cut) {
            sum.notes.push(
                "records delivered over an hour after their own time, behind the window, were not looked at"
                    .to_owned(),
            );
        }
        if sum.seen.unknown > 0 {
            sum.notes.push(format!("{} records {UNKNOWN}", sum.seen.unknown));
        }
        if sum.seen.scanned > 0 && sum.seen.times.is_none() {
            sum.notes.push("its records have no times".to_owned());
        }
        sum
    }

    fn add(&mut self, partition: i32, seen: &Seen) {
        self.seen.scanned += seen.scanned;
        self.seen.matched += seen.matched;
        self.seen.unknown += seen.unknown;
        if let Some((first, last)) = seen.span {
            self.spans.push((partition, first, last));
        }
        if let Some((first, last)) = seen.times {
            let (from, to) = self.seen.times.unwrap_or((first, last));
            self.seen.times = Some((from.min(first), to.max(last)));
        }
    }
}

/// The first few, and how many more there are.
fn shortened(mut notes: Vec<String>) -> Vec<String> {
    let more = notes.len().saturating_sub(NAMED);
    notes.truncate(NAMED);
    if more > 0 {
        notes.push(format!("and {more} more"));
    }
    notes
}

/// `p0: 12-99, p1: 5-80`, and the times.
fn range(spans: &[(i32, i64, i64)], times: Option<(Timestamp, Timestamp)>) -> String {
    let offsets = if spans.len() <= LISTED {
        let one = |(partition, first, last): &(i32, i64, i64)| format!("p{partition}: {first}-{last}");
        spans.iter().map(one).collect::<Vec<_>>().join(", ")
    } else {
        let first = spans.iter().map(|(_, first, _)| *first).min().unwrap_or(0);
        let last = spans.iter().map(|(_, _, last)| *last).max().unwrap_or(0);
        format!("{} partitions, offsets {first}-{last}", spans.len())
    };
    match times {
        Some((first, last)) => format!("{offsets}; {first} .. {last}"),
        None => offsets,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Range;

    fn topic(ranges: Vec<Range>) -> Planned {
        Planned { name: "t".into(), ranges, silent: Vec::new(), trouble: None, left_out: None }
    }

    fn read(seen: Seen) -> Read {
        Read { partitions: Partitions::from([(("t".to_owned(), 0), seen)]), ..Read::default() }
    }

    fn whole(partition: i32, start: i64, end: i64) -> Range {
        Range { partition, start, end, is_cut: false }
    }

    #[test]
    fn an_unreadable_topic_is_not_an_empty_one() {
        let none = BTreeMap::new();
        assert_eq!(line("s", &topic(vec![whole(0, 5, 5)]), &Read::default(), &none).status, Status::Empty);
        let refused = Planned { trouble: Some("refused".into()), ..topic(vec![]) };
        assert_eq!(line("s", &refused, &Read::default(), &none).status, Status::Failed);
        let silent = Planned { silent: vec![1], ..topic(vec![whole(0, 0, 9)]) };
        assert_eq!(line("s", &silent, &Read::default(), &none).status, Status::Failed);
        let seen = Seen { scanned: 4, span: Some((0, 8)), ..Seen::default() };
        let read = read(seen);
        let partial = line("s", &silent, &read, &none);
        assert_eq!((partial.status, partial.range.as_str()), (Status::Partial, "p0: 0-8"));
    }

    #[test]
    fn what_retention_took_meanwhile_is_told() {
        let time = Timestamp::default();
        let seen = Seen { scanned: 1, span: Some((7, 7)), times: Some((time, time)), ..Seen::default() };
        let read = read(seen);
        let gone = BTreeMap::from([(("t".to_owned(), 0), 6)]);
        let line = line("s", &topic(vec![whole(0, 2, 8)]), &read, &gone);
        assert_eq!((line.status, line.note.as_str()), (Status::Partial, "p0: 2-5 deleted while it was read"));
    }
}
