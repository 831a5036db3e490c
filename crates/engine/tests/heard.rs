//! What is told by size and form, by a value, by lines that name nobody, and by replies in their order, as docs/verdict.md says
//! (R81 to R102): the smallest incident that shows each rule, and one that just misses it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

mod common {
    #[allow(dead_code, reason = "each test file uses its part of it")]
    pub mod bundle;
}

use common::bundle::*;
use serde_json::json;
use waylaid_model::{Kind, Outcome};

#[test]
fn r81_larger_or_written_otherwise_than_all_that_completed_beside_them() {
    for (first, told) in [(111, true), (30, false)] {
        let mut shop = Shop::new();
        for n in 0..50 {
            shop.payload = json!({"images": 12 + n * 29 % 48, "name": "Weber"});
            shop.done(1);
            if n % 3 == 0 {
                shop.payload = json!({"images": first + n, "name": "Weber"});
                shop.stuck(1);
            }
        }
        let diagnosis = shop.diagnose();
        let text = only(&diagnosis).facts.join("\n");
        assert_eq!(text.contains("`record $.images` above 59 (111 to 159)"), told, "{text}");
        assert_eq!(diagnosis.verdict.outcome, Outcome::Likely);
    }
    for (name, told) in [("Möller", true), ("Moeller", false)] {
        let mut shop = Shop::new();
        for n in 0..40 {
            shop.payload = json!({"name": format!("Weber {n}")});
            shop.done(1);
            if n % 3 == 0 {
                shop.payload = json!({"name": format!("{name} {n}")});
                shop.stuck(1);
            }
        }
        let diagnosis = shop.diagnose();
        let text = only(&diagnosis).facts.join("\n");
        assert_eq!(text.contains("`record $.name` with a sign beyond ASCII"), told, "{text}");
    }
}

#[test]
fn r82_a_failure_that_names_what_they_have_in_common() {
    const IMPORT: &str = "lab-import";
    for (rack, service) in [("R0421", IMPORT), ("R0999", PICKS)] {
        let mut shop = Shop::new();
        shop.logging.push(IMPORT);
        for n in 0..30 {
            shop.payload = json!({"rack": format!("R{}", 100 + n % 8)});
            shop.done(1);
            if n % 3 == 0 {
                shop.payload = json!({"rack": "R0421"});
                shop.stuck(1);
            }
        }
        for hour in 1..5 {
            let text = format!("import of MPR_20261102_{rack}.csv failed");
            let exception = "java.lang.NumberFormatException: For input string: \"3,9\"\n\tat com.lab.Import.load(Import.java:9)";
            shop.log_with(IMPORT, hour * HOUR, "ERROR", &text, json!({"stack_trace": exception}));
        }
        let diagnosis = shop.diagnose();
        let cause = only(&diagnosis);
        assert_eq!(cause.service.as_deref(), Some(service), "{}", cause.statement);
        assert_eq!(diagnosis.verdict.outcome, Outcome::Likely);
    }
}

#[test]
fn r83_a_reader_of_whom_only_the_group_is_known() {
    let mut shop = Shop::new();
    let as_far_as_rides = |shop: &mut Shop, order: &Order| {
        shop.sent(order);
        shop.picked(order);
        shop.record(RIDES, order.at + 2_500, PICKS, &json!({"orderId": order.key}));
        // A word in a sentence makes the group nobody's own.
        shop.log(
            ORDERS,
            order.at + 2_450,
            "INFO",
            &format!("Order {} has its carriage asked for", order.key),
        );
    };
    shop.orders(30, |shop, order| {
        shop.born(order, "DONE", 4 * SECOND);
        as_far_as_rides(shop, order);
        shop.record(SHIPPED, order.at + 3_200, "", &json!({"orderId": order.key}));
    });
    shop.orders(8, |shop, order| {
        shop.born(order, "ACCEPTED", 0);
        as_far_as_rides(shop, order);
    });
    let diagnosis = shop.diagnose();
    let cause = only(&diagnosis);
    assert_eq!(
        (cause.service.as_deref(), cause.hop.as_str()),
        (Some("carriage"), "orders.rides -> picks.shipped")
    );
    assert_eq!(diagnosis.verdict.outcome, Outcome::Inconclusive);
}

#[test]
fn r84_what_comes_round_by_itself_hits_who_waits_long() {
    // A third of the completed met the bounce in their half hour, as is to be expected of it; or one in twenty.
    for (every, is_cause) in [(3, false), (20, true)] {
        let mut shop = Shop::new();
        let bounces = |shop: &mut Shop, order: &Order, after: i64| {
            let exception =
                "java.net.ConnectException: Connection refused\n\tat com.shop.Mail.send(Mail.java:3)";
            let text = format!("Reminder for order {} bounced", order.key);
            shop.log_with(PICKS, order.at + after, "WARN", &text, json!({"stack_trace": exception}));
        };
        for n in 0..60 {
            for order in shop.orders(1, |shop, order| {
                shop.born(order, "DONE", 31 * MINUTE);
                shop.sent(order);
                shop.row("pick.picks", pick(order, order.at + 30 * MINUTE));
                shop.record(READY, order.at + 30 * MINUTE + 200, PICKS, &json!({"orderId": order.key}));
            }) {
                if n % every == 0 {
                    bounces(&mut shop, &order, 16 * MINUTE);
                }
            }
        }
        for (n, order) in shop.stuck(12).iter().enumerate() {
            bounces(&mut shop, order, (31 + 20 * (n as i64 % 4)) * MINUTE);
        }
        shop.now = 9 * HOUR;
        let diagnosis = shop.diagnose();
        let named = diagnosis.verdict.causes.iter().any(|c| c.statement.contains("ConnectException"));
        assert_eq!(named, is_cause, "{:#?}", diagnosis.verdict.causes);
    }
}

#[test]
fn r85_a_topic_whose_name_differs_by_a_letter() {
    for (topic, kind) in [("picks.redy", Kind::WrongDestination), ("audit.trail", Kind::ReplyNotPublished)] {
        let mut shop = Shop::new();
        shop.done(30);
        // Another service than the one that is taken for the sender wrote it.
        shop.orders(8, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            shop.sent(order);
            shop.picked(order);
            shop.record(topic, order.at + 2_400, ORDERS, &json!({"orderId": order.key}));
        });
        let diagnosis = shop.diagnose();
        assert_eq!(only(&diagnosis).kind, kind, "{}", only(&diagnosis).statement);
    }
}

#[test]
fn r86_what_holds_a_partition_up_need_not_name_the_record() {
    let unreadable = "com.fasterxml.jackson.core.JsonParseException: Unexpected character ('}' (code 125))\n\tat com.shop.Codec.read(Codec.java:5)";
    let away = "java.net.ConnectException: Connection refused\n\tat com.shop.Metrics.push(Metrics.java:3)";
    for (exception, kind) in [(unreadable, Kind::DeserializationError), (away, Kind::NotConsumed)] {
        let mut shop = Shop::new();
        shop.done(20);
        shop.partition = 1;
        shop.done(5);
        let waiting = shop.orders(6, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            shop.sent(order);
        });
        shop.partition = 0;
        shop.done(20);
        shop.committed = Some([((ACCEPTED.to_owned(), 1), 5)].into());
        let mut at = waiting[0].at + 2 * SECOND;
        while at < shop.now {
            let fields = json!({"stack_trace": exception});
            shop.log_with(PICKS, at, "ERROR", "could not go on, trying again", fields);
            at += 2 * MINUTE;
        }
        let diagnosis = shop.diagnose();
        let cause = only(&diagnosis);
        assert_eq!((cause.kind, cause.outcome), (kind, Outcome::Confirmed), "{}", cause.statement);
        assert_eq!(cause.explains, 6);
    }
}

#[test]
fn r87_of_several_replies_the_first_that_left_the_row_as_it_was() {
    // In its state since before the first reply, or since between the two.
    for (since, hop) in [(0, "picks.ready -> orders.orders"), (5 * SECOND, "picks.shipped -> orders.orders")]
    {
        let mut shop = Shop::new();
        let steps = |shop: &mut Shop, order: &Order, status: &str, since: i64| {
            let row = vec![
                ("id", json!(order.key)),
                ("status", json!(status)),
                ("status_changed_at", json!(time(order.at + since))),
                ("created_at", json!(time(order.at))),
            ];
            shop.row("orders.orders", row);
            shop.log(ORDERS, order.at, "INFO", &format!("Accepted order {}", order.key));
            shop.sent(order);
            shop.picked(order);
            shop.replied(order);
            shop.record(SHIPPED, order.at + 8 * SECOND, PICKS, &json!({"orderId": order.key}));
        };
        shop.orders(30, |shop, order| steps(shop, order, "DONE", 9 * SECOND));
        shop.orders(8, |shop, order| steps(shop, order, "ACCEPTED", since));
        let diagnosis = shop.diagnose();
        assert_eq!(only(&diagnosis).hop, hop, "{}", only(&diagnosis).statement);
    }
}

#[test]
fn r88_what_a_second_record_meets_tells_nothing_of_the_first() {
    // The remark follows upon the record that was sent again, or upon the first one.
    for (after, told) in [(11 * MINUTE + 500, false), (1_500, true)] {
        let mut shop = Shop::new();
        shop.done(30);
        shop.orders(8, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            shop.sent(order);
            shop.row("pick.picks", pick(order, order.at + 2_100));
            shop.record(ACCEPTED, order.at + 11 * MINUTE, ORDERS, &json!({"orderId": order.key}));
            shop.log(PICKS, order.at + after, "INFO", &format!("Order {} has its pick already", order.key));
        });
        let diagnosis = shop.diagnose();
        let statement = &only(&diagnosis).statement;
        assert_eq!(statement.contains("has its pick already"), told, "{statement}");
    }
}

#[test]
fn r89_a_line_in_passing_that_comes_with_each_that_stopped() {
    // Since they began to stop; or ever since, with everybody.
    for is_new in [true, false] {
        let mut shop = Shop::new();
        let says =
            |shop: &mut Shop, order: &Order| shop.log(PICKS, order.at + 1_300, "DEBUG", "offers are off");
        for order in shop.done(60) {
            if !is_new {
                says(&mut shop, &order);
            }
        }
        for _ in 0..12 {
            for order in shop.orders(1, |shop, order| {
                shop.born(order, "ACCEPTED", 0);
                shop.sent(order);
            }) {
                says(&mut shop, &order);
            }
            for order in shop.done(1) {
                if !is_new {
                    says(&mut shop, &order);
                }
            }
        }
        let diagnosis = shop.diagnose();
        let cause = only(&diagnosis);
        assert_eq!(cause.statement.contains("offers are off"), is_new, "{}", cause.statement);
        assert_eq!((cause.kind, cause.outcome), (Kind::SkippedSilently, Outcome::Likely));
    }
}

#[test]
fn r90_a_send_that_stands_where_failures_are_swallowed() {
    const SENDS: &str = "package com.shop;\nclass Sender {\n    void reply(Order order) {\n        try {\n            kafka.send(\"picks.ready\", order.id(), label(order));\n        } catch (RuntimeException e) {\n            log.debug(\"no label\", e);\n        }\n    }\n}\n";
    const THROWS: &str = "package com.shop;\nclass Sender {\n    void reply(Order order) {\n        kafka.send(\"picks.ready\", order.id(), label(order));\n    }\n}\n";
    for (code, outcome) in [(SENDS, Outcome::Confirmed), (THROWS, Outcome::Likely)] {
        let mut shop = Shop::new();
        shop.code.push((PICKS, "Sender.java", code));
        let as_far_as_its_pick = |shop: &mut Shop, status: &str, zone: &str| {
            let order = shop.order();
            shop.born(&order, status, 3 * SECOND);
            shop.sent(&order);
            shop.taken(&order);
            let mut row = pick(&order, order.at + 2_100);
            row.push(("zone", json!(zone)));
            shop.row("pick.picks", row);
            order
        };
        for n in 0..30 {
            let order = as_far_as_its_pick(&mut shop, "DONE", ["A", "B"][n % 2]);
            shop.replied(&order);
            if n % 3 == 0 {
                as_far_as_its_pick(&mut shop, "ACCEPTED", "C");
            }
        }
        let diagnosis = shop.diagnose();
        let cause = only(&diagnosis);
        assert_eq!((cause.kind, cause.outcome), (Kind::ReplyNotPublished, outcome), "{}", cause.statement);
    }
}

#[test]
fn r91_a_row_that_is_only_not_done_is_no_queue_that_others_overtake() {
    for (column, outcome) in [("sent_at", Outcome::Confirmed), ("done_at", Outcome::Likely)] {
        let mut shop = Shop::new();
        let job = |shop: &mut Shop, order: &Order, done: serde_json::Value| {
            let row = vec![
                ("order_id", json!(order.key)),
                ("created_at", json!(time(order.at + 2_100))),
                (column, done),
            ];
            shop.row("pick.jobs", row);
        };
        for n in 0..30 {
            let order = shop.order();
            shop.born(&order, "DONE", 3 * SECOND);
            shop.sent(&order);
            shop.taken(&order);
            job(&mut shop, &order, json!(time(order.at + 2_300)));
            shop.replied(&order);
            if n % 3 == 0 {
                let order = shop.order();
                shop.born(&order, "ACCEPTED", 0);
                shop.sent(&order);
                shop.taken(&order);
                job(&mut shop, &order, json!(null));
            }
        }
        let diagnosis = shop.diagnose();
        let cause = only(&diagnosis);
        assert_eq!((cause.kind, cause.outcome), (Kind::ReplyNotPublished, outcome), "{}", cause.statement);
    }
}

#[test]
fn r92_failures_of_one_hop_that_come_down_to_the_same_text_are_one() {
    for (text, causes) in
        [("canceling statement due to lock timeout", 1), ("could not obtain lock on row in relation", 2)]
    {
        let mut shop = Shop::new();
        shop.done(30);
        for (n, order) in shop.stuck(12).iter().enumerate() {
            if n % 2 == 0 {
                let tried = format!("Attempt 1 of order {} failed: {text}", order.key);
                shop.log(PICKS, order.at + 2_050, "WARN", &tried);
            } else {
                let exception = "org.postgresql.util.PSQLException: canceling statement due to lock timeout\n\tat com.shop.pick.PickStore.insert(PickStore.java:41)";
                shop.fails(PICKS, order, &format!("Gave up on order {}", order.key), exception);
            }
        }
        let diagnosis = shop.diagnose();
        assert_eq!(diagnosis.verdict.causes.len(), causes, "{:#?}", diagnosis.verdict.causes);
        assert_eq!(diagnosis.verdict.causes[0].kind, Kind::LockContention);
    }
}

#[test]
fn r93_a_partition_that_stands_since_the_pool_is_empty_stands_by_that() {
    // The partition's head came after the pool had run dry; or an hour before.
    for (after, causes) in [(true, 1), (false, 2)] {
        let mut shop = Shop::new();
        let waits = |shop: &mut Shop| {
            shop.partition = 1;
            shop.orders(4, |shop, order| {
                shop.born(order, "ACCEPTED", 0);
                shop.sent(order);
            });
            shop.partition = 0;
        };
        shop.done(20);
        shop.partition = 1;
        shop.done(5);
        shop.partition = 0;
        if !after {
            waits(&mut shop);
            shop.done(60);
        }
        for order in shop.stuck(8) {
            let exception = "java.sql.SQLTransientConnectionException: pool - Connection is not available, request timed out\n\tat com.shop.Store.get(Store.java:5)";
            shop.fails(PICKS, &order, &format!("No pick for order {}", order.key), exception);
        }
        if after {
            waits(&mut shop);
        }
        shop.committed = Some([((ACCEPTED.to_owned(), 1), 5)].into());
        let diagnosis = shop.diagnose();
        assert_eq!(diagnosis.verdict.causes.len(), causes, "{:#?}", diagnosis.verdict.causes);
        assert_eq!(diagnosis.verdict.causes[0].kind, Kind::ResourceExhausted);
        assert_eq!(diagnosis.verdict.causes[0].explains, if after { 12 } else { 8 });
    }
}

#[test]
fn r94_a_service_that_was_heard_regularly_and_no_more_is_told() {
    const PRINTER: &str = "label-printer";
    for (until, told) in [(70 * MINUTE, true), (6 * HOUR, false)] {
        let mut shop = Shop::new();
        shop.logging.push(PRINTER);
        shop.done(60);
        shop.orders(8, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            shop.sent(order);
        });
        // The others are heard to the end.
        shop.log(ORDERS, 6 * HOUR - MINUTE, "INFO", "Nothing to do");
        for at in (0..until).step_by(5 * 60_000) {
            shop.log(PRINTER, at, "INFO", "label run begins");
        }
        let diagnosis = shop.diagnose();
        let says = |n: &String| n.starts_with("label-printer has logged nothing since");
        assert_eq!(diagnosis.notes.iter().any(says), told, "{:#?}", diagnosis.notes);
    }
}

#[test]
fn r95_whose_row_stands_where_a_duplicate_was_to_be_written() {
    // The key is a number that the second service gives out, the order itself, or a customer that came with the record.
    let cases = [
        ("id", "hold another order", "mend what gives out id"),
        ("order_id", "hold the same order", "treat a row that is there already as done"),
        (
            "customer",
            "hold another order (6 of these keys came with its records)",
            "let pick-service take the row that is there",
        ),
    ];
    for (column, whose, advice) in cases {
        let mut shop = Shop::new();
        let pick = |shop: &mut Shop, order: &Order, id: usize, customer: &str| {
            let cells = [
                ("id", json!(id)),
                ("order_id", json!(order.key)),
                ("customer", json!(customer)),
                ("created_at", json!(time(order.at + 2_100))),
            ];
            shop.row("pick.picks", cells.to_vec());
        };
        for n in 0..30 {
            let customer = format!("CU-{}", 8_100 + n);
            shop.payload = json!({"customer": customer});
            let order = shop.order();
            shop.born(&order, "DONE", 3 * SECOND);
            shop.sent(&order);
            shop.taken(&order);
            pick(&mut shop, &order, 7_300_000 + n, &customer);
            shop.replied(&order);
        }
        for n in 0..6 {
            let customer = format!("CU-{}", 8_103 + n);
            shop.payload = json!({"customer": customer});
            let order = shop.stuck(1).remove(0);
            let value = match column {
                "id" => (7_300_004 + n).to_string(),
                "customer" => customer,
                _ => {
                    pick(&mut shop, &order, 7_400_000 + n, "CU-1");
                    order.key.clone()
                }
            };
            let exception = format!(
                "org.postgresql.util.PSQLException: ERROR: duplicate key value violates unique constraint \"picks_key\"\n  \
                 Detail: Key ({column})=({value}) already exists.\n\tat com.shop.pick.PickStore.insert(PickStore.java:41)"
            );
            shop.fails(PICKS, &order, &format!("Failed to store pick of order {}", order.key), &exception);
        }
        let diagnosis = shop.diagnose();
        let cause = only(&diagnosis);
        assert_eq!(cause.kind, Kind::DuplicateKey);
        assert!(cause.fix.code.contains(advice), "{}", cause.fix.code);
        let facts = cause.facts.join("\n");
        assert!(facts.contains(&format!("6 {whose}")), "{facts}");
        let cited =
            cause.evidence.iter().any(|id| diagnosis.evidence[id].text.contains("stands in the way of"));
        assert!(cited);
    }
}

#[test]
fn r95_errors_without_values_are_judged_by_whether_any_of_them_has_a_row() {
    for (own, advice) in [(false, "mend what gives out"), (true, "idempotent: insert or ignore")] {
        let mut shop = Shop::new();
        shop.done(20);
        for order in shop.stuck(6) {
            if own {
                shop.row("pick.picks", pick(&order, order.at - MINUTE));
            }
            let exception = "ERROR: duplicate key value violates unique constraint \"picks_reference_key\" (SQLSTATE 23505)";
            shop.log_with(
                PICKS,
                order.at + 2_050,
                "ERROR",
                &format!("order {} not stored", order.key),
                json!({"error": exception}),
            );
        }
        let diagnosis = shop.diagnose();
        let cause = only(&diagnosis);
        assert!(cause.fix.code.contains(advice), "{}", cause.fix.code);
        let facts = cause.facts.join("\n");
        assert_eq!(facts.contains("none of them has a row in pick.picks"), !own, "{facts}");
    }
}

#[test]
fn r96_a_run_by_the_clock_that_comes_no_more() {
    // The second service takes rows of the first's table every five minutes, until it does not; or others of its runs go on;
    // or it was never clockwork.
    for (goes_on, even, is_cause) in [(false, true, true), (true, true, false), (false, false, false)] {
        let mut shop = Shop::new();
        shop.now = 5 * HOUR;
        let last = 150 * MINUTE;
        for n in 0..60 {
            let wobble = if even { 0 } else { n * n % 7 * 20 * SECOND };
            let run = 5 * MINUTE * n + wobble;
            if run <= last {
                shop.log(PICKS, run, "INFO", "pick run begins");
            }
            if run <= last || goes_on {
                shop.log(PICKS, run + SECOND, "INFO", "swept the cache");
            }
            shop.log(ORDERS, 5 * MINUTE * n, "INFO", "alive");
        }
        for n in 0..200 {
            let order = shop.order();
            let done = order.at < last - 10 * MINUTE;
            if !done && order.at < last {
                continue;
            }
            shop.born(&order, if done { "DONE" } else { "ACCEPTED" }, if done { 5 * MINUTE } else { 0 });
            if done {
                let at = order.at + 5 * MINUTE - n % 5 * 100;
                shop.log(PICKS, at, "INFO", &format!("Picking order {}", order.key));
                shop.row("pick.picks", pick(&order, at));
            }
        }
        let diagnosis = shop.diagnose();
        let cause = only(&diagnosis);
        assert_eq!(cause.kind == Kind::NotConsumed, is_cause, "{}", cause.statement);
        if is_cause {
            assert_eq!((diagnosis.verdict.outcome, cause.service.as_deref()), (Outcome::Likely, Some(PICKS)));
            assert!(cause.statement.contains("every 5m"), "{}", cause.statement);
        }
    }
}

#[test]
fn r97_the_last_that_is_said_is_what_completed_ones_wait_after() {
    // Some go to a party outside, and wait for it; or what they wait for is no step but a reminder, told again and again.
    for (reminder, outcome) in [(false, Outcome::Inconclusive), (true, Outcome::Likely)] {
        let mut shop = Shop::new();
        let handed = |shop: &mut Shop, order: &Order| {
            let times = if reminder { 4 } else { 1 };
            for n in 0..times {
                let at = order.at + 2_300 + n * 20 * SECOND;
                shop.log(PICKS, at, "INFO", &format!("order {} handed to the robot", order.key));
            }
        };
        for n in 0..60 {
            if n % 3 != 0 {
                shop.done(1);
                continue;
            }
            shop.payload = json!({"channel": "ROBOT"});
            shop.orders(1, |shop, order| {
                shop.born(order, "DONE", 2 * MINUTE);
                shop.sent(order);
                shop.taken(order);
                handed(shop, order);
                let back = order.at + 90 * SECOND;
                shop.log(PICKS, back, "INFO", &format!("robot is back with order {}", order.key));
                shop.row("pick.picks", pick(order, back + 50));
                shop.record(READY, back + 100, PICKS, &json!({"orderId": order.key}));
            });
            shop.payload = json!({"channel": "WEB"});
        }
        shop.payload = json!({"channel": "ROBOT"});
        for order in shop.stuck(8) {
            handed(&mut shop, &order);
        }
        let diagnosis = shop.diagnose();
        let cause = only(&diagnosis);
        assert_eq!(diagnosis.verdict.outcome, outcome, "{}", cause.statement);
        assert_eq!(cause.statement.contains("handed to the robot"), !reminder, "{}", cause.statement);
    }
}

#[test]
fn r98_who_tells_of_what_waits_by_its_age_is_no_cause() {
    // A watch that throws for whatever is older than an hour, every ten minutes; or a failure that comes when it comes.
    for (watch, is_cause) in [(true, false), (false, true)] {
        let mut shop = Shop::new();
        shop.done(30);
        for (n, order) in (0_i64..).zip(shop.stuck(8)) {
            let age = if watch { HOUR + n * 30 * SECOND } else { HOUR + n * n * 3 * MINUTE };
            for round in 0..6 {
                let fields = json!({"stack_trace": format!("com.shop.Breach: order {} has no result\n\tat com.shop.Watch.check(Watch.java:7)", order.key)});
                let text = format!("order {} breaches", order.key);
                shop.log_with(PICKS, order.at + age + round * 10 * MINUTE, "ERROR", &text, fields);
            }
        }
        let diagnosis = shop.diagnose();
        let names = diagnosis.verdict.causes.iter().any(|c| c.statement.contains("Breach"));
        assert_eq!(names, is_cause, "{}", diagnosis.verdict.summary);
    }
}

#[test]
fn r99_an_exception_is_of_the_one_whom_its_thread_gives_up_next() {
    // The trace names nobody; what ends its tries names the record: on the same thread, or on another.
    for (ended_by, kind) in
        [("list-0-C-1", Kind::ConstraintViolation), ("list-0-C-2", Kind::HandlerException)]
    {
        let mut shop = Shop::new();
        shop.done(20);
        for n in 0..8 {
            let order = shop.order();
            shop.born(&order, "ACCEPTED", 0);
            let offset = shop.sent(&order);
            for attempt in 0..3 {
                let trace = "org.postgresql.util.PSQLException: ERROR: numeric field overflow\n\tat com.shop.pick.PickStore.insert(PickStore.java:41)";
                let fields = json!({"thread_name": "list-0-C-1", "stack_trace": trace});
                let at = order.at + 2_000 + attempt * SECOND;
                shop.log_with(PICKS, at, "ERROR", &format!("attempt {} failed", attempt + 1), fields);
            }
            let text = format!("Backoff exhausted for {ACCEPTED}-0@{offset}");
            shop.log_with(PICKS, order.at + 4_010 + n % 2, "ERROR", &text, json!({"thread_name": ended_by}));
        }
        let diagnosis = shop.diagnose();
        let cause = only(&diagnosis);
        assert_eq!(cause.kind, kind, "{}", cause.statement);
        assert_eq!(cause.fix.code.contains("does not fit the column"), kind == Kind::ConstraintViolation);
    }
}

#[test]
fn what_a_violated_constraint_needs_is_said() {
    let cases = [
        (
            "insert or update on table \"picks\" violates foreign key constraint \"picks_zone_fkey\"\n  Detail: Key (zone_id)=(AMS-7) is not present in table \"zones\".",
            "zones has no row for zone_id AMS-7",
        ),
        (
            "null value in column \"weight\" of relation \"picks\" violates not-null constraint",
            "has no value for weight of picks",
        ),
        ("value too long for type character varying(10)", "does not fit the column"),
        (
            "new row for relation \"picks\" violates check constraint \"picks_check\"",
            "validate before the write",
        ),
    ];
    for (text, advice) in cases {
        let mut shop = Shop::new();
        shop.done(20);
        for order in shop.stuck(6) {
            let exception = format!(
                "org.postgresql.util.PSQLException: ERROR: {text}\n\tat com.shop.pick.PickStore.insert(PickStore.java:41)"
            );
            shop.fails(PICKS, &order, &format!("Failed to store pick of order {}", order.key), &exception);
        }
        let diagnosis = shop.diagnose();
        let fix = &only(&diagnosis).fix;
        assert!(fix.code.contains(advice), "{}", fix.code);
    }
}

#[test]
fn r100_a_plain_word_tells_where_it_stands_under_its_fields_name() {
    for (field, told) in [("district", true), ("printer", false)] {
        let mut shop = Shop::new();
        shop.logging.push("letter-press");
        for n in 0..30 {
            let district = ["EAST", "WEST", "SOUTH"][n % 3];
            shop.payload = json!({"district": district});
            shop.done(1);
            if n % 3 == 0 {
                shop.payload = json!({"district": "NORTH"});
                shop.stuck(1);
            }
        }
        for hour in 0..5 {
            let exception = "java.sql.SQLDataException: Data too long for column 'salutation'\n\tat com.press.Batch.print(Batch.java:9)";
            let fields = json!({field: "NORTH", "stack_trace": exception});
            shop.log_with("letter-press", hour * HOUR + 2 * MINUTE, "WARN", "batch rolled back", fields);
        }
        let diagnosis = shop.diagnose();
        let cause = only(&diagnosis);
        assert_eq!(cause.service.as_deref() == Some("letter-press"), told, "{}", cause.statement);
        assert_ne!(diagnosis.verdict.outcome, Outcome::Confirmed);
    }
}

#[test]
fn r101_a_failure_that_names_a_number_of_their_rows() {
    // The number is that of the row in another table; or a count of something that merely lies in the same range.
    for (of_row, told) in [(true, true), (false, false)] {
        let mut shop = Shop::new();
        let visit = |shop: &mut Shop, order: &Order, n: usize| {
            let row = vec![
                ("id", json!(200 + n)),
                ("order_id", json!(order.key)),
                ("created_at", json!(time(order.at + 1_500))),
            ];
            shop.row("orders.visits", row);
        };
        for n in 0..90 {
            let stuck = n % 3 == 1;
            let order = if stuck { shop.stuck(1) } else { shop.done(1) }.remove(0);
            visit(&mut shop, &order, n);
            if stuck {
                let number = if of_row { 200 + n } else { 200 + n * 8 % 89 };
                let exception = "com.db.SqlException: Transaction was deadlocked on lock resources and has been chosen as the deadlock victim\n\tat com.shop.pick.PickStore.insert(PickStore.java:41)";
                let text = format!("announcement {number} broken off");
                shop.log_with(PICKS, order.at + 20_000, "ERROR", &text, json!({"stack_trace": exception}));
            }
        }
        let diagnosis = shop.diagnose();
        let cause = only(&diagnosis);
        let by_row = cause.facts.iter().any(|f| f.contains("not their keys"));
        assert_eq!(by_row, told, "{} {:?}", cause.statement, cause.facts);
    }
}

#[test]
fn r102_a_queue_that_moves_more_slowly_than_it_fills() {
    // Each takes as long as it did and a crowd came at once; or each takes a hundred times as long and more come all the time.
    for (slow, outcome) in [(true, Outcome::Likely), (false, Outcome::NoFault)] {
        let mut shop = Shop::new();
        shop.now = 4 * HOUR + 30 * MINUTE;
        let (mut free, mut through) = (0, 0);
        for n in 0..260 {
            let mut order = shop.order();
            if !slow && n >= 100 {
                order.at = 4 * HOUR + 20 * MINUTE + n * 20;
            }
            let each = if slow && n >= 100 { 110 * SECOND } else { 9 * SECOND };
            let done = free.max(order.at + SECOND) + each;
            free = done;
            let is_done = done < shop.now;
            shop.born(
                &order,
                if is_done { "DONE" } else { "ACCEPTED" },
                if is_done { done - order.at + SECOND } else { 0 },
            );
            shop.sent(&order);
            if is_done {
                through += 1;
                shop.log(PICKS, done, "INFO", &format!("Picking order {}", order.key));
                shop.row("pick.picks", pick(&order, done));
                shop.record(READY, done + 100, PICKS, &json!({"orderId": order.key}));
                if slow && n >= 100 {
                    shop.log(PICKS, done - SECOND, "WARN", "zone service answered after 109000 ms");
                }
            }
        }
        shop.committed = Some([((ACCEPTED.to_owned(), 0), through)].into());
        let diagnosis = shop.diagnose();
        assert_eq!(diagnosis.verdict.outcome, outcome, "{}", diagnosis.verdict.summary);
        if slow {
            let cause = only(&diagnosis);
            assert!(cause.statement.contains("moves more slowly than it fills"), "{}", cause.statement);
        }
    }
}
