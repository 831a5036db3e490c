//! Which topics, partitions, offsets and times a file of records holds.

use super::envelope;
use std::collections::BTreeMap;
use waylaid_model::Timestamp;

/// A file's contents in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FileIndex {
    /// By topic.
    pub topics: BTreeMap<String, Held>,
    /// Lines that are no record.
    pub malformed: u64,
}

/// What there is of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    /// By partition.
    pub partitions: BTreeMap<i32, Span>,
    /// First and last time.
    pub times: Option<(Timestamp, Timestamp)>,
}

/// Offsets of one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// First offset there is.
    pub first: i64,
    /// Last offset there is.
    pub last: i64,
    /// How many records.
    pub records: u64,
}

impl Span {
    fn join(&mut self, other: Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.records += other.records;
    }
}

impl Held {
    /// Number of records.
    pub fn records(&self) -> u64 {
        self.partitions.values().map(|span| span.records).sum()
    }

    /// Adds what was found elsewhere.
    pub fn join(&mut self, other: &Self) {
        for (partition, span) in &other.partitions {
            self.partitions.entry(*partition).and_modify(|known| known.join(*span)).or_insert(*span);
        }
        self.times = match (self.times, other.times) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
    }

    fn see(&mut self, partition: i32, offset: i64, time: Option<Timestamp>) {
        let span = Span { first: offset, last: offset, records: 1 };
        self.partitions.entry(partition).and_modify(|known| known.join(span)).or_insert(span);
        if let Some(time) = time {
            self.times = Some(self.times.map_or((time, time), |(a, b)| (a.min(time), b.max(time))));
        }
    }
}

impl FileIndex {
    /// The index of some lines.
    pub fn of(text: &[u8], file_topic: &str) -> Self {
        let mut index = Self::default();
        let mut current: Option<(String, Held)> = None;
        for line in text.split(|b| *b == b'\n') {
            let line = line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            let Some(head) = envelope::head(line) else {
                index.malformed += 1;
                continue;
            };
            let topic = head.topic.as_deref().unwrap_or(file_topic);
            match &mut current {
                Some((name, held)) if name == topic => held.see(head.partition, head.offset, head.time),
                _ => {
                    index.put(current.take());
                    let mut held = Held::default();
                    held.see(head.partition, head.offset, head.time);
                    current = Some((topic.to_owned(), held));
                }
            }
        }
        index.put(current);
        index
    }

    /// Adds one record.
    pub fn see(&mut self, topic: &str, head: &envelope::Head<'_>) {
        let mut held = Held::default();
        held.see(head.partition, head.offset, head.time);
        self.put(Some((topic.to_owned(), held)));
    }

    fn put(&mut self, held: Option<(String, Held)>) {
        if let Some((topic, held)) = held {
            self.topics.entry(topic).or_default().join(&held);
        }
    }

    /// Adds what was found in another stretch.
    pub fn join(&mut self, other: &Self) {
        self.malformed += other.malformed;
        for (topic, held) in &other.topics {
            self.topics.entry(topic.clone()).or_default().join(held);
        }
    }

    /// Whether the record may be here.
    pub fn may_hold(&self, topic: &str, partition: i32, offset: i64) -> bool {
        let span = self.topics.get(topic).and_then(|held| held.partitions.get(&partition));
        span.is_some_and(|span| (span.first..=span.last).contains(&offset))
    }
}
