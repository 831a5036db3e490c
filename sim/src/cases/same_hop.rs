//! Two causes at the same hop, one large and one small, on entities whose keys are small integers that also turn up as
//! durations and counts.

use serde_json::json;

use super::Reply;
use crate::kafka::{Msg, Next};
use crate::log::{Fmt, Who, Zip, error, go_exc, info, java_exc, warn};
use crate::time::{at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

const HOP: &str = "esim.ordered -> profiles.profiles";

pub fn build(w: &mut World) {
    w.span("2026-02-10T07:00:00Z", "2026-02-10T13:00:00Z");
    w.question(
        "roamly",
        Entity {
            name: "order",
            table: "portal.orders",
            key: "id",
            state: "status",
            stuck: "NEW",
            minutes: 30,
            done: &["READY", "INSTALLED"],
        },
    );
    w.service("portal", Fmt::Boot, 2, &["portal"]).rotate(&["2026-02-10T12:30:00Z"], Zip::Gz);
    w.service("profile-store", Fmt::SlogJson, 2, &["profiles"]).zip(Zip::Gz).skew(330);
    w.service("mailer", Fmt::Python, 1, &[]).zip(Zip::Gz);
    w.topic("esim.ordered", 4, Zip::Gz);
    w.topic("profile.reserved", 4, Zip::Gz);
    w.table(
        "portal.orders",
        &[
            "id INTEGER PRIMARY KEY",
            "zone INTEGER NOT NULL",
            "days INTEGER NOT NULL",
            "status TEXT NOT NULL",
            "created_at TEXT NOT NULL",
            "updated_at TEXT NOT NULL",
        ],
    );
    w.table(
        "profiles.profiles",
        &[
            "profile_id INTEGER PRIMARY KEY",
            "order_id INTEGER NOT NULL",
            "iccid TEXT NOT NULL CONSTRAINT uq_iccid UNIQUE",
            "reserved_at TEXT NOT NULL",
        ],
    );
    let code = w.spot("profile-store", "reserve.go", "ExecContext(");
    w.cause("duplicate_key", "profile-store", HOP).keys("profiles.profiles", &["iccid"]).code(code.clone());
    w.cause("lock_contention", "profile-store", HOP).code(code);
    w.expect(
        "confirmed",
        &[("dependency_error", "portal")],
        "A block of ICCIDs that had been used in the morning was imported into the pool again at 09:30, so about every fourth reservation violates uq_iccid (MySQL 1062). \
         Independently, an index rebuild from 11:00 to 11:12 made some reservations run into lock wait timeouts (1205). \
         Both leave an order NEW at the same hop with the same log message; only the error text splits them.",
    );
    for service in ["portal", "profile-store", "mailer"] {
        w.noise(service, 55);
    }
    w.at(at("2026-02-10T09:30:00Z"), |w| {
        let who = w.worker("profile-store", 0, "");
        w.log(&who, info("", "iccid block imported").kv("block", "89490200001").kv("size", 400));
    });
    w.consume("profile-store", "esim.ordered", "profile-store", reserve);
    w.consume("mailer", "profile.reserved", "mailer", |w, who, msg, _| {
        w.spend(30, 300);
        w.log(who, info("mailer.send", format!("sent QR code for order #{}", msg.text("order"))));
        Next::Ack
    });
    w.reply(Reply {
        group: "portal",
        topic: "profile.reserved",
        service: "portal",
        field: "order",
        from: "NEW",
        to: "READY",
        stamp: "updated_at",
        line: |id, _| info("com.roamly.portal.ProfileListener", format!("order={id} is ready to install")),
    });
    w.arrivals(w.start, w.end, 43_000, |w, _| order(w));
}

fn order(w: &mut World) {
    let id = w.next("order", 1042);
    let (zone, days, who, now) = (w.between(1, 6), w.pick(&[7, 15, 30]), w.web("portal"), sql(w.now));
    w.insert(
        "portal.orders",
        &json!({"id": id, "zone": zone, "days": days, "status": "NEW", "created_at": now, "updated_at": now}),
    );
    w.log(
        &who,
        info("com.roamly.portal.OrderController", format!("order={id} created, zone {zone}, {days} days")),
    );
    if w.chance(0.13) {
        let exc = java_exc(
            false,
            &[(
                "java.net.SocketTimeoutException",
                "Connect timed out",
                &["com.roamly.portal.FxClient.rate(FxClient.java:33)"],
            )],
        );
        w.log(
            &who,
            warn("com.roamly.portal.FxClient", format!("no exchange rate for order={id}, list price used"))
                .exc(exc),
        );
    }
    w.spend(3, 20);
    let payload = json!({"order": id, "zone": zone, "days": days, "at": iso(w.now)});
    w.produce("esim.ordered", Some(&id.to_string()), &[], &payload);
    let wait = w.between(1_200_000, 9_000_000);
    w.after(wait, move |w| {
        let key = id.to_string();
        if w.get("portal.orders", &key, "status") == "READY" {
            let (who, now) = (w.web("portal"), sql(w.now));
            w.set("portal.orders", &key, &json!({"status": "INSTALLED", "updated_at": now}));
            w.log(&who, info("com.roamly.portal.InstallController", format!("order={id} installed")));
        }
    });
}

fn reserve(w: &mut World, who: &Who, msg: &Msg, _: u32) -> Next {
    let (key, order) = (msg.text("order"), msg.json["order"].clone());
    let took = w.between(900, 1900);
    w.spend(1, 4);
    let rebuild = (at("2026-02-10T11:00:00Z")..at("2026-02-10T11:12:00Z")).contains(&w.now);
    if rebuild && w.chance(0.5) {
        w.spend(50_000, 50_100);
        let text = "reserve: insert profile: Error 1205 (HY000): Lock wait timeout exceeded; try restarting transaction";
        w.log(
            who,
            error("", "reservation failed")
                .kv("order_id", order)
                .kv("duration_us", 50_000_000 + took)
                .exc(go_exc(text)),
        );
        w.blame(&key, 1);
        return Next::Ack;
    }
    let reused = w.now > at("2026-02-10T09:30:00Z") && w.chance(0.25);
    let number = if reused { w.next("reused", 0) } else { w.next("iccid", 0) };
    let iccid = format!("89490200001{:08}", 20_000 + number * 7);
    if reused {
        let text = format!(
            "reserve: insert profile: Error 1062 (23000): Duplicate entry '{iccid}' for key 'profiles.uq_iccid'"
        );
        w.log(
            who,
            error("", "reservation failed").kv("order_id", order).kv("duration_us", took).exc(go_exc(&text)),
        );
        w.blame(&key, 0);
        w.violated(&key, 0, json!(iccid));
        return Next::Ack;
    }
    let (profile, now) = (w.next("profile", 88_301), sql(w.now));
    w.insert(
        "profiles.profiles",
        &json!({"profile_id": profile, "order_id": order, "iccid": iccid, "reserved_at": now}),
    );
    w.log(
        who,
        info("", "profile reserved")
            .kv("order_id", order.clone())
            .kv("profile", profile)
            .kv("iccid", iccid.clone())
            .kv("duration_us", took),
    );
    w.produce(
        "profile.reserved",
        Some(&key),
        &[],
        &json!({"order": order, "profile": profile, "iccid": iccid}),
    );
    Next::Ack
}
