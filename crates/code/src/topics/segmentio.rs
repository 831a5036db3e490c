//! segmentio/kafka-go.

use super::{Found, TopicRole, View, given_field};
use crate::outline::Language;

const NAME: &str = "kafka-go";
const READS: &[&str] = &["FetchMessage", "ReadMessage"];
const SENDS: &[&str] = &["WriteMessages"];

pub(super) fn find<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    if view.language() != Language::Go || !view.imports("segmentio/kafka-go") {
        return;
    }
    for call in &view.outline.calls {
        let role = match call.method() {
            "ReaderConfig" | "ReadMessage" | "FetchMessage" => TopicRole::Handles,
            "Writer" | "WriterConfig" | "Message" | "WriteMessages" => TopicRole::Publishes,
            _ => continue,
        };
        let topic = given_field(call, &["Topic", "GroupTopics"]);
        // Readers and writers that are used here and made elsewhere have no name of their own.
        let used = READS.contains(&call.method()) || SENDS.contains(&call.method());
        if topic.is_none() && !used {
            continue;
        }
        let mut found = Found::call(role, NAME, call, topic.into_iter().collect());
        match call.method() {
            "ReaderConfig" => {
                found.group = given_field(call, &["GroupID"]);
                found.made = Some((call, READS));
            }
            "Writer" | "WriterConfig" => found.made = Some((call, SENDS)),
            _ => {}
        }
        out.push(found);
    }
}
