//! MassTransit: topic endpoints of the Kafka rider, its producers, queues of its buses.

use super::{Found, TopicRole, View, argument};
use crate::outline::{Call, Language};

const NAME: &str = "MassTransit";

pub(super) fn find<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    if view.language() != Language::CSharp {
        return;
    }
    for call in &view.outline.calls {
        let Some(first) = argument(&call.arguments, 0, &["topicName", "topic", "queueName"]) else {
            continue;
        };
        match call.method() {
            "TopicEndpoint" => {
                let mut found = Found::call(TopicRole::Handles, NAME, call, vec![first]);
                found.group = argument(&call.arguments, 1, &["groupId"]);
                out.push(found);
                handler(view, call, first, out);
            }
            "ReceiveEndpoint" if view.imports("MassTransit") => {
                out.push(Found::call(TopicRole::Handles, NAME, call, vec![first]));
            }
            "AddProducer" if view.imports("MassTransit") => {
                out.push(Found::call(TopicRole::Publishes, NAME, call, vec![first]));
            }
            "Produce" if view.is_on(call, &["itopicproducer"]) => {
                let (type_name, _) = view.receiver(call);
                let message = type_name.trim_end_matches('>').rsplit(['<', ',']).next().unwrap_or_default();
                let names = registered(view, message);
                let mut found = Found::call(TopicRole::Publishes, NAME, call, Vec::new());
                found.told = names;
                out.push(found);
            }
            _ => {}
        }
    }
}

/// `e.ConfigureConsumer<T>(…)` inside an endpoint: the class that handles.
fn handler<'a>(view: &View<'a>, endpoint: &Call, topic: &'a crate::outline::Value, out: &mut Vec<Found<'a>>) {
    let inside = |c: &&Call| endpoint.line <= c.line && c.end_line <= endpoint.end_line;
    for call in view.outline.calls.iter().filter(inside).filter(|c| c.method() == "ConfigureConsumer") {
        for class in &call.types {
            let place = view.class(class, "Consume");
            if let Some((file, symbol)) = place.filter(|(file, _)| *file == view.file) {
                let outline = &view.resolver.index.files[file].outline;
                let found = &outline.symbols[symbol as usize];
                let mut one = Found::call(TopicRole::Handles, NAME, call, vec![topic]);
                (one.line, one.end_line, one.symbol) = (found.line, found.line, Some(symbol));
                out.push(one);
            }
        }
    }
}

/// The topics that producers of a message type are registered with, in any file.
fn registered(view: &View<'_>, message: &str) -> Vec<crate::resolve::Resolved> {
    let mut out = Vec::new();
    for (number, file) in view.resolver.index.files.iter().enumerate() {
        for call in file.outline.calls.iter().filter(|c| c.method() == "AddProducer") {
            let fits = call.types.iter().any(|t| t.to_lowercase() == message);
            if let Some(name) = argument(&call.arguments, 0, &["topicName", "topic"]).filter(|_| fits) {
                out.extend(view.resolver.texts(crate::resolve::At::new(number, call.symbol), name));
            }
        }
    }
    out
}
