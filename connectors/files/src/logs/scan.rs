//! What a sweep does with a block of log events: choose those that the query wants, parse and deliver only these.

use super::alike::{Looks, NEAR};
use super::layout::LogFile;
use super::preceding::{Before, LOOK_BACK};
use crate::blocks::{Block, EVENT_LIMIT};
use crate::events::{LineCounter, event_start, next_event, own_lines, owner};
use crate::markers::Markers;
use crate::sampling::sample_positions;
use crate::search::{Search, keys_of};
use crate::sweep::{Sweep, lock};
use std::borrow::Cow;
use std::sync::Mutex;
use waylaid_logs::formats::{FileProfile, parse_event, profile};
use waylaid_logs::problems::reports_failure;
use waylaid_model::{LogEvent, Reference, Timestamp};
use waylaid_store::{Context, LogHit, LogQuery, StoreError};

/// Events of one part that are worked on before asking whether to stop.
const CHECK_EVERY: usize = 256;

/// What was seen of one part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Physical lines.
    pub lines: u64,
    /// Events delivered.
    pub delivered: u64,
    /// Events that were delivered without their end.
    pub cut: u64,
    /// Delivered events that look like JSON and are none: written in part only, or broken.
    pub torn: u64,
    /// Delivered events whose time has no zone.
    pub zone_assumed: u64,
    /// First time seen.
    pub first: Option<Timestamp>,
    /// Last time seen.
    pub last: Option<Timestamp>,
}

impl Counts {
    fn see(&mut self, event: &LogEvent) {
        if let Some(time) = event.time {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = Some(self.last.map_or(time, |last| last.max(time)));
        }
    }

    /// The times at a block's ends, for the range that coverage reports.
    fn see_ends(&mut self, shape: &FileProfile, block: &Block) {
        let text = block.body();
        let mut see = |start: usize| {
            let end = next_event(shape, text, start).min(start + EVENT_LIMIT);
            self.see(&parse_event(&text[start..end], shape));
        };
        see(0);
        if let Some(last) = text.len().checked_sub(1).filter(|_| block.is_last) {
            see(event_start(shape, text, last));
        }
    }

    /// Puts what was seen elsewhere to it.
    pub fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.delivered += other.delivered;
        self.cut += other.cut;
        self.torn += other.torn;
        self.zone_assumed += other.zone_assumed;
        self.first = self.first.into_iter().chain(other.first).min();
        self.last = self.last.max(other.last);
    }
}

/// A query under way.
pub(super) struct LogSweep<'a> {
    store: &'a str,
    files: &'a [&'a LogFile],
    query: &'a LogQuery,
    context: &'a Context,
    sink: &'a (dyn Fn(LogHit) + Sync),
    search: Option<Search>,
    markers: Option<Markers>,
    looks: Option<Looks<'a>>,
    counts: Vec<Mutex<Counts>>,
}

/// An event in a block.
struct Found {
    start: usize,
    end: usize,
    /// Wanted whatever it holds.
    sampled: bool,
}

/// An event with its line and its keys.
struct Wanted {
    found: Found,
    line: u64,
    keys: Vec<u32>,
    /// How many bytes before it the last key stands.
    last_key: Option<usize>,
}

impl<'a> LogSweep<'a> {
    /// Prepares the search.
    pub fn new(
        store: &'a str,
        files: &'a [&'a LogFile],
        query: &'a LogQuery,
        context: &'a Context,
        sink: &'a (dyn Fn(LogHit) + Sync),
    ) -> Self {
        let keys = query.select.keys.as_ref().filter(|keys| !keys.is_empty());
        let judge =
            query.alike.as_deref().filter(|_| query.window.until.is_none() && query.window.from.is_none());
        Self {
            store,
            files,
            query,
            context,
            sink,
            search: keys.map(Search::new),
            markers: query.select.failures.then(Markers::new),
            looks: judge.map(|judge| Looks::new(judge, files.iter().map(|f| f.service.as_str()))),
            counts: files.iter().map(|_| Mutex::default()).collect(),
        }
    }

    /// What was seen, a part each.
    pub fn into_counts(self) -> Vec<Counts> {
        if let Some(looks) = self.looks {
            looks.close();
        }
        let inner = |c: Mutex<Counts>| c.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.counts.into_iter().map(inner).collect()
    }

    /// The events that may be wanted, in order.
    fn find(&self, part: usize, shape: &FileProfile, block: &Block, hits: &[(usize, u32)]) -> Vec<Found> {
        let text = block.body();
        let mut found = Vec::new();
        let holding = |at: usize| owner(shape, text, event_start(shape, text, at));
        if self.query.select.all {
            let mut start = 0;
            while start < text.len() {
                let end = next_event(shape, text, start);
                // What goes on with an event that stands before those of others is delivered with it.
                if owner(shape, text, start) == start {
                    found.push(Found { start, end, sampled: false });
                }
                start = end;
            }
            return found;
        }
        let mut seen = 0;
        let mut want = |start: usize, sampled: bool| {
            found.push(Found { start, end: next_event(shape, text, start), sampled });
        };
        for (at, _) in hits {
            if *at >= seen {
                seen = next_event(shape, text, *at);
                want(holding(*at), false);
            }
        }
        if let Some(markers) = &self.markers {
            let mut seen = 0;
            while let Some(at) = markers.next(text, seen) {
                seen = next_event(shape, text, at);
                want(holding(at), false);
            }
        }
        if let Some(count) = self.query.select.sample {
            let bytes = self.files[part].entry.bytes;
            for start in sample_positions(shape, block, bytes, count) {
                want(owner(shape, text, start), true);
            }
        }
        found.sort_by_key(|f| (f.start, !f.sampled));
        found.dedup_by_key(|f| f.start);
        found
    }

    /// Whether a text holds a key that tells something; any does where none is looked for.
    fn names_key(&self, text: &[u8]) -> bool {
        self.search.as_ref().is_none_or(|search| search.keys(text).into_iter().any(|key| self.tells(key)))
    }

    /// The keys of an event some of whose lines stand between those of others; nothing for all that stand together.
    fn keys_within(&self, shape: &FileProfile, text: &[u8], found: &Found) -> Option<Vec<u32>> {
        let search = self.search.as_ref().filter(|_| shape.has_writers())?;
        match own_lines(shape, text, found.start, found.end) {
            Cow::Owned(own) => Some(search.keys(&own)),
            Cow::Borrowed(_) => None,
        }
    }

    fn tells(&self, key: u32) -> bool {
        self.query.alike.as_ref().is_none_or(|alike| alike.tells(key))
    }

    /// Parses an event and hands it over when it is wanted indeed.
    fn deliver(&self, part: usize, shape: &FileProfile, block: &Block, event: Wanted, counts: &mut Counts) {
        let body = own_lines(shape, block.body(), event.found.start, event.found.end);
        let cut = &body[..body.len().min(EVENT_LIMIT)];
        let seq = block.offset + event.found.start as u64;
        let sampled = event.found.sampled;
        let judged = self.looks.as_ref().map(|l| l.reads(part, cut, seq, &event.keys, event.last_key));
        if judged.is_some_and(|(_, reads)| !reads) && !sampled {
            return;
        }
        let mut parsed = parse_event(cut, shape);
        counts.see(&parsed);
        let select = &self.query.select;
        let by_key = !event.keys.is_empty();
        let fails = reports_failure(&parsed);
        if parsed.time.is_none() && (by_key || fails) && block.oversize.is_none() {
            let (start, names_key) = (event.found.start, |_: &[u8]| false);
            let before = Before { shape, block, start, failure: &parsed, names_key: &names_key };
            parsed.time = before.time();
        }
        let is_wanted = select.all || sampled || by_key || (select.failures && fails);
        let in_window = parsed.time.is_none_or(|time| self.query.window.contains(time));
        if !is_wanted || !in_window {
            if let Some((look, _)) = judged.filter(|_| !by_key && !fails) {
                self.looks.iter().for_each(|l| l.is_none(part, look));
            }
            return;
        }
        // Short numbers stand in any text; far from anybody who is looked for, nobody was named just before.
        let is_near = event.last_key.unwrap_or(event.found.start) <= NEAR;
        let by_chance = event.keys.is_empty() || (is_near && !event.keys.iter().any(|key| self.tells(*key)));
        // A failure that names its record says whose it is by that.
        let names_record = || waylaid_logs::find_coordinates(&parsed).iter().any(|at| at.topic.is_some());
        let looks_back =
            self.query.preceding > 0 && by_chance && fails && block.oversize.is_none() && !names_record();
        let preceding = if looks_back {
            let start = event.found.start;
            let names_key = |text: &[u8]| self.names_key(text);
            Before { shape, block, start, failure: &parsed, names_key: &names_key }
                .events(self.query.preceding)
        } else {
            Vec::new()
        };
        let is_cut = cut.len() < body.len() || block.oversize.is_some();
        counts.cut += u64::from(is_cut);
        counts.torn += u64::from(!is_cut && parsed.fields.is_empty() && parsed.message.starts_with("{\""));
        counts.zone_assumed += u64::from(parsed.zone_assumed && parsed.time.is_some());
        counts.delivered += 1;
        let file = self.files[part];
        let hit = LogHit {
            at: Reference::LogLine {
                store: self.store.to_owned(),
                file: file.entry.name.clone(),
                line: event.line,
            },
            service: file.service.clone(),
            instance: file.instance.clone(),
            part: file.ordinal,
            seq,
            event: parsed,
            keys: event.keys,
            sampled,
            look: judged.map(|(look, _)| look),
            preceding,
        };
        if let Some(looks) = self.looks.as_ref().filter(|_| by_key || (select.failures && fails)) {
            looks.note(part, &hit);
        }
        (self.sink)(hit);
    }

    /// Delivers the beginning of an event that is too long for a block.
    fn oversize(&self, part: usize, shape: &FileProfile, block: &Block, keys: Vec<u32>, counts: &mut Counts) {
        let text = block.body();
        let marked = self.markers.as_ref().is_some_and(|m| m.next(text, 0).is_some());
        let sampled = self.query.select.sample.is_some_and(|count| {
            !sample_positions(shape, block, self.files[part].entry.bytes, count).is_empty()
        });
        if self.query.select.all || marked || sampled || !keys.is_empty() {
            let found = Found { start: 0, end: text.len(), sampled };
            self.deliver(
                part,
                shape,
                block,
                Wanted { found, line: block.line, keys, last_key: None },
                counts,
            );
        }
    }
}

impl Sweep for LogSweep<'_> {
    type Shape = FileProfile;

    fn back(&self) -> usize {
        if self.query.preceding > 0 && self.query.select.failures { LOOK_BACK } else { 0 }
    }

    fn shape(&self, part: usize, sample: &[u8]) -> FileProfile {
        profile(sample).with_latest(self.files[part].entry.latest())
    }

    fn search(&self, text: &[u8]) -> Vec<u32> {
        self.search.as_ref().map_or_else(Vec::new, |search| search.keys(text))
    }

    fn block(&self, part: usize, shape: &FileProfile, block: &Block) -> Result<(), StoreError> {
        let text = block.body();
        let mut counts = Counts { lines: block.newlines, ..Counts::default() };
        counts.lines += u64::from(block.is_last && !text.ends_with(b"\n"));
        if let Some(oversize) = &block.oversize {
            self.oversize(part, shape, block, oversize.keys.clone(), &mut counts);
        } else {
            let hits = self.search.as_ref().map_or_else(Vec::new, |search| search.positions(text));
            let mut hits = hits.as_slice();
            let mut last: Option<usize> = None;
            let mut lines = LineCounter::new(text, block.line);
            for (number, found) in self.find(part, shape, block, hits).into_iter().enumerate() {
                if number % CHECK_EVERY == 0 {
                    self.context.check("searching log files")?;
                }
                // What lies before stands in lines that belong to an event before.
                hits = &hits[hits.partition_point(|(at, _)| *at < found.start)..];
                let (inside, rest) = hits.split_at(hits.partition_point(|(at, _)| *at < found.end));
                hits = rest;
                let line = lines.line_of(found.start);
                let last_key = last.map(|at| found.start - at.min(found.start));
                last = inside.iter().rev().find(|(_, key)| self.tells(*key)).map(|(at, _)| *at).or(last);
                let keys = self.keys_within(shape, text, &found).unwrap_or_else(|| keys_of(inside));
                let wanted = Wanted { found, line, keys, last_key };
                self.deliver(part, shape, block, wanted, &mut counts);
            }
            counts.see_ends(shape, block);
        }
        lock(&self.counts[part]).add(&counts);
        Ok(())
    }
}
