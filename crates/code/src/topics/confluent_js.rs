//! confluent-kafka-javascript and node-rdkafka in librdkafka's form.

use super::{Found, TopicRole, View, argument};
use crate::outline::{Language, Value};

const NAME: &str = "confluent-kafka-javascript";

pub(super) fn find<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    if view.language() != Language::JavaScript {
        return;
    }
    for call in &view.outline.calls {
        let Some(first) = argument(&call.arguments, 0, &[]) else { continue };
        let role = match call.method() {
            "produce" if call.arguments.len() >= 3 && view.is_on(call, &["producer"]) => TopicRole::Publishes,
            "subscribe" if matches!(first, Value::List(_)) && view.is_on(call, &["consumer"]) => {
                TopicRole::Handles
            }
            _ => continue,
        };
        out.push(Found::call(role, NAME, call, vec![first]));
    }
}
