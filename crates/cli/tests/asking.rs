//! How stores are asked: not for ever, not for more than fits, and nothing without a note of it.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use common::{cases, copy, waylaid};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

/// A copy of an incident with more lines in its configuration.
fn incident(name: &str, more: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let case = cases("cases").into_iter().find(|c| c.ends_with(name)).unwrap();
    copy(&case.join("incident"), folder.path());
    let path = folder.path().join("waylaid.toml");
    let toml = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, format!("{toml}\n{more}")).unwrap();
    folder
}

fn diagnose(folder: &Path) -> (i32, Value) {
    let ran = waylaid(folder, &["diagnose", "--format", "json"]);
    (ran.code, serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr)))
}

#[test]
fn a_store_that_hangs_is_given_up_and_said_to_have_failed() {
    let more = "[tables.slow]\nkind = \"sqlite\"\npath = \"slow.sqlite\"\n[limits]\nsilence = \"400ms\"\n";
    let folder = incident("kiosk", more);
    // Somebody holds it; whoever opens it waits for two seconds, which is longer than it may be silent.
    let holder = rusqlite::Connection::open(folder.path().join("slow.sqlite")).unwrap();
    holder.execute_batch("CREATE TABLE t (id); BEGIN EXCLUSIVE; INSERT INTO t VALUES (1)").unwrap();
    let start = Instant::now();
    let (code, json) = diagnose(folder.path());
    assert!(start.elapsed() < Duration::from_mins(1));
    assert_eq!(code, 3, "{:#}", json["verdict"]);
    let failed: Vec<&Value> =
        json["coverage"].as_array().unwrap().iter().filter(|c| c["status"] == "failed").collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0]["store"], "tables.slow");
    let note = failed[0]["note"].as_str().unwrap();
    assert!(note.contains("no sign of life for 0.4 s"), "{note}");
}

#[test]
fn what_is_over_the_limit_is_counted_and_said() {
    let folder = incident("kiosk", "[limits]\nitems = 20\n");
    let (code, json) = diagnose(folder.path());
    assert!(matches!(code, 1 | 3), "{code}");
    let coverage = json["coverage"].as_array().unwrap();
    let limited = |kind: &str, words: &str| {
        coverage.iter().any(|c| {
            let is_said = c["note"].as_str().is_some_and(|n| n.contains(words));
            c["store"].as_str().unwrap().starts_with(kind) && c["status"] == "partial" && is_said
        })
    };
    assert!(limited("logs.", "left out: the limit is 20"), "{coverage:#?}");
    assert!(limited("tables.", "limit of 20 rows"), "{coverage:#?}");
}

#[test]
fn a_case_says_what_every_store_was_asked() {
    let folder = incident("kiosk", "");
    let (_, json) = diagnose(folder.path());
    let path =
        folder.path().join(".waylaid/cases").join(json["case"].as_str().unwrap()).join("queries.ndjson");
    let asked: Vec<Value> =
        std::fs::read_to_string(path).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let of = |kind: &str, verb: &str| {
        asked.iter().filter(|a| a["store"].as_str().unwrap().starts_with(kind) && a["verb"] == verb).count()
    };
    for kind in ["logs.", "topics."] {
        assert!(of(kind, "catalog") > 0 && of(kind, "scan") > 0, "{asked:#?}");
    }
    assert!(of("tables.", "rows") > 0, "{asked:#?}");
    let shown = waylaid(folder.path(), &["show", "queries"]).stdout;
    assert!(shown.starts_with(&format!("{} questions  of case", asked.len())), "{shown}");
    assert!(shown.contains("what holds one of "), "{shown}");
    let shown = waylaid(folder.path(), &["show", "queries", "--format", "json"]).stdout;
    assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), Value::Array(asked));
}
