//! Topics as the code has them: who handles one, who publishes to it, who names it, each with its line and how its name
//! was found. A module a framework says which calls and annotations are meant; names are resolved for all alike.

mod aiokafka;
mod confluent_dotnet;
mod confluent_js;
mod confluent_python;
mod faststream;
mod franz_go;
mod kafka_clients;
mod kafkajs;
mod masstransit;
mod microprofile;
mod nestjs;
mod php;
mod rdkafka;
mod ruby;
mod sarama;
mod segmentio;
mod spring_cloud_stream;
mod spring_kafka;

use crate::configuration::{Configuration, Setting, is_test};
use crate::index::Index;
use crate::outline::{Annotation, Argument, Call, Language, Outline, Value, last_name};
use crate::resolve::{At, HOLE, Resolved, Resolver};
use std::collections::HashMap;

/// What a place does with a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TopicRole {
    /// Sends records to it.
    Publishes,
    /// Is called with its records, or reads them.
    Handles,
    /// Names it only.
    Names,
}

/// A place in code that has to do with a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicUse {
    /// What it does with it.
    pub role: TopicRole,
    /// The topic's name; `*` stands for what can't be told, or a regular expression when `pattern`.
    pub topic: String,
    /// Whether the name is a regular expression.
    pub pattern: bool,
    /// Which framework's call or annotation it is; empty where only the name tells.
    pub framework: &'static str,
    /// Path inside the checkout.
    pub path: String,
    /// Line of the call or annotation, from 1.
    pub line: u32,
    /// Last line of it.
    pub end_line: u32,
    /// The function that handles, or that publishes.
    pub symbol: String,
    /// Line on which that function begins; 0 where there is none.
    pub symbol_line: u32,
    /// How the name was found; empty where it stands there.
    pub how: String,
    /// The consumer group, where it is written there.
    pub group: String,
    /// The function that decides which topic it is, where one does: path, line, symbol.
    pub decided: Option<(String, u32, String)>,
}

/// The topics of a checkout.
#[derive(Debug, Default)]
pub struct Topics {
    /// Uses with a name, in the order of files and lines; tests last.
    pub uses: Vec<TopicUse>,
    /// Uses whose topic could not be told: role, framework, path, line.
    pub untold: Vec<(TopicRole, &'static str, String, u32)>,
    by_name: HashMap<String, Vec<u32>>,
    open: Vec<u32>,
}

/// A use before its name is resolved.
pub(crate) struct Found<'a> {
    role: TopicRole,
    framework: &'static str,
    line: u32,
    end_line: u32,
    symbol: Option<u32>,
    names: Vec<&'a Value>,
    /// Names that the framework's configuration tells.
    told: Vec<Resolved>,
    pattern: bool,
    group: Option<&'a Value>,
    /// The function that is called, when it stands elsewhere: file, symbol.
    place: Option<(usize, u32)>,
}

impl<'a> Found<'a> {
    fn call(role: TopicRole, framework: &'static str, call: &'a Call, names: Vec<&'a Value>) -> Self {
        let (line, end_line, symbol) = (call.line, call.end_line, call.symbol);
        Self {
            role,
            framework,
            line,
            end_line,
            symbol,
            names,
            told: Vec::new(),
            pattern: false,
            group: None,
            place: None,
        }
    }

    fn annotation(
        role: TopicRole,
        framework: &'static str,
        view: &View<'a>,
        annotation: &'a Annotation,
        names: Vec<&'a Value>,
    ) -> Self {
        Self {
            role,
            framework,
            line: annotation.line,
            end_line: annotation.target_line,
            symbol: view.outline.annotated(annotation),
            names,
            told: Vec::new(),
            pattern: false,
            group: named(&annotation.arguments, &["groupId", "group", "group_id"]),
            place: None,
        }
    }
}

/// A file as the frameworks' modules see it.
pub(crate) struct View<'a> {
    resolver: &'a Resolver<'a>,
    file: usize,
    outline: &'a Outline,
}

impl<'a> View<'a> {
    fn language(&self) -> Language {
        self.outline.language
    }

    /// Whether an import holds this.
    fn imports(&self, part: &str) -> bool {
        self.outline.imports.iter().any(|i| i.contains(part))
    }

    fn at(&self, symbol: Option<u32>) -> At {
        At::new(self.file, symbol)
    }

    /// The type of what a call is made on, and its name, in lower case.
    fn receiver(&self, call: &Call) -> (String, String) {
        let receiver = call.receiver();
        let name = last_name(receiver.trim_end_matches("()"));
        let type_name = if name.is_empty() { "" } else { self.resolver.type_of(self.at(call.symbol), name) };
        (type_name.to_lowercase(), receiver.to_lowercase())
    }

    /// Whether the type, or the name where no type is known, of what a call is made on holds one of these words.
    fn is_on(&self, call: &Call, words: &[&str]) -> bool {
        let (type_name, name) = self.receiver(call);
        words.iter().any(|w| type_name.contains(w) || name.contains(w))
    }

    fn configuration(&self) -> &'a Configuration {
        self.resolver.configuration
    }

    /// What a value says, when that can be told.
    fn text(&self, symbol: Option<u32>, value: &Value) -> Option<String> {
        self.resolver.texts(self.at(symbol), value).into_iter().next().map(|r| r.text)
    }

    /// What a setting says, with its placeholders filled in.
    fn setting(&self, setting: &Setting) -> Vec<Resolved> {
        let value = Value::Text(crate::outline::Template::literal(&setting.value));
        let how = format!("{} in {}:{}", setting.key, setting.path, setting.line);
        let mut said = self.resolver.texts(self.at(None), &value);
        said.iter_mut().for_each(|r| r.how.insert(0, how.clone()));
        said
    }

    /// A function of a class, by the class's name.
    fn class(&self, class: &str, function: &str) -> Option<(usize, u32)> {
        let named = self.resolver.index.named(last_name(class));
        named.iter().find_map(|(file, symbol)| {
            let outline = &self.resolver.index.files[*file as usize].outline;
            let own = |s: &crate::outline::Symbol| s.parent == Some(*symbol) && s.name == function;
            outline.symbols.iter().position(own).map(|n| (*file as usize, n as u32))
        })
    }
}

type Framework = for<'a> fn(&View<'a>, &mut Vec<Found<'a>>);

const FRAMEWORKS: &[Framework] = &[
    spring_kafka::find,
    spring_cloud_stream::find,
    microprofile::find,
    kafka_clients::find,
    confluent_dotnet::find,
    masstransit::find,
    nestjs::find,
    kafkajs::find,
    confluent_js::find,
    faststream::find,
    aiokafka::find,
    confluent_python::find,
    franz_go::find,
    segmentio::find,
    sarama::find,
    rdkafka::find,
    ruby::find,
    php::find,
];

impl Topics {
    /// Finds the topics of an index.
    pub fn find(index: &Index, configuration: &Configuration) -> Self {
        let resolver = Resolver::new(index, configuration);
        let mut out = Self::default();
        for (file, indexed) in index.files.iter().enumerate() {
            let view = View { resolver: &resolver, file, outline: &indexed.outline };
            let mut found = Vec::new();
            FRAMEWORKS.iter().for_each(|framework| framework(&view, &mut found));
            for one in found {
                out.settle(&resolver, file, one);
            }
            out.named(&resolver, file);
        }
        out.uses.sort_by_key(|u| is_test(&u.path));
        out.map();
        out
    }

    fn settle(&mut self, resolver: &Resolver<'_>, file: usize, found: Found<'_>) {
        let at = At::new(file, found.symbol);
        let mut names: Vec<Resolved> = found.told;
        for value in &found.names {
            names.extend(resolver.texts(at, value));
        }
        let group = found.group.and_then(|g| resolver.texts(at, g).into_iter().next());
        let group = group.map(|g| g.text).unwrap_or_default();
        let written = &resolver.index.files[file].path;
        let (there, symbol) = found.place.map_or((file, found.symbol), |(f, s)| (f, Some(s)));
        let path = &resolver.index.files[there].path;
        let outline = &resolver.index.files[there].outline;
        let own = symbol.and_then(|s| outline.symbols.get(s as usize));
        let (line, end_line) = match (found.place, own) {
            (Some(_), Some(own)) => (own.line, own.line),
            _ => (found.line, found.end_line),
        };
        let routed = found.place.map(|_| format!("routed at {written}:{}", found.line));
        let mut any = false;
        for name in names {
            for topic in name.text.split(',').map(str::trim).filter(|t| may_be_topic(t, found.pattern)) {
                any = true;
                let one = TopicUse {
                    role: found.role,
                    topic: topic.replace(HOLE, "*"),
                    pattern: found.pattern,
                    framework: found.framework,
                    path: path.clone(),
                    line,
                    end_line,
                    symbol: outline.symbol_name(symbol),
                    symbol_line: own.map_or(0, |s| s.line),
                    how: routed.iter().chain(&name.how).cloned().collect::<Vec<_>>().join("; "),
                    group: group.clone(),
                    decided: decided(resolver, &name),
                };
                let known = |u: &TopicUse| {
                    (u.role, &u.topic, &u.path, u.line) == (one.role, &one.topic, &one.path, one.line)
                };
                if !self.uses.iter().rev().take(64).any(known) {
                    self.uses.push(one);
                }
            }
        }
        if !any && !found.names.is_empty() {
            self.untold.push((found.role, found.framework, path.clone(), line));
        }
    }

    /// What names a topic without a framework that says what for: constants, calls of this code's own.
    fn named(&mut self, resolver: &Resolver<'_>, file: usize) {
        let indexed = &resolver.index.files[file];
        for constant in &indexed.outline.constants {
            for text in plain_texts(&constant.value) {
                self.name(
                    resolver,
                    file,
                    text,
                    (constant.line, constant.line),
                    constant.symbol,
                    TopicRole::Names,
                );
            }
        }
        for call in &indexed.outline.calls {
            let role = role_by_words(call);
            let given = call.arguments.iter().chain(call.chain.iter().flat_map(|(_, a)| a));
            for argument in given {
                let lines = (call.line, call.end_line);
                for text in plain_texts(&argument.value) {
                    self.name(resolver, file, text, lines, call.symbol, role);
                }
                if role != TopicRole::Names && matches!(argument.value, Value::Name(_) | Value::Call(..)) {
                    for said in resolver.texts(At::new(file, call.symbol), &argument.value) {
                        let before = self.uses.len();
                        self.name(resolver, file, &said.text, lines, call.symbol, role);
                        if let Some(made) = self.uses.get_mut(before) {
                            (made.how, made.decided) = (said.how.join("; "), decided(resolver, &said));
                        }
                    }
                }
            }
        }
        for annotation in &indexed.outline.annotations {
            for text in annotation.arguments.iter().flat_map(|a| plain_texts(&a.value)) {
                let lines = (annotation.line, annotation.target_line);
                let symbol = indexed.outline.annotated(annotation);
                self.name(resolver, file, text, lines, symbol, TopicRole::Names);
            }
        }
    }

    fn name(
        &mut self,
        resolver: &Resolver<'_>,
        file: usize,
        topic: &str,
        lines: (u32, u32),
        symbol: Option<u32>,
        role: TopicRole,
    ) {
        if !may_be_topic(topic, false) || topic.contains(HOLE) || self.uses.len() > 400_000 {
            return;
        }
        let indexed = &resolver.index.files[file];
        let known = |u: &TopicUse| u.topic == topic && u.line <= lines.1 && u.end_line >= lines.0;
        if self.uses.iter().rev().take(64).take_while(|u| u.path == indexed.path).any(known) {
            return;
        }
        self.uses.push(TopicUse {
            role,
            topic: topic.to_owned(),
            pattern: false,
            framework: "",
            path: indexed.path.clone(),
            line: lines.0,
            end_line: lines.1,
            symbol: indexed.outline.symbol_name(symbol),
            symbol_line: symbol.and_then(|s| indexed.outline.symbols.get(s as usize)).map_or(0, |s| s.line),
            how: String::new(),
            group: String::new(),
            decided: None,
        });
    }

    fn map(&mut self) {
        for (number, found) in self.uses.iter().enumerate() {
            if found.pattern || found.topic.contains('*') {
                self.open.push(number as u32);
            } else {
                self.by_name.entry(found.topic.clone()).or_default().push(number as u32);
            }
        }
    }

    /// The uses of a topic: frameworks' before bare names, the code's before tests'.
    pub fn of(&self, topic: &str) -> Vec<&TopicUse> {
        let exact = self.by_name.get(topic).map_or(&[][..], Vec::as_slice);
        let open = self.open.iter().filter(|n| matches(&self.uses[**n as usize], topic));
        let mut out: Vec<&TopicUse> = exact.iter().chain(open).map(|n| &self.uses[*n as usize]).collect();
        out.sort_by_key(|u| (is_test(&u.path), u.framework.is_empty(), u.pattern || u.topic.contains('*')));
        out
    }

    /// The uses that a framework tells, without bare names.
    pub fn by_frameworks(&self) -> impl Iterator<Item = &TopicUse> {
        self.uses.iter().filter(|u| !u.framework.is_empty())
    }
}

fn decided(resolver: &Resolver<'_>, name: &Resolved) -> Option<(String, u32, String)> {
    name.decided.map(|(file, line, symbol)| {
        let there = &resolver.index.files[file];
        (there.path.clone(), line, there.outline.symbol_name(symbol))
    })
}

/// Whether a name with open parts, or a regular expression, is one that this topic has.
fn matches(found: &TopicUse, topic: &str) -> bool {
    let open =
        if found.pattern { found.topic.replace(".*", "*").replace("\\.", ".") } else { found.topic.clone() };
    let open = open.trim_start_matches('^').trim_end_matches('$');
    let pieces: Vec<&str> = open.split('*').collect();
    if pieces.iter().map(|p| p.len()).sum::<usize>() < 4
        || pieces.iter().any(|p| p.contains(['[', '(', '|', '\\']))
    {
        return false;
    }
    let mut rest = topic;
    for (number, piece) in pieces.iter().enumerate() {
        let at = match number {
            0 => rest.starts_with(piece).then_some(0),
            n if n + 1 == pieces.len() => rest.ends_with(piece).then(|| rest.len() - piece.len()),
            _ => rest.find(piece),
        };
        let Some(at) = at else { return false };
        rest = &rest[at + piece.len()..];
    }
    pieces.len() > 1 || rest.is_empty()
}

/// Whether a text has the form of a topic's name.
fn may_be_topic(text: &str, pattern: bool) -> bool {
    let literal = text.chars().filter(|c| c.is_alphanumeric()).count();
    let allowed =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '/') || c == HOLE;
    literal >= 2 && text.len() <= 249 && (pattern || text.chars().all(allowed))
}

/// Literal texts in a value that could be names.
fn plain_texts(value: &Value) -> Vec<&str> {
    let mut out = Vec::new();
    let mut open = vec![value];
    while let Some(next) = open.pop().filter(|_| out.len() < 32) {
        match next {
            Value::Text(_) => out.extend(next.plain()),
            Value::List(values) | Value::Either(values) => open.extend(values.iter().rev()),
            Value::Object(fields) => open.extend(fields.iter().rev().map(|(_, v)| v)),
            Value::Call(_, given) => open.extend(given.iter().rev().map(|a| &a.value)),
            Value::Name(_) | Value::Other => {}
        }
    }
    out
}

/// What a call of this code's own does with a topic, by the words of its name.
fn role_by_words(call: &Call) -> TopicRole {
    const SEND: &[&str] =
        &["send", "produce", "publish", "emit", "dispatch", "outbox", "enqueue", "writer", "announce"];
    const RECEIVE: &[&str] = &["subscribe", "consume", "listen", "poll", "reader", "receive", "handle"];
    let method = call.method().to_lowercase();
    let receiver = call.receiver().to_lowercase();
    for words in [&method, &receiver] {
        if SEND.iter().any(|w| words.contains(w)) {
            return TopicRole::Publishes;
        }
        if RECEIVE.iter().any(|w| words.contains(w)) {
            return TopicRole::Handles;
        }
    }
    TopicRole::Names
}

/// A setting's value as a name that was found there.
fn told(setting: &Setting) -> Resolved {
    let how = vec![format!("{} in {}:{}", setting.key, setting.path, setting.line)];
    Resolved::of(setting.value.clone(), how)
}

/// The argument of one of these names.
fn named<'a>(arguments: &'a [Argument], names: &[&str]) -> Option<&'a Value> {
    arguments.iter().find(|a| names.contains(&a.name.as_str())).map(|a| &a.value)
}

/// The argument of one of these names, or the one at a position.
fn argument<'a>(arguments: &'a [Argument], position: usize, names: &[&str]) -> Option<&'a Value> {
    named(arguments, names)
        .or_else(|| arguments.get(position).filter(|a| a.name.is_empty()).map(|a| &a.value))
}

/// A field of an object literal, of a struct literal or of an object inside an argument.
fn field<'a>(value: &'a Value, names: &[&str]) -> Option<&'a Value> {
    match value {
        Value::Object(fields) => fields.iter().find(|(k, _)| names.contains(&k.as_str())).map(|(_, v)| v),
        Value::Call(_, given) => given.iter().find_map(|a| match &a.value {
            object @ Value::Object(_) => field(object, names),
            _ => None,
        }),
        _ => None,
    }
}

/// The field of an object that a call is given.
fn given_field<'a>(call: &'a Call, names: &[&str]) -> Option<&'a Value> {
    call.arguments.iter().find_map(|a| match &a.value {
        object @ Value::Object(_) => field(object, names),
        _ => None,
    })
}

/// The first argument of the first call of this name inside a value.
fn made<'a>(value: &'a Value, names: &[&str]) -> Option<&'a Value> {
    match value {
        Value::Call(callee, given) if names.contains(&last_name(callee)) => given.first().map(|a| &a.value),
        Value::Call(_, given) => given.iter().find_map(|a| made(&a.value, names)),
        Value::List(values) | Value::Either(values) => values.iter().find_map(|v| made(v, names)),
        _ => None,
    }
}

/// Arguments inside a chain of calls, by the method they are given to.
fn chained<'a>(call: &'a Call, method: &str) -> impl Iterator<Item = &'a [Argument]> {
    let method = method.to_owned();
    call.chain.iter().filter(move |(name, _)| *name == method).map(|(_, given)| given.as_slice())
}

#[cfg(test)]
mod tests;
