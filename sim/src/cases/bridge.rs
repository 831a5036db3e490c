//! The key changes along the way (order, shipment, label), and the error at the far end names only a record's
//! coordinates, in a line of another library.

use serde_json::json;

use crate::kafka::{Msg, Next};
use crate::log::{Fmt, Line, Who, Zip, error, info, js_exc, warn};
use crate::time::{HOUR, at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

const ORDERS: &str = "shop.orders";

pub fn build(w: &mut World) {
    w.span("2026-05-20T06:00:00Z", "2026-05-20T12:00:00Z");
    w.question(
        "nordwind",
        Entity {
            name: "order",
            table: ORDERS,
            key: "id",
            state: "status",
            stuck: "IN_FULFILMENT",
            minutes: 60,
            done: &["SHIPPED", "DELIVERED"],
        },
    );
    w.service("shop", Fmt::Boot, 2, &["shop"])
        .zone("Europe/Copenhagen")
        .rotate(&["2026-05-20T11:00:00Z"], Zip::Gz);
    w.service("shipping", Fmt::SlogJson, 2, &["shipping"]).zip(Zip::Gz).skew(150);
    w.service("label-printer", Fmt::Pino, 2, &[]).rotate(&["2026-05-20T11:20:00Z"], Zip::Gz);
    w.service("tracking", Fmt::Clef, 1, &["tracking"]).zip(Zip::Zst);
    for topic in ["order.confirmed", "shipment.created", "label.ready", "parcel.scanned"] {
        w.topic(topic, 3, Zip::Gz);
    }
    w.table(
        ORDERS,
        &[
            "id INTEGER PRIMARY KEY",
            "customer INTEGER NOT NULL",
            "country TEXT NOT NULL",
            "status TEXT NOT NULL",
            "confirmed_at TEXT NOT NULL",
            "status_at TEXT NOT NULL",
        ],
    );
    w.table(
        "shipping.shipments",
        &[
            "shipment_no TEXT PRIMARY KEY",
            "order_id INTEGER NOT NULL UNIQUE",
            "depot TEXT NOT NULL",
            "created_at TEXT NOT NULL",
        ],
    );
    w.table(
        "tracking.scans",
        &[
            "scan_id INTEGER PRIMARY KEY",
            "label TEXT NOT NULL",
            "place TEXT NOT NULL",
            "scanned_at TEXT NOT NULL",
        ],
    );
    let code = w.spot("label-printer", "format.ts", "recipient.pickupPoint");
    w.cause("handler_exception", "label-printer", "shipment.created -> label.ready").code(code);
    w.expect(
        "confirmed",
        &[("dependency_error", "shipping")],
        "Orders become shipments in shipping and labels in label-printer, which has no tables and logs shipments or record coordinates, never orders. \
         Since 08:30 addresses of parcel shops come without a pickupPoint, the formatter throws a TypeError, and kafkajs' crash guard logs topic, partition and offset and goes on. \
         The geocoding failures of shipping hit shipped orders alike.",
    );
    for service in ["shop", "shipping", "label-printer", "tracking"] {
        w.noise(service, 70);
    }
    w.consume("shipping", "order.confirmed", "shipping", |w, who, msg, _| {
        w.spend(5, 30);
        let order = msg.json["orderId"].clone();
        let no = format!("S{}", w.between(300_000_000, 399_999_999));
        if w.chance(0.15) {
            w.log(who, warn("", "geocoding failed, depot by postcode").kv("order_id", order.clone()).kv("err", "geocoder: 502 Bad Gateway"));
        }
        let (depot, now) = (w.pick(&["CPH", "AAR", "ODE"]), sql(w.now));
        w.insert("shipping.shipments", &json!({"shipment_no": no, "order_id": order, "depot": depot, "created_at": now}));
        w.log(who, info("", "shipment created").kv("shipment", no.clone()).kv("order_id", order.clone()));
        let mut recipient = json!({"name": format!("Customer {}", msg.text("customer")), "country": msg.json["country"], "kind": msg.json["delivery"]});
        if msg.text("delivery") == "SHOP" && msg.ts < at("2026-05-20T08:30:00Z") {
            recipient["pickupPoint"] = json!({"code": format!("PP{}", 100 + msg.offset % 800), "street": "Havnegade 4"});
        }
        w.produce("shipment.created", Some(&no), &[], &json!({"shipmentNo": no, "depot": depot, "recipient": recipient, "createdAt": iso(w.now)}));
        if recipient["kind"] == "SHOP" && recipient.get("pickupPoint").is_none() {
            w.blame(&msg.text("orderId"), 0);
        }
        Next::Ack
    });
    w.consume("label-printer", "shipment.created", "label-printer", print_label);
    w.consume("tracking", "label.ready", "tracking", |w, _, msg, _| {
        let (label, shipment, wait) =
            (msg.text("label"), msg.text("shipment"), w.between(5 * 60_000, 40 * 60_000));
        w.after(wait, move |w| {
            let (id, now, who) = (w.next("scan", 15_004), sql(w.now), w.worker("tracking", 0, ""));
            w.insert(
                "tracking.scans",
                &json!({"scan_id": id, "label": label, "place": "DEPOT", "scanned_at": now}),
            );
            w.log(
                &who,
                info("Tracking.Scan", "Label {Label} scanned at {Place}")
                    .kv("Label", label.clone())
                    .kv("Place", "DEPOT"),
            );
            w.produce(
                "parcel.scanned",
                Some(&label),
                &[],
                &json!({"label": label, "shipmentNo": shipment, "at": iso(w.now)}),
            );
        });
        Next::Ack
    });
    w.consume("shop", "parcel.scanned", "shop", |w, who, msg, _| {
        let order = w.get("shipping.shipments", &msg.text("shipmentNo"), "order_id");
        let now = sql(w.now);
        w.set(ORDERS, &order, &json!({"status": "SHIPPED", "status_at": now}));
        w.log(
            who,
            info(
                "dk.nordwind.shop.ScanListener",
                format!("Order {order} is on its way, shipment {}", msg.text("shipmentNo")),
            ),
        );
        let wait = w.between(HOUR, 3 * HOUR);
        w.after(wait, move |w| {
            let (now, who) = (sql(w.now), w.web("shop"));
            w.set(ORDERS, &order, &json!({"status": "DELIVERED", "status_at": now}));
            w.log(&who, info("dk.nordwind.shop.DeliveryController", format!("Order {order} delivered")));
        });
        Next::Ack
    });
    w.arrivals(w.start, w.end, 46_000, |w, _| {
        let id = w.next("order", 271_830);
        let (customer, country, delivery) = (w.between(5000, 9999), w.pick(&["DK", "SE", "DE"]), w.pick(&["HOME", "HOME", "HOME", "HOME", "SHOP"]));
        let (who, now) = (w.web("shop"), sql(w.now));
        w.insert(ORDERS, &json!({"id": id, "customer": customer, "country": country, "status": "IN_FULFILMENT", "confirmed_at": now, "status_at": now}));
        w.log(&who, info("dk.nordwind.shop.OrderService", format!("Order {id} confirmed for customer {customer}")));
        w.spend(3, 20);
        w.produce("order.confirmed", Some(&id.to_string()), &[], &json!({"orderId": id, "customer": customer, "country": country, "delivery": delivery}));
    });
}

fn print_label(w: &mut World, who: &Who, msg: &Msg, _: u32) -> Next {
    w.spend(10, 60);
    let recipient = &msg.json["recipient"];
    if recipient["kind"] == "SHOP" && recipient.get("pickupPoint").is_none() {
        let throws = w.line("label-printer", "format.ts", "recipient.pickupPoint");
        let calls = w.line("label-printer", "consumer.ts", "formatLabel(");
        let exc = js_exc(
            "TypeError",
            "Cannot read properties of undefined (reading 'street')",
            &[
                &format!("formatLabel (/app/src/format.ts:{throws}:48)"),
                &format!("LabelConsumer.onShipment (/app/src/consumer.ts:{calls}:21)"),
            ],
        );
        let mut line: Line = error("kafkajs", "");
        line.raw = Some(json!({"level": "ERROR", "timestamp": iso(w.now), "logger": "kafkajs", "message": "[Runner] Error when calling eachMessage",
            "topic": msg.topic, "partition": msg.partition, "offset": msg.offset.to_string(), "stack": exc.text,
            "error": "Cannot read properties of undefined (reading 'street')"}).to_string());
        w.log(who, line);
        return Next::Ack;
    }
    let (label, shipment) = (format!("ND{:012}", w.between(0, 999_999_999_999)), msg.text("shipmentNo"));
    w.log(who, info("labels", "label printed").kv("shipment", shipment.clone()).kv("label", label.clone()));
    w.produce(
        "label.ready",
        Some(&shipment),
        &[],
        &json!({"shipment": shipment, "label": label, "at": iso(w.now)}),
    );
    Next::Ack
}
