//! kafka-clients and Kafka Streams: records, subscriptions, topologies.

use super::{Found, TopicRole, View, argument};
use crate::outline::{Language, Value};

const NAME: &str = "kafka-clients";

pub(super) fn find<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    if !matches!(view.language(), Language::Java | Language::Kotlin) {
        return;
    }
    for call in &view.outline.calls {
        let first = argument(&call.arguments, 0, &["topic", "topics"]);
        let Some(first) = first else { continue };
        let streams = || view.imports("kafka.streams");
        let one = |role| Found::call(role, NAME, call, vec![first]);
        match call.method() {
            "ProducerRecord" => out.push(one(TopicRole::Publishes)),
            "subscribe" if view.is_on(call, &["consumer"]) || view.imports("kafka.clients.consumer") => {
                let mut found = one(TopicRole::Handles);
                found.pattern =
                    matches!(first, Value::Call(callee, _) if callee.ends_with("Pattern.compile"));
                out.push(found);
            }
            "assign" if view.is_on(call, &["consumer"]) => out.push(one(TopicRole::Handles)),
            "stream" | "table" | "globalTable" if streams() && is_name(first) => {
                out.push(one(TopicRole::Handles));
            }
            "to" | "through" | "repartition" if streams() && is_name(first) => {
                out.push(one(TopicRole::Publishes));
            }
            _ => {}
        }
    }
}

/// Not a lambda, which chooses the topic of each record.
fn is_name(value: &Value) -> bool {
    !matches!(value, Value::Other)
}
