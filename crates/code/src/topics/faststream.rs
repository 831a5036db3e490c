//! FastStream and Faust: decorators of brokers and apps.

use super::{Found, TopicRole, View, argument, named};
use crate::outline::{Language, last_name};

pub(super) fn find<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    if view.language() != Language::Python {
        return;
    }
    let faust = view.imports("faust");
    for annotation in &view.outline.annotations {
        let role = match last_name(&annotation.name) {
            "subscriber" => TopicRole::Handles,
            "publisher" => TopicRole::Publishes,
            "agent" if faust => TopicRole::Handles,
            _ => continue,
        };
        let names = annotation.arguments.iter().filter(|a| a.name.is_empty() || a.name == "topic");
        let names = names.map(|a| &a.value).collect();
        let name = if faust { "Faust" } else { "FastStream" };
        let mut found = Found::annotation(role, name, view, annotation, names);
        if let Some(pattern) = named(&annotation.arguments, &["pattern"]) {
            (found.names, found.pattern) = (vec![pattern], true);
        }
        out.push(found);
    }
    for call in &view.outline.calls {
        if call.method() == "publish" && (view.imports("faststream") || view.is_on(call, &["broker"])) {
            let topic = argument(&call.arguments, 1, &["topic"]);
            out.extend(topic.map(|t| Found::call(TopicRole::Publishes, "FastStream", call, vec![t])));
        }
    }
}
