//! What an expression says when the program runs, as far as the code and its configuration tell: literals, constants of
//! other files, parameters by their callers, variables of the environment, settings with placeholders and defaults.

use crate::configuration::{Configuration, Setting, is_test};
use crate::index::{Index, stem};
use crate::outline::{Annotation, Call, Constant, Outline, Part, SymbolKind, Template, Value, last_name};
use std::cell::Cell;
use std::collections::HashMap;

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
    constants: HashMap<&'a str, Vec<(usize, &'a Constant)>>,
    calls: HashMap<&'a str, Vec<(usize, &'a Call)>>,
    /// Fields of literals by their name: file, function around it, the literal's type, value.
    fields: Fields<'a>,
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

    fn value(&self, at: At, value: &Value, out: &mut Vec<Resolved>) {
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

    /// A text with its placeholders filled in: `${a.b:default}`, `#{'${a}'.split(',')}`, `{{ .Values.a.b }}`.
    fn expand(&self, at: At, text: &str, how: &[String], out: &mut Vec<Resolved>) {
        if at.depth > DEPTH || out.len() >= MOST {
            return;
        }
        if let Some(inner) = text.strip_prefix("#{").and_then(|t| t.strip_suffix('}')) {
            let bare = inner.split(".split(").next().unwrap_or(inner).trim().trim_matches(['\'', '"', ' ']);
            if bare.contains("${") {
                return self.expand(at.down(), bare, how, out);
            }
            let path = bare.trim_start_matches(['@', '_']).trim_start_matches("__listener.");
            return self.name(at.down(), path.trim_end_matches("()"), out);
        }
        let (open, close) = if text.contains("${") { ("${", '}') } else { ("{{", '}') };
        let Some(from) = text.find(open) else {
            out.push(Resolved::of(text, how.to_vec()));
            return;
        };
        let inside = &text[from + 2..];
        let Some(end) = closing(inside, close) else {
            out.push(Resolved::of(text, how.to_vec()));
            return;
        };
        let after = &inside[end..];
        let after = after.strip_prefix("}}").filter(|_| open == "{{").or_else(|| after.strip_prefix('}'));
        let filled =
            if open == "{{" { self.helm(at, &inside[..end]) } else { self.placeholder(at, &inside[..end]) };
        for said in filled {
            let whole = format!("{}{}{}", &text[..from], said.text, after.unwrap_or_default());
            let how: Vec<String> = how.iter().chain(&said.how).cloned().collect();
            self.expand(at.down(), &whole, &how, out);
        }
    }

    /// `a.b:default`.
    fn placeholder(&self, at: At, inside: &str) -> Vec<Resolved> {
        let (key, default) = match inside.split_once(':') {
            Some((key, default)) => (key, Some(default.strip_prefix('-').unwrap_or(default))),
            None => (inside, None),
        };
        let mut out = self.settings(at, &self.configuration.get(key), &format!("${{{key}}}"));
        if let Some(default) = default.filter(|d| !d.is_empty()) {
            let how = vec![format!("the default of ${{{key}}}")];
            out.push(Resolved::of(default, how));
        }
        out
    }

    /// `.Values.a.b | default "c"`.
    fn helm(&self, at: At, inside: &str) -> Vec<Resolved> {
        let path = inside.split_whitespace().find_map(|w| w.strip_prefix(".Values."));
        let mut out = path
            .map(|p| self.settings(at, &self.configuration.get(p), &format!(".Values.{p}")))
            .unwrap_or_default();
        if let Some(default) = inside.split("default").nth(1).and_then(|d| d.split('"').nth(1)) {
            out.push(Resolved::of(default, vec!["a template's default".to_owned()]));
        }
        out
    }

    fn settings(&self, at: At, settings: &[&Setting], name: &str) -> Vec<Resolved> {
        let mut out = Vec::new();
        let main = settings.iter().any(|s| !is_test(&s.path));
        for setting in settings.iter().filter(|s| !main || !is_test(&s.path)).take(8) {
            let profile =
                if setting.profile.is_empty() { String::new() } else { format!(", for {}", setting.profile) };
            let how = vec![format!("{name} in {}:{}{profile}", setting.path, setting.line)];
            if setting.value.contains("${") && setting.value.contains(name) {
                continue;
            }
            self.expand(at.down(), &setting.value, &how, &mut out);
        }
        out
    }

    /// A variable of the environment, with what else is known of it.
    fn variable(&self, at: At, key: &str, out: &mut Vec<Resolved>) {
        out.extend(self.settings(at, &self.configuration.get(key), key));
    }

    fn call(&self, at: At, callee: &str, given: &[crate::outline::Argument], out: &mut Vec<Resolved>) {
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

    fn name(&self, at: At, name: &str, out: &mut Vec<Resolved>) {
        if at.depth > DEPTH || out.len() >= MOST {
            return;
        }
        let name =
            name.trim_start_matches(['&', '*']).trim_start_matches("this.").trim_start_matches("self.");
        let name = name.replace("?.", ".").replace("::", ".").replace("!.", ".");
        let parts: Vec<&str> = name.split('.').filter(|p| !p.is_empty()).collect();
        let Some((last, before)) = parts.split_last() else { return };
        if before.last().is_some_and(|b| *b == "env") {
            return self.variable(at, last, out);
        }
        match before {
            [] => self.plain(at, last, out),
            _ => self.path(at, before, last, out),
        }
        let accessor =
            matches!(*last, "value" | "Value" | "name" | "Name" | "code" | "topic" | "text" | "label");
        if out.is_empty() && accessor && !before.is_empty() {
            self.name(at.down(), &before.join("."), out);
        }
    }

    /// A name on its own: nearest scope first, then what injects it, then callers, then other files.
    fn plain(&self, at: At, name: &str, out: &mut Vec<Resolved>) {
        let outline = &self.index.files[at.file].outline;
        let mut near: Vec<(usize, &Constant)> = self
            .constants
            .get(name)
            .into_iter()
            .flatten()
            .filter(|(file, _)| *file == at.file)
            .filter_map(|(_, c)| Some((distance(outline, at.symbol, c.symbol)?, *c)))
            .collect();
        near.sort_by_key(|(d, c)| (*d, c.line));
        let own = at.symbol.and_then(|s| outline.symbols.get(s as usize));
        let is_param =
            own.is_some_and(|s| s.kind == SymbolKind::Function && s.params.iter().any(|p| p == name));
        if is_param && near.first().is_none_or(|(d, _)| *d > 0) {
            self.injected(at, name, out);
            if out.is_empty() {
                self.given(at, name, out);
            }
            return;
        }
        let before = out.len();
        for (_, constant) in near.iter().take(8) {
            if is_same(&constant.value, name) {
                let there = at.moved(at.file, constant.symbol);
                self.injected(there, name, out);
                self.given(there, name, out);
            } else {
                self.constant(at, at.file, constant, out);
            }
        }
        self.injected(at, name, out);
        if out.len() == before {
            self.class_given(at, name, out);
        }
        if out.len() == before {
            self.of_literals(at, name, out);
        }
        if out.len() == before && tells_topic(name) {
            self.elsewhere(at, name, out);
        }
    }

    fn constant(&self, at: At, file: usize, constant: &Constant, out: &mut Vec<Resolved>) {
        let mut said = Vec::new();
        match &constant.value {
            // A member of an enum: what it is made with.
            Value::Call(callee, given) if *callee == constant.name => {
                given
                    .iter()
                    .take(3)
                    .for_each(|a| self.value(at.moved(file, constant.symbol), &a.value, &mut said));
                said.truncate(1);
            }
            value => self.value(at.moved(file, constant.symbol), value, &mut said),
        }
        let how = format!("{} in {}:{}", constant.name, self.index.files[file].path, constant.line);
        out.extend(said.into_iter().map(|mut r| {
            r.how.insert(0, how.clone());
            r
        }));
    }

    /// `@Value("${a.b}") String name`, `@ConfigProperty(name = "a.b")`, Go's tags, clap's `#[arg(env = "A")]`.
    fn injected(&self, at: At, name: &str, out: &mut Vec<Resolved>) {
        let outline = &self.index.files[at.file].outline;
        let class = outline.class_of(at.symbol);
        for annotation in outline.annotations.iter().filter(|a| a.target == name) {
            if outline.class_of(annotation.symbol) == class {
                self.injection(at, annotation, out);
            }
        }
    }

    fn injection(&self, at: At, annotation: &Annotation, out: &mut Vec<Resolved>) {
        let named = |name: &str| annotation.arguments.iter().find(|a| a.name == name).map(|a| &a.value);
        match last_name(&annotation.name) {
            "Value" | "Property" => {
                if let Some(given) = annotation.arguments.first() {
                    self.value(at.down(), &given.value, out);
                }
            }
            "ConfigProperty" => {
                if let Some(key) = named("name").and_then(Value::plain) {
                    out.extend(self.settings(at, &self.configuration.get(key), key));
                }
                if let Some(default) = named("defaultValue") {
                    self.value(at.down(), default, out);
                }
            }
            "tag" => {
                let Some(tag) = annotation.arguments.first().and_then(|a| a.value.plain()) else { return };
                for (key, value) in tags(tag) {
                    let key = key.to_lowercase();
                    let value = value.split(',').next().unwrap_or(value);
                    if key.contains("default") {
                        let how = vec![format!("the default of {}", annotation.target)];
                        out.push(Resolved::of(value, how));
                    } else if matches!(key.as_str(), "env" | "envconfig" | "mapstructure" | "yaml" | "koanf")
                    {
                        self.variable(at, value, out);
                    }
                }
            }
            _ => {}
        }
    }

    /// A parameter, by what callers give.
    fn given(&self, at: At, name: &str, out: &mut Vec<Resolved>) {
        let outline = &self.index.files[at.file].outline;
        let Some(symbol) = at.symbol.and_then(|s| outline.symbols.get(s as usize)) else { return };
        let Some(position) = symbol.params.iter().position(|p| p == name) else { return };
        let skip = usize::from(matches!(symbol.params.first().map(String::as_str), Some("self" | "cls")));
        let own = symbol.name.rsplit('.').next().unwrap_or(&symbol.name);
        let class = outline.class_of(at.symbol).map(|c| outline.symbols[c as usize].name.as_str());
        let constructs = matches!(own, "__init__" | "constructor") || class == Some(own);
        let called = if constructs { class.unwrap_or(own) } else { own };
        self.by_callers(at, called, name, position.saturating_sub(skip), class.filter(|_| own == "new"), out);
    }

    /// A parameter of a class: a record, a primary constructor.
    fn class_given(&self, at: At, name: &str, out: &mut Vec<Resolved>) {
        let outline = &self.index.files[at.file].outline;
        let Some(class) = outline.class_of(at.symbol).map(|c| &outline.symbols[c as usize]) else { return };
        if let Some(position) = class.params.iter().position(|p| p == name) {
            self.by_callers(at, &class.name, name, position, None, out);
        }
    }

    fn by_callers(
        &self,
        at: At,
        called: &str,
        name: &str,
        position: usize,
        on: Option<&str>,
        out: &mut Vec<Resolved>,
    ) {
        let calls = self.calls.get(called).into_iter().flatten();
        let fits = |call: &Call| on.is_none_or(|class| last_name(call.receiver()) == class);
        let mut found: Vec<_> = calls.filter(|(_, c)| fits(c)).collect();
        found.sort_by_key(|(file, _)| is_test(&self.index.files[*file].path));
        let main = found.iter().any(|(f, _)| !is_test(&self.index.files[*f].path));
        found.retain(|(file, _)| !main || !is_test(&self.index.files[*file].path));
        for (file, call) in found.into_iter().take(CALLERS) {
            let by_name = call.arguments.iter().find(|a| a.name == name);
            let by_field = call.arguments.first().and_then(|a| match &a.value {
                Value::Object(fields) => fields.iter().find(|(k, _)| k == name).map(|(_, v)| v),
                _ => None,
            });
            let at_position = call.arguments.get(position).filter(|a| a.name.is_empty());
            let Some(value) = by_name.or(at_position).map(|a| &a.value).or(by_field) else { continue };
            let mut said = Vec::new();
            self.value(at.moved(*file, call.symbol), value, &mut said);
            let how = format!("given by {}:{}", self.index.files[*file].path, call.line);
            out.extend(said.into_iter().map(|mut r| {
                r.how.insert(0, how.clone());
                r
            }));
        }
    }

    /// A field, by the literals that make its type: `&Publisher{topic: cfg.Topic}`, `Self { topic }`.
    fn of_literals(&self, at: At, name: &str, out: &mut Vec<Resolved>) {
        let outline = &self.index.files[at.file].outline;
        let function =
            at.symbol.and_then(|s| outline.symbols.get(s as usize)).map_or("", |s| s.name.as_str());
        let class = outline.class_of(at.symbol).map(|c| outline.symbols[c as usize].name.as_str());
        let class = class.or_else(|| function.split_once('.').map(|(c, _)| c)).unwrap_or_default();
        let made = self.fields.get(name).into_iter().flatten();
        let fits = |(file, symbol, type_name, _): &&(usize, Option<u32>, &str, &Value)| {
            let own = if *type_name == "Self" {
                let there = &self.index.files[*file].outline;
                there.class_of(*symbol).map_or("", |c| there.symbols[c as usize].name.as_str())
            } else {
                last_name(type_name)
            };
            !class.is_empty() && own == class
        };
        for (file, symbol, _, value) in made.filter(fits).take(8) {
            self.value(at.moved(*file, *symbol), value, out);
        }
    }

    /// A path of names: a member of a class, an object or a module; a property that configuration binds.
    fn path(&self, at: At, before: &[&str], last: &str, out: &mut Vec<Resolved>) {
        let outline = &self.index.files[at.file].outline;
        let holder = before.last().copied().unwrap_or_default();
        let type_name = base_type(self.type_of(at, holder));
        let known = self.constants.get(last).map_or(&[][..], Vec::as_slice);
        let mut members = Vec::new();
        for (file, constant) in known.iter().filter(|(_, c)| !is_local(c, last)).take(400) {
            let there = &self.index.files[*file].outline;
            let class =
                there.class_of(constant.symbol).map_or("", |c| there.symbols[c as usize].name.as_str());
            let module = constant.symbol.is_none()
                && (there.package == holder
                    || stem(&self.index.files[*file].path) == holder
                    || self.index.files[*file].path.split('/').rev().nth(1) == Some(holder));
            if class == holder || (!type_name.is_empty() && class == type_name) || module {
                self.constant(at, *file, constant, &mut members);
            }
        }
        self.objects(at, before, last, &mut members);
        let mut names: Vec<&str> = before.iter().copied().skip(1).collect();
        names.retain(|n| !matches!(*n, "Value" | "value" | "CurrentValue"));
        names.push(last);
        let receiver = outline.symbols.iter().any(|s| s.name == before[0]);
        if !receiver && (names.len() > 1 || (last.len() > 4 && (tells_topic(last) || is_settings(before[0]))))
        {
            let found = self.configuration.ending_with(&names);
            let agreed = |s: &&&Setting| names.len() < 2 || squashed_tail(s, &names) > 1;
            let found: Vec<&Setting> = found.iter().filter(agreed).copied().collect();
            out.extend(self.settings(at, &found, &names.join(".")));
        }
        out.append(&mut members);
        if out.is_empty() {
            let own = at.symbol.and_then(|s| outline.symbols.get(s as usize));
            if own.is_some_and(|s| s.name.contains('.')) && before.len() == 1 {
                self.plain(at.down(), last, out);
            }
        }
        if out.is_empty() {
            self.through_variable(at, before, last, out);
        }
        if out.is_empty() {
            self.tagged(at, last, out);
        }
        if out.is_empty() && tells_topic(last) {
            self.elsewhere(at, last, out);
        }
    }

    /// `topics.orders` where `topics` is a variable that starts as `properties.topics()`.
    fn through_variable(&self, at: At, before: &[&str], last: &str, out: &mut Vec<Resolved>) {
        let outline = &self.index.files[at.file].outline;
        let near = self.constants.get(before[0]).into_iter().flatten().filter(|(file, _)| *file == at.file);
        let near = near.filter_map(|(_, c)| Some((distance(outline, at.symbol, c.symbol)?, c)));
        let Some((_, variable)) = near.min_by_key(|(d, _)| *d) else { return };
        let path = match &variable.value {
            Value::Name(name) => name.clone(),
            Value::Call(callee, given) if given.is_empty() => accessors(callee),
            _ => return,
        };
        if path.contains('.') && !path.split('.').any(|p| p == before[0] && path == before[0]) {
            let whole = format!(
                "{path}.{}",
                before[1..].iter().chain([&last]).copied().collect::<Vec<_>>().join(".")
            );
            self.name(at.down(), &whole, out);
        }
    }

    /// A field of another file's struct, by its tag.
    fn tagged(&self, at: At, name: &str, out: &mut Vec<Resolved>) {
        for (number, file) in self.index.files.iter().enumerate() {
            for annotation in file.outline.annotations.iter().filter(|a| a.target == name) {
                self.injection(at.moved(number, annotation.symbol), annotation, out);
            }
        }
    }

    /// `config.topics.orders` where `config` is a literal: down its fields.
    fn objects(&self, at: At, before: &[&str], last: &str, out: &mut Vec<Resolved>) {
        for (number, name) in before.iter().enumerate().rev() {
            for (file, constant) in self.constants.get(*name).into_iter().flatten().take(16) {
                let mut value = &constant.value;
                let mut found = true;
                for key in before[number + 1..].iter().copied().chain([last]) {
                    let fields = match value {
                        Value::Object(fields) => Some(fields),
                        Value::Call(_, given) => given.iter().find_map(|a| match &a.value {
                            Value::Object(fields) => Some(fields),
                            _ => None,
                        }),
                        _ => None,
                    };
                    match fields.and_then(|f| f.iter().find(|(k, _)| k == key)) {
                        Some((_, inner)) => value = inner,
                        None => found = false,
                    }
                    if !found {
                        break;
                    }
                }
                if found {
                    let mut said = Vec::new();
                    self.value(at.moved(*file, constant.symbol), value, &mut said);
                    let how =
                        format!("{}.{last} in {}:{}", name, self.index.files[*file].path, constant.line);
                    out.extend(said.into_iter().map(|mut r| {
                        r.how.insert(0, how.clone());
                        r
                    }));
                }
            }
        }
    }

    /// A constant of another file by its name alone.
    fn elsewhere(&self, at: At, name: &str, out: &mut Vec<Resolved>) {
        let known = self.constants.get(name).into_iter().flatten();
        let wide = |(_, c): &&(usize, &Constant)| !is_local(c, name);
        let mut found: Vec<_> = known.filter(wide).filter(|(f, _)| *f != at.file).collect();
        found.sort_by_key(|(file, _)| is_test(&self.index.files[*file].path));
        for (file, constant) in found.into_iter().take(4) {
            if !is_same(&constant.value, name) {
                self.constant(at, *file, constant, out);
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

/// How far away a scope is; `None` where it can't be seen from there.
fn distance(outline: &Outline, from: Option<u32>, scope: Option<u32>) -> Option<usize> {
    let Some(scope) = scope else { return Some(100) };
    let mut next = from;
    for steps in 0..64 {
        let Some(number) = next else { break };
        if number == scope {
            return Some(steps);
        }
        next = outline.symbols.get(number as usize)?.parent;
    }
    // What another function of the same class assigns to a field.
    let class = outline.class_of(from)?;
    (outline.class_of(Some(scope)) == Some(class)).then_some(64)
}

/// Whether a constant is a variable of a function.
fn is_local(constant: &Constant, name: &str) -> bool {
    constant.name == "return" || is_same(&constant.value, name)
}

fn is_same(value: &Value, name: &str) -> bool {
    matches!(value, Value::Name(n) if n.rsplit('.').next() == Some(name))
}

/// Whether a name alone is telling enough to look for it in other files.
fn tells_topic(name: &str) -> bool {
    let lower = name.to_lowercase();
    let constant =
        name.len() > 3 && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    constant || ["topic", "queue", "stream", "channel"].iter().any(|w| lower.contains(w))
}

fn is_settings(name: &str) -> bool {
    let lower = name.to_lowercase();
    ["config", "cfg", "setting", "prop", "option", "env"].iter().any(|w| lower.contains(w))
}

/// In how many parts a setting's name agrees with these from the end.
fn squashed_tail(setting: &Setting, names: &[&str]) -> usize {
    let own: Vec<String> = setting.key.split(['.', ':']).map(crate::configuration::squash).collect();
    own.iter()
        .rev()
        .zip(names.iter().rev())
        .take_while(|(a, b)| **a == crate::configuration::squash(b))
        .count()
}

/// `List.of(…)` and the like: they say what they are given.
fn is_wrapper(callee: &str, method: &str) -> bool {
    matches!(
        callee,
        "List.of"
            | "Set.of"
            | "Arrays.asList"
            | "Collections.singletonList"
            | "Collections.singleton"
            | "Collections.singletonList()"
            | "ImmutableList.of"
            | "ImmutableSet.of"
            | "Stream.of"
            | "listOf"
            | "setOf"
            | "arrayOf"
            | "mutableListOf"
            | "Some"
            | "Ok"
            | "String.valueOf"
            | "Pattern.compile"
            | "aws.String"
            | "kafka.String"
            | "sarama.StringEncoder"
            | "String.from"
            | "String"
            | "str"
            | "list"
            | "tuple"
            | "set"
            | "TopicPartition"
            | "kafka.TopicPartition"
            | "new Set"
            | "Set"
            | "RegExp"
            | "Regex"
            | "re.compile"
            | "Optional.of"
    ) || matches!(
        method,
        "singletonList"
            | "asList"
            | "StringPtr"
            | "Ptr"
            | "vec"
            | "ofNullable"
            | "require"
            | "requireNonNull"
            | "lit"
    ) || (method == "ToPtr" || method == "Pointer")
}

/// `topic.clone()` says what `topic` says.
fn is_conversion(method: &str) -> bool {
    matches!(
        method,
        "to_string"
            | "to_owned"
            | "clone"
            | "as_str"
            | "into"
            | "toString"
            | "ToString"
            | "trim"
            | "Trim"
            | "strip"
            | "as_ref"
            | "name"
            | "getName"
            | "getValue"
            | "String"
            | "intern"
            | "unwrap"
            | "expect"
            | "get"
            | "lower"
    )
}

/// What a method is called on.
fn receiver(callee: &str) -> &str {
    let method = last_name(callee);
    callee[..callee.len() - method.len()].trim_end_matches(['.', ':', '?'])
}

/// `props.getTopics().getOrders` as `props.topics.orders`.
fn accessors(path: &str) -> String {
    let part = |p: &str| {
        let p = p.trim_end_matches("()").trim_end_matches("[]");
        for prefix in ["get", "Get", "is"] {
            if let Some(rest) = p.strip_prefix(prefix).filter(|r| r.starts_with(char::is_uppercase)) {
                let mut chars = rest.chars();
                return chars.next().map_or(String::new(), |c| c.to_lowercase().chain(chars).collect());
            }
        }
        p.to_owned()
    };
    path.split(['.', ':']).filter(|p| !p.is_empty()).map(part).collect::<Vec<_>>().join(".")
}

/// A type without what surrounds it: `IOptions<Kafka>` is `Kafka`, `*config.Kafka` too.
fn base_type(name: &str) -> &str {
    let inner = match name.split_once('<') {
        Some((outer, inner)) if outer.contains("Options") || outer.contains("Optional") => {
            inner.trim_end_matches('>')
        }
        Some((outer, _)) => outer,
        None => name,
    };
    last_name(inner.trim_start_matches(['&', '*', ':']).trim_end_matches('?').trim_end_matches("()"))
}

/// Where the brace that is open closes.
fn closing(text: &str, close: char) -> Option<usize> {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            c if c == close && depth == 0 => return Some(at),
            c if c == close => depth -= 1,
            _ => {}
        }
    }
    None
}

/// `key:"value"` pairs of a tag.
fn tags(tag: &str) -> Vec<(&str, &str)> {
    let mut out = Vec::new();
    let mut rest = tag;
    while let Some((key, after)) = rest.split_once(":\"") {
        let Some((value, next)) = after.split_once('"') else { break };
        out.push((key.trim(), value));
        rest = next;
    }
    out
}
