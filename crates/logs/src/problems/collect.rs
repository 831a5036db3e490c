//! Counts problems as events stream by, in bounded memory. The order of the events, and how many threads hand them
//! over, changes nothing.

use super::histogram::Histogram;
use super::rank::Rank;
use super::sign::Sign;
use crate::templates::{Grouper, hash_bytes};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use waylaid_model::{Kind, Level, Reference, Timestamp, Window};

/// Groups kept apart. When there are more, those whose templates have grown together are joined; what still does not
/// fit is counted together.
const MOST: usize = 16_384;
/// Services and instances counted apart in a group.
const NAMES: usize = 256;
/// Entities remembered of a group.
const ENTITIES: usize = 100_000;
/// Samples are kept so long.
const TEXT: usize = 2_000;

/// Which stretches of time are counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spans {
    /// What is asked about.
    pub window: Window,
    /// What it is compared with.
    pub baseline: Option<Window>,
}

/// An event that reports a problem, and where.
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    /// Where it can be looked up.
    pub at: &'a Reference,
    /// Order within everything: part, then position.
    pub order: (u32, u64),
    /// Service.
    pub service: &'a str,
    /// Instance.
    pub instance: &'a str,
    /// What was searched when it was found.
    pub target: &'a str,
    /// When.
    pub time: Option<Timestamp>,
    /// Numbers of entities that the event names.
    pub entities: &'a [u32],
    /// What it says.
    pub text: &'a str,
}

/// One event of a group, kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sample {
    /// When.
    pub time: Option<Timestamp>,
    order: (u32, u64),
    /// Where.
    pub at: Reference,
    /// Service.
    pub service: String,
    /// Instance.
    pub instance: String,
    /// What it says.
    pub text: String,
}

/// A problem with its counts.
#[derive(Clone, Debug)]
pub struct Group {
    /// The same for the same problem in other logs, wherever its lines stand.
    pub fingerprint: String,
    /// How bad, at its worst.
    pub rank: Rank,
    /// Level at its worst.
    pub level: Option<Level>,
    /// What kind of failure.
    pub kind: Option<Kind>,
    /// Type of the root cause; empty where there is none.
    pub type_name: String,
    /// What it says, `<*>` where events differ.
    pub template: String,
    /// Top application frames.
    pub frames: Vec<String>,
    /// The chain of causes of the first event, in one line.
    pub chain: String,
    /// Events in the window.
    pub count: u64,
    /// Events in the baseline.
    pub before: u64,
    /// Of those in the window: without a time.
    pub undated: u64,
    /// First in the window.
    pub first: Option<Timestamp>,
    /// Last in the window.
    pub last: Option<Timestamp>,
    /// Counts by service.
    pub services: BTreeMap<String, u64>,
    /// Counts by service and instance.
    pub instances: BTreeMap<(String, String), u64>,
    /// Where it was found: names of what was searched.
    pub targets: BTreeSet<String>,
    /// Counts over time.
    pub histogram: Histogram,
    /// Numbers of the entities that its events name.
    pub entities: BTreeSet<u32>,
    first_sample: Option<Sample>,
    last_sample: Option<Sample>,
    /// One from elsewhere than the first: another service or instance.
    other_sample: Option<Sample>,
    /// The sample whose chain is told.
    told_by: (u32, u64),
}

impl Group {
    fn new(sign: &Sign) -> Self {
        Self {
            fingerprint: String::new(),
            rank: sign.rank,
            level: sign.level,
            kind: sign.kind,
            type_name: sign.type_name.clone(),
            template: sign.template.clone(),
            frames: sign.frames.clone(),
            chain: String::new(),
            count: 0,
            before: 0,
            undated: 0,
            first: None,
            last: None,
            services: BTreeMap::new(),
            instances: BTreeMap::new(),
            targets: BTreeSet::new(),
            histogram: Histogram::default(),
            entities: BTreeSet::new(),
            first_sample: None,
            last_sample: None,
            other_sample: None,
            told_by: (u32::MAX, u64::MAX),
        }
    }

    /// Up to three events: the first, the last, and one from elsewhere or between.
    pub fn samples(&self) -> Vec<&Sample> {
        let mut samples: Vec<&Sample> =
            [&self.first_sample, &self.other_sample, &self.last_sample].into_iter().flatten().collect();
        samples.sort();
        samples.dedup_by(|a, b| a.order == b.order);
        samples
    }

    fn add(&mut self, sign: &Sign, seen: &Seen<'_>, times: u64) {
        self.count += times;
        self.worse(sign.rank, sign.level, sign.kind, seen.order);
        if seen.order <= self.told_by {
            self.told_by = seen.order;
            self.chain.clone_from(&sign.chain);
        }
        match seen.time {
            Some(time) => {
                self.first = Some(self.first.map_or(time, |f| f.min(time)));
                self.last = self.last.max(Some(time));
                self.histogram.add_times(time, times);
            }
            None => self.undated += times,
        }
        count_in(&mut self.services, seen.service.to_owned(), times);
        count_in(&mut self.instances, (seen.service.to_owned(), seen.instance.to_owned()), times);
        if self.targets.len() < NAMES && !self.targets.contains(seen.target) {
            self.targets.insert(seen.target.to_owned());
        }
        for entity in seen.entities {
            if self.entities.len() < ENTITIES {
                self.entities.insert(*entity);
            }
        }
        self.sample(seen);
    }

    fn worse(&mut self, rank: Rank, level: Option<Level>, kind: Option<Kind>, order: (u32, u64)) {
        self.rank = self.rank.max(rank);
        self.level = self.level.max(level);
        // Of several kinds, that of the first event.
        if kind.is_some() && (self.kind.is_none() || order <= self.told_by) {
            self.kind = kind;
        }
    }

    fn sample(&mut self, seen: &Seen<'_>) {
        let key = (seen.time, seen.order);
        let of = |s: &Option<Sample>| s.as_ref().map(|s| (s.time, s.order));
        let is_first = of(&self.first_sample).is_none_or(|first| key < first);
        let is_last = of(&self.last_sample).is_none_or(|last| key > last);
        if !is_first && !is_last && !self.is_telling(seen.service, seen.instance, seen.order) {
            return;
        }
        let sample = Sample {
            time: seen.time,
            order: seen.order,
            at: seen.at.clone(),
            service: seen.service.to_owned(),
            instance: seen.instance.to_owned(),
            text: crate::scan::head(seen.text, TEXT).to_owned(),
        };
        self.keep(sample);
    }

    /// Whether an event would be the one from elsewhere: of those, the one that scatters lowest, so that the order in
    /// which they come makes no difference.
    fn is_telling(&self, service: &str, instance: &str, order: (u32, u64)) -> bool {
        self.other_sample
            .as_ref()
            .is_none_or(|o| scatter(service, instance, order) < scatter(&o.service, &o.instance, o.order))
    }

    fn keep(&mut self, sample: Sample) {
        let key = |s: &Sample| (s.time, s.order);
        if self.is_telling(&sample.service, &sample.instance, sample.order) {
            self.other_sample = Some(sample.clone());
        }
        if self.first_sample.as_ref().is_none_or(|first| key(&sample) < key(first)) {
            self.first_sample = Some(sample.clone());
        }
        if self.last_sample.as_ref().is_none_or(|last| key(&sample) > key(last)) {
            self.last_sample = Some(sample);
        }
    }

    /// Takes in another group that turned out to be the same problem.
    fn absorb(&mut self, other: Self) {
        let is_told_before = other.told_by < self.told_by;
        self.worse(other.rank, other.level, other.kind, other.told_by);
        if is_told_before {
            self.told_by = other.told_by;
            self.chain = other.chain;
        }
        self.count += other.count;
        self.before += other.before;
        self.undated += other.undated;
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = self.last.max(other.last);
        other.services.into_iter().for_each(|(name, n)| count_in(&mut self.services, name, n));
        other.instances.into_iter().for_each(|(name, n)| count_in(&mut self.instances, name, n));
        self.histogram.merge(&other.histogram);
        self.targets.extend(other.targets);
        self.entities.extend(other.entities);
        [other.first_sample, other.other_sample, other.last_sample]
            .into_iter()
            .flatten()
            .for_each(|s| self.keep(s));
    }
}

/// A number without order, by which one of many is picked.
fn scatter(service: &str, instance: &str, order: (u32, u64)) -> (u64, u64) {
    let place = hash_bytes(format!("{service}\u{1f}{instance}").as_bytes());
    (place, hash_bytes(&[order.0.to_le_bytes().as_slice(), &order.1.to_le_bytes()].concat()))
}

fn count_in<K: Ord>(counts: &mut BTreeMap<K, u64>, name: K, by: u64) {
    if let Some(count) = counts.get_mut(&name) {
        *count += by;
    } else if counts.len() < NAMES {
        counts.insert(name, by);
    }
}

/// Counts problems.
#[derive(Debug, Default)]
pub struct Collector {
    spans: Spans,
    groups: HashMap<(u64, u64), Group>,
    /// Events that found no place any more.
    uncounted: u64,
    /// No further group finds a place.
    is_full: bool,
    /// Events in the window and in the baseline.
    totals: (u64, u64),
}

impl Collector {
    /// Counts what lies in these spans.
    pub fn new(spans: Spans) -> Self {
        Self { spans, ..Self::default() }
    }

    /// Adds an event. What lies in neither span is left out.
    pub fn add(&mut self, sign: &Sign, seen: &Seen<'_>) {
        self.add_times(sign, seen, 1);
    }

    /// Adds an event that stands for so many like it.
    pub fn add_times(&mut self, sign: &Sign, seen: &Seen<'_>, times: u64) {
        let inside = seen.time.is_none_or(|t| self.spans.window.contains(t));
        let before = !inside && seen.time.is_some_and(|t| self.spans.baseline.is_some_and(|b| b.contains(t)));
        if !inside && !before {
            return;
        }
        self.totals.0 += if inside { times } else { 0 };
        self.totals.1 += if before { times } else { 0 };
        let key = (sign.class(), hash_bytes(sign.template.as_bytes()));
        if self.groups.len() >= MOST && !self.groups.contains_key(&key) {
            // Once, unless it makes room: comparing them all for each further event would take for ever.
            if !self.is_full {
                self.grow_together();
                self.is_full = self.groups.len() >= MOST / 4 * 3;
            }
            if self.is_full {
                self.uncounted += times;
                return;
            }
        }
        let group = self.groups.entry(key).or_insert_with(|| Group::new(sign));
        if before {
            group.before += times;
            return;
        }
        group.add(sign, seen, times);
    }

    /// Events that found no place, because more problems were told apart than are kept.
    pub fn uncounted(&self) -> u64 {
        self.uncounted
    }

    /// Events in the window and in the baseline.
    pub fn totals(&self) -> (u64, u64) {
        self.totals
    }

    /// Joins groups whose templates differ in a variable word only.
    fn grow_together(&mut self) {
        let mut classes: HashMap<u64, Vec<Group>> = HashMap::new();
        for ((class, _), group) in self.groups.drain() {
            classes.entry(class).or_default().push(group);
        }
        for (class, groups) in classes {
            for group in joined(groups) {
                let key = (class, hash_bytes(group.template.as_bytes()));
                self.groups.insert(key, group);
            }
        }
    }

    /// The problems of the window, most frequent first; the baseline's own are left out.
    pub fn finish(mut self) -> Vec<Group> {
        self.grow_together();
        let mut groups: Vec<Group> = self
            .groups
            .into_iter()
            .filter(|(_, g)| g.count > 0)
            .map(|((class, _), mut group)| {
                let id = hash_bytes(format!("{class:016x}{}", group.template).as_bytes());
                group.fingerprint = format!("{id:016x}");
                group
            })
            .collect();
        groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.fingerprint.cmp(&b.fingerprint)));
        groups
    }
}

/// Groups of one class, those with growing templates as one.
fn joined(mut groups: Vec<Group>) -> Vec<Group> {
    if groups.len() < 2 {
        return groups;
    }
    // The grouper learns in order: one that does not depend on who came first.
    groups.sort_by(|a, b| a.template.cmp(&b.template));
    let mut grouper = Grouper::default();
    let ids: Vec<_> = groups.iter().map(|g| grouper.add_template(&g.template)).collect();
    let mut by_id: BTreeMap<u32, Group> = BTreeMap::new();
    for (id, group) in ids.into_iter().zip(groups) {
        let id = grouper.resolve(id);
        match by_id.get_mut(&id.0) {
            Some(known) => known.absorb(group),
            None => {
                by_id.insert(id.0, Group { template: grouper.template(id), ..group });
            }
        }
    }
    by_id.into_values().collect()
}
