//! A partition stands still while the others move, and nothing was logged: a consumer that was paused by hand.

use serde_json::json;

use super::Reply;
use crate::kafka::Next;
use crate::log::{Fmt, Zip, dotnet_exc, error, info, warn};
use crate::time::{at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

pub fn build(w: &mut World) {
    w.span("2026-03-03T08:00:00Z", "2026-03-03T13:00:00Z");
    w.question(
        "telnova",
        Entity {
            name: "activation",
            table: "crm.activations",
            key: "code",
            state: "state",
            stuck: "ORDERED",
            minutes: 20,
            done: &["ACTIVE"],
        },
    );
    w.service("crm", Fmt::Clef, 1, &["crm"]).zip(Zip::Zst).skew(75);
    w.service("provisioner", Fmt::Pino, 3, &["prov"]).zip(Zip::Gz);
    w.service("numbering", Fmt::SlogJson, 1, &["numbers"]).zip(Zip::Gz);
    w.topic("line.activations", 6, Zip::Gz);
    w.topic("line.provisioned", 6, Zip::Gz);
    w.topic("number.assigned", 2, Zip::Gz);
    w.table(
        "crm.activations",
        &[
            "code TEXT PRIMARY KEY",
            "customer TEXT NOT NULL",
            "product TEXT NOT NULL",
            "state TEXT NOT NULL",
            "ordered_at TEXT NOT NULL",
            "activated_at TEXT",
        ],
    );
    w.table(
        "prov.lines",
        &[
            "line_id INTEGER PRIMARY KEY",
            "activation TEXT NOT NULL UNIQUE",
            "switch TEXT NOT NULL",
            "created TEXT NOT NULL",
        ],
    );
    w.table(
        "numbers.assignments",
        &["msisdn TEXT PRIMARY KEY", "line_id INTEGER NOT NULL", "assigned TEXT NOT NULL"],
    );
    w.cause("not_consumed", "provisioner", "line.activations -> prov.lines");
    w.expect(
        "confirmed",
        &[("dependency_error", "crm")],
        "At 11:05 one partition of line.activations was paused in provisioner's consumer and never resumed; its committed offset stands \
         still while the other five move on. No line says so, and every activation whose key hashes to that partition waits. \
         The address service's failures that crm logs hit active lines alike.",
    );
    for service in ["crm", "provisioner", "numbering"] {
        w.noise(service, 55);
    }
    w.consume("provisioner", "line.activations", "provisioner", |w, who, msg, _| {
        let code = msg.text("activation");
        w.spend(10, 50);
        if w.chance(0.05) {
            w.log(who, warn("switch", "switch did not answer in time, trying again").kv("activation", code.clone()).kv("err",
                json!({"type": "Error", "message": "connect ETIMEDOUT 10.9.1.4:830", "code": "ETIMEDOUT"})));
            w.spend(2000, 2500);
        }
        let (line, switch, now) = (w.next("line", 77_401), w.pick(&["SW-A1", "SW-B2", "SW-C1"]), sql(w.now));
        w.insert("prov.lines", &json!({"line_id": line, "activation": code, "switch": switch, "created": now}));
        w.log(who, info("lines", "line created").kv("activation", code.clone()).kv("lineId", line).kv("switch", switch));
        w.produce("line.provisioned", Some(&line.to_string()), &[], &json!({"lineId": line, "activation": code, "switch": switch}));
        Next::Ack
    });
    w.consume("numbering", "line.provisioned", "numbering", |w, who, msg, _| {
        w.spend(2, 12);
        let (msisdn, line, now) = (format!("4479{:08}", w.between(0, 99_999_999)), msg.json["lineId"].clone(), sql(w.now));
        w.insert("numbers.assignments", &json!({"msisdn": msisdn, "line_id": line, "assigned": now}));
        w.log(who, info("", "number assigned").kv("line", line.clone()).kv("msisdn", msisdn.clone()));
        w.produce("number.assigned", Some(&msg.text("lineId")), &[], &json!({"lineId": line, "activation": msg.text("activation"), "msisdn": msisdn, "at": iso(w.now)}));
        Next::Ack
    });
    w.reply(Reply {
        group: "crm",
        topic: "number.assigned",
        service: "crm",
        field: "activation",
        from: "ORDERED",
        to: "ACTIVE",
        stamp: "activated_at",
        line: |id, msg| {
            info("Crm.Activation", "Activation {Code} is active on {Msisdn}")
                .kv("Code", id)
                .kv("Msisdn", msg.text("msisdn"))
        },
    });
    w.at(at("2026-03-03T11:05:20Z"), |w| w.halt("provisioner", Some(4)));
    w.arrivals(w.start, w.end, 32_000, |w, _| {
        let code = format!("ACT-{}", w.alnum(6));
        let (customer, product, who) = (format!("K{}", w.between(20_000, 89_999)), w.pick(&["FIBER-500", "FIBER-1000", "MOBILE-S"]), w.web("crm"));
        let now = sql(w.now);
        w.insert("crm.activations", &json!({"code": code, "customer": customer, "product": product, "state": "ORDERED", "ordered_at": now}));
        w.log(&who, info("Crm.Orders", "Activation {Code} of {Product} ordered for {Customer}").kv("Code", code.clone()).kv("Product", product).kv("Customer", customer));
        if w.chance(0.13) {
            let exc = dotnet_exc(&[(
                "System.Net.Http.HttpRequestException",
                "Connection refused (address-check:8080)",
                &["Crm.AddressClient.Verify(String customer) in /src/Crm/AddressClient.cs:line 31"],
            )]);
            w.log(&who, error("Crm.AddressClient", "Address of activation {Code} not verified").kv("Code", code.clone()).exc(exc));
        }
        w.spend(3, 25);
        let (partition, _) = w.produce("line.activations", Some(&code), &[], &json!({"activation": code, "product": product, "orderedAt": iso(w.now)}));
        if partition == 4 && w.now > at("2026-03-03T11:05:19Z") {
            w.blame(&code, 0);
        }
    });
}
