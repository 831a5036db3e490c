//! A reply that was never published, confessed at INFO and under a second id: the transfer's number, which only the
//! bank connector's row ties to the payout.

use serde_json::json;

use super::Reply;
use crate::kafka::Next;
use crate::log::{Fmt, Zip, error, info, java_exc};
use crate::time::{at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

pub fn build(w: &mut World) {
    w.span("2026-02-24T07:00:00Z", "2026-02-24T12:00:00Z");
    w.question(
        "paywise",
        Entity {
            name: "payout",
            table: "payouts.payouts",
            key: "id",
            state: "state",
            stuck: "SENT",
            minutes: 25,
            done: &["SETTLED"],
        },
    );
    w.service("payouts", Fmt::Pino, 2, &["payouts"]).zip(Zip::Gz);
    w.service("bank-connector", Fmt::Boot, 2, &["bank"]).rotate(&["2026-02-24T11:20:00Z"], Zip::Gz).skew(260);
    w.topic("payouts.requested", 3, Zip::Gz);
    w.topic("transfers.booked", 3, Zip::Gz);
    w.table(
        "payouts.payouts",
        &[
            "id TEXT PRIMARY KEY",
            "merchant TEXT NOT NULL",
            "cents INTEGER NOT NULL",
            "state TEXT NOT NULL",
            "sent_at TEXT NOT NULL",
            "settled_at TEXT",
        ],
    );
    w.table(
        "bank.transfers",
        &[
            "transfer_no INTEGER PRIMARY KEY",
            "payout_ref TEXT NOT NULL UNIQUE",
            "iban TEXT NOT NULL",
            "status TEXT NOT NULL",
            "booked_at TEXT",
        ],
    );
    let code = w.spot("bank-connector", "BookedNotifier.java", "log.info(");
    w.cause("reply_not_published", "bank-connector", "bank.transfers -> transfers.booked").code(code);
    w.expect(
        "confirmed",
        &[("dependency_error", "payouts")],
        "bank-connector books the transfer and then tells payouts about it; between 09:30 and 11:00 the broker did not take \
         the record in time, the exception was swallowed into an INFO line that names the transfer's number, and nothing tries again. \
         The webhook errors payouts logs loudly concern a merchant's endpoint and hit settled payouts alike.",
    );
    w.noise("payouts", 45);
    w.noise("bank-connector", 45);
    w.consume("bank-connector", "payouts.requested", "bank-connector", |w, who, msg, _| {
        let payout = msg.text("payoutId");
        w.spend(30, 120);
        let (no, iban) = (w.next("transfer", 3_308_812), format!("DE{}", w.between(10_000_000_000_000_000, 99_000_000_000_000_000)));
        let now = sql(w.now);
        w.insert("bank.transfers", &json!({"transfer_no": no, "payout_ref": payout, "iban": iban, "status": "PENDING"}));
        w.log(who, info("com.paywise.bank.TransferService", format!("transfer {no} opened for payout {payout}")));
        let wait = w.between(4000, 40_000);
        let pod = who.pod;
        w.after(wait, move |w| {
            w.set("bank.transfers", &no.to_string(), &json!({"status": "BOOKED", "booked_at": now}));
            let who = w.worker("bank-connector", pod, "ebics-poll-1");
            w.log(&who, info("com.paywise.bank.StatementPoller", format!("transfer {no} booked by bank")));
            let bad = (at("2026-02-24T09:30:00Z")..at("2026-02-24T11:00:00Z")).contains(&w.now);
            if bad && w.chance(0.55) {
                w.blame(&payout, 0);
                w.spend(120_000, 120_400);
                w.log(&who, info("com.paywise.bank.BookedNotifier", format!("notification for transfer {no} postponed: org.apache.kafka.common.errors.TimeoutException: Expiring 1 record(s) for transfers.booked-{}:120000 ms has passed since batch creation", no % 3)));
                return;
            }
            w.produce("transfers.booked", Some(&no.to_string()), &[], &json!({"transferNo": no, "payoutId": payout, "bookedAt": iso(w.now)}));
        });
        Next::Ack
    });
    w.reply(Reply {
        group: "payouts",
        topic: "transfers.booked",
        service: "payouts",
        field: "payoutId",
        from: "SENT",
        to: "SETTLED",
        stamp: "settled_at",
        line: |id, msg| {
            info("settle", "payout settled")
                .kv("payoutId", id)
                .kv("transferNo", msg.json["transferNo"].clone())
        },
    });
    w.arrivals(w.start, w.end, 42_000, |w, number| {
        let id = w.ulid();
        let (merchant, cents, who, now) = (
            w.pick(&["m_hof", "m_lindt", "m_oak", "m_rex"]),
            w.between(900, 900_000),
            w.web("payouts"),
            sql(w.now),
        );
        w.insert(
            "payouts.payouts",
            &json!({"id": id, "merchant": merchant, "cents": cents, "state": "SENT", "sent_at": now}),
        );
        w.log(
            &who,
            info("payouts", "payout sent to bank").kv("payoutId", id.clone()).kv("merchant", merchant),
        );
        w.spend(4, 20);
        w.produce(
            "payouts.requested",
            Some(&id),
            &[],
            &json!({"payoutId": id, "merchant": merchant, "cents": cents}),
        );
        if number % 6 == 1 {
            w.after(1500, move |w| {
                let who = w.web("payouts");
                let exc = crate::log::js_exc(
                    "AxiosError",
                    "Request failed with status code 500",
                    &[
                        "settle (/app/node_modules/axios/lib/core/settle.js:19:12)",
                        "async notifyMerchant (/app/src/webhook.ts:31:7)",
                    ],
                );
                w.log(
                    &who,
                    error("webhook", "merchant webhook failed")
                        .kv("payoutId", id)
                        .kv("merchant", merchant)
                        .exc(exc),
                );
            });
        }
    });
    w.at(at("2026-02-24T09:29:40Z"), |w| {
        let who = w.worker("bank-connector", 1, "main");
        let exc = java_exc(
            false,
            &[(
                "java.io.IOException",
                "Broken pipe",
                &["java.base/sun.nio.ch.SocketDispatcher.write(SocketDispatcher.java:62)"],
            )],
        );
        w.log(
            &who,
            crate::log::warn("com.paywise.bank.EbicsClient", "connection to bank lost, reconnecting")
                .exc(exc),
        );
    });
}
