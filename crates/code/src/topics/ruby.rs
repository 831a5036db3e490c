//! Ruby's clients: Karafka's routes and producers, ruby-kafka, rdkafka-ruby, Racecar, DeliveryBoy.

use super::{Found, TopicRole, View, argument, named};
use crate::outline::{Call, Language, Value, last_name};

pub(super) fn find<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    if view.language() != Language::Ruby {
        return;
    }
    for call in &view.outline.calls {
        let topic = || named(&call.arguments, &["topic"]);
        match call.method() {
            "topic" if call.receiver().is_empty() && call.arguments.len() == 1 => route(view, call, out),
            "produce_sync" | "produce_async" | "produce" | "deliver_message" | "deliver"
            | "deliver_async" => {
                let name = match call.method() {
                    "produce_sync" | "produce_async" => "Karafka",
                    "deliver" | "deliver_async" => "DeliveryBoy",
                    _ if view.imports("rdkafka") => "rdkafka-ruby",
                    _ => "ruby-kafka",
                };
                out.extend(topic().map(|t| Found::call(TopicRole::Publishes, name, call, vec![t])));
            }
            "produce_many_sync" | "produce_many_async" => {
                let Some(Value::List(messages)) = call.arguments.first().map(|a| &a.value) else { continue };
                let names: Vec<&Value> =
                    messages.iter().filter_map(|m| super::field(m, &["topic"])).collect();
                out.push(Found::call(TopicRole::Publishes, "Karafka", call, names));
            }
            "each_message" => {
                let topic = topic().filter(|_| view.is_on(call, &["kafka"]));
                out.extend(topic.map(|t| Found::call(TopicRole::Handles, "ruby-kafka", call, vec![t])));
            }
            "subscribe" if view.is_on(call, &["consumer"]) || view.imports("kafka") => {
                let name = if view.imports("rdkafka") { "rdkafka-ruby" } else { "ruby-kafka" };
                let names = call.arguments.iter().filter(|a| a.name.is_empty()).map(|a| &a.value).collect();
                let mut found = Found::call(TopicRole::Handles, name, call, names);
                found.group = group(view, call);
                out.push(found);
            }
            "subscribes_to" if call.receiver().is_empty() => {
                let topics = call.arguments.iter().filter(|a| a.name.is_empty()).map(|a| &a.value).collect();
                let mut found = Found::call(TopicRole::Handles, "Racecar", call, topics);
                found.symbol = method_of(view, call.symbol, "process").or(call.symbol);
                out.push(found);
            }
            _ => {}
        }
    }
}

/// `topic :orders do consumer OrdersConsumer end`: the consumer's `consume` handles it.
fn route<'a>(view: &View<'a>, call: &'a Call, out: &mut Vec<Found<'a>>) {
    let Some(name) = argument(&call.arguments, 0, &[]) else { return };
    let inside = |c: &&Call| c.line >= call.line && c.end_line <= call.end_line && c.receiver().is_empty();
    let mut consumers = view.outline.calls.iter().filter(inside).filter(|c| c.method() == "consumer");
    let Some(class) = consumers.find_map(|c| argument(&c.arguments, 0, &[])) else { return };
    let mut found = Found::call(TopicRole::Handles, "Karafka", call, vec![name]);
    found.group = enclosing_group(view, call);
    if let Value::Name(class) = class {
        found.place = view.class(last_name(class), "consume");
    }
    out.push(found);
}

/// `consumer_group :x do … end` around a route.
fn enclosing_group<'a>(view: &View<'a>, call: &Call) -> Option<&'a Value> {
    let around = |c: &&'a Call| c.line <= call.line && call.end_line <= c.end_line;
    let mut groups = view.outline.calls.iter().filter(around).filter(|c| c.method() == "consumer_group");
    groups.find_map(|c| argument(&c.arguments, 0, &[]))
}

/// `kafka.consumer(group_id: "x")` in the same function or class; rdkafka's `:"group.id" => "x"`.
fn group<'a>(view: &View<'a>, call: &Call) -> Option<&'a Value> {
    let near = |c: &&'a Call| {
        c.symbol == call.symbol || view.outline.class_of(c.symbol) == view.outline.class_of(call.symbol)
    };
    let keys = ["group_id", "group.id"];
    view.outline
        .calls
        .iter()
        .filter(near)
        .find_map(|c| named(&c.arguments, &keys).or_else(|| super::given_field(c, &keys)))
}

/// A method of the class that a call stands in.
fn method_of(view: &View<'_>, symbol: Option<u32>, name: &str) -> Option<u32> {
    let class = view.outline.class_of(symbol)?;
    let own = |s: &crate::outline::Symbol| s.parent == Some(class) && s.name == name;
    view.outline.symbols.iter().position(own).map(|n| n as u32)
}
