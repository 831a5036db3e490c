//! Deadlocks in a SQL Server: most are over after a retry, the stuck are those whose three attempts were all victims.

use serde_json::json;

use super::Reply;
use crate::kafka::{Msg, Next};
use crate::log::{Exc, Fmt, Who, Zip, dotnet_exc, error, info, warn};
use crate::time::{at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

pub fn build(w: &mut World) {
    w.span("2026-11-27T08:00:00Z", "2026-11-27T14:00:00Z");
    w.question(
        "toolhaus",
        Entity {
            name: "order",
            table: "webshop.orders",
            key: "order_no",
            state: "status",
            stuck: "PAID",
            minutes: 30,
            done: &["RESERVED", "SHIPPED"],
        },
    );
    w.service("webshop", Fmt::Serilog, 2, &["webshop"])
        .zone("Europe/Zurich")
        .rotate(&["2026-11-27T13:00:00Z"], Zip::Gz);
    w.service("stock", Fmt::Clef, 2, &["stock"]).rotate(&["2026-11-27T13:30:00Z"], Zip::Gz).skew(320);
    w.topic("shop-orders-paid", 4, Zip::Gz);
    w.topic("stock-reserved", 4, Zip::Gz);
    w.table(
        "webshop.orders",
        &[
            "order_no INTEGER PRIMARY KEY",
            "customer INTEGER NOT NULL",
            "status TEXT NOT NULL",
            "paid_at TEXT NOT NULL",
            "changed_at TEXT NOT NULL",
        ],
    );
    w.table(
        "stock.reservations",
        &[
            "reservation_id TEXT PRIMARY KEY",
            "order_no INTEGER NOT NULL",
            "bin TEXT NOT NULL",
            "reserved_at TEXT NOT NULL",
        ],
    );
    let code = w.spot("stock", "ReservationStore.cs", "ExecuteAsync(");
    w.cause("lock_contention", "stock", "shop-orders-paid -> stock.reservations").code(code);
    w.expect(
        "confirmed",
        &[],
        "From 10:00 to 12:30 a stock-taking job in the stock service holds locks in the opposite order, and reservations become deadlock victims (SQL Server error 1205). \
         A reservation is tried three times; most get through on the second attempt, those that lose all three are given up with an error and skipped. \
         The warnings of the first attempts hit reserved and stuck orders alike; only the final error splits them.",
    );
    w.noise("webshop", 45);
    w.noise("stock", 45);
    w.consume("stock-service", "shop-orders-paid", "stock", reserve);
    w.reply(Reply {
        group: "webshop",
        topic: "stock-reserved",
        service: "webshop",
        field: "orderNo",
        from: "PAID",
        to: "RESERVED",
        stamp: "changed_at",
        line: |id, msg| {
            info("Webshop.StockEvents", "Order {OrderNo} reserved in bin {Bin}")
                .kv("OrderNo", id)
                .kv("Bin", msg.text("bin"))
        },
    });
    w.every(at("2026-11-27T10:00:00Z"), 1_800_000, 60_000, |w| {
        if w.now < at("2026-11-27T12:30:00Z") {
            let who = w.worker("stock", 1, "");
            w.log(
                &who,
                info("Stock.Jobs.StockTaking", "Stock-taking of aisle {Aisle} started")
                    .kv("Aisle", (w.now / 1_800_000) % 40),
            );
        }
    });
    w.arrivals(w.start, w.end, 41_000, |w, _| {
        let no = w.next("order", 920_440);
        let (customer, who, now) = (w.between(1000, 9999), w.web("webshop"), sql(w.now));
        w.insert("webshop.orders", &json!({"order_no": no, "customer": customer, "status": "PAID", "paid_at": now, "changed_at": now}));
        w.log(&who, info("Webshop.Payments", "Payment for order {OrderNo} received from customer {Customer}").kv("OrderNo", no).kv("Customer", customer));
        w.spend(5, 30);
        let sku = format!("TH{}", w.between(10_000, 10_400));
        w.produce("shop-orders-paid", Some(&no.to_string()), &[], &json!({"orderNo": no, "customer": customer, "sku": sku, "paidAt": iso(w.now)}));
    });
}

fn reserve(w: &mut World, who: &Who, msg: &Msg, _: u32) -> Next {
    let no = msg.text("orderNo");
    let number = msg.json["orderNo"].clone();
    w.spend(5, 20);
    let taking = (at("2026-11-27T10:00:00Z")..at("2026-11-27T12:30:00Z")).contains(&w.now);
    for attempt in 1..=3 {
        if !taking || !w.chance(if attempt == 1 { 0.55 } else { 0.74 }) {
            let (id, bin, now) =
                (w.uuid(), format!("{}-{:02}", w.pick(&["A", "B", "C"]), w.between(1, 60)), sql(w.now));
            w.insert(
                "stock.reservations",
                &json!({"reservation_id": id, "order_no": number, "bin": bin, "reserved_at": now}),
            );
            w.log(
                who,
                info("Stock.ReservationService", "Reserved {Bin} for order {OrderNo}")
                    .kv("Bin", bin.clone())
                    .kv("OrderNo", number.clone()),
            );
            w.produce(
                "stock-reserved",
                Some(&no),
                &[],
                &json!({"orderNo": number, "reservation": id, "bin": bin, "at": iso(w.now)}),
            );
            return Next::Ack;
        }
        w.spend(800, 2500);
        let exc = victim(w);
        if attempt < 3 {
            w.log(
                who,
                warn(
                    "Stock.ReservationService",
                    "Reservation for order {OrderNo} failed, attempt {Attempt} of 3",
                )
                .kv("OrderNo", number.clone())
                .kv("Attempt", attempt)
                .exc(exc),
            );
        } else {
            w.log(
                who,
                error("Stock.ReservationService", "Reservation for order {OrderNo} given up")
                    .kv("OrderNo", number.clone())
                    .exc(exc),
            );
            w.blame(&no, 0);
        }
    }
    Next::Ack
}

fn victim(w: &mut World) -> Exc {
    let process = w.between(51, 120);
    let line = w.line("stock", "ReservationStore.cs", "ExecuteAsync(");
    let service = w.line("stock", "ReservationService.cs", "store.ReserveAsync(");
    dotnet_exc(&[(
        "Microsoft.Data.SqlClient.SqlException (0x80131904)",
        &format!(
            "Transaction (Process ID {process}) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction."
        ),
        &[
            "Microsoft.Data.SqlClient.SqlCommand.<>c.<ExecuteDbDataReaderAsync>b__211_0(Task`1 result)",
            "System.Threading.Tasks.ContinuationResultTaskFromResultTask`2.InnerInvoke()",
            &format!(
                "Stock.ReservationStore.ReserveAsync(Int64 orderNo, String sku) in /src/Stock/ReservationStore.cs:line {line}"
            ),
            &format!(
                "Stock.ReservationService.HandleAsync(OrderPaid evt) in /src/Stock/ReservationService.cs:line {service}\nClientConnectionId:8a1c7e52-0d3e-4d0c-a0a5-7b2f3c1d9e10\nError Number:1205,State:51,Class:13"
            ),
        ],
    )])
}
