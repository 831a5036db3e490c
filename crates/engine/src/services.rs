//! Which service does what: who owns a table, who produces a topic, which group consumes it for whom.

use crate::home::Home;
use crate::ids::name_likeness;
use crate::sweep::Haul;
use crate::trails::{Fact, Node, Trails, home_name};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use waylaid_code::{Mention, Sources};
use waylaid_model::System;

const SECOND: i64 = 1_000_000_000;

/// Who does what, as far as it can be told.
#[derive(Debug, Default)]
pub(crate) struct Services {
    pub(crate) all: BTreeSet<String>,
    owners: HashMap<String, String>,
    producers: HashMap<Node, String>,
    /// Service of each consumer group.
    groups: BTreeMap<String, String>,
    /// Topic to its groups.
    consumers: BTreeMap<String, Vec<String>>,
    /// Topic to services that consume it, by group, by code or by log.
    pub(crate) consuming: BTreeMap<String, BTreeSet<String>>,
}

/// Whether a service may have to do with a topic by what its code says: one whose code never names it, where the code
/// of others does, has nothing to do with it, however close in time its facts lie.
fn may_name(service: &str, topic: &str, code: &[Sources]) -> bool {
    let own = code.iter().find(|s| s.service == service);
    own.is_none_or(|s| s.mention(topic).is_some()) || code.iter().all(|s| s.mention(topic).is_none())
}

/// Whether a service's code names other topics and this one not: who writes it must have its name from somewhere.
fn names_others(service: &str, topic: &str, haul: &Haul, code: &[Sources]) -> bool {
    let own = code.iter().find(|s| s.service == service);
    own.is_some_and(|s| {
        s.mention(topic).is_none() && haul.topics.topics.iter().any(|t| s.mention(&t.name).is_some())
    })
}

impl Services {
    pub(crate) fn owner(&self, table: &str) -> Option<&str> {
        self.owners.get(table).map(String::as_str)
    }

    pub(crate) fn producer(&self, node: &Node) -> Option<&str> {
        self.producers.get(node).map(String::as_str)
    }

    pub(crate) fn groups_of(&self, topic: &str) -> &[String] {
        self.consumers.get(topic).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn group_service(&self, group: &str) -> Option<&str> {
        self.groups.get(group).map(String::as_str)
    }

    /// The group by which a service reads a topic: its own, or the only one that nobody else is known to own.
    pub(crate) fn group_for(&self, service: Option<&str>, topic: &str) -> Option<&str> {
        let groups = self.groups_of(topic);
        let own = groups.iter().find(|g| service.is_some() && self.group_service(g) == service);
        let unowned: Vec<&String> = groups.iter().filter(|g| self.group_service(g).is_none()).collect();
        let only = match unowned.as_slice() {
            [one] => Some(*one),
            _ => None,
        };
        own.or(only).or_else(|| groups.first().filter(|_| groups.len() == 1)).map(String::as_str)
    }

    /// Finds out what can be found out.
    pub(crate) fn discover(
        system: &System,
        home: &Home,
        haul: &Haul,
        trails: &Trails,
        code: &[Sources],
    ) -> Self {
        let mut services = Self::default();
        services.all.extend(system.services.iter().map(|s| s.name.clone()));
        services.all.extend(haul.log_catalog.targets.iter().map(|t| t.service.clone()));
        services.own_tables(system, home, haul);
        services.map_groups(haul, code);
        services.map_last_group();
        services.map_groups_by_time(home, haul, trails);
        services.map_last_group();
        services.find_producers(home, haul, trails, code);
        services.find_consumers(code, haul);
        services
    }

    fn own_tables(&mut self, system: &System, home: &Home, haul: &Haul) {
        let mut nodes: Vec<String> = haul.tables.iter().map(|t| t.node.clone()).collect();
        nodes.push(home_name(home));
        for node in nodes {
            let store = node.split('.').next().unwrap_or_default();
            let table = node.split_once('.').map_or("", |(_, t)| t);
            let exact = system.services.iter().find(|s| s.tables.contains(&node));
            let by_store = system.services.iter().filter(|s| s.tables.iter().any(|t| t == store));
            let candidates: Vec<&str> = by_store.map(|s| s.name.as_str()).collect();
            let owner = match (exact, candidates.as_slice()) {
                (Some(service), _) => Some(service.name.clone()),
                (None, [one]) => Some((*one).to_owned()),
                (None, []) => {
                    Self::alike(&[store, table], &self.all.iter().map(String::as_str).collect::<Vec<_>>())
                }
                (None, several) => {
                    Self::alike(&[table], several).or_else(|| several.first().map(|s| (*s).to_owned()))
                }
            };
            if let Some(owner) = owner {
                self.owners.insert(node, owner);
            }
        }
    }

    fn alike(names: &[&str], among: &[&str]) -> Option<String> {
        let score = |s: &str| names.iter().map(|n| name_likeness(n, s)).fold(0.0, f64::max);
        let best = among.iter().max_by(|a, b| score(a).total_cmp(&score(b)))?;
        (score(best) >= 0.5).then(|| (*best).to_owned())
    }

    fn map_groups(&mut self, haul: &Haul, code: &[Sources]) {
        for offset in &haul.topics.groups {
            let list = self.consumers.entry(offset.topic.clone()).or_default();
            if !list.contains(&offset.group) {
                list.push(offset.group.clone());
            }
        }
        let groups: BTreeSet<String> = haul.topics.groups.iter().map(|g| g.group.clone()).collect();
        for group in groups {
            // A plain word may stand in any sentence.
            let is_word = group.chars().all(char::is_alphabetic);
            let holds = |s: &&Sources| if is_word { s.holds_value(&group) } else { s.holds(&group) };
            let by_code: Vec<&str> = code.iter().filter(holds).map(|s| s.service.as_str()).collect();
            let naming = haul.logs.iter().filter(|l| !is_word && l.message.contains(&group));
            let logged: BTreeSet<&str> = naming.map(|l| l.service.as_str()).collect();
            let mut alike: Vec<(f64, &String)> =
                self.all.iter().map(|s| (name_likeness(s, &group), s)).filter(|(l, _)| *l >= 0.5).collect();
            alike.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
            let by_name = match alike.as_slice() {
                [one] => Some(one.1.clone()),
                [first, second, ..] if first.0 > second.0 => Some(first.1.clone()),
                _ => None,
            };
            let plain = alike.first().filter(|(likeness, _)| *likeness > 0.99).and(by_name.clone());
            let service = match (by_code.as_slice(), by_name) {
                _ if plain.is_some() => plain,
                ([one], _) => Some((*one).to_owned()),
                (_, Some(name)) => Some(name),
                _ if logged.len() == 1 => logged.first().map(|s| (*s).to_owned()),
                _ => None,
            };
            if let Some(service) = service {
                self.groups.insert(group, service);
            }
        }
    }

    /// A group that no name tells: of the services that act soon after the topic's records, the one that most often
    /// comes first and has no group there yet.
    fn map_groups_by_time(&mut self, home: &Home, haul: &Haul, trails: &Trails) {
        let open: Vec<(String, String)> = self
            .consumers
            .iter()
            .flat_map(|(topic, groups)| groups.iter().map(move |g| (topic.clone(), g.clone())))
            .filter(|(_, group)| !self.groups.contains_key(group))
            .collect();
        for (topic, group) in open {
            let taken: BTreeSet<&str> =
                self.groups_of(&topic).iter().filter_map(|g| self.group_service(g)).collect();
            let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
            let mut voters = 0usize;
            for (number, _) in
                trails.nodes.iter().enumerate().filter(|(_, n)| n.topic() == Some(topic.as_str()))
            {
                for (entity, trail) in trails.of.iter().enumerate() {
                    let Some(at) = trails.reach[entity].get(&number).and_then(|r| r.first) else { continue };
                    // A source of whole seconds can't tell before from after.
                    let began = |o: &crate::trails::Observation| {
                        let exact = !trails.coarse.contains_key(&o.node);
                        o.time.filter(|_| exact).map(|t| t.since(at))
                    };
                    let before: BTreeSet<&str> = trail
                        .iter()
                        .filter(|o| began(o).is_some_and(|lag| (-2 * SECOND..0).contains(&lag)))
                        .filter_map(|o| self.service_of(home, haul, trails, o.fact, o.node))
                        .collect();
                    let next = trail
                        .iter()
                        .filter(|o| began(o).is_some_and(|lag| (0..60 * SECOND).contains(&lag)))
                        .filter_map(|o| self.service_of(home, haul, trails, o.fact, o.node))
                        .find(|s| !taken.contains(s) && !before.contains(s));
                    voters += usize::from(next.is_some());
                    if let Some(service) = next {
                        *votes.entry(service).or_default() += 1;
                    }
                }
            }
            let best = votes.into_iter().max_by_key(|(s, n)| (*n, std::cmp::Reverse(*s)));
            if let Some((service, _)) = best.filter(|(_, n)| *n >= 3 && n * 2 > voters) {
                let service = service.to_owned();
                self.groups.insert(group, service);
            }
        }
    }

    /// The one group and the one service that are left belong to each other.
    fn map_last_group(&mut self) {
        let all: BTreeSet<&String> = self.consumers.values().flatten().collect();
        let open: Vec<&String> = all.into_iter().filter(|g| !self.groups.contains_key(*g)).collect();
        let taken: BTreeSet<&String> = self.groups.values().collect();
        let free: Vec<&String> = self.all.iter().filter(|s| !taken.contains(s)).collect();
        if let ([group], [service]) = (open.as_slice(), free.as_slice()) {
            let (group, service) = ((*group).clone(), (*service).clone());
            self.groups.insert(group, service);
        }
    }

    /// A topic's producer: named by a header, by the code, or the one whose facts come right before its records.
    fn find_producers(&mut self, home: &Home, haul: &Haul, trails: &Trails, code: &[Sources]) {
        for (number, node) in trails.nodes.iter().enumerate() {
            let Some(topic) = node.topic() else { continue };
            let by_header = self.header_producer(topic, haul);
            let readers: BTreeSet<&str> = match node {
                Node::Topic(_) => {
                    self.groups_of(topic).iter().filter_map(|g| self.group_service(g)).collect()
                }
                _ => BTreeSet::new(),
            };
            let by_code: Vec<&str> = code
                .iter()
                .filter(|s| {
                    s.mention(topic) == Some(Mention::Produces) && !readers.contains(s.service.as_str())
                })
                .map(|s| s.service.as_str())
                .collect();
            let naming: Vec<&str> = code
                .iter()
                .filter(|s| {
                    s.mention(topic).is_some_and(|m| m != Mention::Consumes)
                        && !readers.contains(s.service.as_str())
                })
                .map(|s| s.service.as_str())
                .collect();
            let producer = match (by_header, by_code.as_slice(), naming.as_slice()) {
                (Some(service), ..) => Some(service),
                (None, [one], _) | (None, [], [one]) => Some((*one).to_owned()),
                _ => self
                    .unseen_reader(number, &readers, home, haul, trails)
                    .or_else(|| self.producer_by_time(number, &readers, home, haul, trails))
                    .filter(|service| may_name(service, topic, code))
                    .map(|service| {
                        let reads = names_others(&service, topic, haul, code)
                            .then(|| self.producer_by_reading(number, &service, haul, trails));
                        reads.flatten().unwrap_or(service)
                    }),
            };
            if let Some(producer) = producer {
                self.producers.insert(node.clone(), producer);
            }
        }
    }

    /// The only service that reads the topic in which (most of) the entities were seen right before, where it is another than
    /// the one that would be taken: its own log and tables may tell nothing of them.
    fn producer_by_reading(&self, node: usize, not: &str, haul: &Haul, trails: &Trails) -> Option<String> {
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        let mut voters = 0usize;
        for (entity, trail) in trails.of.iter().enumerate() {
            let Some(at) = trails.reach[entity].get(&node).and_then(|r| r.first) else { continue };
            voters += 1;
            let before = trail.iter().filter(|o| o.node != node && o.time.is_some_and(|t| t < at));
            let record = before.filter_map(|o| match o.fact {
                Fact::Record(i) => Some((o.time?, haul.records[i].record.topic.as_str())),
                _ => None,
            });
            let Some((time, topic)) = record.max() else { continue };
            let readers: BTreeSet<&str> =
                self.groups_of(topic).iter().filter_map(|g| self.group_service(g)).collect();
            if let Some(only) = readers.first().filter(|_| readers.len() == 1 && at.since(time) <= 5 * SECOND)
            {
                *votes.entry(only).or_default() += 1;
            }
        }
        let (service, count) = votes.into_iter().max_by_key(|(_, n)| *n)?;
        (service != not && count * 2 > voters).then(|| service.to_owned())
    }

    /// A group that is no service's that is known, and alone reads the topic in which (nearly) all entities were seen right
    /// before, nobody but the readers of this one being at work in between: somebody of whom nothing but the group is at hand.
    fn unseen_reader(
        &self,
        node: usize,
        readers: &BTreeSet<&str>,
        home: &Home,
        haul: &Haul,
        trails: &Trails,
    ) -> Option<String> {
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        let mut voters = 0usize;
        for (entity, trail) in trails.of.iter().enumerate() {
            let Some(at) = trails.reach[entity].get(&node).and_then(|r| r.first) else { continue };
            voters += 1;
            let before = trail.iter().filter(|o| o.node != node && o.time.is_some_and(|t| t < at));
            let is_reader = |o: &&crate::trails::Observation| {
                self.service_of(home, haul, trails, o.fact, o.node).is_some_and(|s| readers.contains(s))
            };
            // A source of whole seconds shows the end of its second; it may have been its beginning.
            let resolution =
                |o: &crate::trails::Observation| trails.coarse.get(&o.node).copied().unwrap_or(0);
            let last =
                before.filter(|o| !is_reader(o)).max_by_key(|o| o.time.map(|t| t.plus(-resolution(o))));
            let Some(Fact::Record(i)) = last.map(|o| o.fact) else { continue };
            if let [only] = self.groups_of(&haul.records[i].record.topic)
                && !self.groups.contains_key(only)
            {
                *votes.entry(only).or_default() += 1;
            }
        }
        let (group, count) = votes.into_iter().max_by_key(|(_, n)| *n)?;
        (voters >= 3 && count * 10 >= voters * 9).then(|| group.to_owned())
    }

    fn header_producer(&self, topic: &str, haul: &Haul) -> Option<String> {
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        let mut records = 0usize;
        for fact in haul.records.iter().filter(|r| r.record.topic == topic) {
            records += 1;
            let named = fact.record.headers.iter().find_map(|(name, value)| {
                let says = crate::ids::words(name).iter().any(|w| {
                    matches!(
                        w.as_str(),
                        "source" | "producer" | "service" | "app" | "origin" | "publisher" | "application"
                    )
                });
                let last = value.trim_matches('/').rsplit('/').next().unwrap_or(value);
                self.all.get(last).or_else(|| self.all.get(value.as_str())).filter(|_| says)
            });
            if let Some(service) = named {
                *votes.entry(service.as_str()).or_default() += 1;
            }
        }
        let (service, count) = votes.into_iter().max_by_key(|(_, n)| *n)?;
        (count * 10 >= records * 8).then(|| service.to_owned())
    }

    fn producer_by_time(
        &self,
        node: usize,
        readers: &BTreeSet<&str>,
        home: &Home,
        haul: &Haul,
        trails: &Trails,
    ) -> Option<String> {
        let mut votes: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        let mut voters = 0usize;
        for (entity, trail) in trails.of.iter().enumerate() {
            let Some(at) = trails.reach[entity].get(&node).and_then(|r| r.first) else { continue };
            voters += 1;
            // A source of whole seconds shows the end of its second; it may have been its beginning.
            let resolution =
                |o: &crate::trails::Observation| trails.coarse.get(&o.node).copied().unwrap_or(0);
            let mut before: Vec<_> = trail
                .iter()
                .filter_map(|o| Some((o.time?.plus(-resolution(o)), o)))
                .filter(|(t, _)| t.since(at) <= 2_000_000)
                .collect();
            before.sort_by_key(|(t, _)| *t);
            let mut at_work = before
                .iter()
                .rev()
                .filter_map(|(t, o)| {
                    self.service_of(home, haul, trails, o.fact, o.node).map(|s| (s, Some(*t)))
                })
                .filter(|(s, _)| !readers.contains(s));
            let last = at_work.next();
            if let Some((service, Some(time))) = last {
                votes.entry(service.to_owned()).or_default().push(at.since(time));
            }
        }
        let (service, mut gaps) =
            votes.into_iter().max_by(|a, b| (a.1.len(), &b.0).cmp(&(b.1.len(), &a.0)))?;
        gaps.sort_unstable();
        let near = gaps[gaps.len() / 2] <= 5 * SECOND;
        let plain = gaps.len() * 2 >= voters;
        if near && plain {
            return Some(service);
        }
        let topic = trails.nodes[node].topic()?;

        Self::alike(
            &[topic],
            &self.all.iter().map(String::as_str).filter(|s| !readers.contains(s)).collect::<Vec<_>>(),
        )
    }

    /// The service that an observation shows at work: the log's, the table's owner.
    fn service_of<'a>(
        &'a self,
        home: &Home,
        haul: &'a Haul,
        trails: &'a Trails,
        fact: Fact,
        node: usize,
    ) -> Option<&'a str> {
        match fact {
            Fact::Log(i) => Some(haul.logs[i].service.as_str()),
            Fact::Row(i) => self.owner(&haul.rows[i].table),
            Fact::Home if matches!(trails.nodes[node], Node::Start(_)) => {
                self.owners.get(&home_name(home)).map(String::as_str)
            }
            _ => None,
        }
    }

    fn find_consumers(&mut self, code: &[Sources], haul: &Haul) {
        let mut consuming: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (topic, groups) in &self.consumers {
            let services = groups.iter().filter_map(|g| self.groups.get(g)).cloned();
            consuming.entry(topic.clone()).or_default().extend(services);
        }
        for topic in &haul.topics.topics {
            let by_code = code
                .iter()
                .filter(|s| s.mention(&topic.name) == Some(Mention::Consumes))
                .map(|s| s.service.clone());
            consuming.entry(topic.name.clone()).or_default().extend(by_code);
        }
        self.consuming = consuming;
    }

    /// Whether a service is known, or may be taken, to read a topic.
    pub(crate) fn may_consume(&self, service: &str, topic: &str) -> bool {
        let known = self.consuming.get(topic).is_some_and(|s| s.contains(service));
        let all_known = self.groups_of(topic).iter().all(|g| self.groups.contains_key(g))
            && !self.groups_of(topic).is_empty();
        known || !all_known
    }
}
