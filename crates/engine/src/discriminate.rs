//! Where nothing was logged: what the stuck share and the completed lack. A value, a field that is missing or of another
//! type, a partition, an instance, a version, a moment; tested against the control so that chance does not pass.

use crate::facts::RowFact;
use crate::home::Home;
use crate::places;
use crate::sweep::Haul;
use crate::trails::{Fact, Trails};
use crate::world::World;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use waylaid_model::{Timestamp, scalar_text};

/// A trait that sets the stuck apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trait {
    /// Where it is read: `record $.channel`, `row priority`, `partition`, `instance pick-service`.
    pub(crate) feature: String,
    /// Its value among the stuck.
    pub(crate) value: String,
    pub(crate) stuck: usize,
    pub(crate) of_stuck: usize,
    pub(crate) done: usize,
    pub(crate) of_done: usize,
    /// Only completed ones that came since then are counted; all of them when `None`.
    pub(crate) since: Option<Timestamp>,
}

impl Trait {
    /// The sentence that a report prints.
    pub(crate) fn sentence(&self) -> String {
        let what = match self.value.as_str() {
            "(absent)" => format!("lack `{}`", self.feature),
            "(null)" => format!("have `{}` null", self.feature),
            value => match value.strip_prefix("(type ").and_then(|v| v.strip_suffix(')')) {
                Some(kind) => format!("have `{}` as {kind}", self.feature),
                None => format!("have `{}` {value}", self.feature),
            },
        };
        let since = self.since.map(|t| format!(" since {t}")).unwrap_or_default();
        format!(
            "{} of {} stuck {what}, {} of {} completed{since} do",
            self.stuck, self.of_stuck, self.done, self.of_done
        )
    }

    /// The field's bare name, where the trait is about a field.
    pub(crate) fn field(&self) -> Option<&str> {
        let of_other = || self.feature.strip_prefix("of ");
        self.feature.strip_prefix("record ").or_else(|| self.feature.strip_prefix("row ")).or_else(of_other)
    }
}

/// At most so many different values make a feature; more is an id.
const MAX_DISTINCT: usize = 40;

/// The traits that separate `stuck` from `done` at a node, strongest first.
pub(crate) fn traits(
    home: &Home,
    haul: &Haul,
    trails: &Trails,
    node: usize,
    stuck: &[u32],
    done: &[u32],
    service: Option<&str>,
) -> Vec<Trait> {
    if stuck.len() < 3 || done.len() < 5 {
        return Vec::new();
    }
    let mut counts: BTreeMap<(String, String), (usize, usize)> = BTreeMap::new();
    let mut values: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut have: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let families = ["record", "row"];
    let mut with_family = [[0usize; 2]; 2];
    for (side, group) in [stuck, done].into_iter().enumerate() {
        for entity in group {
            let features = features(home, haul, trails, node, *entity, service);
            for (f, family) in families.iter().enumerate() {
                with_family[f][side] += usize::from(features.iter().any(|(n, _)| n.starts_with(family)));
            }
            let mut names: BTreeSet<&str> = BTreeSet::new();
            for (name, value) in &features {
                let count = counts.entry((name.clone(), value.clone())).or_default();
                if side == 0 {
                    count.0 += 1;
                } else {
                    count.1 += 1;
                }
                let known = values.entry(name.clone()).or_default();
                if known.len() <= MAX_DISTINCT {
                    known.insert(value.clone());
                }
                names.insert(name);
            }
            for name in names {
                let count = have.entry(name.to_owned()).or_default();
                if side == 0 { count.0 += 1 } else { count.1 += 1 }
            }
        }
    }
    for (name, (s, d)) in &have {
        let family = families.iter().position(|f| name.starts_with(f));
        if let Some(f) = family.filter(|_| !name.contains(" type ")) {
            let absent = (with_family[f][0].saturating_sub(*s), with_family[f][1].saturating_sub(*d));
            counts.insert((name.clone(), "(absent)".into()), absent);
        }
    }
    let tests = counts.len().max(1);
    let sets = of_several(&counts, &values, stuck.len(), done.len());
    let mut found: Vec<Trait> = counts
        .into_iter()
        .filter(|((name, value), _)| {
            value.starts_with('(') || values.get(name).is_none_or(|v| v.len() <= MAX_DISTINCT)
        })
        .map(|((name, value), (s, d))| {
            let (feature, value) = match name.split_once(" type ") {
                Some((family, rest)) => (format!("{family} {rest}"), format!("(type {value})")),
                None => (name, value),
            };
            Trait {
                feature,
                value,
                stuck: s,
                of_stuck: stuck.len(),
                done: d,
                of_done: done.len(),
                since: None,
            }
        })
        .filter(|t| t.stuck * 20 >= t.of_stuck * 19 && t.done * 33 <= t.of_done)
        .filter(|t| chance(t) * (tests as f64) < 1e-3)
        .filter(|t| !is_filled_later(home, haul, trails, node, done, t))
        .collect();
    // Several values tell only where no single one does.
    if found.iter().all(|t| t.field().is_none()) {
        found.extend(sets);
    }
    found.sort_by(|a, b| strength(b).total_cmp(&strength(a)).then_with(|| order(a).cmp(&order(b))));
    found
}

/// Features of which the stuck have a few values that no completed one has: two of nine branches, three of forty routes.
fn of_several(
    counts: &BTreeMap<(String, String), (usize, usize)>,
    values: &BTreeMap<String, BTreeSet<String>>,
    stuck: usize,
    done: usize,
) -> Vec<Trait> {
    /// More values than this are a list of whom it hit.
    const MOST: usize = 5;
    let of_feature = |(feature, all): (&String, &BTreeSet<String>)| {
        let own: Vec<(&String, usize)> = all
            .iter()
            .filter_map(|v| counts.get(&(feature.clone(), v.clone())).map(|c| (v, *c)))
            .filter(|(_, (s, d))| *s > 0 && *d == 0)
            .map(|(v, (s, _))| (v, s))
            .collect();
        let hit: usize = own.iter().map(|(_, s)| s).sum();
        let is_few =
            (2..=MOST).contains(&own.len()) && own.len() * 3 <= all.len() && all.len() <= MAX_DISTINCT;
        let is_each = own.iter().all(|(_, s)| *s >= 2);
        // Any of the sets of so many values might have been found.
        let sets =
            (ln_factorial(all.len()) - ln_factorial(own.len()) - ln_factorial(all.len() - own.len())).exp();
        let by_chance = chance_of(hit, stuck, 0, done) * sets * counts.len() as f64;
        let names: Vec<&str> = own.iter().map(|(v, _)| v.as_str()).collect();
        (is_few && is_each && hit * 20 >= stuck * 19 && by_chance < 1e-3).then(|| Trait {
            feature: feature.clone(),
            value: names.join(" or "),
            stuck: hit,
            of_stuck: stuck,
            done: 0,
            of_done: done,
            since: None,
        })
    };
    let is_field =
        |name: &str| (name.starts_with("record $") || name.starts_with("row ")) && !name.contains(" type ");
    values.iter().filter(|(name, _)| is_field(name)).filter_map(of_feature).collect()
}

/// Which of several groups of completed ones (nearly) all of some entities resemble: by the features that they share, and
/// that are (nearly) only found in one of the groups.
pub(crate) fn resembling(
    world: &World<'_>,
    node: usize,
    entities: &[u32],
    groups: &[Vec<u32>],
) -> Option<usize> {
    const LOOKED_AT: usize = 200;
    const FEWEST: usize = 3;
    let count = |group: &[u32]| -> BTreeMap<(String, String), usize> {
        let mut counts = BTreeMap::new();
        for e in group.iter().take(LOOKED_AT) {
            // What they carried on the way there is as good as what they carry there.
            let reach = world.trails.reach[*e as usize].keys();
            let topics = reach.copied().filter(|n| world.trails.nodes[*n].topic().is_some());
            let nodes: BTreeSet<usize> = topics.chain([node]).collect();
            let of_node = |n| features(&world.home, &world.haul, &world.trails, n, *e, None);
            let all: BTreeSet<(String, String)> = nodes.into_iter().flat_map(of_node).collect();
            for feature in all {
                *counts.entry(feature).or_default() += 1;
            }
        }
        counts
    };
    let looked_at = entities.len().min(LOOKED_AT);
    let shared = count(entities).into_iter().filter(|(_, n)| n * 20 >= looked_at * 19).map(|(f, _)| f);
    let of_groups: Vec<_> = groups.iter().map(|g| count(g)).collect();
    let mut votes: BTreeMap<usize, usize> = BTreeMap::new();
    for feature in shared {
        let have: Vec<usize> = of_groups.iter().map(|g| g.get(&feature).copied().unwrap_or(0)).collect();
        let total: usize = have.iter().sum();
        let most = (0..have.len()).max_by_key(|n| have[*n]);
        if let Some(n) = most.filter(|n| have[*n] >= FEWEST && have[*n] * 20 >= total * 19) {
            *votes.entry(n).or_default() += 1;
        }
    }
    let most = votes.values().max().copied()?;
    let mut best = votes.into_iter().filter(|(_, n)| *n == most);
    best.next().filter(|_| best.next().is_none()).map(|(n, _)| n)
}

/// A column that is empty among the stuck: the table, where it is not the entity's own, and the column.
fn empty_column(t: &Trait) -> Option<(Option<&str>, &str)> {
    let is_empty = matches!(t.value.as_str(), "(null)" | "0" | "false" | "");
    let of_row = t.feature.strip_prefix("row ").map(|column| (None, column));
    let of_other =
        || t.feature.strip_prefix("of ")?.split_once('.').map(|(table, column)| (Some(table), column));
    of_row.or_else(of_other).filter(|_| is_empty)
}

/// Whether a column is empty among the stuck because only a later hop fills it: what the completed have there is first
/// told behind the node. Rows tell nothing of that: they stand as they are now.
fn is_filled_later(home: &Home, haul: &Haul, trails: &Trails, node: usize, done: &[u32], t: &Trait) -> bool {
    let Some((table, column)) = empty_column(t) else { return false };
    match Filled::look(home, haul, trails, node, done, table, column) {
        // When something was done tells how far they came, whatever the column is called.
        Filled::WithTimes => true,
        Filled::With { values, later, .. } => values > 0 && later * 2 > values,
    }
}

/// What completed ones have in a column that is empty among the stuck.
enum Filled {
    /// Times.
    WithTimes,
    /// Values that say whose they are; of these, how many were told before, and how many only behind the node.
    With { values: usize, before: usize, later: usize },
}

impl Filled {
    fn look(
        home: &Home,
        haul: &Haul,
        trails: &Trails,
        node: usize,
        done: &[u32],
        table: Option<&str>,
        column: &str,
    ) -> Self {
        const LOOKED_AT: usize = 50;
        let (mut values, mut before, mut later) = (0, 0, 0);
        for entity in done.iter().take(LOOKED_AT) {
            let observations = &trails.of[*entity as usize];
            let of_table = |o: &crate::trails::Observation| match o.fact {
                Fact::Row(i) if haul.rows[i].table.rsplit('.').next() == table => Some(&haul.rows[i].row),
                _ => None,
            };
            let row = match table {
                None => Some(&home.entities[*entity as usize].row),
                Some(_) => observations.iter().find_map(of_table),
            };
            let cell = row.and_then(|r| r.get(column));
            if cell.is_some_and(|cell| crate::rowtime::time_of(column, cell).is_some()) {
                return Self::WithTimes;
            }
            let value = cell.and_then(scalar_text).filter(|v| !crate::ids::is_common(v));
            let Some(value) = value else { continue };
            let tells = |fact: &Fact| match fact {
                Fact::Record(i) => {
                    places::of_record(&haul.records[*i].record).iter().any(|p| p.value == value)
                }
                Fact::Log(i) => haul.logs[*i].placed.iter().any(|p| p.value == value),
                // Rows stand as they are now.
                Fact::Home | Fact::Row(_) => false,
            };
            let first = observations.iter().find(|o| tells(&o.fact));
            let arrival = trails.reach[*entity as usize].get(&node).and_then(|r| r.first);
            let is_later = |o: &crate::trails::Observation| {
                o.node != node && o.time.zip(arrival).is_none_or(|(t, a)| t >= a)
            };
            values += 1;
            later += usize::from(first.is_some_and(is_later));
            before += usize::from(first.is_some_and(|o| !is_later(o)));
        }
        Self::With { values, before, later }
    }
}

/// Whether a column of the entity's row is empty among the stuck because a step that they did not take fills it: the code
/// sets it in rows that are there already, or the record by which they arrived knows nothing of it.
pub(crate) fn is_outcome(world: &World<'_>, node: usize, done: &[u32], t: &Trait) -> bool {
    const LOOKED_AT: usize = 50;
    let Some((other, column)) = empty_column(t) else { return false };
    let filled = Filled::look(&world.home, &world.haul, &world.trails, node, done, other, column);
    if matches!(filled, Filled::With { values, before, .. } if before * 2 > values) {
        return false;
    }
    let plain = |name: &str| -> String {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let names_it = |place: &str| plain(place.rsplit('.').next().unwrap_or(place)) == plain(column);
    let mut told =
        done.iter().take(LOOKED_AT).flat_map(|e| world.trails.of[*e as usize].iter()).filter_map(|o| match o
            .fact
        {
            Fact::Record(i) if world.trails.nodes[o.node].topic().is_some() => {
                Some((o, &world.haul.records[i]))
            }
            _ => None,
        });
    let by_then = |entity: u32, time: Option<Timestamp>| {
        let arrival = world.at(entity, node);
        time.zip(arrival).is_some_and(|(time, arrival)| time <= arrival)
    };
    let is_told = told.any(|(o, fact)| {
        fact.entities.iter().any(|e| by_then(*e, o.time))
            && places::of_record(&fact.record).iter().any(|p| p.place.starts_with('$') && names_it(&p.place))
    });
    if is_told {
        return false;
    }
    let own = crate::trails::home_name(&world.home);
    let table = other.unwrap_or(&own);
    world.trails.nodes[node].topic().is_some() || crate::codeplaces::sets(world, table, column)
}

fn strength(t: &Trait) -> f64 {
    t.stuck as f64 / t.of_stuck as f64 - t.done as f64 / t.of_done as f64
}

/// Fields of the record come first, then its absence of fields, then rows, then where and who.
fn order(t: &Trait) -> (u8, bool, String) {
    let family = match t.feature.split(' ').next() {
        Some("record") => 0,
        Some("row") => 1,
        Some("header") => 2,
        Some("of") => 3,
        _ => 4,
    };
    (family, t.value == "(absent)", format!("{} {}", t.feature, t.value))
}

/// The chance that so uneven a split comes by itself: Fisher's exact test, one-sided.
fn chance(t: &Trait) -> f64 {
    chance_of(t.stuck, t.of_stuck, t.done, t.of_done)
}

/// The same for plain counts: `a` of `of_stuck` against `c` of `of_done`.
pub(crate) fn chance_of(a: usize, of_stuck: usize, c: usize, of_done: usize) -> f64 {
    let (b, d) = (of_stuck.saturating_sub(a), of_done.saturating_sub(c));
    let total = a + b + c + d;
    let with = a + c;
    let ln_choose = |n: usize, k: usize| ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k);
    let denominator = ln_choose(total, a + b);
    (a..=with.min(a + b))
        .map(|k| {
            let rest = (a + b) - k;
            if rest > total - with {
                0.0
            } else {
                (ln_choose(with, k) + ln_choose(total - with, rest) - denominator).exp()
            }
        })
        .sum()
}

fn ln_factorial(n: usize) -> f64 {
    (2..=n).map(|i| (i as f64).ln()).sum()
}

/// What can be said of one entity at a node, as names and values.
fn features(
    home: &Home,
    haul: &Haul,
    trails: &Trails,
    node: usize,
    entity: u32,
    service: Option<&str>,
) -> BTreeSet<(String, String)> {
    let mut out = BTreeSet::new();
    if let Some(index) = trails.records(entity, node).next() {
        let fact = &haul.records[index];
        out.insert(("partition".to_owned(), fact.record.partition.to_string()));
        out.insert((
            "record key".to_owned(),
            if fact.record.key.is_some() { "present".into() } else { "(null)".into() },
        ));
        for (name, value) in &fact.record.headers {
            out.insert((format!("header {name}"), crate::facts::shorten(value, 60)));
        }
        for p in places::of_record(&fact.record) {
            if p.place.starts_with('$') {
                out.insert((format!("record {}", p.place), crate::facts::shorten(&p.value, 60)));
            }
        }
        if let Some(payload) = &fact.record.payload {
            types(payload, "$", &mut out, 0);
        }
    }
    let row = &home.entities[entity as usize].row;
    for (column, cell) in &row.cells {
        let is_state = home.state_column.as_ref() == Some(column);
        let is_time = crate::rowtime::time_of(column, cell).is_some() || crate::rowtime::is_time_name(column);
        if !is_state && !is_time && !counts_changes(column) {
            let value = scalar_text(cell).unwrap_or_else(|| "(null)".into());
            out.insert((format!("row {column}"), crate::facts::shorten(&value, 60)));
        }
    }
    let arrival = trails.reach[entity as usize].get(&node).and_then(|r| r.first);
    for observation in &trails.of[entity as usize] {
        if let Fact::Row(i) = observation.fact {
            let row = &haul.rows[i];
            // A row of later says what became of the entity, not why.
            if row.created.zip(arrival).is_none_or(|(row, arrival)| row <= arrival) {
                of_row(row, &mut out);
            }
        }
        if let Fact::Log(i) = observation.fact {
            let log = &haul.logs[i];
            if Some(log.service.as_str()) == service {
                out.insert((format!("instance of {}", log.service), log.instance.clone()));
            }
        }
    }
    out
}

/// What a row of another table holds beside states, times and counts.
fn of_row(row: &RowFact, out: &mut BTreeSet<(String, String)>) {
    const MOST: usize = 400;
    let table = row.table.rsplit('.').next().unwrap_or(&row.table);
    for (column, cell) in &row.row.cells {
        let is_time = crate::rowtime::time_of(column, cell).is_some() || crate::rowtime::is_time_name(column);
        if is_time || crate::trails::names_state(column) || counts_changes(column) || out.len() >= MOST {
            continue;
        }
        let value = match scalar_text(cell) {
            Some(value) => value,
            // Without a time nobody knows whether it was to be filled by then.
            None if row.created.is_none() => continue,
            None => "(null)".into(),
        };
        out.insert((format!("of {table}.{column}"), crate::facts::shorten(&value, 60)));
    }
}

/// Columns that count how often a row was changed: they tell how far an entity came, never why it came no further.
fn counts_changes(column: &str) -> bool {
    const WORDS: [&str; 9] =
        ["version", "revision", "rev", "attempt", "attempts", "retry", "retries", "tries", "optlock"];
    crate::ids::words(column).last().is_some_and(|w| WORDS.contains(&w.as_str()))
}

fn types(value: &Value, place: &str, out: &mut BTreeSet<(String, String)>, depth: usize) {
    if depth > 8 || out.len() > 400 {
        return;
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(n) if n.is_f64() => "a decimal",
        Value::Number(_) => "an integer",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    if place != "$" {
        out.insert((format!("record type {place}"), kind.to_owned()));
    }
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(n, v)| types(v, &format!("{place}.{n}"), out, depth + 1));
        }
        Value::Array(items) => {
            if items.is_empty() {
                out.insert((format!("record type {place}[]"), "nothing (empty list)".into()));
            }
            items.iter().take(20).for_each(|v| types(v, &format!("{place}[]"), out, depth + 1));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(stuck: usize, of_stuck: usize, done: usize, of_done: usize) -> Trait {
        Trait {
            feature: "record $.channel".into(),
            value: "KIOSK".into(),
            stuck,
            of_stuck,
            done,
            of_done,
            since: None,
        }
    }

    #[test]
    fn chance_is_fishers() {
        assert!((chance(&t(3, 4, 1, 4)) - 0.242_857).abs() < 1e-4);
        assert!(chance(&t(41, 41, 0, 312)) < 1e-30);
        assert!(chance(&t(2, 3, 3, 6)) > 0.3);
    }

    #[test]
    fn the_sentence_counts_both_sides() {
        assert_eq!(
            t(41, 41, 0, 312).sentence(),
            "41 of 41 stuck have `record $.channel` KIOSK, 0 of 312 completed do"
        );
    }
}
