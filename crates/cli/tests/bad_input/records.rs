//! Odd records among good ones.

use crate::incident::{NOON, STUCK, SUBMITTED, incident};
use serde_json::json;

#[test]
fn records_without_key_or_payload() {
    let incident = incident();
    incident.append_records(&[
        json!({}),
        json!({"key": null, "payload": null}),
        json!({"key": STUCK}),
        json!({"payload": {"basketRef": STUCK}}),
        json!({"key": "", "payload": ""}),
        json!({"key": {"ref": STUCK}, "payload": 5}),
        json!({"payload": []}),
    ]);
    incident.diagnose().is_whole();
    incident.bears_every_command();
}

#[test]
fn a_tombstone_is_a_record() {
    let incident = incident();
    incident.append_records(&[json!({"key": STUCK, "payload": null})]);
    incident.diagnose().is_whole();
    let follow = incident.run(&["follow", "basket", STUCK]).stdout;
    assert!(follow.contains("basket-submitted holds 2 records of it"), "{follow}");
}

#[test]
fn payloads_that_are_no_text() {
    let incident = incident();
    incident.append_records(&[
        json!({"key": STUCK, "payload": "\u{0}\u{1}\u{7}\u{fffd}\u{1b}[31m\u{2028}"}),
        json!({"key": "\u{0}\u{0}\u{0}\u{5}", "payload": "\u{0}\u{0}\u{0}\u{2a}\u{8}2BY661Q9"}),
    ]);
    let raw = b"{\"topic\":\"basket-submitted\",\"partition\":0,\"offset\":5816,\"ts\":1771326024960,\
        \"key\":\"\xff\xfe2BY661Q9\",\"payload\":\"\xc3\x28\x00\xff\"}\n";
    incident.append(SUBMITTED, raw);
    incident.diagnose().is_whole();
    let follow = incident.run(&["follow", "basket", STUCK]).stdout;
    assert!(!follow.contains(['\u{1b}', '\u{7}', '\0']), "{follow:?}");
}

#[test]
fn headers_that_are_no_texts() {
    let incident = incident();
    incident.append_records(&[
        json!({"key": STUCK, "headers": [1, 2, {"a": 1}, null, true, ["x"]]}),
        json!({"key": STUCK, "headers": ["odd"]}),
        json!({"key": STUCK, "headers": {"a": [1], "b": null, "c": "d"}}),
        json!({"key": STUCK, "headers": "x"}),
        json!({"key": STUCK, "headers": 5}),
    ]);
    incident.diagnose().is_whole();
    incident.bears_every_command();
}

#[test]
fn a_payload_that_is_nested_ten_thousand_times() {
    let incident = incident();
    let lists = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let objects = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    incident.append_records(&[
        json!({"key": STUCK, "payload": lists}),
        json!({"key": STUCK, "payload": objects}),
        json!({"key": objects, "payload": STUCK}),
    ]);
    incident.diagnose().is_whole();
    let bare = format!(
        "{{\"topic\":\"basket-submitted\",\"partition\":0,\"offset\":5900,\"ts\":{NOON},\"key\":\"{STUCK}\",\"payload\":"
    );
    incident.append(SUBMITTED, format!("{bare}{objects}}}\n"));
    incident.diagnose().is_partial().says("basket-submitted", "partial", "1 lines are no records");
    incident.bears_every_command();
}

#[test]
fn texts_that_hold_texts_that_hold_texts() {
    let incident = incident();
    let mut payload = json!({"basketRef": STUCK}).to_string();
    for _ in 0..12 {
        payload = json!({ "p": payload }).to_string();
    }
    incident.append_records(&[json!({"key": STUCK, "payload": payload})]);
    incident.diagnose().is_whole();
}

#[test]
fn a_payload_with_a_million_items() {
    let incident = incident();
    let numbers: Vec<String> = (0..1_000_000).map(|n| n.to_string()).collect();
    let empty = format!("[{}{{}}]", "[],".repeat(500_000));
    let ids = format!("{{\"ids\":[{}],\"basketRef\":\"{STUCK}\"}}", numbers.join(","));
    incident
        .append_records(&[json!({"key": STUCK, "payload": empty}), json!({"key": STUCK, "payload": ids})]);
    incident.diagnose().is_whole().says("basket-submitted", "searched", "delivered without the end");
}
