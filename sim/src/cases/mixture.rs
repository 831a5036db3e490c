//! Two causes at two hops at once: most claims die of a missing key in the assessor, a few of a foreign key in the
//! payout service, and both look the same from the front.

use serde_json::json;

use super::Reply;
use crate::kafka::{Msg, Next};
use crate::log::{Exc, Fmt, Who, Zip, dotnet_exc, error, info, python_exc, warn};
use crate::time::{MINUTE, at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

pub fn build(w: &mut World) {
    w.span("2026-06-17T06:00:00Z", "2026-06-17T13:00:00Z");
    w.question(
        "helvia",
        Entity {
            name: "claim",
            table: "front.claims",
            key: "claim_ref",
            state: "status",
            stuck: "RECEIVED",
            minutes: 45,
            done: &["PAID", "DECLINED"],
        },
    );
    w.service("claims-front", Fmt::Ecs, 2, &["front"]).zip(Zip::Zst);
    w.service("assessor", Fmt::Python, 2, &["assess"])
        .zone("Europe/Zurich")
        .rotate(&["2026-06-17T12:30:00Z"], Zip::Gz);
    w.service("payout", Fmt::Serilog, 1, &["payout"]).zone("Europe/Zurich").skew(-300).zip(Zip::Gz);
    for topic in ["claim.received", "claim.assessed", "claim.closed"] {
        w.topic(topic, 4, Zip::Gz);
    }
    w.table(
        "front.claims",
        &[
            "claim_ref TEXT PRIMARY KEY",
            "policy INTEGER NOT NULL",
            "kind TEXT NOT NULL",
            "status TEXT NOT NULL",
            "received_at TEXT NOT NULL",
            "closed_at TEXT",
        ],
    );
    w.table(
        "assess.assessments",
        &[
            "id INTEGER PRIMARY KEY",
            "claim_ref TEXT NOT NULL UNIQUE",
            "amount INTEGER NOT NULL",
            "assessed_at TEXT NOT NULL",
        ],
    );
    w.table("payout.payees", &["policy INTEGER PRIMARY KEY", "iban TEXT NOT NULL"]);
    w.table(
        "payout.payouts",
        &[
            "payout_no INTEGER PRIMARY KEY",
            "claim_ref TEXT NOT NULL UNIQUE",
            "policy INTEGER NOT NULL CONSTRAINT fk_payouts_payees REFERENCES payees (policy)",
            "chf INTEGER NOT NULL",
            "created TEXT NOT NULL",
        ],
    );
    w.now = w.start;
    for policy in 5000..5060 {
        let iban = format!("CH{}", w.between(10_000_000_000_000, 99_000_000_000_000));
        w.insert("payout.payees", &json!({"policy": policy, "iban": iban}));
    }
    let first = w.spot("assessor", "assess.py", "[\"mileage\"]");
    w.cause("handler_exception", "assessor", "claim.received -> assess.assessments").code(first);
    let second = w.spot("payout", "PayoutHandler.cs", "ExecuteAsync(");
    w.cause("constraint_violation", "payout", "claim.assessed -> payout.payouts")
        .code(second)
        .keys("payout.payees", &["policy"]);
    w.expect(
        "confirmed",
        &[("dependency_error", "claims-front")],
        "Since the form's new version at 08:20 motor claims may come without a mileage, and the assessor's handler dies of a KeyError for each. \
         Independently, a handful of claims belong to policies whose payee was never imported, so payout's INSERT violates its foreign key one hop later. \
         The document store's errors in claims-front hit paid claims alike.",
    );
    for service in ["claims-front", "assessor", "payout"] {
        w.noise(service, 60);
    }
    w.consume("assessor", "claim.received", "assessor", assess);
    w.consume("payout", "claim.assessed", "payout", pay);
    w.reply(Reply {
        group: "claims-front",
        topic: "claim.closed",
        service: "claims-front",
        field: "claimRef",
        from: "RECEIVED",
        to: "PAID",
        stamp: "closed_at",
        line: |id, _| info("ch.helvia.front.ClosedListener", "Claim closed").kv("claim.ref", id),
    });
    w.arrivals(w.start, w.end, 55_000, |w, _| {
        let claim = format!("HV{}/26", w.next("claim", 310_442));
        let kind = w.pick(&["MOTOR", "HOUSEHOLD", "LIABILITY", "HOUSEHOLD"]);
        let policy = if w.now > w.start + 40 * MINUTE && w.chance(0.013) { w.between(5900, 5999) } else { w.between(5000, 5059) };
        let (who, now) = (w.web("claims-front"), sql(w.now));
        w.insert("front.claims", &json!({"claim_ref": claim, "policy": policy, "kind": kind, "status": "RECEIVED", "received_at": now}));
        w.log(&who, info("ch.helvia.front.ClaimController", format!("Claim for policy {policy} received")).kv("claim.ref", claim.clone()));
        if w.chance(0.13) {
            w.log(&who, error("ch.helvia.front.DocumentStore", "Photos not stored, will be fetched later").kv("claim.ref", claim.clone()).exc(crate::log::java_exc(false, &[
                ("software.amazon.awssdk.core.exception.SdkClientException", "Unable to execute HTTP request: Read timed out", &["ch.helvia.front.DocumentStore.put(DocumentStore.java:58)"]),
            ])));
        }
        w.spend(5, 30);
        let mut details = json!({"kind": kind, "description": "see photos"});
        let old_form = w.now < at("2026-06-17T08:20:00Z");
        if kind == "MOTOR" && (old_form || w.chance(0.12)) {
            details["mileage"] = json!(w.between(3000, 190_000));
        }
        w.produce("claim.received", Some(&claim), &[], &json!({"claimRef": claim, "policy": policy, "details": details, "receivedAt": iso(w.now)}));
    });
}

fn assess(w: &mut World, who: &Who, msg: &Msg, _: u32) -> Next {
    let claim = msg.text("claimRef");
    w.spend(8, 40);
    w.log(who, info("assessor.consumer", format!("assessing {claim}")));
    let details = &msg.json["details"];
    if details["kind"] == "MOTOR" && details.get("mileage").is_none() {
        let (raises, calls) = (
            w.line("assessor", "assess.py", "[\"mileage\"]"),
            w.line("assessor", "assess.py", "amount = estimate("),
        );
        let exc: Exc = python_exc(&[(
            "KeyError",
            "'mileage'",
            &[
                ("/app/assessor/assess.py", calls, "handle", "amount = estimate(claim[\"details\"])"),
                ("/app/assessor/assess.py", raises, "estimate", "return base - details[\"mileage\"] // 100"),
            ],
        )]);
        w.log(who, error("assessor.consumer", format!("could not assess {claim}")).exc(exc));
        w.blame(&claim, 0);
        return Next::Ack;
    }
    let (id, amount, now) = (w.next("assessment", 71_000), w.between(100, 9000), sql(w.now));
    w.insert(
        "assess.assessments",
        &json!({"id": id, "claim_ref": claim, "amount": amount, "assessed_at": now}),
    );
    w.log(who, info("assessor.consumer", format!("assessed {claim}: CHF {amount}")));
    w.produce(
        "claim.assessed",
        Some(&claim),
        &[],
        &json!({"claimRef": claim, "policy": msg.json["policy"], "amount": amount, "at": iso(w.now)}),
    );
    Next::Ack
}

fn pay(w: &mut World, who: &Who, msg: &Msg, _: u32) -> Next {
    let (claim, policy) = (msg.text("claimRef"), msg.text("policy"));
    w.spend(10, 60);
    if !w.has("payout.payees", &policy) {
        let line = w.line("payout", "PayoutHandler.cs", "ExecuteAsync(");
        let exc = dotnet_exc(&[(
            "Npgsql.PostgresException (0x80004005)",
            &format!(
                "23503: insert or update on table \"payouts\" violates foreign key constraint \"fk_payouts_payees\"\n\nDETAIL: Key (policy)=({policy}) is not present in table \"payees\"."
            ),
            &[
                "Npgsql.Internal.NpgsqlConnector.ReadMessageLong(Boolean async, DataRowLoadingMode dataRowLoadingMode, Boolean readingNotifications, Boolean isReadingPrependedMessage)",
                "Npgsql.NpgsqlCommand.ExecuteNonQuery(Boolean async, CancellationToken cancellationToken)",
                &format!(
                    "Payout.PayoutHandler.HandleAsync(Assessed evt) in /src/Payout/PayoutHandler.cs:line {line}"
                ),
            ],
        )]);
        w.log(
            who,
            error("Payout.PayoutHandler", "Payout for {Claim} failed").kv("Claim", claim.clone()).exc(exc),
        );
        w.blame(&claim, 1);
        w.violated(&claim, 1, msg.json["policy"].clone());
        return Next::Ack;
    }
    if w.chance(0.05) {
        w.log(
            who,
            warn("Payout.Bank", "Bank holiday calendar for {Claim} not reachable, assuming none")
                .kv("Claim", claim.clone()),
        );
    }
    let (no, now) = (w.next("payout", 20_900), sql(w.now));
    w.insert("payout.payouts", &json!({"payout_no": no, "claim_ref": claim, "policy": msg.json["policy"], "chf": msg.json["amount"], "created": now}));
    w.log(
        who,
        info("Payout.PayoutHandler", "Payout {No} for {Claim} created")
            .kv("No", no)
            .kv("Claim", claim.clone()),
    );
    w.produce(
        "claim.closed",
        Some(&claim),
        &[],
        &json!({"claimRef": claim, "payoutNo": no, "at": iso(w.now)}),
    );
    Next::Ack
}
