//! spring-kafka: `@KafkaListener`, `KafkaTemplate`, containers made by hand.

use super::{Found, TopicRole, View, argument, chained, made, named};
use crate::outline::{Language, Value, last_name};

const NAME: &str = "spring-kafka";

pub(super) fn find<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    if !matches!(view.language(), Language::Java | Language::Kotlin) {
        return;
    }
    for annotation in &view.outline.annotations {
        let given = &annotation.arguments;
        match last_name(&annotation.name) {
            "KafkaListener" => {
                let names: Vec<&Value> = named(given, &["topics"]).into_iter().collect();
                let partitions = named(given, &["topicPartitions"]).and_then(topic_of_partitions);
                let names = names.into_iter().chain(partitions).collect();
                let mut found = Found::annotation(TopicRole::Handles, NAME, view, annotation, names);
                if let Some(pattern) = named(given, &["topicPattern"]) {
                    (found.names, found.pattern) = (vec![pattern], true);
                }
                out.push(found);
            }
            "SendTo" if view.imports("springframework") => {
                let names = given.iter().map(|a| &a.value).collect();
                out.push(Found::annotation(TopicRole::Publishes, NAME, view, annotation, names));
            }
            _ => {}
        }
    }
    for call in &view.outline.calls {
        let template = || view.is_on(call, &["kafkatemplate", "kafkaoperations", "kafkaproducertemplate"]);
        let likely = || {
            let (type_name, name) = view.receiver(call);
            template() || (type_name.is_empty() && (name.contains("kafka") || name.contains("template")))
        };
        match call.method() {
            "send" | "sendAndReceive" | "sendDefault"
                if likely() && view.imports("springframework.kafka") =>
            {
                if call.method() == "sendDefault" {
                    let mut found = Found::call(TopicRole::Publishes, NAME, call, Vec::new());
                    let settings = view.configuration().get("spring.kafka.template.default-topic");
                    found.told = settings.iter().map(|s| super::told(s)).collect();
                    out.push(found);
                    continue;
                }
                // A record of its own is one of kafka-clients' module.
                let record =
                    argument(&call.arguments, 0, &[]).is_some_and(|v| made(v, &["ProducerRecord"]).is_some());
                let topic = argument(&call.arguments, 0, &["topic"]).filter(|_| !record);
                let header = header_of(call.arguments.first().map(|a| &a.value));
                let topic = if call.arguments.len() == 1 { header } else { topic };
                out.extend(topic.map(|t| Found::call(TopicRole::Publishes, NAME, call, vec![t])));
            }
            "setHeader" if call.arguments.len() == 2 => {
                let key = &call.arguments[0].value;
                if matches!(key, Value::Name(n) if n.ends_with("KafkaHeaders.TOPIC")) {
                    out.push(Found::call(TopicRole::Publishes, NAME, call, vec![&call.arguments[1].value]));
                }
            }
            "setDefaultTopic" if view.imports("springframework.kafka") => {
                let topic = argument(&call.arguments, 0, &[]);
                out.extend(topic.map(|t| Found::call(TopicRole::Publishes, NAME, call, vec![t])));
            }
            "ContainerProperties" | "createContainer" if view.imports("springframework.kafka") => {
                let names = call.arguments.iter().map(|a| &a.value).collect();
                out.push(Found::call(TopicRole::Handles, NAME, call, names));
            }
            _ => {}
        }
        // `MessageBuilder.withPayload(p).setHeader(KafkaHeaders.TOPIC, topic).build()`
        for given in chained(call, "setHeader").filter(|g| g.len() == 2) {
            if matches!(&given[0].value, Value::Name(n) if n.ends_with("KafkaHeaders.TOPIC")) {
                out.push(Found::call(TopicRole::Publishes, NAME, call, vec![&given[1].value]));
            }
        }
    }
}

/// `@TopicPartition(topic = "a", partitions = …)`, or a list of them.
fn topic_of_partitions(value: &Value) -> Option<&Value> {
    match value {
        Value::Call(_, given) => named(given, &["topic"]),
        Value::List(values) => values.iter().find_map(topic_of_partitions),
        _ => None,
    }
}

fn header_of(value: Option<&Value>) -> Option<&Value> {
    let Some(Value::Call(_, given)) = value else { return None };
    let topic =
        given.iter().position(|a| matches!(&a.value, Value::Name(n) if n.ends_with("KafkaHeaders.TOPIC")))?;
    given.get(topic + 1).map(|a| &a.value)
}
