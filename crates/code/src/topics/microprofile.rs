//! MicroProfile reactive messaging (Quarkus, SmallRye) and Micronaut.

use super::{Found, TopicRole, View, argument, named};
use crate::outline::{Language, last_name};
use crate::resolve::Resolved;

pub(super) fn find<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    if !matches!(view.language(), Language::Java | Language::Kotlin) {
        return;
    }
    for annotation in &view.outline.annotations {
        let given = argument(&annotation.arguments, 0, &["value"]);
        let (role, direction) = match last_name(&annotation.name) {
            "Incoming" => (TopicRole::Handles, "incoming"),
            "Outgoing" => (TopicRole::Publishes, "outgoing"),
            "Channel" if view.imports("reactive.messaging") => (TopicRole::Publishes, "outgoing"),
            "Topic" if view.imports("micronaut") => {
                let handles = ["KafkaListener"].iter().any(|n| has(view, n));
                let role = if handles { TopicRole::Handles } else { TopicRole::Publishes };
                let names =
                    given.or_else(|| named(&annotation.arguments, &["patterns"])).into_iter().collect();
                out.push(Found::annotation(role, "Micronaut", view, annotation, names));
                continue;
            }
            _ => continue,
        };
        let Some(channel) = given.and_then(|g| view.text(annotation.symbol, g)) else { continue };
        let key = format!("mp.messaging.{direction}.{channel}.topic");
        let mut found = Found::annotation(role, "MicroProfile", view, annotation, Vec::new());
        found.told = view.configuration().get(&key).into_iter().flat_map(|s| view.setting(s)).collect();
        if found.told.is_empty() {
            found.told.push(Resolved::of(channel, vec!["the channel's own name".to_owned()]));
        }
        out.push(found);
    }
}

fn has(view: &View<'_>, name: &str) -> bool {
    view.outline.annotations.iter().any(|a| last_name(&a.name) == name)
}
