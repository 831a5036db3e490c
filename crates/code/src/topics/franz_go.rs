//! franz-go.

use super::{Found, TopicRole, View, given_field};
use crate::outline::Language;

const NAME: &str = "franz-go";

pub(super) fn find<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    if view.language() != Language::Go || !view.imports("franz-go") {
        return;
    }
    for call in &view.outline.calls {
        match call.method() {
            "ConsumeTopics" | "AddConsumeTopics" => {
                let names = call.arguments.iter().map(|a| &a.value).collect();
                let mut found = Found::call(TopicRole::Handles, NAME, call, names);
                found.made = Some((call, &["PollFetches", "PollRecords"]));
                out.push(found);
            }
            "DefaultProduceTopic" => {
                let names = call.arguments.iter().map(|a| &a.value).collect();
                let mut found = Found::call(TopicRole::Publishes, NAME, call, names);
                found.made = Some((call, &["Produce", "ProduceSync", "TryProduce"]));
                out.push(found);
            }
            "Record" => {
                let topic = given_field(call, &["Topic"]);
                out.extend(topic.map(|t| Found::call(TopicRole::Publishes, NAME, call, vec![t])));
            }
            "PollFetches" | "PollRecords" => {
                out.push(Found::call(TopicRole::Handles, NAME, call, Vec::new()));
            }
            _ => {}
        }
    }
}
