//! How docs/verdict.md says that each thing is judged: the smallest incident that shows it, and one that just misses it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

mod common {
    #[allow(dead_code, reason = "each test file uses its part of it")]
    pub mod bundle;
}

use common::bundle::*;
use serde_json::json;
use waylaid_model::{Kind, Outcome};

const TO_PICKS: &str = "orders.accepted -> pick.picks";

#[test]
fn r45_a_remark_that_retells_the_exception_stands_back() {
    const LATER: &str = "java.lang.IllegalStateException: shelf 17 of hall B is taken\n\tat com.shop.pick.Shelf.take(Shelf.java:9)";
    for (remark, cited) in
        [("shelf 17 of hall B is taken", "IllegalStateException"), ("the scanner is slow", "scanner")]
    {
        let mut shop = Shop::new();
        shop.done(20);
        for order in shop.stuck(6) {
            let text = format!("Attempt on order {} failed: {remark}", order.key);
            shop.log(PICKS, order.at + 2_010, "WARN", &text);
            shop.fails(PICKS, &order, &format!("Gave up on order {}", order.key), LATER);
        }
        let diagnosis = shop.diagnose();
        let statement = &only(&diagnosis).statement;
        assert!(statement.contains(cited), "{statement}");
    }
}

/// Completed kiosk orders from before a change, and since then stuck ones among completed orders of the web; a tenth of
/// these are kiosk orders, too, where `mixed`.
fn changed(mixed: bool) -> waylaid_model::Diagnosis {
    let mut shop = Shop::new();
    shop.payload = json!({"channel": "KIOSK"});
    shop.done(10);
    for n in 0..10 {
        shop.payload = json!({"channel": "KIOSK"});
        shop.stuck(1);
        shop.payload = json!({"channel": if mixed && n % 3 == 0 { "KIOSK" } else { "WEB" }});
        shop.done(2);
    }
    shop.diagnose()
}

#[test]
fn r46_a_change_shows_against_those_that_came_since() {
    let diagnosis = changed(false);
    let cause = only(&diagnosis);
    assert_eq!(cause.kind, Kind::SkippedSilently);
    assert!(cause.statement.contains("`record $.channel` KIOSK"), "{}", cause.statement);
    assert!(cause.statement.contains(" completed since 2026-"), "{}", cause.statement);
    let mixed = changed(true);
    assert!(!only(&mixed).statement.contains("KIOSK"), "{}", only(&mixed).statement);
}

#[test]
fn r47_the_hop_that_failed_begins_at_the_record_that_the_failure_names() {
    for (topic, hop) in [(READY, "picks.ready -> orders.orders"), (SHIPPED, "picks.shipped -> orders.orders")]
    {
        let mut shop = Shop::new();
        let ships = |shop: &mut Shop, order: &Order| {
            shop.record(SHIPPED, order.at + 60 * SECOND, PICKS, &json!({"orderId": order.key}));
        };
        shop.orders(20, |shop, order| {
            shop.born(order, "DONE", 61 * SECOND);
            shop.sent(order);
            shop.picked(order);
            shop.replied(order);
            ships(shop, order);
        });
        shop.orders(6, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            shop.sent(order);
            shop.picked(order);
            let offset = shop.replied(order);
            ships(shop, order);
            let trace = json!({"stack_trace": "java.lang.NullPointerException\n\tat com.shop.Notice.text(Notice.java:9)"});
            let text = format!("Left record {topic}-0@{offset} behind");
            shop.log_with(ORDERS, order.at + 62 * SECOND, "ERROR", &text, trace);
        });
        let diagnosis = shop.diagnose();
        assert_eq!((only(&diagnosis).kind, only(&diagnosis).hop.as_str()), (Kind::HandlerException, hop));
    }
}

#[test]
fn r29_one_in_twenty_takes_longer_by_nature() {
    // Forty that took an hour, of which one took eighty minutes; then twenty that wait, the oldest of them for seventy.
    for (oldest, outcome) in [(1, Outcome::NoFault), (4, Outcome::Inconclusive)] {
        let mut shop = Shop::new();
        shop.orders(40, |shop, order| {
            let took = if order.at == 7 * MINUTE { 80 * MINUTE } else { HOUR };
            shop.born(order, "DONE", took + MINUTE);
            shop.sent(order);
            shop.taken(order);
            shop.row("pick.picks", pick(order, order.at + took));
            shop.record(READY, order.at + took + SECOND, PICKS, &json!({"orderId": order.key}));
        });
        let first = shop.stuck(oldest);
        (0..11).for_each(|_| drop(shop.order()));
        shop.stuck(20 - oldest);
        shop.now = first[0].at + 70 * MINUTE;
        let diagnosis = shop.diagnose();
        assert_eq!(diagnosis.verdict.outcome, outcome, "{:#?}", diagnosis.verdict.causes);
    }
}

#[test]
fn r48_a_producer_whose_clock_is_behind() {
    let mut shop = Shop::new();
    let late = 2 * HOUR;
    shop.orders(20, |shop, order| {
        shop.born(order, "DONE", 3 * SECOND);
        shop.sent(order);
        shop.log(PICKS, order.at + 2 * SECOND - late, "INFO", &format!("Picking order {}", order.key));
        shop.row("pick.picks", pick(order, order.at + 2_100 - late));
        shop.record(READY, order.at + 2_400 - late, PICKS, &json!({"orderId": order.key}));
    });
    shop.orders(6, |shop, order| {
        shop.born(order, "ACCEPTED", 0);
        shop.sent(order);
        let text = format!("Failed to pick order {}", order.key);
        let trace = json!({"stack_trace": "java.lang.IllegalStateException: no shelf"});
        shop.log_with(PICKS, order.at + 2_050 - late, "ERROR", &text, trace);
    });
    let diagnosis = shop.diagnose();
    let cause = only(&diagnosis);
    assert_eq!((cause.outcome, cause.hop.as_str(), cause.explains), (Outcome::Confirmed, TO_PICKS, 6));
    let noted = |what: &str| diagnosis.notes.iter().any(|n| n.contains(what) && n.contains("2h 00m behind"));
    assert!(noted("records of picks.ready") && noted("pick.picks") && noted(PICKS), "{:#?}", diagnosis.notes);
}

#[test]
fn r49_lines_of_an_order_lead_nowhere() {
    let mut shop = Shop::new();
    let lines = |shop: &mut Shop, order: &Order| {
        shop.row("orders.order_lines", vec![("order_id", json!(order.key)), ("line_no", json!(1))]);
    };
    shop.done(20).iter().for_each(|o| lines(&mut shop, o));
    for order in shop.orders(6, |shop, order| shop.born(order, "ACCEPTED", 0)) {
        lines(&mut shop, &order);
        let text = format!("Could not price order {}", order.key);
        shop.fails(ORDERS, &order, &text, "java.lang.IllegalStateException: no price");
    }
    let diagnosis = shop.diagnose();
    assert_eq!(only(&diagnosis).hop, "orders.orders -> orders.accepted");
}

#[test]
fn r50_a_record_elsewhere_says_more_than_a_remark() {
    for (elsewhere, kind) in [(true, Kind::WrongDestination), (false, Kind::ReplyNotPublished)] {
        let mut shop = Shop::new();
        shop.done(20);
        shop.orders(6, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            shop.sent(order);
            shop.picked(order);
            let text = format!("Order {} goes the express way", order.key);
            shop.log(PICKS, order.at + 2_200, "INFO", &text);
            if elsewhere {
                shop.record("picks.ready.express", order.at + 2_400, PICKS, &json!({"orderId": order.key}));
            }
        });
        let diagnosis = shop.diagnose();
        assert_eq!(only(&diagnosis).kind, kind, "{}", only(&diagnosis).statement);
    }
}

#[test]
fn r51_a_column_that_only_a_later_hop_fills_sets_nobody_apart() {
    // The row's shipment number is the key of the record that comes back; in the second run it was told of from the start.
    for (later, trait_told) in [(true, false), (false, true)] {
        let mut shop = Shop::new();
        let number = |order: &Order| format!("FMS-9{:05}", order.at / MINUTE * 13);
        let born = |shop: &mut Shop, order: &Order, status: &str, shipment: serde_json::Value| {
            let row = vec![
                ("id", json!(order.key)),
                ("status", json!(status)),
                ("shipment_no", shipment),
                ("created_at", json!(time(order.at))),
            ];
            shop.row("orders.orders", row);
        };
        shop.orders(20, |shop, order| {
            born(shop, order, "DONE", json!(number(order)));
            shop.sent(order);
            shop.picked(order);
            let mut reply = json!({"orderId": order.key});
            if later {
                reply["shipmentNo"] = json!(number(order));
            } else {
                let text = format!("Booked {} for order {}", number(order), order.key);
                shop.log(ORDERS, order.at + 10, "INFO", &text);
            }
            shop.record(READY, order.at + 2_400, PICKS, &reply);
        });
        shop.orders(6, |shop, order| {
            born(shop, order, "ACCEPTED", json!(null));
            shop.sent(order);
            shop.taken(order);
        });
        let diagnosis = shop.diagnose();
        let statement = &only(&diagnosis).statement;
        assert_eq!(statement.contains("shipment_no"), trait_told, "{statement}");
    }
}

#[test]
fn r52_an_error_of_a_part_stands_back_behind_a_remark_about_all() {
    // Two of ten met an error that completed ones met and were repaired from; all ten were dropped with a remark.
    for (remarked, kinds) in [(10, 1), (4, 2)] {
        let mut shop = Shop::new();
        let fails = |shop: &mut Shop, order: &Order| {
            let text = format!("Shelf of order {} is taken", order.key);
            shop.fails(PICKS, order, &text, "java.lang.IllegalStateException: shelf is taken");
        };
        shop.done(20);
        for order in shop.orders(2, |shop, order| {
            shop.born(order, "DONE", 2 * HOUR);
            shop.sent(order);
            shop.row("pick.picks", pick(order, order.at + HOUR));
            shop.record(READY, order.at + HOUR + SECOND, PICKS, &json!({"orderId": order.key}));
        }) {
            fails(&mut shop, &order);
        }
        for (n, order) in shop.stuck(10).iter().enumerate() {
            if n < 2 {
                fails(&mut shop, order);
            }
            if n < remarked {
                let text = format!("Order {} goes to the other hall", order.key);
                shop.log(PICKS, order.at + 2_500, "INFO", &text);
            }
        }
        let diagnosis = shop.diagnose();
        let causes: Vec<_> = diagnosis.verdict.causes.iter().map(|c| (c.kind, c.explains)).collect();
        assert_eq!(causes.len(), kinds, "{causes:?}");
    }
}
