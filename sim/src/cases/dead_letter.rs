//! Records end in a dead-letter topic under a generic exception; the log names only topic, partition and offset. Some
//! that were dead-lettered in the morning were replayed and completed.

use serde_json::json;

use super::Reply;
use crate::kafka::{Msg, Next};
use crate::log::{Fmt, Who, Zip, error, info, java_exc, warn};
use crate::time::{MINUTE, iso, sql};
use crate::truth::Entity;
use crate::world::World;

const TOPIC: &str = "customs.declare";
const DLT: &str = "customs.declare.DLT";

pub fn build(w: &mut World) {
    w.span("2026-06-09T05:30:00Z", "2026-06-09T12:00:00Z");
    w.question(
        "norship",
        Entity {
            name: "shipment",
            table: "booking.shipments",
            key: "shipment_id",
            state: "status",
            stuck: "AWAITING_CUSTOMS",
            minutes: 40,
            done: &["CLEARED"],
        },
    );
    w.service("booking", Fmt::Logback, 1, &["booking"])
        .zone("Europe/Oslo")
        .rotate(&["2026-06-09T11:00:00Z"], Zip::Gz);
    w.service("customs", Fmt::Logback, 2, &["customs"]).rotate(&["2026-06-09T11:30:00Z"], Zip::Gz).skew(-420);
    w.topic(TOPIC, 3, Zip::Gz);
    w.topic(DLT, 3, Zip::No);
    w.topic("customs.cleared", 3, Zip::Gz);
    w.table(
        "booking.shipments",
        &[
            "shipment_id INTEGER PRIMARY KEY",
            "consignee TEXT NOT NULL",
            "hs_code TEXT NOT NULL",
            "country TEXT NOT NULL",
            "status TEXT NOT NULL",
            "booked_at TEXT NOT NULL",
            "status_at TEXT NOT NULL",
        ],
    );
    w.table(
        "customs.declarations",
        &[
            "declaration_no TEXT PRIMARY KEY",
            "shipment_id INTEGER NOT NULL UNIQUE",
            "duty_cents INTEGER NOT NULL",
            "filed_at TEXT NOT NULL",
        ],
    );
    let code = w.spot("customs", "DeclareListener.java", "throw new");
    w.cause("dead_lettered", "customs", "customs.declare -> customs.declarations").code(code);
    w.expect(
        "confirmed",
        &[],
        "From 08:10 customs gives up on some records after two attempts and publishes them to customs.declare.DLT under a plain \
         'Declaration could not be processed'. Nobody consumes the dead-letter topic; several records dead-lettered at dawn were replayed by hand at 07:00 and \
         completed, which a look at the dead-letter topic alone would count as stuck.",
    );
    w.noise("booking", 40);
    w.noise("customs", 45);
    w.consume("customs", TOPIC, "customs", declare);
    w.reply(Reply {
        group: "booking",
        topic: "customs.cleared",
        service: "booking",
        field: "shipmentId",
        from: "AWAITING_CUSTOMS",
        to: "CLEARED",
        stamp: "status_at",
        line: |id, msg| {
            info(
                "no.norship.booking.ClearedListener",
                format!("Shipment {id} cleared, declaration {}", msg.text("declarationNo")),
            )
        },
    });
    w.arrivals(w.start, w.end, 52_000, |w, _| {
        let id = w.next("shipment", 4_100_123);
        let (consignee, hs) =
            (format!("C{}", w.between(100, 999)), format!("{}.{}", w.between(1001, 9706), w.between(10, 99)));
        let (country, who, now) = (w.pick(&["GB", "CH", "US", "JP"]), w.web("booking"), sql(w.now));
        w.insert(
            "booking.shipments",
            &json!({"shipment_id": id, "consignee": consignee, "hs_code": hs, "country": country,
            "status": "AWAITING_CUSTOMS", "booked_at": now, "status_at": now}),
        );
        w.log(&who, info("no.norship.booking.BookingService", format!("Booked shipment {id} to {country}")));
        w.spend(5, 40);
        send(w, id, &hs, country);
    });
}

fn send(w: &mut World, id: i64, hs: &str, country: &str) {
    let payload = json!({"shipmentId": id, "hsCode": hs, "country": country, "requestedAt": iso(w.now)});
    w.produce(
        TOPIC,
        Some(&id.to_string()),
        &[("__TypeId__", "no.norship.events.DeclareCustoms".to_owned())],
        &payload,
    );
}

fn declare(w: &mut World, who: &Who, msg: &Msg, attempt: u32) -> Next {
    let id = msg.text("shipmentId");
    let dawn = msg.ts < w.start + 60 * MINUTE;
    let late = msg.ts > w.start + 160 * MINUTE;
    let sentence = (msg.json["shipmentId"].as_i64().unwrap_or_default() * 31) % 97;
    let replayed = w.truth.lists.get("replayed").is_some_and(|list| list.contains(&id));
    if !replayed && ((dawn && sentence < 12) || (late && sentence < 22)) {
        w.spend(20, 60);
        if attempt < 2 {
            return Next::Retry(1000);
        }
        dead_letter(w, who, msg, late);
        return Next::Ack;
    }
    w.spend(15, 60);
    let (no, duty, now) = (format!("26NO{}", w.alnum(12)), w.between(0, 90_000), sql(w.now));
    w.insert("customs.declarations", &json!({"declaration_no": no, "shipment_id": msg.json["shipmentId"], "duty_cents": duty, "filed_at": now}));
    w.log(
        who,
        info("no.norship.customs.DeclarationService", format!("Filed declaration {no} for shipment {id}")),
    );
    w.spend(3, 12);
    w.produce(
        "customs.cleared",
        Some(&id),
        &[],
        &json!({"shipmentId": msg.json["shipmentId"], "declarationNo": no, "clearedAt": iso(w.now)}),
    );
    Next::Ack
}

fn dead_letter(w: &mut World, who: &Who, msg: &Msg, for_good: bool) {
    let id = msg.text("shipmentId");
    let place = msg.place();
    let line = w.line("customs", "DeclareListener.java", "throw new");
    let frame = format!("no.norship.customs.DeclareListener.onDeclare(DeclareListener.java:{line})");
    let exc = java_exc(
        true,
        &[
            (
                "org.springframework.kafka.listener.ListenerExecutionFailedException",
                "Listener method 'public void no.norship.customs.DeclareListener.onDeclare(no.norship.events.DeclareCustoms)' threw exception",
                &[
                    "org.springframework.kafka.listener.KafkaMessageListenerContainer$ListenerConsumer.decorateException(KafkaMessageListenerContainer.java:2873)",
                ],
            ),
            ("java.lang.RuntimeException", "Declaration could not be processed", &[frame.as_str()]),
        ],
    );
    w.log(
        who,
        warn(
            "org.springframework.kafka.listener.DeadLetterPublishingRecoverer",
            format!("Publishing failed record {place} to {DLT}"),
        ),
    );
    let stack: String = exc.text.chars().take(420).collect();
    let headers = [
        ("__TypeId__", "no.norship.events.DeclareCustoms".to_owned()),
        (
            "kafka_dlt-exception-fqcn",
            "org.springframework.kafka.listener.ListenerExecutionFailedException".to_owned(),
        ),
        ("kafka_dlt-exception-cause-fqcn", "java.lang.RuntimeException".to_owned()),
        ("kafka_dlt-exception-message", "Listener failed; Declaration could not be processed".to_owned()),
        ("kafka_dlt-exception-stacktrace", stack),
        ("kafka_dlt-original-topic", TOPIC.to_owned()),
        ("kafka_dlt-original-partition", msg.partition.to_string()),
        ("kafka_dlt-original-offset", msg.offset.to_string()),
        ("kafka_dlt-original-consumer-group", "customs".to_owned()),
    ];
    w.log(who, error("org.springframework.kafka.listener.DefaultErrorHandler",
        format!("Backoff FixedBackOff{{interval=1000, currentAttempts=3, maxAttempts=2}} exhausted for {place}")).exc(exc));
    w.produce_raw(DLT, msg.key.as_deref(), &headers, msg.payload.clone());
    if for_good {
        w.blame(&id, 0);
        return;
    }
    let (hs, country) = (msg.text("hsCode"), msg.text("country"));
    let replay = w.start + 90 * MINUTE + w.between(0, 20_000);
    w.at(replay, move |w| {
        w.truth.lists.entry("replayed".to_owned()).or_default().push(id.clone());
        let who = w.worker("booking", 0, "http-nio-8080-exec-3");
        w.log(
            &who,
            info(
                "no.norship.booking.OpsController",
                format!("Replaying customs request for shipment {id} on behalf of ops"),
            ),
        );
        send(w, id.parse().unwrap_or_default(), &hs, &country);
    });
}
