//! Records routed into a topic that nobody reads, since a routing table got a new entry.

use serde_json::json;

use super::Reply;
use crate::kafka::Next;
use crate::log::{Fmt, Zip, error, go_exc, info, python_exc, warn};
use crate::time::{at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

pub fn build(w: &mut World) {
    w.span("2026-08-11T06:00:00Z", "2026-08-11T12:00:00Z");
    w.question(
        "settlebay",
        Entity {
            name: "settlement",
            table: "acquiring.settlements",
            key: "ref",
            state: "state",
            stuck: "SUBMITTED",
            minutes: 30,
            done: &["CLEARED", "PAID_OUT"],
        },
    );
    w.service("acquiring", Fmt::SlogJson, 2, &["acquiring"]).rotate(&["2026-08-11T11:00:00Z"], Zip::Gz);
    w.service("clearing", Fmt::Python, 1, &["clearing"])
        .skew(-800)
        .rotate(&["2026-08-11T11:00:00Z"], Zip::Zst);
    w.service("reporting", Fmt::Clef, 1, &[]).zip(Zip::Gz);
    w.topic("settlement.eu", 3, Zip::Gz);
    w.topic("settlement.uk", 3, Zip::Gz);
    w.topic("settlement.nordic", 3, Zip::Gz);
    w.topic("clearing.done", 3, Zip::Gz);
    w.table(
        "acquiring.settlements",
        &[
            "ref TEXT PRIMARY KEY",
            "merchant INTEGER NOT NULL",
            "country TEXT NOT NULL",
            "net INTEGER NOT NULL",
            "state TEXT NOT NULL",
            "submitted TEXT NOT NULL",
            "cleared TEXT",
        ],
    );
    w.table(
        "clearing.postings",
        &["posting INTEGER PRIMARY KEY", "settlement_ref TEXT NOT NULL UNIQUE", "value_date TEXT NOT NULL"],
    );
    let code = w.spot("acquiring", "router.go", "settlement.nordic");
    w.cause("wrong_destination", "acquiring", "acquiring.settlements -> settlement.eu").code(code);
    w.expect(
        "confirmed",
        &[("dependency_error", "acquiring")],
        "Since the deployment at 08:30 acquiring routes Swedish and Norwegian settlements to settlement.nordic, a topic that no group consumes; \
         before, they went to settlement.eu like all others of the euro zone's clearing. The records lie there, whole. \
         The broker's hiccups that acquiring warns of were retried with success and hit cleared settlements alike.",
    );
    for service in ["acquiring", "clearing", "reporting"] {
        w.noise(service, 55);
    }
    for topic in ["settlement.eu", "settlement.uk"] {
        w.consume("clearing", topic, "clearing", move |w, who, msg, _| {
            let key = msg.text("ref");
            w.spend(10, 60);
            if w.chance(0.07) {
                let exc = python_exc(&[(
                    "httpx.ReadTimeout",
                    "timed out",
                    &[("/srv/clearing/fx.py", 41, "rate", "response = self.client.get(url)")],
                )]);
                w.log(who, error("clearing.fx", format!("no rate for {key}, using yesterday's")).exc(exc));
            }
            let (posting, day) = (w.next("posting", 120_553), "2026-08-13");
            w.insert(
                "clearing.postings",
                &json!({"posting": posting, "settlement_ref": key, "value_date": day}),
            );
            w.log(who, info("clearing.post", format!("posted {key} as {posting}")));
            w.produce(
                "clearing.done",
                Some(&key),
                &[],
                &json!({"ref": key, "posting": posting, "ts": iso(w.now)}),
            );
            Next::Ack
        });
    }
    w.consume("reporting", "clearing.done", "reporting", |w, who, msg, _| {
        if w.chance(0.1) {
            w.log(who, error("Reporting.Export", "Export of {Ref} failed, will be part of the nightly run").kv("Ref", msg.text("ref")).exc(crate::log::dotnet_exc(&[
                ("System.IO.IOException", "The process cannot access the file '/exports/today.csv' because it is being used by another process.", &["Reporting.Export.Append(String ref) in /src/Reporting/Export.cs:line 44"]),
            ])));
        }
        Next::Ack
    });
    w.reply(Reply {
        group: "acquiring",
        topic: "clearing.done",
        service: "acquiring",
        field: "ref",
        from: "SUBMITTED",
        to: "CLEARED",
        stamp: "cleared",
        line: |id, msg| {
            info("", "settlement cleared").kv("ref", id).kv("posting", msg.json["posting"].clone())
        },
    });
    w.at(at("2026-08-11T08:30:00Z"), |w| {
        for pod in 0..2 {
            let who = w.worker("acquiring", pod, "");
            w.log(&who, info("", "shutting down").kv("signal", "terminated"));
            w.spend(800, 2000);
            w.log(&who, info("", "starting").kv("version", "1.31.0").kv("commit", "9f31c2e"));
            w.spend(200, 900);
        }
    });
    w.arrivals(w.start, w.end, 38_000, |w, _| {
        let key = format!("STL-20260811-{:04}", w.next("settlement", 17));
        let country = w.pick(&["DE", "DE", "FR", "ES", "GB", "GB", "SE", "NO", "IT"]);
        let (merchant, net, who, now) = (w.between(8000, 8200), w.between(10_000, 9_000_000), w.web("acquiring"), sql(w.now));
        w.insert("acquiring.settlements", &json!({"ref": key, "merchant": merchant, "country": country, "net": net, "state": "SUBMITTED", "submitted": now}));
        w.log(&who, info("", "settlement submitted").kv("ref", key.clone()).kv("merchant", merchant).kv("net", net));
        if w.chance(0.13) {
            w.log(&who, warn("", "produce retried").kv("ref", key.clone()).exc(go_exc("kafka: write: NOT_LEADER_FOR_PARTITION: the broker is not the leader for this partition")));
        }
        w.spend(4, 25);
        let nordic = matches!(country, "SE" | "NO") && w.now > at("2026-08-11T08:30:00Z");
        let topic = if country == "GB" { "settlement.uk" } else if nordic { "settlement.nordic" } else { "settlement.eu" };
        w.produce(topic, Some(&key), &[], &json!({"ref": key, "merchant": merchant, "country": country, "net": net, "submitted": iso(w.now)}));
        if nordic {
            w.blame(&key, 0);
        }
    });
}
