//! Keys that change along the way: a row, record or log event that holds an entity's key and another id of the same
//! entity is a bridge, and the trail goes on under the other id.

use crate::bindings::{Source, label};
use crate::home::Home;
use crate::ids::{is_common, is_id_like, is_id_word, singular, words};
use crate::places::{self, Placed};
use crate::sweep::{Alias, Haul, TableMeta};
use std::collections::{BTreeMap, HashMap, HashSet};

/// At most so many values of one candidate.
const MAX_VALUES: usize = 200_000;

#[derive(Default)]
struct Candidate {
    owners: HashMap<String, Vec<u32>>,
    linked: HashSet<u32>,
}

/// Places beside a known key that hold exactly one entity's value each, and are not known yet.
pub(crate) fn candidates(home: &Home, haul: &Haul) -> Vec<Alias> {
    let mut found: BTreeMap<(Source, String), Candidate> = BTreeMap::new();
    let unique = unique_columns(haul);
    let mut add = |source: &Source, entities: &[u32], placed: &[Placed]| {
        let is_unique = |p: &Placed| matches!(source, Source::Table(t) if unique.contains(&(t.as_str(), p.place.as_str())));
        for p in placed {
            if is_candidate(home, &p.place, &p.value) || (is_unique(p) && is_name_like(home, &p.value)) {
                let entry = found.entry((source.clone(), p.place.clone())).or_default();
                if entry.owners.len() < MAX_VALUES {
                    let owners = entry.owners.entry(p.value.clone()).or_default();
                    entities
                        .iter()
                        .filter(|e| !owners.contains(e))
                        .copied()
                        .collect::<Vec<_>>()
                        .into_iter()
                        .for_each(|e| owners.push(e));
                    entry.linked.extend(entities);
                }
            }
        }
    };
    for (index, entity) in home.entities.iter().enumerate() {
        let table = home.column.as_ref().map(|c| format!("{}.{}", c.store, c.table)).unwrap_or_default();
        add(&Source::Table(table), &[index as u32], &places::of_row(&entity.row));
    }
    for row in haul.rows.iter().filter(|r| r.entities.len() == 1) {
        add(&Source::Table(row.table.clone()), &row.entities, &places::of_row(&row.row));
    }
    for record in haul.records.iter().filter(|r| r.entities.len() == 1) {
        add(
            &Source::Topic(record.record.topic.clone()),
            &record.entities,
            &places::of_record(&record.record),
        );
    }
    for log in haul.logs.iter().filter(|l| l.entities.len() == 1 && l.joined_by.is_none() && !l.is_failure())
    {
        add(&Source::Log(log.service.clone()), &log.entities, &log.placed);
    }
    drop_shared(&mut found);
    let mut known: HashSet<&String> = haul.aliases.iter().flat_map(|a| a.values.keys()).collect();
    let mut out: Vec<Alias> = Vec::new();
    let mut wide: Vec<(&(Source, String), &Candidate)> =
        found.iter().filter(|(_, c)| is_key_of_one(c)).collect();
    wide.sort_by_key(|(at, c)| (std::cmp::Reverse(c.owners.len()), *at));
    for ((source, place), candidate) in wide {
        let values: HashMap<String, Vec<u32>> = candidate
            .owners
            .iter()
            .filter(|(v, _)| !known.contains(v))
            .map(|(v, o)| (v.clone(), o.clone()))
            .collect();
        if values.is_empty() {
            continue;
        }
        let kind = match source {
            Source::Topic(_) => "topic",
            Source::Table(_) => "table",
            Source::Log(_) => "log",
        };
        known.extend(candidate.owners.keys());
        out.push(Alias { name: format!("{kind} {} {place}", source.name()), values });
    }
    out
}

/// Columns that alone make a row out: a key of its own, whatever its values look like.
fn unique_columns(haul: &Haul) -> HashSet<(&str, &str)> {
    let of_table = |t: &'_ TableMeta| {
        let alone = t.info.uniques.iter().filter_map(|u| match u.columns.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        });
        let keys: Vec<&str> = t.info.primary_key();
        let primary = (keys.len() == 1).then(|| keys[0].to_owned());
        alone.chain(primary).collect::<Vec<_>>()
    };
    let mut out = HashSet::new();
    for table in &haul.tables {
        let alone = of_table(table);
        let columns = table.info.columns.iter().map(|c| c.name.as_str());
        out.extend(columns.filter(|c| alone.iter().any(|a| a == c)).map(|c| (table.node.as_str(), c)));
    }
    out
}

/// Whether a value without digits may be a key all the same: the login of a person, say. No mere word.
fn is_name_like(home: &Home, value: &str) -> bool {
    let parts = value.split(['.', '-', '_', '@', '/', ':']).filter(|p| !p.is_empty()).count();
    (4..=80).contains(&value.len())
        && parts > 1
        && value.chars().all(|c| c.is_alphanumeric() || ".-_@/:".contains(c))
        && !home.universe.contains_key(value)
        && !crate::ids::looks_like_time(value)
}

fn is_candidate(home: &Home, place: &str, value: &str) -> bool {
    if home.universe.contains_key(value) || value.len() > 80 {
        return false;
    }
    let label_words = words(label(place));
    let names_id = label_words.iter().any(|w| is_id_word(w));
    if is_common(value) {
        // Short numbers only where the name says id, and never in running text, where they are counts.
        return names_id
            && value.len() >= 2
            && value.bytes().any(|b| b.is_ascii_digit())
            && !place.starts_with("text:");
    }
    is_id_like(value) && !is_measure(&label_words)
}

/// Names of measures and positions, whose values are unique by accident.
fn is_measure(label: &[String]) -> bool {
    const WORDS: &[&str] = &[
        "amount",
        "price",
        "total",
        "sum",
        "qty",
        "quantity",
        "weight",
        "offset",
        "partition",
        "duration",
        "ms",
        "elapsed",
        "time",
        "timestamp",
        "ts",
        "date",
        "at",
        "port",
        "pid",
        "size",
        "bytes",
        "lat",
        "lon",
        "latitude",
        "longitude",
        "seq",
        "line",
        "hash",
        "checksum",
        "signature",
        "balance",
        "thread",
        "version",
        "phone",
        "email",
        "mail",
        "ip",
        "address",
        "iban",
        "zip",
        "postcode",
    ];
    label.last().is_some_and(|w| WORDS.contains(&w.as_str()))
}

/// Owners are those that any place shows: a policy number that a row gives to one claim and a record to another is a key
/// of neither.
fn drop_shared(found: &mut BTreeMap<(Source, String), Candidate>) {
    let mut all: HashMap<String, Vec<u32>> = HashMap::new();
    for (value, owners) in found.values().flat_map(|c| &c.owners) {
        let entry = all.entry(value.clone()).or_default();
        owners.iter().for_each(|o| {
            if !entry.contains(o) {
                entry.push(*o);
            }
        });
    }
    for (value, owners) in found.values_mut().flat_map(|c| c.owners.iter_mut()) {
        if let Some(shared) = all.get(value).filter(|s| s.len() > owners.len()) {
            owners.clone_from(shared);
        }
    }
}

/// Takes back the values that log events, now linked by the entities' own keys, show beside somebody else.
pub(crate) fn retract(haul: &mut Haul) {
    let mut shown: HashMap<&str, HashSet<u32>> = HashMap::new();
    for log in haul.logs.iter().filter(|l| l.entities.len() == 1) {
        for p in log.placed.iter().filter(|p| !is_common(&p.value)) {
            shown.entry(&p.value).or_default().insert(log.entities[0]);
        }
    }
    let contested: HashSet<String> = haul
        .aliases
        .iter()
        .flat_map(|a| &a.values)
        .filter(|(value, owners)| {
            shown.get(value.as_str()).is_some_and(|s| s.iter().any(|o| !owners.contains(o)))
        })
        .map(|(value, _)| value.clone())
        .collect();
    for alias in &mut haul.aliases {
        alias.values.retain(|value, _| !contested.contains(value));
    }
}

/// Each value one entity's, and values that differ between entities.
fn is_key_of_one(candidate: &Candidate) -> bool {
    let values = candidate.owners.len();
    let shared = candidate.owners.values().filter(|o| o.len() > 1).count();
    values > 0 && shared * 50 <= values && values * 2 >= candidate.linked.len()
}

/// The entities whose alias value stands in one of these places, as a whole value.
pub(crate) fn owners(alias: &Alias, placed: &[Placed]) -> Vec<u32> {
    let alias_words = alias_words(&alias.name);
    let mut out: Vec<u32> = Vec::new();
    for p in placed {
        if let Some(owners) = alias.values.get(&p.value) {
            let fits = !is_common(&p.value) || shares_word(&alias_words, &words(label(&p.place)));
            if fits && owners.len() == 1 {
                out.extend(owners);
            }
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// The words by which an alias goes: those of its place, and of its table where the place says no more than `id`.
fn alias_words(name: &str) -> Vec<String> {
    let mut parts = name.rsplit(' ');
    let place = words(parts.next().map_or("", label));
    let mut out = place.to_vec();
    if place.iter().all(|w| is_id_word(w)) && name.starts_with("table ") {
        let table = parts.next().and_then(|t| words(t).last().map(|w| singular(w)));
        out.extend(table);
    }
    out
}

/// Whether two names share a word that is no mere `id`.
fn shares_word(a: &[String], b: &[String]) -> bool {
    a.iter().filter(|w| !is_id_word(w)).any(|w| b.contains(w))
}
