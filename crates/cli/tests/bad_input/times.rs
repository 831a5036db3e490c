//! Clocks that are hours apart, and times that cannot be.

use crate::incident::{CHECKOUT_LOG, Incident, SUBMITTED, incident};
use serde_json::{Value, json};
use std::fs;

/// Times that no record was written at.
fn impossible() -> Vec<Value> {
    vec![
        json!(253_402_300_799_000_i64),
        json!(3_093_527_980_799_000_i64),
        json!(-62_135_596_800_000_i64),
        json!(-1),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(1e300),
        json!("99999-01-01T00:00:00Z"),
        json!("-0001-01-01T00:00:00Z"),
        json!("yesterday"),
        json!(""),
        json!(null),
        json!(true),
        json!([]),
    ]
}

/// The last moment anything happened.
const NOW: &str = "2026-02-17T11:59";

fn now(answer: &crate::incident::Answer) -> String {
    answer.json["question"]["now"].as_str().unwrap().to_owned()
}

#[test]
fn a_clock_that_is_five_hours_ahead() {
    let incident = incident();
    for entry in fs::read_dir(incident.path("logs/fulfilment")).unwrap() {
        let path = entry.unwrap().path();
        let mut text = fs::read_to_string(&path).unwrap();
        for hour in (0..19).rev() {
            text = text.replace(&format!("2026-02-17T{hour:02}:"), &format!("2026-02-17T{:02}:", hour + 5));
        }
        fs::write(path, text).unwrap();
    }
    let answer = incident.diagnose();
    answer.is_whole();
    let notes = answer.json["notes"].to_string();
    assert!(notes.contains("the clock of fulfilment is 5h 00m ahead"), "{notes}");
    assert!(now(&answer).starts_with(NOW), "{}", now(&answer));
}

/// The stuck are the same, the young are still young.
fn is_not_moved(incident: &Incident) {
    let answer = incident.diagnose();
    answer.has_its_cause();
    assert!(now(&answer).starts_with(NOW), "{}", now(&answer));
    assert_eq!(answer.json["cohort"]["in_flight"], 4);
    assert_eq!(answer.code, 0, "{:#}", answer.json["verdict"]);
    incident.bears_every_command();
}

#[test]
fn records_with_times_that_cannot_be() {
    let incident = incident();
    let record = |time: &Value| json!({"ts": time, "key": "R2WFY41K", "payload": {}});
    incident.append_records(&impossible().iter().map(record).collect::<Vec<_>>());
    is_not_moved(&incident);
}

#[test]
fn a_record_from_the_far_future() {
    for time in [4_102_444_800_000_i64, 9_223_372_036_854] {
        let incident = incident();
        incident.append_records(&[json!({"ts": time, "key": "R2WFY41K", "payload": {}})]);
        is_not_moved(&incident);
    }
}

#[test]
fn lines_with_times_that_cannot_be() {
    let incident = incident();
    for time in impossible().into_iter().chain([json!(4_102_444_800_000_i64)]) {
        let line =
            json!({"level": 30, "time": time, "name": "checkout", "basketRef": "R2WFY41K", "msg": "odd"});
        incident.append(CHECKOUT_LOG, format!("{line}\n"));
    }
    is_not_moved(&incident);
}

#[test]
fn rows_with_times_that_cannot_be() {
    let incident = incident();
    incident.loosen("SELECT * FROM baskets");
    let planned =
        "(SELECT basket_ref FROM baskets WHERE state = 'COLLECTED' ORDER BY basket_ref LIMIT 1 OFFSET";
    let times = [
        "'99999-12-31T00:00:00Z'",
        "'-5000-01-01 00:00:00'",
        "'2262-04-12T00:00:00Z'",
        "'9999-12-31T23:59:59Z'",
        "'0000-00-00 00:00:00'",
        "''",
        "-5",
        "1e300",
        "9223372036854775807",
        "'1677-01-01T00:00:00Z'",
        "x'00ff'",
    ];
    for (number, time) in times.iter().enumerate() {
        let which = format!("WHERE basket_ref = {planned} {number})");
        incident.sql(crate::incident::HOME, &format!("UPDATE baskets SET changed_at = {time} {which}"));
    }
    is_not_moved(&incident);
}

#[test]
fn records_without_any_time() {
    let incident = incident();
    let text = incident.text(SUBMITTED);
    let without = text.lines().map(|line| {
        let mut record: Value = serde_json::from_str(line).unwrap();
        record.as_object_mut().unwrap().remove("ts");
        format!("{record}\n")
    });
    incident.write(SUBMITTED, without.collect::<String>());
    let answer = incident.diagnose();
    answer.says("basket-submitted", "searched", "its records have no times");
    assert_eq!(answer.causes()[0]["service"], "fulfilment");
    assert_ne!(answer.outcome(), "confirmed", "in which order things happened is not known");
    incident.bears_every_command();
}
