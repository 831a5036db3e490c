//! Routes by annotations, attributes and decorators: Spring, Feign, JAX-RS, ASP.NET, NestJS, FastAPI, Flask, actix.

use super::{Route, RouteRole, View, joined, verb_of};
use crate::outline::{Annotation, Language, Value, last_name};

/// So many annotations of one file are looked at.
const MOST: usize = 4_000;

pub(super) fn find(view: &View<'_>, out: &mut Vec<Route>) {
    for annotation in view.outline.annotations.iter().take(MOST) {
        match view.outline.language {
            Language::Java | Language::Kotlin => java(view, annotation, out),
            Language::CSharp => dotnet(view, annotation, out),
            Language::JavaScript => nest(view, annotation, out),
            Language::Python => python(view, annotation, out),
            Language::Rust => actix(view, annotation, out),
            _ => {}
        }
    }
}

/// The texts of the first argument, or of one with these names.
fn paths(view: &View<'_>, annotation: &Annotation, names: &[&str]) -> Vec<String> {
    let named = annotation.arguments.iter().find(|a| names.contains(&a.name.as_str()));
    let first = annotation.arguments.first().filter(|a| a.name.is_empty());
    let Some(given) = named.or(first) else { return Vec::new() };
    view.texts(annotation.symbol, &given.value)
}

/// The annotation of the class around a place, by its name.
fn of_class<'a>(view: &View<'a>, symbol: Option<u32>, names: &[&str]) -> Option<&'a Annotation> {
    let class = view.outline.class_of(symbol)?;
    let is =
        |a: &&Annotation| names.contains(&last_name(&a.name)) && view.outline.annotated(a) == Some(class);
    view.outline.annotations.iter().take(MOST).find(is)
}

fn add(
    view: &View<'_>,
    (role, by): (RouteRole, &'static str),
    annotation: &Annotation,
    verb: &str,
    head: &str,
    tails: Vec<String>,
    out: &mut Vec<Route>,
) {
    let symbol = view.outline.annotated(annotation);
    let tails = if tails.is_empty() { vec![String::new()] } else { tails };
    out.extend(tails.iter().map(|t| view.route(role, by, (annotation.line, symbol), verb, &joined(head, t))));
}

fn java(view: &View<'_>, annotation: &Annotation, out: &mut Vec<Route>) {
    let name = last_name(&annotation.name);
    let symbol = view.outline.annotated(annotation);
    let on_function = symbol.is_some() && view.outline.class_of(symbol) != symbol;
    let head = |names: &[&str]| {
        let class = of_class(view, symbol, names);
        class.and_then(|c| paths(view, c, &["value", "path"]).into_iter().next()).unwrap_or_default()
    };
    if let Some(verb) = name.strip_suffix("Mapping").filter(|_| on_function) {
        let feign = of_class(view, symbol, &["FeignClient"]).is_some();
        let (role, by) = if feign { (RouteRole::Calls, "Feign") } else { (RouteRole::Serves, "Spring") };
        let method = annotation.arguments.iter().find(|a| a.name == "method");
        let verb = match (verb, method.map(|m| &m.value)) {
            ("Request", Some(Value::Name(method))) => last_name(method),
            ("Request", _) => "",
            (verb, _) if verb_of(verb).is_some() => verb,
            _ => return,
        };
        add(
            view,
            (role, by),
            annotation,
            verb,
            &head(&["RequestMapping"]),
            paths(view, annotation, &["value", "path"]),
            out,
        );
    } else if verb_of(name).is_some() && name.chars().all(char::is_uppercase) && on_function {
        let tail = view
            .outline
            .annotations
            .iter()
            .find(|a| last_name(&a.name) == "Path" && view.outline.annotated(a) == symbol);
        let tails = tail.map(|t| paths(view, t, &["value"])).unwrap_or_default();
        add(view, (RouteRole::Serves, "JAX-RS"), annotation, name, &head(&["Path"]), tails, out);
    }
}

fn dotnet(view: &View<'_>, annotation: &Annotation, out: &mut Vec<Route>) {
    let Some(verb) = last_name(&annotation.name).strip_prefix("Http").filter(|v| verb_of(v).is_some()) else {
        return;
    };
    let symbol = view.outline.annotated(annotation);
    let class = view.outline.class_of(symbol).map(|c| view.outline.symbols[c as usize].name.as_str());
    let head = of_class(view, symbol, &["Route"]);
    let head = head.and_then(|h| paths(view, h, &["template"]).into_iter().next()).unwrap_or_default();
    let name = class.unwrap_or_default().trim_end_matches("Controller").to_lowercase();
    let head = head.replace("[controller]", &name);
    add(
        view,
        (RouteRole::Serves, "ASP.NET"),
        annotation,
        verb,
        &head,
        paths(view, annotation, &["template"]),
        out,
    );
}

fn nest(view: &View<'_>, annotation: &Annotation, out: &mut Vec<Route>) {
    let name = last_name(&annotation.name);
    if !view.imports("@nestjs/common") || verb_of(name).is_none() || !name.starts_with(char::is_uppercase) {
        return;
    }
    let symbol = view.outline.annotated(annotation);
    let controllers = view
        .outline
        .annotations
        .iter()
        .filter(|a| last_name(&a.name) == "Controller" && a.line <= annotation.line);
    let head = controllers.max_by_key(|a| a.line).filter(|_| symbol.is_some());
    let head = head.and_then(|h| paths(view, h, &[]).into_iter().next()).unwrap_or_default();
    add(view, (RouteRole::Serves, "NestJS"), annotation, name, &head, paths(view, annotation, &[]), out);
}

fn python(view: &View<'_>, annotation: &Annotation, out: &mut Vec<Route>) {
    let name = last_name(&annotation.name);
    let flask = view.imports("flask");
    let by = if flask { "Flask" } else { "FastAPI" };
    if !annotation.name.contains('.') || !(flask || view.imports("fastapi") || view.imports("starlette")) {
        return;
    }
    let given = paths(view, annotation, &["path", "rule"]);
    if given.is_empty() {
        return;
    }
    if verb_of(name).is_some() {
        add(view, (RouteRole::Serves, by), annotation, name, "", given, out);
    } else if name == "route" {
        let methods = annotation.arguments.iter().find(|a| a.name == "methods");
        let verbs = methods.map(|m| view.texts(annotation.symbol, &m.value)).unwrap_or_default();
        let verbs = if verbs.is_empty() { vec!["GET".to_owned()] } else { verbs };
        verbs.iter().for_each(|v| add(view, (RouteRole::Serves, by), annotation, v, "", given.clone(), out));
    }
}

/// `#[get("/orders/{id}")]`.
fn actix(view: &View<'_>, annotation: &Annotation, out: &mut Vec<Route>) {
    let name = last_name(&annotation.name);
    if verb_of(name).is_some() && (view.imports("actix") || view.imports("rocket")) {
        let by = if view.imports("rocket") { "Rocket" } else { "actix" };
        add(view, (RouteRole::Serves, by), annotation, name, "", paths(view, annotation, &[]), out);
    }
}
