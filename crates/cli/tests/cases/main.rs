//! Every simulated incident of `cases/` and every recorded one of `lab/cases/` through the binary, scored alike.
//!
//! What is still wrong stands in `red.toml`, so that it is neither forgotten nor in the way: the test fails when
//! something else is wrong, and when something of the list is right.
#![allow(clippy::unwrap_used, reason = "a case that cannot be read fails")]

#[path = "../common/mod.rs"]
mod common;
mod first_look;
mod score;

use common::cases;
use first_look::FirstLook;
use score::{COLUMNS, Mark, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Columns that are still wrong, by case.
type Red = BTreeMap<String, BTreeSet<String>>;

fn red() -> Red {
    let text = std::fs::read_to_string(common::root().join("crates/cli/tests/cases/red.toml")).unwrap();
    toml::from_str(&text).unwrap()
}

#[test]
fn every_case_gets_its_verdict() {
    let filter = std::env::var("WAYLAID_CASE").unwrap_or_default();
    let red = red();
    let mut surprises = Vec::new();
    let mut tables = String::new();
    for folder in ["cases", "lab/cases"] {
        let chosen = cases(folder).into_iter().filter(|c| c.to_string_lossy().contains(&filter));
        let rows: Vec<Row> = chosen.map(|c| score::run(&c)).collect();
        for row in &rows {
            let name = format!("{folder}/{}", row.name);
            surprises.extend(surprises_of(&name, row, red.get(&name).unwrap_or(&BTreeSet::new())));
        }
        let _ = writeln!(tables, "{folder}\n{}", table(&rows));
    }
    // Past the harness, which keeps what tests print to itself: the table is to be seen in every run.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("\n{tables}\n").as_bytes());
    assert!(surprises.is_empty(), "{}\n\n{tables}", surprises.join("\n"));
}

/// What is wrong and not known to be, or the other way round.
fn surprises_of(name: &str, row: &Row, red: &BTreeSet<String>) -> Vec<String> {
    let wrong: BTreeSet<String> =
        row.marks.iter().filter(|(_, m)| m.is_wrong()).map(|(c, _)| (*c).to_owned()).collect();
    let new: Vec<&str> = wrong.difference(red).map(String::as_str).collect();
    let mended: Vec<&str> = red.difference(&wrong).map(String::as_str).collect();
    let mut out = Vec::new();
    if !new.is_empty() {
        out.push(format!("{name}: {} wrong: {}", new.join(", "), row.wrong.join("; ")));
    }
    if !mended.is_empty() {
        out.push(format!("{name}: {} right now: take it out of red.toml", mended.join(", ")));
    }
    out
}

/// A line a case, and the totals; below, how far a first look gets on the same cases.
fn table(rows: &[Row]) -> String {
    let mut out = format!("{:<24}{:<14}", "case", "found");
    COLUMNS.iter().for_each(|c| out.push_str(&format!("{c:<9}")));
    out.push_str(" tokens      s  what is wrong\n");
    for row in rows {
        let _ = write!(out, "{:<24}{:<14}", row.name, row.outcome);
        for column in COLUMNS {
            let mark = row.marks.get(column).map_or_else(|| "-".to_owned(), Mark::to_string);
            let _ = write!(out, "{mark:<9}");
        }
        let _ = writeln!(out, "{:>7}{:>7.2}  {}", row.tokens, row.seconds, row.wrong.join("; "));
    }
    let _ = write!(out, "{:<24}{:<14}", "total", "");
    for column in COLUMNS {
        let asked: Vec<&Mark> = rows.iter().filter_map(|r| r.marks.get(column)).collect();
        let right = asked.iter().filter(|m| !m.is_wrong()).count();
        let _ = write!(out, "{:<9}", format!("{right}/{}", asked.len()));
    }
    let tokens: usize = rows.iter().map(|r| r.tokens).sum::<usize>() / rows.len().max(1);
    let seconds: f64 = rows.iter().map(|r| r.seconds).sum();
    let _ = writeln!(out, "{tokens:>7}{seconds:>7.2}");
    let exact = rows.iter().filter(|r| matches!(r.marks.get("line"), Some(Mark::Place(_)))).count();
    let _ = writeln!(
        out,
        "the very line among the first three: {exact}; others marked ~ are up to three lines off"
    );
    let whole = rows.iter().filter(|r| r.wrong.is_empty()).count();
    let lies: Vec<&str> = rows.iter().filter(|r| r.confirmed_wrongly).map(|r| r.name.as_str()).collect();
    let _ =
        writeln!(out, "all right: {whole} of {}; confirmed and wrong: {} {lies:?}", rows.len(), lies.len());
    let looks: Vec<&FirstLook> = rows.iter().filter_map(|r| r.first_look.as_ref()).collect();
    let count = |of: fn(&FirstLook) -> bool| looks.iter().filter(|l| of(l)).count();
    let _ = writeln!(
        out,
        "a first look names the service: most errors {n1}, first error {n2}, loudest new error {n3} of {all}",
        n1 = count(|l| l.most_errors),
        n2 = count(|l| l.first_error),
        n3 = count(|l| l.loudest_new),
        all = looks.len()
    );
    out
}
