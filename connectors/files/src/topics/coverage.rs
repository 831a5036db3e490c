//! What was searched of each topic, and what was not.

use super::index::Held;
use super::{Folder, Searched, TopicFile};
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
    let names: BTreeSet<&String> = match topics {
        Some(topics) => topics.iter().collect(),
        None => {
            let held = searched.indexes.iter().flat_map(|index| index.topics.keys());
            let named = files.iter().zip(&searched.indexes).filter(|(_, index)| index.topics.is_empty());
            folder.metadata.topics.keys().chain(held).chain(named.map(|(file, _)| &file.topic)).collect()
        }
    };
    names.into_iter().map(|topic| line(store, folder, topic, files, searched)).collect()
}

fn line(store: &str, folder: &Folder, topic: &str, files: &[&TopicFile], searched: &Searched) -> Coverage {
    let mut held = Held::default();
    let (mut matched, mut has_file, mut unreadable) = (0, false, 0);
    let mut troubles = Vec::new();
    for (part, file) in files.iter().enumerate() {
        let (index, counts) = (&searched.indexes[part], &searched.counts[part]);
        if let Some(found) = index.topics.get(topic) {
            held.join(found);
        } else if file.topic != topic {
            continue;
        }
        has_file = true;
        matched += counts.delivered.get(topic).copied().unwrap_or(0);
        let name = &file.entry.name;
        let malformed = index.malformed + counts.malformed;
        if malformed > 0 {
            troubles.push(format!("{name}: {malformed} lines are no records"));
        }
        match &searched.report.endings[part] {
            Ending::Complete => {}
            Ending::Stopped => {
                let why = searched.report.stopped.as_ref().map_or_else(String::new, ToString::to_string);
                troubles.push(format!("{name} not searched to its end: {why}"));
            }
            Ending::Unreadable(why) => {
                unreadable += 1;
                troubles.push(format!("{name} could not be read ({why})"));
            }
            Ending::BrokenOff(why) => troubles.push(format!("{name} ends early ({why})")),
        }
    }
    for (name, why) in
        folder.problems.iter().filter(|(name, _)| crate::names::topic_name(name).as_deref() == Some(topic))
    {
        troubles.push(format!("{name}: {why}"));
    }
    let info = folder.metadata.topics.get(topic);
    if !has_file && info.is_none() {
        let status = if troubles.is_empty() { Status::NotConfigured } else { Status::Failed };
        troubles.push("no file holds this topic".to_owned());
        return Coverage::new(store, topic, status).with_note(troubles.join("; "));
    }
    let cut =
        files.iter().enumerate().filter(|(_, f)| f.topic == topic).map(|(part, _)| searched.counts[part].cut);
    let (lacks, is_incomplete) = info.map_or((None, false), |info| lacking(info, &held));
    let status = if unreadable > 0 && held.records() == 0 {
        Status::Failed
    } else if !troubles.is_empty() || is_incomplete {
        Status::Partial
    } else if held.records() == 0 {
        Status::Empty
    } else {
        Status::Searched
    };
    let more = troubles.len().saturating_sub(NAMED);
    let mut notes: Vec<String> = troubles.into_iter().take(NAMED).chain(lacks).collect();
    if more > 0 {
        notes.push(format!("and {more} more"));
    }
    match cut.sum::<u64>() {
        0 => {}
        cut => notes.push(format!("{cut} records over 2 MiB delivered without the end of their payload")),
    }
    let mut coverage = Coverage::new(store, topic, status).with_note(notes.join("; "));
    coverage.range = range(&held);
    coverage.scanned = held.records();
    coverage.matched = matched;
    coverage
}

/// What the topic held by its metadata and the files lack, and whether that is more than compaction explains.
fn lacking(info: &TopicInfo, held: &Held) -> (Option<String>, bool) {
    let span = |p: &waylaid_store::PartitionInfo| p.end.saturating_sub(p.start).max(0);
    let expected: i64 = info.partitions.iter().map(span).sum();
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
    let more = notes.len().saturating_sub(NAMED);
    notes.truncate(NAMED);
    if more > 0 {
        notes.push(format!("and {more} more"));
    }
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
