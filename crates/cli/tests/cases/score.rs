//! One case through the binary, held against what is expected of it.

use super::common::{copy, waylaid};
use super::first_look::{self, FirstLook};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::time::Instant;

/// What is looked at.
pub const COLUMNS: [&str; 8] = ["outcome", "cohort", "cause", "service", "hop", "keys", "line", "ruled"];
/// Of the text that a person or an agent reads, measured over such texts.
const BYTES_PER_TOKEN: f64 = 2.98;
/// A line counts as found when it is among so many that the cause cites first, and no further off than this: an
/// expectation may point at the first line of a statement and the answer at the frame in its middle.
const CITED_FIRST: usize = 3;
const LINES_OFF: i64 = 3;

/// How one thing came out.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    Right,
    /// At this place of a list.
    Place(usize),
    /// A few lines off, at this place.
    Near(usize),
    Wrong,
}

impl Mark {
    pub fn is_wrong(&self) -> bool {
        *self == Self::Wrong
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Right => f.write_str("yes"),
            Self::Place(place) => write!(f, "#{place}"),
            Self::Near(place) => write!(f, "~{place}"),
            Self::Wrong => f.write_str("NO"),
        }
    }
}

/// How one case came out.
pub struct Row {
    pub name: String,
    pub outcome: String,
    pub marks: BTreeMap<&'static str, Mark>,
    pub wrong: Vec<String>,
    pub tokens: usize,
    pub seconds: f64,
    /// The worst that can happen.
    pub confirmed_wrongly: bool,
    pub first_look: Option<FirstLook>,
}

impl Row {
    fn mark(&mut self, column: &'static str, right: bool, problem: impl FnOnce() -> String) {
        if right {
            self.marks.entry(column).or_insert(Mark::Right);
        } else {
            self.marks.insert(column, Mark::Wrong);
            self.wrong.push(problem());
        }
    }
}

/// Asks about a case and compares.
pub fn run(case: &Path) -> Row {
    let text = std::fs::read_to_string(case.join("expected.json")).unwrap();
    let want: Value = serde_json::from_str(&text).unwrap();
    let folder = tempfile::tempdir().unwrap();
    copy(&case.join("incident"), folder.path());
    let mut row = Row {
        name: case.file_name().unwrap().to_string_lossy().into_owned(),
        outcome: "-".into(),
        marks: BTreeMap::new(),
        wrong: Vec::new(),
        tokens: 0,
        seconds: 0.0,
        confirmed_wrongly: false,
        first_look: first_look::of(folder.path(), &want),
    };
    let start = Instant::now();
    let json = ask(folder.path(), &want, "json");
    row.seconds = start.elapsed().as_secs_f64();
    let Ok(found) = serde_json::from_str::<Value>(&json) else {
        row.mark("outcome", false, || "nothing was printed".into());
        return row;
    };
    row.tokens = (ask(folder.path(), &want, "text").len() as f64 / BYTES_PER_TOKEN) as usize;
    compare(&mut row, &want, &found, folder.path());
    row
}

fn ask(folder: &Path, want: &Value, form: &str) -> String {
    let mut arguments = vec!["diagnose".to_owned()];
    arguments.extend(want["question"]["entity"].as_str().map(str::to_owned));
    arguments.extend(texts(&want["question"]["args"]));
    // The question was asked at that moment, which may be later than the last line of a quiet system.
    let now = want["question"]["now"].as_str();
    arguments.extend(now.into_iter().flat_map(|now| ["--now".to_owned(), now.to_owned()]));
    arguments.extend(["--format".to_owned(), form.to_owned()]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    waylaid(folder, &arguments).stdout
}

fn compare(row: &mut Row, want: &Value, found: &Value, folder: &Path) {
    let verdict = &found["verdict"];
    verdict["outcome"].as_str().unwrap_or("-").clone_into(&mut row.outcome);
    for (column, name, is) in [
        ("outcome", "outcome", &verdict["outcome"]),
        ("cohort", "unexplained", &verdict["unexplained"]),
        ("cohort", "cohort", &found["cohort"]["count"]),
    ] {
        let wanted = &want[name];
        // Who is merely young may be left out of the count, and is where nothing is wrong.
        let asked = name != "cohort" || want["outcome"] != "no_fault";
        if asked && !wanted.is_null() {
            row.mark(column, wanted == is, || format!("{name} {is}, is {wanted}"));
        }
    }
    let mut left: Vec<&Value> = list(&verdict["causes"]).collect();
    for wanted in list(&want["causes"]) {
        let Some(place) = closest(wanted, &left) else {
            row.mark("cause", false, || format!("no cause {} in {}", wanted["kind"], wanted["service"]));
            continue;
        };
        let cause = left.remove(place);
        compare_cause(row, wanted, cause, folder);
    }
    for cause in &left {
        row.mark("cause", false, || {
            format!("too many: {} in {} at {}", cause["kind"], cause["service"], cause["hop"])
        });
    }
    for wanted in list(&want["ruled_out"]) {
        let same = |r: &Value| r["kind"] == wanted["kind"] && r["service"] == wanted["service"];
        row.mark("ruled", list(&found["ruled_out"]).any(same), || {
            format!("not ruled out: {} in {}", wanted["kind"], wanted["service"])
        });
    }
    let misled = ["outcome", "cause", "service"].iter().any(|c| row.marks.get(c).is_some_and(Mark::is_wrong));
    row.confirmed_wrongly = row.outcome == "confirmed" && misled;
}

/// The cause that is most likely meant.
fn closest(want: &Value, left: &[&Value]) -> Option<usize> {
    let likeness = |c: &Value| {
        4 * usize::from(is_hop(want, c))
            + 2 * usize::from(c["service"] == want["service"])
            + usize::from(c["kind"] == want["kind"])
    };
    (0..left.len()).max_by_key(|i| (likeness(left[*i]), std::cmp::Reverse(*i)))
}

fn is_hop(want: &Value, is: &Value) -> bool {
    is["hop"] == want["hop"] || (!want["or_hop"].is_null() && is["hop"] == want["or_hop"])
}

fn compare_cause(row: &mut Row, want: &Value, is: &Value, folder: &Path) {
    for (column, name) in [("cause", "kind"), ("service", "service"), ("cause", "explains")] {
        let (wanted, found) = (&want[name], &is[name]);
        let asked = name != "explains" || !wanted.is_null();
        if asked {
            row.mark(column, wanted == found, || format!("{name} {found}, is {wanted}"));
        }
    }
    row.mark("hop", is_hop(want, is), || format!("hop {}, is {}", is["hop"], want["hop"]));
    let entities = first_column(is["entities"]["csv"].as_str().unwrap_or(""), folder);
    compare_sets(row, "entities", &texts(&want["entities"]).collect(), &entities);
    let keys = &want["keys"];
    for name in ["table", "columns"].into_iter().filter(|n| !keys[*n].is_null()) {
        let (wanted, found) = (&keys[name], &is["keys"][name]);
        row.mark("keys", wanted == found, || format!("keys: {name} {found}, is {wanted}"));
    }
    let wanted: BTreeSet<String> = texts(&keys["values"]).collect();
    if !wanted.is_empty() {
        let found = first_column(is["keys"]["csv"].as_str().unwrap_or(""), folder);
        compare_sets(row, "keys", &wanted, &found);
    }
    if !want["code"].is_null() {
        mark_line(row, &want["code"], &is["code"]);
    }
}

fn compare_sets(row: &mut Row, what: &str, want: &BTreeSet<String>, is: &BTreeSet<String>) {
    let (missing, extra) = (want.difference(is).count(), is.difference(want).count());
    row.mark("keys", missing + extra == 0, || format!("{what}: {missing} missing, {extra} too many"));
}

/// At which place the expected line of code comes among those that the cause cites.
fn mark_line(row: &mut Row, want: &Value, places: &Value) {
    let off = |p: &Value| p["line"].as_i64().zip(want["line"].as_i64()).map(|(a, b)| (a - b).abs());
    let within = |lines: i64| {
        let is_near = |p: &Value| p["path"] == want["path"] && off(p).is_some_and(|off| off <= lines);
        list(places).take(CITED_FIRST).position(is_near).map(|place| place + 1)
    };
    let exact = within(0).map(Mark::Place);
    let place = exact.or_else(|| within(LINES_OFF).map(Mark::Near));
    let first = list(places).next().map(|p| format!("{}:{}", p["path"], p["line"]));
    row.mark("line", place.is_some(), || {
        format!("line {}, is {}:{}", first.unwrap_or_else(|| "nowhere".into()), want["path"], want["line"])
    });
    if let (Some(place), Some(Mark::Right)) = (place, row.marks.get("line")) {
        row.marks.insert("line", place);
    }
}

/// The first column of a CSV, which has all of a list.
fn first_column(csv: &str, folder: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(folder.join(csv)).unwrap_or_default();
    let cell = |line: &str| line.split(',').next().unwrap_or("").trim_matches('"').to_owned();
    text.lines().skip(1).map(cell).collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Strings and numbers of a list as text; of a list of lists, the first of each.
fn texts(value: &Value) -> impl Iterator<Item = String> + '_ {
    list(value).map(|v| match v {
        Value::String(s) => s.clone(),
        Value::Array(row) => {
            row.first().map(|v| v.as_str().map_or(v.to_string(), str::to_owned)).unwrap_or_default()
        }
        other => other.to_string(),
    })
}
