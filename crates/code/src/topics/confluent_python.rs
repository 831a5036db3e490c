//! confluent-kafka for Python.

use super::{Found, TopicRole, View, argument};
use crate::outline::Language;

const NAME: &str = "confluent-kafka";

pub(super) fn find<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    if view.language() != Language::Python {
        return;
    }
    let imported = view.imports("confluent_kafka");
    for call in &view.outline.calls {
        let first = argument(&call.arguments, 0, &["topic", "topics"]);
        let role = match call.method() {
            "produce" if imported || view.is_on(call, &["producer"]) => TopicRole::Publishes,
            "subscribe" if imported || (!view.imports("kafka") && view.is_on(call, &["consumer"])) => {
                TopicRole::Handles
            }
            _ => continue,
        };
        out.extend(first.map(|t| Found::call(role, NAME, call, vec![t])));
    }
}
