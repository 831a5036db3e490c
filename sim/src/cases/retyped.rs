//! A field that changes its type: the consumer takes no notice of records whose amount is text, logs nothing, and its
//! sources are not at hand. Only what the stuck share and the completed lack is left to go by.

use serde_json::json;

use super::Reply;
use crate::kafka::Next;
use crate::log::{Fmt, Zip, error, go_exc, info, warn};
use crate::time::{HOUR, at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

pub fn build(w: &mut World) {
    w.span("2026-09-01T06:00:00Z", "2026-09-01T12:00:00Z");
    w.question(
        "kassandra",
        Entity {
            name: "invoice",
            table: "billing.invoices",
            key: "invoice_no",
            state: "status",
            stuck: "ISSUED",
            minutes: 45,
            done: &["DUNNED", "PAID"],
        },
    );
    w.service("billing", Fmt::SlogText, 3, &["billing"]).zip(Zip::Gz).skew(40);
    w.service("collector", Fmt::Clef, 2, &["collect"]).zip(Zip::Gz).skew(-220);
    w.topic("invoice.issued", 4, Zip::Gz);
    w.topic("collection.opened", 4, Zip::Gz);
    w.table(
        "billing.invoices",
        &[
            "invoice_no TEXT PRIMARY KEY",
            "account INTEGER NOT NULL",
            "cents INTEGER NOT NULL",
            "status TEXT NOT NULL",
            "issued_at TEXT NOT NULL",
            "status_at TEXT NOT NULL",
        ],
    );
    w.table(
        "collect.files",
        &["file_no INTEGER PRIMARY KEY", "invoice_no TEXT NOT NULL UNIQUE", "opened_at TEXT NOT NULL"],
    );
    w.cause("schema_mismatch", "collector", "invoice.issued -> collect.files").origin("billing");
    w.expect(
        "likely",
        &[("dependency_error", "billing")],
        "Since 08:40 one of billing's three instances runs 2.3.0, whose records carry the amount as text ('129.90') instead of a number. \
         collector consumes and commits them without a line and opens no file. Every stuck invoice's record has the amount as text, no completed one's has; \
         collector's sources are not at hand, so this stays likely. The print service's failures in billing hit completed invoices alike.",
    );
    w.noise("billing", 45);
    w.noise("collector", 50);
    w.at(at("2026-09-01T08:40:00Z"), |w| {
        let who = w.worker("billing", 1, "");
        w.log(&who, info("", "shutting down").kv("signal", "terminated"));
        w.spend(1500, 4000);
        w.log(&who, info("", "starting").kv("version", "2.3.0").kv("go", "go1.24.6"));
    });
    w.consume("collector", "invoice.issued", "collector", |w, who, msg, _| {
        let invoice = msg.text("invoiceNo");
        w.spend(3, 25);
        if msg.json["amount"].is_string() {
            w.blame(&invoice, 0);
            return Next::Ack;
        }
        if w.chance(0.05) {
            let line = warn("Collector.Files", "Address of account {Account} is incomplete");
            w.log(who, line.kv("Account", msg.json["account"].clone()));
        }
        let (file, now) = (w.next("file", 44_010), sql(w.now));
        w.insert("collect.files", &json!({"file_no": file, "invoice_no": invoice, "opened_at": now}));
        let line = info("Collector.Files", "File {FileNo} opened for invoice {InvoiceNo}");
        w.log(who, line.kv("FileNo", file).kv("InvoiceNo", invoice.clone()));
        w.produce(
            "collection.opened",
            Some(&invoice),
            &[],
            &json!({"invoiceNo": invoice, "fileNo": file, "at": iso(w.now)}),
        );
        Next::Ack
    });
    w.reply(Reply {
        group: "billing",
        topic: "collection.opened",
        service: "billing",
        field: "invoiceNo",
        from: "ISSUED",
        to: "DUNNED",
        stamp: "status_at",
        line: |id, msg| {
            info("", "invoice in collection").kv("invoice", id).kv("file", msg.json["fileNo"].clone())
        },
    });
    w.arrivals(w.start, w.end, 45_000, |w, _| issue(w));
}

fn issue(w: &mut World) {
    let invoice = format!("INV-{:06}", w.next("invoice", 93_377));
    let (account, cents, who, now) =
        (w.between(10_000, 99_999), w.between(900, 89_000), w.web("billing"), sql(w.now));
    w.insert(
        "billing.invoices",
        &json!({"invoice_no": invoice, "account": account, "cents": cents, "status": "ISSUED", "issued_at": now, "status_at": now}),
    );
    w.log(&who, info("", "invoice issued").kv("invoice", invoice.clone()).kv("account", account));
    if w.chance(0.13) {
        let failure = go_exc(
            "print: Post \"http://print:8080/jobs\": dial tcp 10.2.0.18:8080: connect: connection refused",
        );
        w.log(&who, error("", "paper copy not ordered").kv("invoice", invoice.clone()).exc(failure));
    }
    w.spend(2, 15);
    let amount = cents as f64 / 100.0;
    let newer = who.pod == 1 && w.now > at("2026-09-01T08:40:00Z");
    let amount = if newer { json!(format!("{amount:.2}")) } else { json!(amount) };
    let payload = json!({"invoiceNo": invoice, "account": account, "amount": amount, "currency": "EUR", "issuedAt": iso(w.now)});
    w.produce("invoice.issued", Some(&invoice), &[("content-type", "application/json".to_owned())], &payload);
    if w.chance(0.3) {
        let wait = w.between(HOUR, 3 * HOUR);
        w.after(wait, move |w| {
            if w.get("billing.invoices", &invoice, "status") == "DUNNED" {
                let (who, now) = (w.web("billing"), sql(w.now));
                w.set("billing.invoices", &invoice, &json!({"status": "PAID", "status_at": now}));
                w.log(&who, info("", "invoice paid").kv("invoice", invoice.clone()));
            }
        });
    }
}
