//! Where it stopped and who had to act, as docs/verdict.md says (R53 to R69): the smallest incident that shows each rule,
//! and one that just misses it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

mod common {
    #[allow(dead_code, reason = "each test file uses its part of it")]
    pub mod bundle;
}

use common::bundle::*;
use serde_json::json;
use waylaid_model::{Diagnosis, Kind, Outcome};

const TO_PICKS: &str = "orders.accepted -> pick.picks";
const BACK: &str = "picks.ready -> orders.orders";

/// Service, kind and hop of the only cause.
fn who(diagnosis: &Diagnosis) -> (&str, Kind, &str) {
    let cause = only(diagnosis);
    (cause.service.as_deref().unwrap_or_default(), cause.kind, cause.hop.as_str())
}

/// A pick with a state and the time of its last change.
fn pick_in(order: &Order, state: &str, changed: i64) -> Vec<(&'static str, serde_json::Value)> {
    let mut row = pick(order, order.at + 2_100);
    row.extend([("state", json!(state)), ("updated_at", json!(time(order.at + changed)))]);
    row
}

#[test]
fn r53_a_row_that_has_not_come_to_its_end_tells_where_it_stopped() {
    // The second service never took the answer it waits for; its row shows it, or nothing does.
    for (state, service) in [("ASKED", PICKS), ("DONE", ORDERS)] {
        let mut shop = Shop::new();
        shop.orders(20, |shop, order| {
            shop.born(order, "DONE", 4 * SECOND);
            shop.sent(order);
            shop.taken(order);
            shop.row("pick.picks", pick_in(order, "DONE", 3 * SECOND));
            shop.replied(order);
        });
        shop.orders(6, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            shop.sent(order);
            shop.taken(order);
            shop.row("pick.picks", pick_in(order, state, 2_100));
            shop.replied(order);
        });
        assert_eq!(only(&shop.diagnose()).service.as_deref(), Some(service), "{state}");
    }
}

#[test]
fn r54_what_completed_ones_met_only_afterwards_spares_nobody() {
    // The same remark about a second copy of the message, a minute after it was through, or before.
    for (after, outcome) in [(60 * SECOND, Outcome::Confirmed), (50, Outcome::Likely)] {
        let mut shop = Shop::new();
        let ignores = |shop: &mut Shop, order: &Order, at: i64| {
            let text = format!("Order {} is under way already, skipping it", order.key);
            shop.log(PICKS, order.at + 2_000 + at, "INFO", &text);
        };
        for order in shop.done(20).iter().take(8) {
            ignores(&mut shop, order, after);
        }
        for order in shop.stuck(10) {
            ignores(&mut shop, &order, 50);
        }
        let diagnosis = shop.diagnose();
        assert_eq!(diagnosis.verdict.outcome, outcome, "{}", only(&diagnosis).statement);
    }
}

#[test]
fn r55_a_failure_places_nobody_at_its_service() {
    // A service that shows by its log only: who was seen failing there has not got past it.
    for (level, hop) in [("ERROR", "orders.accepted -> mail-service"), ("INFO", BACK)] {
        let mut shop = Shop::new();
        shop.committed = None;
        shop.logging.push("mail-service");
        let mails = |shop: &mut Shop, order: &Order, level: &str, text: &str| {
            shop.log("mail-service", order.at + 2_300, level, &format!("{text} {}", order.key));
        };
        for order in shop.orders(20, |shop, order| {
            shop.born(order, "DONE", 3 * SECOND);
            shop.sent(order);
            shop.replied(order);
        }) {
            mails(&mut shop, &order, "INFO", "Mailed order");
        }
        for order in shop.orders(6, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            shop.sent(order);
            if level == "INFO" {
                shop.replied(order);
            }
        }) {
            mails(
                &mut shop,
                &order,
                level,
                if level == "INFO" { "Mailed order" } else { "No address of order" },
            );
        }
        let diagnosis = shop.diagnose();
        assert_eq!(only(&diagnosis).hop.rsplit(" -> ").next(), hop.rsplit(" -> ").next(), "{level}");
    }
}

#[test]
fn r56_a_failure_that_stops_everybody_need_not_name_them() {
    // A job that takes all at once fails by one of them, every five minutes, to the end; or it fails three times and goes on.
    for (runs, kind) in [(48, Kind::HandlerException), (3, Kind::SkippedSilently)] {
        let mut shop = Shop::new();
        shop.done(60);
        let stuck = shop.orders(20, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            shop.sent(order);
        });
        let first = stuck[0].at + MINUTE;
        for run in 0..runs {
            let text = "java.lang.NumberFormatException: For input string \">2000\"\n\tat com.shop.pick.Run.all(Run.java:9)";
            let fields = json!({"stack_trace": text});
            shop.log_with(PICKS, first + run * 5 * MINUTE, "ERROR", "Run was rolled back", fields);
        }
        shop.now = first + 240 * MINUTE;
        let diagnosis = shop.diagnose();
        assert_eq!((only(&diagnosis).kind, only(&diagnosis).outcome), (kind, Outcome::Likely), "{runs}");
    }
}

#[test]
fn r57_who_owns_the_queue_had_to_send_from_it() {
    for (column, service) in [("published_at", "outbox-service"), ("seen_at", ORDERS)] {
        let mut shop = Shop::new();
        shop.logging.push("outbox-service");
        let queue = move |shop: &mut Shop, order: &Order, sent: bool| {
            let at = if sent { json!(time(order.at + 900)) } else { json!(null) };
            let row = vec![
                ("order_id", json!(order.key)),
                ("created_at", json!(time(order.at + 100))),
                (column, at),
            ];
            shop.row("outbox.outbox", row);
            shop.log("outbox-service", order.at, "DEBUG", "poll");
        };
        shop.orders(20, |shop, order| {
            shop.born(order, "DONE", 3 * SECOND);
            queue(shop, order, true);
            shop.sent(order);
            shop.picked(order);
            shop.replied(order);
        });
        shop.orders(6, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            queue(shop, order, false);
        });
        assert_eq!(only(&shop.diagnose()).service.as_deref(), Some(service), "{column}");
    }
}

#[test]
fn r58_who_waits_for_a_slow_party_is_in_flight() {
    // Answers that took seconds take fifty minutes since; they come in to the end, or they stopped.
    for (last, stuck) in [(24, 0), (8, 5)] {
        let mut shop = Shop::new();
        shop.done(30);
        let slow = 50 * MINUTE;
        for n in 0..30 {
            let is_done = n < last;
            shop.orders(1, |shop, order| {
                shop.born(order, if is_done { "DONE" } else { "ACCEPTED" }, if is_done { slow } else { 0 });
                shop.sent(order);
                if is_done {
                    shop.row("pick.picks", pick(order, order.at + slow));
                    shop.record(READY, order.at + slow + SECOND, PICKS, &json!({"orderId": order.key}));
                }
            });
        }
        let latest = (30 + last) * MINUTE + slow;
        shop.now = if stuck == 0 { latest + MINUTE } else { latest + 3 * HOUR };
        let counted = shop.diagnose().cohort.count;
        assert_eq!(counted > 0, stuck > 0, "{last}: {counted}");
    }
}

#[test]
fn r59_a_late_event_sets_back_what_was_reached() {
    for (late, kind) in [(40 * SECOND, Kind::OutOfOrder), (2_050, Kind::ReplyNotApplied)] {
        let mut shop = Shop::new();
        let steps = |shop: &mut Shop, order: &Order, scanned: i64| {
            shop.sent(order);
            shop.picked(order);
            shop.replied(order);
            shop.log(ORDERS, order.at + scanned, "INFO", &format!("Scanned order {}", order.key));
            shop.log(ORDERS, order.at + 3 * SECOND, "INFO", &format!("Readied order {}", order.key));
        };
        shop.orders(20, |shop, order| {
            shop.born(order, "DONE", 3 * SECOND);
            steps(shop, order, 2_050);
        });
        shop.orders(6, |shop, order| {
            shop.born(order, "ACCEPTED", if kind == Kind::OutOfOrder { late } else { 0 });
            steps(shop, order, late);
        });
        let diagnosis = shop.diagnose();
        assert_eq!(who(&diagnosis).0, ORDERS);
        assert_eq!(only(&diagnosis).kind, kind, "{}", only(&diagnosis).statement);
    }
}

#[test]
fn r59_only_those_that_show_it_are_said_to_be_set_back() {
    // More than are looked at to find the order; the last of them were not set back.
    let mut shop = Shop::new();
    shop.now = 24 * HOUR;
    let steps = |shop: &mut Shop, order: &Order, scanned: i64| {
        shop.sent(order);
        shop.picked(order);
        shop.replied(order);
        shop.log(ORDERS, order.at + scanned, "INFO", &format!("Scanned order {}", order.key));
        shop.log(ORDERS, order.at + 3 * SECOND, "INFO", &format!("Readied order {}", order.key));
    };
    shop.orders(20, |shop, order| {
        shop.born(order, "DONE", 3 * SECOND);
        steps(shop, order, 2_050);
    });
    shop.orders(510, |shop, order| {
        shop.born(order, "ACCEPTED", 40 * SECOND);
        steps(shop, order, 40 * SECOND);
    });
    shop.orders(10, |shop, order| {
        shop.born(order, "ACCEPTED", 0);
        steps(shop, order, 2_050);
    });
    let diagnosis = shop.diagnose();
    let causes: Vec<_> = diagnosis.verdict.causes.iter().map(|c| (c.kind, c.explains)).collect();
    assert_eq!(causes, [(Kind::OutOfOrder, 510), (Kind::ReplyNotApplied, 10)]);
}

#[test]
fn r60_a_clock_that_is_behind_by_as_much_for_all_is_a_clock() {
    // An instance whose clock is 90 seconds behind leaves its orders out; or something was said at any time before.
    for (spread, service_says) in [(0, true), (4 * SECOND, false)] {
        let mut shop = Shop::new();
        shop.done(30);
        for (n, order) in (0..).zip(shop.orders(8, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            shop.sent(order);
        })) {
            let text = format!("Order {} is from the future, discarded", order.key);
            shop.log(PICKS, order.at + 2_000 - 90 * SECOND - n * spread, "INFO", &text);
        }
        let diagnosis = shop.diagnose();
        let statement = &only(&diagnosis).statement;
        assert_eq!(statement.contains("from the future"), service_says, "{statement}");
    }
}

#[test]
fn r61_between_two_tables_the_caller_may_have_failed() {
    // No topic lies between: the first service calls the second one, and its call fails; completed ones' did not, or did.
    for (spares, service) in [(true, ORDERS), (false, PICKS)] {
        let mut shop = Shop::new();
        let done = shop.orders(20, |shop, order| {
            shop.born(order, "DONE", 3 * SECOND);
            shop.picked(order);
        });
        let stuck = shop.orders(6, |shop, order| shop.born(order, "ACCEPTED", 0));
        for order in stuck.iter().chain(done.iter().filter(|_| !spares)) {
            let key = &order.key;
            shop.log(
                ORDERS,
                order.at + SECOND,
                "ERROR",
                &format!("Order {key} was not handed over: pool is empty"),
            );
        }
        assert_eq!(only(&shop.diagnose()).service.as_deref(), Some(service), "{spares}");
    }
}

#[test]
fn r62_a_service_that_does_not_read_the_topic_did_not_have_to_act() {
    // What follows is shown by a service that reads no topic; who reads it is known by its group's name, or by none.
    let mut shop = Shop::new();
    shop.logging = vec![ORDERS, "bridge"];
    let shows = |shop: &mut Shop, order: &Order| {
        shop.record(SHIPPED, order.at + 4 * SECOND, "bridge", &json!({"orderId": order.key}));
        shop.log("bridge", order.at + 4 * SECOND, "INFO", &format!("Saw order {}", order.key));
    };
    shop.orders(20, |shop, order| {
        shop.born(order, "DONE", 5 * SECOND);
        shop.sent(order);
        shows(shop, order);
    });
    shop.orders(6, |shop, order| {
        shop.born(order, "ACCEPTED", 0);
        shop.sent(order);
    });
    assert_eq!(only(&shop.diagnose()).service.as_deref(), Some(PICKS));
    shop.committed = None;
    assert_eq!(only(&shop.diagnose()).service.as_deref(), Some("bridge"));
}

#[test]
fn r63_where_nobody_completed_the_failure_that_ends_the_way_is_likely_at_most() {
    for (fails, outcome) in [(6, Outcome::Likely), (4, Outcome::Inconclusive), (0, Outcome::Inconclusive)] {
        let mut shop = Shop::new();
        let stuck = shop.stuck(6);
        stuck.iter().take(fails).for_each(|o| shop.duplicate(o));
        let diagnosis = shop.diagnose();
        assert_eq!(diagnosis.verdict.outcome, outcome);
        assert!(diagnosis.ruled_out.is_empty(), "nothing refutes anything: {:?}", diagnosis.ruled_out);
        if fails == 6 {
            assert_eq!(who(&diagnosis), (PICKS, Kind::DuplicateKey, "orders.accepted -> pick-service"));
        }
    }
}

#[test]
fn r64_of_several_branches_the_missing_one_is_that_of_their_kind() {
    // Orders of the web go to one topic, those of kiosks to another; kiosks' went to a third one, or say nothing of it.
    for (tells, hop) in [(true, "-> orders.kiosk"), (false, "-> orders.web")] {
        let mut shop = Shop::new();
        let sends = |shop: &mut Shop,
                     channel: &'static str,
                     topic: &'static str,
                     count: usize,
                     state: &'static str| {
            shop.payload = if tells { json!({"channel": channel}) } else { json!({}) };
            shop.orders(count, |shop, order| {
                shop.born(order, state, 4 * SECOND);
                shop.sent(order);
                shop.picked(order);
                shop.record(topic, order.at + 3 * SECOND, PICKS, &json!({"orderId": order.key}));
            });
        };
        sends(&mut shop, "WEB", "orders.web", 30, "DONE");
        sends(&mut shop, "KIOSK", "orders.kiosk", 12, "DONE");
        sends(&mut shop, "KIOSK", "orders.kosk", 8, "ACCEPTED");
        let diagnosis = shop.diagnose();
        assert_eq!(only(&diagnosis).kind, Kind::WrongDestination);
        assert!(only(&diagnosis).hop.ends_with(hop), "{}", only(&diagnosis).hop);
    }
}

#[test]
fn r65_who_only_watches_is_no_cause() {
    // A watchdog writes and reports of what waits for too long; or it is there at once.
    for (after, is_told) in [(25 * MINUTE, false), (2_500, true)] {
        let mut shop = Shop::new();
        shop.logging.push("watchdog");
        shop.done(20);
        for order in shop.stuck(6) {
            let text = format!("Order {} is late", order.key);
            shop.log("watchdog", order.at + after, "ERROR", &text);
        }
        let diagnosis = shop.diagnose();
        let statement = &only(&diagnosis).statement;
        assert_eq!(statement.contains("watchdog fails"), is_told, "{statement}");
    }
}

#[test]
fn r66_a_key_is_known_in_another_spelling() {
    // The second service writes UUIDs in capitals and without dashes; or another id of the same form.
    fn uuid(n: usize) -> String {
        format!("9b2e6c1a-77aa-4d0e-9c11-0a1b2c3d{n:04x}")
    }
    for (shift, outcome) in [(0, Outcome::Confirmed), (5_000, Outcome::Likely)] {
        let mut shop = Shop::new();
        shop.key = uuid;
        let other = |order: &Order| {
            let n = u64::from_str_radix(&order.key[32..], 16).unwrap() + shift;
            format!("9B2E6C1A77AA4D0E9C110A1B2C3D{n:04X}")
        };
        shop.orders(20, |shop, order| {
            shop.born(order, "DONE", 3 * SECOND);
            shop.sent(order);
            shop.log(PICKS, order.at + 2 * SECOND, "INFO", &format!("Picking {}", other(order)));
            shop.replied(order);
        });
        for order in shop.orders(6, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            shop.sent(order);
        }) {
            let text = format!("Broken scan of {}", other(&order));
            shop.fails(PICKS, &order, &text, "java.lang.IllegalStateException: broken\n\tat a.B.c(B.java:1)");
        }
        // Else only when it came ties it to them (R74).
        assert_eq!(only(&shop.diagnose()).outcome, outcome, "{shift}");
    }
}

#[test]
fn r67_a_place_in_failures_names_by_plain_numbers() {
    // Failures alone name the order, by a number that stands for others elsewhere; or they tell how often they tried.
    for (tells, outcome) in [(true, Outcome::Confirmed), (false, Outcome::Likely)] {
        let mut shop = Shop::new();
        shop.key = |n| (3_000 + n * 3).to_string();
        shop.orders(40, |shop, order| {
            shop.born(order, "DONE", 3 * SECOND);
            shop.sent(order);
            shop.row("pick.picks", pick(order, order.at + 2_100));
            shop.replied(order);
            shop.log(PICKS, order.at, "INFO", &format!("Heap at {} of 3100", 3_000 + order.at % 97));
        });
        for (n, order) in shop
            .orders(12, |shop, order| {
                shop.born(order, "ACCEPTED", 0);
                shop.sent(order);
            })
            .into_iter()
            .enumerate()
        {
            let number = if tells { order.key.clone() } else { (3_003 + n * 7 % 90).to_string() };
            let text = format!("Triage of {number} failed");
            shop.fails(PICKS, &order, &text, "java.lang.NullPointerException: x\n\tat a.B.c(B.java:1)");
        }
        assert_eq!(only(&shop.diagnose()).outcome, outcome, "{tells}");
    }
}

#[test]
fn an_order_by_key_that_is_completed_is_told_of() {
    let mut shop = Shop::new();
    let done = shop.done(20);
    let stuck = shop.stuck(6);
    stuck.iter().for_each(|o| shop.duplicate(o));
    assert_eq!(shop.diagnose().verdict.outcome, Outcome::Confirmed);
    shop.ask.keys = vec![stuck[0].key.clone(), done[3].key.clone(), "ORD-none".into()];
    let notes = shop.diagnose().notes.join("\n");
    assert!(notes.contains(&format!("{} is DONE", done[3].key)), "{notes}");
    assert!(notes.contains("`ORD-none`"), "{notes}");
    assert_eq!(who(&shop.diagnose()), (PICKS, Kind::DuplicateKey, TO_PICKS));
}

#[test]
fn all_of_very_many_are_followed_in_rounds() {
    let mut shop = Shop::new();
    shop.done(20);
    let mut stuck = shop.stuck(14);
    stuck.iter().for_each(|o| shop.duplicate(o));
    let other = shop.stuck(5);
    for order in &other {
        shop.fails(
            PICKS,
            order,
            &format!("No scan of {}", order.key),
            "java.lang.NullPointerException: no label\n\tat a.B.c(B.java:1)",
        );
    }
    stuck.extend(other);
    let whole = shop.diagnose();
    shop.ask.round = Some(4);
    let rounds = shop.diagnose();
    let told = |d: &Diagnosis| -> Vec<_> {
        let causes = d.verdict.causes.iter();
        causes
            .map(|c| (c.id.clone(), c.kind, c.explains, c.of, c.entities.keys.clone(), c.statement.clone()))
            .collect()
    };
    assert_eq!(told(&rounds), told(&whole));
    assert_eq!((rounds.verdict.outcome, rounds.cohort.count), (Outcome::Confirmed, 19));
    let keys = |d: &Diagnosis| d.verdict.causes[0].keys.clone().map(|k| (k.count, k.values));
    assert_eq!(keys(&rounds), keys(&whole));
    let flow =
        |d: &Diagnosis| d.flow.iter().map(|h| (h.hop.clone(), h.reached, h.passed)).collect::<Vec<_>>();
    assert_eq!(flow(&rounds), flow(&whole));
    for cause in &rounds.verdict.causes {
        assert!(cause.evidence.iter().all(|e| rounds.evidence.contains_key(e)));
        assert!(rounds.problems.iter().any(|p| Some(&p.id) == cause.problem.as_ref()));
    }
}

#[test]
fn r68_a_failure_of_all_that_stopped_and_of_nobody_else_tells_where_to_look() {
    // The flow blames who has to change the row; another service of the flow failed for all of them, or for the completed, too.
    for (spares, service) in [(true, PICKS), (false, ORDERS)] {
        let mut shop = Shop::new();
        let steps = |shop: &mut Shop, order: &Order| {
            shop.sent(order);
            shop.picked(order);
        };
        let done = shop.orders(30, |shop, order| {
            shop.born(order, "DONE", 3 * SECOND);
            steps(shop, order);
        });
        let stuck = shop.orders(6, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            steps(shop, order);
        });
        for order in stuck.iter().chain(done.iter().filter(|_| !spares)) {
            let text = format!("Order {} was left out", order.key);
            let exception = "java.time.DateTimeException: 1-2-3\n\tat a.B.c(B.java:1)";
            shop.log_with(PICKS, order.at + 2_500, "WARN", &text, json!({"stack_trace": exception}));
        }
        let diagnosis = shop.diagnose();
        assert_eq!(only(&diagnosis).service.as_deref(), Some(service), "{}", only(&diagnosis).statement);
        assert!(diagnosis.verdict.outcome >= Outcome::Likely);
    }
}

#[test]
fn r69_what_goes_on_by_itself_is_nobodys_failure() {
    // A warning every five minutes from long before, on the thread that now and then has somebody at hand; or only since then.
    for (since, told) in [(-2 * HOUR, false), (3 * HOUR, true)] {
        let mut shop = Shop::new();
        shop.done(20);
        let stuck = shop.stuck(6);
        let mut at = since;
        while at < 5 * HOUR {
            shop.log(PICKS, at, "WARN", "event loop is behind");
            at += 5 * MINUTE;
        }
        for order in &stuck[..if told { 6 } else { 3 }] {
            shop.log(PICKS, order.at + 2_200, "WARN", "event loop is behind");
        }
        let statement = &only(&shop.diagnose()).statement.clone();
        assert_eq!(statement.contains("event loop"), told, "{statement}");
    }
}
