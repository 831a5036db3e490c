//! The table of docs/verdict.md, a test a row: the smallest incident that shows it, and one that just misses it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

mod common {
    pub mod bundle;
}

use common::bundle::*;
use serde_json::json;
use waylaid_model::{Coverage, Diagnosis, Kind, Outcome, Status};

const TO_PICKS: &str = "orders.accepted -> pick.picks";
const TO_REPLY: &str = "pick.picks -> picks.ready";

/// Outcome, kind and hop of a diagnosis with one cause.
#[track_caller]
fn told(diagnosis: &Diagnosis) -> (Outcome, Kind, &str) {
    let cause = only(diagnosis);
    assert_eq!(cause.outcome, diagnosis.verdict.outcome);
    (cause.outcome, cause.kind, cause.hop.as_str())
}

fn is_ruled_out(diagnosis: &Diagnosis, text: &str) -> bool {
    diagnosis.ruled_out.iter().any(|r| r.hypothesis.contains(text) && !r.evidence.is_empty())
}

#[test]
fn r01_an_error_that_spares_the_completed_is_the_cause() {
    let mut shop = Shop::new();
    shop.done(20);
    shop.stuck(6).iter().for_each(|o| shop.duplicate(o));
    let diagnosis = shop.diagnose();
    assert_eq!(told(&diagnosis), (Outcome::Confirmed, Kind::DuplicateKey, TO_PICKS));
    let cause = only(&diagnosis);
    assert_eq!((cause.service.as_deref(), cause.explains, cause.of), (Some(PICKS), 6, 6));
    assert_eq!(cause.keys.as_ref().map(|k| k.count), Some(6));
}

#[test]
fn r01_missed_by_an_error_of_a_service_whose_part_was_done() {
    let mut shop = Shop::new();
    shop.done(20);
    for order in shop.stuck(6) {
        let text = format!("Failed to price order {}", order.key);
        shop.fails(ORDERS, &order, &text, "java.lang.IllegalStateException: no price");
    }
    let diagnosis = shop.diagnose();
    assert_eq!(told(&diagnosis), (Outcome::Likely, Kind::SkippedSilently, TO_PICKS));
    assert!(is_ruled_out(&diagnosis, "IllegalStateException"), "{:#?}", diagnosis.ruled_out);
}

#[test]
fn r02_an_error_that_completed_ones_met_too_is_ruled_out() {
    for alike in [true, false] {
        let mut shop = Shop::new();
        let done = shop.done(20);
        let stuck = shop.stuck(6);
        for order in stuck.iter().chain(done.iter().filter(|_| alike)) {
            let text = format!("Failed to price order {}", order.key);
            shop.fails(PICKS, order, &text, "java.lang.IllegalStateException: no price");
        }
        let diagnosis = shop.diagnose();
        if alike {
            assert_eq!(told(&diagnosis), (Outcome::Likely, Kind::SkippedSilently, TO_PICKS));
            assert!(is_ruled_out(&diagnosis, "IllegalStateException"), "{:#?}", diagnosis.ruled_out);
        } else {
            assert_eq!(told(&diagnosis), (Outcome::Confirmed, Kind::HandlerException, TO_PICKS));
            assert!(!is_ruled_out(&diagnosis, "IllegalStateException"));
        }
    }
}

/// Ten stuck and some of twenty completed meet the same error; the service goes on about all of them, or not.
fn met_by(completed: usize, goes_on: bool) -> Diagnosis {
    let mut shop = Shop::new();
    let done = shop.done(20);
    let stuck = shop.stuck(10);
    for order in stuck.iter().chain(&done[..completed]) {
        let text = format!("Failed to reserve stock for order {}", order.key);
        shop.fails(PICKS, order, &text, "java.lang.IllegalStateException: shelf is taken");
    }
    for order in stuck.iter().chain(&done).filter(|_| goes_on) {
        shop.log(PICKS, order.at + MINUTE, "INFO", &format!("Released the lease of order {}", order.key));
    }
    shop.diagnose()
}

#[test]
fn r03_more_than_five_in_a_hundred_completed_met_it_and_went_on() {
    let diagnosis = met_by(3, true);
    assert_eq!(told(&diagnosis), (Outcome::Likely, Kind::HandlerException, TO_PICKS));
    assert_eq!(diagnosis.verdict.capped_by, ["3 of 20 completed entities met the same error and went on"]);
    let diagnosis = met_by(1, true);
    assert_eq!(told(&diagnosis), (Outcome::Confirmed, Kind::HandlerException, TO_PICKS));
    assert!(diagnosis.verdict.capped_by.is_empty());
}

#[test]
fn r04_retries_that_were_used_up_are_confirmed() {
    assert_eq!(told(&met_by(3, false)), (Outcome::Confirmed, Kind::HandlerException, TO_PICKS));
    assert_eq!(told(&met_by(3, true)).0, Outcome::Likely);
    assert_eq!(told(&met_by(10, false)), (Outcome::Likely, Kind::HandlerException, TO_PICKS));
    let diagnosis = met_by(13, false);
    assert_eq!(told(&diagnosis), (Outcome::Likely, Kind::SkippedSilently, TO_PICKS));
    assert!(is_ruled_out(&diagnosis, "IllegalStateException"));
}

#[test]
fn r05_an_error_outside_the_flow_is_likely() {
    for (service, outcome) in [("label-printer", Outcome::Likely), (PICKS, Outcome::Confirmed)] {
        let mut shop = Shop::new();
        shop.logging.push("label-printer");
        shop.done(20);
        for order in shop.stuck(6) {
            let text = format!("Failed to print label of order {}", order.key);
            shop.fails(service, &order, &text, "java.lang.IllegalStateException: no paper");
        }
        let diagnosis = shop.diagnose();
        assert_eq!(told(&diagnosis), (outcome, Kind::HandlerException, TO_PICKS), "{service}");
    }
}

/// Six records wait on a partition of their own; the service runs out of memory at some time, or not.
fn waiting(outage: Option<i64>, offsets: bool) -> Diagnosis {
    let mut shop = Shop::new();
    shop.done(20);
    shop.partition = 1;
    shop.done(3);
    let first = shop.order();
    shop.orders(6, |shop, order| {
        shop.born(order, "ACCEPTED", 0);
        shop.sent(order);
    });
    shop.committed = offsets.then(|| [((ACCEPTED.to_owned(), 1), 3)].into());
    if let Some(after) = outage {
        let fields = json!({"stack_trace": "java.lang.OutOfMemoryError: Java heap space\n\tat com.shop.pick.Main.run(Main.java:9)"});
        shop.log_with(PICKS, first.at + after, "ERROR", "Worker died", fields);
    }
    shop.diagnose()
}

#[test]
fn r06_an_outage_that_names_nobody() {
    let within = Some(2 * MINUTE);
    assert_eq!(told(&waiting(within, false)), (Outcome::Likely, Kind::ResourceExhausted, TO_PICKS));
    assert_eq!(told(&waiting(within, true)), (Outcome::Confirmed, Kind::ResourceExhausted, TO_PICKS));
    assert_eq!(told(&waiting(Some(HOUR), true)), (Outcome::Confirmed, Kind::NotConsumed, TO_PICKS));
}

#[test]
fn r07_a_partition_that_stands_still_is_not_consumed() {
    let diagnosis = waiting(None, true);
    assert_eq!(told(&diagnosis), (Outcome::Confirmed, Kind::NotConsumed, TO_PICKS));
    assert!(diagnosis.evidence.values().any(|e| e.reference == "pick-service@orders.accepted/1"));
    assert_eq!(told(&waiting(None, false)), (Outcome::Likely, Kind::SkippedSilently, TO_PICKS));
}

#[test]
fn r08_a_record_that_blocks_its_partition_explains_those_behind() {
    for (partition, offset, kind) in [(1, 3, Kind::DeserializationError), (0, 2, Kind::NotConsumed)] {
        let mut shop = Shop::new();
        shop.done(20);
        shop.partition = 1;
        shop.done(3);
        let stuck = shop.orders(6, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            shop.sent(order);
        });
        shop.committed = Some([((ACCEPTED.to_owned(), 1), 3)].into());
        let exception = format!(
            "org.apache.kafka.common.errors.RecordDeserializationException: Error deserializing VALUE for partition \
             {ACCEPTED}-{partition} at offset {offset}. If needed, please seek past the record to continue consumption."
        );
        shop.fails(PICKS, &stuck[0], "Consumer exception", &exception);
        let diagnosis = shop.diagnose();
        assert_eq!(told(&diagnosis), (Outcome::Confirmed, kind, TO_PICKS));
        assert_eq!(only(&diagnosis).explains, 6);
    }
}

#[test]
fn r08_missed_by_what_the_entity_at_the_head_met_before() {
    let mut shop = Shop::new();
    shop.done(20);
    shop.partition = 1;
    shop.done(3);
    let stuck = shop.orders(6, |shop, order| {
        shop.born(order, "ACCEPTED", 0);
        // The second service checks the address of each, half a minute before it gets the record.
        let text = format!("Checking order {} failed, it will be tried again", order.key);
        shop.log(PICKS, order.at - 30 * SECOND, "ERROR", &text);
        shop.sent(order);
    });
    assert_eq!(stuck.len(), 6);
    shop.committed = Some([((ACCEPTED.to_owned(), 1), 3)].into());
    assert_eq!(told(&shop.diagnose()), (Outcome::Confirmed, Kind::NotConsumed, TO_PICKS));
}

#[test]
fn r09_a_record_in_another_topic() {
    for shared in [false, true] {
        let mut shop = Shop::new();
        let done = shop.done(20);
        let stuck = shop.orders(6, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            shop.sent(order);
            shop.picked(order);
        });
        for order in stuck.iter().chain(done.iter().filter(|_| shared)) {
            shop.record("picks.archive", order.at + 2_400, PICKS, &json!({"orderId": order.key}));
        }
        let diagnosis = shop.diagnose();
        let (outcome, kind, _) = told(&diagnosis);
        if shared {
            assert_eq!((outcome, kind), (Outcome::Likely, Kind::ReplyNotPublished));
        } else {
            assert_eq!((outcome, kind), (Outcome::Confirmed, Kind::WrongDestination));
            assert_eq!(only(&diagnosis).hop, TO_REPLY);
        }
    }
}

#[test]
fn r10_a_dead_letter_tells_its_reason() {
    for (class, kind) in [
        ("java.lang.IllegalStateException", Kind::DeadLettered),
        ("com.fasterxml.jackson.core.JsonParseException", Kind::DeserializationError),
    ] {
        let mut shop = Shop::new();
        shop.done(20);
        for order in shop.stuck(6) {
            let headers = ["kafka_dlt-original-topic", ACCEPTED, "kafka_dlt-exception-fqcn", class];
            shop.record_with(
                "parked-records",
                order.at + 3 * SECOND,
                &headers,
                &json!({"orderId": order.key}),
            );
        }
        assert_eq!(told(&shop.diagnose()), (Outcome::Confirmed, kind, TO_PICKS), "{class}");
    }
}

#[test]
fn r11_a_row_that_was_never_sent() {
    for theirs in ["SENT", "NEW"] {
        let mut shop = Shop::new();
        let done = shop.done(20);
        let stuck = shop.orders(6, |shop, order| shop.born(order, "ACCEPTED", 0));
        for (order, status) in done.iter().map(|o| (o, theirs)).chain(stuck.iter().map(|o| (o, "NEW"))) {
            let at = time(order.at + 100);
            shop.row(
                "orders.outbox",
                vec![("order_id", json!(order.key)), ("status", json!(status)), ("created_at", json!(at))],
            );
        }
        let diagnosis = shop.diagnose();
        let outcome = if theirs == "SENT" { Outcome::Confirmed } else { Outcome::Likely };
        let hop = "orders.outbox -> orders.accepted";
        assert_eq!(told(&diagnosis), (outcome, Kind::NotPublished, hop), "{theirs}");
    }
}

#[test]
fn r12_an_event_that_came_too_early() {
    for (early, outcome, kind) in
        [(true, Outcome::Confirmed, Kind::OutOfOrder), (false, Outcome::Likely, Kind::ReplyNotPublished)]
    {
        let mut shop = Shop::new();
        let paid = |shop: &mut Shop, order: &Order, at: i64| {
            shop.record("orders.paid", order.at + at, "pay-service", &json!({"orderId": order.key}));
        };
        shop.orders(20, |shop, order| {
            shop.born(order, "DONE", 9 * SECOND);
            shop.sent(order);
            shop.picked(order);
            paid(shop, order, 5 * SECOND);
            shop.record(READY, order.at + 6 * SECOND, PICKS, &json!({"orderId": order.key}));
        });
        shop.orders(6, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            shop.sent(order);
            shop.picked(order);
            paid(shop, order, if early { 1_200 } else { 5 * SECOND });
        });
        shop.logging.push("pay-service");
        shop.log("pay-service", 0, "INFO", "Started");
        let diagnosis = shop.diagnose();
        assert_eq!(told(&diagnosis), (outcome, kind, "orders.paid -> picks.ready"));
    }
}

/// Ten of fifty were consumed and left nothing; so many of the ten come from a kiosk.
fn kiosk(kiosks: usize, code: bool, groups: bool, logs: bool) -> Diagnosis {
    let mut shop = Shop::new();
    shop.done(40);
    shop.payload = json!({"channel": "KIOSK"});
    shop.stuck(kiosks);
    shop.payload = json!({"channel": "WEB"});
    shop.stuck(10 - kiosks);
    if code {
        let text = "class PickConsumer {\n  void onOrder(Order order) {\n    if (\"KIOSK\".equals(order.channel())) {\n      \
                    return;\n    }\n    store.insert(order);\n  }\n}\n";
        shop.code.push((PICKS, "src/PickConsumer.java", text));
    }
    if !groups {
        shop.committed = None;
    }
    if !logs {
        shop.logging.retain(|s| *s != PICKS);
    }
    shop.diagnose()
}

#[test]
fn r13_a_silent_skip_whose_condition_stands_in_the_code() {
    let diagnosis = kiosk(10, true, true, true);
    assert_eq!(told(&diagnosis), (Outcome::Confirmed, Kind::SkippedSilently, TO_PICKS));
    let place = &only(&diagnosis).code[0];
    assert_eq!((place.path.as_str(), place.line), ("src/PickConsumer.java", 3));
    assert!(only(&diagnosis).statement.contains("`record $.channel` KIOSK"));
}

#[test]
fn r14_a_contrast_alone_is_likely() {
    let diagnosis = kiosk(10, false, true, true);
    assert_eq!(told(&diagnosis), (Outcome::Likely, Kind::SkippedSilently, TO_PICKS));
    assert!(only(&diagnosis).statement.contains("`record $.channel` KIOSK"));
}

#[test]
fn r15_nothing_sets_them_apart() {
    let diagnosis = kiosk(8, true, true, true);
    assert_eq!(told(&diagnosis), (Outcome::Likely, Kind::SkippedSilently, TO_PICKS));
    assert_eq!(diagnosis.verdict.capped_by, ["nothing sets the stuck apart from the completed"]);
}

#[test]
fn r16_without_offsets_consumed_is_not_known() {
    let diagnosis = kiosk(10, true, false, true);
    assert_eq!(told(&diagnosis), (Outcome::Likely, Kind::SkippedSilently, TO_PICKS));
    assert_eq!(diagnosis.verdict.capped_by, ["whether all of the records were consumed is not known"]);
}

#[test]
fn r17_a_reply_that_was_never_published() {
    let mut shop = Shop::new();
    shop.done(20);
    shop.orders(6, |shop, order| {
        shop.born(order, "ACCEPTED", 0);
        shop.sent(order);
        shop.picked(order);
    });
    let diagnosis = shop.diagnose();
    assert_eq!(told(&diagnosis), (Outcome::Likely, Kind::ReplyNotPublished, TO_REPLY));
    assert_eq!(diagnosis.verdict.capped_by, ["nothing that was looked at says why it was not published"]);
}

#[test]
fn r18_a_reply_that_was_not_applied() {
    for (groups, outcome) in [(true, Outcome::Confirmed), (false, Outcome::Likely)] {
        let mut shop = Shop::new();
        shop.done(20);
        shop.orders(6, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            shop.sent(order);
            shop.picked(order);
            shop.replied(order);
        });
        if !groups {
            shop.committed = None;
        }
        let diagnosis = shop.diagnose();
        assert_eq!(told(&diagnosis), (outcome, Kind::ReplyNotApplied, "picks.ready -> orders.orders"));
        assert_eq!(only(&diagnosis).service.as_deref(), Some(ORDERS));
    }
}

#[test]
fn r19_a_service_without_logs() {
    assert_eq!(told(&kiosk(8, true, true, false)), (Outcome::Inconclusive, Kind::Unknown, TO_PICKS));
    assert_eq!(told(&kiosk(10, true, true, false)), (Outcome::Likely, Kind::SkippedSilently, TO_PICKS));
    assert_eq!(told(&kiosk(8, true, true, true)).0, Outcome::Likely);
    let mut shop = Shop::new();
    shop.logging.retain(|s| *s != PICKS);
    let picked = |shop: &mut Shop, order: &Order| {
        let mut row = pick(order, order.at + 2_100);
        row.push(("status", json!("PACKED")));
        shop.row("pick.picks", row);
    };
    shop.orders(20, |shop, order| {
        shop.born(order, "DONE", 3 * SECOND);
        shop.sent(order);
        picked(shop, order);
        shop.replied(order);
    });
    shop.orders(6, |shop, order| {
        shop.born(order, "ACCEPTED", 0);
        shop.sent(order);
        picked(shop, order);
    });
    assert_eq!(told(&shop.diagnose()), (Outcome::Likely, Kind::ReplyNotPublished, TO_REPLY));
}

#[test]
fn r20_nobody_to_look_at() {
    for source in ["", PICKS] {
        let mut shop = Shop::new();
        shop.orders(20, |shop, order| {
            shop.born(order, "DONE", 3 * MINUTE);
            shop.sent(order);
            shop.record_with(
                "carrier.booked",
                order.at + 2 * MINUTE,
                &["source", source],
                &json!({"orderId": order.key}),
            );
        });
        shop.orders(6, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            shop.sent(order);
        });
        shop.log(PICKS, MINUTE, "INFO", "Started");
        let diagnosis = shop.diagnose();
        let (outcome, kind, hop) = told(&diagnosis);
        assert_eq!(hop, "orders.accepted -> carrier.booked");
        if source.is_empty() {
            assert_eq!((outcome, kind), (Outcome::Inconclusive, Kind::Unknown));
            assert!(!only(&diagnosis).evidence.is_empty());
        } else {
            assert_eq!(outcome, Outcome::Likely, "{kind}");
        }
    }
}

#[test]
fn r21_a_party_that_no_store_covers() {
    for (wait, outcome, kind) in
        [(MINUTE, Outcome::Inconclusive, Kind::Unknown), (500, Outcome::Likely, Kind::ReplyNotPublished)]
    {
        let mut shop = Shop::new();
        let asks = |shop: &mut Shop, order: &Order| {
            shop.picked(order);
            shop.log(
                PICKS,
                order.at + 2_200,
                "INFO",
                &format!("Requested a carrier for order {}", order.key),
            );
        };
        shop.orders(20, |shop, order| {
            shop.born(order, "DONE", 3 * MINUTE);
            shop.sent(order);
            asks(shop, order);
            shop.record(READY, order.at + 2_200 + wait, PICKS, &json!({"orderId": order.key}));
        });
        shop.orders(6, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
            shop.sent(order);
            asks(shop, order);
        });
        assert_eq!(told(&shop.diagnose()), (outcome, kind, TO_REPLY));
    }
}

#[test]
fn r22_four_completed_are_too_few() {
    for (completed, outcome) in [(4, Outcome::Likely), (5, Outcome::Confirmed)] {
        let mut shop = Shop::new();
        shop.done(completed);
        shop.stuck(6).iter().for_each(|o| shop.duplicate(o));
        assert_eq!(told(&shop.diagnose()), (outcome, Kind::DuplicateKey, TO_PICKS), "{completed}");
    }
}

/// The incident of R1 with a change to its stores.
fn with(change: impl Fn(&mut Shop)) -> Diagnosis {
    let mut shop = Shop::new();
    shop.done(20);
    shop.stuck(6).iter().for_each(|o| shop.duplicate(o));
    change(&mut shop);
    shop.diagnose()
}

#[test]
fn r23_a_topic_read_in_part_caps() {
    for (topic, outcome) in [(ACCEPTED, Outcome::Likely), (READY, Outcome::Confirmed)] {
        let diagnosis = with(|shop| shop.cut_off.push(topic));
        assert_eq!(told(&diagnosis), (outcome, Kind::DuplicateKey, TO_PICKS), "{topic}");
        let partly = diagnosis.coverage.iter().find(|c| c.is_incomplete()).unwrap();
        assert_eq!((partly.target.as_str(), partly.status), (topic, Status::Partial));
    }
    assert!(!with(|_| {}).coverage.iter().any(Coverage::is_incomplete));
}

#[test]
fn r24_a_log_read_in_part_caps() {
    let cut = |service: &'static str| {
        move |shop: &mut Shop| {
            shop.files
                .push((format!("logs/{service}/old.log.gz"), vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b]));
        }
    };
    let diagnosis = with(cut(PICKS));
    assert_eq!(told(&diagnosis).0, Outcome::Likely);
    assert!(diagnosis.verdict.capped_by[0].contains("the log of pick-service was not read whole"));
    assert_eq!(told(&with(cut(ORDERS))).0, Outcome::Confirmed);
    let failed = |shop: &mut Shop| {
        shop.failed.push(Coverage::new("logs.other", "logs.other", Status::Failed).with_note("refused"));
    };
    assert_eq!(told(&with(failed)).0, Outcome::Likely);
}

#[test]
fn r25_a_failed_store_elsewhere_is_said_and_caps_nothing() {
    let failed = |shop: &mut Shop| {
        shop.failed
            .push(Coverage::new("tables.billing", "tables.billing", Status::Failed).with_note("locked"));
    };
    let diagnosis = with(failed);
    assert_eq!(told(&diagnosis).0, Outcome::Confirmed);
    assert!(diagnosis.coverage.iter().any(|c| c.store == "tables.billing" && c.status == Status::Failed));
}

/// Some duplicates, and some whose reply is missing, with an error or without.
fn two(duplicates: usize, replies: usize, error: bool) -> Diagnosis {
    let mut shop = Shop::new();
    shop.done(40);
    shop.stuck(duplicates).iter().for_each(|o| shop.duplicate(o));
    let second = shop.orders(replies, |shop, order| {
        shop.born(order, "ACCEPTED", 0);
        shop.sent(order);
        shop.picked(order);
    });
    for order in second.iter().filter(|_| error) {
        let text = format!("Failed to render slip of order {}", order.key);
        shop.fails(PICKS, order, &text, "java.lang.IllegalStateException: no template");
    }
    shop.diagnose()
}

#[test]
fn r27_two_causes_come_apart() {
    let diagnosis = two(6, 4, true);
    let causes: Vec<_> = diagnosis.verdict.causes.iter().map(|c| (c.kind, c.explains, c.outcome)).collect();
    let want = [(Kind::DuplicateKey, 6, Outcome::Confirmed), (Kind::HandlerException, 4, Outcome::Confirmed)];
    assert_eq!((causes.as_slice(), diagnosis.verdict.outcome), (&want[..], Outcome::Confirmed));
    assert_eq!(two(18, 2, false).verdict.outcome, Outcome::Likely, "a tenth counts");
    assert_eq!(two(28, 2, false).verdict.outcome, Outcome::Confirmed, "less does not");
}

#[test]
fn r28_a_partition_that_moves_is_a_queue() {
    // The consumer took each up within seconds: two minutes of nothing are a queue yet, five are none.
    for (now, outcome) in [(2 * MINUTE, Outcome::NoFault), (5 * MINUTE, Outcome::Confirmed)] {
        let mut shop = Shop::new();
        shop.partition = 1;
        let queued = shop.orders(3, |shop, order| {
            shop.born(order, "ACCEPTED", 0);
        });
        let done = shop.done(60);
        for order in &queued {
            let payload = json!({"orderId": order.key});
            shop.record(ACCEPTED, done[59].at + 2 * SECOND, ORDERS, &payload);
        }
        shop.committed = Some([((ACCEPTED.to_owned(), 1), 60)].into());
        shop.now = done[59].at + now;
        let diagnosis = shop.diagnose();
        assert_eq!(diagnosis.verdict.outcome, outcome, "{:#?}", diagnosis.verdict.causes);
    }
}

#[test]
fn r28_a_consumer_that_works_in_batches_is_not_dead_between_them() {
    // Sixty orders in batches of ten, a quarter of an hour apart, each batch done in a few seconds.
    for (now, outcome) in [(14 * MINUTE, Outcome::NoFault), (45 * MINUTE, Outcome::Confirmed)] {
        let mut shop = Shop::new();
        let batch = |n: i64| (n / 10 + 1) * 15 * MINUTE;
        let done = shop.orders(60, |shop, order| {
            let n = order.at / MINUTE - 1;
            let on = batch(n) + (n % 10) * 100 - order.at;
            shop.born(order, "DONE", on + SECOND);
            shop.record(ACCEPTED, order.at + SECOND, ORDERS, &json!({"orderId": order.key}));
            shop.row("pick.picks", pick(order, order.at + on));
            shop.record(READY, order.at + on + 100, PICKS, &json!({"orderId": order.key}));
        });
        let last = batch(59);
        assert!(done[59].at < last, "orders come before their batch");
        let queued = shop.orders(3, |shop, order| shop.born(order, "ACCEPTED", 0));
        for order in &queued {
            shop.record(ACCEPTED, last + SECOND, ORDERS, &json!({"orderId": order.key}));
        }
        shop.committed = Some([((ACCEPTED.to_owned(), 0), 60)].into());
        shop.now = last + now;
        let diagnosis = shop.diagnose();
        assert_eq!(diagnosis.verdict.outcome, outcome, "{:#?}", diagnosis.verdict.causes);
    }
}

#[test]
fn r29_within_the_usual_time() {
    for (waited, outcome) in [(58 * MINUTE, Outcome::NoFault), (4 * HOUR, Outcome::Inconclusive)] {
        let mut shop = Shop::new();
        shop.orders(20, |shop, order| {
            shop.born(order, "DONE", HOUR + MINUTE);
            shop.sent(order);
            shop.taken(order);
            shop.row("pick.picks", pick(order, order.at + HOUR));
            shop.record(READY, order.at + HOUR + SECOND, PICKS, &json!({"orderId": order.key}));
        });
        let stuck = shop.stuck(6);
        shop.now = stuck[5].at + waited;
        let diagnosis = shop.diagnose();
        assert_eq!(diagnosis.verdict.outcome, outcome, "{:#?}", diagnosis.verdict.causes);
    }
}

#[test]
fn r30_younger_than_the_rule_asks_for() {
    let mut shop = Shop::new();
    shop.done(20);
    assert_eq!(shop.diagnose().verdict.outcome, Outcome::NoFault, "nobody is in the state");
    let stuck = shop.stuck(6);
    for (now, outcome, young) in [(29, Outcome::NoFault, 6), (36, Outcome::Likely, 0)] {
        shop.now = stuck[0].at + now * MINUTE;
        let diagnosis = shop.diagnose();
        assert_eq!(
            (diagnosis.verdict.outcome, diagnosis.cohort.in_flight),
            (outcome, young),
            "{now} minutes"
        );
    }
}

#[test]
fn r31_those_older_than_the_stores_are_unexplained() {
    let mut shop = Shop::new();
    for n in 0..4 {
        let old = Order { key: format!("ORD-{}", 90_000 + n), at: -48 * HOUR };
        shop.row(
            "orders.orders",
            vec![
                ("id", json!(old.key)),
                ("status", json!("ACCEPTED")),
                ("created_at", json!(time(old.at))),
                ("updated_at", json!(time(old.at))),
            ],
        );
    }
    shop.done(20);
    let only_old = shop.diagnose();
    assert_eq!((only_old.cohort.aged_out, only_old.verdict.unexplained), (4, 4));
    shop.stuck(6).iter().for_each(|o| shop.duplicate(o));
    let diagnosis = shop.diagnose();
    assert_eq!((diagnosis.cohort.aged_out, diagnosis.verdict.unexplained), (4, 4));
    assert_eq!((only(&diagnosis).explains, only(&diagnosis).of), (6, 10));
}

#[test]
fn r32_a_code_outweighs_words_and_wrappers() {
    for (root, kind) in [
        (
            "org.postgresql.util.PSQLException: ERROR: duplicate key value violates unique constraint \"a_key\"",
            Kind::DuplicateKey,
        ),
        ("java.lang.RuntimeException: timed out", Kind::DependencyError),
    ] {
        let mut shop = Shop::new();
        shop.done(20);
        for order in shop.stuck(6) {
            let exception =
                format!("java.lang.RuntimeException: connection refused while storing\nCaused by: {root}");
            shop.fails(PICKS, &order, &format!("Timeout for order {}", order.key), &exception);
        }
        assert_eq!(told(&shop.diagnose()), (Outcome::Confirmed, kind, TO_PICKS));
    }
}

#[test]
fn r33_a_producer_that_fails_did_not_publish() {
    let fails = "org.apache.kafka.common.errors.RecordTooLargeException: The message is 1048600 bytes when serialized";
    let mut shop = Shop::new();
    shop.done(20);
    let stuck = shop.orders(6, |shop, order| {
        shop.born(order, "ACCEPTED", 0);
        shop.sent(order);
        shop.picked(order);
    });
    for order in &stuck {
        shop.fails(PICKS, order, &format!("Reply for order {} failed", order.key), fails);
    }
    assert_eq!(told(&shop.diagnose()), (Outcome::Confirmed, Kind::ReplyNotPublished, TO_REPLY));
}

#[test]
fn r34_a_row_that_was_there_before_is_no_arrival() {
    for (earlier, hop) in [(10 * MINUTE, TO_PICKS), (0, TO_REPLY)] {
        let mut shop = Shop::new();
        shop.done(20);
        for order in shop.stuck(6) {
            shop.row("pick.picks", pick(&order, order.at + 2_100 - earlier));
            shop.duplicate(&order);
        }
        assert_eq!(told(&shop.diagnose()), (Outcome::Confirmed, Kind::DuplicateKey, hop));
    }
}

/// What the service says of every order that it takes, and then of the failure of each that is stuck; `offset` is that of
/// its record. Failures name no key.
fn nameless(says: impl Fn(&mut Shop, &Order, i64), fails: impl Fn(&mut Shop, &Order, i64)) -> Diagnosis {
    let mut shop = Shop::new();
    for (offset, order) in shop.done(21).iter().enumerate() {
        says(&mut shop, order, offset as i64);
    }
    shop.orders(6, |shop, order| {
        shop.born(order, "ACCEPTED", 0);
        let offset = shop.sent(order);
        says(shop, order, offset);
        fails(shop, order, offset);
    });
    shop.diagnose()
}

const BROKEN: &str =
    "java.lang.IllegalStateException: shelf is taken\n\tat com.shop.pick.Shelf.take(Shelf.java:9)";

/// Whether the failures were joined, all of them and in this way.
#[track_caller]
fn joined(diagnosis: &Diagnosis, by: Option<&str>) {
    // Where nothing joins them, only that they come together ties them (R74).
    let outcome = if by.is_some() { Outcome::Confirmed } else { Outcome::Likely };
    assert_eq!(
        (only(diagnosis).outcome, only(diagnosis).explains),
        (outcome, 6),
        "{}",
        only(diagnosis).statement
    );
    let told =
        |how: &str| diagnosis.evidence.values().any(|e| e.text.contains(&format!("[joined by {how}]")));
    for how in ["record", "request", "batch", "thread"] {
        assert_eq!(told(how), by == Some(how), "{how}");
    }
}

#[test]
fn r35_an_error_that_names_coordinates() {
    for (partition, by) in [(0, Some("record")), (7, None)] {
        let says = |_: &mut Shop, _: &Order, _| {};
        let diagnosis = nameless(says, |shop, order, offset| {
            shop.fails(PICKS, order, &format!("Failed at {ACCEPTED}-{partition}@{offset}"), BROKEN);
        });
        joined(&diagnosis, by);
    }
}

#[test]
fn r36_an_error_that_names_a_request() {
    let trace = |n: i64| json!({"traceId": format!("{:032x}", 0xabcd_ef01_2345_i64 + n * 77)});
    for (other, kind) in [(0, Kind::HandlerException), (1000, Kind::SkippedSilently)] {
        let says = |shop: &mut Shop, order: &Order, offset| {
            let text = format!("Picking order {}", order.key);
            shop.log_with(PICKS, order.at + 2_000, "INFO", &text, trace(offset));
        };
        let diagnosis = nameless(says, |shop, order, offset| {
            let mut fields = trace(offset + other);
            fields["stack_trace"] = json!(BROKEN);
            shop.log_with(PICKS, order.at + 9_000, "ERROR", "Picking failed", fields);
        });
        assert_eq!((told(&diagnosis).1, only(&diagnosis).explains), (kind, 6));
    }
}

#[test]
fn r37_an_error_that_names_a_batch() {
    for (other, by) in [(0, Some("batch")), (50, None)] {
        let says = |shop: &mut Shop, order: &Order, offset: i64| {
            let text = format!("Added order {} to batch 88{:02}", order.key, offset / 3);
            shop.log(PICKS, order.at + 2_000, "INFO", &text);
        };
        let diagnosis = nameless(says, |shop, order, offset| {
            if offset % 3 == 0 {
                let text = format!("Flushing failed, batch 88{:02} is lost", offset / 3 + other);
                let fields = json!({"stack_trace": BROKEN});
                shop.log_with(PICKS, order.at + 10 * MINUTE, "ERROR", &text, fields);
            }
        });
        joined(&diagnosis, by);
    }
}

#[test]
fn r38_an_error_on_the_thread_that_named_the_entity() {
    for (thread, by) in [("worker-1", Some("thread")), ("worker-9", None)] {
        let says = |shop: &mut Shop, order: &Order, _| {
            let text = format!("Picking order {}", order.key);
            shop.log_with(PICKS, order.at + 2_000, "INFO", &text, json!({"thread": "worker-1"}));
        };
        let diagnosis = nameless(says, |shop, order, _| {
            let fields = json!({"thread": thread, "stack_trace": BROKEN});
            shop.log_with(PICKS, order.at + 2_900, "ERROR", "Picking failed", fields);
        });
        joined(&diagnosis, by);
    }
}

#[test]
fn r38_a_run_of_lines_before_the_error_is_its_batch() {
    // The lines that take a batch up, and then what became of all of it. One that was repaired since still belongs to it;
    // where most went on, the lines are of work that went on by itself, and only the last one is joined.
    for (repaired, stuck, explains) in [(0, 5, 10), (1, 4, 8), (4, 1, 2)] {
        let mut shop = Shop::new();
        let takes = |shop: &mut Shop, orders: &[Order]| {
            let at = orders[orders.len() - 1].at + 2 * SECOND;
            shop.log(PICKS, at - 10, "INFO", "Polled");
            for (n, order) in orders.iter().enumerate() {
                shop.log(PICKS, at + n as i64, "INFO", &format!("Taking order {}", order.key));
            }
            at + 10
        };
        for batch in shop.done(21).chunks(3) {
            let at = takes(&mut shop, batch);
            shop.log(PICKS, at, "INFO", "Stored 3 picks");
        }
        for _ in 0..2 {
            let mut batch = shop.orders(repaired, |shop, order| {
                shop.born(order, "DONE", HOUR);
                shop.sent(order);
                shop.row("pick.picks", pick(order, order.at + HOUR));
                shop.record(READY, order.at + HOUR + SECOND, PICKS, &json!({"orderId": order.key}));
            });
            batch.extend(shop.orders(stuck, |shop, order| {
                shop.born(order, "ACCEPTED", 0);
                shop.sent(order);
            }));
            let at = takes(&mut shop, &batch);
            shop.log_with(PICKS, at, "ERROR", "Could not store picks", json!({"stack_trace": BROKEN}));
        }
        let diagnosis = shop.diagnose();
        let cause = only(&diagnosis);
        assert_eq!((cause.kind, cause.explains), (Kind::HandlerException, explains), "{repaired} repaired");
    }
}

#[test]
fn r39_an_error_under_another_id() {
    let number = |offset: i64| format!("PCK-77{:04}", offset * 13);
    for (known, kind) in [(true, Kind::HandlerException), (false, Kind::SkippedSilently)] {
        let says = |shop: &mut Shop, order: &Order, offset| {
            let told = if known { number(offset) } else { "a pick".to_owned() };
            shop.log(PICKS, order.at + 2_000, "INFO", &format!("Order {} becomes {told}", order.key));
        };
        let diagnosis = nameless(says, |shop, order, offset| {
            let text = format!("Failed to start pick {}", number(offset));
            let fields = json!({"stack_trace": BROKEN});
            shop.log_with(PICKS, order.at + 20 * SECOND, "ERROR", &text, fields);
        });
        assert_eq!((told(&diagnosis).1, only(&diagnosis).explains), (kind, 6));
    }
}

#[test]
fn r40_small_integers_are_not_bound_by_chance() {
    let mut shop = Shop::new();
    shop.key = |n| n.to_string();
    shop.done(20);
    let stuck = shop.stuck(6);
    stuck.iter().for_each(|o| shop.duplicate(o));
    for n in 1..=26 {
        let payload = json!({"quantity": n % 5 + 1, "shelf": n, "customerId": (n * 7) % 26 + 1});
        shop.record("stock.counted", n * 11 * SECOND, "stock-service", &payload);
    }
    let diagnosis = shop.diagnose();
    assert_eq!(told(&diagnosis), (Outcome::Confirmed, Kind::DuplicateKey, TO_PICKS));
    assert_eq!(only(&diagnosis).explains, 6);
    let bound: Vec<&str> = diagnosis.bindings.iter().map(|b| b.target.as_str()).collect();
    assert!(bound.contains(&ACCEPTED) && !bound.contains(&"stock.counted"), "{:#?}", diagnosis.bindings);
}

#[test]
fn r41_a_quiet_message_that_only_the_stuck_have() {
    for (completed, outcome, says) in
        [(0, Outcome::Confirmed, "has no shelf, leaving it out"), (2, Outcome::Likely, "stopped silently")]
    {
        let mut shop = Shop::new();
        let done = shop.done(20);
        let stuck = shop.stuck(6);
        for order in stuck.iter().chain(&done[..completed]) {
            let text = format!("Order {} has no shelf, leaving it out", order.key);
            shop.log(PICKS, order.at + 2_050, "INFO", &text);
        }
        let diagnosis = shop.diagnose();
        assert_eq!(told(&diagnosis), (outcome, Kind::SkippedSilently, TO_PICKS), "{completed}");
        assert!(only(&diagnosis).statement.contains(says), "{}", only(&diagnosis).statement);
    }
}

#[test]
fn a_control_of_none_allows_no_more_than_likely() {
    let mut shop = Shop::new();
    shop.stuck(6).iter().for_each(|o| shop.duplicate(o));
    let diagnosis = shop.diagnose();
    assert_eq!((diagnosis.cohort.count, diagnosis.cohort.control), (6, 0));
    assert_eq!(told(&diagnosis), (Outcome::Likely, Kind::DuplicateKey, "orders.accepted -> pick-service"));
    assert!(diagnosis.ruled_out.is_empty(), "nothing refutes anything: {:?}", diagnosis.ruled_out);
}

#[test]
fn a_control_of_none_and_no_failure_is_inconclusive() {
    let mut shop = Shop::new();
    shop.stuck(6);
    assert_eq!(shop.diagnose().verdict.outcome, Outcome::Inconclusive);
}

#[test]
fn a_clock_some_seconds_behind_hides_no_error() {
    let mut shop = Shop::new();
    let late = |order: &Order| Order { at: order.at - 20 * SECOND, ..order.clone() };
    shop.orders(20, |shop, order| {
        shop.born(order, "DONE", 3 * SECOND);
        shop.sent(order);
        shop.taken(&late(order));
        shop.row("pick.picks", pick(order, order.at + 2_100));
        shop.replied(order);
    });
    shop.orders(6, |shop, order| {
        shop.born(order, "ACCEPTED", 0);
        shop.sent(order);
        shop.taken(&late(order));
        shop.duplicate(&late(order));
    });
    assert_eq!(told(&shop.diagnose()), (Outcome::Confirmed, Kind::DuplicateKey, TO_PICKS));
}

#[test]
fn one_bad_item_explains_its_batch() {
    let mut shop = Shop::new();
    let added = |shop: &mut Shop, order: &Order, batch: usize| {
        let text = format!("Added order {} to batch 88{batch:02}", order.key);
        shop.log(PICKS, order.at + 2 * SECOND, "INFO", &text);
    };
    for (n, order) in shop.done(21).iter().enumerate() {
        added(&mut shop, order, n / 3);
    }
    let stuck = shop.orders(6, |shop, order| {
        shop.born(order, "ACCEPTED", 0);
        shop.sent(order);
    });
    for (n, order) in stuck.iter().enumerate() {
        added(&mut shop, order, 40 + n / 3);
        if n % 3 == 1 {
            let text = format!("Batch 88{:02} rolled back: order {} is bad", 40 + n / 3, order.key);
            let fields = json!({"stack_trace": "org.postgresql.util.PSQLException: ERROR: null value in column \"zip\" of relation \"picks\" violates not-null constraint"});
            shop.log_with(PICKS, order.at + 5 * MINUTE, "ERROR", &text, fields);
        }
    }
    let diagnosis = shop.diagnose();
    assert_eq!(told(&diagnosis), (Outcome::Confirmed, Kind::ConstraintViolation, TO_PICKS));
    assert_eq!(only(&diagnosis).explains, 6);
}

#[test]
fn a_failed_table_store_of_the_service_caps() {
    let mut shop = Shop::new();
    shop.done(40);
    shop.payload = json!({"channel": "KIOSK"});
    shop.stuck(10);
    shop.code.push((PICKS, "src/PickConsumer.java", "class C {\n  void on(Order order) {\n    if (\"KIOSK\".equals(order.channel())) {\n      return;\n    }\n  }\n}\n"));
    shop.files.push(("pick.sqlite".into(), vec![b'x'; 300]));
    assert_eq!(told(&shop.diagnose()).0, Outcome::Likely);
}
