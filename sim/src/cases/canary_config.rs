//! Two versions of the consumer side by side: the new one lacks a property on one instance, and everything on that
//! instance's partitions fails.

use serde_json::json;

use super::Reply;
use crate::kafka::Next;
use crate::log::{Exc, Fmt, Zip, error, info, java_exc, warn};
use crate::time::{at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

const DEPLOYED: &str = "2026-03-24T09:15:00Z";

pub fn build(w: &mut World) {
    w.span("2026-03-24T06:30:00Z", "2026-03-24T12:00:00Z");
    w.question(
        "labelworks",
        Entity {
            name: "consignment",
            table: "dispatch.consignments",
            key: "consignment_no",
            state: "state",
            stuck: "PACKED",
            minutes: 30,
            done: &["LABELLED", "HANDED_OVER"],
        },
    );
    w.service("dispatch", Fmt::Pino, 2, &["dispatch"]).zip(Zip::Gz);
    w.service("labels", Fmt::Ecs, 3, &["labels"]).zip(Zip::Zst).skew(510);
    w.topic("consignments.packed", 6, Zip::Gz);
    w.topic("labels.printed", 6, Zip::Gz);
    w.table(
        "dispatch.consignments",
        &[
            "consignment_no TEXT PRIMARY KEY",
            "carrier TEXT NOT NULL",
            "grams INTEGER NOT NULL",
            "state TEXT NOT NULL",
            "packed_at TEXT NOT NULL",
            "changed_at TEXT NOT NULL",
        ],
    );
    w.table(
        "labels.labels",
        &[
            "label_id INTEGER PRIMARY KEY",
            "consignment_no TEXT NOT NULL UNIQUE",
            "tracking TEXT NOT NULL",
            "printed_at TEXT NOT NULL",
        ],
    );
    let code = w.spot("labels", "DpdLabeller.java", "environment.getRequiredProperty");
    w.cause("config_error", "labels", "consignments.packed -> labels.labels").code(code);
    w.expect(
        "confirmed",
        &[("handler_exception", "dispatch")],
        "Version 3.9.0 of labels went to one of three instances at 09:15; it reads the DPD contract from a property which that instance's configuration lacks. \
         Every DPD consignment on that instance's partitions fails with an IllegalStateException about the required key, while GLS and UPS ones there and DPD ones on the other two instances pass. \
         dispatch's printer errors hit labelled consignments alike.",
    );
    w.noise("dispatch", 45);
    w.noise("labels", 60);
    for pod in 0..3 {
        w.at(w.start + 1000 * (pod as i64 + 1), move |w| {
            w.boot_lines("labels", pod, "3.8.2", "com.labelworks.labels.LabelsApplication");
        });
    }
    w.at(at(DEPLOYED), |w| w.boot_lines("labels", 1, "3.9.0", "com.labelworks.labels.LabelsApplication"));
    w.consume("labels", "consignments.packed", "labels", |w, who, msg, _| {
        let (no, carrier) = (msg.text("consignmentNo"), msg.text("carrier"));
        w.spend(5, 20);
        if who.pod == 1 && carrier == "DPD" && w.now > at(DEPLOYED) {
            let exc = missing(w);
            w.log(
                who,
                error("com.labelworks.labels.PackedListener", format!("No label for consignment {no}"))
                    .exc(exc)
                    .kv("labels.carrier", carrier),
            );
            w.blame(&no, 0);
            return Next::Ack;
        }
        if w.chance(0.05) {
            w.log(
                who,
                warn("com.labelworks.labels.CarrierClient", format!("{carrier} answered late for {no}")),
            );
            w.spend(700, 1900);
        }
        let (id, tracking, now) = (
            w.next("label", 556_100),
            format!("{}{:011}", &carrier[..1], w.between(0, 99_999_999_999)),
            sql(w.now),
        );
        w.insert(
            "labels.labels",
            &json!({"label_id": id, "consignment_no": no, "tracking": tracking, "printed_at": now}),
        );
        w.log(
            who,
            info("com.labelworks.labels.PackedListener", format!("Label {id} for consignment {no}"))
                .kv("labels.carrier", carrier),
        );
        w.produce(
            "labels.printed",
            Some(&no),
            &[],
            &json!({"consignmentNo": no, "labelId": id, "tracking": tracking, "at": iso(w.now)}),
        );
        Next::Ack
    });
    w.reply(Reply {
        group: "dispatch",
        topic: "labels.printed",
        service: "dispatch",
        field: "consignmentNo",
        from: "PACKED",
        to: "LABELLED",
        stamp: "changed_at",
        line: |id, msg| {
            info("labels", "consignment labelled").kv("consignment", id).kv("tracking", msg.text("tracking"))
        },
    });
    w.arrivals(w.start, w.end, 36_000, |w, _| {
        let no = format!("LW{}", w.between(10_000_000, 99_999_999));
        let (carrier, grams, who, now) = (w.pick(&["DPD", "DPD", "GLS", "UPS"]), w.between(200, 21_000), w.web("dispatch"), sql(w.now));
        w.insert("dispatch.consignments", &json!({"consignment_no": no, "carrier": carrier, "grams": grams, "state": "PACKED", "packed_at": now, "changed_at": now}));
        w.log(&who, info("pack", "consignment packed").kv("consignment", no.clone()).kv("carrier", carrier));
        if w.chance(0.2) {
            let exc = crate::log::js_exc("Error", "printer lp3 out of paper", &["Spooler.print (/app/src/spooler.ts:48:11)"]);
            w.log(&who, error("print", "packing slip not printed").kv("consignment", no.clone()).exc(exc));
        }
        w.spend(3, 20);
        w.produce("consignments.packed", Some(&no), &[], &json!({"consignmentNo": no, "carrier": carrier, "grams": grams, "packedAt": iso(w.now)}));
    });
}

fn missing(w: &mut World) -> Exc {
    let line = w.line("labels", "DpdLabeller.java", "environment.getRequiredProperty");
    let listener = w.line("labels", "PackedListener.java", "labeller.label(");
    java_exc(
        true,
        &[(
            "java.lang.IllegalStateException",
            "Required key 'carrier.dpd.contract-id' not found",
            &[
                "org.springframework.core.env.AbstractPropertyResolver.getRequiredProperty(AbstractPropertyResolver.java:174)",
                "org.springframework.core.env.AbstractEnvironment.getRequiredProperty(AbstractEnvironment.java:585)",
                &format!("com.labelworks.labels.DpdLabeller.label(DpdLabeller.java:{line})"),
                &format!("com.labelworks.labels.PackedListener.onPacked(PackedListener.java:{listener})"),
            ],
        )],
    )
}
