//! kafkajs, and confluent-kafka-javascript where it keeps kafkajs' form.

use super::{Found, TopicRole, View, field, given_field};
use crate::outline::{Language, Value};

pub(super) fn find<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    if view.language() != Language::JavaScript {
        return;
    }
    let name =
        if view.imports("confluent-kafka-javascript") { "confluent-kafka-javascript" } else { "kafkajs" };
    for call in &view.outline.calls {
        match call.method() {
            "send" => {
                let topic = given_field(call, &["topic"]);
                if given_field(call, &["messages"]).is_some() {
                    out.extend(topic.map(|t| Found::call(TopicRole::Publishes, name, call, vec![t])));
                }
            }
            "sendBatch" => {
                let Some(Value::List(messages)) = given_field(call, &["topicMessages"]) else { continue };
                let names = messages.iter().filter_map(|m| field(m, &["topic"])).collect();
                out.push(Found::call(TopicRole::Publishes, name, call, names));
            }
            "subscribe" => {
                let topic = given_field(call, &["topic", "topics"]);
                let known = view.is_on(call, &["consumer"]) || view.imports("kafka");
                out.extend(
                    topic.filter(|_| known).map(|t| Found::call(TopicRole::Handles, name, call, vec![t])),
                );
            }
            _ => {}
        }
    }
}
