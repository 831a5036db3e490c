//! A look-up that finds nothing, warned of under a trace id only; a loud consequence in the owner's log (a breached
//! promise for each stuck one) looks like the cause.

use serde_json::json;

use crate::kafka::Next;
use crate::log::{Fmt, Zip, error, go_exc, info, warn};
use crate::time::{MINUTE, at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

const TABLE: &str = "sales.subscriptions";

pub fn build(w: &mut World) {
    w.span("2026-11-03T08:00:00Z", "2026-11-03T13:00:00Z");
    w.question(
        "telekto",
        Entity {
            name: "subscription",
            table: TABLE,
            key: "id",
            state: "state",
            stuck: "REQUESTED",
            minutes: 20,
            done: &["RATED"],
        },
    );
    w.service("sales", Fmt::Clef, 2, &["sales"]).rotate(&["2026-11-03T12:50:00Z"], Zip::Gz);
    w.service("rating", Fmt::SlogText, 2, &["rating"]).zone("Europe/Athens").zip(Zip::Gz).skew(45);
    w.topic("subscriptions.requested", 4, Zip::Gz);
    w.topic("plans.rated", 4, Zip::Gz);
    w.table(
        TABLE,
        &[
            "id TEXT PRIMARY KEY",
            "msisdn TEXT NOT NULL",
            "tariff TEXT NOT NULL",
            "state TEXT NOT NULL",
            "requested_at TEXT NOT NULL",
            "touched_at TEXT NOT NULL",
        ],
    );
    w.table(
        "rating.tariffs",
        &["code TEXT PRIMARY KEY", "fee_cents INTEGER NOT NULL", "valid_from TEXT NOT NULL"],
    );
    w.table(
        "rating.plans",
        &[
            "plan_id INTEGER PRIMARY KEY",
            "subscription TEXT NOT NULL",
            "tariff TEXT NOT NULL",
            "fee_cents INTEGER NOT NULL",
            "rated_at TEXT NOT NULL",
        ],
    );
    w.now = w.start;
    for (code, fee) in [("FLEX-12", 1290), ("FLEX-24", 990), ("DATA-50", 1990), ("SENIOR", 590)] {
        w.insert("rating.tariffs", &json!({"code": code, "fee_cents": fee, "valid_from": "2026-01-01"}));
    }
    let code = w.spot("rating", "rate.go", "tariff not found");
    w.cause("data_missing", "rating", "subscriptions.requested -> rating.plans").code(code);
    w.expect(
        "confirmed",
        &[("dependency_error", "sales")],
        "sales offers the tariff FLEX-24-EU since 09:30, but rating's table of tariffs has no such row; the handler warns of it with the trace id alone, commits and goes on. \
         The error that sales logs for every stuck subscription, a breached promise after fifteen minutes, is a consequence, not a cause. \
         The scoring time-outs of sales hit rated subscriptions alike.",
    );
    w.noise("sales", 50);
    w.noise("rating", 50);
    w.consume("rating", "subscriptions.requested", "rating", |w, who, msg, _| {
        let id = msg.text("subscriptionId");
        let trace = msg.header("traceparent").and_then(|header| header.split('-').nth(1)).unwrap_or_default().to_owned();
        w.spend(2, 10);
        let tariff = msg.text("tariff");
        w.log(who, info("", "rating requested").kv("trace_id", trace.clone()).kv("tariff", tariff.clone()));
        w.spend(1, 4);
        if !w.has("rating.tariffs", &tariff) {
            w.log(who, warn("", "not rated").kv("trace_id", trace).exc(go_exc(&format!("rate: lookup {tariff}: tariff not found"))));
            w.blame(&id, 0);
            return Next::Ack;
        }
        let (plan, fee, now) = (w.next("plan", 61_000), w.value("rating.tariffs", &tariff, "fee_cents").cloned(), sql(w.now));
        w.insert("rating.plans", &json!({"plan_id": plan, "subscription": id, "tariff": tariff, "fee_cents": fee, "rated_at": now}));
        w.log(who, info("", "rated").kv("trace_id", trace.clone()).kv("plan", plan));
        let span = w.hex(16);
        w.produce("plans.rated", Some(&id), &[("traceparent", format!("00-{trace}-{span}-01"))], &json!({"subscription": id, "planId": plan, "ratedAt": iso(w.now)}));
        Next::Ack
    });
    w.consume("sales", "plans.rated", "sales", |w, who, msg, _| {
        let (id, now) = (msg.text("subscription"), sql(w.now));
        w.set(TABLE, &id, &json!({"state": "RATED", "touched_at": now}));
        w.log(
            who,
            info("Sales.PlanHandler", "Subscription {SubscriptionId} rated as plan {PlanId}")
                .kv("SubscriptionId", id)
                .kv("PlanId", msg.json["planId"].clone()),
        );
        Next::Ack
    });
    w.arrivals(w.start, w.end, 37_000, |w, _| request(w));
}

fn request(w: &mut World) {
    let id = w.uuid();
    let offered = w.now > at("2026-11-03T09:30:00Z");
    let tariff = if offered && w.chance(0.16) {
        "FLEX-24-EU"
    } else {
        w.pick(&["FLEX-12", "FLEX-24", "FLEX-24", "DATA-50", "SENIOR"])
    };
    let (msisdn, trace, span, now) =
        (format!("3069{:08}", w.between(0, 99_999_999)), w.hex(32), w.hex(16), sql(w.now));
    w.insert(TABLE, &json!({"id": id, "msisdn": msisdn, "tariff": tariff, "state": "REQUESTED", "requested_at": now, "touched_at": now}));
    let who = w.web("sales").mdc("TraceId", trace.clone());
    w.log(
        &who,
        info("Sales.Checkout", "Subscription {SubscriptionId} requested by {Msisdn}")
            .kv("SubscriptionId", id.clone())
            .kv("Msisdn", msisdn),
    );
    if w.chance(0.15) {
        w.log(&who, error("Sales.Scoring", "Scoring of {SubscriptionId} timed out, default limit used").kv("SubscriptionId", id.clone()).exc(crate::log::dotnet_exc(&[
            ("System.Threading.Tasks.TaskCanceledException", "The request was canceled due to the configured HttpClient.Timeout of 2 seconds elapsing.", &["Sales.ScoringClient.Score(String msisdn) in /src/Sales/ScoringClient.cs:line 38"]),
            ("System.TimeoutException", "The operation was canceled.", &["System.Net.Http.HttpClient.HandleFailure(Exception e, Boolean telemetryStarted)"]),
        ])));
        w.spend(2000, 2050);
    }
    w.spend(3, 20);
    w.produce(
        "subscriptions.requested",
        Some(&id),
        &[("traceparent", format!("00-{trace}-{span}-01"))],
        &json!({"subscriptionId": id, "tariff": tariff, "requestedAt": iso(w.now)}),
    );
    w.after(15 * MINUTE, move |w| {
        if w.get(TABLE, &id, "state") == "REQUESTED" {
            let (who, now) = (w.worker("sales", 0, "promise-timer"), sql(w.now));
            w.set(TABLE, &id, &json!({"touched_at": now}));
            w.log(
                &who,
                error(
                    "Sales.PromiseWatch",
                    "Promise of 15 minutes breached for subscription {SubscriptionId}: still REQUESTED",
                )
                .kv("SubscriptionId", id),
            );
        }
    });
}
