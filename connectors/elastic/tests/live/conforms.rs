//! The contract, on every version.

use crate::support::{One, create, open, store};
use serde_json::{Value, json};
use waylaid_store::testkit::{LogExpectations, log_store_conforms};
use waylaid_store::{Context, LogStore as _};

const KEYED: usize = 42;

const FIELDS: [(&str, &str); 8] = [
    ("@timestamp", "date"),
    ("message", "text"),
    ("log.level", "keyword"),
    ("service.name", "keyword"),
    ("host.name", "keyword"),
    ("process.thread.name", "keyword"),
    ("order.id", "keyword"),
    ("error.stack_trace", "text"),
];

/// The events of one service: every tenth fails, half of these without naming an order.
fn events(service: &str, hosts: usize, count: usize) -> Vec<Value> {
    let event = |n: usize| {
        let order = 1000 + n / 10;
        let millis = n * 250;
        let time =
            format!("2026-11-22T10:{:02}:{:02}.{:03}Z", millis / 60_000, millis / 1000 % 60, millis % 1000);
        let mut event = json!({"@timestamp": time, "service": {"name": service}, "log": {"level": "INFO"},
            "host": {"name": format!("{service}-{}", n % hosts)}, "process": {"thread": {"name": format!("t-{}", n % 3)}},
            "message": format!("step {n} of order {order} done"), "agent": {"version": "9.9.9"}});
        match n % 20 {
            5 => {
                event["log"]["level"] = "ERROR".into();
                event["message"] = "cannot insert".into();
                event["error"] =
                    json!({"stack_trace": "java.lang.IllegalStateException: x\n\tat a.B.c(B.java:7)"});
            }
            15 => {
                event["log"]["level"] = "WARN".into();
                event["message"] = "odd thing".into();
                event["order"] = json!({"id": order.to_string()});
            }
            _ => {}
        }
        event
    };
    (0..count).map(event).collect()
}

fn fill(one: &One) -> LogExpectations {
    create(one, "logs-order-2026.11.22", &FIELDS);
    create(one, "logs-pick-2026.11.22", &FIELDS);
    store(one, "logs-order-2026.11.22", &events("order-service", 2, 1400));
    store(one, "logs-pick-2026.11.22", &events("pick-service", 1, 300));
    // Orders 1001 and 1003: ten events each and service, one of which fails without naming the order in one of them, and
    // says so by a field of its own in the other. Two steps have the number of an order.
    let keys = ["1001", "1003", "99999"].map(str::to_owned).to_vec();
    LogExpectations {
        services: ["order-service", "pick-service"].map(str::to_owned).to_vec(),
        events: 1700,
        keys,
        keyed: KEYED,
        failures: 170,
        untouched: None,
    }
}

/// The contract on one server.
pub fn conforms(one: &One) {
    let expected = fill(one);
    log_store_conforms(|| Box::new(open(one, "logs-*")), &expected);
    // These servers have no security: that is no failure, and it is said.
    let told = open(one, "logs-*").standing(&Context::new()).unwrap().unwrap();
    assert!(told.untold.is_some() && told.beyond.is_empty() && told.lacks.is_empty(), "{told:?}");
}
