//! rdkafka for Rust.

use super::{Found, TopicRole, View, argument, chained};
use crate::outline::{Language, last_name};

const NAME: &str = "rdkafka";

pub(super) fn find<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    if view.language() != Language::Rust {
        return;
    }
    for call in &view.outline.calls {
        let record = |name: &str| matches!(last_name(name), "FutureRecord" | "BaseRecord");
        if call.method() == "to" && record(call.receiver()) {
            let topic = argument(&call.arguments, 0, &[]);
            out.extend(topic.map(|t| Found::call(TopicRole::Publishes, NAME, call, vec![t])));
        } else if call.callee.contains("Record.to()") {
            let topic = chained(call, "to").find_map(|g| argument(g, 0, &[]));
            out.extend(topic.map(|t| Found::call(TopicRole::Publishes, NAME, call, vec![t])));
        }
        if matches!(call.method(), "subscribe" | "assign")
            && (view.imports("rdkafka") || view.is_on(call, &["consumer"]))
        {
            let topics = argument(&call.arguments, 0, &[]);
            out.extend(topics.map(|t| Found::call(TopicRole::Handles, NAME, call, vec![t])));
        }
    }
}
