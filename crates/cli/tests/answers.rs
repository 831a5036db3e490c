//! The smaller commands over a whole incident: what they print, as text and JSON, and how they end.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use common::{cases, copy, waylaid};
use serde_json::Value;

struct Incident {
    folder: tempfile::TempDir,
    entity: String,
    stuck: String,
}

fn incident() -> Incident {
    let case = cases("cases").into_iter().find(|c| c.ends_with("batch-lost")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    copy(&case.join("incident"), folder.path());
    let expected: Value =
        serde_json::from_str(&std::fs::read_to_string(case.join("expected.json")).unwrap()).unwrap();
    let key = &expected["causes"][0]["entities"][0];
    Incident {
        folder,
        entity: expected["question"]["entity"].as_str().unwrap().to_owned(),
        stuck: key.as_str().map_or(key.to_string(), str::to_owned),
    }
}

impl Incident {
    /// Runs a command as JSON and as text; its exit code and the JSON.
    fn ask(&self, arguments: &[&str]) -> (i32, Value) {
        let text = waylaid(self.folder.path(), arguments);
        assert!(!text.stdout.is_empty(), "{arguments:?}: {}", text.stderr);
        assert_eq!(text.stderr, "", "{arguments:?}");
        let json = waylaid(self.folder.path(), &[arguments, &["--format", "json"]].concat());
        assert_eq!(json.code, text.code, "{arguments:?}");
        (json.code, serde_json::from_str(&json.stdout).unwrap())
    }
}

fn names(list: &Value, field: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|v| v[field].as_str().unwrap_or("").to_owned()).collect()
}

#[test]
fn check_says_what_there_is() {
    let incident = incident();
    let (code, answer) = incident.ask(&["check"]);
    assert_eq!(code, 0, "{answer:#}");
    assert!(names(&answer["stores"], "store").contains(&"topics.main".to_owned()));
    assert!(!answer["bindings"].as_array().unwrap().is_empty());
}

#[test]
fn stuck_counts_by_state_and_by_last_good_hop() {
    let incident = incident();
    let (code, answer) = incident.ask(&["stuck"]);
    assert_eq!(code, 0);
    let groups: u64 = answer["groups"].as_array().unwrap().iter().map(|g| g["count"].as_u64().unwrap()).sum();
    assert_eq!(Some(groups), answer["cohort"]["count"].as_u64());
}

#[test]
fn follow_tells_where_the_trail_ends() {
    let incident = incident();
    let (code, answer) = incident.ask(&["follow", &incident.entity, &incident.stuck]);
    assert_eq!(code, 0);
    assert!(answer["ends"].as_str().unwrap().contains(" -> "), "{answer:#}");
    assert!(answer["services"].as_array().unwrap().len() >= 2, "{answer:#}");
}

#[test]
fn a_key_that_no_store_holds_is_said_to_be_just_that() {
    let incident = incident();
    let ran = waylaid(incident.folder.path(), &["follow", &incident.entity, "no-such-key-anywhere"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("`no-such-key-anywhere`\nhint: "), "{}", ran.stderr);
    let (code, answer) = incident.ask(&["search", "no-such-key-anywhere"]);
    assert_eq!((code, answer["matched"].as_u64()), (1, Some(0)));
    assert!(!answer["coverage"].as_array().unwrap().is_empty(), "what was searched is said");
}

#[test]
fn flow_is_learnt_from_the_completed() {
    let (code, answer) = incident().ask(&["flow"]);
    assert_eq!(code, 0);
    assert!(answer["learnt_from"].as_u64().unwrap() > 20);
    assert!(names(&answer["hops"], "hop").iter().all(|h| h.contains(" -> ")));
}

#[test]
fn search_counts_all_and_shows_some() {
    let incident = incident();
    let (code, answer) = incident.ask(&["search", &incident.stuck, "--limit", "2"]);
    assert_eq!(code, 0);
    let shown = answer["hits"].as_array().unwrap().len() as u64;
    assert_eq!(shown, 2);
    assert_eq!(answer["matched"].as_u64().unwrap(), shown + answer["more"].as_u64().unwrap());
}

#[test]
fn a_window_is_asked_about_without_an_entity() {
    let incident = incident();
    let (code, answer) = incident.ask(&["diagnose", "--since", "2h"]);
    assert!(matches!(code, 0 | 1), "{code}");
    assert!(answer["question"]["entity"].is_null(), "{}", answer["question"]);
    assert_eq!(answer["question"]["window"].as_array().unwrap().len(), 2);
}
