//! Confluent.Kafka for .NET.

use super::{Found, TopicRole, View, argument, made};
use crate::outline::Language;

const NAME: &str = "Confluent.Kafka";

pub(super) fn find<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    if view.language() != Language::CSharp {
        return;
    }
    let imported = view.imports("Confluent.Kafka");
    for call in &view.outline.calls {
        let Some(first) = argument(&call.arguments, 0, &["topic", "topics", "topicPartition"]) else {
            continue;
        };
        let role = match call.method() {
            "Produce" | "ProduceAsync" if imported || view.is_on(call, &["producer"]) => {
                // MassTransit's producers are given a message alone.
                if call.arguments.len() < 2 || view.is_on(call, &["itopicproducer"]) {
                    continue;
                }
                TopicRole::Publishes
            }
            "Subscribe" | "Assign" if imported || view.is_on(call, &["consumer"]) => TopicRole::Handles,
            _ => continue,
        };
        let partition = made(first, &["TopicPartition", "TopicPartitionOffset"]);
        out.push(Found::call(role, NAME, call, vec![partition.unwrap_or(first)]));
    }
}
