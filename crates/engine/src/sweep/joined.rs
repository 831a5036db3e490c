//! Keys that other stores know as several columns of the home row in one: `DBC-404` for the row whose `carrier` is `DBC`
//! and whose `number` is 404. Learnt from values that samples and the followed ones' own trails show, never guessed.

use super::samples::Samples;
use super::{Alias, Haul};
use crate::home::{Entity, Home};
use crate::ids::looks_like_time;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use waylaid_model::scalar_text;

/// Values of one make that must turn up as columns of one row.
const FEWEST: usize = 5;
/// What is longer is no key, nor part of one.
const LONGEST: usize = 60;
/// A part that this many of the followed have says nothing of which of them it is.
const MANY: usize = 400;
/// What stands between the parts.
const BETWEEN: &[u8] = b"-:/_.|#~";

/// Which columns, in which order, and what stands between them.
type Make<'a> = (Vec<&'a str>, Option<char>);

/// The followed entities' columns, by value.
struct Columns<'a> {
    rows: Vec<Vec<(&'a str, String)>>,
    of_value: HashMap<String, Vec<u32>>,
}

impl<'a> Columns<'a> {
    fn new(entities: &'a [Entity]) -> Self {
        let is_part = |text: &String| (1..=LONGEST / 2).contains(&text.len()) && !looks_like_time(text);
        let cells = |e: &'a Entity| {
            let texts = e.row.cells.iter().filter_map(|(c, v)| Some((c.as_str(), scalar_text(v)?)));
            texts.filter(|(_, text)| is_part(text)).collect::<Vec<_>>()
        };
        let rows: Vec<Vec<(&str, String)>> = entities.iter().map(cells).collect();
        let mut of_value: HashMap<String, Vec<u32>> = HashMap::new();
        for (index, row) in rows.iter().enumerate() {
            for (_, text) in row {
                let owners = of_value.entry(text.clone()).or_default();
                if owners.last() != Some(&(index as u32)) {
                    owners.push(index as u32);
                }
            }
        }
        Self { rows, of_value }
    }

    /// The columns of one row that hold these parts, each another one.
    fn holding(&self, parts: &[&str]) -> Option<Vec<&'a str>> {
        let owners: Option<Vec<&Vec<u32>>> = parts.iter().map(|part| self.of_value.get(*part)).collect();
        let rarest = owners?.into_iter().min_by_key(|o| o.len()).filter(|o| o.len() <= MANY)?;
        rarest.iter().find_map(|owner| {
            let mut columns: Vec<&str> = Vec::new();
            for part in parts {
                let row = &self.rows[*owner as usize];
                columns.push(row.iter().find(|(c, text)| text == part && !columns.contains(c))?.0);
            }
            Some(columns)
        })
    }

    fn joined(&self, index: usize, (columns, between): &Make<'_>) -> Option<String> {
        let text =
            |c: &&str| self.rows[index].iter().find(|(name, _)| name == c).map(|(_, text)| text.as_str());
        let parts: Option<Vec<&str>> = columns.iter().map(text).collect();
        Some(parts?.join(&between.map(String::from).unwrap_or_default()))
    }
}

/// The followed entities' keys as they are made of several columns of theirs.
pub(super) fn joined_forms(home: &Home, samples: &Samples, haul: &Haul) -> Vec<Alias> {
    let Some(table) = &home.column else { return Vec::new() };
    let columns = Columns::new(&home.entities);
    let of_make = |make: Make<'_>| {
        let mut values: HashMap<String, Vec<u32>> = HashMap::new();
        for index in 0..home.entities.len() {
            if let Some(value) = columns.joined(index, &make).filter(|v| !home.universe.contains_key(v)) {
                values.entry(value).or_default().push(index as u32);
            }
        }
        let name = format!("form {}.{}.{}", table.store, table.table, make.0.join("+"));
        Alias { name, values }
    };
    // What several rows have in common is the key of none.
    let is_key = |a: &Alias| {
        let shared = a.values.values().filter(|owners| owners.len() > 1).count();
        !a.values.is_empty() && shared * 50 <= a.values.len()
    };
    makes(home, &columns, samples, haul).into_iter().map(of_make).filter(is_key).collect()
}

fn makes<'a>(home: &Home, columns: &Columns<'a>, samples: &Samples, haul: &Haul) -> Vec<Make<'a>> {
    let sampled = samples.records.iter().chain(&samples.events);
    let sampled = sampled.flat_map(|(_, _, placed)| placed.iter().map(|p| p.value.as_str()));
    let followed = haul.aliases.iter().flat_map(|a| a.values.keys().map(String::as_str));
    let is_open =
        |v: &&str| (4..=LONGEST).contains(&v.len()) && !home.universe.contains_key(*v) && !looks_like_time(v);
    let shown: BTreeSet<&str> = sampled.chain(followed).filter(is_open).collect();
    let mut counts: BTreeMap<Make<'a>, usize> = BTreeMap::new();
    for value in shown {
        let made = partings(value)
            .into_iter()
            .find_map(|(parts, between)| columns.holding(&parts).map(|columns| (columns, between)));
        if let Some(make) = made {
            *counts.entry(make).or_default() += 1;
        }
    }
    counts.into_iter().filter(|(_, n)| *n >= FEWEST).map(|(make, _)| make).collect()
}

/// In which ways a value may be made of parts: two, at each place; all, where there are more; letters and digits.
fn partings(value: &str) -> Vec<(Vec<&str>, Option<char>)> {
    let mut out = Vec::new();
    let bytes = value.as_bytes();
    for (at, byte) in bytes.iter().enumerate().filter(|(_, b)| BETWEEN.contains(b)) {
        let (left, right) = (&value[..at], &value[at + 1..]);
        let between = char::from(*byte);
        if !left.is_empty() && !right.is_empty() {
            out.push((vec![left, right], Some(between)));
        }
        let all: Vec<&str> = value.split(between).collect();
        if (3..=4).contains(&all.len()) && left.find(between).is_none() && all.iter().all(|p| !p.is_empty()) {
            out.push((all, Some(between)));
        }
    }
    let letters = bytes.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let is_number = || bytes[letters..].iter().all(u8::is_ascii_digit);
    if letters > 0 && letters < bytes.len() && is_number() {
        out.push((vec![&value[..letters], &value[letters..]], None));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_parted_where_it_may_be_made_of_columns() {
        assert_eq!(partings("DBC-404"), [(vec!["DBC", "404"], Some('-'))]);
        assert_eq!(partings("DBC404"), [(vec!["DBC", "404"], None)]);
        assert_eq!(
            partings("eu:7:404"),
            [
                (vec!["eu", "7:404"], Some(':')),
                (vec!["eu", "7", "404"], Some(':')),
                (vec!["eu:7", "404"], Some(':')),
            ]
        );
        assert_eq!(partings("-404"), []);
        assert_eq!(partings("é404"), []);
    }
}
