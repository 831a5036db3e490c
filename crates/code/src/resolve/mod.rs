//! What an expression says when the program runs, as far as the code and its configuration tell: literals, constants of
//! other files, parameters by their callers, variables of the environment, settings with placeholders and defaults.

mod given;
mod names;
mod settings;
mod words;

use crate::configuration::Configuration;
use crate::index::{Index, stem};
use crate::outline::{Call, Constant, Part, Template, Value, last_name};
use names::distance;
use std::cell::Cell;
use std::collections::HashMap;
use words::{accessors, is_conversion, is_wrapper, receiver};

/// Stands for what can't be told inside a text.
pub(crate) const HOLE: char = '\u{1a}';
const DEPTH: u8 = 9;
const MOST: usize = 16;
const CALLERS: usize = 24;
/// One question takes at most so many steps.
const STEPS: u32 = 4_000;

/// A text that an expression may say, and what it was told by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    pub(crate) text: String,
    /// The way to it, the last step first; empty for a literal.
    pub(crate) how: Vec<String>,
    /// The function that decides it, with the line: file, line, symbol.
    pub(crate) decided: Option<(usize, u32, Option<u32>)>,
}

impl Resolved {
    pub(crate) fn of(text: impl Into<String>, how: Vec<String>) -> Self {
        Self { text: text.into(), how, decided: None }
    }
}

/// Where an expression stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    pub(crate) file: usize,
    pub(crate) symbol: Option<u32>,
    depth: u8,
}

impl At {
    pub(crate) fn new(file: usize, symbol: Option<u32>) -> Self {
        Self { file, symbol, depth: 0 }
    }

    fn down(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    fn moved(self, file: usize, symbol: Option<u32>) -> Self {
        Self { file, symbol, depth: self.depth + 1 }
    }
}

/// Fields of literals by their name: file, function around it, the literal's type, value.
type Fields<'a> = HashMap<&'a str, Vec<(usize, Option<u32>, &'a str, &'a Value)>>;

/// Answers what expressions say.
pub(crate) struct Resolver<'a> {
    pub(crate) index: &'a Index,
    pub(crate) configuration: &'a Configuration,
    pub(crate) constants: HashMap<&'a str, Vec<(usize, &'a Constant)>>,
    pub(crate) calls: HashMap<&'a str, Vec<(usize, &'a Call)>>,
    /// Fields of literals by their name: file, function around it, the literal's type, value.
    pub(crate) fields: Fields<'a>,
    steps: Cell<u32>,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(index: &'a Index, configuration: &'a Configuration) -> Self {
        let mut constants: HashMap<&str, Vec<(usize, &Constant)>> = HashMap::new();
        let mut calls: HashMap<&str, Vec<(usize, &Call)>> = HashMap::new();
        let mut fields: Fields<'_> = HashMap::new();
        for (number, file) in index.files.iter().enumerate() {
            for constant in &file.outline.constants {
                let name = constant.name.rsplit(['.', ':']).next().unwrap_or(&constant.name);
                constants.entry(name).or_default().push((number, constant));
                if let Value::Call(name, given) = &constant.value {
                    of_literal(number, constant.symbol, name, given, &mut fields);
                }
            }
            for call in &file.outline.calls {
                calls.entry(call.method()).or_default().push((number, call));
                of_literal(number, call.symbol, &call.callee, &call.arguments, &mut fields);
            }
        }
        Self { index, configuration, constants, calls, fields, steps: Cell::new(0) }
    }

    /// What a value may say, the likeliest first.
    pub(crate) fn texts(&self, at: At, value: &Value) -> Vec<Resolved> {
        self.steps.set(0);
        let mut out = Vec::new();
        self.value(at, value, &mut out);
        out.retain(|r| !r.text.is_empty());
        let mut seen = std::collections::HashSet::new();
        out.retain(|r| seen.insert(r.text.clone()));
        out
    }

    /// The type of a variable, field or parameter that is seen from a place; empty where nothing tells.
    pub(crate) fn type_of(&self, at: At, name: &str) -> &'a str {
        let name = last_name(name);
        let known = self.constants.get(name).into_iter().flatten().filter(|(file, _)| *file == at.file);
        let outline = &self.index.files[at.file].outline;
        let mut best: Option<(usize, &str)> = None;
        for (_, constant) in known {
            let type_name = match &constant.value {
                _ if !constant.type_name.is_empty() => constant.type_name.as_str(),
                Value::Call(callee, _) => callee.as_str(),
                _ => continue,
            };
            let near = distance(outline, at.symbol, constant.symbol);
            if let Some(near) = near.filter(|n| best.is_none_or(|(b, _)| n < &b)) {
                best = Some((near, type_name));
            }
        }
        best.map_or("", |(_, t)| t)
    }

    pub(super) fn value(&self, at: At, value: &Value, out: &mut Vec<Resolved>) {
        self.steps.set(self.steps.get() + 1);
        if at.depth > DEPTH || out.len() >= MOST || self.steps.get() > STEPS {
            return;
        }
        match value {
            Value::Text(template) => self.template(at, template, out),
            Value::Either(values) | Value::List(values) => {
                values.iter().for_each(|v| self.value(at.down(), v, out));
            }
            Value::Name(name) => self.name(at, name, out),
            Value::Call(callee, given) => self.call(at, callee, given, out),
            Value::Object(_) | Value::Other => {}
        }
    }

    fn template(&self, at: At, template: &Template, out: &mut Vec<Resolved>) {
        let mut made = vec![Resolved::of("", Vec::new())];
        for part in &template.parts {
            let pieces = match part {
                Part::Text(text) => vec![Resolved::of(text.clone(), Vec::new())],
                Part::Hole(hole) => {
                    let mut said = Vec::new();
                    let name = hole.name.trim_start_matches("this.").trim_start_matches("self.");
                    if let Some(called) = name.strip_suffix("()") {
                        self.call(at.down(), called, &[], &mut said);
                    } else if !name.is_empty() {
                        self.name(at.down(), name, &mut said);
                    }
                    if said.is_empty() {
                        said.push(Resolved::of(HOLE, Vec::new()));
                    }
                    said
                }
            };
            let mut next = Vec::new();
            for before in &made {
                for piece in pieces.iter().take(4) {
                    let how = before.how.iter().chain(&piece.how).cloned().collect();
                    let decided = before.decided.or(piece.decided);
                    next.push(Resolved { text: format!("{}{}", before.text, piece.text), how, decided });
                }
            }
            next.truncate(MOST);
            made = next;
        }
        for said in made {
            let from = out.len();
            self.expand(at, &said.text, &said.how, out);
            out[from..].iter_mut().for_each(|r| r.decided = r.decided.or(said.decided));
        }
    }

    pub(super) fn call(
        &self,
        at: At,
        callee: &str,
        given: &[crate::outline::Argument],
        out: &mut Vec<Resolved>,
    ) {
        if at.depth > DEPTH || out.len() >= MOST {
            return;
        }
        let method = last_name(callee.trim_end_matches("[]").trim_end_matches('!'));
        let first = given.first().map(|a| &a.value);
        let key = first.and_then(Value::plain);
        let lower = callee.to_lowercase();
        if let Some(key) = key.filter(|k| !k.contains(' ') && !k.is_empty()) {
            let env = lower.split(['.', ':']).any(|p| p.contains("env"));
            let config =
                ["config", "setting", "propert", "viper", "option"].iter().any(|w| lower.contains(w));
            if env || config {
                let section: Vec<&str> = callee.split('"').skip(1).step_by(2).collect();
                let whole = section.iter().copied().chain([key]).collect::<Vec<_>>().join(".");
                let mut found = self.configuration.get(&whole);
                if found.is_empty() && callee.contains("Section") {
                    found = self.configuration.ending_with(&[key]);
                }
                out.extend(self.settings(at, &found, &whole));
                if config && found.is_empty() {
                    self.of_returned_file(at, &whole, out);
                }
                let named = |n: &str| matches!(n, "default" | "default_value" | "defaultValue" | "fallback");
                let default = given.iter().find(|a| named(&a.name)).or_else(|| given.get(1));
                if let Some(default) = default {
                    let mut said = Vec::new();
                    self.value(at.down(), &default.value, &mut said);
                    let how = |mut r: Resolved| {
                        r.how.push(format!("the default of {whole}"));
                        r
                    };
                    out.extend(said.into_iter().map(how));
                }
                return;
            }
        }
        // `flag.String("topic", "orders", "which")` says its default.
        if matches!(callee, "flag.String" | "pflag.String") {
            if let Some(default) = given.get(1) {
                self.value(at.down(), &default.value, out);
            }
            return;
        }
        if let Some(first) = first.filter(|_| is_wrapper(callee, method)) {
            given.iter().map(|a| &a.value).filter(|v| *v == first || given.len() > 1).for_each(|v| {
                self.value(at.down(), v, out);
            });
            return;
        }
        if given.is_empty() || is_conversion(method) {
            let path = if is_conversion(method) { receiver(callee) } else { callee };
            if !path.is_empty() && path.contains(|c: char| c.is_alphabetic()) {
                let before = out.len();
                self.name(at.down(), &accessors(path), out);
                if out.len() > before {
                    return;
                }
            }
        }
        self.returned(at, method, out);
    }

    /// `config('kafka.topics.orders')` of Laravel: what `config/kafka.php` returns under that path.
    fn of_returned_file(&self, at: At, path: &str, out: &mut Vec<Resolved>) {
        let Some((file, keys)) = path.split_once('.') else { return };
        let of_name = |(_, f): &(usize, &crate::index::IndexedFile)| {
            f.outline.language == crate::outline::Language::Php && stem(&f.path) == file
        };
        let files = self.index.files.iter().enumerate().filter(of_name).take(4);
        for (number, found) in files {
            let whole = found.outline.constants.iter().find(|c| c.name == "return" && c.symbol.is_none());
            let mut value = whole.map(|c| &c.value);
            for key in keys.split('.') {
                value = match value {
                    Some(Value::Object(fields)) => fields.iter().find(|(k, _)| k == key).map(|(_, v)| v),
                    _ => None,
                };
            }
            if let Some(value) = value {
                let mut said = Vec::new();
                self.value(at.moved(number, None), value, &mut said);
                let how = format!("{path} in {}", found.path);
                out.extend(said.into_iter().map(|mut r| {
                    r.how.insert(0, how.clone());
                    r
                }));
            }
        }
    }

    /// What a function of this code returns.
    fn returned(&self, at: At, method: &str, out: &mut Vec<Resolved>) {
        let named = self.index.named(method);
        for (file, symbol) in named.iter().take(4) {
            let outline = &self.index.files[*file as usize].outline;
            let own = outline.constants.iter().filter(|c| c.name == "return" && c.symbol == Some(*symbol));
            for constant in own.take(8) {
                let mut said = Vec::new();
                self.value(at.moved(*file as usize, Some(*symbol)), &constant.value, &mut said);
                out.extend(said.into_iter().map(|mut r| {
                    // The innermost decides; those around it pass it on.
                    r.decided = r.decided.or(Some((*file as usize, constant.line, Some(*symbol))));
                    r.how.insert(
                        0,
                        format!("returned at {}:{}", self.index.files[*file as usize].path, constant.line),
                    );
                    r
                }));
            }
        }
    }
}

/// Keeps the fields of a literal of a type.
fn of_literal<'a>(
    file: usize,
    symbol: Option<u32>,
    name: &'a str,
    given: &'a [crate::outline::Argument],
    out: &mut Fields<'a>,
) {
    let [only] = given else { return };
    let Value::Object(fields) = &only.value else { return };
    for (key, value) in fields {
        out.entry(key).or_default().push((file, symbol, name, value));
    }
}
