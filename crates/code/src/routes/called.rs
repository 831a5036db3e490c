//! Requests that code makes: RestTemplate, WebClient, HttpClient, axios, fetch, got, requests, httpx, net/http, reqwest,
//! Faraday, Net::HTTP, Guzzle, Laravel's client.

use super::{Route, RouteRole, View, verb_of};
use crate::outline::{Call, Language, Value, last_name};

pub(super) fn find(view: &View<'_>, out: &mut Vec<Route>) {
    for call in &view.outline.calls {
        let Some((by, verb, address)) = of_call(view, call) else { continue };
        for text in view.texts(call.symbol, address).into_iter().take(2) {
            if let Some(route) = path_of(&text) {
                out.push(view.route(RouteRole::Calls, by, (call.line, call.symbol), &verb, route));
            }
        }
    }
}

/// The client, the verb and the address of a request.
fn of_call<'a>(view: &View<'_>, call: &'a Call) -> Option<(&'static str, String, &'a Value)> {
    let method = call.method();
    let on = last_name(call.receiver().trim_end_matches("()")).to_lowercase();
    let at = |n: usize| call.arguments.get(n).map(|a| &a.value);
    let is_on = |words: &[&str]| words.iter().any(|w| on.contains(w));
    let verb = || verb_of(method).map(str::to_owned);
    let chained = || {
        let verbs = call.callee.split('.').find_map(|p| verb_of(p.trim_end_matches("()")));
        verbs.unwrap_or_default().to_owned()
    };
    match view.outline.language {
        Language::Java | Language::Kotlin => {
            let rest = is_on(&["resttemplate", "restoperations"]);
            let named = ["get", "post", "put", "delete", "patch"].into_iter().find(|v| method.starts_with(v));
            match method {
                "exchange" if rest => Some(("RestTemplate", String::new(), at(0)?)),
                _ if rest => Some(("RestTemplate", named?.to_owned(), at(0)?)),
                "uri" => Some(("WebClient", chained(), at(0)?)),
                _ => {
                    let uri = call.chain.iter().find(|(m, _)| m == "uri").and_then(|(_, g)| g.first());
                    let ends =
                        matches!(method, "retrieve" | "bodyToMono" | "toBodilessEntity" | "block" | "body");
                    Some(("WebClient", chained(), &uri.filter(|_| ends)?.value))
                }
            }
        }
        Language::CSharp => {
            let base =
                method.trim_end_matches("Async").trim_end_matches("AsJson").trim_end_matches("FromJson");
            let verb = verb_of(base).filter(|_| is_on(&["http", "client"]))?;
            Some(("HttpClient", verb.to_owned(), at(0)?))
        }
        Language::JavaScript => match method {
            "fetch" if call.receiver().is_empty() => {
                let verb = match at(1) {
                    Some(Value::Object(fields)) => {
                        fields.iter().find(|(k, _)| k == "method").and_then(|(_, v)| v.plain())
                    }
                    _ => None,
                };
                Some(("fetch", verb.unwrap_or("GET").to_owned(), at(0)?))
            }
            _ if is_on(&["axios", "http", "got", "ky"]) && !is_on(&["server"]) => {
                Some(("axios", verb()?, at(0)?))
            }
            _ => None,
        },
        Language::Python => {
            let client = is_on(&["requests", "httpx", "session", "client", "http"]);
            let known = view.imports("requests") || view.imports("httpx") || view.imports("aiohttp");
            (client && known).then_some(())?;
            Some(("requests", verb()?, at(0)?))
        }
        Language::Go => match method {
            "NewRequest" => Some(("net/http", text(at(0)?), at(1)?)),
            "NewRequestWithContext" => Some(("net/http", text(at(1)?), at(2)?)),
            "Get" | "Post" | "Head" if on == "http" || is_on(&["client"]) => {
                Some(("net/http", verb()?, at(0)?))
            }
            _ => None,
        },
        Language::Rust => {
            let reqwest = view.imports("reqwest") || call.callee.contains("reqwest");
            if verb_of(method).is_some() && (reqwest || is_on(&["client", "http"])) {
                return Some(("reqwest", verb()?, at(0)?));
            }
            let (name, given) = call.chain.iter().find(|(m, _)| verb_of(m).is_some())?;
            let sends = reqwest && matches!(method, "json" | "send" | "body");
            sends.then(|| Some(("reqwest", name.clone(), &given.first()?.value)))?
        }
        Language::Ruby => {
            let client = is_on(&["conn", "faraday", "client", "httparty", "restclient", "http"]);
            client.then_some(())?;
            Some(("Faraday", verb()?, at(0)?))
        }
        Language::Php => match method {
            "request" if is_on(&["client", "http"]) => Some(("Guzzle", text(at(0)?), at(1)?)),
            _ if is_on(&["client", "http", "guzzle"]) => Some(("Guzzle", verb()?, at(0)?)),
            _ => None,
        },
        Language::Plain => None,
    }
}

/// The text of a value, or the last name of `http.MethodPost`.
fn text(value: &Value) -> String {
    match value {
        Value::Name(name) => last_name(name).trim_start_matches("Method").to_owned(),
        other => other.plain().unwrap_or_default().to_owned(),
    }
}

/// The path of an address; what stands before it may not be known.
fn path_of(text: &str) -> Option<&str> {
    let text = text.split(['?', '#']).next().unwrap_or(text);
    let behind = text.split_once("://").map_or(text, |(_, rest)| rest);
    let path = match behind.find('/') {
        Some(at) => &behind[at..],
        None => return None,
    };
    let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.:{}*~%".contains(c));
    (plain && path.chars().any(char::is_alphanumeric)).then_some(path)
}
