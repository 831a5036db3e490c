//! `problems` end to end: bare files, folders, standard input, and a system's own logs.
#![allow(clippy::unwrap_used, clippy::format_collect, reason = "a test that cannot be set up fails")]

mod common;

use common::{command, root, waylaid};
use serde_json::Value;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

/// An hour of a service that fails to reach its partner all the time, and from half past on stores nothing any more.
fn log(host: &str, shift: usize) -> String {
    let mut text = String::new();
    for minute in 0..60 {
        let at = format!("2026-11-22 10:{minute:02}");
        let _ = writeln!(text, "{at}:01,000 INFO  [main] c.a.Picks - pick {minute} asked by {host}");
        if minute % 5 == 0 {
            let _ =
                writeln!(text, "{at}:02,000 WARN  [main] c.a.Stock - stock answered late for pick {minute}");
        }
        if minute >= 30 {
            let _ = writeln!(
                text,
                "{at}:03,000 ERROR [main] c.a.Picks - pick {minute} not stored\n\
                 com.acme.StoreException: cannot store pick {minute}\n\
                 \tat com.acme.Store.put(Store.java:{})\n\
                 \tat com.acme.Picks.pick(Picks.java:{})\n\
                 Caused by: java.io.IOException: no space left on device\n\
                 \tat java.base/java.io.FileOutputStream.writeBytes(Native Method)\n\
                 \tat com.acme.Store.put(Store.java:{})\n\t... 2 more",
                12 + shift,
                40 + shift,
                11 + shift
            );
        }
    }
    text
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let ran = waylaid(folder, &[arguments, &["--format", "json"]].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}{}", ran.stdout, ran.stderr))
}

#[test]
fn a_file_without_configuration() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("picks.log"), log("a", 0)).unwrap();
    let ran = waylaid(folder.path(), &["problems", "picks.log"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    for said in [
        "2 problems in 42 events: 1 new, 1 warning",
        "NEW since 2026-11-22 10:30:03  picks  resource_exhausted",
        "IOException: no space left on device",
        "at   com.acme.Store.put",
        "StoreException: cannot store pick 30 ← IOException: no space left on device",
        "e1   picks.log:",
        "stock answered late for pick <*>",
    ] {
        assert!(ran.stdout.contains(said), "{said}\n{}", ran.stdout);
    }
    let answer = json(folder.path(), &["problems", "picks.log"]);
    let first = &answer["problems"][0];
    assert_eq!(
        (first["id"].as_str(), first["onset"].as_str(), first["count"].as_u64()),
        (Some("p1"), Some("new"), Some(30))
    );
    assert_eq!((first["kind"].as_str(), first["rank"].as_str()), (Some("resource_exhausted"), Some("error")));
    assert_eq!(first["first"], "2026-11-22T10:30:03Z");
    assert_eq!(first["histogram"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum::<u64>(), 30);
    let sample = first["evidence"][0].as_str().unwrap();
    assert_eq!(answer["evidence"][sample]["ref"], "picks.log:39");
    assert_eq!(answer["coverage"][0]["status"], "searched");
    assert_eq!(answer["problems"][1]["onset"], "as_ever");
}

#[test]
fn instances_restarts_and_moved_lines_are_one_problem() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("logs/picks")).unwrap();
    std::fs::write(folder.path().join("logs/picks/picks-1.log"), log("a", 0)).unwrap();
    std::fs::write(folder.path().join("logs/picks/picks-2.log"), log("b", 7)).unwrap();
    let both = json(folder.path(), &["problems", "logs"]);
    assert_eq!((both["count"].as_u64(), both["problems"][0]["count"].as_u64()), (Some(2), Some(60)));
    assert_eq!(both["problems"][0]["services"], serde_json::json!([["picks", 60]]));
    assert_eq!(both["problems"][0]["instances"].as_array().unwrap().len(), 2);
    let one = json(folder.path(), &["problems", "logs/picks/picks-2.log"]);
    assert_eq!(one["problems"][0]["fingerprint"], both["problems"][0]["fingerprint"]);
}

#[test]
fn a_window_against_a_baseline() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("picks.log"), log("a", 0)).unwrap();
    let late = ["problems", "picks.log", "--since", "2026-11-22 10:40"];
    let answer = json(folder.path(), &late);
    let shown: Vec<(&str, u64, u64)> = answer["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["onset"].as_str().unwrap(), p["count"].as_u64().unwrap(), p["before"].as_u64().unwrap()))
        .collect();
    assert_eq!(shown, [("more", 20, 10), ("as_ever", 4, 8)]);
    let quiet =
        json(folder.path(), &[&late[..], &["--baseline", "2026-11-22 10:00..2026-11-22 10:30"]].concat());
    assert_eq!(quiet["problems"][0]["onset"], "new");
    // Half an hour before the newest line.
    let last = json(folder.path(), &["problems", "picks.log", "--since", "30m"]);
    assert_eq!(last["window"]["from"], "2026-11-22T10:29:03Z");
    let none =
        json(folder.path(), &[&late[..], &["--baseline", "2026-11-20 10:00..2026-11-20 11:00"]].concat());
    assert_eq!(none["problems"][0]["onset"], "unknown");
    assert!(none["notes"][0].as_str().unwrap().contains("do not reach into the baseline"));
}

#[test]
fn standard_input_names_its_services() {
    let folder = tempfile::tempdir().unwrap();
    let text = "order-1  | 2026-11-22T10:11:12Z ERROR could not reach stock:8080\norder-2  | 2026-11-22T10:11:13Z ERROR could not reach stock:8080\npick-1   | 2026-11-22T10:11:14Z INFO all is well\n";
    let mut child = command(folder.path(), &["problems", "-", "--format", "json"]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["problems"][0]["services"], serde_json::json!([["order", 2]]));
    assert_eq!(answer["problems"][0]["instances"], serde_json::json!([["order-1", 1], ["order-2", 1]]));
    assert_eq!(answer["evidence"]["e1"]["ref"], "-:1");
}

#[test]
fn logs_without_levels() {
    let folder = tempfile::tempdir().unwrap();
    let access: String = (0..20)
        .map(|n| {
            let status = if n % 4 == 0 { 503 } else { 200 };
            format!("10.0.0.1 - - [22/Nov/2026:10:11:{n:02} +0000] \"GET /orders/{n}?x={n} HTTP/1.1\" {status} 12 \"-\" \"curl/8.5.0\"\n")
        })
        .collect();
    std::fs::write(folder.path().join("access.log"), access).unwrap();
    let kernel = "Nov 22 10:11:12 host kernel: [12.34] Out of memory: Killed process 1234 (java) total-vm:123kB\nNov 22 10:11:13 host systemd[1]: Started Daily apt upgrade.\n";
    std::fs::write(folder.path().join("kern.log"), kernel).unwrap();
    let answer = json(folder.path(), &["problems", "access.log", "kern.log"]);
    let templates: Vec<&str> =
        answer["problems"].as_array().unwrap().iter().map(|p| p["template"].as_str().unwrap()).collect();
    assert!(templates.contains(&"GET /orders/<*> answered 503"), "{templates:?}");
    assert!(templates.iter().any(|t| t.contains("Out of memory: Killed process")), "{templates:?}");
    assert_eq!(answer["count"], 2);
}

#[test]
fn a_system_tells_whom_its_problems_hit() {
    let incident = root().join("cases/seed/incident");
    let answer = json(&incident, &["problems"]);
    let hits: Vec<&Value> =
        answer["problems"].as_array().unwrap().iter().filter(|p| !p["entities"].is_null()).collect();
    assert!(!hits.is_empty());
    assert!(hits.iter().any(|p| p["entities"]["stuck"].as_u64() > Some(0)), "{answer}");
}

#[test]
fn nothing_found_and_nothing_there() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.log"), "2026-11-22 10:11:12 INFO all is well\n").unwrap();
    let ran = waylaid(folder.path(), &["problems", "a.log"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.starts_with("no problem found  1 line read"), "{}", ran.stdout);
    let ran = waylaid(folder.path(), &["problems", "b.log"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("there is no file or folder b.log"), "{}", ran.stderr);
    let ran = waylaid(folder.path(), &["problems"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("waylaid problems app.log"), "{}", ran.stderr);
}

#[test]
fn what_lines_hold_is_data() {
    let folder = tempfile::tempdir().unwrap();
    let text = "2026-11-22 10:11:12 ERROR \u{1b}]0;title\u{7}mail to jane.doe@example.com failed, password=hunter22 \u{202e}x\n";
    std::fs::write(folder.path().join("a.log"), text).unwrap();
    let ran = waylaid(folder.path(), &["problems", "a.log"]);
    assert!(!ran.stdout.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{:?}", ran.stdout);
    assert!(!ran.stdout.contains("jane.doe@") && !ran.stdout.contains("hunter22"), "{}", ran.stdout);
}
