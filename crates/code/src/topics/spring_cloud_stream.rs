//! Spring Cloud Stream: functions and bindings, whose destinations stand in the configuration.

use super::{Found, TopicRole, View, argument, told};
use crate::outline::{Language, last_name};
use crate::resolve::Resolved;

const NAME: &str = "Spring Cloud Stream";

pub(super) fn find<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    if !matches!(view.language(), Language::Java | Language::Kotlin) {
        return;
    }
    beans(view, out);
    for annotation in &view.outline.annotations {
        let role = match last_name(&annotation.name) {
            "StreamListener" | "Input" => TopicRole::Handles,
            "Output" => TopicRole::Publishes,
            _ => continue,
        };
        if !view.imports("cloud.stream") {
            continue;
        }
        let given = annotation.arguments.first().and_then(|a| view.text(annotation.symbol, &a.value));
        let mut found = Found::annotation(role, NAME, view, annotation, Vec::new());
        found.told = given.map(|g| destinations(view, &g, true)).unwrap_or_default();
        out.push(found);
    }
    for call in view.outline.calls.iter().filter(|c| c.method() == "send") {
        if !view.is_on(call, &["streambridge"]) {
            continue;
        }
        let Some(binding) = argument(&call.arguments, 0, &["bindingName"]) else { continue };
        let mut found = Found::call(TopicRole::Publishes, NAME, call, Vec::new());
        found.told =
            view.text(call.symbol, binding).map(|b| destinations(view, &b, true)).unwrap_or_default();
        if found.told.is_empty() {
            found.names.push(binding);
        }
        out.push(found);
    }
}

/// `@Bean Consumer<Order> onOrder()` reads what `onOrder-in-0` is bound to.
fn beans<'a>(view: &View<'a>, out: &mut Vec<Found<'a>>) {
    for annotation in view.outline.annotations.iter().filter(|a| last_name(&a.name) == "Bean") {
        let Some(number) = view.outline.annotated(annotation) else { continue };
        let Some(symbol) = view.outline.symbols.get(number as usize) else { continue };
        for (role, direction) in [(TopicRole::Handles, "in"), (TopicRole::Publishes, "out")] {
            let told: Vec<Resolved> = (0..4)
                .flat_map(|n| destinations(view, &format!("{}-{direction}-{n}", symbol.name), false))
                .collect();
            if !told.is_empty() {
                let mut found = Found::annotation(role, NAME, view, annotation, Vec::new());
                found.told = told;
                out.push(found);
            }
        }
    }
}

/// Where a binding leads; its own name where nothing is said.
fn destinations(view: &View<'_>, binding: &str, by_itself: bool) -> Vec<Resolved> {
    let configuration = view.configuration();
    let key = format!("spring.cloud.stream.bindings.{binding}.destination");
    let mut out: Vec<Resolved> = configuration.get(&key).into_iter().flat_map(|s| view.setting(s)).collect();
    // A function may be given a name of its own for its binding.
    if let Some(alias) =
        configuration.get(&format!("spring.cloud.stream.function.bindings.{binding}")).first()
    {
        let key = format!("spring.cloud.stream.bindings.{}.destination", alias.value);
        out.extend(configuration.get(&key).into_iter().flat_map(|s| view.setting(s)));
        if out.is_empty() {
            out.push(told(alias));
        }
    }
    if out.is_empty() && by_itself {
        out.push(Resolved::of(binding.to_owned(), vec!["a binding without a destination".to_owned()]));
    }
    out
}
