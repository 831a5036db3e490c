//! A reply that is consumed and changes nothing: the update is guarded by a version, and the claim was edited in between.
//! The owner logs local time without a zone.

use serde_json::json;

use crate::kafka::Next;
use crate::log::{Fmt, Zip, info, warn};
use crate::time::{HOUR, MINUTE, iso, sql};
use crate::truth::Entity;
use crate::world::World;

const TABLE: &str = "portal.claims";

pub fn build(w: &mut World) {
    w.span("2026-09-15T12:00:00Z", "2026-09-15T18:00:00Z");
    w.question(
        "clearwater",
        Entity {
            name: "claim",
            table: TABLE,
            key: "claim_id",
            state: "state",
            stuck: "IN_REVIEW",
            minutes: 60,
            done: &["CLEARED", "REFERRED"],
        },
    );
    w.service("portal", Fmt::Logback, 2, &["portal"])
        .zone("America/New_York")
        .rotate(&["2026-09-15T17:00:00Z"], Zip::Gz);
    w.service("fraud-check", Fmt::SlogJson, 1, &["fraud"]).zip(Zip::Gz);
    w.topic("claims.submitted", 3, Zip::Gz);
    w.topic("fraud.verdicts", 3, Zip::No);
    w.table(
        TABLE,
        &[
            "claim_id INTEGER PRIMARY KEY",
            "policy_no TEXT NOT NULL",
            "state TEXT NOT NULL",
            "version INTEGER NOT NULL",
            "documents INTEGER NOT NULL",
            "created_at TEXT NOT NULL",
            "updated_at TEXT NOT NULL",
        ],
    );
    w.table(
        "fraud.scores",
        &[
            "score_id INTEGER PRIMARY KEY",
            "claim_id INTEGER NOT NULL",
            "score REAL NOT NULL",
            "verdict TEXT NOT NULL",
            "scored_at TEXT NOT NULL",
        ],
    );
    let code = w.spot("portal", "VerdictListener.java", "UPDATE claims");
    w.cause("reply_not_applied", "portal", "fraud.verdicts -> portal.claims").code(code);
    w.expect(
        "confirmed",
        &[("dependency_error", "fraud-check")],
        "portal applies a fraud verdict with UPDATE ... WHERE claim_id = ? AND version = ?, taking the version from the event, which has the one of the submission. \
         A customer who uploads a document while the check runs raises the version, the update hits no row, and the line that follows is the same as ever. \
         The verdicts of all stuck claims lie in fraud.verdicts, consumed and committed.",
    );
    w.noise("portal", 45);
    w.noise("fraud-check", 50);
    w.consume("fraud-check", "claims.submitted", "fraud-check", |w, who, msg, _| {
        let claim = msg.json["claimId"].clone();
        w.log(who, info("", "scoring started").kv("claimId", claim.clone()));
        let (wait, msg, pod) = (w.between(2 * MINUTE, 11 * MINUTE), msg.clone(), who.pod);
        if w.chance(0.17) {
            w.log(who, warn("", "identity provider unavailable, retrying").kv("claimId", claim.clone()).kv("error", "Get \"https://idp.example/v3/persons\": EOF"));
        }
        w.after(wait, move |w| {
            let who = w.worker("fraud-check", pod, "");
            let score = w.between(1, 99) as f64 / 100.0;
            let verdict = if score > 0.93 { "REFER" } else { "CLEAR" };
            let (id, now) = (w.next("score", 9001), sql(w.now));
            w.insert("fraud.scores", &json!({"score_id": id, "claim_id": claim, "score": score, "verdict": verdict, "scored_at": now}));
            w.log(&who, info("", "scored").kv("claimId", claim.clone()).kv("score", score).kv("verdict", verdict));
            let payload = json!({"claimId": claim, "version": msg.json["version"], "verdict": verdict, "score": score, "at": iso(w.now)});
            w.produce("fraud.verdicts", msg.key.as_deref(), &[("source", "model-7".to_owned())], &payload);
        });
        Next::Ack
    });
    w.consume("portal", "fraud.verdicts", "portal", |w, who, msg, _| {
        let (id, verdict) = (msg.text("claimId"), msg.text("verdict"));
        w.spend(3, 15);
        w.log(who, info("com.clearwater.portal.fraud.VerdictListener", format!("Verdict {verdict} for claim {id} received")));
        if w.get(TABLE, &id, "version") == msg.text("version") {
            let (state, now) = (if verdict == "CLEAR" { "CLEARED" } else { "REFERRED" }, sql(w.now));
            w.set(TABLE, &id, &json!({"state": state, "version": msg.json["version"].as_i64().unwrap_or(0) + 1, "updated_at": now}));
        } else if w.get(TABLE, &id, "state") == "IN_REVIEW" {
            w.blame(&id, 0);
        }
        Next::Ack
    });
    w.arrivals(w.start, w.end, 50_000, |w, _| {
        let id = w.next("claim", 7_700_482);
        let (policy, who, now) = (format!("HH-{}", w.between(100_000, 999_999)), w.web("portal"), sql(w.now));
        w.insert(TABLE, &json!({"claim_id": id, "policy_no": policy, "state": "IN_REVIEW", "version": 1, "documents": 1, "created_at": now, "updated_at": now}));
        let who = who.mdc("claimId", id);
        w.log(&who, info("com.clearwater.portal.ClaimController", format!("Claim submitted for policy {policy}")));
        w.spend(5, 20);
        w.produce("claims.submitted", Some(&id.to_string()), &[], &json!({"claimId": id, "policyNo": policy, "version": 1, "submittedAt": iso(w.now)}));
        // most uploads come late or never; an early one falls into the time the check takes
        let upload = if w.chance(0.17) { w.between(MINUTE, 9 * MINUTE) } else { w.between(20 * MINUTE, 5 * HOUR) };
        if upload < 10 * MINUTE || w.chance(0.4) {
            w.after(upload, move |w| {
                let (key, now) = (id.to_string(), sql(w.now));
                let version = w.value(TABLE, &key, "version").and_then(serde_json::Value::as_i64).unwrap_or(1) + 1;
                w.set(TABLE, &key, &json!({"documents": 2, "version": version, "updated_at": now}));
                let who = w.web("portal").mdc("claimId", id);
                w.log(&who, info("com.clearwater.portal.DocumentController", "Document stored, 2 in total"));
            });
        }
    });
}
