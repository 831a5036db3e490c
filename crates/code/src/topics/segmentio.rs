//! segmentio/kafka-go.

use super::{Found, TopicRole, View, given_field};
use crate::outline::Language;

const NAME: &str = "kafka-go";

pub(super) fn find<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    if view.language() != Language::Go || !view.imports("segmentio/kafka-go") {
        return;
    }
    for call in &view.outline.calls {
        let role = match call.method() {
            "ReaderConfig" => TopicRole::Handles,
            "Writer" | "WriterConfig" | "Message" => TopicRole::Publishes,
            _ => continue,
        };
        let topic = given_field(call, &["Topic", "GroupTopics"]);
        let mut found = topic.map(|t| Found::call(role, NAME, call, vec![t]));
        if let Some(found) = &mut found {
            found.group = given_field(call, &["GroupID"]);
        }
        out.extend(found);
    }
}
