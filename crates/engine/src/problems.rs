//! Problems: failures of one service with one exception type and one message template, with the entities they hit.

use crate::facts::LogFact;
use crate::home::Home;
use crate::sweep::Haul;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use waylaid_model::{Kind, Level, Timestamp};

/// A group of failures.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) service: String,
    /// Innermost exception type.
    pub(crate) exception: Option<String>,
    pub(crate) template: String,
    pub(crate) kind: Option<Kind>,
    pub(crate) level: Option<Level>,
    /// Kept events, as indices into the haul's logs.
    pub(crate) facts: Vec<usize>,
    /// All events, kept or not.
    pub(crate) count: u64,
    pub(crate) first: Option<Timestamp>,
    pub(crate) last: Option<Timestamp>,
    /// First and last hit of each entity.
    pub(crate) hits: BTreeMap<u32, (Option<Timestamp>, Option<Timestamp>)>,
    /// Entities that only a thread or the lines around it join to it: perhaps they only ran beside it.
    pub(crate) loose: BTreeSet<u32>,
    /// A message below WARN that says nothing of failure, kept because it sets the stuck apart.
    pub(crate) quiet: bool,
}

impl Problem {
    /// Whether its kind says no more than that something failed.
    pub(crate) fn is_generic(&self) -> bool {
        matches!(self.kind, None | Some(Kind::HandlerException | Kind::DeadLettered | Kind::Unknown))
    }

    /// One line for a person.
    pub(crate) fn title(&self) -> String {
        match &self.exception {
            Some(exception) => format!("{} in {}", short_type(exception), self.service),
            None => format!("\"{}\" in {}", crate::facts::shorten(&self.template, 90), self.service),
        }
    }

    /// Adds one event.
    fn add(&mut self, index: usize, fact: &LogFact) {
        self.facts.push(index);
        self.first = min_time(self.first, fact.time);
        self.last = self.last.max(fact.time);
        self.level = self.level.max(fact.level);
        let is_loose = matches!(fact.joined_by, Some("thread" | "batch"));
        for entity in &fact.entities {
            if !is_loose {
                self.loose.remove(entity);
            } else if !self.hits.contains_key(entity) {
                self.loose.insert(*entity);
            }
            let hit = self.hits.entry(*entity).or_insert((fact.time, fact.time));
            hit.0 = min_time(hit.0, fact.time);
            hit.1 = hit.1.max(fact.time);
        }
    }
}

fn min_time(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The last part of a qualified type name.
pub(crate) fn short_type(name: &str) -> &str {
    name.rsplit(['.', ':', '\\', '/', '$']).find(|p| !p.is_empty()).unwrap_or(name)
}

/// Groups every failure.
pub(crate) fn group(home: &Home, haul: &Haul) -> Vec<Problem> {
    let aliases: HashSet<&str> =
        haul.aliases.iter().flat_map(|a| a.values.keys()).map(String::as_str).collect();
    let is_word = |t: &str| t.len() < 3 || t.bytes().all(|b| b.is_ascii_lowercase());
    let is_key = |t: &&str| !is_word(t) && (home.universe.contains_key(*t) || aliases.contains(t));
    // A key in letters looks like a word, and would make a group of its own.
    let said_in = |message: &str| {
        let first = crate::facts::first_line(message);
        let mut text = std::borrow::Cow::Borrowed(first);
        for key in crate::places::tokens(first).filter(is_key) {
            text = text.replace(key, "<*>").into();
        }
        waylaid_logs::template_of(&text)
    };
    let mut groups: BTreeMap<(String, String, String), Problem> = BTreeMap::new();
    for (index, fact) in haul.logs.iter().enumerate() {
        let Some(failure) = &fact.failure else { continue };
        let exception = failure.root_type.clone();
        let said = match &exception {
            Some(_) if !failure.root_message.is_empty() => said_in(&failure.root_message),
            None if !failure.root_message.is_empty() && !fact.message.contains(&failure.root_message) => {
                let told = said_in(&without_codes(&failure.root_message));
                format!("{}: {}", fact.template, crate::facts::shorten(&told, 200))
            }
            _ => fact.template.clone(),
        };
        let identity = (fact.service.clone(), exception.clone().unwrap_or_default(), said);
        let entry = groups.entry(identity).or_insert_with_key(|(service, _, said)| Problem {
            service: service.clone(),
            exception,
            template: said.clone(),
            kind: failure.kind,
            level: None,
            facts: Vec::new(),
            count: 0,
            first: None,
            last: None,
            hits: BTreeMap::new(),
            loose: BTreeSet::new(),
            quiet: false,
        });
        entry.kind = more_specific(entry.kind, failure.kind);
        entry.add(index, fact);
    }
    let mut problems: Vec<Problem> = groups.into_values().collect();
    count_all(haul, &mut problems);
    problems.sort_by(|a, b| {
        b.count.cmp(&a.count).then_with(|| (&a.service, &a.template).cmp(&(&b.service, &b.template)))
    });
    problems
}

/// A text without the codes in capitals that it names (`TOM-KUM`, `DE_4`): one reason for many things is one reason.
fn without_codes(text: &str) -> String {
    let is_code = |token: &str| {
        let is_of = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        token.len() >= 3
            && token.chars().all(is_of)
            && token.contains(|c: char| c.is_ascii_uppercase())
            && token.contains(|c: char| !c.is_ascii_uppercase())
    };
    let tokens = crate::facts::first_line(text).split(' ');
    let plain = |t: &str| t.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned();
    tokens
        .map(|t| if is_code(&plain(t)) { t.replace(&plain(t), "<*>") } else { t.to_owned() })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Counts the events that were seen and not kept, too: by template, where no other problem shares it.
fn count_all(haul: &Haul, problems: &mut [Problem]) {
    let templates = |p: &Problem| -> BTreeSet<(String, String)> {
        p.facts.iter().map(|i| (p.service.clone(), haul.logs[*i].template.clone())).collect()
    };
    let mut users: BTreeMap<(String, String), usize> = BTreeMap::new();
    for problem in problems.iter() {
        templates(problem).into_iter().for_each(|t| *users.entry(t).or_default() += 1);
    }
    for problem in problems {
        let own = templates(problem);
        let alone = own.iter().all(|t| users.get(t) == Some(&1));
        let total: u64 = own.iter().filter_map(|t| haul.failure_counts.get(t)).sum();
        let kept = problem.facts.len() as u64;
        problem.count = if alone { total.max(kept) } else { kept };
    }
}

fn more_specific(a: Option<Kind>, b: Option<Kind>) -> Option<Kind> {
    match (a, b) {
        (None | Some(Kind::HandlerException), Some(kind)) => Some(kind),
        (a, _) => a,
    }
}

/// Messages that say nothing of failure, but that (nearly) all of some entities show and (nearly) none of the
/// completed: what a service logs when it leaves something out.
pub(crate) fn quiet(haul: &Haul, stuck: &BTreeSet<u32>, done: &BTreeSet<u32>) -> Vec<Problem> {
    let mut groups: BTreeMap<(&str, &str), Problem> = BTreeMap::new();
    for (index, fact) in
        haul.logs.iter().enumerate().filter(|(_, l)| !l.is_failure() && !l.entities.is_empty())
    {
        let entry =
            groups.entry((&fact.service, &fact.template)).or_insert_with_key(|(service, template)| Problem {
                service: (*service).to_owned(),
                exception: None,
                template: (*template).to_owned(),
                kind: None,
                level: None,
                facts: Vec::new(),
                count: 0,
                first: None,
                last: None,
                hits: BTreeMap::new(),
                loose: BTreeSet::new(),
                quiet: true,
            });
        entry.add(index, fact);
    }
    groups
        .into_values()
        .filter(|p| {
            let hit = p.hits.keys().filter(|e| stuck.contains(e)).count();
            let spared = p.hits.keys().filter(|e| done.contains(e)).count();
            // What completed ones met only afterwards is told apart when it is known where the stuck stopped.
            let of_all = hit * 10 >= stuck.len() * 9 && spared * 2 <= done.len();
            hit >= 3 && (of_all || (spared * 50 <= done.len() && spared * 4 <= hit))
        })
        .map(|mut p| {
            p.count = p.facts.len() as u64;
            p.kind = waylaid_logs::classify(None, &haul.logs[p.facts[0]].message, &[]);
            p
        })
        .collect()
}
