//! What rows tell of the stuck, as docs/verdict.md says (R106, R107): a time that they are held until, and errors that are
//! written into a column. The smallest incident that shows each rule, and one that just misses it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

mod common {
    #[allow(dead_code, reason = "each test file uses its part of it")]
    pub mod bundle;
}

use common::bundle::*;
use serde_json::{Value, json};
use waylaid_model::{Diagnosis, Kind, Outcome};

/// An order's own row with one more cell.
fn born(shop: &mut Shop, order: &Order, status: &str, cell: (&'static str, Value)) {
    let row = vec![
        ("id", json!(order.key)),
        ("status", json!(status)),
        ("created_at", json!(time(order.at))),
        ("updated_at", json!(time(order.at + 3 * SECOND))),
        cell,
    ];
    shop.row("orders.orders", row);
    shop.log(ORDERS, order.at, "INFO", &format!("Accepted order {}", order.key));
}

fn completed(shop: &mut Shop, order: &Order, cell: (&'static str, Value)) {
    born(shop, order, "DONE", cell);
    shop.sent(order);
    shop.picked(order);
    shop.replied(order);
}

/// Each third order waits for its slot, and the second service says so.
fn planned(slot: i64) -> Diagnosis {
    let mut shop = Shop::new();
    for n in 0..45 {
        let order = shop.order();
        if n % 3 > 0 {
            completed(&mut shop, &order, ("slot", Value::Null));
            continue;
        }
        born(&mut shop, &order, "ACCEPTED", ("slot", json!(time(slot))));
        shop.sent(&order);
        let held = format!("Order {} held until {}", order.key, time(slot));
        shop.log(PICKS, order.at + 2 * SECOND, "INFO", &held);
    }
    shop.diagnose()
}

#[test]
fn r106_what_is_held_until_a_time_to_come_is_not_stuck() {
    let diagnosis = planned(9 * HOUR);
    assert_eq!(diagnosis.verdict.outcome, Outcome::NoFault, "{}", diagnosis.verdict.summary);
    assert!(diagnosis.verdict.summary.contains("15 are held until a time yet to come"));
    // It has passed by, and they are there still.
    let diagnosis = planned(5 * HOUR);
    assert_eq!(only(&diagnosis).kind, Kind::SkippedSilently);
    assert_ne!(diagnosis.verdict.outcome, Outcome::NoFault);
    let facts = only(&diagnosis).facts.join("\n");
    assert!(facts.contains("have `row slot` filled with a time, 0 of 30 completed do"), "{facts}");
    assert!(!facts.contains("lack"), "{facts}");
}

#[test]
fn r107_a_row_that_tells_the_error_is_heard() {
    let told = |of_stuck: &str, of_done: &str| {
        let mut shop = Shop::new();
        for n in 0..45 {
            let order = shop.order();
            let is_done = n % 3 > 0;
            let error = if is_done { of_done } else { of_stuck };
            let cell = ("last_error", if error.is_empty() { Value::Null } else { json!(error) });
            if is_done {
                completed(&mut shop, &order, cell);
            } else {
                born(&mut shop, &order, "ACCEPTED", cell);
                shop.sent(&order);
            }
        }
        shop.diagnose()
    };
    let refused = "HTTP 503 Service Unavailable from https://belts.example/put";
    let diagnosis = told(refused, "");
    let cause = only(&diagnosis);
    assert_eq!((cause.kind, cause.outcome), (Kind::DependencyError, Outcome::Likely), "{}", cause.statement);
    assert!(cause.statement.ends_with(&format!("their rows say why in last_error: {refused}")));
    // Completed ones have it as well, or it says nothing of why.
    for (of_stuck, of_done) in [(refused, refused), ("none", "")] {
        assert_ne!(only(&told(of_stuck, of_done)).kind, Kind::DependencyError);
    }
}

/// An order's own row with the depot it belongs to and its number there, both of which others have, too.
fn born_in_depot(shop: &mut Shop, order: &Order, status: &str) {
    let n = order.at / MINUTE;
    let row = vec![
        ("id", json!(order.key)),
        ("status", json!(status)),
        ("created_at", json!(time(order.at))),
        ("updated_at", json!(time(order.at + 3 * SECOND))),
        ("depot", json!(["NORD", "SUED"][n as usize % 2])),
        ("ticket", json!(400 + n / 2)),
    ];
    shop.row("orders.orders", row);
}

#[test]
fn r120_a_key_is_known_as_several_columns_in_one() {
    // The second service knows an order by depot and number; or by another number of the same look.
    for (shift, outcome) in [(0, Outcome::Confirmed), (5_000, Outcome::Likely)] {
        let mut shop = Shop::new();
        let ticket = |order: &Order| {
            let n = order.at / MINUTE;
            format!("{}-{}", ["NORD", "SUED"][n as usize % 2], 400 + n / 2 + shift)
        };
        shop.orders(30, |shop, order| {
            born_in_depot(shop, order, "DONE");
            shop.sent(order);
            shop.log(PICKS, order.at + 2 * SECOND, "INFO", &format!("Picking {}", ticket(order)));
            shop.replied(order);
        });
        for order in shop.orders(8, |shop, order| {
            born_in_depot(shop, order, "ACCEPTED");
            shop.sent(order);
        }) {
            let text = format!("Broken scan of {}", ticket(&order));
            shop.fails(PICKS, &order, &text, "java.lang.IllegalStateException: broken\n\tat a.B.c(B.java:1)");
        }
        assert_eq!(only(&shop.diagnose()).outcome, outcome, "{shift}");
    }
}
