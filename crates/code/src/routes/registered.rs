//! Routes that a call registers: express, fastify, koa, minimal APIs, net/http, chi, gin, echo, axum, actix, Django,
//! Rails, Sinatra, Laravel, Slim.

use super::{Route, RouteRole, View, joined, verb_of};
use crate::outline::{Call, Language, Value, last_name};

pub(super) fn find(view: &View<'_>, out: &mut Vec<Route>) {
    for call in &view.outline.calls {
        let Some((by, verb)) = of_call(view, call) else { continue };
        let Some(first) = call.arguments.first() else { continue };
        let symbol = handler(view, call).or(call.symbol);
        for text in view.texts(call.symbol, &first.value) {
            // `GET /orders` of Go's own router.
            let (verb, route) = match text.split_once(' ') {
                Some((own, rest)) if verb_of(own).is_some() => (own.to_owned(), rest.trim().to_owned()),
                _ => (verb.clone(), text),
            };
            let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.:{}*<>()\\?+[]^$".contains(c);
            if route.chars().all(plain) {
                out.push(view.route(RouteRole::Serves, by, (call.line, symbol), &verb, &joined("", &route)));
            }
        }
    }
}

/// What routers are called in Go.
const ROUTERS: &[&str] = &["r", "router", "mux", "g", "group", "e", "engine", "api", "app", "v1", "v2"];

/// The framework and the verb of a call that registers a route.
fn of_call(view: &View<'_>, call: &Call) -> Option<(&'static str, String)> {
    let method = call.method();
    let on = last_name(call.receiver().trim_end_matches("()")).to_lowercase();
    let many = call.arguments.len() >= 2;
    let starts =
        call.arguments.first().and_then(|a| a.value.plain()).is_some_and(|t| t.starts_with('/') || t == "*");
    let verb = || verb_of(method).map(str::to_owned);
    let routes_on = |words: &[&str]| words.iter().any(|w| on.contains(w));
    Some(match view.outline.language {
        Language::JavaScript
            if starts && many && routes_on(&["app", "router", "server", "fastify", "route", "api"]) =>
        {
            ("express", if method == "all" { String::new() } else { verb()? })
        }
        Language::CSharp if method.starts_with("Map") && many => {
            let verb = verb_of(&method[3..])?;
            ("ASP.NET", verb.to_owned())
        }
        Language::Go => match method {
            "HandleFunc" | "Handle" if many => ("net/http", String::new()),
            _ if many && starts && ROUTERS.contains(&on.as_str()) => ("router", verb()?),
            _ => return None,
        },
        Language::Rust if method == "route" && many && starts => {
            let verb = match &call.arguments[1].value {
                Value::Call(callee, _) => {
                    callee.split(['.', ':']).find_map(|p| verb_of(p.trim_end_matches("()")))
                }
                _ => None,
            };
            ("axum", verb.unwrap_or_default().to_owned())
        }
        Language::Python
            if matches!(method, "path" | "re_path" | "url") && many && view.imports("django") =>
        {
            ("Django", String::new())
        }
        Language::Ruby if on.is_empty() && call.receiver().is_empty() => {
            let rails = view.path.contains("routes");
            let sinatra = starts
                && (view.imports("sinatra")
                    || view.outline.symbols.iter().any(|s| s.types.iter().any(|t| t.contains("Sinatra"))));
            match method {
                "resources" | "resource" if rails => ("Rails", String::new()),
                _ if rails => ("Rails", verb()?),
                _ if sinatra => ("Sinatra", verb()?),
                _ => return None,
            }
        }
        Language::Php if on == "route" || (starts && many && routes_on(&["app", "router", "group"])) => {
            ("Laravel", if method == "any" { String::new() } else { verb()? })
        }
        _ => return None,
    })
}

/// The function that a route is handed to, when it stands in the same file.
fn handler(view: &View<'_>, call: &Call) -> Option<u32> {
    let last = call.arguments.iter().skip(1).rev().find_map(|a| name_of(&a.value))?;
    let own = last_name(last.trim_end_matches("()"));
    let is = |s: &crate::outline::Symbol| s.name == own || s.name.rsplit('.').next() == Some(own);
    view.outline.symbols.iter().position(is).map(|n| n as u32)
}

fn name_of(value: &Value) -> Option<&str> {
    match value {
        Value::Name(name) => Some(name),
        Value::Call(_, given) => given.iter().find_map(|a| name_of(&a.value)),
        Value::List(values) => values.last().and_then(|v| v.plain().or_else(|| name_of(v))),
        _ => None,
    }
}
