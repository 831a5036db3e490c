//! Bindings by value overlap: in which fields, paths, headers, columns and phrases an entity's key shows.
//!
//! A place is taken when values found there are keys of the entity and this can't be chance. Keys that are rare by
//! themselves (UUIDs, prefixed or long numbers) need no more than being there. Short numbers, which also occur as
//! quantities, counters and ids of other things, need a place that is named for the entity, or values that are nearly
//! all keys *and* times that fit the entity's own life far better than anybody else's. Places of one source that name
//! different entities in the same record can't both be right: the better one wins.

use crate::ids::{Fit, Names, is_common};
use crate::places::Placed;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use waylaid_model::Timestamp;

/// Where facts come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Source {
    /// A topic by name.
    Topic(String),
    /// A table as `store.table`.
    Table(String),
    /// A service's log.
    Log(String),
}

impl Source {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Topic(n) | Self::Table(n) | Self::Log(n) => n,
        }
    }
}

/// One record, row or event as bindings see it.
pub(crate) struct Unit<'a> {
    pub(crate) source: Source,
    pub(crate) time: Option<Timestamp>,
    pub(crate) placed: &'a [Placed],
}

/// A place that was taken.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    pub(crate) source: Source,
    pub(crate) place: String,
    /// The key is a part of the value only (`order-1001`).
    pub(crate) inside: bool,
    pub(crate) matched: u64,
    pub(crate) why: String,
    pub(crate) samples: Vec<String>,
}

/// What is being bound: the keys looked for, what they are called, when they came to be.
pub(crate) struct Subject<'a> {
    pub(crate) names: &'a Names,
    /// Keys that are followed.
    pub(crate) followed: &'a HashMap<String, Vec<u32>>,
    /// Every key there is, with its birth (nanoseconds; `i64::MIN` when unknown).
    pub(crate) universe: &'a HashMap<String, i64>,
}

#[derive(Default)]
struct Stats {
    inside: bool,
    sampled: u64,
    sampled_keys: u64,
    matched: u64,
    keys: BTreeSet<String>,
    common: u64,
    /// Birth of the key and time of the unit, for the test of times.
    times: Vec<(i64, i64)>,
}

/// Slack for clocks when times are compared: five minutes.
const SLACK: i64 = 300 * 1_000_000_000;
const MAX_TIMES: usize = 2_000;

/// Decides on every place of the swept units; `sample` holds units taken whatever they hold.
pub(crate) fn decide(
    subject: &Subject<'_>,
    swept: &[Unit<'_>],
    sample: &[Unit<'_>],
) -> (Vec<Binding>, Vec<Binding>) {
    let mut stats: BTreeMap<(Source, String), Stats> = BTreeMap::new();
    for unit in swept {
        for placed in unit.placed {
            count_match(subject, unit, placed, &mut stats);
        }
    }
    for unit in sample {
        for placed in unit.placed {
            if let Some(entry) = stats.get_mut(&(unit.source.clone(), placed.place.clone())) {
                entry.sampled += 1;
                entry.sampled_keys += u64::from(holds_key(subject, placed, entry.inside));
            }
        }
    }
    let mut taken = Vec::new();
    let mut rejected = Vec::new();
    for ((source, place), entry) in stats {
        let judged = judge(subject, &place, &entry);
        let samples = entry.keys.iter().take(3).cloned().collect();
        let (ok, why) = judged;
        let binding = Binding { source, place, inside: entry.inside, matched: entry.matched, why, samples };
        if ok { taken.push(binding) } else { rejected.push(binding) }
    }
    let losers = conflicts(subject, &taken, swept);
    for (index, why) in losers.into_iter().rev() {
        let mut binding = taken.remove(index);
        binding.why = why;
        rejected.push(binding);
    }
    rejected.sort_by(|a, b| (&a.source, &a.place).cmp(&(&b.source, &b.place)));
    (taken, rejected)
}

fn count_match(
    subject: &Subject<'_>,
    unit: &Unit<'_>,
    placed: &Placed,
    stats: &mut BTreeMap<(Source, String), Stats>,
) {
    let (key, inside) = match subject.followed.get_key_value(&placed.value) {
        Some((key, _)) => (key.clone(), false),
        None => match key_inside(subject, &placed.value) {
            Some(key) => (key, true),
            None => return,
        },
    };
    let entry = stats
        .entry((unit.source.clone(), placed.place.clone()))
        .or_insert_with(|| Stats { inside: true, ..Stats::default() });
    entry.inside &= inside;
    entry.matched += 1;
    entry.common += u64::from(is_common(&key));
    if let (Some(time), Some(birth)) = (unit.time, subject.universe.get(&key))
        && entry.times.len() < MAX_TIMES
        && *birth != i64::MIN
    {
        entry.times.push((*birth, time.0));
    }
    if entry.keys.len() < 500 {
        entry.keys.insert(key);
    }
}

/// A followed key that is one of the value's tokens. Common keys count only right behind a word of theirs.
pub(crate) fn key_inside(subject: &Subject<'_>, value: &str) -> Option<String> {
    if value.len() > 300 {
        return None;
    }
    let mut found = None;
    let bytes = value.as_bytes();
    let boundary = |at: usize| {
        at == 0
            || at >= bytes.len()
            || !bytes[at].is_ascii_alphanumeric()
            || !bytes[at - 1].is_ascii_alphanumeric()
    };
    for start in (0..bytes.len()).filter(|at| bytes[*at].is_ascii_alphanumeric() && boundary(*at)) {
        for end in (start + 1..=bytes.len().min(start + 64)).rev().filter(|at| boundary(*at)) {
            let Some(part) = value.get(start..end) else { continue };
            if part.len() == value.len() || !subject.followed.contains_key(part) {
                continue;
            }
            if !is_common(part) || subject.names.fit(&value[..start]) == Fit::Named {
                found = Some(part.to_owned());
                break;
            }
        }
        if found.is_some() {
            break;
        }
    }
    found
}

fn holds_key(subject: &Subject<'_>, placed: &Placed, inside: bool) -> bool {
    subject.universe.contains_key(&placed.value) || (inside && key_inside(subject, &placed.value).is_some())
}

/// The name part of a place: what is left without `$`, `header:`, `text:`.
pub(crate) fn label(place: &str) -> &str {
    place
        .strip_prefix("text:")
        .or_else(|| place.strip_prefix("header:"))
        .unwrap_or(place)
        .trim_start_matches("$.")
}

fn judge(subject: &Subject<'_>, place: &str, s: &Stats) -> (bool, String) {
    let fit = subject.names.fit(label(place));
    let counts = format!("{} keys in {} places", s.keys.len(), s.matched);
    let containment = if s.sampled == 0 { 1.0 } else { s.sampled_keys as f64 / s.sampled as f64 };
    let of_sample = format!("{} of {} sampled values are keys", s.sampled_keys, s.sampled);
    // Plain numbers of any length turn up as amounts and sizes, too.
    let is_number = |key: &String| key.bytes().all(|b| b.is_ascii_digit());
    if fit == Fit::Other && s.sampled >= 20 && containment < 0.6 && s.keys.iter().all(is_number) {
        return (false, format!("named for something else, and only {of_sample}"));
    }
    if s.common * 2 <= s.matched {
        return (true, format!("{counts}; keys that don't occur by chance"));
    }
    let before_birth = s.times.iter().filter(|(birth, time)| *time + SLACK < *birth).count();
    let in_time = before_birth * 20 <= s.times.len();
    match fit {
        Fit::Named if containment >= 0.3 || s.inside => {
            (true, format!("named for it; {counts}; {of_sample}"))
        }
        Fit::Named => (false, format!("named for it, but only {of_sample}")),
        _ if s.inside => (true, format!("named for it inside the value; {counts}")),
        Fit::Neutral | Fit::Other if !in_time => (
            false,
            format!("{before_birth} of {} values are keys of entities that did not exist yet", s.times.len()),
        ),
        Fit::Neutral if containment >= 0.9 && times_fit(&s.times) => {
            (true, format!("{of_sample}, at times that fit; {counts}"))
        }
        Fit::Other if containment >= 0.97 && s.keys.len() >= 20 && times_fit(&s.times) && !s.inside => {
            (true, format!("{of_sample}, at times that fit; {counts}"))
        }
        _ => (false, format!("short values that also occur by chance; {of_sample}")),
    }
}

/// Whether units follow the birth of *their* key much more closely than that of somebody else's.
pub(crate) fn times_fit(times: &[(i64, i64)]) -> bool {
    if times.len() < 8 {
        return false;
    }
    let median = |mut lags: Vec<i64>| -> i64 {
        lags.sort_unstable();
        lags[lags.len() / 2]
    };
    let own = median(times.iter().map(|(birth, time)| (time - birth).abs()).collect());
    let half = times.len() / 2;
    let others =
        median((0..times.len()).map(|i| (times[i].1 - times[(i + half) % times.len()].0).abs()).collect());
    own.saturating_mul(3) < others
}

/// Places that name another entity than the best place of the same unit.
fn conflicts(subject: &Subject<'_>, taken: &[Binding], swept: &[Unit<'_>]) -> Vec<(usize, String)> {
    let mut by_source: BTreeMap<&Source, Vec<usize>> = BTreeMap::new();
    for (index, binding) in taken.iter().enumerate() {
        by_source.entry(&binding.source).or_default().push(index);
    }
    let mut losers = Vec::new();
    for (source, mut indices) in by_source {
        if indices.len() < 2 {
            continue;
        }
        indices.sort_by_key(|i| {
            let b = &taken[*i];
            let fit = subject.names.fit(label(&b.place));
            (
                b.inside,
                std::cmp::Reverse(fit),
                b.place.contains("[]"),
                b.place.starts_with("text:"),
                std::cmp::Reverse(b.matched),
            )
        });
        let best = &taken[indices[0]].place;
        for index in &indices[1..] {
            let place = &taken[*index].place;
            let several = place.contains("[]") || best.contains("[]") || matches!(source, Source::Log(_));
            if several || taken[*index].inside {
                continue;
            }
            let (mut same, mut other) = (0u64, 0u64);
            for unit in swept.iter().filter(|u| u.source == *source) {
                let value = |p: &str| unit.placed.iter().find(|x| x.place == p).map(|x| x.value.as_str());
                if let (Some(a), Some(b)) = (value(best), value(place)) {
                    if a == b { same += 1 } else { other += 1 }
                }
            }
            if other > same && other >= 3 {
                losers.push((
                    *index,
                    format!("names another one than `{best}` in {other} of {} units", same + other),
                ));
            }
        }
    }
    losers.sort();
    losers
}

/// The taken places, ready to tell which entities a unit is about.
#[derive(Default)]
pub(crate) struct Links {
    places: HashMap<Source, HashMap<String, bool>>,
}

impl Links {
    pub(crate) fn new(bindings: &[Binding]) -> Self {
        let mut places: HashMap<Source, HashMap<String, bool>> = HashMap::new();
        for b in bindings {
            places.entry(b.source.clone()).or_default().insert(b.place.clone(), b.inside);
        }
        Self { places }
    }

    /// Adds the entities of a unit.
    pub(crate) fn entities(
        &self,
        subject: &Subject<'_>,
        source: &Source,
        placed: &[Placed],
        into: &mut Vec<u32>,
    ) {
        let Some(places) = self.places.get(source) else { return };
        for p in placed {
            let Some(inside) = places.get(&p.place) else { continue };
            if let Some(owners) = subject.followed.get(&p.value) {
                into.extend(owners);
            } else if (*inside || p.value.len() > 8)
                && let Some(owners) = key_inside(subject, &p.value).and_then(|k| subject.followed.get(&k))
            {
                into.extend(owners);
            }
        }
        into.sort_unstable();
        into.dedup();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(place: &str, value: impl std::fmt::Display) -> Placed {
        Placed { place: place.into(), value: value.to_string() }
    }

    fn run(
        units: &[(i64, Vec<Placed>)],
        keys: &HashMap<String, Vec<u32>>,
        universe: &HashMap<String, i64>,
    ) -> (Vec<String>, Vec<String>) {
        let names = Names::new("order", "orders", "id");
        let subject = Subject { names: &names, followed: keys, universe };
        let units: Vec<Unit<'_>> = units
            .iter()
            .map(|(t, p)| Unit { source: Source::Topic("t".into()), time: Some(Timestamp(*t)), placed: p })
            .collect();
        let sample: Vec<Unit<'_>> =
            units.iter().map(|u| Unit { source: u.source.clone(), time: u.time, placed: u.placed }).collect();
        let (taken, rejected) = decide(&subject, &units, &sample);
        (taken.into_iter().map(|b| b.place).collect(), rejected.into_iter().map(|b| b.place).collect())
    }

    #[test]
    fn quantities_and_customers_of_the_same_range_are_not_orders() {
        let minute = 60_000_000_000;
        let keys: HashMap<String, Vec<u32>> = (1..=200).map(|i| (i.to_string(), vec![i as u32])).collect();
        let universe: HashMap<String, i64> = (1..=200).map(|i| (i.to_string(), i * minute)).collect();
        let units: Vec<_> = (1..=200i64)
            .map(|i| {
                let values = vec![
                    placed("$.ref", i),
                    placed("$.quantity", i % 5 + 1),
                    placed("$.customerId", (i * 37) % 200 + 1),
                ];
                (i * minute + 1_000_000_000, values)
            })
            .collect();
        let (taken, rejected) = run(&units, &keys, &universe);
        assert_eq!(taken, ["$.ref"]);
        assert_eq!(rejected, ["$.customerId", "$.quantity"]);
    }

    #[test]
    fn a_reference_to_another_order_is_not_the_order() {
        let keys: HashMap<String, Vec<u32>> = (0..50).map(|i| (format!("ORD-{i:05}"), vec![i])).collect();
        let universe = keys.keys().map(|k| (k.clone(), i64::MIN)).collect();
        let units: Vec<_> = (1..50)
            .map(|i| {
                (
                    0,
                    vec![
                        placed("$.orderId", format!("ORD-{i:05}")),
                        placed("$.replacesOrder", format!("ORD-{:05}", i - 1)),
                    ],
                )
            })
            .collect();
        let (taken, rejected) = run(&units, &keys, &universe);
        assert_eq!(taken, ["$.orderId"]);
        assert_eq!(rejected, ["$.replacesOrder"]);
    }

    #[test]
    fn a_key_inside_a_longer_value_is_found() {
        let keys: HashMap<String, Vec<u32>> = (100..150).map(|i| (i.to_string(), vec![i])).collect();
        let universe = keys.keys().map(|k| (k.clone(), i64::MIN)).collect();
        let units: Vec<_> = (100..150).map(|i| (0, vec![placed("key", format!("order-{i}"))])).collect();
        assert_eq!(run(&units, &keys, &universe).0, ["key"]);
    }
}
