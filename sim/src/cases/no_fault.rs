//! Nothing is broken: a burst that is still in flight though the rule calls it stuck, and a backlog that is slow but
//! moves on every partition.

use serde_json::json;

use super::Reply;
use crate::kafka::Next;
use crate::log::{Fmt, Zip, error, go_exc, info, java_exc, warn};
use crate::time::{MINUTE, at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

/// Seedlings are packed by hand, which takes a quarter of an hour; the rule asks for ten minutes.
pub fn burst(w: &mut World) {
    w.span("2026-03-31T07:00:00Z", "2026-03-31T11:00:00Z");
    w.truth.margin = Some(100_000);
    w.question(
        "plantera",
        Entity {
            name: "order",
            table: "store.orders",
            key: "order_no",
            state: "status",
            stuck: "CONFIRMED",
            minutes: 10,
            done: &["PACKED"],
        },
    );
    w.service("store", Fmt::Pino, 2, &["store"]).zip(Zip::Gz);
    w.service("packing", Fmt::Logstash, 2, &["packing"]).zip(Zip::Gz).skew(180);
    w.topic("orders.confirmed", 3, Zip::Gz);
    w.topic("orders.packed", 3, Zip::Gz);
    w.table(
        "store.orders",
        &[
            "order_no TEXT PRIMARY KEY",
            "plants INTEGER NOT NULL",
            "status TEXT NOT NULL",
            "confirmed_at TEXT NOT NULL",
            "packed_at TEXT",
        ],
    );
    w.table(
        "packing.jobs",
        &[
            "job INTEGER PRIMARY KEY",
            "order_no TEXT NOT NULL UNIQUE",
            "bench INTEGER NOT NULL",
            "queued_at TEXT NOT NULL",
            "packed_at TEXT",
        ],
    );
    w.expect(
        "no_fault",
        &[],
        "A newsletter at 10:40 brought a hundred orders within minutes. Packing takes twelve to twenty-five minutes for completed orders all day, \
         and none of the waiting ones is older than that; each has its job row. The rule of ten minutes is too tight; the label printer's errors hit packed orders only, and did no harm.",
    );
    w.noise("store", 45);
    w.noise("packing", 45);
    w.consume("packing", "orders.confirmed", "packing", |w, who, msg, _| {
        let order = msg.text("orderNo");
        w.spend(3, 15);
        let (job, bench, now) = (w.next("job", 5100), w.between(1, 9), sql(w.now));
        w.insert("packing.jobs", &json!({"job": job, "order_no": order, "bench": bench, "queued_at": now}));
        w.log(
            who,
            info("com.plantera.packing.JobPlanner", format!("order {order} queued for bench {bench}"))
                .kv("orderNo", order.clone()),
        );
        let (wait, pod) = (w.between(12 * MINUTE, 25 * MINUTE), who.pod);
        w.after(wait, move |w| {
            let (who, now) = (w.worker("packing", pod, "bench-events"), sql(w.now));
            if w.chance(0.12) {
                let exc = java_exc(
                    false,
                    &[(
                        "java.net.ConnectException",
                        "Connection refused: label-printer-2/10.8.1.44:9100",
                        &["com.plantera.packing.LabelPrinter.print(LabelPrinter.java:40)"],
                    )],
                );
                w.log(
                    &who,
                    error(
                        "com.plantera.packing.LabelPrinter",
                        format!("label of order {order} not printed, using printer 1"),
                    )
                    .kv("orderNo", order.clone())
                    .exc(exc),
                );
            }
            w.set("packing.jobs", &job.to_string(), &json!({"packed_at": now}));
            w.log(
                &who,
                info("com.plantera.packing.BenchEvents", format!("order {order} packed"))
                    .kv("orderNo", order.clone()),
            );
            w.produce(
                "orders.packed",
                Some(&order),
                &[],
                &json!({"orderNo": order, "job": job, "at": iso(w.now)}),
            );
        });
        Next::Ack
    });
    w.reply(Reply {
        group: "store",
        topic: "orders.packed",
        service: "store",
        field: "orderNo",
        from: "CONFIRMED",
        to: "PACKED",
        stamp: "packed_at",
        line: |id, _| info("orders", "order packed").kv("orderNo", id),
    });
    let confirm = |w: &mut World, _: i64| {
        let order = format!("PL-{:06}", w.next("order", 20_017));
        let (plants, who, now) = (w.between(1, 24), w.web("store"), sql(w.now));
        w.insert(
            "store.orders",
            &json!({"order_no": order, "plants": plants, "status": "CONFIRMED", "confirmed_at": now}),
        );
        w.log(&who, info("orders", "order confirmed").kv("orderNo", order.clone()).kv("plants", plants));
        w.spend(3, 15);
        w.produce(
            "orders.confirmed",
            Some(&order),
            &[],
            &json!({"orderNo": order, "plants": plants, "at": iso(w.now)}),
        );
    };
    w.arrivals(w.start, w.end, 38_000, confirm);
    w.arrivals(at("2026-03-31T10:47:30Z"), at("2026-03-31T10:49:00Z"), 1400, confirm);
    w.arrivals(at("2026-03-31T10:51:30Z"), w.end, 6000, confirm);
}

/// An upstream quota slows the screening down; the queue grows, but every partition moves to the last minute.
pub fn backlog(w: &mut World) {
    w.span("2026-07-22T06:00:00Z", "2026-07-22T12:00:00Z");
    w.question(
        "remitly-north",
        Entity {
            name: "transfer",
            table: "wallet.transfers",
            key: "transfer_id",
            state: "state",
            stuck: "SCREENING",
            minutes: 20,
            done: &["RELEASED"],
        },
    );
    w.service("wallet", Fmt::Clef, 2, &["wallet"]).zip(Zip::Gz).skew(-240);
    w.service("screening", Fmt::SlogText, 2, &["screen"])
        .zone("America/Toronto")
        .rotate(&["2026-07-22T11:00:00Z"], Zip::Gz);
    w.topic("transfers.created", 4, Zip::Gz);
    w.topic("transfers.screened", 4, Zip::Gz);
    w.table(
        "wallet.transfers",
        &[
            "transfer_id INTEGER PRIMARY KEY",
            "sender INTEGER NOT NULL",
            "cents INTEGER NOT NULL",
            "state TEXT NOT NULL",
            "created_at TEXT NOT NULL",
            "released_at TEXT",
        ],
    );
    w.table(
        "screen.results",
        &[
            "result INTEGER PRIMARY KEY",
            "transfer_id INTEGER NOT NULL UNIQUE",
            "hits INTEGER NOT NULL",
            "screened_at TEXT NOT NULL",
        ],
    );
    w.expect(
        "no_fault",
        &[],
        "Since 10:00 the sanctions list's provider throttles to one call every half minute, so screening takes longer than transfers arrive and a queue has built up. \
         All partitions moved until the last minute, in order, and completed transfers took longer and longer, up to as long as the waiting ones have waited. \
         The 429 warnings are about transfers that were released all the same.",
    );
    w.noise("wallet", 50);
    w.noise("screening", 50);
    w.consume("screening", "transfers.created", "screening", |w, who, msg, _| {
        let id = msg.text("transferId");
        let throttled = w.now > at("2026-07-22T10:00:00Z");
        if throttled {
            if w.chance(0.5) {
                w.log(who, warn("", "list provider throttles, waiting").kv("transfer", id.clone()).exc(go_exc("screen: lookup: 429 Too Many Requests (retry after 30s)")));
            }
            w.spend(110_000, 165_000);
        } else {
            w.spend(300, 2500);
        }
        let (result, hits, now) = (w.next("result", 66_900), w.pick(&[0, 0, 0, 0, 1]), sql(w.now));
        w.insert("screen.results", &json!({"result": result, "transfer_id": msg.json["transferId"], "hits": hits, "screened_at": now}));
        w.log(who, info("", "screened").kv("transfer", id.clone()).kv("hits", hits));
        w.produce("transfers.screened", Some(&id), &[], &json!({"transferId": msg.json["transferId"], "result": result, "at": iso(w.now)}));
        Next::Ack
    });
    w.reply(Reply {
        group: "wallet",
        topic: "transfers.screened",
        service: "wallet",
        field: "transferId",
        from: "SCREENING",
        to: "RELEASED",
        stamp: "released_at",
        line: |id, _| info("Wallet.Release", "Transfer {TransferId} released").kv("TransferId", id),
    });
    w.arrivals(w.start, w.end, 24_000, |w, _| {
        let id = w.next("transfer", 50_331_007);
        let (sender, cents, who, now) = (w.between(900, 4000), w.between(500, 300_000), w.web("wallet"), sql(w.now));
        w.insert("wallet.transfers", &json!({"transfer_id": id, "sender": sender, "cents": cents, "state": "SCREENING", "created_at": now}));
        w.log(&who, info("Wallet.Create", "Transfer {TransferId} of {Sender} created").kv("TransferId", id).kv("Sender", sender));
        w.spend(3, 15);
        w.produce("transfers.created", Some(&id.to_string()), &[], &json!({"transferId": id, "sender": sender, "cents": cents, "at": iso(w.now)}));
    });
}
