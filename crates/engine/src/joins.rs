//! Failures that name no key, joined to their entities by what they do name: a record's coordinates, a batch, a trace
//! or request, or the thread that had just named the entity.

use crate::bindings::label;
use crate::facts::LogFact;
use crate::home::Home;
use crate::ids::{is_common, is_id_like, words};
use crate::places;
use crate::sweep::Haul;
use std::collections::{HashMap, HashSet};
use waylaid_model::Timestamp;

const SECOND: i64 = 1_000_000_000;
/// A token that stands for more than this share of all entities groups nothing.
const WIDEST: f64 = 0.25;

/// Fills `entities` and `joined_by` of events that name no key.
pub(crate) fn join(home: &Home, haul: &mut Haul) {
    by_coordinates(haul);
    let tokens = tokens_of_entities(home, haul);
    by_token(&tokens, haul, &is_trace);
    by_thread(home, haul, &|log| log.thread.is_some());
    by_token(&tokens, haul, &|_, _| true);
    by_thread(home, haul, &|log| log.thread.is_none());
    whole_batches(home, &tokens, haul);
    mask_keys(home, haul);
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
        if members.iter().all(|e| home.entities[*e as usize].role != crate::home::Role::Done) {
            log.entities = members.iter().copied().collect();
            log.entities.sort_unstable();
            log.joined_by = Some("batch");
        }
    }
}

/// The entity that the same thread had named last, unless that was somebody who isn't followed.
fn by_thread(home: &Home, haul: &mut Haul, counts: &dyn Fn(&LogFact) -> bool) {
    let keys: HashMap<&str, u32> =
        home.entities.iter().enumerate().map(|(i, e)| (e.key.as_str(), i as u32)).collect();
    let aliases: HashMap<&str, &Vec<u32>> =
        haul.aliases.iter().flat_map(|a| a.values.iter()).map(|(v, o)| (v.as_str(), o)).collect();
    let places: HashSet<(&str, &str)> = haul
        .bindings
        .iter()
        .filter(|(_, b)| matches!(b.source, crate::bindings::Source::Log(_)))
        .map(|(_, b)| (b.source.name(), b.place.as_str()))
        .collect();
    let mut joined: Vec<(usize, Vec<u32>)> = Vec::new();
    for (index, log) in
        haul.logs.iter().enumerate().filter(|(_, l)| l.entities.is_empty() && l.is_failure() && counts(l))
    {
        if let Some(entities) = named_before(log, &keys, &aliases, &places, home) {
            joined.push((index, entities));
        }
    }
    for (index, entities) in joined {
        haul.logs[index].entities = entities;
        haul.logs[index].joined_by = Some("thread");
    }
}

fn named_before(
    log: &LogFact,
    keys: &HashMap<&str, u32>,
    aliases: &HashMap<&str, &Vec<u32>>,
    places: &HashSet<(&str, &str)>,
    home: &Home,
) -> Option<Vec<u32>> {
    let reach = if log.thread.is_some() { 120 * SECOND } else { SECOND };
    let near = |t: Option<Timestamp>| match (t, log.clock) {
        (Some(a), Some(b)) => (-SECOND..=reach).contains(&b.since(a)),
        _ => true,
    };
    for event in log.preceding.iter().filter(|e| near(e.time)) {
        for p in places::of_event(event) {
            let bound = places.contains(&(log.service.as_str(), p.place.as_str())) || !is_common(&p.value);
            if !bound {
                continue;
            }
            if let Some(entity) = keys.get(p.value.as_str()) {
                return Some(vec![*entity]);
            }
            if let Some(owners) = aliases.get(p.value.as_str()) {
                return Some((*owners).clone());
            }
            if home.universe.contains_key(&p.value) {
                return None;
            }
        }
    }
    None
}
