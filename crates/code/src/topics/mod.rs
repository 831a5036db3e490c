//! Topics as the code has them: who handles one, who publishes to it, who names it, each with its line and how its name
//! was found. A module a framework says which calls and annotations are meant; names are resolved for all alike.

mod aiokafka;
mod confluent_dotnet;
mod confluent_js;
mod confluent_python;
mod faststream;
mod franz_go;
mod groups;
mod kafka_clients;
mod kafkajs;
mod masstransit;
mod microprofile;
mod names;
mod nestjs;
mod php;
mod rdkafka;
mod ruby;
mod sarama;
mod segmentio;
mod shapes;
mod sites;
mod spring_cloud_stream;
mod spring_kafka;
mod values;
mod view;

use crate::configuration::{Configuration, is_test};
use crate::index::Index;
use crate::resolve::{At, HOLE, Resolved, Resolver};
use groups::{Groups, may_be_same};
use names::{decided, matches, may_be_topic};
use std::collections::{HashMap, HashSet};
use values::{argument, chained, field, given_field, made, named, told};
use view::{Found, View};

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

/// What tells that a place reads or sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// A framework's call or annotation.
    Call,
    /// A parameter that is a broker's record.
    Record,
    /// The name of its class or its own.
    Name,
    /// That it is called after an event: `onStored`, `on_scan`.
    Event,
}

/// A place that reads or sends, of which the code and its configuration don't tell which topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untold {
    /// Whether it reads or sends.
    pub role: TopicRole,
    /// Which framework's call or annotation it is; empty where only its form tells.
    pub framework: &'static str,
    /// What tells it.
    pub sign: Sign,
    /// Path inside the checkout.
    pub path: String,
    /// Line of the call, or of the function, from 1.
    pub line: u32,
    /// Last line of the call.
    pub end_line: u32,
    /// The function.
    pub symbol: String,
    /// Line on which that function begins; 0 where there is none.
    pub symbol_line: u32,
    /// The consumer group, where one can be told; `*` stands for what can't.
    pub group: String,
}

/// The topics of a checkout.
#[derive(Debug, Default)]
pub struct Topics {
    /// Uses with a name, in the order of files and lines; tests last.
    pub uses: Vec<TopicUse>,
    /// Places that read or send although no topic could be told.
    pub untold: Vec<Untold>,
    by_name: HashMap<String, Vec<u32>>,
    open: Vec<u32>,
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
        let groups = Groups::read(&resolver);
        let mut out = Self::default();
        for (file, indexed) in index.files.iter().enumerate() {
            let view = View { resolver: &resolver, file, outline: &indexed.outline };
            let mut found = Vec::new();
            FRAMEWORKS.iter().for_each(|framework| framework(&view, &mut found));
            for one in found {
                out.settle(&resolver, &groups, file, one);
            }
            out.named(&resolver, file);
        }
        out.finish_untold(&resolver, &groups);
        out.uses.sort_by_key(|u| is_test(&u.path));
        out.map();
        out
    }

    /// A use with each of its names, at each place where what is made is used.
    fn settle(&mut self, resolver: &Resolver<'_>, groups: &Groups, file: usize, found: Found<'_>) {
        let at = At::new(file, found.symbol);
        let sites = sites::of(resolver, file, &found);
        let mut names: Vec<Resolved> = found.told;
        for value in &found.names {
            names.extend(resolver.texts(at, value));
        }
        let group = found.group.and_then(|g| resolver.texts(at, g).into_iter().next()).map(|g| g.text);
        let group = match found.role {
            TopicRole::Handles => group.unwrap_or_else(|| groups.near(resolver.index, file, found.symbol)),
            _ => String::new(),
        };
        for site in &sites {
            let there = &resolver.index.files[site.file];
            let own = site.symbol.and_then(|s| there.outline.symbols.get(s as usize));
            let (symbol, symbol_line) = (there.outline.symbol_name(site.symbol), own.map_or(0, |s| s.line));
            let mut any = false;
            for name in &names {
                for topic in name.text.split(',').map(str::trim).filter(|t| may_be_topic(t, found.pattern)) {
                    any = true;
                    self.add(TopicUse {
                        role: found.role,
                        topic: topic.replace(HOLE, "*"),
                        pattern: found.pattern,
                        framework: found.framework,
                        path: there.path.clone(),
                        line: site.line,
                        end_line: site.end_line,
                        symbol: symbol.clone(),
                        symbol_line,
                        how: site.how.iter().chain(&name.how).cloned().collect::<Vec<_>>().join("; "),
                        group: group.clone(),
                        decided: decided(resolver, name),
                    });
                }
            }
            if !any {
                self.untold.push(Untold {
                    role: found.role,
                    framework: found.framework,
                    sign: Sign::Call,
                    path: there.path.clone(),
                    line: site.line,
                    end_line: site.end_line,
                    symbol,
                    symbol_line,
                    group: group.clone(),
                });
            }
        }
    }

    fn add(&mut self, one: TopicUse) {
        let known =
            |u: &TopicUse| (u.role, &u.topic, &u.path, u.line) == (one.role, &one.topic, &one.path, one.line);
        if !self.uses.iter().rev().take(64).any(known) {
            self.uses.push(one);
        }
    }

    /// Leaves out places that are told otherwise, and adds functions that have the form of handlers.
    fn finish_untold(&mut self, resolver: &Resolver<'_>, groups: &Groups) {
        let told: HashSet<(TopicRole, &str, &str)> =
            self.by_frameworks().map(|u| (u.role, u.path.as_str(), u.symbol.as_str())).collect();
        let lines: HashSet<(TopicRole, &str, u32)> =
            self.by_frameworks().map(|u| (u.role, u.path.as_str(), u.line)).collect();
        let is_told = |u: &Untold| {
            lines.contains(&(u.role, u.path.as_str(), u.line))
                || (!u.symbol.is_empty() && told.contains(&(u.role, u.path.as_str(), u.symbol.as_str())))
        };
        let mut untold: Vec<Untold> = self.untold.iter().filter(|u| !is_told(u)).cloned().collect();
        let shaped = shapes::handlers(resolver, groups).into_iter().filter(|u| !is_told(u));
        let new =
            |u: &Untold| !untold.iter().any(|k| k.role == u.role && k.path == u.path && k.symbol == u.symbol);
        let shaped: Vec<Untold> = shaped.filter(new).collect();
        untold.extend(shaped);
        let mut seen = HashSet::new();
        untold.retain(|u| seen.insert((u.role, u.path.clone(), u.line)));
        untold.sort_by_key(|u| (is_test(&u.path), u.sign));
        self.untold = untold;
    }

    /// The functions that may handle a topic whose name no place tells, the likeliest first: those of the group by
    /// which the service reads it, then those whose group is not known. Those of other groups are left out.
    pub fn may_handle(&self, group: Option<&str>) -> Vec<&Untold> {
        self.may(TopicRole::Handles, group)
    }

    /// The places that may publish to a topic whose name no place tells.
    pub fn may_publish(&self) -> Vec<&Untold> {
        self.may(TopicRole::Publishes, None)
    }

    fn may(&self, role: TopicRole, group: Option<&str>) -> Vec<&Untold> {
        let other = |u: &Untold| group.is_some_and(|g| !u.group.is_empty() && !may_be_same(&u.group, g));
        let mut out: Vec<&Untold> =
            self.untold.iter().filter(|u| u.role == role && !is_test(&u.path) && !other(u)).collect();
        out.sort_by_key(|u| (u.group.is_empty() && group.is_some(), u.sign));
        out
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

#[cfg(test)]
mod tests;
