//! What was searched of each topic, and what was not.

use super::index::Held;
use super::{Folder, Searched, TopicFile};
use crate::names::topic_name;
use crate::sweep::Ending;
use std::collections::BTreeSet;
use waylaid_model::{Coverage, Status};
use waylaid_store::TopicInfo;

/// Partitions listed one by one; of more, only the outer bounds are given.
const LISTED: usize = 12;
/// Troubles named one by one; more are counted.
const NAMED: usize = 3;

/// A line for each topic that was asked for.
pub(super) fn lines(
    store: &str,
    folder: &Folder,
    topics: Option<&[String]>,
    files: &[&TopicFile],
    searched: &Searched,
) -> Vec<Coverage> {
    let held = searched.indexes.iter().flat_map(|index| index.topics.keys());
    let without = files.iter().zip(&searched.indexes).filter(|(_, index)| index.topics.is_empty());
    let named = without.map(|(file, _)| &file.topic);
    let names: BTreeSet<&String> = match topics {
        Some(topics) => topics.iter().collect(),
        None => folder.metadata.topics.keys().chain(held).chain(named).collect(),
    };
    let line = |topic: &String| {
        let mut sum = Sum::default();
        for (part, file) in files.iter().enumerate() {
            sum.add(topic, file, part, searched);
        }
        let is_its = |name: &str| topic_name(name).as_deref() == Some(topic);
        for (name, why) in folder.problems.iter().filter(|(name, _)| is_its(name)) {
            sum.troubles.push(format!("{name}: {why}"));
        }
        sum.into_coverage(store, topic, folder.metadata.topics.get(topic))
    };
    names.into_iter().map(line).collect()
}

/// One topic over all files.
#[derive(Default)]
struct Sum {
    held: Held,
    matched: u64,
    cut: u64,
    files: usize,
    unreadable: usize,
    troubles: Vec<String>,
}

impl Sum {
    fn add(&mut self, topic: &str, file: &TopicFile, part: usize, searched: &Searched) {
        let (index, counts) = (&searched.indexes[part], &searched.counts[part]);
        if let Some(found) = index.topics.get(topic) {
            self.held.join(found);
        } else if file.topic != topic {
            return;
        }
        self.files += 1;
        self.matched += counts.delivered.get(topic).copied().unwrap_or(0);
        self.cut += counts.cut;
        let name = &file.entry.name;
        let malformed = index.malformed + counts.malformed;
        if malformed > 0 {
            self.troubles.push(format!("{name}: {malformed} lines are no records"));
        }
        match &searched.report.endings[part] {
            Ending::Complete => {}
            Ending::Stopped => {
                let why = searched.report.stopped.as_ref().map_or_else(String::new, ToString::to_string);
                self.troubles.push(format!("{name} not searched to its end: {why}"));
            }
            Ending::Unreadable(why) => {
                self.unreadable += 1;
                self.troubles.push(format!("{name} could not be read ({why})"));
            }
            Ending::BrokenOff(why) => self.troubles.push(format!("{name} ends early ({why})")),
        }
    }

    fn into_coverage(mut self, store: &str, topic: &str, info: Option<&TopicInfo>) -> Coverage {
        if self.files == 0 && info.is_none() {
            let status = if self.troubles.is_empty() { Status::NotConfigured } else { Status::Failed };
            self.troubles.push("no file holds this topic".to_owned());
            return Coverage::new(store, topic, status).with_note(self.troubles.join("; "));
        }
        let (lacks, is_incomplete) = info.map_or((None, false), |info| lacking(info, &self.held));
        let status = if self.unreadable > 0 && self.held.records() == 0 {
            Status::Failed
        } else if !self.troubles.is_empty() || is_incomplete {
            Status::Partial
        } else if self.held.records() == 0 {
            Status::Empty
        } else {
            Status::Searched
        };
        let mut notes = shortened(self.troubles);
        notes.extend(lacks);
        if self.held.records() > 0 && self.held.times.is_none() {
            notes.push("its records have no times".to_owned());
        }
        if self.cut > 0 {
            notes.push(format!("{} records over 2 MiB delivered without the end of their payload", self.cut));
        }
        let mut coverage = Coverage::new(store, topic, status).with_note(notes.join("; "));
        coverage.range = range(&self.held);
        coverage.scanned = self.held.records();
        coverage.matched = self.matched;
        coverage
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

/// What the topic held by its metadata and the files lack, and whether that is more than compaction explains.
fn lacking(info: &TopicInfo, held: &Held) -> (Option<String>, bool) {
    let span = |p: &waylaid_store::PartitionInfo| p.end.saturating_sub(p.start).max(0);
    let expected = info.partitions.iter().map(span).fold(0, i64::saturating_add);
    if held.records() == 0 {
        let note = (expected > 0).then(|| format!("{expected} records not in the bundle"));
        return (note, expected > 0);
    }
    let compacts = info.config.iter().any(|(k, v)| k == "cleanup.policy" && v.contains("compact"));
    let mut notes = Vec::new();
    let mut is_incomplete = false;
    for partition in info.partitions.iter().filter(|p| p.end > p.start) {
        let number = partition.partition;
        match held.partitions.get(&number) {
            None => {
                notes.push(format!("p{number}: none of {}-{}", partition.start, partition.end - 1));
                is_incomplete |= !compacts;
            }
            Some(span) if span.first > partition.start && !compacts => {
                notes.push(format!("p{number}: {}-{}", partition.start, span.first - 1));
            }
            Some(_) => {}
        }
    }
    let notes = shortened(notes);
    ((!notes.is_empty()).then(|| format!("not in the bundle: {}", notes.join(", "))), is_incomplete)
}

/// `p0: 12-99, p1: 5-80`, and the times.
fn range(held: &Held) -> String {
    let offsets = if held.partitions.len() <= LISTED {
        let one = |(partition, span): (&i32, &super::index::Span)| {
            format!("p{partition}: {}-{}", span.first, span.last)
        };
        held.partitions.iter().map(one).collect::<Vec<_>>().join(", ")
    } else {
        let first = held.partitions.values().map(|s| s.first).min().unwrap_or(0);
        let last = held.partitions.values().map(|s| s.last).max().unwrap_or(0);
        format!("{} partitions, offsets {first}-{last}", held.partitions.len())
    };
    match held.times {
        Some((first, last)) => format!("{offsets}; {first} .. {last}"),
        None => offsets,
    }
}
