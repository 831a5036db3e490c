//! A partition blocked by one record that cannot be read, and the innocent queued behind it. The error names nothing but
//! topic, partition and offset.

use serde_json::json;

use super::Reply;
use crate::kafka::Next;
use crate::log::{Fmt, Zip, error, info, java_exc, warn};
use crate::time::{HOUR, at, iso, sql};
use crate::truth::Entity;
use crate::world::World;

const TOPIC: &str = "parcel.registered";

pub fn build(w: &mut World) {
    w.span("2026-01-20T06:00:00Z", "2026-01-20T11:00:00Z");
    w.question(
        "parcelhub",
        Entity {
            name: "parcel",
            table: "intake.parcels",
            key: "barcode",
            state: "phase",
            stuck: "REGISTERED",
            minutes: 30,
            done: &["PLANNED"],
        },
    );
    w.service("intake", Fmt::Clef, 2, &["intake"]).zip(Zip::Gz).skew(210);
    w.service("sorter", Fmt::Boot, 2, &["sorter"])
        .zone("Europe/Warsaw")
        .rotate(&["2026-01-20T10:45:00Z"], Zip::Gz);
    w.topic(TOPIC, 4, Zip::Gz);
    w.topic("parcel.planned", 4, Zip::Gz);
    w.table(
        "intake.parcels",
        &[
            "barcode TEXT PRIMARY KEY",
            "phase TEXT NOT NULL",
            "depot TEXT NOT NULL",
            "weight_kg TEXT",
            "registered TEXT NOT NULL",
            "modified TEXT NOT NULL",
        ],
    );
    w.table(
        "sorter.sort_plans",
        &[
            "id INTEGER PRIMARY KEY",
            "parcel TEXT NOT NULL UNIQUE",
            "chute INTEGER NOT NULL",
            "planned TEXT NOT NULL",
        ],
    );
    w.cause("deserialization_error", "sorter", "parcel.registered -> sorter.sort_plans");
    w.expect(
        "confirmed",
        &[],
        "One parcel was typed in by hand with the weight '2,4' and its record cannot be read by sorter, whose consumer polls the same \
         offset again and again. The partition's committed offset stands at that record while the other three move on. \
         Every parcel of that partition registered since waits behind it, unharmed itself.",
    );
    w.noise("intake", 50);
    w.noise("sorter", 50);
    w.consume("sorter-main", TOPIC, "sorter", |w, who, msg, attempt| {
        let barcode = msg.text("barcode");
        let weight = msg.text("weightKg");
        if weight.contains(',') {
            if attempt.is_multiple_of(4) {
                unreadable(w, who, &msg.topic.replace('@', ""), msg.partition, msg.offset, &weight);
            }
            return Next::Retry(15_000);
        }
        w.spend(2, 9);
        let (id, chute, now) = (w.next("plan", 911_002), w.between(1, 48), sql(w.now));
        w.insert("sorter.sort_plans", &json!({"id": id, "parcel": barcode, "chute": chute, "planned": now}));
        w.log(
            who,
            info("pl.parcelhub.sorter.plan.ChutePlanner", format!("parcel {barcode} goes to chute {chute}")),
        );
        w.produce(
            "parcel.planned",
            Some(&barcode),
            &[],
            &json!({"barcode": barcode, "chute": chute, "at": iso(w.now)}),
        );
        Next::Ack
    });
    w.reply(Reply {
        group: "intake",
        topic: "parcel.planned",
        service: "intake",
        field: "barcode",
        from: "REGISTERED",
        to: "PLANNED",
        stamp: "modified",
        line: |id, msg| {
            info("Intake.PlannedHandler", "Parcel {Barcode} planned, chute {Chute}")
                .kv("Barcode", id)
                .kv("Chute", msg.json["chute"].clone())
        },
    });
    w.arrivals(w.start, w.end, 34_000, |w, _| register(w, false));
    w.at(at("2026-01-20T08:41:13Z"), |w| register(w, true));
}

fn register(w: &mut World, typed: bool) {
    let barcode = format!("PH{:010}PL", w.between(4_400_000_000, 4_499_999_999));
    let depot = w.pick(&["WAW1", "KRK2", "GDN1"]);
    let (whole, tenth, who, now) = (w.between(0, 18), w.between(1, 9), w.web("intake"), sql(w.now));
    let weight = if typed { "2,4".to_owned() } else { format!("{whole}.{tenth}") };
    w.insert(
        "intake.parcels",
        &json!({"barcode": barcode, "phase": "REGISTERED", "depot": depot, "weight_kg": weight,
        "registered": now, "modified": now}),
    );
    let source = if typed || w.chance(0.04) { "desk" } else { "scanner" };
    w.log(
        &who,
        info("Intake.RegisterController", "Parcel {Barcode} registered at {Depot} by {Source}")
            .kv("Barcode", barcode.clone())
            .kv("Depot", depot)
            .kv("Source", source),
    );
    if w.chance(0.03) {
        w.log(
            &who,
            warn("Intake.AddressCheck", "Address of {Barcode} could not be verified, using it as given")
                .kv("Barcode", barcode.clone()),
        );
    }
    w.spend(2, 30);
    let payload = json!({"barcode": barcode, "depot": depot, "weightKg": weight, "registeredAt": iso(w.now)});
    let (partition, _) = w.produce(TOPIC, Some(&barcode), &[], &payload);
    if typed {
        w.truth.marks.insert("partition".to_owned(), partition as i64);
    }
    if typed || w.truth.marks.get("partition") == Some(&(partition as i64)) {
        w.blame(&barcode, 0);
    }
    let wait = w.between(HOUR, 2 * HOUR);
    w.after(wait, move |w| {
        let who = w.web("intake");
        w.log(
            &who,
            info("Intake.TrackController", "Tracking page of {Barcode} viewed")
                .kv("Barcode", barcode.clone()),
        );
    });
}

fn unreadable(
    w: &mut World,
    who: &crate::log::Who,
    topic: &str,
    partition: usize,
    offset: i64,
    weight: &str,
) {
    let place = format!(
        "Error deserializing VALUE for partition {topic}-{partition} at offset {offset}. If needed, please seek past the record to continue consumption."
    );
    let exc = java_exc(
        true,
        &[
            (
                "java.lang.IllegalStateException",
                "This error handler cannot process 'SerializationException's directly; please consider configuring an 'ErrorHandlingDeserializer' in the value and/or key deserializer",
                &[
                    "org.springframework.kafka.listener.DefaultErrorHandler.handleOtherException(DefaultErrorHandler.java:192)",
                ],
            ),
            (
                "org.apache.kafka.common.errors.RecordDeserializationException",
                &place,
                &[
                    "org.apache.kafka.clients.consumer.internals.CompletedFetch.newRecordDeserializationException(CompletedFetch.java:346)",
                    "org.apache.kafka.clients.consumer.internals.CompletedFetch.parseRecord(CompletedFetch.java:330)",
                ],
            ),
            (
                "com.fasterxml.jackson.databind.exc.InvalidFormatException",
                &format!(
                    "Cannot deserialize value of type `java.math.BigDecimal` from String \"{weight}\": not a valid representation\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 58] (through reference chain: pl.parcelhub.sorter.ParcelRegistered[\"weightKg\"])"
                ),
                &[
                    "com.fasterxml.jackson.databind.exc.InvalidFormatException.from(InvalidFormatException.java:67)",
                    "com.fasterxml.jackson.databind.DeserializationContext.weirdStringException(DeserializationContext.java:1958)",
                ],
            ),
        ],
    );
    w.log(
        who,
        error("org.springframework.kafka.listener.KafkaMessageListenerContainer", "Consumer exception")
            .exc(exc),
    );
}
