//! The pass over all logs for a set of keys, and for failures that name nobody.

use super::samples::{SAMPLE, Samples};
use super::{Haul, among_first, failed, into_inner, lock, push};
use crate::bindings::Source;
use crate::facts::{self, LogFact, Written};
use crate::home::Home;
use crate::places::{self, Placed};
use crate::{EngineError, Stores};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};
use waylaid_logs::Frame;
use waylaid_model::{LogEvent, Window};
use waylaid_store::{Alike, Context, KeySet, LogHit, LogQuery, Select};

/// Failures of one message of one service that name no key and are kept: the first ones; the rest is counted.
/// Words kept of a failure.
const MAX_WORDS: usize = 12;
const MAX_ALIKE: usize = 1_000;
/// Kept lines of one key with one message: the first ones.
const MAX_REPEATS: usize = 12;
/// Events before a failure that names nobody.
const PRECEDING: usize = 6;

/// Service, keys and template of a log event: events alike in these say the same.
type SameWords = (String, Vec<u32>, String);
/// Part and position of a log event.
type Place = (u32, u64);

/// Brings home the events that hold one of the keys. The first pass takes failures and a sample along and tells the
/// coverage.
pub(super) fn sweep(
    stores: &Stores,
    home: &Home,
    keys: &Arc<KeySet>,
    window: Window,
    mut samples: Option<&mut Samples>,
    haul: &mut Haul,
    context: &Context,
) -> Result<(), EngineError> {
    let until = Window { from: None, until: window.until };
    let failures = samples.is_some();
    let adopted = || haul.aliases.iter().flat_map(|a| a.values.keys()).collect::<HashSet<_>>().len();
    let certain = if failures { home.entities.len() + adopted() } else { 0 };
    let known: HashSet<(String, Place)> =
        haul.logs.iter().map(|l| (l.service.clone(), (l.part, l.seq))).collect();
    for store in &stores.logs {
        let judge = Arc::new(Judge::new(keys, certain, haul));
        let select = Select {
            keys: Some(Arc::clone(keys)),
            failures,
            sample: failures.then_some(SAMPLE),
            ..Select::default()
        };
        let query = LogQuery {
            window: until,
            select,
            preceding: if failures { PRECEDING } else { 0 },
            alike: Some(judge.clone()),
            ..LogQuery::default()
        };
        let catch = Catch::new(&judge, failures, if failures { home.entities.len() } else { 0 });
        match store.scan(&query, context, &|hit| catch.take(hit)) {
            Ok(coverage) if failures => haul.coverage.extend(coverage),
            Ok(_) => {}
            Err(error) => {
                failed(store.name(), error, haul)?;
                continue;
            }
        }
        let (facts, sampled) = catch.close();
        if let Some(samples) = samples.as_deref_mut() {
            samples.events.extend(sampled);
        }
        haul.logs
            .extend(facts.into_iter().filter(|l| !known.contains(&(l.service.clone(), (l.part, l.seq)))));
        for (message, count) in judge.totals() {
            *haul.failure_counts.entry(message).or_default() += count;
        }
    }
    haul.logs.sort_by_key(|l| (l.part, l.seq));
    Ok(())
}

/// What is wanted of events that look alike.
struct Judge {
    keys: Arc<KeySet>,
    /// How many of the keys are known to be the entities'; these come first.
    certain: usize,
    /// Partition and offset of the followed entities' records.
    positions: HashSet<(i32, i64)>,
    /// The offsets alone.
    offsets: HashSet<i64>,
    looks: Mutex<HashMap<u64, Words>>,
    totals: Mutex<BTreeMap<(String, String), u64>>,
}

/// What events of one look say.
struct Words {
    message: (String, String),
    is_loud: bool,
    names_record: bool,
}

impl Judge {
    fn new(keys: &Arc<KeySet>, certain: usize, haul: &Haul) -> Self {
        Self {
            keys: Arc::clone(keys),
            certain,
            positions: haul.records.iter().map(|r| (r.record.partition, r.record.offset)).collect(),
            offsets: haul.records.iter().map(|r| r.record.offset).collect(),
            looks: Mutex::default(),
            totals: Mutex::default(),
        }
    }

    /// Counts an event that warns or fails.
    fn count(&self, message: (String, String), count: u64) {
        *lock(&self.totals).entry(message).or_default() += count;
    }

    fn totals(&self) -> BTreeMap<(String, String), u64> {
        lock(&self.totals).clone()
    }

    fn names_key(&self, event: &LogEvent) -> bool {
        let is_telling = |value: &str| self.keys.get(value).is_some_and(|key| self.tells(key));
        places::of_event(event).iter().any(|p| is_telling(&p.value))
    }

    /// What of the events before a failure tells whose it is: up to the nearest one that names somebody, the run of those
    /// that look like it, and the one before these; without what can be no key.
    fn told_before(&self, mut preceding: Vec<LogEvent>) -> Vec<LogEvent> {
        let Some(named) = preceding.iter().position(|e| self.names_key(e)) else { return Vec::new() };
        let template = waylaid_logs::template_of(&preceding[named].message);
        let is_alike = |e: &LogEvent| waylaid_logs::template_of(&e.message) == template;
        let run = preceding[named..].iter().take_while(|e| is_alike(e)).count();
        preceding.truncate(named + run + 1);
        for event in &mut preceding {
            event.exception = None;
            event.fields.retain(|(_, v)| !v.is_string() || v.as_str().is_some_and(|v| v.len() <= 100));
        }
        preceding.shrink_to_fit();
        preceding
    }

    /// Whether a failure that names nobody belongs to somebody who is followed, by its record or by what the same
    /// thread said just before.
    fn relates(&self, hit: &LogHit) -> bool {
        let at_record = || {
            waylaid_logs::find_coordinates(&hit.event)
                .iter()
                .any(|c| self.positions.contains(&(c.partition, c.offset)))
        };
        hit.preceding.iter().any(|e| self.names_key(e)) || at_record()
    }
}

/// The numbers in a text that may be offsets: those behind an `@` or the word offset.
fn offsets_in(text: &[u8]) -> impl Iterator<Item = i64> {
    let marks = memchr::memchr_iter(b'@', text).map(|at| at + 1);
    let words = memchr::memmem::find_iter(text, b"ffset").map(|at| at + b"ffset".len());
    marks.chain(words).filter_map(|from| {
        let rest = &text[from..text.len().min(from + 32)];
        let start = rest.iter().take(6).position(u8::is_ascii_digit)?;
        let digits = rest[start..].iter().take_while(|b| b.is_ascii_digit()).count();
        std::str::from_utf8(&rest[start..start + digits]).ok()?.parse().ok()
    })
}

impl Alike for Judge {
    fn seen(&self, look: u64, hit: &LogHit) {
        let words = Words {
            message: (hit.service.clone(), facts::template_of(&hit.event)),
            is_loud: facts::is_loud(&hit.event),
            names_record: !waylaid_logs::find_coordinates(&hit.event).is_empty(),
        };
        lock(&self.looks).entry(look).or_insert(words);
    }

    fn tells(&self, key: u32) -> bool {
        (key as usize) < self.certain || !self.keys.is_weak(key)
    }

    fn wanted(&self, keys: &[u32]) -> usize {
        // A value that may turn out to be a key may as well be a word that everybody's lines hold.
        let is_certain = keys.first().is_some_and(|key| (*key as usize) < self.certain);
        if is_certain { MAX_REPEATS } else { MAX_ALIKE }
    }

    fn still_wanted(&self, look: u64, text: &[u8], near_key: bool) -> bool {
        match lock(&self.looks).get(&look) {
            // Lines without alarm are nobody's, whatever short numbers they hold.
            Some(words) if !words.is_loud => return false,
            Some(words) if words.names_record => {}
            _ => return near_key,
        }
        // A failure that names its record is that record's, whoever was named before it.
        let mut offsets = offsets_in(text).peekable();
        offsets.peek().is_none() || offsets.any(|o| self.offsets.contains(&o))
    }

    fn left_out(&self, look: u64, count: u64) {
        let message = lock(&self.looks).get(&look).filter(|w| w.is_loud).map(|w| w.message.clone());
        if let Some(message) = message {
            self.count(message, count);
        }
    }
}

/// Takes what a log store delivers.
struct Catch<'a> {
    judge: &'a Judge,
    failures: bool,
    /// How many of the keys are the entities' own; these come first.
    own: usize,
    first: Mutex<HashMap<SameWords, Vec<Place>>>,
    related: Mutex<HashSet<Place>>,
    facts: Mutex<Vec<LogFact>>,
    frames: Mutex<HashSet<Arc<[Frame]>>>,
    written: Mutex<HashSet<Arc<Written>>>,
    sampled: Mutex<Vec<(Place, super::samples::Sampled)>>,
}

impl<'a> Catch<'a> {
    fn new(judge: &'a Judge, failures: bool, own: usize) -> Self {
        Self {
            judge,
            failures,
            own,
            first: Mutex::default(),
            related: Mutex::default(),
            facts: Mutex::default(),
            frames: Mutex::default(),
            written: Mutex::default(),
            sampled: Mutex::default(),
        }
    }

    fn take(&self, mut hit: LogHit) {
        let place = (hit.part, hit.seq);
        if hit.sampled {
            let source = Source::Log(hit.service.clone());
            push(&self.sampled, (place, (source, hit.event.time, places::of_event(&hit.event))));
        }
        let fails = self.failures && facts::is_loud(&hit.event);
        if hit.keys.is_empty() && !fails && (hit.sampled || !self.failures) {
            return;
        }
        let template = facts::template_of(&hit.event);
        if fails {
            self.judge.count((hit.service.clone(), template.clone()), 1);
        }
        let limit = self.judge.wanted(&hit.keys);
        let same = (hit.service.clone(), hit.keys.clone(), template);
        // What is not kept is not read any further: stack traces cost most.
        let is_first = among_first(lock(&self.first).entry(same).or_default(), place, limit);
        let names_nobody = !hit.keys.iter().any(|key| self.judge.tells(*key));
        let relates = names_nobody && self.judge.relates(&hit);
        if relates {
            lock(&self.related).insert(place);
        } else if !is_first {
            return;
        }
        hit.preceding = if relates { self.judge.told_before(hit.preceding) } else { Vec::new() };
        let holds_own_key = hit.keys.first().is_some_and(|key| (*key as usize) < self.own);
        let letters: Vec<&str> = hit
            .keys
            .iter()
            .map(|key| self.judge.keys.key(*key))
            .filter(|key| !key.bytes().any(|b| b.is_ascii_digit()))
            .collect();
        let named = places::of_words(&hit.event.message, &letters);
        let mut fact = LogFact { holds_own_key, ..LogFact::new(hit) };
        fact.placed.extend(named);
        // Words are no keys and group nothing, unless they are among the keys themselves.
        let tells =
            |value: &str| value.bytes().any(|b| b.is_ascii_digit()) || self.judge.keys.get(value).is_some();
        if fails {
            let is_word =
                |p: &&Placed| !p.place.starts_with("text:") && !tells(&p.value) && p.value.len() <= 40;
            fact.words = fact.placed.iter().filter(is_word).take(MAX_WORDS).cloned().collect();
        }
        fact.placed.retain(|p| tells(&p.value));
        fact.placed.shrink_to_fit();
        if let Some(failure) = &mut fact.failure {
            share(&self.frames, &mut failure.frames);
        }
        share(&self.written, &mut fact.written);
        push(&self.facts, fact);
    }

    /// Threads race: what was among the first for a while and is no longer goes, so that the same facts always stay.
    fn close(self) -> (Vec<LogFact>, Vec<super::samples::Sampled>) {
        let mut stays: HashSet<Place> = into_inner(self.first).into_values().flatten().collect();
        stays.extend(into_inner(self.related));
        let mut facts = into_inner(self.facts);
        facts.retain(|l| stays.contains(&(l.part, l.seq)));
        let mut sampled = into_inner(self.sampled);
        sampled.sort_by_key(|(place, _)| *place);
        (facts, sampled.into_iter().map(|(_, s)| s).collect())
    }
}

/// What many events say alike is kept once.
fn share<T: ?Sized + std::hash::Hash + Eq>(known: &Mutex<HashSet<Arc<T>>>, told: &mut Arc<T>) {
    let mut known = lock(known);
    match known.get(told) {
        Some(same) => *told = Arc::clone(same),
        None => drop(known.insert(Arc::clone(told))),
    }
}

#[cfg(test)]
mod tests {
    use super::offsets_in;

    #[test]
    fn offsets_are_read_off_raw_text() {
        let found = |text: &str| offsets_in(text.as_bytes()).collect::<Vec<_>>();
        assert_eq!(found("Backoff exhausted for orders.v1-5@12029 at A.java:2873"), [12_029]);
        assert_eq!(found(r#"{"@timestamp":"x","offset":77,"m":"Offset = 78"}"#), [77, 78]);
        assert!(found("no record named, 17 times").is_empty());
        assert!(found("orders@").is_empty() && found("offset").is_empty());
    }
}
