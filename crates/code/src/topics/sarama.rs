//! sarama, and confluent-kafka-go.

use super::{Found, TopicRole, View, argument, given_field};
use crate::outline::Language;

pub(super) fn find<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    if view.language() != Language::Go {
        return;
    }
    let confluent = view.imports("confluent-kafka-go");
    let sarama = view.imports("sarama");
    for call in &view.outline.calls {
        let at = |position| argument(&call.arguments, position, &[]);
        let (role, name, topic) = match call.method() {
            "ProducerMessage" => (TopicRole::Publishes, "sarama", given_field(call, &["Topic"])),
            "Consume" if sarama && call.arguments.len() == 3 => (TopicRole::Handles, "sarama", at(1)),
            "ConsumePartition" if sarama => (TopicRole::Handles, "sarama", at(0)),
            "SubscribeTopics" | "Subscribe" if confluent => (TopicRole::Handles, "confluent-kafka-go", at(0)),
            "TopicPartition" if confluent => {
                (TopicRole::Publishes, "confluent-kafka-go", given_field(call, &["Topic"]))
            }
            _ => continue,
        };
        out.extend(topic.map(|t| Found::call(role, name, call, vec![t])));
    }
}
