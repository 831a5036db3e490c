//! Final states that are neither stuck nor done: customers cancelled some of the orders the cause had hit, and a clerk
//! repaired others by hand.

use serde_json::json;

use super::Reply;
use crate::kafka::{Msg, Next};
use crate::log::{Fmt, Who, Zip, error, info, js_exc, warn};
use crate::time::{HOUR, MINUTE, at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

const ORDERS: &str = "market.orders";

pub fn build(w: &mut World) {
    w.span("2026-04-07T06:00:00Z", "2026-04-07T14:00:00Z");
    w.question(
        "gartenmarkt",
        Entity {
            name: "order",
            table: ORDERS,
            key: "order_uid",
            state: "status",
            stuck: "RELEASED",
            minutes: 40,
            done: &["ALLOCATED", "SHIPPED"],
        },
    );
    w.service("market", Fmt::Serilog, 2, &["market"]).zone("Europe/Berlin").zip(Zip::Gz);
    w.service("wms", Fmt::Pino, 2, &["wms"]).rotate(&["2026-04-07T13:30:00Z"], Zip::Gz).skew(-500);
    w.topic("orders-released", 4, Zip::Gz);
    w.topic("stock-allocated", 4, Zip::Gz);
    w.table(
        ORDERS,
        &[
            "order_uid TEXT PRIMARY KEY",
            "sku TEXT NOT NULL",
            "status TEXT NOT NULL",
            "released_at TEXT NOT NULL",
            "updated_at TEXT NOT NULL",
        ],
    );
    w.table(
        "wms.allocations",
        &[
            "allocation INTEGER PRIMARY KEY",
            "order_uid TEXT NOT NULL UNIQUE",
            "sku TEXT NOT NULL",
            "operator TEXT NOT NULL",
            "allocated_at TEXT NOT NULL",
        ],
    );
    let code = w.spot("wms", "allocate.ts", "INSERT INTO allocations");
    w.cause("constraint_violation", "wms", "orders-released -> wms.allocations").code(code);
    w.expect(
        "confirmed",
        &[("dependency_error", "market")],
        "The spring assortment went live at 08:45 in the shop, but its articles are missing in wms' table of articles, so the INSERT of an allocation violates the foreign key fk_alloc_article (MySQL 1452). \
         Some of the orders hit were cancelled by customers meanwhile, some were allocated by a clerk by hand after the article had been added; both carry the same error and are not stuck. \
         The newsletter service's errors in market hit shipped orders alike.",
    );
    w.noise("market", 55);
    w.noise("wms", 50);
    w.consume("wms", "orders-released", "wms", allocate);
    w.reply(Reply {
        group: "market",
        topic: "stock-allocated",
        service: "market",
        field: "orderUid",
        from: "RELEASED",
        to: "ALLOCATED",
        stamp: "updated_at",
        line: |id, _| info("Market.Stock", "Order {OrderUid} allocated").kv("OrderUid", id),
    });
    w.arrivals(w.start, w.end, 58_000, |w, _| release(w));
}

fn release(w: &mut World) {
    let uid = w.ulid().to_lowercase();
    let spring = w.now > at("2026-04-07T08:45:00Z") && w.chance(0.27);
    let sku =
        if spring { format!("26F-{}", w.between(10, 18)) } else { format!("STD-{}", w.between(100, 180)) };
    let (who, now) = (w.web("market"), sql(w.now));
    w.insert(
        ORDERS,
        &json!({"order_uid": uid, "sku": sku, "status": "RELEASED", "released_at": now, "updated_at": now}),
    );
    w.log(&who, info("Market.Orders", "Order {OrderUid} released").kv("OrderUid", uid.clone()));
    if w.chance(0.13) {
        w.log(&who, error("Market.Newsletter", "Subscription for order {OrderUid} failed").kv("OrderUid", uid.clone()).exc(crate::log::dotnet_exc(&[
            ("System.Net.Http.HttpRequestException", "Response status code does not indicate success: 502 (Bad Gateway).", &["Market.NewsletterClient.Subscribe(String mail) in /src/Market/NewsletterClient.cs:line 22"]),
        ])));
    }
    w.spend(3, 20);
    w.produce(
        "orders-released",
        Some(&uid),
        &[],
        &json!({"orderUid": uid, "sku": sku, "qty": qty(&uid), "releasedAt": iso(w.now)}),
    );
    let (fate, wait) = (w.between(0, 99), w.between(30 * MINUTE, 3 * HOUR));
    w.after(wait, move |w| {
        let status = w.get(ORDERS, &uid, "status");
        let (who, now) = (w.web("market"), sql(w.now));
        if status == "ALLOCATED" && fate < 70 {
            w.set(ORDERS, &uid, &json!({"status": "SHIPPED", "updated_at": now}));
            w.log(&who, info("Market.Orders", "Order {OrderUid} shipped").kv("OrderUid", uid.clone()));
        } else if fate < 12 {
            w.set(ORDERS, &uid, &json!({"status": "CANCELLED", "updated_at": now}));
            w.log(
                &who,
                warn("Market.Orders", "Order {OrderUid} cancelled by customer").kv("OrderUid", uid.clone()),
            );
        } else if status == "RELEASED" && fate < 28 {
            by_hand(w, &uid);
        }
    });
}

fn qty(uid: &str) -> i64 {
    uid.bytes().map(i64::from).sum::<i64>() % 4 + 1
}

fn by_hand(w: &mut World, uid: &str) {
    let who = w.web("wms");
    let (allocation, sku, now) = (w.next("allocation", 301_500), w.get(ORDERS, uid, "sku"), sql(w.now));
    w.insert("wms.allocations", &json!({"allocation": allocation, "order_uid": uid, "sku": sku, "operator": "k.brandt", "allocated_at": now}));
    w.log(&who, info("desk", "allocated by hand").kv("orderUid", uid).kv("operator", "k.brandt"));
    w.absolve(uid);
    w.produce(
        "stock-allocated",
        Some(uid),
        &[],
        &json!({"orderUid": uid, "allocation": allocation, "at": iso(w.now)}),
    );
}

fn allocate(w: &mut World, who: &Who, msg: &Msg, _: u32) -> Next {
    let (uid, sku) = (msg.text("orderUid"), msg.text("sku"));
    w.spend(5, 40);
    if sku.starts_with("26F-") {
        let line = w.line("wms", "allocate.ts", "this.db.execute(");
        let exc = js_exc(
            "Error",
            "Cannot add or update a child row: a foreign key constraint fails (`wms`.`allocations`, CONSTRAINT `fk_alloc_article` FOREIGN KEY (`sku`) REFERENCES `articles` (`sku`))",
            &[
                "PromisePool.execute (/app/node_modules/mysql2/lib/promise/pool.js:54:22)",
                &format!("Allocator.onReleased (/app/src/allocate.ts:{line}:21)"),
            ],
        );
        w.log(
            who,
            error("allocate", "allocation failed")
                .kv("orderUid", uid.clone())
                .kv("code", "ER_NO_REFERENCED_ROW_2")
                .kv("errno", 1452)
                .kv("sqlState", "23000")
                .exc(exc),
        );
        w.blame(&uid, 0);
        return Next::Ack;
    }
    let (allocation, now) = (w.next("allocation", 301_500), sql(w.now));
    w.insert("wms.allocations", &json!({"allocation": allocation, "order_uid": uid, "sku": sku, "operator": "auto", "allocated_at": now}));
    w.log(who, info("allocate", "allocated").kv("orderUid", uid.clone()).kv("allocation", allocation));
    w.produce(
        "stock-allocated",
        Some(&uid),
        &[],
        &json!({"orderUid": uid, "allocation": allocation, "at": iso(w.now)}),
    );
    Next::Ack
}
