//! Rows that stay in an outbox: the relay walks on by id, and a row whose transaction committed late with a lower id is
//! never seen again. Nothing is logged.

use serde_json::json;

use super::Reply;
use crate::kafka::Next;
use crate::log::{Fmt, Zip, info, warn};
use crate::time::{HOUR, iso, sql};
use crate::truth::Entity;
use crate::world::World;

pub fn build(w: &mut World) {
    w.span("2026-07-01T06:00:00Z", "2026-07-01T12:30:00Z");
    w.question(
        "voltline",
        Entity {
            name: "contract",
            table: "contracts.contracts",
            key: "contract_no",
            state: "status",
            stuck: "SIGNED",
            minutes: 60,
            done: &["METERED"],
        },
    );
    w.service("contracts", Fmt::Serilog, 2, &["contracts"])
        .zone("Europe/Vienna")
        .rotate(&["2026-07-01T11:00:00Z"], Zip::Gz);
    w.service("metering", Fmt::Python, 1, &["metering"]).zone("Europe/Vienna").skew(900);
    w.topic("contract.signed", 3, Zip::Gz);
    w.topic("meter.assigned", 3, Zip::Gz);
    w.table(
        "contracts.contracts",
        &[
            "contract_no INTEGER PRIMARY KEY",
            "tariff TEXT NOT NULL",
            "status TEXT NOT NULL",
            "signed_at TEXT NOT NULL",
            "status_at TEXT NOT NULL",
        ],
    );
    w.table(
        "contracts.outbox",
        &[
            "id INTEGER PRIMARY KEY",
            "aggregate_id INTEGER NOT NULL",
            "type TEXT NOT NULL",
            "payload TEXT NOT NULL",
            "created_at TEXT NOT NULL",
            "sent_at TEXT",
        ],
    );
    w.table(
        "metering.meters",
        &["meter_no TEXT PRIMARY KEY", "contract_no INTEGER NOT NULL UNIQUE", "assigned TEXT NOT NULL"],
    );
    let code = w.spot("contracts", "OutboxRelay.cs", "WHERE id >");
    w.cause("not_published", "contracts", "contracts.outbox -> contract.signed")
        .or_hop("contracts.contracts -> contract.signed")
        .code(code);
    w.expect(
        "confirmed",
        &[("dependency_error", "contracts")],
        "The relay of contracts reads its outbox past the highest id it has seen. Signing sometimes takes seconds (credit check), and such a \
         transaction commits a row with an id the relay has already passed: its sent_at stays empty and contract.signed never holds the record. \
         The credit bureau's slow answers are warned of for contracts that completed as well.",
    );
    w.noise("contracts", 45);
    w.noise("metering", 50);
    w.every(w.start + 5000, 5000, 0, relay);
    w.consume("metering", "contract.signed", "metering", |w, who, msg, _| {
        let contract = msg.text("contractNo");
        w.spend(8, 30);
        let (meter, now) = (format!("1EBZ01{:08}", w.between(0, 99_999_999)), sql(w.now));
        w.insert(
            "metering.meters",
            &json!({"meter_no": meter, "contract_no": msg.json["contractNo"], "assigned": now}),
        );
        w.log(who, info("metering.assign", format!("assigned meter {meter} to contract {contract}")));
        w.produce(
            "meter.assigned",
            Some(&contract),
            &[],
            &json!({"contractNo": msg.json["contractNo"], "meterNo": meter, "at": iso(w.now)}),
        );
        Next::Ack
    });
    w.reply(Reply {
        group: "contracts",
        topic: "meter.assigned",
        service: "contracts",
        field: "contractNo",
        from: "SIGNED",
        to: "METERED",
        stamp: "status_at",
        line: |id, msg| {
            info("Contracts.Metered", "Contract {Contract} has meter {Meter}")
                .kv("Contract", id)
                .kv("Meter", msg.text("meterNo"))
        },
    });
    w.arrivals(w.start, w.end, 62_000, sign);
}

/// A transaction takes its ids when it starts and is seen when it commits.
fn sign(w: &mut World, number: i64) {
    let (contract, row) = (w.next("contract", 614_020), w.next("outbox", 88_001));
    let (tariff, who) = (w.pick(&["BASIS", "NACHT", "OEKO"]), w.web("contracts"));
    let begun = w.now;
    let slow = w.chance(0.18);
    let seen = w.chance(if slow { 0.45 } else { 0.35 });
    let (low, high) = if slow {
        (9000, 14_000)
    } else if seen {
        (1100, 2900)
    } else {
        (60, 400)
    };
    w.spend(low, high);
    if seen {
        let elapsed = w.now - begun;
        let line = warn("Contracts.CreditCheck", "Credit bureau took {Elapsed} ms for contract {Contract}");
        w.log(&who, line.kv("Elapsed", elapsed).kv("Contract", contract));
    }
    let commit = w.now;
    let overtaken = slow && number % 2 == 0;
    w.at(commit, move |w| {
        let now = sql(w.now);
        w.insert("contracts.contracts", &json!({"contract_no": contract, "tariff": tariff, "status": "SIGNED", "signed_at": now, "status_at": now}));
        let payload = json!({"contractNo": contract, "tariff": tariff, "signedAt": iso(w.now)});
        w.insert("contracts.outbox", &json!({"id": row, "aggregate_id": contract, "type": "ContractSigned", "payload": payload.to_string(), "created_at": now}));
        w.log(&who, info("Contracts.Sign", "Contract {Contract} signed with tariff {Tariff}").kv("Contract", contract).kv("Tariff", tariff));
        w.truth.lists.entry("outbox".to_owned()).or_default().push(row.to_string());
    });
    if overtaken {
        // another event of the same service commits in between and moves the relay on
        let other = w.next("outbox", 88_001);
        w.at(begun + 1500, move |w| {
            let payload = json!({"tariff": tariff, "priceCents": 2890}).to_string();
            let now = sql(w.now);
            w.insert("contracts.outbox", &json!({"id": other, "aggregate_id": 0, "type": "PriceViewed", "payload": payload, "created_at": now}));
            w.truth.lists.entry("outbox".to_owned()).or_default().push(other.to_string());
        });
    }
    if w.chance(0.02) {
        w.after(2 * HOUR, move |w| {
            let (key, now) = (contract.to_string(), sql(w.now));
            w.set("contracts.contracts", &key, &json!({"status": "REVOKED", "status_at": now}));
            let who = w.web("contracts");
            w.log(&who, info("Contracts.Revoke", "Contract {Contract} revoked").kv("Contract", contract));
        });
    }
}

/// Sends what has come since the last run, by id.
fn relay(w: &mut World) {
    let mut rows: Vec<i64> = w
        .truth
        .lists
        .remove("outbox")
        .unwrap_or_default()
        .iter()
        .filter_map(|row| row.parse().ok())
        .collect();
    rows.sort_unstable();
    for row in rows {
        let key = row.to_string();
        let contract = w.get("contracts.outbox", &key, "aggregate_id");
        let mark = w.truth.marks.get("relay").copied().unwrap_or(0);
        if row <= mark {
            w.blame(&contract, 0);
            continue;
        }
        w.truth.marks.insert("relay".to_owned(), row);
        w.spend(2, 9);
        let now = sql(w.now);
        w.set("contracts.outbox", &key, &json!({"sent_at": now}));
        if w.get("contracts.outbox", &key, "type") == "ContractSigned" {
            let payload = w.get("contracts.outbox", &key, "payload");
            w.produce_raw("contract.signed", Some(&contract), &[("outbox-id", key)], Some(payload));
        }
    }
}
