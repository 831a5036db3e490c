//! Entities older than what logs and topics still hold, beside recent ones with a plain cause. The old ones cannot be
//! explained, and "not in the topic" says nothing about them.

use serde_json::json;

use super::Reply;
use crate::kafka::{Msg, Next};
use crate::log::{Fmt, Who, Zip, error, info, js_exc, warn};
use crate::time::{DAY, HOUR, at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

const KEPT: &str = "2026-10-20T00:00:00Z";

pub fn build(w: &mut World) {
    w.span("2026-10-14T06:00:00Z", "2026-10-21T09:00:00Z");
    w.question(
        "lernhaus",
        Entity {
            name: "enrolment",
            table: "campus.enrolments",
            key: "enrolment_no",
            state: "status",
            stuck: "PAID",
            minutes: 120,
            done: &["PROVISIONED"],
        },
    );
    w.service("campus", Fmt::Ecs, 1, &["campus"]).retain(KEPT).rotate(&["2026-10-21T00:00:00Z"], Zip::Gz);
    w.service("accounts", Fmt::Pino, 2, &["accounts"])
        .retain(KEPT)
        .rotate(&["2026-10-21T00:00:00Z"], Zip::Gz)
        .skew(70);
    w.topic("enrolment.paid", 3, Zip::Gz);
    w.topic("account.created", 3, Zip::Gz);
    w.retain_topic("enrolment.paid", at(KEPT));
    w.retain_topic("account.created", at(KEPT));
    w.table(
        "campus.enrolments",
        &[
            "enrolment_no TEXT PRIMARY KEY",
            "course TEXT NOT NULL",
            "country TEXT",
            "status TEXT NOT NULL",
            "paid_at TEXT NOT NULL",
            "status_at TEXT NOT NULL",
        ],
    );
    w.table(
        "accounts.accounts",
        &[
            "account_id INTEGER PRIMARY KEY",
            "enrolment_no TEXT NOT NULL UNIQUE",
            "country TEXT NOT NULL",
            "created_at TEXT NOT NULL",
        ],
    );
    let code = w.spot("accounts", "accounts.ts", "INSERT INTO accounts");
    w.truth.unexplained = 14;
    w.cause("constraint_violation", "accounts", "enrolment.paid -> accounts.accounts").code(code);
    w.expect(
        "confirmed",
        &[("dependency_error", "campus")],
        "Since the new checkout in the night to October 20th an enrolment may come without a country, and accounts' INSERT fails with MySQL's 1048 because the column may not be null. \
         Fourteen enrolments have been PAID since an outage on the 15th; logs and topics reach back to the 20th only, so nothing can be said about them, least of all that they were not published. \
         The tax service's warnings hit provisioned enrolments alike.",
    );
    for service in ["campus", "accounts"] {
        w.noise(service, 1100);
    }
    w.consume("accounts", "enrolment.paid", "accounts", open_account);
    w.reply(Reply {
        group: "campus",
        topic: "account.created",
        service: "campus",
        field: "enrolmentNo",
        from: "PAID",
        to: "PROVISIONED",
        stamp: "status_at",
        line: |id, _| info("eu.lernhaus.campus.AccountListener", format!("enrolment {id} provisioned")),
    });
    w.arrivals(w.start, w.end, 14 * 60_000, |w, _| {
        let no = format!("E26-{}-{}", w.alnum(3), w.between(1000, 9999));
        let new_form = w.now > at("2026-10-20T02:00:00Z");
        let country = if new_form && w.chance(0.3) { None } else { Some(w.pick(&["AT", "DE", "CH"])) };
        let (course, who, now) = (w.pick(&["RUST-1", "SQL-2", "OPS-3", "ML-1"]), w.web("campus"), sql(w.now));
        w.insert("campus.enrolments", &json!({"enrolment_no": no, "course": course, "country": country, "status": "PAID", "paid_at": now, "status_at": now}));
        w.log(&who, info("eu.lernhaus.campus.PaymentController", format!("enrolment {no} paid for {course}")).kv("enrolment.no", no.clone()));
        if w.chance(0.12) {
            w.log(&who, warn("eu.lernhaus.campus.TaxClient", format!("tax service unavailable for {no}, standard rate used: java.net.ConnectException: Connection refused")));
        }
        w.spend(3, 20);
        let outage = w.now > w.start + DAY + 3 * HOUR && w.now < w.start + DAY + 7 * HOUR;
        if outage && w.truth.marks.get("lost").copied().unwrap_or(0) < 14 {
            *w.truth.marks.entry("lost".to_owned()).or_default() += 1;
            return;
        }
        w.produce("enrolment.paid", Some(&no), &[], &json!({"enrolmentNo": no, "course": course, "country": country, "paidAt": iso(w.now)}));
    });
}

fn open_account(w: &mut World, who: &Who, msg: &Msg, _: u32) -> Next {
    let no = msg.text("enrolmentNo");
    w.spend(5, 40);
    if msg.json["country"].is_null() {
        let line = w.line("accounts", "accounts.ts", "this.db.execute<");
        let exc = js_exc(
            "Error",
            "Column 'country' cannot be null",
            &[
                "PromisePool.execute (/app/node_modules/mysql2/lib/promise/pool.js:54:22)",
                &format!("AccountStore.create (/app/src/accounts.ts:{line}:35)"),
            ],
        );
        w.log(
            who,
            error("accounts", "account not created")
                .kv("enrolmentNo", no.clone())
                .kv("code", "ER_BAD_NULL_ERROR")
                .kv("errno", 1048)
                .kv("sqlState", "23000")
                .exc(exc),
        );
        w.blame(&no, 0);
        return Next::Ack;
    }
    let (id, now) = (w.next("account", 9100), sql(w.now));
    w.insert(
        "accounts.accounts",
        &json!({"account_id": id, "enrolment_no": no, "country": msg.json["country"], "created_at": now}),
    );
    w.log(who, info("accounts", "account created").kv("enrolmentNo", no.clone()).kv("accountId", id));
    w.produce(
        "account.created",
        Some(&no),
        &[],
        &json!({"enrolmentNo": no, "accountId": id, "at": iso(w.now)}),
    );
    Next::Ack
}
