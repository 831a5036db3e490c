//! PHP's clients: php-rdkafka, enqueue, Laravel's Kafka package; queues of Laravel by their name.

use super::{Found, TopicRole, View, argument, chained};
use crate::outline::{Call, Language, Value, last_name};

pub(super) fn find<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    if view.language() != Language::Php {
        return;
    }
    let rdkafka = view.imports("RdKafka") || view.outline.calls.iter().any(|c| c.callee.contains("RdKafka"));
    let enqueue = view.imports("Interop\\Queue") || view.imports("Enqueue");
    for call in &view.outline.calls {
        let first = argument(&call.arguments, 0, &["topic", "topics", "topicName"]);
        let Some(first) = first else { continue };
        let mut push = |role, name, value: &'a Value| {
            let mut found = Found::call(role, name, call, vec![value]);
            found.group = group(view, call);
            out.push(found);
        };
        match call.method() {
            "newTopic" if rdkafka || view.is_on(call, &["producer", "consumer"]) => {
                let reads = view.is_on(call, &["consumer"]) && !view.is_on(call, &["producer"]);
                push(if reads { TopicRole::Handles } else { TopicRole::Publishes }, "php-rdkafka", first);
            }
            "subscribe" if rdkafka => push(TopicRole::Handles, "php-rdkafka", first),
            "onTopic" | "publishOn" => push(TopicRole::Publishes, "laravel-kafka", first),
            "consumer" | "createConsumer" if call.receiver() == "Kafka" => {
                push(TopicRole::Handles, "laravel-kafka", first);
            }
            "sendEvent" | "sendCommand" => push(TopicRole::Publishes, "enqueue", first),
            "createTopic" | "createQueue" if enqueue => push(role_of(view, call), "enqueue", first),
            _ => {
                let on_topic = chained(call, "onTopic").find_map(|g| argument(g, 0, &[]));
                if let Some(topic) = on_topic {
                    push(TopicRole::Publishes, "laravel-kafka", topic);
                }
            }
        }
    }
}

/// What is done with a destination that enqueue made: by the calls of the same function.
fn role_of(view: &View<'_>, call: &Call) -> TopicRole {
    let here = || view.outline.calls.iter().filter(|c| c.symbol == call.symbol);
    if here().any(|c| last_name(&c.callee) == "send") {
        TopicRole::Publishes
    } else if here().any(|c| matches!(c.method(), "createConsumer" | "receive")) {
        TopicRole::Handles
    } else {
        TopicRole::Names
    }
}

/// `$conf->set('group.id', 'x')` in the same class.
fn group<'a>(view: &View<'a>, call: &Call) -> Option<&'a Value> {
    let class = view.outline.class_of(call.symbol);
    let mut near = view.outline.calls.iter().filter(|c| view.outline.class_of(c.symbol) == class);
    let of = |c: &'a Call| {
        let named =
            c.method() == "set" && c.arguments.first().and_then(|a| a.value.plain()) == Some("group.id");
        named.then(|| c.arguments.get(1).map(|a| &a.value)).flatten()
    };
    near.find_map(of)
}
