//! `keys` end to end: violations of any text, CSV of an error group.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use common::{command, store_case, waylaid};
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::Stdio;

/// What `keys -` says of a text, with its exit code.
fn keys(text: &str, arguments: &[&str]) -> (String, i32) {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command(folder.path(), &[&["keys", "-"], arguments].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(&keys(text, &["--format", "json"]).0).unwrap()
}

#[test]
fn a_message_and_nothing_else() {
    let text = "ERROR: duplicate key value violates unique constraint \"orders_no_key\"\n  Detail: Key (tenant, no)=(7, 0012) already exists.";
    let found = parsed(text);
    assert_eq!(found["count"], 1);
    assert_eq!(
        found["violations"][0],
        json!({
            "kind": "duplicate_key", "sub_kind": "unique", "vendor_code": "23505", "constraint": "orders_no_key",
            "database": null, "schema": null, "table": null, "columns": ["tenant", "no"], "values": ["7", "0012"], "joined": null,
            "referenced_table": null, "truncated": false, "count": 1
        })
    );
    let (shown, code) = keys(text, &[]);
    assert_eq!(code, 0);
    assert_eq!(
        shown,
        "duplicate_key (unique)  code 23505  constraint orders_no_key  key tenant = 7, no = 0012\n"
    );
}

#[test]
fn every_violation_of_a_log_with_its_count() {
    let mut log = String::new();
    for n in [1, 2, 2] {
        log += &format!(
            "2026-11-22 10:11:12.001 ERROR [main] c.a.Picks - insert failed\norg.postgresql.util.PSQLException: ERROR: duplicate key value violates unique constraint \"picks_pkey\"\n  Detail: Key (id)=({n}) already exists.\n\tat c.a.Picks.pick(Picks.java:12)\n"
        );
    }
    log += "2026-11-22 10:11:13.001 INFO  [main] c.a.Picks - pick 3 done\n";
    let found = parsed(&log);
    let list: Vec<(Value, Value)> = found["violations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| (v["values"][0].clone(), v["count"].clone()))
        .collect();
    assert_eq!(list, [(json!("1"), json!(1)), (json!("2"), json!(2))]);
}

#[test]
fn fields_of_structured_events_count() {
    let found = parsed(
        "{\"level\":50,\"time\":1795342272000,\"msg\":\"insert failed\",\"err\":{\"code\":\"23505\",\"detail\":\"Key (no)=(A-17) already exists.\",\"schema\":\"public\",\"table\":\"orders\",\"constraint\":\"orders_no_key\"}}\n",
    );
    let v = &found["violations"][0];
    assert_eq!(
        (&v["table"], &v["constraint"], &v["values"]),
        (&json!("orders"), &json!("orders_no_key"), &json!(["A-17"]))
    );
}

#[test]
fn errors_of_other_kinds_are_listed_with_what_they_tell() {
    for (text, expected) in [
        (
            "org.apache.kafka.common.errors.RecordDeserializationException: Error deserializing key/value for partition orders.v1-3 at offset 1042. If needed, please seek past the record to continue consumption.",
            json!({"kind": "deserialization_error", "topic": "orders.v1", "partition": 3, "offset": 1042}),
        ),
        (
            "HTTPError: 503 Server Error: Service Unavailable for url: https://stock.shop.local/items/17",
            json!({"kind": "dependency_error", "status": 503, "host": "stock.shop.local", "path": "/items/17"}),
        ),
        (
            "ERROR: deadlock detected\nDETAIL: Process 7 waits for ShareLock",
            json!({"kind": "lock_contention"}),
        ),
        (
            "HikariPool-1 - Connection is not available, request timed out after 30001ms.",
            json!({"kind": "resource_exhausted", "waited_ms": 30001}),
        ),
        ("java.lang.OutOfMemoryError: Java heap space", json!({"kind": "resource_exhausted"})),
    ] {
        let mut other = parsed(text)["others"][0].clone();
        other.as_object_mut().unwrap().remove("message");
        assert_eq!(other, expected, "{text}");
    }
}

#[test]
fn nothing_found_is_said() {
    let (shown, code) = keys("order 12 picked\n", &[]);
    assert_eq!((shown.as_str(), code), ("no violation and no error found\n", 1));
    assert_eq!(keys("", &["--format", "json"]).1, 1);
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(waylaid(folder.path(), &["keys", "p1"]).code, 2);
}

#[test]
fn what_a_message_holds_cannot_move_the_cursor() {
    let (shown, _) = keys("Duplicate entry '\u{1b}]0;x\u{7}\u{202e}' for key 'orders.uk'", &[]);
    assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{shown:?}");
}

#[test]
fn an_error_groups_keys_are_a_csv() {
    let folder = tempfile::tempdir().unwrap();
    let names = std::fs::read_dir(common::root().join("crates/report/tests/data")).unwrap();
    let mut csvs = 0;
    for name in
        names.flatten().filter_map(|n| n.file_name().to_str()?.strip_suffix(".json").map(str::to_owned))
    {
        let case = store_case(folder.path(), &name, "c-20261122-9");
        let json: Value =
            serde_json::from_slice(&std::fs::read(case.join("diagnosis.json")).unwrap()).unwrap();
        for cause in json["verdict"]["causes"].as_array().unwrap() {
            let (Some(problem), Some(values)) =
                (cause["problem"].as_str(), cause["keys"]["values"].as_array())
            else {
                continue;
            };
            if values.is_empty() {
                continue;
            }
            let ran = waylaid(folder.path(), &["keys", problem]);
            assert_eq!(ran.code, 0, "{}", ran.stderr);
            assert_eq!(ran.stdout.lines().count(), values.len() + 1);
            assert!(ran.stdout.ends_with("\r\n") && ran.stderr.contains(" explains "), "{}", ran.stderr);
            csvs += 1;
        }
    }
    assert!(csvs > 0);
}

#[test]
fn keys_are_joined_with_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    common::copy(&common::root().join("cases/seed/incident"), folder.path());
    assert_eq!(waylaid(folder.path(), &["diagnose", "order"]).code, 0);
    let ran = waylaid(folder.path(), &["keys", "p1"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let head = ran.stdout.lines().next().unwrap();
    assert!(head.ends_with(",messages,row,row_state,row_created,row_age"), "{}", ran.stdout);
    let lines: Vec<&str> = ran.stdout.lines().skip(1).collect();
    assert!(!lines.is_empty() && lines.iter().any(|l| l.contains(",exists,")), "{}", ran.stdout);
    assert!(ran.stderr.contains(" have a row in ") && ran.stderr.contains(" explains "), "{}", ran.stderr);
    let json = waylaid(folder.path(), &["keys", "p1", "--format", "json"]).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["rows"].as_array().unwrap().len(), lines.len());
}
