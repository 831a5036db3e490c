//! NestJS microservices.

use super::{Found, TopicRole, View, argument};
use crate::outline::{Language, last_name};

const NAME: &str = "NestJS";

pub(super) fn find<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    if view.language() != Language::JavaScript || !view.imports("@nestjs/") {
        return;
    }
    for annotation in &view.outline.annotations {
        if matches!(last_name(&annotation.name), "EventPattern" | "MessagePattern") {
            let names = annotation.arguments.first().map(|a| &a.value).into_iter().collect();
            out.push(Found::annotation(TopicRole::Handles, NAME, view, annotation, names));
        }
    }
    for call in &view.outline.calls {
        let Some(first) = argument(&call.arguments, 0, &[]) else { continue };
        let role = match call.method() {
            "emit" | "send" if call.arguments.len() >= 2 && view.is_on(call, &["client"]) => {
                TopicRole::Publishes
            }
            "subscribeToResponseOf" => TopicRole::Names,
            _ => continue,
        };
        out.push(Found::call(role, NAME, call, vec![first]));
    }
}
