//! An event that comes before the row it needs: during a rebalance one topic runs ahead of the other, and the early
//! event is dropped with an INFO line.

use serde_json::json;

use super::Reply;
use crate::kafka::Next;
use crate::log::{Fmt, Zip, info, warn};
use crate::time::{at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

pub fn build(w: &mut World) {
    w.span("2026-10-06T07:00:00Z", "2026-10-06T12:00:00Z");
    w.question(
        "mobilio",
        Entity {
            name: "order",
            table: "desk.orders",
            key: "order_key",
            state: "status",
            stuck: "PLACED",
            minutes: 30,
            done: &["ACTIVE"],
        },
    );
    w.service("order-desk", Fmt::Boot, 1, &["desk"]).zone("Europe/Lisbon").zip(Zip::Gz);
    w.service("sim-factory", Fmt::Python, 1, &["sims"]).zip(Zip::Gz);
    w.service("activator", Fmt::SlogText, 2, &["act"]).zip(Zip::Zst).skew(130);
    w.topic("orders.placed", 4, Zip::Gz);
    w.topic("sims.assigned", 4, Zip::Gz);
    w.topic("lines.active", 4, Zip::Gz);
    w.table(
        "desk.orders",
        &[
            "order_key TEXT PRIMARY KEY",
            "plan TEXT NOT NULL",
            "status TEXT NOT NULL",
            "placed TEXT NOT NULL",
            "changed TEXT",
        ],
    );
    w.table("sims.cards", &["iccid TEXT PRIMARY KEY", "order_key TEXT NOT NULL", "taken TEXT NOT NULL"]);
    w.table(
        "act.lines",
        &[
            "line INTEGER PRIMARY KEY",
            "order_key TEXT NOT NULL UNIQUE",
            "plan TEXT NOT NULL",
            "opened TEXT NOT NULL",
        ],
    );
    w.table(
        "act.activations",
        &["id INTEGER PRIMARY KEY", "line INTEGER NOT NULL", "iccid TEXT NOT NULL", "done TEXT NOT NULL"],
    );
    let code = w.spot("activator", "sims.go", "errors.Is(err, sql.ErrNoRows)");
    w.cause("out_of_order", "activator", "sims.assigned -> act.activations").code(code);
    w.expect(
        "confirmed",
        &[],
        "activator learns of an order from orders.placed (which opens the line) and of its SIM from sims.assigned. In two rebalances the first topic's consumer paused \
         while the second went on, so the SIM came before the line's row, and the handler drops such an event with 'no line yet' at INFO. \
         The rows were written minutes later, the SIM event is committed and never read again.",
    );
    for service in ["order-desk", "sim-factory", "activator"] {
        w.noise(service, 55);
    }
    w.consume("activator-orders", "orders.placed", "activator", |w, who, msg, _| {
        let key = msg.text("orderKey");
        w.spend(2, 9);
        let (line, now) = (w.next("line", 26_118), sql(w.now));
        w.insert(
            "act.lines",
            &json!({"line": line, "order_key": key, "plan": msg.json["plan"], "opened": now}),
        );
        w.log(who, info("", "line opened").kv("order", key.clone()).kv("line", line));
        w.truth.marks.insert(key, line);
        Next::Ack
    });
    w.consume("sim-factory", "orders.placed", "sim-factory", |w, who, msg, _| {
        let key = msg.text("orderKey");
        let (wait, pod) = (w.between(8000, 45_000), who.pod);
        w.after(wait, move |w| {
            let who = w.worker("sim-factory", pod, "MainThread");
            let (iccid, now) = (format!("89351{:014}", w.between(0, 99_999_999_999_999)), sql(w.now));
            w.insert("sims.cards", &json!({"iccid": iccid, "order_key": key, "taken": now}));
            w.log(&who, info("sims.stock", format!("card {iccid} taken for order {key}")));
            w.produce(
                "sims.assigned",
                Some(&key),
                &[],
                &json!({"order": key, "iccid": iccid, "at": iso(w.now)}),
            );
        });
        Next::Ack
    });
    w.consume("activator-sims", "sims.assigned", "activator", |w, who, msg, _| {
        let key = msg.text("order");
        w.spend(2, 9);
        let Some(line) = w.truth.marks.get(&key).copied() else {
            w.log(
                who,
                info("", "no line yet, assignment ignored")
                    .kv("order", key.clone())
                    .kv("iccid", msg.text("iccid")),
            );
            w.blame(&key, 0);
            return Next::Ack;
        };
        let (id, now) = (w.next("activation", 400), sql(w.now));
        w.insert(
            "act.activations",
            &json!({"id": id, "line": line, "iccid": msg.json["iccid"], "done": now}),
        );
        w.log(who, info("", "line activated").kv("line", line).kv("iccid", msg.text("iccid")));
        w.spend(100, 900);
        w.produce(
            "lines.active",
            Some(&key),
            &[],
            &json!({"orderKey": key, "line": line, "since": iso(w.now)}),
        );
        Next::Ack
    });
    w.reply(Reply {
        group: "order-desk",
        topic: "lines.active",
        service: "order-desk",
        field: "orderKey",
        from: "PLACED",
        to: "ACTIVE",
        stamp: "changed",
        line: |id, _| info("pt.mobilio.desk.LineListener", format!("Order {id} is active")),
    });
    for (from, to) in
        [("2026-10-06T08:52:00Z", "2026-10-06T09:01:30Z"), ("2026-10-06T10:20:00Z", "2026-10-06T10:29:00Z")]
    {
        w.at(at(from), |w| {
            w.halt("activator-orders", None);
            let who = w.worker("activator", 0, "");
            w.log(
                &who,
                warn("", "group rebalancing").kv("group", "activator-orders").kv("reason", "member left"),
            );
        });
        w.at(at(to), |w| {
            w.resume("activator-orders");
            let who = w.worker("activator", 0, "");
            w.log(&who, info("", "group stable").kv("group", "activator-orders").kv("generation", 17));
        });
    }
    w.arrivals(w.start, w.end, 27_000, |w, _| {
        let key = format!("MB{}{}", w.between(10, 99), w.alnum(5));
        let (plan, who, now) = (w.pick(&["SOLO", "DUO", "MAX"]), w.web("order-desk"), sql(w.now));
        w.insert("desk.orders", &json!({"order_key": key, "plan": plan, "status": "PLACED", "placed": now}));
        w.log(&who, info("pt.mobilio.desk.OrderController", format!("Order {key} placed ({plan})")));
        w.spend(3, 20);
        w.produce(
            "orders.placed",
            Some(&key),
            &[],
            &json!({"orderKey": key, "plan": plan, "placedAt": iso(w.now)}),
        );
    });
}
