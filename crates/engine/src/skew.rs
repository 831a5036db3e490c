//! Clock skew, told from cause and effect: a service that takes part in an entity's flow logs within moments of the
//! records it reads and writes. The offset at which most entities show such coincidences is the clock's error.

use crate::bindings::Source;
use crate::home::Home;
use crate::sweep::Haul;
use std::collections::{BTreeMap, HashMap, HashSet};
use waylaid_model::time::human_duration;

const SECOND: i64 = 1_000_000_000;
const QUARTER: i64 = 900 * SECOND;
const MAX_PER_ENTITY: usize = 16;
/// Smaller offsets are left alone: they change no order that matters and may be real delays.
const SMALLEST: i64 = 60 * SECOND;

/// Estimates the error of each log service's and table store's clock against the topics', corrects the facts, and
/// returns a sentence for each.
pub(crate) fn correct(home: &mut Home, haul: &mut Haul) -> (Vec<String>, BTreeMap<Source, i64>) {
    let mut errors = correct_topics(home, haul);
    let mut reference: HashMap<u32, Vec<i64>> = HashMap::new();
    for record in &haul.records {
        if let Some(time) = record.record.time {
            for entity in &record.entities {
                push(&mut reference, *entity, time.0);
            }
        }
    }
    let mut clocks: BTreeMap<Source, HashMap<u32, Vec<i64>>> = BTreeMap::new();
    for log in &haul.logs {
        if let Some(time) = log.time {
            let clock = clocks.entry(Source::Log(log.service.clone())).or_default();
            log.entities.iter().for_each(|e| push(clock, *e, time.0));
        }
    }
    for row in &haul.rows {
        if let Some(time) = row.created {
            let clock = clocks.entry(Source::Table(row.table.clone())).or_default();
            row.entities.iter().for_each(|e| push(clock, *e, time.0));
        }
    }
    let home_name = crate::trails::home_name(home);
    for (index, entity) in home.entities.iter().enumerate() {
        if let Some(time) = entity.created {
            push(clocks.entry(Source::Table(home_name.clone())).or_default(), index as u32, time.0);
        }
    }
    for (source, times) in &clocks {
        if let Some(error) = offset(times, &reference) {
            errors.insert(source.clone(), error);
        }
    }
    if reference.is_empty() {
        return (Vec::new(), BTreeMap::new());
    }
    for log in &mut haul.logs {
        if let Some(error) = errors.get(&Source::Log(log.service.clone())) {
            log.time = log.time.map(|t| t.plus(-error));
        }
    }
    for row in &mut haul.rows {
        if let Some(error) = errors.get(&Source::Table(row.table.clone())) {
            row.created = row.created.map(|t| t.plus(-error));
        }
    }
    if let Some(error) = errors.get(&Source::Table(home_name)) {
        home.clock_error = *error;
        for entity in &mut home.entities {
            entity.created = entity.created.map(|t| t.plus(-error));
        }
    }
    for (source, latest) in &mut haul.latest {
        if let Some(error) = errors.get(source) {
            *latest = latest.plus(-error);
        }
    }
    let notes = errors
        .iter()
        .map(|(source, error)| {
            let direction = if *error > 0 { "ahead of" } else { "behind" };
            let (whose, others) = match source {
                Source::Topic(_) => ("the clock by which records of", "the other topics'"),
                _ => ("the clock of", "the topics'"),
            };
            let (stamped, off) = (source.name(), human_duration(error.abs()));
            let verb = if matches!(source, Source::Topic(_)) { "are stamped is" } else { "is" };
            format!("{whose} {stamped} {verb} {off} {direction} {others}; its times were corrected")
        })
        .collect();
    (notes, errors)
}

/// Topics whose records bear a time from before the entity came to be: their producer's clock is behind, and its log and
/// rows with it. Where that holds for more topics than it does not, it is the home table's clock that is off, and theirs
/// are left.
fn correct_topics(home: &Home, haul: &mut Haul) -> BTreeMap<Source, i64> {
    let mut topics: BTreeMap<&str, HashMap<u32, Vec<i64>>> = BTreeMap::new();
    for fact in &haul.records {
        if let Some(time) = fact.record.time {
            let clock = topics.entry(&fact.record.topic).or_default();
            fact.entities.iter().for_each(|e| push(clock, *e, time.0));
        }
    }
    let born = |entity: &u32| home.entities[*entity as usize].created;
    let before_birth = |times: &HashMap<u32, Vec<i64>>| {
        let ages = times.iter().filter_map(|(e, t)| Some(t.iter().max()? - born(e)?.0)).collect();
        crate::flow::median(ages).is_some_and(|age| age < -SMALLEST)
    };
    let (early, sound): (Vec<_>, Vec<_>) = topics.iter().partition(|(_, times)| before_birth(times));
    if early.len() > sound.len() {
        return BTreeMap::new();
    }
    let mut reference: HashMap<u32, Vec<i64>> = HashMap::new();
    for (entity, times) in sound.iter().flat_map(|(_, clock)| clock.iter()) {
        times.iter().for_each(|t| push(&mut reference, *entity, *t));
    }
    let errors: BTreeMap<Source, i64> = early
        .iter()
        .filter_map(|(topic, times)| Some((Source::Topic((**topic).to_owned()), offset(times, &reference)?)))
        .collect();
    for fact in &mut haul.records {
        if let Some(error) = errors.get(&Source::Topic(fact.record.topic.clone())) {
            fact.record.time = fact.record.time.map(|t| t.plus(-error));
        }
    }
    errors
}

fn push(map: &mut HashMap<u32, Vec<i64>>, entity: u32, time: i64) {
    let times = map.entry(entity).or_default();
    if times.len() < MAX_PER_ENTITY {
        times.push(time);
    }
}

/// The offset of a clock when it is plain: most entities coincide there, few do without it.
fn offset(times: &HashMap<u32, Vec<i64>>, reference: &HashMap<u32, Vec<i64>>) -> Option<i64> {
    let mut buckets: HashMap<i64, HashSet<u32>> = HashMap::new();
    let mut both = 0usize;
    for (entity, own) in times {
        let Some(others) = reference.get(entity) else { continue };
        both += 1;
        for a in own {
            for b in others {
                buckets.entry((a - b).div_euclid(2 * SECOND)).or_default().insert(*entity);
            }
        }
    }
    if both < 5 {
        return None;
    }
    let support = |bucket: i64| -> usize {
        let near = [bucket - 1, bucket, bucket + 1];
        near.iter().filter_map(|b| buckets.get(b)).flatten().collect::<HashSet<_>>().len()
    };
    let best = buckets.keys().map(|b| (support(*b), std::cmp::Reverse(b.abs()), *b)).max()?;
    let (count, _, bucket) = best;
    let without = [-2, 0, 2].iter().map(|b| support(*b)).max().unwrap_or(0);
    if count * 10 < both * 6 || without * 10 > count * 6 {
        return None;
    }
    let mut inside: Vec<i64> = Vec::new();
    for (entity, own) in times {
        for a in own {
            for b in reference.get(entity).into_iter().flatten() {
                if ((a - b).div_euclid(2 * SECOND) - bucket).abs() <= 1 {
                    inside.push(a - b);
                }
            }
        }
    }
    inside.sort_unstable();
    let error = *inside.get(inside.len() / 2)?;
    let zone = (error + QUARTER / 2).div_euclid(QUARTER) * QUARTER;
    let is_zone = zone != 0 && (error - zone).abs() < 20 * SECOND;
    let tight = count * 10 >= both * 8;
    let error = if is_zone { zone } else { error };
    (error.abs() >= SMALLEST && (is_zone || (tight && error < 0))).then_some(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(times: impl Iterator<Item = (u32, Vec<i64>)>) -> HashMap<u32, Vec<i64>> {
        times.collect()
    }

    #[test]
    fn a_zone_that_nobody_wrote_down_is_found() {
        let reference =
            map((0..20)
                .map(|i| (i, vec![i64::from(i) * 100 * SECOND, i64::from(i) * 100 * SECOND + 5 * SECOND])));
        let local = map((0..20).map(|i| (i, vec![i64::from(i) * 100 * SECOND + 7200 * SECOND + 40_000_000])));
        assert_eq!(offset(&local, &reference), Some(7200 * SECOND));
    }

    #[test]
    fn a_slow_consumer_is_not_a_wrong_clock() {
        let reference = map((0..20).map(|i| (i, vec![i64::from(i) * 100 * SECOND])));
        let late = map((0..20).map(|i| (i, vec![i64::from(i) * 100 * SECOND + 130 * SECOND])));
        assert_eq!(offset(&late, &reference), None);
        assert_eq!(offset(&reference, &reference), None);
    }
}
