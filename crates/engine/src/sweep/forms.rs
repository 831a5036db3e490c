//! Other spellings of the entity's own key: a UUID without its dashes, in capitals, a number with a prefix and zeros before
//! it. Learnt from what samples show beside no other key, never guessed.

use super::samples::{Sampled, Samples};
use crate::bindings::times_fit;
use crate::home::Home;
use crate::sweep::Alias;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Values of one spelling that must turn up as keys.
const FEWEST: usize = 5;
/// A spelling of which less than this share are keys is that of something else.
const SHARE: f64 = 0.8;

/// How a key is spelt elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Spelling {
    /// Letters and digits only, or with the key's own dashes; in lower case, or in capitals.
    Plain { dashes: bool, capitals: bool },
    /// A prefix, and the number filled up with zeros to so many digits.
    Numbered { prefix: String, digits: usize },
}

impl Spelling {
    fn of(&self, key: &str) -> Option<String> {
        match self {
            Self::Plain { dashes, capitals } => {
                let bare: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
                let spelt = match (dashes, is_uuid(&bare)) {
                    (false, _) => bare,
                    (true, true) => with_dashes(&bare),
                    (true, false) => key.to_owned(),
                };
                Some(if *capitals { spelt.to_ascii_uppercase() } else { spelt.to_ascii_lowercase() })
            }
            Self::Numbered { prefix, digits } => {
                let is_number =
                    !key.is_empty() && key.len() <= *digits && key.bytes().all(|b| b.is_ascii_digit());
                is_number.then(|| format!("{prefix}{key:0>digits$}"))
            }
        }
    }
}

fn is_uuid(bare: &str) -> bool {
    bare.len() == 32 && bare.bytes().all(|b| b.is_ascii_hexdigit())
}

fn with_dashes(bare: &str) -> String {
    let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    parts.map(|(from, to)| &bare[from..to]).join("-")
}

/// The followed entities' keys in every spelling that the samples show.
pub(super) fn other_forms(home: &Home, samples: &Samples) -> Vec<Alias> {
    let Some(column) = &home.column else { return Vec::new() };
    let name = format!("form {}.{}.{}", column.store, column.table, column.column);
    let of_spelling = |spelling: Spelling| {
        let spelt = |(index, key): (usize, &str)| {
            let form = spelling.of(key).filter(|f| f != key && !home.universe.contains_key(f))?;
            Some((form, vec![index as u32]))
        };
        let keys = home.entities.iter().map(|e| e.key.as_str()).enumerate();
        Alias { name: name.clone(), values: keys.filter_map(spelt).collect() }
    };
    spellings(home, samples).into_iter().map(of_spelling).filter(|a| !a.values.is_empty()).collect()
}

fn spellings(home: &Home, samples: &Samples) -> Vec<Spelling> {
    let units: Vec<&Sampled> = samples.records.iter().chain(&samples.events).collect();
    let shown: HashSet<&str> = units
        .iter()
        .flat_map(|(_, _, placed)| placed.iter().map(|p| p.value.as_str()))
        .filter(|v| v.len() <= 80 && !home.universe.contains_key(*v))
        .collect();
    let mut out = plain(home, &shown);
    out.extend(numbered(home, &units));
    out
}

/// Only where letters or dashes leave anything to spell in another way.
fn plain(home: &Home, shown: &HashSet<&str>) -> Vec<Spelling> {
    let is_open = |key: &str| key.len() >= 6 && key.bytes().any(|b| b.is_ascii_alphabetic());
    let bare = |v: &str| -> String {
        v.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    if !home.universe.keys().take(100).any(|k| is_open(k)) {
        return Vec::new();
    }
    let keys: HashMap<String, &str> =
        home.universe.keys().filter(|k| is_open(k)).map(|k| (bare(k), k.as_str())).collect();
    let mut counts: BTreeMap<Spelling, usize> = BTreeMap::new();
    for value in shown {
        let Some(key) = keys.get(&bare(value)) else { continue };
        for (dashes, capitals) in [(false, false), (false, true), (true, false), (true, true)] {
            let spelling = Spelling::Plain { dashes, capitals };
            if spelling.of(key).as_deref() == Some(*value) {
                *counts.entry(spelling).or_default() += 1;
                break;
            }
        }
    }
    counts.into_iter().filter(|(_, n)| *n >= FEWEST).map(|(s, _)| s).collect()
}

/// What is known of values with one prefix and so many digits.
#[derive(Default)]
struct Numbers {
    all: usize,
    keys: usize,
    /// Stood beside another entity's own key.
    others: usize,
    /// Birth of the key and time of the unit.
    times: Vec<(i64, i64)>,
}

impl Numbers {
    /// Numbers of two sequences may fall into one range: then the times differ, or the two stand beside each other.
    fn are_keys(&self) -> bool {
        self.keys >= FEWEST
            && self.keys as f64 >= self.all as f64 * SHARE
            && self.others * 10 <= self.keys
            && times_fit(&self.times)
    }
}

/// Prefix and number of digits of values most of whose numbers are keys.
fn numbered(home: &Home, units: &[&Sampled]) -> Vec<Spelling> {
    /// Shorter numbers are in any range.
    const SHORTEST: usize = 4;
    let is_long_number = |key: &str| key.len() >= SHORTEST && key.bytes().all(|b| b.is_ascii_digit());
    if !home.universe.keys().take(100).any(|k| is_long_number(k)) {
        return Vec::new();
    }
    let mut found: BTreeMap<(&str, usize), Numbers> = BTreeMap::new();
    for (_, time, placed) in units {
        let mut own =
            placed.iter().filter(|p| is_long_number(&p.value) && home.universe.contains_key(&p.value));
        let own = own.next().map(|p| p.value.as_str());
        for value in placed.iter().map(|p| p.value.as_str()) {
            let digits = value.bytes().rev().take_while(u8::is_ascii_digit).count();
            let (prefix, number) = value.split_at(value.len() - digits);
            let number = number.trim_start_matches('0');
            let is_prefix = prefix.len() <= 12 && prefix.bytes().any(|b| b.is_ascii_alphabetic());
            if !is_prefix || !prefix.is_ascii() || digits > 18 || number.len() < SHORTEST {
                continue;
            }
            let of_form = found.entry((prefix, digits)).or_default();
            of_form.all += 1;
            let Some(birth) = home.universe.get(number) else { continue };
            of_form.keys += 1;
            of_form.others += usize::from(own.is_some_and(|o| o != number));
            of_form.times.extend(time.filter(|_| *birth != i64::MIN).map(|t| (*birth, t.0)));
        }
    }
    let found = found.into_iter().filter(|(_, numbers)| numbers.are_keys());
    found.map(|((prefix, digits), _)| Spelling::Numbered { prefix: prefix.to_owned(), digits }).collect()
}

#[cfg(test)]
mod tests {
    use super::Spelling;

    #[test]
    fn keys_are_spelt_in_other_ways() {
        let uuid = "9b2e6c1a-77aa-4d0e-9c11-0a1b2c3d4e5f";
        let plain = |dashes, capitals| Spelling::Plain { dashes, capitals }.of(uuid).unwrap();
        assert_eq!(plain(false, true), "9B2E6C1A77AA4D0E9C110A1B2C3D4E5F");
        assert_eq!(plain(true, true), "9B2E6C1A-77AA-4D0E-9C11-0A1B2C3D4E5F");
        let bare = "9B2E6C1A77AA4D0E9C110A1B2C3D4E5F";
        assert_eq!(Spelling::Plain { dashes: true, capitals: false }.of(bare).unwrap(), uuid);
        let numbered = Spelling::Numbered { prefix: "TCK-".into(), digits: 8 };
        assert_eq!(numbered.of("48260").unwrap(), "TCK-00048260");
        assert_eq!(numbered.of("A8260"), None);
    }
}
