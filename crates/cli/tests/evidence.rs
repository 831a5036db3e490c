//! No claim without evidence: every id that an answer cites exists, and resolves in its store to the place it names.
#![allow(clippy::unwrap_used, reason = "a case that cannot be read fails")]

mod common;

use common::{cases, copy, waylaid};
use serde_json::Value;
use std::collections::BTreeSet;

/// Every id under an `evidence` list, wherever it stands.
fn cited(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::Array(ids) if name == "evidence" => {
                        into.extend(ids.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    _ => cited(field, into),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|i| cited(i, into)),
        _ => {}
    }
}

#[test]
fn every_cited_id_exists_and_resolves() {
    for case in cases("cases")
        .iter()
        .filter(|c| ["seed", "paused", "outbox", "clearing-house"].iter().any(|n| c.ends_with(n)))
    {
        let folder = tempfile::tempdir().unwrap();
        copy(&case.join("incident"), folder.path());
        let answer: Value =
            serde_json::from_str(&waylaid(folder.path(), &["diagnose", "--format", "json"]).stdout).unwrap();
        for cause in answer["verdict"]["causes"].as_array().unwrap() {
            assert!(!cause["evidence"].as_array().unwrap().is_empty(), "{}: {cause}", case.display());
        }
        for excluded in answer["ruled_out"].as_array().unwrap() {
            assert!(!excluded["evidence"].as_array().unwrap().is_empty(), "{}: {excluded}", case.display());
        }
        let mut ids = BTreeSet::new();
        cited(&answer, &mut ids);
        assert!(ids.len() >= 3, "{}: {ids:?}", case.display());
        for id in ids {
            let known = &answer["evidence"][&id];
            let reference = known["ref"].as_str().unwrap_or_default();
            assert!(!reference.is_empty(), "{}: {id} is cited and not there", case.display());
            let shown = waylaid(folder.path(), &["show", &id]);
            assert_eq!(shown.code, 0, "{}: {id} ({reference}): {}", case.display(), shown.stderr);
            assert!(shown.stdout.contains(reference), "{}: {id}: {}", case.display(), shown.stdout);
        }
    }
}
