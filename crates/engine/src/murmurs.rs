//! A second look where nothing tells why: lines of any level that name nobody.
//!
//! A sweep brings home what holds a key, and failures. A consumer that drops a record often says so in passing (`offers are
//! off`, `seen before`, `nothing to do`), without a key and below WARN. Only where some of the stuck are left without a
//! reason are all lines around the onset read once more, in bounded memory: messages that were hardly there before it are
//! kept with their times, so that they can be paired with those that stopped (`causes/paired.rs`).

use crate::causes;
use crate::facts::{self, LogFact};
use crate::home::Role;
use crate::problems::Problem;
use crate::pulse::{self, Pulse};
use crate::world::World;
use crate::{EngineError, Stores};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use waylaid_model::{Level, Timestamp, Window};
use waylaid_store::{Context, ErrorKind, LogHit, LogQuery, Select};

const HOUR: i64 = 3600 * 1_000_000_000;
/// So long before the first of them, at least and at most, and so long afterwards: a live store is not to be read for days.
const LEAST_BEFORE: i64 = HOUR;
const MOST: i64 = 12 * HOUR;
/// Different messages that are counted; further ones are left out.
const MAX_MESSAGES: usize = 20_000;
/// Times kept of a message.
const MAX_TIMES: usize = 10_000;
/// Times kept of all messages together.
const MAX_ALL: usize = 1_000_000;
/// Events kept of a message.
const KEPT: usize = 3;

/// A message that came up when they began to stop, and names nobody.
#[derive(Debug)]
pub(crate) struct Murmur {
    /// The problem that it was made into.
    pub(crate) problem: usize,
    /// When it came since the onset, in order.
    pub(crate) times: Vec<Timestamp>,
}

/// Reads the logs once more where somebody is left without a reason, and keeps what came up with it.
pub(crate) fn listen(world: &mut World<'_>, stores: &Stores, context: &Context) -> Result<(), EngineError> {
    let Some(onset) = onset(world) else { return Ok(()) };
    let now = world.now.unwrap_or(onset);
    let before = now.since(onset).clamp(LEAST_BEFORE, MOST);
    let window = Window { from: Some(onset.plus(-before)), until: Some(onset.plus(MOST)) };
    let known: HashSet<(u32, u64)> = world.haul.logs.iter().map(|l| (l.part, l.seq)).collect();
    let heard = Mutex::new(Heard::default());
    let query = LogQuery { window, select: Select::all(), ..LogQuery::default() };
    for store in &stores.logs {
        let sink = |hit: LogHit| {
            // What is known is felt below, by what was made of it.
            if known.contains(&(hit.part, hit.seq)) {
                return;
            }
            let template = facts::template_of(&hit.event);
            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(time) = hit.event.time {
                heard.feel(&hit.service, &template, time);
            }
            heard.take(hit, template, onset);
        };
        match store.scan(&query, context, &sink) {
            // What could not be read again was read before; the coverage told of it.
            Err(error) if error.kind == ErrorKind::Cancelled => return Err(EngineError::Store(error)),
            _ => {}
        }
    }
    let mut heard = heard.into_inner().unwrap_or_else(PoisonError::into_inner);
    for log in &world.haul.logs {
        if let Some(time) = log.clock.filter(|t| window.contains(*t)) {
            heard.feel(&log.service, &log.template, time);
        }
    }
    // What names somebody comes as they do.
    for log in world.haul.logs.iter().filter(|l| !l.entities.is_empty()) {
        heard.said.remove(&(log.service.clone(), log.template.clone()));
    }
    // Who was listened to for a part of the time only may go on afterwards.
    if now.since(onset) <= MOST {
        world.fell_silent = pulse::fell_silent(&heard.services, &heard.said, now);
    }
    heard.settle(world);
    Ok(())
}

/// When the first of those arrived that no error and no store explains; `None` where there is nobody of that kind.
fn onset(world: &World<'_>) -> Option<Timestamp> {
    let mut asked = world.of_role(Role::Stuck);
    asked.extend(world.of_role(Role::Peer));
    asked.sort_unstable();
    let done = world.of_role(Role::Done);
    let findings = causes::find(world, &asked, &done);
    let silent = findings.drafts.iter().filter(|d| d.proof.is_silent());
    silent.flat_map(|d| d.entities.iter().filter_map(|e| world.at(*e, d.boundary.from))).min()
}

/// What one message was heard to say.
struct Message {
    before: u64,
    since: u64,
    times: Vec<Timestamp>,
    kept: Vec<LogFact>,
}

#[derive(Default)]
struct Heard {
    messages: HashMap<(String, String), Message>,
    times: usize,
    /// When each service was heard.
    services: BTreeMap<String, Pulse>,
    /// When each of their messages was.
    said: BTreeMap<(String, String), Pulse>,
    beats: usize,
}

impl Heard {
    fn take(&mut self, hit: LogHit, template: String, onset: Timestamp) {
        // What a clock shows a little early still belongs to the onset.
        const EARLY: i64 = 30 * 1_000_000_000;
        let Some(time) = hit.event.time else { return };
        let identity = (hit.service.clone(), template);
        if !self.messages.contains_key(&identity) && self.messages.len() >= MAX_MESSAGES {
            return;
        }
        let message = self.messages.entry(identity).or_insert_with(|| Message {
            before: 0,
            since: 0,
            times: Vec::new(),
            kept: Vec::new(),
        });
        if onset.since(time) > EARLY {
            message.before += 1;
            return;
        }
        message.since += 1;
        if message.times.len() < MAX_TIMES && self.times < MAX_ALL {
            message.times.push(time);
            self.times += 1;
        }
        // The first ones by their place, whichever is delivered first.
        let place = (hit.part, hit.seq);
        if message.kept.len() < KEPT || message.kept.last().is_some_and(|l| (l.part, l.seq) > place) {
            message.kept.push(LogFact::new(hit));
            message.kept.sort_by_key(|l| (l.part, l.seq));
            message.kept.truncate(KEPT);
        }
    }

    /// Notes that a service said something, and what.
    fn feel(&mut self, service: &str, template: &str, time: Timestamp) {
        match self.services.get_mut(service) {
            Some(pulse) => pulse.feel(time),
            None => drop(self.services.insert(service.to_owned(), Pulse::new(time))),
        }
        let identity = (service.to_owned(), template.to_owned());
        if let Some(pulse) = self.said.get_mut(&identity) {
            let before = pulse.kept();
            pulse.feel(time);
            self.beats += pulse.kept() - before;
        } else if self.said.len() < MAX_MESSAGES && self.beats < MAX_ALL {
            self.said.insert(identity, Pulse::new(time));
            self.beats += 1;
        }
    }

    /// Makes problems of what came up with the onset.
    fn settle(self, world: &mut World<'_>) {
        const FEWEST: u64 = 3;
        let told: HashSet<(String, String)> = world
            .problems
            .iter()
            .filter(|p| !p.quiet)
            .map(|p| (p.service.clone(), p.template.clone()))
            .collect();
        let is_new =
            |m: &Message| m.since >= FEWEST && m.before * 20 <= m.since && m.since as usize == m.times.len();
        let mut fresh: Vec<((String, String), Message)> =
            self.messages.into_iter().filter(|(i, m)| is_new(m) && !told.contains(i)).collect();
        fresh.sort_by(|a, b| a.0.cmp(&b.0));
        for ((service, template), mut message) in fresh {
            message.times.sort_unstable();
            let first = message.times.first().copied();
            let from = world.haul.logs.len();
            world.haul.logs.append(&mut message.kept);
            let facts: Vec<usize> = (from..world.haul.logs.len()).collect();
            let said = facts.first().map(|i| &world.haul.logs[*i]);
            let level: Option<Level> = said.and_then(|l| l.level);
            let kind = said.and_then(|l| waylaid_logs::classify(None, &l.full_text(), &[]));
            world.problems.push(Problem {
                service,
                exception: None,
                template,
                kind,
                level,
                facts,
                count: message.since,
                first,
                last: message.times.last().copied(),
                hits: BTreeMap::new(),
                loose: std::collections::BTreeSet::new(),
                quiet: true,
            });
            world.murmurs.push(Murmur { problem: world.problems.len() - 1, times: message.times });
        }
    }
}
