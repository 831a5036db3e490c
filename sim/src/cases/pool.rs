//! A connection pool that runs dry. The errors come from a pool of worker threads and name no key; the line before on
//! the same thread does.

use serde_json::json;

use super::Reply;
use crate::kafka::Next;
use crate::log::{Exc, Fmt, Zip, error, info, java_exc, warn};
use crate::time::{at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

pub fn build(w: &mut World) {
    w.span("2026-01-08T09:00:00Z", "2026-01-08T14:00:00Z");
    w.question(
        "cashlane",
        Entity {
            name: "payment",
            table: "payments.payments",
            key: "payment_ref",
            state: "status",
            stuck: "AUTHORIZED",
            minutes: 30,
            done: &["POSTED"],
        },
    );
    w.service("payments", Fmt::Logstash, 2, &["payments"]).zip(Zip::Gz).skew(-60);
    w.service("posting", Fmt::Logback, 2, &["posting"])
        .zone("Asia/Singapore")
        .rotate(&["2026-01-08T13:30:00Z"], Zip::Gz);
    w.service("limits", Fmt::SlogJson, 1, &[]).zip(Zip::Gz);
    w.topic("payments.authorized", 4, Zip::Gz);
    w.topic("payments.posted", 4, Zip::Gz);
    w.table(
        "payments.payments",
        &[
            "payment_ref TEXT PRIMARY KEY",
            "payer TEXT NOT NULL",
            "cents INTEGER NOT NULL",
            "status TEXT NOT NULL",
            "authorized_at TEXT NOT NULL",
            "posted_at TEXT",
        ],
    );
    w.table(
        "posting.journal",
        &[
            "journal_id INTEGER PRIMARY KEY",
            "payment_ref TEXT NOT NULL UNIQUE",
            "account TEXT NOT NULL",
            "posted_at TEXT NOT NULL",
        ],
    );
    let code = w.spot("posting", "JournalWriter.java", "jdbc.update(");
    w.cause("resource_exhausted", "posting", "payments.authorized -> posting.journal").code(code);
    w.expect(
        "confirmed",
        &[("dependency_error", "payments")],
        "An account statement export of posting held nearly all connections from 11:10 to 12:20, so HikariPool timed out after 30 s for part of the postings. \
         The posting workers log the failure without any key; only the line before on the same thread names the payment. \
         The limit service's hiccups that payments warns of hit posted payments alike.",
    );
    for service in ["payments", "posting", "limits"] {
        w.noise(service, 55);
    }
    for pod in 0..2 {
        w.at(at("2026-01-08T11:09:30Z"), move |w| {
            let who = w.worker("posting", pod, "export-1");
            w.log(
                &who,
                info(
                    "sg.cashlane.posting.StatementExport",
                    "Statement export 2025-Q4 started, 31 accounts, 8 threads",
                ),
            );
        });
        w.at(at("2026-01-08T12:20:10Z"), move |w| {
            let who = w.worker("posting", pod, "export-1");
            w.log(&who, info("sg.cashlane.posting.StatementExport", "Statement export 2025-Q4 done"));
        });
    }
    w.consume("posting", "payments.authorized", "posting", |w, who, msg, _| {
        let reference = msg.text("ref");
        w.spend(1, 4);
        let worker = w.next("worker", 0) % 8 + 1;
        let who = w.worker("posting", who.pod, &format!("posting-{worker}"));
        w.log(&who, info("sg.cashlane.posting.PostingWorker", format!("posting payment {reference}")));
        let busy = (at("2026-01-08T11:10:00Z")..at("2026-01-08T12:20:00Z")).contains(&w.now);
        let pod = who.pod;
        if busy && w.chance(0.5) {
            w.blame(&reference, 0);
            w.after(30_004, move |w| {
                let exc = exhausted(w, pod);
                w.log(&who, error("sg.cashlane.posting.PostingWorker", "posting failed").exc(exc));
            });
            return Next::Ack;
        }
        let wait = if busy { w.between(900, 28_000) } else { w.between(4, 40) };
        w.after(wait, move |w| {
            let (id, account, now) =
                (w.next("journal", 40_100_000), format!("SG{}", w.between(100, 140)), sql(w.now));
            w.insert(
                "posting.journal",
                &json!({"journal_id": id, "payment_ref": reference, "account": account, "posted_at": now}),
            );
            w.log(&who, info("sg.cashlane.posting.PostingWorker", format!("journal entry {id} written")));
            w.produce(
                "payments.posted",
                Some(&reference),
                &[],
                &json!({"ref": reference, "journal": id, "at": iso(w.now)}),
            );
        });
        Next::Ack
    });
    w.reply(Reply {
        group: "payments",
        topic: "payments.posted",
        service: "payments",
        field: "ref",
        from: "AUTHORIZED",
        to: "POSTED",
        stamp: "posted_at",
        line: |id, _| info("sg.cashlane.payments.PostedListener", "payment posted").kv("paymentRef", id),
    });
    w.arrivals(w.start, w.end, 38_000, |w, _| {
        let reference = format!("{}-{}", w.alnum(4), w.alnum(6));
        let (payer, cents, who, now) = (format!("U{}", w.between(50_000, 59_999)), w.between(100, 400_000), w.web("payments"), sql(w.now));
        let who = who.mdc("paymentRef", reference.clone());
        w.insert("payments.payments", &json!({"payment_ref": reference, "payer": payer, "cents": cents, "status": "AUTHORIZED", "authorized_at": now}));
        if w.chance(0.16) {
            let exc = java_exc(false, &[("feign.RetryableException", "Read timed out executing GET http://limits/v1/limits", &["sg.cashlane.payments.LimitClient.limit(LimitClient.java:27)"])]);
            w.log(&who, warn("sg.cashlane.payments.LimitClient", "limit service slow, using cached limit").exc(exc));
        }
        w.log(&who, info("sg.cashlane.payments.AuthController", format!("authorized {cents} for {payer}")));
        w.spend(3, 15);
        w.produce("payments.authorized", Some(&reference), &[], &json!({"ref": reference, "payer": payer, "cents": cents, "authorizedAt": iso(w.now)}));
    });
}

fn exhausted(w: &mut World, pod: usize) -> Exc {
    let line = w.line("posting", "JournalWriter.java", "jdbc.update(");
    let worker = w.line("posting", "PostingWorker.java", "journal.write(");
    let waiting = w.between(3, 19) + pod as i64;
    java_exc(
        false,
        &[
            (
                "org.springframework.jdbc.CannotGetJdbcConnectionException",
                "Failed to obtain JDBC Connection",
                &[
                    "org.springframework.jdbc.datasource.DataSourceUtils.getConnection(DataSourceUtils.java:84)",
                    "org.springframework.jdbc.core.JdbcTemplate.execute(JdbcTemplate.java:653)",
                    &format!("sg.cashlane.posting.JournalWriter.write(JournalWriter.java:{line})"),
                    &format!("sg.cashlane.posting.PostingWorker.post(PostingWorker.java:{worker})"),
                ],
            ),
            (
                "java.sql.SQLTransientConnectionException",
                &format!(
                    "HikariPool-1 - Connection is not available, request timed out after 30001ms (total=10, active=10, idle=0, waiting={waiting})"
                ),
                &[
                    "com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:686)",
                    "com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:179)",
                ],
            ),
        ],
    )
}
