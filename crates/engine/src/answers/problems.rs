//! `problems`: error groups of all services, against what went before.

use crate::home::{self, Role, Rules};
use crate::{Ask, EngineError, Stores, gather};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use waylaid_logs::problems::{
    Collector, Group, Onset, Rank, Sample, Seen, Sign, Spans, against, instance_of, service_of, within,
};
use waylaid_model::answers::{EntityHits, Problem, ProblemsAnswer};
use waylaid_model::{Coverage, Evidence, EvidenceId, LogEvent, Status, System, Timestamp, Window};
use waylaid_store::{Context, Enough, ErrorKind, KeySet, LogHit, LogQuery, Select};

/// Parts of the histogram.
const PARTS: usize = 24;
/// Samples are shown so long.
const TEXT: usize = 600;
/// So many failures of a store are read; of more, a sample where the store's server can choose it.
const ENOUGH: u64 = 60_000;
/// Services and instances listed of a problem.
const NAMES: usize = 12;

/// What is asked about problems beside window and baseline.
#[derive(Clone, Debug, Default)]
pub struct ProblemsAsk {
    /// Entity, window, baseline.
    pub ask: Ask,
    /// At most so many problems are listed; all are counted.
    pub limit: usize,
    /// The files' names do not tell the services: what the events say themselves comes first.
    pub by_event: bool,
}

/// Error groups of all services.
pub fn problems(
    system: Option<&System>,
    stores: &Stores,
    asked: &ProblemsAsk,
    context: &Context,
) -> Result<ProblemsAnswer, EngineError> {
    let ask = &asked.ask;
    let before = ask.window.from.map(|from| Window { from: None, until: Some(from) });
    let baseline = ask.baseline.or(before);
    let mut notes = Vec::new();
    let entities = Entities::of(system, stores, ask, context, &mut notes);
    let hunt = Hunt {
        collector: Mutex::new(Collector::new(Spans { window: ask.window, baseline })),
        entities,
        by_event: asked.by_event,
        stood_for: AtomicU64::new(0),
    };
    let coverage = hunt.run(stores, hull(ask.window, baseline), context);
    let Hunt { collector, entities, stood_for, .. } = hunt;
    let stood_for = stood_for.into_inner();
    if stood_for > 0 {
        notes.push(format!(
            "{stood_for} of the events were not looked at, but stand behind others of a sample: counts of problems are \
             estimates, and a problem that is rare may be missing; the coverage says of what"
        ));
    }
    let collector = collector.into_inner().unwrap_or_else(PoisonError::into_inner);
    let answer = Writer::new(ask, baseline, &coverage, entities).write(collector, asked.limit, notes);
    Ok(ProblemsAnswer { coverage, ..answer })
}

/// The shortest window that holds both.
fn hull(window: Window, baseline: Option<Window>) -> Window {
    let Some(baseline) = baseline else { return window };
    let from = window.from.zip(baseline.from).map(|(a, b)| a.min(b));
    let until = window.until.zip(baseline.until).map(|(a, b)| a.max(b));
    Window { from, until }
}

/// The entities whose keys are looked for in the events.
#[derive(Default)]
struct Entities {
    keys: Option<Arc<KeySet>>,
    /// Of each key, whether it is stuck.
    stuck: Vec<bool>,
}

impl Entities {
    /// Stuck and completed ones, where the system says who these are.
    fn of(
        system: Option<&System>,
        stores: &Stores,
        ask: &Ask,
        context: &Context,
        notes: &mut Vec<String>,
    ) -> Self {
        let Some(spec) = system.and_then(|s| gather::entity(s, ask).ok()) else { return Self::default() };
        if spec.tables.is_empty() || spec.stuck.is_none() {
            return Self::default();
        }
        let everybody = Ask { window: Window::default(), ..ask.clone() };
        let home = match home::load(spec, &Rules::new(spec, &everybody), stores, &everybody, context) {
            Ok(home) => home,
            Err(error) => {
                notes.push(format!("which {} are hit is not told: {error}", spec.name));
                return Self::default();
            }
        };
        let mut roles: BTreeMap<&str, bool> = BTreeMap::new();
        for entity in home.entities.iter().filter(|e| matches!(e.role, Role::Stuck | Role::Done)) {
            roles.insert(&entity.key, entity.role == Role::Stuck);
        }
        let keys = KeySet::new(roles.keys().copied());
        let stuck =
            (0..keys.len() as u32).map(|n| roles.get(keys.key(n)).copied().unwrap_or(false)).collect();
        Self { keys: Some(Arc::new(keys)), stuck }
    }

    fn hits(&self, group: &Group) -> Option<EntityHits> {
        self.keys.as_ref()?;
        let stuck =
            group.entities.iter().filter(|e| self.stuck.get(**e as usize).copied().unwrap_or(false)).count();
        Some(EntityHits { stuck: stuck as u64, completed: (group.entities.len() - stuck) as u64 })
    }
}

/// One pass over all logs.
struct Hunt {
    collector: Mutex<Collector>,
    entities: Entities,
    by_event: bool,
    /// Events of which only others like them were seen.
    stood_for: AtomicU64,
}

impl Hunt {
    fn run(&self, stores: &Stores, window: Window, context: &Context) -> Vec<Coverage> {
        let select = Select { failures: true, keys: self.entities.keys.clone(), ..Select::default() };
        let base = LogQuery { window, select, ..LogQuery::default() };
        let mut coverage: Vec<Coverage> =
            stores.failed.iter().filter(|c| c.store.starts_with("logs.")).cloned().collect();
        for (number, store) in (0u32..).zip(&stores.logs) {
            let enough = Arc::new(Enough::new(ENOUGH));
            let query = LogQuery { enough: Some(Arc::clone(&enough)), ..base.clone() };
            match store.scan(&query, context, &|hit| self.add(number, &hit, &enough)) {
                Ok(lines) => coverage.extend(lines),
                Err(error) => {
                    let stopped = error.kind == ErrorKind::Cancelled;
                    let status = if stopped { Status::Partial } else { Status::Failed };
                    let note = if stopped {
                        "interrupted: what was read until then counts".to_owned()
                    } else {
                        error.to_string()
                    };
                    coverage.push(Coverage::new(store.name(), store.name(), status).with_note(note));
                }
            }
        }
        coverage
    }

    fn add(&self, store: u32, hit: &LogHit, enough: &Enough) {
        let Some(sign) = Sign::of(&hit.event) else { return };
        let told = |name: Option<String>| name.filter(|_| self.by_event);
        let service = told(service_of(&hit.event));
        let instance = instance_of(&hit.event);
        let seen = Seen {
            at: &hit.at,
            order: (store << 20 | hit.part & 0xf_ffff, hit.seq),
            service: service.as_deref().unwrap_or(&hit.service),
            instance: instance.as_deref().unwrap_or(&hit.instance),
            target: &hit.service,
            time: hit.event.time,
            entities: &hit.keys,
            text: &text_of(&hit.event),
        };
        let times = u64::from(enough.weight(hit.part, hit.seq));
        self.stood_for.fetch_add(times.saturating_sub(1), Ordering::Relaxed);
        self.collector.lock().unwrap_or_else(PoisonError::into_inner).add_times(&sign, &seen, times);
    }
}

/// What an event says, in one line or two: message and the exception's first line.
fn text_of(event: &LogEvent) -> String {
    let mut text = event.level.map_or_else(String::new, |l| format!("{l} "));
    text += crate::facts::first_line(&event.message);
    if let Some(exception) = &event.exception {
        let head = exception.lines().find(|l| !l.trim().is_empty()).unwrap_or_default().trim();
        if !event.message.contains(head) {
            text += " | ";
            text += head;
        }
    }
    crate::facts::shorten(&text, TEXT)
}

/// From groups to an answer.
struct Writer {
    window: Window,
    baseline: Option<Window>,
    /// Whether a window or a baseline was asked for.
    compares: bool,
    /// How far the logs of each target reach.
    reaches: BTreeMap<String, Window>,
    entities: Entities,
    evidence: BTreeMap<EvidenceId, Evidence>,
}

impl Writer {
    fn new(ask: &Ask, baseline: Option<Window>, coverage: &[Coverage], entities: Entities) -> Self {
        let all = reach(coverage);
        Self {
            window: clipped(ask.window, all),
            baseline: baseline.map(|b| clipped(b, all)),
            compares: baseline.is_some(),
            reaches: coverage.iter().map(|c| (c.target.clone(), reach(std::slice::from_ref(c)))).collect(),
            entities,
            evidence: BTreeMap::new(),
        }
    }

    fn write(mut self, collector: Collector, limit: usize, mut notes: Vec<String>) -> ProblemsAnswer {
        let (events, before) = collector.totals();
        if collector.uncounted() > 0 {
            let what = "events resemble no problem that is kept: there are too many different ones";
            notes.push(format!("{} {what}", collector.uncounted()));
        }
        if self.compares && length(self.baseline) <= 0 {
            notes.push("the logs do not reach into the baseline: nothing can be compared".to_owned());
        }
        let groups = collector.finish();
        let mut found: Vec<(Onset, Group)> = groups.into_iter().map(|g| (self.onset(&g), g)).collect();
        found.sort_by_key(|(onset, group)| order(*onset, group));
        let count = found.len() as u64;
        found.truncate(limit);
        let problems = (1..).zip(&found).map(|(n, (onset, group))| self.one(n, *onset, group)).collect();
        ProblemsAnswer {
            window: self.window,
            baseline: self.baseline,
            count,
            events,
            before,
            problems,
            evidence: self.evidence,
            notes,
            coverage: Vec::new(),
        }
    }

    fn onset(&self, group: &Group) -> Onset {
        if self.compares {
            return against(
                group.count,
                group.before,
                length(Some(self.window)),
                length(self.baseline),
                group.first,
            );
        }
        // A service that was started late, or whose clock is off, is compared with itself.
        let mut span = Window::default();
        for own in group.targets.iter().filter_map(|t| self.reaches.get(t)) {
            span.from = [span.from, own.from].into_iter().flatten().min();
            span.until = span.until.max(own.until);
        }
        within(&group.histogram, group.first, clipped(self.window, span))
    }

    fn one(&mut self, number: usize, onset: Onset, group: &Group) -> Problem {
        let evidence = group.samples().into_iter().map(|s| self.cite(s)).collect();
        let is_dated = group.histogram.total() > 0 && length(Some(self.window)) > 0;
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Problem {
            id: format!("p{number}"),
            fingerprint: group.fingerprint.clone(),
            rank: group.rank.as_str().to_owned(),
            level: group.level.map(|l| l.to_string()),
            kind: group.kind,
            exception: filled(&group.type_name),
            template: group.template.clone(),
            frames: group.frames.clone(),
            chain: filled(&group.chain),
            count: group.count,
            before: group.before,
            onset: onset.as_str().to_owned(),
            since: onset.since(),
            first: group.first,
            last: group.last,
            services: most_frequent(group.services.clone()),
            instances: most_frequent(instances(group)),
            histogram: if is_dated { group.histogram.parts(self.window, PARTS) } else { Vec::new() },
            entities: self.entities.hits(group),
            evidence,
        }
    }

    fn cite(&mut self, sample: &Sample) -> EvidenceId {
        let id = EvidenceId(format!("e{}", self.evidence.len() + 1));
        let evidence = Evidence {
            at: sample.time,
            reference: sample.at.to_string(),
            address: sample.at.clone(),
            text: sample.text.clone(),
        };
        self.evidence.insert(id.clone(), evidence);
        id
    }
}

/// Errors before warnings; what is new before what is more before the rest; then by frequency.
fn order(onset: Onset, group: &Group) -> (bool, u8, std::cmp::Reverse<u64>, String) {
    let onset = match onset {
        Onset::New(_) => 0,
        Onset::More(_) => 1,
        Onset::AsEver | Onset::Unknown => 2,
    };
    (group.rank != Rank::Error, onset, std::cmp::Reverse(group.count), group.fingerprint.clone())
}

fn instances(group: &Group) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for ((_, instance), count) in &group.instances {
        *counts.entry(instance.clone()).or_default() += count;
    }
    counts
}

fn most_frequent(counts: BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts.truncate(NAMES);
    counts
}

/// From the first to behind the last time in the logs.
fn reach(coverage: &[Coverage]) -> Window {
    let mut reach = Window::default();
    for line in coverage {
        let Some((from, until)) = line.range.split_once(" .. ") else { continue };
        let (from, until) = (Timestamp::parse_rfc3339(from.trim()), Timestamp::parse_rfc3339(until.trim()));
        reach.from = [reach.from, from].into_iter().flatten().min();
        reach.until = reach.until.max(until.map(|t| t.plus(1)));
    }
    reach
}

fn clipped(window: Window, reach: Window) -> Window {
    let from = window.from.max(reach.from);
    let until = [window.until, reach.until].into_iter().flatten().min();
    Window { from, until }
}

/// Length in nanoseconds; 0 where an end is not known.
fn length(window: Option<Window>) -> i64 {
    match window {
        Some(Window { from: Some(from), until: Some(until) }) => until.since(from),
        _ => 0,
    }
}
