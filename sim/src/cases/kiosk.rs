//! A silent skip: baskets from the new kiosks are consumed, committed and dropped without a line; only a field's value
//! tells them from the ones that pass.

use serde_json::json;

use super::Reply;
use crate::kafka::Next;
use crate::log::{Fmt, Zip, debug, error, info, js_exc, warn};
use crate::time::{HOUR, MINUTE, iso, sql};
use crate::truth::Entity;
use crate::world::World;

pub fn build(w: &mut World) {
    w.span("2026-02-17T07:00:00Z", "2026-02-17T12:00:00Z");
    w.question(
        "freshbox",
        Entity {
            name: "basket",
            table: "checkout.baskets",
            key: "basket_ref",
            state: "state",
            stuck: "SUBMITTED",
            minutes: 20,
            done: &["PLANNED", "COLLECTED"],
        },
    );
    w.service("checkout", Fmt::Pino, 2, &["checkout"]).rotate(&["2026-02-17T11:00:00Z"], Zip::Gz);
    w.service("fulfilment", Fmt::SlogJson, 2, &["fulfil"]).zip(Zip::Gz).skew(-90);
    w.topic("basket-submitted", 4, Zip::Gz);
    w.topic("fulfilment-planned", 4, Zip::No);
    w.table(
        "checkout.baskets",
        &[
            "basket_ref TEXT PRIMARY KEY",
            "state TEXT NOT NULL",
            "store INTEGER NOT NULL",
            "channel TEXT NOT NULL",
            "payment TEXT NOT NULL",
            "items INTEGER NOT NULL",
            "submitted_at TEXT NOT NULL",
            "changed_at TEXT",
        ],
    );
    w.table(
        "fulfil.jobs",
        &[
            "id INTEGER PRIMARY KEY",
            "basket_ref TEXT NOT NULL UNIQUE",
            "store INTEGER NOT NULL",
            "slot TEXT NOT NULL",
            "picker TEXT",
            "created_at TEXT NOT NULL",
        ],
    );
    let code = w.spot("fulfilment", "consumer.go", "evt.Channel");
    w.cause("skipped_silently", "fulfilment", "basket-submitted -> fulfil.jobs").code(code);
    w.expect(
        "confirmed",
        &[("dependency_error", "checkout")],
        "The first kiosks went live at 08:30 and submit baskets with channel KIOSK, which fulfilment's consumer drops as walk-in \
         sales with a debug line that is never written. Their records are in basket-submitted and the group's committed offsets are past them, \
         yet no job row exists. The loyalty service's errors that checkout logs hit planned and stuck baskets alike.",
    );
    w.noise("checkout", 40);
    w.noise("fulfilment", 45);
    w.consume("fulfilment", "basket-submitted", "fulfilment", |w, who, msg, _| {
        let basket = msg.text("basketRef");
        w.spend(1, 6);
        if msg.text("channel") == "KIOSK" {
            w.log(who, debug("", "walk-in sale, nothing to plan").kv("basket", basket.clone()));
            w.blame(&basket, 0);
            return Next::Ack;
        }
        if w.chance(0.06) {
            w.log(who, warn("", "route planner timed out, retrying").kv("basket", basket.clone()).kv("attempt", 1)
                .kv("err", "Post \"http://routing:9000/v1/slots\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"));
            w.spend(900, 1400);
        }
        let (id, hour, store) = (w.next("job", 30_211), w.between(13, 19), msg.json["store"].clone());
        let (slot, picker, now) = (format!("{hour}:00"), w.pick(&["ana", "luc", "mo", "eve"]), sql(w.now));
        w.insert("fulfil.jobs", &json!({"id": id, "basket_ref": basket, "store": store, "slot": slot, "picker": picker, "created_at": now}));
        w.spend(1, 5);
        let payload = json!({"basketRef": basket, "jobId": id, "slot": slot, "plannedAt": iso(w.now)});
        w.produce("fulfilment-planned", Some(&basket), &[], &payload);
        w.log(who, info("", "job planned").kv("basket", basket).kv("job", id).kv("slot", slot));
        Next::Ack
    });
    w.reply(Reply {
        group: "checkout",
        topic: "fulfilment-planned",
        service: "checkout",
        field: "basketRef",
        from: "SUBMITTED",
        to: "PLANNED",
        stamp: "changed_at",
        line: |id, msg| info("planned", format!("basket {id} planned for {}", msg.text("slot"))),
    });
    w.arrivals(w.start, w.end, 48_000, |w, _| submit(w));
}

fn submit(w: &mut World) {
    let basket = w.alnum(8);
    let kiosk = w.now > w.start + 90 * MINUTE && w.chance(0.2);
    let channel = if kiosk { "KIOSK" } else { w.pick(&["WEB", "WEB", "APP", "PHONE"]) };
    let payment = if kiosk { w.pick(&["card", "cash"]) } else { w.pick(&["card", "card", "paypal", "cash"]) };
    let (store, items, who) = (w.between(101, 122), w.between(2, 40), w.web("checkout"));
    let now = sql(w.now);
    w.insert(
        "checkout.baskets",
        &json!({"basket_ref": basket, "state": "SUBMITTED", "store": store, "channel": channel,
        "payment": payment, "items": items, "submitted_at": now}),
    );
    let request = w.uuid();
    w.log(
        &who,
        info("submit", "basket submitted")
            .kv("reqId", request)
            .kv("basketRef", basket.clone())
            .kv("store", store)
            .kv("items", items),
    );
    if w.chance(0.11) {
        let exc = js_exc(
            "Error",
            "connect ECONNREFUSED 10.3.2.17:8443",
            &[
                "TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)",
                "async LoyaltyClient.credit (/app/src/loyalty.ts:27:20)",
            ],
        );
        w.log(&who, error("loyalty", "loyalty points not credited").kv("basketRef", basket.clone()).exc(exc));
    }
    w.spend(3, 20);
    let payload = json!({"basketRef": basket, "store": store, "channel": channel, "payment": payment, "items": items,
        "submittedAt": iso(w.now)});
    w.produce(
        "basket-submitted",
        Some(&basket),
        &[("content-type", "application/json".to_owned())],
        &payload,
    );
    let wait = w.between(HOUR, 3 * HOUR);
    w.after(wait, move |w| {
        if w.get("checkout.baskets", &basket, "state") == "PLANNED" {
            let (who, now) = (w.web("checkout"), sql(w.now));
            w.set("checkout.baskets", &basket, &json!({"state": "COLLECTED", "changed_at": now}));
            w.log(&who, info("collect", "basket collected").kv("basketRef", basket.clone()));
        }
    });
}
