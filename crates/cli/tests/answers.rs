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
fn pages_of_a_search_hold_every_match_once() {
    let incident = incident();
    let base = ["search", "--in", "claims.approved", "--text", "claimNo", "--limit", "70"];
    let (_, first) = incident.ask(&base);
    let all = first["matched"].as_u64().unwrap();
    assert!(all > 140, "{all}");
    let (mut seen, mut next) = (Vec::new(), Some(0));
    while let Some(skip) = next {
        let (_, page) = incident.ask(&[&base[..], &["--skip", &skip.to_string()]].concat());
        seen.extend(names(&page["hits"], "ref"));
        assert_eq!(page["matched"].as_u64(), Some(all), "counted whole on every page");
        assert_eq!(page["more"].as_u64(), Some(all - seen.len() as u64));
        next = page["next"].as_u64();
    }
    assert_eq!(seen.len() as u64, all);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len() as u64, all, "none twice");
}

#[test]
fn records_are_searched_by_many_ids_at_a_place_and_by_offsets() {
    let incident = incident();
    let ids = incident.folder.path().join("ids.csv");
    let many: Vec<String> = (0..100_000).map(|n| format!("none-{n}")).collect();
    std::fs::write(&ids, format!("id\n{}\n{}\n", many.join("\n"), incident.stuck)).unwrap();
    let ids = ids.to_str().unwrap();
    let asked =
        ["search", "--keys", ids, "--in", "claims.approved", "--field", "$.claimNo", "--field", "$.nope"];
    let (code, answer) = incident.ask(&[&asked[..], &["--at", "$.claimNo"]].concat());
    assert_eq!(code, 0, "{answer}");
    let text = answer["hits"][0]["text"].as_str().unwrap();
    assert!(text.contains(&format!("claimNo={}", incident.stuck)) && text.ends_with("nope=-"), "{text}");
    assert_eq!(incident.ask(&[&asked[..], &["--at", "$.policy"]].concat()).0, 1, "elsewhere is not there");
    let reference = answer["hits"][0]["ref"].as_str().unwrap().to_owned();
    let (place, offset) = reference.rsplit_once('@').unwrap();
    let (_, partition) = place.rsplit_once('/').unwrap();
    let here = ["search", "--in", "claims.approved", "--partition", partition, "--offsets", offset];
    let (_, found) = incident.ask(&here);
    assert_eq!((found["matched"].as_u64(), found["hits"][0]["ref"].as_str()), (Some(1), Some(&*reference)));
}

#[test]
fn a_window_is_asked_about_without_an_entity() {
    let incident = incident();
    let (code, answer) = incident.ask(&["diagnose", "--since", "2h"]);
    assert!(matches!(code, 0 | 1), "{code}");
    assert!(answer["question"]["entity"].is_null(), "{}", answer["question"]);
    assert_eq!(answer["question"]["window"].as_array().unwrap().len(), 2);
}
