//! HTTP: the routes that a checkout serves, each with the function that answers, and the calls that it makes.

mod annotated;
mod called;
mod registered;

use crate::configuration::{Configuration, is_test};
use crate::index::Index;
use crate::outline::{Outline, Value};
use crate::resolve::{At, HOLE, Resolver};

/// Which side of a request a place is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteRole {
    /// It answers.
    Serves,
    /// It asks.
    Calls,
}

/// A route that is served or called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Which side.
    pub role: RouteRole,
    /// The verb in capitals; empty for any, or where it can't be told.
    pub verb: String,
    /// Its path as written, parameters in the framework's own form; `*` stands for what can't be told.
    pub route: String,
    /// Which framework or client.
    pub by: &'static str,
    /// Path inside the checkout.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// The function that answers, or that asks.
    pub symbol: String,
}

/// Most routes of a checkout.
const MOST: usize = 5_000;

/// The routes of a checkout; tests are left out.
pub(crate) fn find(index: &Index, configuration: &Configuration) -> Vec<Route> {
    let resolver = Resolver::new(index, configuration);
    let mut out = Vec::new();
    for (file, indexed) in index.files.iter().enumerate().filter(|(_, f)| !is_test(&f.path)) {
        let view = View { resolver: &resolver, file, path: &indexed.path, outline: &indexed.outline };
        annotated::find(&view, &mut out);
        registered::find(&view, &mut out);
        called::find(&view, &mut out);
    }
    out.truncate(MOST);
    out
}

/// A file as the rules see it.
struct View<'a> {
    resolver: &'a Resolver<'a>,
    file: usize,
    path: &'a str,
    outline: &'a Outline,
}

impl View<'_> {
    fn imports(&self, part: &str) -> bool {
        self.outline.imports.iter().any(|i| i.contains(part))
    }

    /// What values say as paths; what can't be told inside is `*`.
    fn texts(&self, symbol: Option<u32>, value: &Value) -> Vec<String> {
        let said = self.resolver.texts(At::new(self.file, symbol), value);
        said.into_iter().map(|r| r.text.replace(HOLE, "*")).filter(|t| t.len() < 300).take(8).collect()
    }

    fn route(
        &self,
        role: RouteRole,
        by: &'static str,
        place: (u32, Option<u32>),
        verb: &str,
        route: &str,
    ) -> Route {
        Route {
            role,
            verb: verb.to_ascii_uppercase(),
            route: route.to_owned(),
            by,
            path: self.path.to_owned(),
            line: place.0,
            symbol: self.outline.symbol_name(place.1),
        }
    }
}

/// Two parts of a path as one, with one slash between them.
fn joined(head: &str, tail: &str) -> String {
    let (head, tail) = (head.trim_end_matches('/'), tail.trim_start_matches('/'));
    match (head.is_empty(), tail.is_empty()) {
        (true, _) => format!("/{tail}"),
        (false, true) => rooted(head),
        (false, false) => format!("{}/{tail}", rooted(head)),
    }
}

fn rooted(path: &str) -> String {
    if path.starts_with(['/', '*']) { path.to_owned() } else { format!("/{path}") }
}

const VERBS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options"];

/// The verb that a method's name is.
fn verb_of(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    VERBS.iter().find(|v| **v == lower).copied()
}

#[cfg(test)]
mod tests;
