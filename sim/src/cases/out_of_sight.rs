//! Where evidence ends: an external party that no store covers, and a service that leaves no logs.

use serde_json::json;

use super::Reply;
use crate::kafka::Next;
use crate::log::{Fmt, Zip, error, info, java_exc, warn};
use crate::time::{MINUTE, at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

/// Debits are handed to a clearing house over its API; its answers come by webhook, and for some they do not come.
pub fn clearing_house(w: &mut World) {
    w.span("2026-08-26T06:00:00Z", "2026-08-26T13:00:00Z");
    w.question(
        "debitor",
        Entity {
            name: "debit",
            table: "debits.debits",
            key: "mandate_ref",
            state: "status",
            stuck: "SUBMITTED",
            minutes: 60,
            done: &["SETTLED", "RETURNED"],
        },
    );
    w.service("debits", Fmt::Boot, 2, &["debits"]).rotate(&["2026-08-26T12:00:00Z"], Zip::Gz);
    w.service("ach-gateway", Fmt::SlogJson, 2, &["gateway"]).zip(Zip::Gz).skew(95);
    w.topic("debits.submitted", 4, Zip::Gz);
    w.topic("ach.results", 4, Zip::Gz);
    w.table(
        "debits.debits",
        &[
            "mandate_ref TEXT PRIMARY KEY",
            "cents INTEGER NOT NULL",
            "bank TEXT NOT NULL",
            "status TEXT NOT NULL",
            "submitted_at TEXT NOT NULL",
            "status_at TEXT NOT NULL",
        ],
    );
    w.table(
        "gateway.submissions",
        &[
            "submission INTEGER PRIMARY KEY",
            "mandate_ref TEXT NOT NULL UNIQUE",
            "ach_id TEXT NOT NULL",
            "http_status INTEGER NOT NULL",
            "sent_at TEXT NOT NULL",
        ],
    );
    w.cause("unknown", "ach-gateway", "gateway.submissions -> ach.results");
    w.expect(
        "inconclusive",
        &[("dependency_error", "debits"), ("dependency_error", "ach-gateway")],
        "ach-gateway hands every debit to the clearing house, which acknowledges with 202 and an id, and answers minutes later by webhook. For part of the debits \
         since 10:10 no webhook ever came; what the clearing house did with them is out of sight of every store. \
         Time-outs of single submissions were retried, and the risk service's warnings hit settled debits alike.",
    );
    w.noise("debits", 50);
    w.noise("ach-gateway", 45);
    w.consume("ach-gateway", "debits.submitted", "ach-gateway", |w, who, msg, _| {
        let mandate = msg.text("mandateRef");
        w.spend(80, 400);
        if w.chance(0.06) {
            w.log(who, warn("", "submission timed out, trying again").kv("mandate_ref", mandate.clone()).kv("error", "Post \"https://api.ach.example/v1/debits\": net/http: request canceled (Client.Timeout exceeded while awaiting headers)"));
            w.spend(3000, 3100);
        }
        let (submission, ach, now) = (w.next("submission", 70_001), format!("ach_{}", w.hex(14)), sql(w.now));
        w.insert("gateway.submissions", &json!({"submission": submission, "mandate_ref": mandate, "ach_id": ach, "http_status": 202, "sent_at": now}));
        w.log(who, info("", "submitted to clearing house").kv("mandate_ref", mandate.clone()).kv("ach_id", ach.clone()).kv("status", 202));
        if w.now > at("2026-08-26T10:10:00Z") && w.chance(0.3) {
            w.blame(&mandate, 0);
            return Next::Ack;
        }
        let wait = w.between(4 * MINUTE, 22 * MINUTE);
        w.after(wait, move |w| {
            let who = w.web("ach-gateway");
            let result = w.pick(&["settled", "settled", "settled", "settled", "returned"]);
            w.log(&who, info("", "webhook received").kv("ach_id", ach.clone()).kv("result", result));
            w.produce("ach.results", Some(&mandate), &[], &json!({"achId": ach, "mandateRef": mandate, "result": result, "receivedAt": iso(w.now)}));
        });
        Next::Ack
    });
    w.consume("debits", "ach.results", "debits", |w, who, msg, _| {
        let (mandate, now) = (msg.text("mandateRef"), sql(w.now));
        let status = if msg.text("result") == "settled" { "SETTLED" } else { "RETURNED" };
        w.set("debits.debits", &mandate, &json!({"status": status, "status_at": now}));
        w.log(
            who,
            info("com.debitor.debits.ResultListener", format!("debit {mandate} {}", status.to_lowercase())),
        );
        Next::Ack
    });
    w.arrivals(w.start, w.end, 52_000, |w, _| {
        let mandate = format!("MD{}", w.alnum(9));
        let (cents, bank, who, now) = (w.between(500, 90_000), w.pick(&["CHAS", "BOFA", "WFBI", "CITI"]), w.web("debits"), sql(w.now));
        w.insert("debits.debits", &json!({"mandate_ref": mandate, "cents": cents, "bank": bank, "status": "SUBMITTED", "submitted_at": now, "status_at": now}));
        if w.chance(0.15) {
            let exc = java_exc(false, &[("org.springframework.web.client.ResourceAccessException", "I/O error on GET request for \"http://risk/v1/score\": Read timed out", &["com.debitor.debits.RiskClient.score(RiskClient.java:36)"])]);
            w.log(&who, error("com.debitor.debits.RiskClient", format!("no risk score for debit {mandate}, default applies")).exc(exc));
        }
        w.log(&who, info("com.debitor.debits.DebitService", format!("debit {mandate} submitted")));
        w.spend(3, 20);
        w.produce("debits.submitted", Some(&mandate), &[], &json!({"mandateRef": mandate, "cents": cents, "bank": bank, "at": iso(w.now)}));
    });
}

/// The warehouse has tables and topics but no logs anybody keeps; its tasks are done and the reply is missing.
pub fn no_logs(w: &mut World) {
    w.span("2026-09-29T05:00:00Z", "2026-09-29T11:30:00Z");
    w.question(
        "coldchain",
        Entity {
            name: "transport",
            table: "tms.transports",
            key: "transport_id",
            state: "phase",
            stuck: "LOADING",
            minutes: 45,
            done: &["DEPARTED"],
        },
    );
    w.service("tms", Fmt::Logback, 2, &["tms"])
        .zone("Europe/Madrid")
        .rotate(&["2026-09-29T10:30:00Z"], Zip::Gz);
    w.service("dock", Fmt::Boot, 1, &["dock"]).silent();
    w.service("yard", Fmt::Pino, 1, &[]).zip(Zip::Gz);
    for topic in ["transport.planned", "dock.assigned", "dock.loaded"] {
        w.topic(topic, 3, Zip::Gz);
    }
    w.table(
        "tms.transports",
        &[
            "transport_id INTEGER PRIMARY KEY",
            "carrier TEXT NOT NULL",
            "temperature TEXT NOT NULL",
            "phase TEXT NOT NULL",
            "planned_at TEXT NOT NULL",
            "phase_at TEXT NOT NULL",
        ],
    );
    w.table(
        "dock.tasks",
        &[
            "task_id INTEGER PRIMARY KEY",
            "transport_id INTEGER NOT NULL UNIQUE",
            "gate TEXT NOT NULL",
            "state TEXT NOT NULL",
            "opened_at TEXT NOT NULL",
            "done_at TEXT",
        ],
    );
    w.cause("reply_not_published", "dock", "dock.tasks -> dock.loaded");
    w.expect(
        "likely",
        &[("dependency_error", "tms")],
        "The dock service keeps no logs. Its rows say that the loading tasks of the stuck transports are DONE, but dock.loaded, searched whole, holds no record of them; \
         all of them are at the gates of the new hall (G41 to G44) and none of the departed ones since 08:00 is. Why the reply is not published cannot be seen without that service's logs, so this stays likely.",
    );
    w.noise("tms", 45);
    w.noise("yard", 50);
    w.consume("dock", "transport.planned", "dock", |w, _, msg, _| {
        let id = msg.text("transportId");
        w.spend(10, 40);
        let hall = w.now > at("2026-09-29T08:00:00Z") && w.chance(0.24);
        let gate = if hall { format!("G{}", w.between(41, 44)) } else { format!("G{}", w.between(1, 24)) };
        let (task, now) = (w.next("task", 12_040), sql(w.now));
        w.insert("dock.tasks", &json!({"task_id": task, "transport_id": msg.json["transportId"], "gate": gate, "state": "OPEN", "opened_at": now}));
        w.produce("dock.assigned", Some(&id), &[], &json!({"transportId": msg.json["transportId"], "gate": gate}));
        let wait = w.between(6 * MINUTE, 25 * MINUTE);
        w.after(wait, move |w| {
            let now = sql(w.now);
            w.set("dock.tasks", &task.to_string(), &json!({"state": "DONE", "done_at": now}));
            if hall {
                w.blame(&id, 0);
                return;
            }
            let number: i64 = id.parse().unwrap_or_default();
            w.produce("dock.loaded", Some(&id), &[], &json!({"transportId": number, "taskId": task, "doneAt": iso(w.now)}));
        });
        Next::Ack
    });
    w.consume("yard", "dock.assigned", "yard", |w, who, msg, _| {
        w.log(
            who,
            info("yard", "truck called to gate")
                .kv("transport", msg.json["transportId"].clone())
                .kv("gate", msg.text("gate")),
        );
        Next::Ack
    });
    w.reply(Reply {
        group: "tms",
        topic: "dock.loaded",
        service: "tms",
        field: "transportId",
        from: "LOADING",
        to: "DEPARTED",
        stamp: "phase_at",
        line: |id, _| info("es.coldchain.tms.LoadedListener", format!("Transport {id} departed")),
    });
    w.arrivals(w.start, w.end, 62_000, |w, _| {
        let id = w.next("transport", 830_015);
        let (carrier, temperature, who, now) = (w.pick(&["SEUR", "DHL", "XPO"]), w.pick(&["FROZEN", "CHILLED", "AMBIENT"]), w.web("tms"), sql(w.now));
        w.insert("tms.transports", &json!({"transport_id": id, "carrier": carrier, "temperature": temperature, "phase": "LOADING", "planned_at": now, "phase_at": now}));
        w.log(&who, info("es.coldchain.tms.PlanningService", format!("Transport {id} planned with {carrier}")));
        if w.chance(0.14) {
            let exc = java_exc(false, &[("java.net.SocketTimeoutException", "Read timed out", &["es.coldchain.tms.TollClient.quote(TollClient.java:29)"])]);
            w.log(&who, warn("es.coldchain.tms.TollClient", format!("No toll estimate for transport {id}")).exc(exc));
        }
        w.spend(3, 20);
        w.produce("transport.planned", Some(&id.to_string()), &[], &json!({"transportId": id, "carrier": carrier, "temperature": temperature, "at": iso(w.now)}));
    });
}
