//! The loud error is the cause: the credit bureau answers 503, and quotes whose attempts all failed are given up.
//! Others failed once and were retried with success.

use serde_json::json;

use super::Reply;
use crate::kafka::{Msg, Next};
use crate::log::{Exc, Fmt, Who, Zip, error, info, python_exc, warn};
use crate::time::{at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

const URL: &str = "https://scores.creditbureau.example/v2/score";

pub fn build(w: &mut World) {
    w.span("2026-04-28T07:00:00Z", "2026-04-28T12:00:00Z");
    w.question(
        "aegis",
        Entity {
            name: "quote",
            table: "quotes.quotes",
            key: "quote_no",
            state: "stage",
            stuck: "SCORING",
            minutes: 20,
            done: &["PRICED", "ACCEPTED"],
        },
    );
    w.service("quotes", Fmt::Logstash, 2, &["quotes"]).rotate(&["2026-04-28T11:40:00Z"], Zip::Gz);
    w.service("pricing", Fmt::Python, 2, &["pricing"]).zone("Europe/London").zip(Zip::Gz).skew(-1100);
    w.topic("quotes.opened", 3, Zip::Gz);
    w.topic("quotes.priced", 3, Zip::Gz);
    w.table(
        "quotes.quotes",
        &[
            "quote_no TEXT PRIMARY KEY",
            "product TEXT NOT NULL",
            "stage TEXT NOT NULL",
            "opened TEXT NOT NULL",
            "changed TEXT NOT NULL",
        ],
    );
    w.table(
        "pricing.prices",
        &[
            "price_id INTEGER PRIMARY KEY",
            "quote_no TEXT NOT NULL UNIQUE",
            "premium_cents INTEGER NOT NULL",
            "priced TEXT NOT NULL",
        ],
    );
    let code = w.spot("pricing", "bureau.py", "raise_for_status");
    w.cause("dependency_error", "pricing", "quotes.opened -> pricing.prices").code(code);
    w.expect(
        "confirmed",
        &[("constraint_violation", "quotes")],
        "The credit bureau answered 503 for most calls between 09:40 and 11:05. pricing tries three times and then gives a quote up with the error everybody sees first, \
         and this time everybody is right: it hit all stuck quotes and no priced one, save for single attempts that were retried with success. \
         The audit table's constraint violations in quotes hit priced quotes alike.",
    );
    w.noise("quotes", 45);
    w.noise("pricing", 50);
    w.consume("pricing", "quotes.opened", "pricing", price);
    w.reply(Reply {
        group: "quotes",
        topic: "quotes.priced",
        service: "quotes",
        field: "quote",
        from: "SCORING",
        to: "PRICED",
        stamp: "changed",
        line: |id, msg| {
            info(
                "com.aegis.quotes.PricedListener",
                format!("quote {id} priced at {}", msg.text("premiumCents")),
            )
        },
    });
    w.arrivals(w.start, w.end, 40_000, |w, number| {
        let no = format!("Q-{}", w.next("quote", 88_213));
        let (product, who, now) = (w.pick(&["MOTOR", "HOME", "TRAVEL"]), w.web("quotes"), sql(w.now));
        w.insert("quotes.quotes", &json!({"quote_no": no, "product": product, "stage": "SCORING", "opened": now, "changed": now}));
        w.log(&who, info("com.aegis.quotes.QuoteController", format!("quote {no} opened for {product}")));
        if number % 9 == 4 {
            w.log(&who, error("com.aegis.quotes.AuditTrail", format!("audit entry for quote {no} lost")).exc(crate::log::java_exc(false, &[
                ("org.springframework.dao.DataIntegrityViolationException", "could not execute statement [ERROR: null value in column \"agent\" of relation \"audit\" violates not-null constraint]", &["com.aegis.quotes.AuditTrail.record(AuditTrail.java:33)"]),
                ("org.postgresql.util.PSQLException", "ERROR: null value in column \"agent\" of relation \"audit\" violates not-null constraint", &["org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse(QueryExecutorImpl.java:2733)"]),
            ])));
        }
        w.spend(3, 20);
        let trace = w.hex(32);
        w.produce("quotes.opened", Some(&no), &[("b3", format!("{trace}-{}-1", &trace[..16]))], &json!({"quote": no, "product": product, "openedAt": iso(w.now)}));
        let wait = w.between(1_800_000, 5_400_000);
        w.after(wait, move |w| {
            if number % 3 == 0 && w.get("quotes.quotes", &no, "stage") == "PRICED" {
                let (who, now) = (w.web("quotes"), sql(w.now));
                w.set("quotes.quotes", &no, &json!({"stage": "ACCEPTED", "changed": now}));
                w.log(&who, info("com.aegis.quotes.QuoteController", format!("quote {no} accepted")));
            }
        });
    });
}

fn price(w: &mut World, who: &Who, msg: &Msg, _: u32) -> Next {
    let no = msg.text("quote");
    let down = (at("2026-04-28T09:40:00Z")..at("2026-04-28T11:05:00Z")).contains(&w.now);
    for attempt in 1..=3 {
        w.spend(120, 600);
        if !w.chance(if down { 0.82 } else { 0.03 }) {
            let (id, premium, now) = (w.next("price", 7001), w.between(4000, 120_000), sql(w.now));
            w.insert(
                "pricing.prices",
                &json!({"price_id": id, "quote_no": no, "premium_cents": premium, "priced": now}),
            );
            w.log(who, info("pricing.consumer", format!("quote {no} priced: {premium}")));
            w.produce(
                "quotes.priced",
                Some(&no),
                &[],
                &json!({"quote": no, "premiumCents": premium, "at": iso(w.now)}),
            );
            return Next::Ack;
        }
        if attempt < 3 {
            w.log(who, warn("pricing.bureau", format!("attempt {attempt} for quote {no}: Server error '503 Service Unavailable' for url '{URL}'")));
            w.spend(2000, 2100);
        }
    }
    let exc = unavailable(w);
    w.log(who, error("pricing.consumer", format!("giving up quote {no}")).exc(exc));
    w.blame(&no, 0);
    Next::Ack
}

fn unavailable(w: &mut World) -> Exc {
    let raises = w.line("pricing", "bureau.py", "raise_for_status");
    let calls = w.line("pricing", "consumer.py", "await self.bureau.score");
    python_exc(&[(
        "httpx.HTTPStatusError",
        &format!(
            "Server error '503 Service Unavailable' for url '{URL}'\nFor more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/503"
        ),
        &[
            ("/srv/pricing/pricing/consumer.py", calls, "handle", "score = await self.bureau.score(quote)"),
            ("/srv/pricing/pricing/bureau.py", raises, "score", "response.raise_for_status()"),
            (
                "/usr/local/lib/python3.12/site-packages/httpx/_models.py",
                829,
                "raise_for_status",
                "raise HTTPStatusError(message, request=request, response=self)",
            ),
        ],
    )])
}
