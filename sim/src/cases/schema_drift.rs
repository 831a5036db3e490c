//! Two versions of the producer side by side: the canary writes a renamed field, and the strict decoder of the next
//! service turns its records away at WARN, naming only where they lie.

use serde_json::json;

use super::Reply;
use crate::kafka::Next;
use crate::log::{Fmt, Zip, error, go_exc, info, java_exc, warn};
use crate::time::{MINUTE, at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

pub fn build(w: &mut World) {
    w.span("2026-04-14T08:00:00Z", "2026-04-14T12:00:00Z");
    w.question(
        "paystream",
        Entity {
            name: "payment",
            table: "gateway.payments",
            key: "payment_id",
            state: "status",
            stuck: "CAPTURED",
            minutes: 15,
            done: &["BOOKED"],
        },
    );
    w.service("gateway", Fmt::Ecs, 4, &["gateway"]).rotate(&["2026-04-14T11:40:00Z"], Zip::Zst).zip(Zip::Zst);
    w.service("ledger", Fmt::SlogText, 2, &["ledger"]).skew(-640);
    w.topic("payment.captured", 6, Zip::Gz);
    w.topic("ledger.booked", 6, Zip::Gz);
    w.table(
        "gateway.payments",
        &[
            "payment_id TEXT PRIMARY KEY",
            "merchant INTEGER NOT NULL",
            "amount_minor INTEGER NOT NULL",
            "currency TEXT NOT NULL",
            "status TEXT NOT NULL",
            "captured_at TEXT NOT NULL",
            "booked_at TEXT",
        ],
    );
    w.table(
        "ledger.entries",
        &[
            "entry_id INTEGER PRIMARY KEY",
            "payment_id TEXT NOT NULL UNIQUE",
            "account TEXT NOT NULL",
            "amount INTEGER NOT NULL",
            "booked_at TEXT NOT NULL",
        ],
    );
    let code = w.spot("ledger", "booking.go", "dec.Decode");
    w.cause("schema_mismatch", "ledger", "payment.captured -> ledger.entries").origin("gateway").code(code);
    w.expect(
        "confirmed",
        &[("dependency_error", "gateway")],
        "At 10:05 one of gateway's four instances got the canary 4.2.0, whose records call the amount amountMinor instead of amount_minor. \
         ledger decodes strictly, warns of an unknown field with partition and offset only, commits and goes on, so exactly the canary's payments are never booked. \
         The risk service's time-outs in gateway hit booked payments alike, on all instances.",
    );
    w.noise("gateway", 60);
    w.noise("ledger", 45);
    for pod in 0..4 {
        w.at(w.start + 700 + 300 * pod as i64, move |w| {
            w.boot_lines("gateway", pod, "4.1.7", "io.paystream.gateway.GatewayApplication");
        });
    }
    w.at(at("2026-04-14T10:05:00Z"), |w| {
        w.boot_lines("gateway", 2, "4.2.0", "io.paystream.gateway.GatewayApplication");
    });
    w.consume("ledger-booking", "payment.captured", "ledger", |w, who, msg, _| {
        let id = msg.text("payment_id");
        w.spend(1, 5);
        if msg.json["amountMinor"].is_number() {
            w.log(who, warn("", "event rejected").kv("topic", msg.topic).kv("partition", msg.partition).kv("offset", msg.offset)
                .exc(go_exc("booking: decode payment.captured: json: unknown field \"amountMinor\"")));
            w.blame(&id, 0);
            return Next::Ack;
        }
        if w.chance(0.07) {
            w.log(who, warn("", "transaction retried").kv("payment_id", id.clone()).kv("attempt", 1)
                .exc(go_exc("booking: insert entry: ERROR: could not serialize access due to concurrent update (SQLSTATE 40001)")));
            w.spend(30, 90);
        }
        let (entry, account, now) = (w.next("entry", 5_500_300), format!("M{}", msg.text("merchant")), sql(w.now));
        w.insert("ledger.entries", &json!({"entry_id": entry, "payment_id": id, "account": account, "amount": msg.json["amount_minor"], "booked_at": now}));
        w.spend(1, 5);
        w.produce("ledger.booked", Some(&id), &[], &json!({"payment_id": id, "entry": entry, "at": iso(w.now)}));
        w.log(who, info("", "payment booked").kv("payment_id", id).kv("entry", entry));
        Next::Ack
    });
    w.reply(Reply {
        group: "gateway",
        topic: "ledger.booked",
        service: "gateway",
        field: "payment_id",
        from: "CAPTURED",
        to: "BOOKED",
        stamp: "booked_at",
        line: |id, _| {
            info("io.paystream.gateway.BookedListener", format!("Payment {id} booked")).kv("payment.id", id)
        },
    });
    w.arrivals(w.start, w.end, 29_000, |w, _| capture(w));
}

fn capture(w: &mut World) {
    let (id, merchant, amount) = (w.uuid(), w.between(3000, 3050), w.between(199, 250_000));
    let (currency, who, now) = (w.pick(&["EUR", "EUR", "GBP", "SEK"]), w.web("gateway"), sql(w.now));
    w.insert(
        "gateway.payments",
        &json!({"payment_id": id, "merchant": merchant, "amount_minor": amount, "currency": currency,
        "status": "CAPTURED", "captured_at": now}),
    );
    let canary = who.pod == 2 && w.now > at("2026-04-14T10:05:00Z") + MINUTE;
    let trace = w.hex(32);
    let who = who.mdc("trace.id", trace.clone());
    w.log(
        &who,
        info(
            "io.paystream.gateway.CaptureController",
            format!("Captured {amount} {currency} for merchant {merchant}"),
        )
        .kv("payment.id", id.clone()),
    );
    if w.chance(0.12) {
        let exc = java_exc(
            false,
            &[(
                "java.net.http.HttpTimeoutException",
                "request timed out",
                &["io.paystream.gateway.RiskClient.score(RiskClient.java:44)"],
            )],
        );
        let message = "Risk service timed out, default score used";
        w.log(&who, error("io.paystream.gateway.RiskClient", message).kv("payment.id", id.clone()).exc(exc));
    }
    w.spend(3, 15);
    let mut payload = json!({"payment_id": id, "merchant": merchant, "amount_minor": amount, "currency": currency, "captured_at": iso(w.now)});
    if canary {
        payload = json!({"payment_id": id, "merchant": merchant, "amountMinor": amount, "currency": currency, "captured_at": iso(w.now)});
    }
    let span = w.hex(16);
    w.produce("payment.captured", Some(&id), &[("traceparent", format!("00-{trace}-{span}-01"))], &payload);
}
