//! What a sweep does with a block of records.

use super::TopicFile;
use super::envelope;
use super::index::FileIndex;
use crate::blocks::{Block, EVENT_LIMIT};
use crate::events::{EveryLine, line_at, line_start, next_event};
use crate::sampling::sample_positions;
use crate::search::{Search, keys_of};
use crate::sweep::{Sweep, lock};
use memchr::memmem;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use waylaid_model::{Record, Reference};
use waylaid_store::{Context, RecordHit, RecordQuery, StoreError};

/// Records of one file that are worked on before asking whether to stop.
const CHECK_EVERY: usize = 256;

/// What was delivered of one file.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    /// Records delivered, by topic.
    pub delivered: BTreeMap<String, u64>,
    /// Records delivered without the end of their payload.
    pub cut: u64,
    /// Lines that looked like records and were none.
    pub malformed: u64,
}

/// A query under way.
pub(super) struct TopicSweep<'a> {
    store: &'a str,
    files: &'a [&'a TopicFile],
    /// What is known of a file already; the others are indexed on the way.
    known: Vec<Option<Arc<FileIndex>>>,
    query: &'a RecordQuery,
    context: &'a Context,
    sink: &'a (dyn Fn(RecordHit) + Sync),
    search: Option<Search>,
    found: Vec<Mutex<(FileIndex, Counts)>>,
    /// Positions of the first records of each key, a file each.
    first: Vec<Mutex<HashMap<u32, Vec<u64>>>>,
}

impl<'a> TopicSweep<'a> {
    /// Prepares the search.
    pub fn new(
        store: &'a str,
        files: &'a [&'a TopicFile],
        known: Vec<Option<Arc<FileIndex>>>,
        query: &'a RecordQuery,
        context: &'a Context,
        sink: &'a (dyn Fn(RecordHit) + Sync),
    ) -> Self {
        let keys = query.select.keys.as_ref().filter(|keys| !keys.is_empty());
        let found = files.iter().map(|_| Mutex::default()).collect();
        let first = files.iter().map(|_| Mutex::default()).collect();
        Self { store, files, known, query, context, sink, search: keys.map(Search::new), found, first }
    }

    /// Index and counts, a file each.
    pub fn into_results(self) -> (Vec<Arc<FileIndex>>, Vec<Counts>) {
        let found = self.found.into_iter().map(|f| f.into_inner().unwrap_or_else(PoisonError::into_inner));
        let join = |(known, (index, counts)): (Option<Arc<FileIndex>>, (FileIndex, Counts))| {
            (known.unwrap_or_else(|| Arc::new(index)), counts)
        };
        self.known.into_iter().zip(found).map(join).unzip()
    }

    /// The starts of lines that are wanted, in order, and whether they are of the sample.
    fn find(&self, part: usize, block: &Block, hits: &[(usize, u32)]) -> Vec<(usize, bool)> {
        let text = block.body();
        if self.query.select.all {
            let newlines = memchr::memchr_iter(b'\n', text).map(|newline| newline + 1);
            let starts = std::iter::once(0).chain(newlines).filter(|start| *start < text.len());
            return starts.map(|start| (start, false)).collect();
        }
        let mut starts: Vec<(usize, bool)> = Vec::new();
        let mut end = 0;
        for (at, _) in hits {
            if *at >= end {
                starts.push((line_start(text, *at), false));
                end = next_event(&EveryLine, text, *at);
            }
        }
        if let Some(count) = self.query.select.sample {
            let sample = sample_positions(&EveryLine, block, self.files[part].entry.bytes, count);
            starts.extend(sample.into_iter().map(|start| (start, true)));
            starts.sort_unstable_by_key(|(start, sampled)| (*start, !sampled));
            starts.dedup_by_key(|(start, _)| *start);
        }
        starts
    }

    fn deliver(&self, record: Record, keys: Vec<u32>, sampled: bool, counts: &mut Counts) {
        let is_wanted = self.query.topics.as_ref().is_none_or(|topics| topics.contains(&record.topic));
        let in_window = record.time.is_none_or(|time| self.query.window.contains(time));
        let is_chosen = self.query.select.all || sampled || !self.query.by_key;
        if !is_wanted || !in_window || !(is_chosen || self.is_own_key(&record)) {
            return;
        }
        *counts.delivered.entry(record.topic.clone()).or_default() += 1;
        let at = Reference::Record {
            store: self.store.to_owned(),
            topic: record.topic.clone(),
            partition: record.partition,
            offset: record.offset,
        };
        (self.sink)(RecordHit { at, record, keys, sampled });
    }

    /// Whether a record's own key is one of those that are looked for.
    fn is_own_key(&self, record: &Record) -> bool {
        let keys = self.query.select.keys.as_ref();
        keys.zip(record.key.as_deref()).is_some_and(|(keys, key)| keys.get(key).is_some())
    }

    /// Whether the record at a position of its file holds a single key of which enough came before it.
    fn has_enough(&self, part: usize, line: &[u8], keys: &[u32], position: u64) -> bool {
        let first = self.query.first.filter(|_| !self.query.by_key);
        let (Some(count), [key]) = (first, keys) else { return false };
        if envelope::head(line).is_none_or(|head| head.topic.is_some_and(|t| t != self.files[part].topic)) {
            return false;
        }
        let mut first = lock(&self.first[part]);
        let first = first.entry(*key).or_default();
        let at = first.partition_point(|p| *p < position);
        if at >= count {
            return true;
        }
        first.insert(at, position);
        first.truncate(count);
        false
    }

    /// A record too long for a block: delivered with what is at hand of it.
    fn oversize(&self, part: usize, block: &Block, keys: &[u32], index: &mut FileIndex, counts: &mut Counts) {
        let text = block.body();
        let topic = self.files[part].topic.as_str();
        let Some(head) = envelope::head_of_beginning(text) else {
            counts.malformed += 1;
            return;
        };
        let name = head.topic.as_deref().unwrap_or(topic);
        if self.known[part].is_none() {
            index.see(name, &head);
        }
        let select = &self.query.select;
        let sampled = select.sample.is_some_and(|count| {
            !sample_positions(&EveryLine, block, self.files[part].entry.bytes, count).is_empty()
        });
        if !select.all && !sampled && keys.is_empty() {
            return;
        }
        let payload = memmem::find(text, b"\"payload\":").map_or(0, |at| at + b"\"payload\":".len());
        counts.cut += 1;
        let record = Record {
            topic: name.to_owned(),
            partition: head.partition,
            offset: head.offset,
            time: head.time,
            key: early_key(&text[..payload]),
            headers: Vec::new(),
            payload: Some(Value::String(String::from_utf8_lossy(&text[payload..]).into_owned())),
        };
        self.deliver(record, keys.to_vec(), sampled, counts);
    }
}

/// The key of a record whose line is not at hand as a whole.
fn early_key(beginning: &[u8]) -> Option<String> {
    let at = memmem::rfind(beginning, b"\"key\":")? + b"\"key\":".len();
    let value =
        beginning[at..].trim_ascii().strip_suffix(b"\"payload\":")?.trim_ascii_end().strip_suffix(b",")?;
    match serde_json::from_slice(value).ok()? {
        Value::Null => None,
        Value::String(key) => Some(key),
        other => Some(other.to_string()),
    }
}

impl Sweep for TopicSweep<'_> {
    type Shape = EveryLine;

    fn shape(&self, _part: usize, _sample: &[u8]) -> EveryLine {
        EveryLine
    }

    fn search(&self, text: &[u8]) -> Vec<u32> {
        self.search.as_ref().map_or_else(Vec::new, |search| search.keys(text))
    }

    fn block(&self, part: usize, _shape: &EveryLine, block: &Block) -> Result<(), StoreError> {
        let text = block.body();
        let topic = self.files[part].topic.as_str();
        let mut counts = Counts::default();
        let mut index = FileIndex::default();
        if let Some(oversize) = &block.oversize {
            self.oversize(part, block, &oversize.keys, &mut index, &mut counts);
        } else {
            if self.known[part].is_none() {
                index = FileIndex::of(text, topic);
            }
            let hits = self.search.as_ref().map_or_else(Vec::new, |search| search.positions(text));
            let mut hits = hits.as_slice();
            for (number, (start, sampled)) in self.find(part, block, hits).into_iter().enumerate() {
                if number % CHECK_EVERY == 0 {
                    self.context.check("searching topics")?;
                }
                let line = line_at(text, start);
                let end = start + line.len();
                let (inside, rest) = hits.split_at(hits.partition_point(|(at, _)| *at < end));
                hits = rest;
                let keys = keys_of(inside);
                let enough = || self.has_enough(part, line, &keys, block.offset + start as u64);
                if line.trim_ascii().is_empty() || (!sampled && enough()) {
                    continue;
                }
                match envelope::record(line, topic) {
                    Some(record) => self.deliver(record, keys, sampled, &mut counts),
                    None => counts.malformed += u64::from(envelope::head(line).is_some()),
                }
            }
        }
        let mut found = lock(&self.found[part]);
        found.0.join(&index);
        found.1.join(counts);
        Ok(())
    }
}

impl Counts {
    fn join(&mut self, other: Self) {
        for (topic, count) in other.delivered {
            *self.delivered.entry(topic).or_default() += count;
        }
        self.cut += other.cut;
        self.malformed += other.malformed;
    }
}

/// What is delivered of a payload at most, where the record is too long for a block.
const _: () = assert!(EVENT_LIMIT <= crate::blocks::BLOCK);
