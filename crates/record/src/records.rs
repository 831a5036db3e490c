//! A record in the envelope that `kcat -J` prints, and what lies beside the records: topics and groups.

use crate::Scrubber;
use serde_json::{Value, json};
use waylaid_model::{Record, Timestamp};
use waylaid_store::TopicCatalog;

/// The record's line, with its end.
pub(crate) fn line(record: &Record, scrub: &Scrubber) -> String {
    let mut headers = Vec::with_capacity(record.headers.len() * 2);
    for (name, value) in &record.headers {
        let mut value = Value::from(value.as_str());
        scrub.value(name, &mut value);
        headers.extend([Value::from(scrub.text(name)), value]);
    }
    let payload = record.payload.clone().map(|mut payload| {
        match &payload {
            Value::String(text) => payload = Value::from(scrub.text(text)),
            _ => scrub.value("", &mut payload),
        }
        // The envelope has an object as text; a bare number stays one, as text it would come back as text.
        match payload {
            Value::Object(_) | Value::Array(_) => Value::from(payload.to_string()),
            other => other,
        }
    });
    let millis = record.time.map_or(-1, Timestamp::millis);
    let key = record.key.as_deref().map(|key| scrub.text(key));
    let line = json!({"topic": record.topic, "partition": record.partition, "offset": record.offset, "ts": millis,
                      "headers": headers, "key": key, "payload": payload});
    format!("{line}\n")
}

/// `_topics.json`.
pub(crate) fn topics(catalog: &TopicCatalog) -> Value {
    let topic = |topic: &waylaid_store::TopicInfo| {
        let partition = |p: &waylaid_store::PartitionInfo| json!({"partition": p.partition, "start": p.start, "end": p.end});
        let config: serde_json::Map<String, Value> =
            topic.config.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        let partitions: Vec<Value> = topic.partitions.iter().map(partition).collect();
        json!({"topic": topic.name, "partitions": partitions, "config": config})
    };
    catalog.topics.iter().map(topic).collect()
}

/// `_groups.json`.
pub(crate) fn groups(catalog: &TopicCatalog) -> Value {
    let group = |group: &waylaid_store::GroupOffset| {
        json!({"group": group.group, "topic": group.topic, "partition": group.partition,
               "committed": group.committed.unwrap_or(-1), "end": group.end.unwrap_or(-1)})
    };
    catalog.groups.iter().map(group).collect()
}
