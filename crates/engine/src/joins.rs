//! Failures that name no key, joined to their entities by what they do name: a record's coordinates, a batch, a trace
//! or request, or the thread that had just named the entity.

use crate::bindings::{Source, label};
use crate::facts::LogFact;
use crate::home::{Home, Role};
use crate::ids::{is_common, is_id_like, words};
use crate::places::{self, Placed};
use crate::sweep::Haul;
use std::collections::{HashMap, HashSet};
use waylaid_model::{LogEvent, Timestamp};

const SECOND: i64 = 1_000_000_000;
/// A token that stands for more than this share of all entities groups nothing.
const WIDEST: f64 = 0.25;

/// Fills `entities` and `joined_by` of events that name no key.
pub(crate) fn join(home: &Home, haul: &mut Haul) {
    forget_processes(haul);
    by_coordinates(haul);
    let tokens = tokens_of_entities(home, haul);
    by_token(&tokens, haul, &is_trace);
    by_thread(home, haul, &|log| log.thread.is_some());
    by_token(&tokens, haul, &|_, _| true);
    by_thread(home, haul, &|log| log.thread.is_none());
    by_what_follows(haul);
    whole_batches(home, &tokens, haul);
    mask_keys(home, haul);
}

/// A number that all lines of a file show as their thread is the process: it tells nobody apart.
fn forget_processes(haul: &mut Haul) {
    const FEWEST: usize = 10;
    let is_number = |t: &str| t.trim_start_matches('#').bytes().all(|b| b.is_ascii_digit());
    let mut threads: HashMap<u32, (HashSet<String>, usize)> = HashMap::new();
    for log in &haul.logs {
        let of_part = threads.entry(log.part).or_default();
        of_part.0.extend(log.thread.clone());
        of_part.1 += 1;
    }
    let is_process = |part: &u32| {
        let of_part = threads.get(part);
        of_part.is_some_and(|(t, lines)| *lines >= FEWEST && t.len() == 1 && t.iter().all(|t| is_number(t)))
    };
    haul.logs.iter_mut().filter(|l| is_process(&l.part)).for_each(|l| l.thread = None);
}

/// Takes the entities' own keys out of the templates, where a key of letters looks like a word.
fn mask_keys(home: &Home, haul: &mut Haul) {
    let aliases: HashSet<&str> =
        haul.aliases.iter().flat_map(|a| a.values.keys()).map(String::as_str).collect();
    for log in &mut haul.logs {
        let is_key = |t: &&str| {
            t.bytes().any(|b| b.is_ascii_digit())
                && (is_id_like(t) || home.universe.contains_key(*t) || aliases.contains(t))
        };
        let keys: Vec<String> = places::tokens(&log.template).filter(is_key).map(str::to_owned).collect();
        for key in keys {
            log.template = log.template.replace(&key, "<*>");
        }
    }
}

fn by_coordinates(haul: &mut Haul) {
    let mut records: HashMap<(&str, i32, i64), &[u32]> = HashMap::new();
    let mut any_topic: HashMap<(i32, i64), Vec<&[u32]>> = HashMap::new();
    for fact in &haul.records {
        let r = &fact.record;
        records.insert((r.topic.as_str(), r.partition, r.offset), &fact.entities);
        any_topic.entry((r.partition, r.offset)).or_default().push(&fact.entities);
    }
    let mut joined: Vec<(usize, Vec<u32>)> = Vec::new();
    for (index, log) in haul.logs.iter().enumerate().filter(|(_, l)| l.entities.is_empty()) {
        let mut entities: Vec<u32> = Vec::new();
        for c in &log.coordinates {
            match &c.topic {
                Some(topic) => entities.extend(
                    records.get(&(topic.as_str(), c.partition, c.offset)).copied().unwrap_or_default(),
                ),
                None => {
                    if let Some([only]) = any_topic.get(&(c.partition, c.offset)).map(Vec::as_slice) {
                        entities.extend(*only);
                    }
                }
            }
        }
        if !entities.is_empty() {
            entities.sort_unstable();
            entities.dedup();
            joined.push((index, entities));
        }
    }
    for (index, entities) in joined {
        haul.logs[index].entities = entities;
        haul.logs[index].joined_by = Some("record");
    }
}

/// Values that group events: id-like by themselves or in their parts (a W3C `traceparent` holds the trace), or short
/// numbers under a name that says it is a batch, a run, …
fn grouping_tokens(place: &str, value: &str) -> Vec<String> {
    const GROUPS: &[&str] = &[
        "batch",
        "chunk",
        "bulk",
        "run",
        "job",
        "request",
        "req",
        "trace",
        "correlation",
        "tx",
        "transaction",
        "poll",
        "page",
        "file",
        "import",
        "session",
        "message",
        "msg",
        "event",
        "lot",
    ];
    if !is_common(value) && is_id_like(value) {
        let parts = value
            .split('-')
            .filter(|p| p.len() >= 16 && p.len() < value.len() && is_hex(p))
            .map(str::to_owned);
        return std::iter::once(value.to_owned()).chain(parts).collect();
    }
    let name = words(label(place));
    let group = name.iter().rev().find(|w| GROUPS.contains(&w.as_str()));
    match group {
        Some(group) if value.bytes().any(|b| b.is_ascii_digit()) => vec![format!("{group} {value}")],
        _ => Vec::new(),
    }
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether a value is the id of a trace or request, by its name or by its form (16 or 32 hexadecimal digits).
fn is_trace(place: &str, value: &str) -> bool {
    is_trace_name(place) || (matches!(value.len(), 16 | 32) && is_hex(value))
}

/// Whether a place is named for a trace, a span or a request.
pub(crate) fn is_trace_name(place: &str) -> bool {
    const NAMES: &[&str] = &[
        "trace",
        "traceid",
        "traceparent",
        "correlation",
        "correlationid",
        "request",
        "requestid",
        "req",
        "span",
        "spanid",
    ];
    words(label(place)).iter().any(|w| NAMES.contains(&w.as_str()))
}

/// Tokens that stand beside entities, each with the entities and the times.
pub(crate) fn tokens_of_entities(home: &Home, haul: &Haul) -> HashMap<String, HashSet<u32>> {
    let mut tokens: HashMap<String, HashSet<u32>> = HashMap::new();
    let instances: HashSet<&str> = haul
        .logs
        .iter()
        .map(|l| l.instance.as_str())
        .chain(haul.logs.iter().filter_map(|l| l.thread.as_deref()))
        .collect();
    for log in haul.logs.iter().filter(|l| !l.entities.is_empty()) {
        for p in &log.placed {
            for token in grouping_tokens(&p.place, &p.value) {
                if !home.universe.contains_key(&p.value) && !instances.contains(p.value.as_str()) {
                    tokens.entry(token).or_default().extend(&log.entities);
                }
            }
        }
    }
    for record in haul.records.iter().filter(|r| !r.entities.is_empty()) {
        for p in places::of_record(&record.record) {
            for token in grouping_tokens(&p.place, &p.value) {
                if !home.universe.contains_key(&p.value) {
                    tokens.entry(token).or_default().extend(&record.entities);
                }
            }
        }
    }
    let all: HashSet<u32> = tokens.values().flatten().copied().collect();
    let widest = ((all.len() as f64 * WIDEST) as usize).max(3);
    tokens.retain(|_, owners| owners.len() <= widest);
    tokens
}

/// Joins by the token with the fewest owners among those that `counts` admits.
fn by_token(tokens: &HashMap<String, HashSet<u32>>, haul: &mut Haul, counts: &dyn Fn(&str, &str) -> bool) {
    let mut joined: Vec<(usize, Vec<u32>, bool)> = Vec::new();
    for (index, log) in haul.logs.iter().enumerate().filter(|(_, l)| l.entities.is_empty()) {
        let owners: Option<&HashSet<u32>> = log
            .placed
            .iter()
            .filter(|p| counts(&p.place, &p.value))
            .flat_map(|p| grouping_tokens(&p.place, &p.value))
            .filter_map(|t| tokens.get(&t))
            .min_by_key(|owners| owners.len());
        if let Some(owners) = owners {
            let mut entities: Vec<u32> = owners.iter().copied().collect();
            entities.sort_unstable();
            joined.push((index, entities, owners.len() > 1));
        }
    }
    for (index, entities, several) in joined {
        haul.logs[index].entities = entities;
        haul.logs[index].joined_by = Some(if several { "batch" } else { "request" });
    }
}

/// A failure that names a batch and one item of it has taken the whole batch along where none of it was completed.
fn whole_batches(home: &Home, tokens: &HashMap<String, HashSet<u32>>, haul: &mut Haul) {
    const BATCHES: &[&str] = &["batch", "chunk", "bulk", "lot", "poll", "page", "manifest", "file"];
    let names_batch = |place: &str| words(label(place)).iter().any(|w| BATCHES.contains(&w.as_str()));
    for log in haul.logs.iter_mut().filter(|l| l.is_failure() && !l.entities.is_empty()) {
        let batches = log.placed.iter().filter(|p| names_batch(&p.place));
        let members =
            batches.flat_map(|p| grouping_tokens(&p.place, &p.value)).filter_map(|t| tokens.get(&t)).find(
                |owners| log.entities.iter().all(|e| owners.contains(e)) && owners.len() > log.entities.len(),
            );
        let Some(members) = members else { continue };
        if members.iter().all(|e| home.entities[*e as usize].role != Role::Done) {
            log.entities = members.iter().copied().collect();
            log.entities.sort_unstable();
            log.joined_by = Some("batch");
        }
    }
}

/// The entities that the same thread had named last, unless that was somebody who isn't followed.
fn by_thread(home: &Home, haul: &mut Haul, counts: &dyn Fn(&LogFact) -> bool) {
    let names = Names::new(home, haul);
    let topics: HashSet<&str> = haul.records.iter().map(|r| r.record.topic.as_str()).collect();
    // A failure that names its record is that record's, and no one's who was named before.
    let names_record =
        |l: &LogFact| l.coordinates.iter().any(|c| c.topic.as_deref().is_some_and(|t| topics.contains(t)));
    let is_open = |l: &LogFact| l.entities.is_empty() && l.is_failure() && counts(l) && !names_record(l);
    let mut joined: Vec<(usize, Vec<u32>)> = Vec::new();
    for (index, log) in haul.logs.iter().enumerate().filter(|(_, l)| is_open(l)) {
        let mut entities = names.before(log);
        entities.sort_unstable();
        entities.dedup();
        if !entities.is_empty() {
            joined.push((index, entities));
        }
    }
    for (index, entities) in joined {
        haul.logs[index].joined_by = Some(if entities.len() > 1 { "batch" } else { "thread" });
        haul.logs[index].entities = entities;
    }
}

/// An exception that names nobody is of the one whom the same thread gives up right after it: `attempt 4 failed` with its
/// trace, then `retries exhausted for t-0@74839`.
fn by_what_follows(haul: &mut Haul) {
    let mut threads: HashMap<(u32, Option<&str>), Vec<usize>> = HashMap::new();
    for (index, log) in haul.logs.iter().enumerate() {
        threads.entry((log.part, log.thread.as_deref())).or_default().push(index);
    }
    let throws = |l: &LogFact| l.failure.as_ref().is_some_and(|f| f.exception.is_some());
    let mut joined: Vec<(usize, Vec<u32>)> = Vec::new();
    for ((_, thread), mut lines) in threads {
        let reach = if thread.is_some() { 60 * SECOND } else { SECOND };
        lines.sort_unstable_by_key(|i| haul.logs[*i].seq);
        let mut next: Option<&LogFact> = None;
        for index in lines.into_iter().rev() {
            let log = &haul.logs[index];
            // What names its record is that record's.
            if !(log.entities.is_empty() && throws(log) && log.coordinates.is_empty()) {
                let named = matches!(log.joined_by, None | Some("record")) && !log.entities.is_empty();
                next = Some(log).filter(|l| named && l.is_failure() && !throws(l));
                continue;
            }
            let near = |l: &&LogFact| {
                l.clock.zip(log.clock).is_some_and(|(b, a)| (-SECOND..=reach).contains(&b.since(a)))
            };
            if let Some(last) = next.filter(near) {
                joined.push((index, last.entities.clone()));
            }
        }
    }
    for (index, entities) in joined {
        haul.logs[index].joined_by = Some("thread");
        haul.logs[index].entities = entities;
    }
}

/// Whom an event names.
enum Named {
    Followed(Vec<u32>),
    /// One of the entity's kind that isn't followed.
    Other,
    Nobody,
}

/// The names by which entities go in log events.
struct Names<'h> {
    home: &'h Home,
    keys: HashMap<&'h str, u32>,
    aliases: HashMap<&'h str, &'h Vec<u32>>,
    places: HashSet<(&'h str, &'h str)>,
}

impl<'h> Names<'h> {
    fn new(home: &'h Home, haul: &'h Haul) -> Self {
        let of_log = |b: &&(String, crate::bindings::Binding)| matches!(b.1.source, Source::Log(_));
        Self {
            home,
            keys: home.entities.iter().enumerate().map(|(i, e)| (e.key.as_str(), i as u32)).collect(),
            aliases: haul
                .aliases
                .iter()
                .flat_map(|a| a.values.iter())
                .map(|(v, o)| (v.as_str(), o))
                .collect(),
            places: haul
                .bindings
                .iter()
                .filter(of_log)
                .map(|(_, b)| (b.source.name(), b.place.as_str()))
                .collect(),
        }
    }

    /// Whom the failing event's thread had just named: one, or the batch that it had just gone through.
    fn before(&self, log: &LogFact) -> Vec<u32> {
        let reach = if log.thread.is_some() { 120 * SECOND } else { SECOND };
        let near = |a: Option<Timestamp>, b: Option<Timestamp>| match (a, b) {
            (Some(a), Some(b)) => (-SECOND..=reach).contains(&b.since(a)),
            _ => true,
        };
        let mut events = log.preceding.iter();
        let found = events.by_ref().take_while(|e| near(e.time, log.clock)).find_map(|event| {
            match self.of(event, &log.service) {
                Named::Nobody => None,
                named => Some((event, named)),
            }
        });
        let Some((last, Named::Followed(nearest))) = found else { return Vec::new() };
        self.run(last, &nearest, events, &log.service).unwrap_or(nearest)
    }

    /// A run of lines of one statement, each of which names somebody, and which another line opens, is a batch: `Took 1`,
    /// `Took 2`, `Took 3`, and the failure of all three. Not where most of those it names were completed: then the
    /// lines are those of work that went on by itself.
    fn run<'e>(
        &self,
        last: &LogEvent,
        nearest: &[u32],
        before: impl Iterator<Item = &'e LogEvent>,
        service: &str,
    ) -> Option<Vec<u32>> {
        let template = waylaid_logs::template_of(&last.message);
        let (mut members, mut others, mut at) = (nearest.to_vec(), 0, last.time);
        for event in before {
            let at_once = at.zip(event.time).is_none_or(|(later, earlier)| later.since(earlier) <= SECOND);
            let is_alike = at_once && waylaid_logs::template_of(&event.message) == template;
            match self.of(event, service) {
                Named::Followed(of_event) if is_alike => members.extend(of_event),
                Named::Other if is_alike => others += 1,
                _ => {
                    let is_done = |e: &&u32| self.home.entities[**e as usize].role == Role::Done;
                    let went_on = others + members.iter().filter(is_done).count();
                    return (went_on * 5 <= members.len() + others).then_some(members);
                }
            }
            at = event.time;
        }
        None
    }

    /// By the entity's own key where it stands, else by a further one.
    fn of(&self, event: &LogEvent, service: &str) -> Named {
        let placed = places::of_event(event);
        let counts = |p: &&Placed| self.places.contains(&(service, p.place.as_str())) || !is_common(&p.value);
        let own = placed.iter().filter(counts).find_map(|p| self.keys.get(p.value.as_str()));
        if let Some(entity) = own {
            return Named::Followed(vec![*entity]);
        }
        for p in placed.iter().filter(counts) {
            if let Some(owners) = self.aliases.get(p.value.as_str()) {
                return Named::Followed((*owners).clone());
            }
            if self.home.universe.contains_key(&p.value) {
                return Named::Other;
            }
        }
        Named::Nobody
    }
}
