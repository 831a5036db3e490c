//! From where a reader or writer is made to where it is used: `kafka.Writer{Topic: t}` in one file, `u.out.WriteMessages`
//! in another. The place to look at is the second.

use super::{Found, TopicRole};
use crate::configuration::is_test;
use crate::index::Index;
use crate::outline::{Argument, Call, SymbolKind, Value, last_name};
use crate::resolve::Resolver;

/// A place that reads or sends.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) file: usize,
    pub(super) line: u32,
    pub(super) end_line: u32,
    pub(super) symbol: Option<u32>,
    /// Where it is made or routed, when that is elsewhere.
    pub(super) how: Option<String>,
}

/// A name that holds what was made.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Holder<'a> {
    name: &'a str,
    /// The class or struct whose field it is; empty for a variable or a parameter.
    class: &'a str,
    file: usize,
    symbol: Option<u32>,
    /// It is a function that returns it.
    returned: bool,
}

const ROUNDS: usize = 4;
const MOST: usize = 24;

/// The places of a use.
pub(super) fn of(resolver: &Resolver<'_>, file: usize, found: &Found<'_>) -> Vec<Site> {
    let written = &resolver.index.files[file].path;
    let (line, end_line, symbol) = (found.line, found.end_line, found.symbol);
    if let Some((there, symbol)) = found.place {
        let line = resolver.index.files[there].outline.symbols.get(symbol as usize).map_or(line, |s| s.line);
        let how = Some(format!("routed at {written}:{}", found.line));
        return vec![Site { file: there, line, end_line: line, symbol: Some(symbol), how }];
    }
    let own = Site { file, line, end_line, symbol, how: None };
    let Some((made, methods)) = found.made else { return vec![own] };
    let mut used = used(resolver, &holders(resolver, made, &found.names), methods);
    if used.is_empty() && resolver.calls.get(made.method()).is_some_and(|c| c.len() == 1) {
        used = all(resolver, methods);
    }
    // Who reads in the function that also makes the reader has one place.
    used.retain(|s| found.role == TopicRole::Publishes || s.file != file || s.symbol != symbol);
    if used.is_empty() {
        return vec![own];
    }
    used.iter_mut().for_each(|s| s.how = Some(format!("made at {written}:{line}")));
    used
}

/// All calls of these methods, where nothing tells what they are called on.
fn all(resolver: &Resolver<'_>, methods: &[&str]) -> Vec<Site> {
    let calls = methods.iter().filter_map(|m| resolver.calls.get(m)).flatten();
    let calls = calls.filter(|(file, _)| !is_test(&resolver.index.files[*file].path));
    calls.map(|(file, call)| site(*file, call)).take(MOST).collect()
}

fn site(file: usize, call: &Call) -> Site {
    Site { file, line: call.line, end_line: call.end_line, symbol: call.symbol, how: None }
}

/// Calls of these methods on one of the names.
fn used(resolver: &Resolver<'_>, holders: &[Holder<'_>], methods: &[&str]) -> Vec<Site> {
    let mut out: Vec<Site> = Vec::new();
    for (file, call) in methods.iter().filter_map(|m| resolver.calls.get(m)).flatten() {
        let name = last_name(call.receiver());
        let is =
            |h: &Holder<'_>| !h.returned && h.name == name && sees(resolver.index, h, *file, call.symbol);
        if out.len() < MOST && holders.iter().any(is) {
            out.push(site(*file, call));
        }
    }
    out
}

/// The names that hold what a call makes: variables, fields, parameters that it is given to.
fn holders<'a>(resolver: &Resolver<'a>, made: &Call, names: &[&Value]) -> Vec<Holder<'a>> {
    let mut out: Vec<Holder<'a>> = Vec::new();
    spread(resolver, &|_, _, value| holds(value, made, names, 0), &mut out);
    let mut from = 0;
    for _ in 0..ROUNDS {
        let new: Vec<Holder<'a>> = out[from..].to_vec();
        from = out.len();
        for holder in &new {
            let is = |file: usize, symbol: Option<u32>, value: &Value| match value {
                Value::Name(name) => {
                    !holder.returned
                        && last_name(name) == holder.name
                        && sees(resolver.index, holder, file, symbol)
                }
                Value::Call(callee, _) => holder.returned && last_name(callee) == holder.name,
                _ => false,
            };
            spread(resolver, &is, &mut out);
        }
    }
    out
}

/// Whether a value makes it, itself or inside.
fn holds(value: &Value, made: &Call, names: &[&Value], depth: u8) -> bool {
    if depth > 5 {
        return false;
    }
    match value {
        Value::Call(callee, given) => {
            // Seen from outside, what stands deep inside may be cut: the name is enough.
            let same = |n: &&Value| given.iter().any(|a| names_same(&a.value, n));
            let alike = *given == made.arguments || (!names.is_empty() && names.iter().all(same));
            (*callee == made.callee && alike)
                || given
                    .iter()
                    .any(|a| !matches!(a.value, Value::Object(_)) && holds(&a.value, made, names, depth + 1))
        }
        Value::Either(values) | Value::List(values) => {
            values.iter().any(|v| holds(v, made, names, depth + 1))
        }
        _ => false,
    }
}

/// Whether a value is a name, or an object that holds it.
fn names_same(value: &Value, name: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(_, v)| v == name),
        other => other == name,
    }
}

type Is<'i> = &'i dyn Fn(usize, Option<u32>, &Value) -> bool;

/// Everything that is given such a value.
fn spread<'a>(resolver: &Resolver<'a>, is: Is<'_>, out: &mut Vec<Holder<'a>>) {
    let index = resolver.index;
    let mut push = |holder: Holder<'a>| {
        if out.len() < MOST && !holder.name.is_empty() && !out.contains(&holder) {
            out.push(holder);
        }
    };
    for (name, fields) in &resolver.fields {
        for (file, symbol, type_name, value) in fields {
            if is(*file, *symbol, value) {
                let class = match *type_name {
                    "Self" | "self" => class_name(index, *file, *symbol),
                    other => last_name(other),
                };
                push(Holder { name, class, file: *file, symbol: None, returned: false });
            }
        }
    }
    for (name, constants) in &resolver.constants {
        for (file, constant) in constants {
            if !is(*file, constant.symbol, &constant.value) {
                continue;
            }
            let symbol = constant.symbol.and_then(|s| index.files[*file].outline.symbols.get(s as usize));
            if let Some(function) = symbol.filter(|_| *name == "return") {
                let name = function.name.rsplit('.').next().unwrap_or(&function.name);
                push(Holder { name, class: "", file: *file, symbol: None, returned: true });
            } else {
                let class = class_name(index, *file, constant.symbol);
                push(Holder { name, class, file: *file, symbol: constant.symbol, returned: false });
            }
        }
    }
    for (method, calls) in &resolver.calls {
        for (file, call) in calls {
            for (position, argument) in call.arguments.iter().enumerate() {
                if is(*file, call.symbol, &argument.value) {
                    parameters(index, method, position, argument).into_iter().for_each(&mut push);
                }
            }
        }
    }
}

/// The parameters that an argument of a call goes to.
fn parameters<'a>(index: &'a Index, method: &str, position: usize, argument: &Argument) -> Vec<Holder<'a>> {
    const MADE_BY: &[&str] = &["__init__", "constructor", "initialize", "__construct"];
    let mut out = Vec::new();
    for (file, number) in index.named(method).iter().take(4) {
        let (file, outline) = (*file as usize, &index.files[*file as usize].outline);
        let found = &outline.symbols[*number as usize];
        let mut functions: Vec<u32> = vec![*number];
        if found.kind == SymbolKind::Class {
            let makes = |s: &crate::outline::Symbol| {
                s.parent == Some(*number) && (MADE_BY.contains(&s.name.as_str()) || s.name == found.name)
            };
            let inner = outline.symbols.iter().enumerate().filter(|(_, s)| makes(s)).map(|(n, _)| n as u32);
            functions.extend(inner);
        }
        for function in functions {
            let symbol = &outline.symbols[function as usize];
            let skip = usize::from(matches!(symbol.params.first().map(String::as_str), Some("self" | "cls")));
            let by_name = symbol.params.iter().find(|p| !argument.name.is_empty() && **p == argument.name);
            let at = || symbol.params.get(position + skip).filter(|_| argument.name.is_empty());
            let Some(name) = by_name.or_else(at) else { continue };
            let class = if symbol.kind == SymbolKind::Class { symbol.name.as_str() } else { "" };
            out.push(Holder { name, class, file, symbol: Some(function), returned: false });
        }
    }
    out
}

/// Whether a name means the same thing at a place.
fn sees(index: &Index, holder: &Holder<'_>, file: usize, symbol: Option<u32>) -> bool {
    if !holder.class.is_empty() && class_name(index, file, symbol) == holder.class {
        return true;
    }
    if file != holder.file || (holder.symbol.is_none() && !holder.class.is_empty()) {
        return false;
    }
    let mut next = symbol;
    for _ in 0..16 {
        if next == holder.symbol {
            return true;
        }
        let Some(number) = next else { return false };
        next = index.files[file].outline.symbols.get(number as usize).and_then(|s| s.parent);
    }
    false
}

/// The class around a place, or what a function of Go is declared on.
fn class_name(index: &Index, file: usize, symbol: Option<u32>) -> &str {
    let outline = &index.files[file].outline;
    if let Some(class) = outline.class_of(symbol) {
        return &outline.symbols[class as usize].name;
    }
    let function = symbol.and_then(|s| outline.symbols.get(s as usize)).map_or("", |s| s.name.as_str());
    function.split_once('.').map_or("", |(class, _)| class)
}
