//! aiokafka and kafka-python.

use super::{Found, TopicRole, View, argument};
use crate::outline::{Language, Value};

pub(super) fn find<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    if view.language() != Language::Python {
        return;
    }
    let aio = view.imports("aiokafka");
    let plain = view.outline.imports.iter().any(|i| i == "kafka" || i.starts_with("kafka."));
    let name = if aio || !plain { "aiokafka" } else { "kafka-python" };
    for call in &view.outline.calls {
        match call.method() {
            "AIOKafkaConsumer" | "KafkaConsumer" => {
                let names: Vec<&Value> =
                    call.arguments.iter().filter(|a| a.name.is_empty()).map(|a| &a.value).collect();
                if !names.is_empty() {
                    let mut found = Found::call(TopicRole::Handles, name, call, names);
                    found.group = super::named(&call.arguments, &["group_id"]);
                    out.push(found);
                }
            }
            "send" | "send_and_wait" if view.is_on(call, &["kafka", "producer"]) => {
                let topic = argument(&call.arguments, 0, &["topic"]);
                out.extend(topic.map(|t| Found::call(TopicRole::Publishes, name, call, vec![t])));
            }
            "subscribe" if (aio || plain) && view.is_on(call, &["consumer"]) => {
                let topics = argument(&call.arguments, 0, &["topics"]);
                let pattern = super::named(&call.arguments, &["pattern"]);
                let mut found =
                    Found::call(TopicRole::Handles, name, call, topics.or(pattern).into_iter().collect());
                found.pattern = pattern.is_some();
                out.push(found);
            }
            _ => {}
        }
    }
}
