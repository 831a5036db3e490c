//! Contrasts of size and form: the stuck are larger, longer, more, or written in another way than all that completed
//! beside them. Asked only where no value, type or place sets them apart.

use super::chance::chance_of;
use super::features::counts_changes;
use super::{Told, Trait};
use crate::places;
use crate::trails::Fact;
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use waylaid_model::{Timestamp, scalar_text};

/// With fewer on one side a threshold is found by chance.
const FEWEST_STUCK: usize = 5;
const FEWEST_DONE: usize = 10;

/// What an entity has in each place, as text.
type Texts = BTreeMap<String, Vec<String>>;

/// What sets `stuck` apart from the completed that came since the first of them, by size or form. Those of before tell
/// nothing: ids and amounts grow with time, and what was allowed then may not be now.
pub(crate) fn shapes(world: &World<'_>, node: usize, stuck: &[u32], done: &[u32]) -> Vec<Trait> {
    let Some(onset) = stuck.iter().filter_map(|e| world.at(*e, node)).min() else { return Vec::new() };
    let beside: Vec<u32> =
        done.iter().copied().filter(|e| world.at(*e, node).is_some_and(|at| at >= onset)).collect();
    if stuck.len() < FEWEST_STUCK || beside.len() < FEWEST_DONE {
        return Vec::new();
    }
    let texts = |group: &[u32]| -> Vec<(Option<Timestamp>, Texts)> {
        group.iter().map(|e| (world.at(*e, node), texts(world, node, *e))).collect()
    };
    let (ours, theirs) = (texts(stuck), texts(&beside));
    let names: BTreeSet<&String> = ours.iter().flat_map(|(_, t)| t.keys()).collect();
    let mut found: Vec<(usize, Trait)> = Vec::new();
    let mut tests = 0;
    for name in names {
        let have =
            |side: &[(Option<Timestamp>, Texts)]| side.iter().filter(|(_, t)| t.contains_key(name)).count();
        // A place that one side hardly has is told by its absence.
        if have(&ours) * 20 < ours.len() * 19 || have(&theirs) * 20 < theirs.len() * 19 {
            continue;
        }
        tests += MEASURES.len() * 2 + FORMS.len() * 2;
        let sized = MEASURES.iter().filter_map(|m| by_size(name, m, &ours, &theirs));
        found.extend(sized.map(|t| (0, t)));
        found.extend(FORMS.iter().filter_map(|f| by_form(name, *f, &ours, &theirs)).map(|t| (1, t)));
    }
    found.retain(|(_, t)| chance_of(t.stuck, t.of_stuck, t.done, t.of_done) * (tests as f64) < 1e-3);
    found.retain(|(_, t)| !is_set_later(world, t));
    found.sort_by_cached_key(|(rank, t)| (*rank, super::order(t)));
    let all = done.len();
    for (_, t) in &mut found {
        t.since = Some(onset).filter(|_| beside.len() < all);
    }
    found.into_iter().map(|(_, t)| t).collect()
}

/// A way to measure what stands in a place.
struct Measure {
    of: fn(&[String]) -> Option<f64>,
    over: &'static str,
    under: &'static str,
    unit: &'static str,
    /// Whether it may be a counter that grows with time.
    may_grow: bool,
}

const MEASURES: [Measure; 3] = [
    Measure { of: largest, over: "above", under: "below", unit: "", may_grow: true },
    Measure { of: longest, over: "longer than", under: "shorter than", unit: " characters", may_grow: false },
    Measure {
        of: several,
        over: "with more than",
        under: "with fewer than",
        unit: " values",
        may_grow: false,
    },
];

fn largest(values: &[String]) -> Option<f64> {
    let number = |v: &String| v.parse::<f64>().ok().filter(|n| n.is_finite() && !is_code(v));
    values.iter().map(number).collect::<Option<Vec<f64>>>()?.into_iter().reduce(f64::max)
}

/// Digits that are no amount: with zeros before them, or too many.
fn is_code(text: &str) -> bool {
    let digits = text.trim_start_matches('-');
    (digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.")) || digits.len() > 15
}

fn longest(values: &[String]) -> Option<f64> {
    // Of a number its size says all.
    let is_text = values.iter().any(|v| v.parse::<f64>().is_err());
    values.iter().map(|v| v.chars().count()).max().filter(|_| is_text).map(|n| n as f64)
}

fn several(values: &[String]) -> Option<f64> {
    (!values.is_empty()).then_some(values.len() as f64)
}

/// Nearly all of the stuck beyond every one of the completed.
fn by_size(
    name: &str,
    measure: &Measure,
    ours: &[(Option<Timestamp>, Texts)],
    theirs: &[(Option<Timestamp>, Texts)],
) -> Option<Trait> {
    if measure.unit == " values" && !name.contains("[]") {
        return None;
    }
    let sizes = |side: &[(Option<Timestamp>, Texts)]| -> Vec<(Option<Timestamp>, f64)> {
        side.iter().filter_map(|(at, t)| Some((*at, (measure.of)(t.get(name)?)?))).collect()
    };
    let (mine, other) = (sizes(ours), sizes(theirs));
    if mine.len() * 20 < ours.len() * 19 || other.len() * 20 < theirs.len() * 19 {
        return None;
    }
    // One value for all of them would have told by itself, or is what nobody has set yet.
    if mine.iter().all(|(_, n)| n.total_cmp(&mine[0].1).is_eq()) || (measure.may_grow && grows(&other)) {
        return None;
    }
    let most = other.iter().map(|(_, n)| *n).reduce(f64::max)?;
    let least = other.iter().map(|(_, n)| *n).reduce(f64::min)?;
    let beyond =
        |is: &dyn Fn(f64) -> bool| mine.iter().map(|(_, n)| *n).filter(|n| is(*n)).collect::<Vec<_>>();
    let (over, under) = (beyond(&|n| n > most), beyond(&|n| n < least));
    let (word, limit, out) =
        if over.len() >= under.len() { (measure.over, most, over) } else { (measure.under, least, under) };
    let low = out.iter().copied().reduce(f64::min)?;
    let high = out.iter().copied().reduce(f64::max)?;
    let told = format!("{word} {limit}{} ({low} to {high})", measure.unit);
    (out.len() * 20 >= ours.len() * 19).then(|| of(name, told, (out.len(), ours.len()), theirs.len()))
}

/// Whether values nearly always grow, or fall, from one entity to the next: a number that is given out in order.
fn grows(values: &[(Option<Timestamp>, f64)]) -> bool {
    let mut sorted: Vec<(Timestamp, f64)> =
        values.iter().filter_map(|(at, n)| at.map(|at| (at, *n))).collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let pairs = sorted.len().saturating_sub(1);
    let up = sorted.windows(2).filter(|w| w[1].1 > w[0].1).count();
    let down = sorted.windows(2).filter(|w| w[1].1 < w[0].1).count();
    up.max(down) * 10 >= pairs * 8
}

/// A property of how something is written.
type Form = (&'static str, fn(&str) -> bool);

const FORMS: [Form; 22] = [
    ("a sign beyond ASCII", |v| !v.is_ascii()),
    ("a sign of four bytes", |v| v.chars().any(|c| c.len_utf8() == 4)),
    ("a blank at an end", |v| v.trim() != v),
    ("a line break", |v| v.contains(['\n', '\r'])),
    ("letters", |v| v.chars().any(char::is_alphabetic)),
    ("digits", |v| v.bytes().any(|b| b.is_ascii_digit())),
    ("a small first letter", |v| v.chars().next().is_some_and(char::is_lowercase)),
    ("capital letters", |v| v.chars().any(char::is_uppercase)),
    ("small letters", |v| v.chars().any(char::is_lowercase)),
    ("a zero in front", |v| v.len() > 1 && v.starts_with('0') && !v.starts_with("0.")),
    ("a minus in front", |v| v.starts_with('-')),
    ("a comma", |v| v.contains(',')),
    ("a point", |v| v.contains('.')),
    ("a hyphen", |v| v.get(1..).is_some_and(|v| v.contains('-'))),
    ("a blank", |v| v.contains(' ')),
    ("an apostrophe", |v| v.contains(['\'', '’'])),
    ("a quote", |v| v.contains('"')),
    ("a slash", |v| v.contains(['/', '\\'])),
    ("a colon", |v| v.contains(':')),
    ("an underscore", |v| v.contains('_')),
    ("one of & + % # @ ;", |v| v.contains(['&', '+', '%', '#', '@', ';'])),
    ("brackets", |v| v.contains(['(', '[', '{', '<'])),
];

/// Nearly all of the stuck are written in a way in which no completed one is, or the other way round.
fn by_form(
    name: &str,
    (what, is): Form,
    ours: &[(Option<Timestamp>, Texts)],
    theirs: &[(Option<Timestamp>, Texts)],
) -> Option<Trait> {
    let count = |side: &[(Option<Timestamp>, Texts)]| {
        side.iter().filter(|(_, t)| t.get(name).is_some_and(|v| v.iter().any(|v| is(v)))).count()
    };
    let (mine, other) = (count(ours), count(theirs));
    let lacking = ours.len() - mine;
    if mine * 20 >= ours.len() * 19 && other == 0 {
        return Some(of(name, format!("with {what}"), (mine, ours.len()), theirs.len()));
    }
    (lacking * 20 >= ours.len() * 19 && other == theirs.len())
        .then(|| of(name, format!("without {what}"), (lacking, ours.len()), theirs.len()))
}

fn of(name: &str, told: String, (stuck, of_stuck): (usize, usize), of_done: usize) -> Trait {
    Trait {
        feature: name.to_owned(),
        told: Told::Shaped(told),
        stuck,
        of_stuck,
        done: 0,
        of_done,
        since: None,
    }
}

/// Whether a later step writes the column into rows that are there: then its size tells how far they came.
fn is_set_later(world: &World<'_>, t: &Trait) -> bool {
    let own = crate::trails::home_name(&world.home);
    let of_row = t.feature.strip_prefix("row ").map(|column| (own.as_str(), column));
    let of_other = || t.feature.strip_prefix("of ").and_then(|f| f.split_once('.'));
    of_row.or_else(of_other).is_some_and(|(table, column)| crate::codeplaces::sets(world, table, column))
}

/// Everything that an entity has at a node, by place: its key, its record, its row and the rows that were there by then.
fn texts(world: &World<'_>, node: usize, entity: u32) -> Texts {
    const MOST: usize = 4_000;
    let mut out = Texts::new();
    let mut left = MOST;
    let mut add = |name: String, value: String| {
        left = left.saturating_sub(1);
        if left > 0 {
            out.entry(name).or_default().push(value);
        }
    };
    add("key".to_owned(), world.key(entity).to_owned());
    if let Some(index) = world.trails.records(entity, node).next() {
        for p in places::of_record(&world.haul.records[index].record) {
            if p.place.starts_with('$') {
                add(format!("record {}", p.place), p.value);
            }
        }
    }
    let home = &world.home.entities[entity as usize].row;
    let is_state = |c: &str| world.home.state_column.as_deref() == Some(c) || crate::trails::names_state(c);
    for (column, cell) in home.cells.iter().filter(|(c, _)| !is_state(c)) {
        if let Some(value) = scalar_text(cell).filter(|_| !counts_changes(column)) {
            add(format!("row {column}"), value);
        }
    }
    let arrival = world.at(entity, node);
    for observation in &world.trails.of[entity as usize] {
        let Fact::Row(i) = observation.fact else { continue };
        let row = &world.haul.rows[i];
        let table = row.table.rsplit('.').next().unwrap_or(&row.table);
        // A row of later says what became of the entity, not why.
        if row.created.zip(arrival).is_some_and(|(row, arrival)| row <= arrival) {
            for (column, cell) in row.row.cells.iter().filter(|(c, _)| !counts_changes(c)) {
                if let Some(value) = scalar_text(cell).filter(|_| !crate::trails::names_state(column)) {
                    add(format!("of {table}.{column}"), value);
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(values: &[&str]) -> Vec<(Option<Timestamp>, Texts)> {
        let one = |(i, v): (usize, &&str)| {
            (
                Some(Timestamp::from_seconds(i as i64)),
                Texts::from([("row x".to_owned(), vec![(*v).to_owned()])]),
            )
        };
        values.iter().enumerate().map(one).collect()
    }

    #[test]
    fn larger_than_all_that_completed() {
        let (ours, theirs) = (side(&["111", "140", "187"]), side(&["12", "60", "31"]));
        let told = by_size("row x", &MEASURES[0], &ours, &theirs).map(|t| t.sentence());
        assert_eq!(
            told.as_deref(),
            Some("3 of 3 stuck have `row x` above 60 (111 to 187), 0 of 3 completed do")
        );
    }

    #[test]
    fn numbers_that_are_given_out_in_order_tell_nothing() {
        let theirs = side(&["1", "2", "3", "5", "8", "9"]);
        assert_eq!(by_size("row x", &MEASURES[0], &side(&["11", "12", "14"]), &theirs), None);
    }

    #[test]
    fn one_overlap_and_it_is_no_limit() {
        let theirs = side(&["12", "150", "31"]);
        assert_eq!(by_size("row x", &MEASURES[0], &side(&["111", "140", "187"]), &theirs), None);
    }

    #[test]
    fn written_in_another_way() {
        let comma = FORMS.iter().find(|f| f.0 == "a comma").copied();
        let told = comma.and_then(|f| by_form("row x", f, &side(&["3,9", "4,1"]), &side(&["3.9", "4.1"])));
        assert_eq!(told.map(|t| t.told), Some(Told::Shaped("with a comma".into())));
    }
}
