//! The scan: partitions are read from where the plan says to where it says, some of them a thread, each record searched for all
//! keys at once. What is held in memory is what the driver has fetched ahead.

use crate::client::{Client, Fetched, Next, Place, Reader, Reading};
use crate::convert;
use crate::finder::Finder;
use crate::hidden::{self, Gap, Hidden, REMEMBERED};
use crate::plan::{Plan, Range, Task};
use crate::schema::{Decoded, Decoder};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use waylaid_model::{Reference, Timestamp};
use waylaid_store::{Context, ErrorKind, RecordHit, RecordQuery, StoreError};

/// How long the broker may say nothing before it is given up.
pub const IDLE: Duration = Duration::from_secs(20);
/// How long one look at the driver's queue may take; so soon is a cancelled scan over.
pub const LOOK: Duration = Duration::from_millis(100);
/// Records that are worked on before asking whether to stop.
const CHECK_EVERY: u64 = 256;
/// A partition with fewer offsets than this many times the sample is read whole.
const WHOLE: u64 = 16;
/// Connections to the cluster at once.
const READERS: usize = 8;

/// What was seen of one partition.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Records looked at.
    pub scanned: u64,
    /// Records delivered.
    pub matched: u64,
    /// First and last offset of a record.
    pub span: Option<(i64, i64)>,
    /// First and last time of a record.
    pub times: Option<(Timestamp, Timestamp)>,
    /// Why it was not read to its end.
    pub trouble: Option<String>,
    /// The first gaps in the offsets.
    pub gaps: Vec<Gap>,
    /// Records delivered whose schema is not to be had.
    pub unknown: u64,
}

/// What was seen of everything, by partition.
pub type Partitions = BTreeMap<Place, Seen>;

/// Where is read, under which name, and by what payloads become readable.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The store's name.
    pub store: &'a str,
    /// The cluster.
    pub client: &'a Client,
    /// What makes documents of payloads.
    pub decoder: &'a Decoder,
}

/// What was seen.
#[derive(Debug, Default)]
pub struct Read {
    /// Of each partition.
    pub partitions: Partitions,
    /// In the gaps, by topic.
    pub hidden: BTreeMap<String, Hidden>,
}

impl Read {
    /// Adds what was seen of other partitions.
    pub fn join(&mut self, other: Self) {
        self.partitions.extend(other.partitions);
        for (topic, hidden) in other.hidden {
            match self.hidden.entry(topic) {
                Entry::Vacant(place) => drop(place.insert(hidden)),
                Entry::Occupied(mut place) => place.get_mut().join(hidden),
            }
        }
    }
}

/// Runs a query.
pub fn run(
    source: Source<'_>,
    plan: &Plan,
    query: &RecordQuery,
    context: &Context,
    sink: &(dyn Fn(RecordHit) + Sync),
) -> Result<Read, StoreError> {
    let keys = query.select.keys.as_ref().filter(|keys| !keys.is_empty());
    let select = &query.select;
    if keys.is_none() && !select.all && select.sample.unwrap_or(0) == 0 {
        return Ok(Read::default());
    }
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(READERS);
    let tasks = plan.tasks(threads);
    let run = Run {
        source,
        plan,
        query,
        context,
        sink,
        finder: keys.map(|keys| Finder::new(keys, source.decoder)),
        tasks: Mutex::new(tasks.into_iter().rev().collect()),
        read: Mutex::default(),
        failed: Mutex::default(),
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| run.work());
        }
    });
    if let Some(error) = run.failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let partitions = run.read.into_inner().unwrap_or_else(PoisonError::into_inner);
    // What is not to be had here takes nothing from the answer.
    let hidden =
        hidden::look(source.client, plan, &partitions, run.finder.as_ref(), context).unwrap_or_default();
    Ok(Read { partitions, hidden })
}

/// The record at an offset, as an envelope; `None` where there is none.
pub fn one(
    (client, decoder): (&Client, &Decoder),
    topic: &str,
    partition: i32,
    offset: i64,
    context: &Context,
) -> Result<Option<String>, StoreError> {
    let topics = client.topics()?;
    let holds = topics.iter().any(|t| t.name == topic && t.partitions.contains(&partition));
    if !holds || offset < 0 {
        return Ok(None);
    }
    let reader = client.reader(Reading::Few)?;
    reader.assign(topic, &[(partition, offset)])?;
    let start = Instant::now();
    loop {
        context.check("looking a record up")?;
        match reader.next(LOOK) {
            Next::Record(fetched) if fetched.offset() == offset => {
                return Ok(Some(convert::envelope(topic, &fetched, decoder)));
            }
            Next::Record(_) | Next::End(_) => return Ok(None),
            Next::Refused(error) => return Err(error),
            Next::Nothing if start.elapsed() > IDLE => {
                return Err(StoreError::new(ErrorKind::Timeout, silence(&reader)));
            }
            Next::Nothing => {}
        }
    }
}

/// A query under way.
struct Run<'a> {
    source: Source<'a>,
    plan: &'a Plan,
    query: &'a RecordQuery,
    context: &'a Context,
    sink: &'a (dyn Fn(RecordHit) + Sync),
    finder: Option<Finder>,
    /// The largest last.
    tasks: Mutex<Vec<Task>>,
    read: Mutex<Partitions>,
    /// Cancelled: nothing of the answer is wanted.
    failed: Mutex<Option<StoreError>>,
}

/// A partition that is being read.
struct Open<'a> {
    range: &'a Range,
    seen: Seen,
    /// Offsets at which a record is wanted for the sample, the next one last.
    places: Vec<i64>,
    /// Whether all of it is read.
    is_whole: bool,
}

impl Open<'_> {
    /// Remembers a gap before an offset, if this is read whole.
    fn gap(&mut self, offset: i64) {
        let next = self.seen.span.map_or(self.range.start, |(_, last)| last + 1);
        if self.is_whole && next < offset && self.seen.gaps.len() < REMEMBERED {
            self.seen.gaps.push((next, offset));
        }
    }
}

impl Run<'_> {
    /// Does tasks until there are none.
    fn work(&self) {
        let mut readers = Readers { client: self.source.client, whole: None, few: None };
        loop {
            let Some(task) = lock(&self.tasks).pop() else { return };
            let topic = &self.plan.topics[task.topic].name;
            let is_whole = self.reads_whole(&task);
            let mut open: BTreeMap<i32, Open<'_>> =
                task.ranges.iter().map(|range| (range.partition, self.open(range, is_whole))).collect();
            let result = if is_whole {
                readers.whole().and_then(|reader| self.pass(reader, topic, &mut open))
            } else {
                readers.few().and_then(|reader| self.sample(reader, topic, &mut open))
            };
            let mut trouble = None;
            if let Err(error) = result {
                if error.kind == ErrorKind::Cancelled {
                    lock(&self.failed).get_or_insert(error);
                    lock(&self.tasks).clear();
                    return;
                }
                trouble = Some(error.to_string());
            }
            let mut read = lock(&self.read);
            for (partition, mut open) in open {
                let is_done = open.seen.trouble.as_deref() == Some(DONE);
                open.seen.trouble = if is_done { None } else { trouble.clone() };
                read.insert((topic.clone(), partition), open.seen);
            }
        }
    }

    fn open<'r>(&self, range: &'r Range, is_whole: bool) -> Open<'r> {
        let count = self.query.select.sample.unwrap_or(0) as u64;
        let places = sample_places(range, count);
        Open { range, seen: Seen::default(), places, is_whole }
    }

    fn reads_whole(&self, task: &Task) -> bool {
        let count = self.query.select.sample.unwrap_or(0) as u64;
        let is_small = |range: &Range| range.len() <= count.saturating_mul(WHOLE);
        self.finder.is_some() || self.query.select.all || task.ranges.iter().all(is_small)
    }

    /// Reads everything of some partitions.
    fn pass(
        &self,
        reader: &Reader,
        topic: &str,
        open: &mut BTreeMap<i32, Open<'_>>,
    ) -> Result<(), StoreError> {
        let from: Vec<(i32, i64)> = open.values().map(|o| (o.range.partition, o.range.start)).collect();
        reader.assign(topic, &from)?;
        let mut left = open.len();
        let mut heard = Instant::now();
        let mut count = 0_u64;
        while left > 0 {
            let finished = match reader.next(LOOK) {
                Next::Record(fetched) => {
                    heard = Instant::now();
                    count += 1;
                    if count.is_multiple_of(CHECK_EVERY) {
                        self.context.check("reading records")?;
                    }
                    let Some(open) = open.get_mut(&fetched.partition()) else { continue };
                    if fetched.offset() < open.range.end {
                        self.see(topic, &fetched, open);
                    }
                    (fetched.offset() + 1 >= open.range.end).then_some(fetched.partition())
                }
                Next::End(partition) => Some(partition),
                Next::Refused(error) => return Err(error),
                Next::Nothing => {
                    self.context.check("reading records")?;
                    if heard.elapsed() > IDLE {
                        return Err(StoreError::new(ErrorKind::Timeout, silence(reader)));
                    }
                    None
                }
            };
            let Some(open) = finished.and_then(|partition| open.get_mut(&partition)) else { continue };
            if open.seen.trouble.is_none() {
                heard = Instant::now();
                open.gap(open.range.end);
                open.seen.trouble = Some(DONE.to_owned());
                left -= 1;
                if left > 0 {
                    reader.pause(topic, open.range.partition);
                }
            }
        }
        reader.rest();
        Ok(())
    }

    /// Reads one record at each place of the sample.
    fn sample(
        &self,
        reader: &Reader,
        topic: &str,
        open: &mut BTreeMap<i32, Open<'_>>,
    ) -> Result<(), StoreError> {
        loop {
            let from: Vec<(i32, i64)> =
                open.values().filter_map(|o| Some((o.range.partition, *o.places.last()?))).collect();
            if from.is_empty() {
                break;
            }
            reader.assign(topic, &from)?;
            self.round(reader, topic, open, from.iter().map(|(partition, _)| *partition).collect())?;
        }
        open.values_mut().for_each(|open| open.seen.trouble = Some(DONE.to_owned()));
        reader.rest();
        Ok(())
    }

    /// One record of each of these partitions.
    fn round(
        &self,
        reader: &Reader,
        topic: &str,
        open: &mut BTreeMap<i32, Open<'_>>,
        mut waiting: Vec<i32>,
    ) -> Result<(), StoreError> {
        let start = Instant::now();
        while !waiting.is_empty() {
            match reader.next(LOOK) {
                Next::Record(fetched) => {
                    let Some(at) = waiting.iter().position(|p| *p == fetched.partition()) else { continue };
                    let Some(open) = open.get_mut(&fetched.partition()) else { continue };
                    waiting.swap_remove(at);
                    if fetched.offset() < open.range.end {
                        self.see(topic, &fetched, open);
                    } else {
                        open.places.clear();
                    }
                }
                Next::End(partition) => {
                    waiting.retain(|p| *p != partition);
                    // Nothing is behind this place, and so behind no later one.
                    open.get_mut(&partition).into_iter().for_each(|open| open.places.clear());
                }
                Next::Refused(error) => return Err(error),
                Next::Nothing => {
                    self.context.check("reading records")?;
                    if start.elapsed() > IDLE {
                        return Err(StoreError::new(ErrorKind::Timeout, silence(reader)));
                    }
                }
            }
        }
        self.context.check("reading records")
    }

    /// Looks at a record, and delivers it if it is wanted.
    fn see(&self, topic: &str, fetched: &Fetched<'_>, open: &mut Open<'_>) {
        let (offset, time) = (fetched.offset(), fetched.millis().and_then(convert::time));
        let size = fetched.payload().map_or(0, <[u8]>::len) + fetched.key().map_or(0, <[u8]>::len);
        self.context.add_bytes(size as u64);
        open.gap(offset);
        let seen = &mut open.seen;
        seen.scanned += 1;
        seen.span =
            Some(seen.span.map_or((offset, offset), |(first, last)| (first.min(offset), last.max(offset))));
        if let Some(time) = time {
            let (first, last) = seen.times.unwrap_or((time, time));
            seen.times = Some((first.min(time), last.max(time)));
        }
        let mut is_sampled = false;
        while open.places.last().is_some_and(|place| *place <= offset) {
            open.places.pop();
            is_sampled = true;
        }
        if time.is_some_and(|time| !self.query.window.contains(time)) {
            return;
        }
        let is_found = |finder: &&Finder| !self.query.by_key || finder.is_key_of(fetched);
        let is_read = |finder: &&Finder| self.query.select.all || is_sampled || is_found(finder);
        let finder = self.finder.as_ref().filter(is_read);
        let keys = finder.map_or_else(Vec::new, |finder| finder.keys(fetched));
        if !self.query.select.all && !is_sampled && keys.is_empty() {
            return;
        }
        seen.matched += 1;
        let is_unknown = |payload| self.source.decoder.decode(payload) == Decoded::Unknown;
        seen.unknown +=
            u64::from(self.source.decoder.has_registry() && fetched.payload().is_some_and(is_unknown));
        let at = Reference::Record {
            store: self.source.store.to_owned(),
            topic: topic.to_owned(),
            partition: fetched.partition(),
            offset,
        };
        let record = convert::record(topic, fetched, self.source.decoder);
        (self.sink)(RecordHit { at, record, keys, sampled: is_sampled });
    }
}

/// Stands where a trouble would: this partition was read to its end.
const DONE: &str = "done";

/// The two ways to read, opened when they are needed.
struct Readers<'a> {
    client: &'a Client,
    whole: Option<Reader>,
    few: Option<Reader>,
}

impl Readers<'_> {
    fn whole(&mut self) -> Result<&Reader, StoreError> {
        opened(&mut self.whole, self.client, Reading::Committed)
    }

    fn few(&mut self) -> Result<&Reader, StoreError> {
        opened(&mut self.few, self.client, Reading::Few)
    }
}

fn opened<'r>(
    place: &'r mut Option<Reader>,
    client: &Client,
    how: Reading,
) -> Result<&'r Reader, StoreError> {
    match place {
        Some(reader) => Ok(reader),
        None => Ok(place.insert(client.reader(how)?)),
    }
}

/// The middles of so many equal shares of a range, the first one last.
fn sample_places(range: &Range, count: u64) -> Vec<i64> {
    let length = range.len();
    let count = count.min(length);
    let place = |i: u64| {
        let share = u128::from(2 * i + 1) * u128::from(length) / u128::from(2 * count);
        range.start.saturating_add(share as i64)
    };
    (0..count).rev().map(place).collect()
}

fn silence(reader: &Reader) -> String {
    let heard = reader.complaint().map(|said| format!(": {said}")).unwrap_or_default();
    format!("the cluster did not answer for {} s{heard}", IDLE.as_secs())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_spread_evenly() {
        let range = |start, end| Range { partition: 0, start, end, is_cut: false };
        assert_eq!(sample_places(&range(100, 200), 4), [187, 162, 137, 112]);
        assert_eq!(sample_places(&range(7, 9), 4), [8, 7]);
        assert!(sample_places(&range(7, 7), 4).is_empty());
        assert!(sample_places(&range(0, i64::MAX), 0).is_empty());
    }
}
