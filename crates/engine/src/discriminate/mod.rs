//! Where nothing was logged: what the stuck share and the completed lack. A value, a field that is missing or of another
//! type, a partition, an instance, a version, a moment; tested against the control so that chance does not pass.

mod chance;
mod features;
mod outcome;
mod resembling;
mod shapes;

use crate::home::Home;
use crate::sweep::Haul;
use crate::trails::Trails;
use crate::world::World;
pub(crate) use chance::chance_of;
use chance::{chance, ln_factorial};
use features::features;
use outcome::is_filled_later;
pub(crate) use outcome::is_outcome;
pub(crate) use resembling::resembling;
pub(crate) use shapes::shapes;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use waylaid_model::Timestamp;

/// A trait that sets the stuck apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trait {
    /// Where it is read: `record $.channel`, `row priority`, `partition`, `instance pick-service`.
    pub(crate) feature: String,
    /// What it is among the stuck.
    pub(crate) told: Told,
    pub(crate) stuck: usize,
    pub(crate) of_stuck: usize,
    pub(crate) done: usize,
    pub(crate) of_done: usize,
    /// Only completed ones that came since then are counted; all of them when `None`.
    pub(crate) since: Option<Timestamp>,
}

/// What the stuck have in a place where the completed have something else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Told {
    /// One value, or one of a few.
    Is(String),
    /// Nothing: the place is missing.
    Absent,
    /// Null.
    Null,
    /// Something of another type.
    Typed(String),
    /// Something of another size or form: `above 60 (111 to 187)`, `with a comma`.
    Shaped(String),
}

impl Told {
    /// From the text by which features are counted.
    fn of(value: String) -> Self {
        match value.as_str() {
            "(absent)" => Self::Absent,
            "(null)" => Self::Null,
            _ => Self::Is(value),
        }
    }

    /// The value that code may compare with.
    pub(crate) fn value(&self) -> Option<&str> {
        match self {
            Self::Is(value) => Some(value),
            _ => None,
        }
    }
}

/// What they have, behind the name of the place.
impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(value) | Self::Shaped(value) => f.write_str(value),
            Self::Absent => f.write_str("missing"),
            Self::Null => f.write_str("null"),
            Self::Typed(kind) => write!(f, "as {kind}"),
        }
    }
}

impl Trait {
    /// The sentence that a report prints.
    pub(crate) fn sentence(&self) -> String {
        let what = match &self.told {
            Told::Absent => format!("lack `{}`", self.feature),
            told => format!("have `{}` {told}", self.feature),
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
            let (feature, told) = match name.split_once(" type ") {
                Some((family, rest)) => (format!("{family} {rest}"), Told::Typed(value)),
                None => (name, Told::of(value)),
            };
            Trait {
                feature,
                told,
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

/// Whether an entity has the trait, of its record or of its row, that sets others apart.
pub(crate) fn shares(world: &World<'_>, node: usize, entity: u32, t: &Trait) -> bool {
    let of_entity = features(&world.home, &world.haul, &world.trails, node, entity, None);
    let values = |name: &str| {
        let name = name.to_owned();
        of_entity.iter().filter(move |(n, _)| *n == name).map(|(_, v)| v.clone()).collect::<Vec<_>>()
    };
    match &t.told {
        Told::Absent => !of_entity.is_empty() && values(&t.feature).is_empty(),
        Told::Null => values(&t.feature).iter().any(|v| v == "(null)"),
        Told::Is(value) => values(&t.feature).iter().any(|v| value.split(" or ").any(|one| one == v)),
        Told::Typed(kind) => match t.feature.split_once(' ') {
            Some((family, place)) => values(&format!("{family} type {place}")).contains(kind),
            None => false,
        },
        Told::Shaped(_) => false,
    }
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
            told: Told::Is(names.join(" or ")),
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
    (family, t.told == Told::Absent, format!("{} {}", t.feature, t.told))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(stuck: usize, of_stuck: usize, done: usize, of_done: usize) -> Trait {
        Trait {
            feature: "record $.channel".into(),
            told: Told::Is("KIOSK".into()),
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
