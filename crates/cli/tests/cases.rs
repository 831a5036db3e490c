//! Every case of `cases/` through the binary: outcome, kinds, services, hops, the exact entities, what was ruled out.
#![allow(clippy::unwrap_used, reason = "a case that cannot be read fails")]

mod common;

use common::{cases, copy, waylaid};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

/// How one case came out.
struct Row {
    name: String,
    outcome: String,
    code: String,
    seconds: f64,
    wrong: Vec<String>,
}

#[test]
fn every_case_gets_its_verdict() {
    let filter = std::env::var("WAYLAID_CASE").unwrap_or_default();
    let rows: Vec<Row> =
        cases().iter().filter(|c| c.to_string_lossy().contains(&filter)).map(|c| run(c)).collect();
    let table = table(&rows);
    println!("{table}");
    let wrong = rows.iter().filter(|r| !r.wrong.is_empty()).count();
    assert!(!rows.is_empty(), "no case was found");
    assert_eq!(wrong, 0, "{wrong} of {} cases differ:\n{table}", rows.len());
}

fn table(rows: &[Row]) -> String {
    let mut out = format!("{:<18}{:<14}{:<8}{:>6}  verdict\n", "case", "outcome", "code", "s");
    for row in rows {
        let verdict = if row.wrong.is_empty() { "as expected".to_owned() } else { row.wrong.join("; ") };
        let _ = writeln!(
            out,
            "{:<18}{:<14}{:<8}{:>6.2}  {verdict}",
            row.name, row.outcome, row.code, row.seconds
        );
    }
    out
}

fn run(case: &Path) -> Row {
    let name = case.file_name().unwrap().to_string_lossy().into_owned();
    let expected: Value =
        serde_json::from_str(&std::fs::read_to_string(case.join("expected.json")).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    copy(&case.join("incident"), folder.path());
    let mut arguments = vec!["diagnose".to_owned()];
    arguments.extend(expected["question"]["entity"].as_str().map(str::to_owned));
    arguments.extend(texts(&expected["question"]["args"]));
    // The question was asked at that moment, which may be later than the last line of a quiet system.
    let now = expected["question"]["now"].as_str();
    arguments.extend(now.into_iter().flat_map(|now| ["--now".to_owned(), now.to_owned()]));
    arguments.extend(["--format".to_owned(), "json".to_owned()]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let start = Instant::now();
    let ran = waylaid(folder.path(), &arguments);
    let seconds = start.elapsed().as_secs_f64();
    let Ok(found) = serde_json::from_str::<Value>(&ran.stdout) else {
        let first = ran.stderr.lines().next().unwrap_or("nothing was printed").to_owned();
        return Row { name, outcome: "-".into(), code: "-".into(), seconds, wrong: vec![first] };
    };
    let outcome = found["verdict"]["outcome"].as_str().unwrap_or("-").to_owned();
    let wrong = differences(&expected, &found, folder.path());
    Row { name, outcome, code: code(&expected, &found), seconds, wrong }
}

fn differences(expected: &Value, found: &Value, folder: &Path) -> Vec<String> {
    let verdict = &found["verdict"];
    let mut wrong = Vec::new();
    let mut same = |what: &str, want: &Value, is: &Value| {
        if !want.is_null() && want != is {
            wrong.push(format!("{what} {is}, expected {want}"));
        }
    };
    same("outcome", &expected["outcome"], &verdict["outcome"]);
    same("unexplained", &expected["unexplained"], &verdict["unexplained"]);
    let mut left: Vec<&Value> = list(&verdict["causes"]).collect();
    for want in list(&expected["causes"]) {
        let names = ["kind", "service", "hop"];
        let place = left.iter().position(|c| names.iter().all(|n| c[n] == want[n]));
        let Some(place) = place else {
            wrong.push(format!("no cause {} in {} at {}", want["kind"], want["service"], want["hop"]));
            continue;
        };
        let cause = left.remove(place);
        let entities = entities(cause, folder);
        let wanted: BTreeSet<String> = texts(&want["entities"]).collect();
        if entities != wanted {
            let missing = wanted.difference(&entities).count();
            let extra = entities.difference(&wanted).count();
            wrong.push(format!("{}: {missing} entities missing, {extra} too many", want["kind"]));
        }
        if !want["explains"].is_null() && cause["explains"] != want["explains"] {
            wrong.push(format!(
                "{} explains {}, expected {}",
                want["kind"], cause["explains"], want["explains"]
            ));
        }
        if !want["keys"].is_null() {
            wrong.extend(keys(&want["keys"], &cause["keys"], folder));
        }
    }
    wrong.extend(
        left.iter().map(|c| format!("a cause too many: {} in {} at {}", c["kind"], c["service"], c["hop"])),
    );
    for want in list(&expected["ruled_out"]) {
        let there =
            list(&found["ruled_out"]).any(|r| r["kind"] == want["kind"] && r["service"] == want["service"]);
        if !there {
            wrong.push(format!("not ruled out: {} in {}", want["kind"], want["service"]));
        }
    }
    wrong
}

/// The entities of a cause, from its CSV, which has all.
fn entities(cause: &Value, folder: &Path) -> BTreeSet<String> {
    first_column(cause["entities"]["csv"].as_str().unwrap_or(""), folder)
}

fn first_column(csv: &str, folder: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(folder.join(csv)).unwrap_or_default();
    let cell = |line: &str| line.split(',').next().unwrap_or("").trim_matches('"').to_owned();
    text.lines().skip(1).map(cell).collect()
}

/// The keys inside the messages: table, columns, and the values of their first column.
fn keys(want: &Value, is: &Value, folder: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for name in ["table", "columns"] {
        if !want[name].is_null() && want[name] != is[name] {
            wrong.push(format!("keys: {name} {}, expected {}", is[name], want[name]));
        }
    }
    let wanted: BTreeSet<String> = texts(&want["values"]).collect();
    let found = first_column(is["csv"].as_str().unwrap_or(""), folder);
    if !wanted.is_empty() && wanted != found {
        let missing = wanted.difference(&found).count();
        wrong.push(format!("keys: {missing} missing, {} too many", found.difference(&wanted).count()));
    }
    wrong
}

/// At which place the expected line of code comes among those the causes cite; for information.
fn code(expected: &Value, found: &Value) -> String {
    let mut ranks = Vec::new();
    for want in list(&expected["causes"]).filter(|c| !c["code"].is_null()) {
        let cause =
            list(&found["verdict"]["causes"]).find(|c| c["kind"] == want["kind"] && c["hop"] == want["hop"]);
        let places: Vec<&Value> = cause.map(|c| list(&c["code"]).collect()).unwrap_or_default();
        let same = |p: &&Value, name: &str| p[name] == want["code"][name];
        let rank = places.iter().position(|p| same(p, "path") && same(p, "line"));
        let near = places.iter().any(|p| same(p, "path"));
        ranks.push(match rank {
            Some(rank) => format!("#{}", rank + 1),
            None if near => "file".into(),
            None => "none".into(),
        });
    }
    if ranks.is_empty() { "-".into() } else { ranks.join(" ") }
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
