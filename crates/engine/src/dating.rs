//! By which column the rows of a table tell when they were written. Without a name that says so it is the earliest of their
//! times; but that may be one of business, such as when a meter was read, hours before anybody heard of it.

use crate::facts::RowFact;
use crate::home::Home;
use crate::rowtime;
use crate::sweep::Haul;
use std::collections::{BTreeMap, BTreeSet};
use waylaid_model::{Row, Timestamp};

const MINUTE: i64 = 60 * 1_000_000_000;
/// A time so far from any sign of the entity is none of the system's.
const FAR: i64 = 60 * MINUTE;
/// A time so near to one is.
const NEAR: i64 = 5 * MINUTE;
/// So many rows tell it.
const FEWEST: usize = 20;

/// Dates the rows by what the logs and records on their entities say.
pub(crate) fn redate(home: &mut Home, haul: &mut Haul) {
    let signs = signs(home.entities.len(), haul);
    let of_home = |e: &usize| signs[*e].first().map(|first| (&home.entities[*e].row, vec![*first]));
    let rows: Vec<(&Row, Vec<Timestamp>)> = (0..home.entities.len()).filter_map(|e| of_home(&e)).collect();
    if let Some(column) = better(&rows) {
        for entity in &mut home.entities {
            entity.created = told_by(&column, &entity.row).or(entity.created);
        }
    }
    let tables: BTreeSet<String> = haul.rows.iter().map(|r| r.table.clone()).collect();
    for table in tables {
        let of_row = |row: &RowFact| match row.entities.as_slice() {
            [only] => signs[*only as usize].clone(),
            _ => Vec::new(),
        };
        let own = haul.rows.iter().filter(|r| r.table == table).map(|r| (&r.row, of_row(r)));
        let rows: Vec<(&Row, Vec<Timestamp>)> = own.filter(|(_, signs)| !signs.is_empty()).collect();
        let Some(column) = better(&rows) else { continue };
        for row in haul.rows.iter_mut().filter(|r| r.table == table) {
            row.created = told_by(&column, &row.row).or(row.created);
        }
    }
}

/// The times of each entity's records and log lines, in order.
fn signs(entities: usize, haul: &Haul) -> Vec<Vec<Timestamp>> {
    let mut signs = vec![Vec::new(); entities];
    let records = haul.records.iter().map(|r| (r.record.time, &r.entities));
    let logs = haul.logs.iter().filter(|l| l.joined_by.is_none()).map(|l| (l.time, &l.entities));
    for (time, entities) in records.chain(logs) {
        time.into_iter().for_each(|t| entities.iter().for_each(|e| signs[*e as usize].push(t)));
    }
    signs.iter_mut().for_each(|s| s.sort_unstable());
    signs
}

fn told_by(column: &str, row: &Row) -> Option<Timestamp> {
    row.get(column).and_then(|cell| rowtime::time_of(column, cell))
}

/// A column that (nearly) every row has, and that is near to a sign of its entity where the one by which the rows are dated
/// is far from any. Columns whose names say what they hold are believed.
fn better(rows: &[(&Row, Vec<Timestamp>)]) -> Option<String> {
    let mut chosen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut distances: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for (row, signs) in rows {
        if let Some((column, _)) = rowtime::born(row) {
            *chosen.entry(column).or_default() += 1;
        }
        for (column, time) in rowtime::times(row) {
            let nearest = signs.iter().map(|s| s.since(time).abs()).min();
            distances.entry(column).or_default().extend(nearest);
        }
    }
    let (column, _) = chosen.into_iter().max_by_key(|(_, n)| *n)?;
    let mut middle = |column: &str| {
        let of_column = distances.get_mut(column)?;
        of_column.sort_unstable();
        (of_column.len() >= FEWEST && of_column.len() * 20 >= rows.len() * 19)
            .then(|| of_column[of_column.len() / 2])
    };
    if rowtime::is_birth_name(column) || middle(column).is_none_or(|d| d <= FAR) {
        return None;
    }
    let says = |c: &&str| rowtime::is_plan_name(c) || rowtime::is_touch_name(c);
    let names: BTreeSet<&str> = rows.iter().flat_map(|(r, _)| rowtime::times(r)).map(|(c, _)| c).collect();
    let near = names.into_iter().filter(|c| *c != column && !says(c));
    let best = near.filter_map(|c| middle(c).filter(|d| *d <= NEAR).map(|d| (d, c))).min();
    best.map(|(_, column)| column.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_seconds(1_700_000_000 + minute * 60)
    }

    fn column_for(columns: [&str; 2], filled: usize) -> Option<String> {
        let row = |n: i64| {
            let late = if (n as usize) < filled { json!(at(n).to_string()) } else { json!(null) };
            Row {
                cells: vec![(columns[0].into(), json!(at(n - 300).to_string())), (columns[1].into(), late)],
            }
        };
        let rows: Vec<Row> = (0..100).map(row).collect();
        let with_signs: Vec<(&Row, Vec<Timestamp>)> =
            rows.iter().enumerate().map(|(n, r)| (r, vec![at(n as i64).plus(1)])).collect();
        better(&with_signs)
    }

    #[test]
    fn a_time_of_business_is_none_of_the_systems() {
        assert_eq!(column_for(["read_at", "uploaded_at"], 100).as_deref(), Some("uploaded_at"));
        assert_eq!(column_for(["created_at", "picked_at"], 100), None, "a column that says so is believed");
        assert_eq!(column_for(["read_at", "updated_at"], 100), None, "every change touches it");
        assert_eq!(column_for(["ordered_at", "shipped_at"], 80), None, "those that wait have none");
        assert_eq!(column_for(["read_at", "uploaded_at"], 0), None);
    }
}
