//! One record carries many entities: a manifest lists its parcels, and when the hub cannot store the manifest, all of
//! them stay on the road. Oracle's message names a constraint and no value.

use serde_json::{Value, json};

use crate::kafka::{Msg, Next, text};
use crate::log::{Exc, Fmt, Who, Zip, error, info, java_exc, warn};
use crate::time::{MINUTE, iso, sql};
use crate::truth::Entity;
use crate::world::World;

const PARCELS: &str = "depot.parcels";

pub fn build(w: &mut World) {
    w.span("2026-12-03T04:00:00Z", "2026-12-03T12:00:00Z");
    w.question(
        "paketo",
        Entity {
            name: "parcel",
            table: PARCELS,
            key: "parcel_no",
            state: "state",
            stuck: "ON_ROAD",
            minutes: 90,
            done: &["AT_HUB", "DELIVERED"],
        },
    );
    w.service("depot", Fmt::Clef, 2, &["depot"]).zip(Zip::Gz);
    w.service("hub", Fmt::Boot, 2, &["hub"]).zone("Europe/Vienna").zip(Zip::Gz).skew(430);
    w.topic("manifest.closed", 3, Zip::No);
    w.topic("hub.arrived", 3, Zip::Gz);
    w.table(
        PARCELS,
        &[
            "parcel_no TEXT PRIMARY KEY",
            "manifest TEXT",
            "state TEXT NOT NULL",
            "weighed_at TEXT NOT NULL",
            "state_at TEXT NOT NULL",
        ],
    );
    w.table(
        "hub.manifests",
        &[
            "manifest_no TEXT PRIMARY KEY",
            "truck TEXT NOT NULL",
            "day TEXT NOT NULL",
            "tour INTEGER NOT NULL",
            "stored_at TEXT NOT NULL",
            "CONSTRAINT uq_manifest_truck_day UNIQUE (truck, day)",
        ],
    );
    w.table(
        "hub.arrivals",
        &[
            "arrival_id INTEGER PRIMARY KEY",
            "parcel_no TEXT NOT NULL",
            "manifest_no TEXT NOT NULL",
            "expected_at TEXT NOT NULL",
        ],
    );
    let code = w.spot("hub", "ManifestStore.java", "INSERT INTO manifests");
    w.cause("duplicate_key", "hub", "manifest.closed -> hub.arrivals")
        .or_hop("manifest.closed -> hub.manifests")
        .code(code);
    w.expect(
        "confirmed",
        &[],
        "hub stores one manifest a truck and day. In the Christmas season some trucks drive a second tour, whose manifest violates uq_manifest_truck_day (ORA-00001), \
         so the transaction that would have expected its parcels is rolled back. The error names the manifest; the parcels are in the record's array and in depot's rows. \
         The warnings of depot's scale hit parcels that reached the hub alike.",
    );
    w.noise("depot", 60);
    w.noise("hub", 60);
    w.consume("hub", "manifest.closed", "hub", arrive);
    w.consume("depot", "hub.arrived", "depot", |w, who, msg, _| {
        let now = sql(w.now);
        let parcels: Vec<Value> = msg.json["parcels"].as_array().cloned().unwrap_or_default();
        for parcel in &parcels {
            w.set(PARCELS, &text(parcel), &json!({"state": "AT_HUB", "state_at": now}));
        }
        w.log(
            who,
            info("Depot.HubEvents", "{Count} parcels of {Manifest} have arrived")
                .kv("Count", parcels.len())
                .kv("Manifest", msg.text("manifestNo")),
        );
        Next::Ack
    });
    w.every(w.start + 9 * MINUTE, 11 * MINUTE, 90_000, load);
}

/// Weighs and loads the parcels of one truck, and closes its manifest.
fn load(w: &mut World) {
    if w.truth.near_edge(w.end, w.now) {
        return;
    }
    let number = w.next("manifest", 1);
    let manifest = format!("M1203-{number:03}");
    // later in the morning some of the early trucks come back for a second tour
    let truck = if number > 24 && w.chance(0.3) { number % 9 + 1 } else { number };
    let truck = format!("W-{}PK", 7000 + truck);
    let mut parcels = Vec::new();
    for _ in 0..w.between(8, 15) {
        let parcel = format!("{}", w.between(10_040_000_000_000, 10_049_999_999_999));
        let (who, now) = (w.web("depot"), sql(w.now));
        w.insert(PARCELS, &json!({"parcel_no": parcel, "manifest": manifest, "state": "ON_ROAD", "weighed_at": now, "state_at": now}));
        w.log(
            &who,
            info("Depot.Scale", "Parcel {Parcel} weighed, {Grams} g")
                .kv("Parcel", parcel.clone())
                .kv("Grams", grams(&parcel)),
        );
        if w.chance(0.05) {
            w.log(
                &who,
                warn("Depot.Scale", "Scale {Scale} did not answer for {Parcel}, used declared weight")
                    .kv("Scale", 3)
                    .kv("Parcel", parcel.clone()),
            );
        }
        parcels.push(parcel);
        w.spend(700, 2500);
    }
    let who = w.web("depot");
    w.log(
        &who,
        info("Depot.Loading", "Manifest {Manifest} of truck {Truck} closed with {Count} parcels")
            .kv("Manifest", manifest.clone())
            .kv("Truck", truck.clone())
            .kv("Count", parcels.len()),
    );
    w.produce("manifest.closed", Some(&manifest), &[], &json!({"manifestNo": manifest, "truck": truck, "day": "2026-12-03", "closedAt": iso(w.now), "parcels": parcels}));
}

fn grams(parcel: &str) -> i64 {
    parcel.bytes().map(i64::from).sum::<i64>() * 7 % 9000 + 200
}

fn arrive(w: &mut World, who: &Who, msg: &Msg, _: u32) -> Next {
    let (manifest, truck) = (msg.text("manifestNo"), msg.text("truck"));
    let parcels: Vec<String> = msg.json["parcels"].as_array().into_iter().flatten().map(text).collect();
    w.spend(20, 90);
    w.log(
        who,
        info(
            "at.paketo.hub.ManifestListener",
            format!("Manifest {manifest} announced, {} parcels", parcels.len()),
        ),
    );
    if !w.once(&format!("truck {truck}")) {
        let exc = duplicate(w);
        w.log(
            who,
            error("at.paketo.hub.ManifestListener", format!("Manifest {manifest} could not be stored"))
                .exc(exc),
        );
        for parcel in &parcels {
            w.blame(parcel, 0);
        }
        return Next::Ack;
    }
    let now = sql(w.now);
    w.insert(
        "hub.manifests",
        &json!({"manifest_no": manifest, "truck": truck, "day": "2026-12-03", "tour": 1, "stored_at": now}),
    );
    let expected = sql(w.now + 35 * MINUTE);
    for parcel in &parcels {
        let id = w.next("arrival", 640_000);
        w.insert(
            "hub.arrivals",
            &json!({"arrival_id": id, "parcel_no": parcel, "manifest_no": manifest, "expected_at": expected}),
        );
    }
    let (wait, pod) = (w.between(25 * MINUTE, 50 * MINUTE), who.pod);
    w.after(wait, move |w| {
        let who = w.worker("hub", pod, "gate-3");
        w.log(
            &who,
            info("at.paketo.hub.GateService", format!("Truck {truck} with manifest {manifest} at the gate")),
        );
        w.produce(
            "hub.arrived",
            Some(&manifest),
            &[],
            &json!({"manifestNo": manifest, "parcels": parcels, "at": iso(w.now)}),
        );
    });
    Next::Ack
}

fn duplicate(w: &mut World) -> Exc {
    let (insert, listener) = (
        w.line("hub", "ManifestStore.java", "jdbc.update("),
        w.line("hub", "ManifestListener.java", "store.save("),
    );
    let text = "ORA-00001: unique constraint (HUB.UQ_MANIFEST_TRUCK_DAY) violated";
    java_exc(
        true,
        &[
            (
                "org.springframework.dao.DuplicateKeyException",
                &format!(
                    "PreparedStatementCallback; SQL [INSERT INTO manifests (manifest_no, truck, day, tour, stored_at) VALUES (?, ?, ?, 1, SYSTIMESTAMP)]; {text}\n"
                ),
                &[
                    "org.springframework.jdbc.support.SQLErrorCodeSQLExceptionTranslator.doTranslate(SQLErrorCodeSQLExceptionTranslator.java:247)",
                    "org.springframework.jdbc.core.JdbcTemplate.update(JdbcTemplate.java:1001)",
                    &format!("at.paketo.hub.ManifestStore.save(ManifestStore.java:{insert})"),
                    &format!("at.paketo.hub.ManifestListener.onClosed(ManifestListener.java:{listener})"),
                ],
            ),
            (
                "java.sql.SQLIntegrityConstraintViolationException",
                &format!("{text}\n\nhttps://docs.oracle.com/error-help/db/ora-00001/"),
                &[
                    "oracle.jdbc.driver.T4CTTIoer11.processError(T4CTTIoer11.java:702)",
                    "oracle.jdbc.driver.OraclePreparedStatement.executeUpdate(OraclePreparedStatement.java:3736)",
                ],
            ),
            (
                "oracle.jdbc.OracleDatabaseException",
                text,
                &["oracle.jdbc.driver.T4CTTIoer11.processError(T4CTTIoer11.java:710)"],
            ),
        ],
    )
}
