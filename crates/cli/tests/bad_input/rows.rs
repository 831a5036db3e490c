//! Odd keys and states in the home table.

use crate::incident::{HOME, JOBS, NEXT, STUCK, incident};
use rusqlite::types::{Null, Value as Cell};
use serde_json::json;

#[test]
fn keys_that_are_nothing() {
    let incident = incident();
    for key in [&"" as &dyn rusqlite::ToSql, &"  ", &Null] {
        incident.add_basket(key, &"SUBMITTED");
    }
    incident.diagnose().is_whole().says("baskets", "searched", "3 rows without a key, left out");
    assert!(incident.refuses(&["diagnose", "basket", ""]).contains("no basket ``"));
    assert!(incident.refuses(&["follow", "basket", ""]).contains("the key is empty"));
    incident.bears_every_command();
}

#[test]
fn keys_of_ten_kilobytes() {
    let incident = incident();
    let keys: Vec<String> = (0..3).map(|n| format!("K{n}{}", "x7".repeat(5_000))).collect();
    for key in &keys {
        incident.add_basket(key, &"SUBMITTED");
    }
    incident.append_records(&[json!({"key": keys[0], "payload": {"basketRef": keys[0]}})]);
    let answer = incident.diagnose();
    answer.has_its_cause();
    assert_eq!(answer.code, 0);
    let beside = &answer.causes()[1];
    assert_eq!((beside["kind"].as_str(), beside["explains"].as_u64()), (Some("not_published"), Some(2)));
    let text = incident.run(&["diagnose"]).stdout;
    assert!(text.lines().all(|l| l.chars().count() <= 200), "no line is as long as a key");
    incident.bears_every_command();
    let found = incident.run(&["follow", "basket", &keys[0], "--format", "json"]).stdout;
    assert!(found.contains(&format!("basket-submitted/0@{NEXT}")), "a long key is found");
}

#[test]
fn keys_of_bytes_and_of_formulas() {
    let incident = incident();
    incident.add_basket(&vec![0u8, 255], &"SUBMITTED");
    incident.add_basket(&"=cmd|' /C calc'!A1", &"SUBMITTED");
    incident.add_basket(&"<script>alert(1)</script>", &"SUBMITTED");
    incident.add_basket(&"\u{1b}[31mred\u{7}\n99", &"SUBMITTED");
    let answer = incident.diagnose();
    answer.has_its_cause();
    assert_eq!(answer.code, 0);
    let text = incident.run(&["diagnose"]).stdout;
    assert!(!text.contains(['\u{1b}', '\u{7}']), "{text:?}");
    let page = incident.run(&["report", "--format", "html"]).stdout;
    assert!(!page.contains("<script>alert"));
    incident.bears_every_command();
}

#[test]
fn the_same_key_twice() {
    let incident = incident();
    incident.loosen("SELECT * FROM baskets UNION ALL SELECT * FROM baskets WHERE state = 'SUBMITTED'");
    incident.diagnose().is_whole().says("baskets", "searched", "47 rows repeat the key of another");
    incident.bears_every_command();
}

#[test]
fn the_same_key_in_two_states() {
    let incident = incident();
    let other =
        "SELECT basket_ref, 'PLANNED', store, channel, payment, items, submitted_at, changed_at FROM baskets";
    incident.loosen(&format!("SELECT * FROM baskets UNION ALL {other} WHERE basket_ref = '{STUCK}'"));
    incident.diagnose().is_whole().says("baskets", "searched", "1 rows repeat");
}

#[test]
fn states_of_every_type() {
    let incident = incident();
    incident.loosen("SELECT * FROM baskets");
    let states =
        [Cell::Null, 1.into(), 0.into(), Cell::Real(1.5), Cell::Blob(vec![0, 255]), String::new().into()];
    for (number, state) in states.iter().enumerate() {
        incident.add_basket(&format!("ODD{number}XY99"), state);
    }
    let answer = incident.diagnose();
    answer.is_whole();
    assert_eq!(answer.json["cohort"]["other"], states.len());
    let asked = incident.ask(&["basket", "ODD0XY99"]);
    assert_ne!(asked.outcome(), "confirmed");
    incident.bears_every_command();
}

#[test]
fn states_that_are_numbers_or_booleans() {
    for (stuck, done, toml_stuck, toml_done) in
        [("1", "2", "1", "[2, 3]"), ("0", "1", "false", "true"), ("'false'", "'true'", "false", "true")]
    {
        let incident = incident();
        incident.loosen(&format!(
            "SELECT basket_ref, CASE state WHEN 'SUBMITTED' THEN {stuck} ELSE {done} END AS state,
             store, channel, payment, items, submitted_at, changed_at FROM baskets"
        ));
        incident.replace("waylaid.toml", "equals = \"SUBMITTED\"", &format!("equals = {toml_stuck}"));
        incident.replace(
            "waylaid.toml",
            "equals = [\"PLANNED\", \"COLLECTED\"]",
            &format!("equals = {toml_done}"),
        );
        incident.diagnose().is_whole();
    }
}

#[test]
fn states_that_are_null() {
    let incident = incident();
    incident.loosen(
        "SELECT basket_ref, nullif(state, 'SUBMITTED') AS state, store, channel, payment, items,
         submitted_at, changed_at FROM baskets",
    );
    let answer = incident.diagnose();
    assert_eq!((answer.code, answer.outcome()), (0, "no_fault"));
    assert_eq!(answer.json["cohort"]["other"], 47, "they are counted as neither");
}

#[test]
fn cells_that_are_no_text_or_documents_without_end() {
    let incident = incident();
    let deep = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    incident.sql(
        JOBS,
        &format!(
            "CREATE TABLE notes (basket_ref TEXT, note);
             INSERT INTO notes VALUES ('{STUCK}', '{deep}'), ('{STUCK}', x'00ff'), ('{STUCK}', 9e999), ('{STUCK}', NULL),
             ('{STUCK}', CAST(x'61ff' AS TEXT)), (NULL, zeroblob(3000000)), ('{STUCK}', char(27) || '[2J' || char(0, 7));"
        ),
    );
    incident.diagnose().has_its_cause();
    let follow = incident.run(&["follow", "basket", STUCK]).stdout;
    assert!(!follow.contains(['\u{1b}', '\u{7}', '\0']), "{follow:?}");
    incident.bears_every_command();
    assert!(incident.path(HOME).exists());
}
