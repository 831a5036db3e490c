//! What failures and contrasts tell, and what only seems so, as docs/verdict.md says (R70 to R80): the smallest incident that
//! shows each rule, and one that just misses it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

mod common {
    #[allow(dead_code, reason = "each test file uses its part of it")]
    pub mod bundle;
}

use common::bundle::*;
use serde_json::json;
use waylaid_model::{Diagnosis, Kind, Outcome};

/// The statement of the only cause.
fn statement(diagnosis: &Diagnosis) -> &str {
    &only(diagnosis).statement
}

#[test]
fn r70_an_error_after_which_its_service_went_on_is_not_the_case() {
    // The row was busy once; afterwards the service read the reply as it always does, or never did.
    for went_on in [true, false] {
        let mut shop = Shop::new();
        let read = |shop: &mut Shop, order: &Order, at: i64| {
            shop.log(ORDERS, order.at + at, "INFO", &format!("Read the reply for order {}", order.key));
        };
        shop.orders(30, |shop, order| {
            shop.born(order, "DONE", 3 * SECOND);
            shop.sent(order);
            shop.picked(order);
            shop.replied(order);
            read(shop, order, 2_500);
        });
        shop.orders(8, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            shop.sent(order);
            shop.picked(order);
            shop.replied(order);
            let text = format!("Row of order {} is busy, once more in a second", order.key);
            shop.log(ORDERS, order.at + 2_450, "WARN", &text);
            if went_on {
                read(shop, order, 3_500);
            }
        });
        let diagnosis = shop.diagnose();
        assert_eq!(statement(&diagnosis).contains("busy"), !went_on, "{}", statement(&diagnosis));
    }
}

#[test]
fn r71_the_tries_and_their_end_are_one_cause() {
    // The end names a task, not the order: nearness ties it to some of those whose tries are known. Others may have failed
    // by something of their own.
    for (own, causes) in [(false, 1), (true, 2)] {
        let mut shop = Shop::new();
        shop.done(30);
        for (n, order) in shop.stuck(12).iter().enumerate() {
            let thread = json!({"thread": format!("worker-{n}")});
            let text = format!("Stamp of order {} was refused, trying again", order.key);
            shop.log_with(PICKS, order.at + 2_050, "WARN", &text, thread.clone());
            let mut end = thread;
            end["stack_trace"] = json!(
                "com.shop.StampError: the stamp office answered 502\n\tat com.shop.Stamp.get(Stamp.java:9)"
            );
            if n < 8 {
                shop.log_with(PICKS, order.at + 2_060, "ERROR", "task 77a1b2c3 raised unexpected", end);
            } else if own {
                let exception =
                    "java.lang.IllegalStateException: no shelf\n\tat com.shop.Shelf.find(Shelf.java:3)";
                shop.fails(PICKS, order, &format!("No shelf for order {}", order.key), exception);
            }
        }
        let diagnosis = shop.diagnose();
        assert_eq!(diagnosis.verdict.causes.len(), causes, "{:#?}", diagnosis.verdict.causes);
        assert_eq!(
            diagnosis.verdict.causes[0].kind,
            Kind::DependencyError,
            "{:#?}",
            diagnosis.verdict.causes[0]
        );
        assert_eq!(diagnosis.verdict.causes[0].explains, if own { 8 } else { 12 });
    }
}

#[test]
fn r72_a_record_that_is_passed_over_is_a_reply_where_the_service_had_sent_before() {
    const CLOSED: &str = "orders.closed";
    for (service, kind) in [(ORDERS, Kind::ReplyNotApplied), (PICKS, Kind::SkippedSilently)] {
        let mut shop = Shop::new();
        let until = move |shop: &mut Shop, order: &Order, stuck: bool| {
            shop.sent(order);
            if stuck && service == PICKS {
                return;
            }
            shop.record(READY, order.at + 2_400, PICKS, &json!({"orderId": order.key}));
            if !stuck {
                shop.record(CLOSED, order.at + 2_800, ORDERS, &json!({"orderId": order.key}));
            }
        };
        shop.orders(30, |shop, order| {
            shop.born(order, "DONE", 3 * SECOND);
            until(shop, order, false);
        });
        shop.orders(8, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            until(shop, order, true);
            let at = if service == PICKS { 1_500 } else { 2_500 };
            shop.log(service, order.at + at, "INFO", &format!("Order {} is unknown, ignored", order.key));
        });
        let diagnosis = shop.diagnose();
        let cause = only(&diagnosis);
        assert_eq!((cause.service.as_deref(), cause.kind), (Some(service), kind), "{}", cause.statement);
    }
}

#[test]
fn r73_what_another_party_sent_on_hides_no_earlier_failure() {
    // The home service failed ten minutes before the reply came all the same; or it did so for the completed as well.
    for (spares, kind) in [(true, Kind::LockContention), (false, Kind::ReplyNotApplied)] {
        let mut shop = Shop::new();
        let steps = move |shop: &mut Shop, order: &Order, fails: bool| {
            shop.sent(order);
            shop.picked(order);
            // Now sooner, now later: a clock that is behind would show the same lag for all.
            let later = 10 * MINUTE + order.at / MINUTE % 7 * 20 * SECOND;
            shop.record(READY, order.at + later, PICKS, &json!({"orderId": order.key}));
            if fails {
                let text = format!("order {} was changed meanwhile", order.key);
                let exception = "org.hibernate.StaleObjectStateException: Row was updated\n\tat com.shop.OrderStore.note(OrderStore.java:7)";
                shop.log_with(ORDERS, order.at + 3_000, "WARN", &text, json!({"stack_trace": exception}));
            }
        };
        shop.orders(30, |shop, order| {
            shop.born(order, "DONE", 15 * MINUTE);
            steps(shop, order, !spares);
        });
        shop.orders(8, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            steps(shop, order, true);
        });
        let diagnosis = shop.diagnose();
        assert_eq!(only(&diagnosis).kind, kind, "{}", statement(&diagnosis));
        assert!(!spares || diagnosis.verdict.outcome == Outcome::Likely);
    }
}

#[test]
fn r74_failures_that_name_nobody_pair_with_those_who_stopped() {
    // One right after the record of each, between completed ones; or as many at any time.
    for (pairs, kind) in [(true, Kind::DuplicateKey), (false, Kind::SkippedSilently)] {
        let mut shop = Shop::new();
        shop.done(20);
        for n in 0..12_i64 {
            for order in shop.orders(1, |shop, order| {
                shop.born(order, "ACCEPTED", 0);
                shop.sent(order);
            }) {
                let exception = format!(
                    "org.postgresql.util.PSQLException: ERROR: duplicate key value violates unique constraint \
                     \"receipts_pkey\"\n  Detail: Key (serial)=(GA/26/{}) already exists.\n\tat com.shop.Receipt.add(Receipt.java:5)",
                    4_331 + n
                );
                let at = if pairs { order.at + SECOND + 300 } else { order.at + 20 * SECOND + n * SECOND };
                shop.log_with(PICKS, at, "ERROR", "receipt failed", json!({"stack_trace": exception}));
            }
            shop.done(1);
        }
        let diagnosis = shop.diagnose();
        assert_eq!(only(&diagnosis).kind, kind, "{}", statement(&diagnosis));
        assert!(diagnosis.verdict.outcome >= Outcome::Likely);
        // That it touches none of the stuck refutes nothing: it names nobody.
        let refuted = diagnosis.ruled_out.iter().any(|r| r.why.contains("touches none"));
        assert!(!refuted, "{:#?}", diagnosis.ruled_out);
    }
}

#[test]
fn r75_what_the_missing_step_fills_sets_nobody_apart() {
    // The number is given by the step that the stuck did not take; or it came with the record.
    for told in [false, true] {
        let mut shop = Shop::new();
        let born = |shop: &mut Shop, order: &Order, status: &str, number: serde_json::Value| {
            let row = vec![
                ("id", json!(order.key)),
                ("status", json!(status)),
                ("number", number.clone()),
                ("created_at", json!(time(order.at))),
            ];
            shop.row("orders.orders", row);
            shop.payload = if told { json!({"number": number}) } else { json!({}) };
            shop.sent(order);
        };
        for n in 0..30 {
            let order = shop.order();
            born(&mut shop, &order, "DONE", json!(format!("B{}", n % 5)));
            shop.picked(&order);
            shop.replied(&order);
        }
        for _ in 0..8 {
            let order = shop.order();
            born(&mut shop, &order, "ACCEPTED", json!(null));
            shop.taken(&order);
        }
        let diagnosis = shop.diagnose();
        let text = only(&diagnosis).facts.join("\n");
        assert_eq!(text.contains("`row number` null"), told, "{text}");
    }
}

#[test]
fn r76_a_few_values_together_set_apart_where_none_does_alone() {
    for (stuck, told) in [(&["S2", "S5"][..], true), (&["S1", "S2", "S3", "S4", "S5", "S6"][..], false)] {
        let mut shop = Shop::new();
        let all: Vec<String> = (1..=9).map(|n| format!("S{n}")).collect();
        for n in 0..60 {
            let branch = all.iter().filter(|b| !stuck.contains(&b.as_str())).nth(n % 3).unwrap();
            let branch = if n < 8 { format!("S{}", 20 + n) } else { branch.clone() };
            shop.payload = json!({"branch": branch});
            shop.done(1);
        }
        for n in 0..18 {
            shop.payload = json!({"branch": stuck[n % stuck.len()]});
            shop.stuck(1);
        }
        let diagnosis = shop.diagnose();
        let text = only(&diagnosis).facts.join("\n");
        assert_eq!(text.contains("S2 or S5"), told, "{text}");
    }
}

#[test]
fn r77_one_that_is_asked_about_is_judged_among_its_peers() {
    // Seven others are in the state for as long; or for a moment.
    for (now, others) in [(6 * HOUR, true), (60 * MINUTE, false)] {
        let mut shop = Shop::new();
        shop.done(30);
        shop.payload = json!({"channel": "TELEX"});
        let stuck = shop.stuck(8);
        shop.now = now;
        shop.ask.keys = vec![stuck[0].key.clone()];
        let diagnosis = shop.diagnose();
        let cause = only(&diagnosis);
        assert_eq!((cause.entities.keys.as_slice(), cause.of), ([stuck[0].key.clone()].as_slice(), 1));
        let told = cause.facts.iter().any(|f| f == "7 others in the same state stopped there by the same");
        assert_eq!(told, others, "{:#?}", cause.facts);
        assert_eq!(cause.statement.contains("TELEX"), others, "{}", cause.statement);
        assert_eq!(diagnosis.cohort.count, 1);
    }
}

#[test]
fn r78_who_reminds_of_what_waits_has_not_made_it_wait() {
    // An hour later, when the completed would long have been through; or at once.
    for (after, told) in [(60 * MINUTE, false), (2_100, true)] {
        let mut shop = Shop::new();
        shop.done(30);
        for order in shop.stuck(8) {
            let text = format!("No response for order {} after a while", order.key);
            shop.log(PICKS, order.at + after, "WARN", &text);
        }
        let diagnosis = shop.diagnose();
        assert_eq!(statement(&diagnosis).contains("No response"), told, "{}", statement(&diagnosis));
    }
}

#[test]
fn r79_why_somebody_was_given_up_is_what_was_logged_right_before() {
    // Completed ones met the deadlock as well and got on; the stuck were given up right after it, or an hour later.
    for (lag, kind) in [(0, Kind::LockContention), (HOUR, Kind::HandlerException)] {
        let mut shop = Shop::new();
        let deadlock = |shop: &mut Shop, order: &Order| {
            let text = format!("Deadlock found when trying to get lock for order {}", order.key);
            shop.log(PICKS, order.at + 2_050, "WARN", &text);
        };
        let done = shop.done(30);
        done.iter().step_by(2).for_each(|order| deadlock(&mut shop, order));
        for order in shop.stuck(8) {
            deadlock(&mut shop, &order);
            let text = format!("Order {} is left for the evening", order.key);
            shop.log(PICKS, order.at + 2_060 + lag, "ERROR", &text);
        }
        let diagnosis = shop.diagnose();
        assert_eq!(only(&diagnosis).kind, kind, "{}", statement(&diagnosis));
        let told = only(&diagnosis).facts.iter().any(|f| f.starts_with("right before"));
        assert_eq!(told, lag == 0);
    }
}

#[test]
fn r80_what_is_over_confirms_nothing() {
    // The other side was away for an hour; five that it had hit got on afterwards, or all of them while it was away.
    for (later, outcome) in [(2 * HOUR, Outcome::Likely), (0, Outcome::Confirmed)] {
        let mut shop = Shop::new();
        let fails = |shop: &mut Shop, order: &Order| {
            let exception =
                "java.net.ConnectException: Connection refused\n\tat com.shop.Shelf.ask(Shelf.java:3)";
            shop.fails(PICKS, order, &format!("No shelf for order {}", order.key), exception);
        };
        shop.done(120);
        for order in shop.orders(5, |shop, order| {
            shop.born(order, "DONE", 3 * SECOND + later);
            shop.sent(order);
            shop.row("pick.picks", pick(order, order.at + 2_100 + later));
            shop.record(READY, order.at + 2_400 + later, PICKS, &json!({"orderId": order.key}));
        }) {
            fails(&mut shop, &order);
        }
        for order in shop.stuck(12) {
            fails(&mut shop, &order);
        }
        let diagnosis = shop.diagnose();
        assert_eq!(only(&diagnosis).outcome, outcome, "{:?}", diagnosis.verdict.capped_by);
    }
}
