//! One pass over all logs: statements with their counts, and requests as short lists of what was logged when.
//!
//! Memory is bounded: when the lists grow too long, requests are thinned out by their hash, so that those which stay
//! are whole and the same in every run.

use super::periods::{Periods, Side};
use super::request::{self, hash};
use super::statement::{Identity, Met, Severity};
use crate::Stores;
use crate::facts::{first_line, shorten};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use waylaid_model::{Coverage, Kind, Reference, Status, Timestamp};
use waylaid_store::{Context, ErrorKind, LogHit, LogQuery, Select, StoreError};

/// Entries of all requests together.
const MAX_ENTRIES: usize = 2_500_000;
/// Distinct statements; what comes behind is counted with its service only.
const MAX_STATEMENTS: usize = 60_000;
const MAX_SAMPLE: usize = 240;

/// A statement and how often it was met on each side.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) service: u32,
    pub(super) logger: String,
    pub(super) template: String,
    pub(super) exception: Option<String>,
    pub(super) severity: Severity,
    pub(super) kind: Option<Kind>,
    pub(super) count: [u64; 2],
    /// First and last in the window.
    pub(super) first: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
    /// The earliest on each side: when, where, what it says.
    pub(super) sample: [Option<(Timestamp, Reference, String)>; 2],
}

/// One event of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) at: Timestamp,
    pub(super) part: u32,
    pub(super) line: u64,
    pub(super) statement: u32,
    pub(super) lane: u32,
    /// Hash of the text, to tell a repeated line from a line that was delivered twice.
    pub(super) text: u32,
}

/// A request: whether it names itself, and its events.
#[derive(Clone, Debug, Default)]
pub(super) struct Unit {
    pub(super) named: bool,
    pub(super) entries: Vec<Entry>,
}

/// Everything that one pass brings home.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) services: Vec<String>,
    pub(super) statements: Vec<Statement>,
    pub(super) units: Vec<Unit>,
    /// Files of the entries: store and name.
    pub(super) parts: Vec<(String, String)>,
    pub(super) events: [u64; 2],
    pub(super) untimed: u64,
    /// Requests were thinned out to one in so many.
    pub(super) one_in: u64,
    pub(super) overflow: bool,
    pub(super) first: [Option<Timestamp>; 2],
    pub(super) last: [Option<Timestamp>; 2],
    pub(super) coverage: Vec<Coverage>,
}

#[derive(Default)]
struct Gatherer {
    out: Collected,
    services: HashMap<String, u32>,
    statements: HashMap<(u32, Identity), u32>,
    parts: HashMap<(String, String), u32>,
    units: HashMap<u64, Unit>,
    entries: usize,
    limit: u64,
}

/// Reads every log store once.
pub(super) fn collect(
    stores: &Stores,
    periods: &Periods,
    context: &Context,
) -> Result<Collected, StoreError> {
    let gatherer = Mutex::new(Gatherer { limit: u64::MAX, ..Gatherer::default() });
    let query = LogQuery { window: periods.span(), select: Select::all(), ..LogQuery::default() };
    let mut coverage = stores.failed.clone();
    for store in &stores.logs {
        let sink = |hit: LogHit| {
            let met = Met::of(&hit.event);
            let mut gatherer = gatherer.lock().unwrap_or_else(PoisonError::into_inner);
            gatherer.take(&hit, met, periods);
        };
        match store.scan(&query, context, &sink) {
            Ok(lines) => coverage.extend(lines),
            Err(error) if error.kind == ErrorKind::Cancelled => return Err(error),
            Err(error) => {
                let line = Coverage::new(store.name(), store.name(), Status::Failed);
                coverage.push(line.with_note(error.to_string()));
            }
        }
    }
    let gatherer = gatherer.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(gatherer.finish(coverage))
}

impl Gatherer {
    fn take(&mut self, hit: &LogHit, met: Met, periods: &Periods) {
        let Some(at) = hit.event.time else {
            self.out.untimed += 1;
            return;
        };
        let service = self.service(&hit.service);
        let side = periods.side(at);
        let statement = self.statement(service, met);
        if let Some(side) = side {
            self.out.events[side as usize] += 1;
            see(&mut self.out.first[side as usize], &mut self.out.last[side as usize], at);
            self.out.statements[statement as usize].add(side, at, hit);
        }
        let request = request::of(hit);
        if request.unit > self.limit {
            return;
        }
        let (part, line) = self.place(&hit.at);
        let text = hash(&hit.event.message) as u32;
        let lane = request.lane as u32;
        let unit = self.units.entry(request.unit).or_default();
        unit.named = request.named;
        unit.entries.push(Entry { at, part, line, statement, lane, text });
        self.entries += 1;
        if self.entries > MAX_ENTRIES {
            self.thin_out();
        }
    }

    /// Drops half of the requests. Which ones stay depends on all of the events, not on the order they came in.
    fn thin_out(&mut self) {
        while self.entries > MAX_ENTRIES && self.limit > 0 {
            self.limit /= 2;
            let limit = self.limit;
            self.units.retain(|key, _| *key <= limit);
            self.entries = self.units.values().map(|u| u.entries.len()).sum();
        }
    }

    fn service(&mut self, name: &str) -> u32 {
        if let Some(known) = self.services.get(name) {
            return *known;
        }
        let id = self.out.services.len() as u32;
        self.out.services.push(name.to_owned());
        self.services.insert(name.to_owned(), id);
        id
    }

    fn statement(&mut self, service: u32, mut met: Met) -> u32 {
        if self.out.statements.len() >= MAX_STATEMENTS
            && !self.statements.contains_key(&(service, met.identity.clone()))
        {
            self.out.overflow = true;
            let other = Identity { logger: String::new(), template: String::new(), exception: None };
            met =
                Met { identity: other, template: "any other".into(), severity: Severity::Normal, kind: None };
        }
        let next = self.out.statements.len() as u32;
        let id = *self.statements.entry((service, met.identity.clone())).or_insert(next);
        if id == next {
            self.out.statements.push(Statement {
                service,
                logger: met.identity.logger,
                template: met.template,
                exception: met.identity.exception,
                severity: met.severity,
                kind: met.kind,
                count: [0; 2],
                first: None,
                last: None,
                sample: [None, None],
            });
        } else {
            let known = &mut self.out.statements[id as usize];
            known.severity = known.severity.max(met.severity);
            known.kind = known.kind.min(met.kind).or(known.kind).or(met.kind);
            if met.template < known.template {
                known.template = met.template;
            }
        }
        id
    }

    fn place(&mut self, at: &Reference) -> (u32, u64) {
        let Reference::LogLine { store, file, line } = at else { return (u32::MAX, 0) };
        let key = (store.clone(), file.clone());
        let next = self.out.parts.len() as u32;
        let id = *self.parts.entry(key).or_insert(next);
        if id == next {
            self.out.parts.push((store.clone(), file.clone()));
        }
        (id, *line)
    }

    fn finish(mut self, coverage: Vec<Coverage>) -> Collected {
        let mut units: Vec<(u64, Unit)> = self.units.into_iter().collect();
        units.sort_by_key(|(key, _)| *key);
        self.out.units = units.into_iter().map(|(_, unit)| unit).collect();
        self.out.one_in = u64::MAX / self.limit.max(1);
        self.out.coverage = coverage;
        self.out.order()
    }
}

impl Statement {
    fn add(&mut self, side: Side, at: Timestamp, hit: &LogHit) {
        self.count[side as usize] += 1;
        if side == Side::Window {
            see(&mut self.first, &mut self.last, at);
        }
        let sample = &mut self.sample[side as usize];
        let earlier = |old: &(Timestamp, Reference, String)| (at, &hit.at) < (old.0, &old.1);
        if sample.as_ref().is_none_or(earlier) {
            let text = shorten(first_line(&hit.event.message), MAX_SAMPLE);
            *sample = Some((at, hit.at.clone(), text));
        }
    }
}

fn see(first: &mut Option<Timestamp>, last: &mut Option<Timestamp>, at: Timestamp) {
    *first = Some(first.map_or(at, |f| f.min(at)));
    *last = (*last).max(Some(at));
}

impl Collected {
    /// Numbers services, statements and files by their names, whatever order several threads met them in, and sorts
    /// the events of each request by time, each once.
    fn order(mut self) -> Self {
        let services = ranks(&self.services);
        let parts = ranks(&self.parts);
        let keys: Vec<(u32, String, String, Option<String>)> = self
            .statements
            .iter()
            .map(|s| {
                (services[s.service as usize], s.logger.clone(), s.template.clone(), s.exception.clone())
            })
            .collect();
        let statements = ranks(&keys);
        self.services = rearrange(self.services, &services);
        self.parts = rearrange(self.parts, &parts);
        for statement in &mut self.statements {
            statement.service = services[statement.service as usize];
        }
        self.statements = rearrange(self.statements, &statements);
        for unit in &mut self.units {
            for entry in &mut unit.entries {
                entry.statement = statements[entry.statement as usize];
                entry.part = parts.get(entry.part as usize).copied().unwrap_or(u32::MAX);
            }
            unit.entries.sort_unstable();
            unit.entries.dedup_by_key(|e| (e.at, e.statement, e.lane, e.text));
        }
        self
    }

    /// Where an event stands.
    pub(super) fn reference(&self, entry: &Entry) -> Option<Reference> {
        let (store, file) = self.parts.get(entry.part as usize)?;
        Some(Reference::LogLine { store: store.clone(), file: file.clone(), line: entry.line })
    }

    /// The service of an event.
    pub(super) fn service_of(&self, entry: &Entry) -> u32 {
        self.statements[entry.statement as usize].service
    }
}

/// The place of each item in sorted order.
fn ranks<T: Ord>(items: &[T]) -> Vec<u32> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|a, b| items[*a].cmp(&items[*b]));
    let mut ranks = vec![0; items.len()];
    for (rank, item) in order.into_iter().enumerate() {
        ranks[item] = rank as u32;
    }
    ranks
}

fn rearrange<T>(items: Vec<T>, ranks: &[u32]) -> Vec<T> {
    let mut pairs: Vec<(u32, T)> = ranks.iter().copied().zip(items).collect();
    pairs.sort_by_key(|(rank, _)| *rank);
    pairs.into_iter().map(|(_, item)| item).collect()
}
