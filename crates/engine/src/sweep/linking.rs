//! Facts linked to entities: by the entity's own key where a binding says so, by written-down patterns, by further keys.

use super::samples::Samples;
use super::{Alias, Haul};
use crate::bindings::{self, Binding, Links, Source, Subject, Unit};
use crate::bridges;
use crate::home::Home;
use crate::places::{self, Placed};
use std::collections::{BTreeMap, HashSet};
use waylaid_model::{EntitySpec, Timestamp};

/// Decides on the places of the entity's own key in topics and tables, and links facts to entities.
pub(super) fn bind_own(spec: &EntitySpec, subject: &Subject<'_>, samples: &Samples, haul: &mut Haul) {
    let placed: Vec<Vec<Placed>> = haul.records.iter().map(|r| places::of_record(&r.record)).collect();
    let units: Vec<Unit<'_>> = haul
        .records
        .iter()
        .zip(&placed)
        .map(|(r, p)| Unit { source: Source::Topic(r.record.topic.clone()), time: r.record.time, placed: p })
        .collect();
    let (mut taken, mut rejected) = bindings::decide(subject, &units, &Samples::units(&samples.records));
    configured(spec, &mut taken, &mut rejected);
    let links = Links::new(&taken);
    for (fact, unit) in haul.records.iter_mut().zip(&units) {
        links.entities(subject, &unit.source, unit.placed, &mut fact.entities);
    }
    let row_placed: Vec<Vec<Placed>> = haul.rows.iter().map(|r| places::of_row(&r.row)).collect();
    let row_units: Vec<Unit<'_>> = haul
        .rows
        .iter()
        .zip(&row_placed)
        .map(|(r, p)| Unit {
            source: Source::Table(r.table.clone()),
            time: crate::rowtime::created(&r.row),
            placed: p,
        })
        .collect();
    let (row_taken, row_rejected) = bindings::decide(subject, &row_units, &row_units);
    let links = Links::new(&row_taken);
    for (fact, unit) in haul.rows.iter_mut().zip(&row_units) {
        links.entities(subject, &unit.source, unit.placed, &mut fact.entities);
    }
    haul.bindings.extend(taken.into_iter().chain(row_taken).map(|b| (String::new(), b)));
    haul.rejected.extend(rejected.into_iter().chain(row_rejected));
}

/// The same for logs.
pub(super) fn bind_logs(spec: &EntitySpec, subject: &Subject<'_>, samples: &Samples, haul: &mut Haul) {
    let units: Vec<Unit<'_>> = haul
        .logs
        .iter()
        .map(|l| Unit { source: Source::Log(l.service.clone()), time: l.time, placed: &l.placed })
        .collect();
    let (mut taken, mut rejected) = bindings::decide(subject, &units, &Samples::units(&samples.events));
    configured(spec, &mut taken, &mut rejected);
    let links = Links::new(&taken);
    let mut linked: Vec<Vec<u32>> = Vec::with_capacity(units.len());
    for unit in &units {
        let mut entities = Vec::new();
        links.entities(subject, &unit.source, unit.placed, &mut entities);
        linked.push(entities);
    }
    drop(units);
    for (fact, entities) in haul.logs.iter_mut().zip(linked) {
        fact.entities = entities;
    }
    by_pattern(spec, subject, haul);
    by_place_in_failures(subject, haul);
    bridges::retract(haul);
    for alias in haul.aliases.clone() {
        link_alias_logs(&alias, haul);
    }
    haul.bindings.extend(taken.into_iter().map(|b| (String::new(), b)));
    haul.rejected.extend(rejected);
}

/// A failure may name its entity where no other line does, by a number that would say nothing elsewhere: a place in the
/// text of one message, (nearly) all of whose values are keys, each shortly after its entity came to be.
fn by_place_in_failures(subject: &Subject<'_>, haul: &mut Haul) {
    const FEWEST: usize = 5;
    type Of<'h> = BTreeMap<(&'h str, &'h str, &'h str), Vec<usize>>;
    let mut groups: Of<'_> = BTreeMap::new();
    for (index, log) in haul.logs.iter().enumerate().filter(|(_, l)| l.is_failure() && l.entities.is_empty())
    {
        for p in &log.placed {
            groups.entry((&log.service, &log.template, &p.place)).or_default().push(index);
        }
    }
    let mut found: Vec<(usize, Vec<u32>)> = Vec::new();
    for ((_, _, place), indices) in groups {
        let value =
            |i: &usize| haul.logs[*i].placed.iter().find(|p| p.place == place).map(|p| p.value.as_str());
        let values: HashSet<&str> = indices.iter().filter_map(value).collect();
        let keys: Vec<&&str> = values.iter().filter(|v| subject.universe.contains_key(**v)).collect();
        if keys.len() < FEWEST || keys.len() * 20 < values.len() * 19 {
            continue;
        }
        let of_birth = |i: &usize| {
            let birth = subject.universe.get(value(i)?).filter(|b| **b != i64::MIN)?;
            Some((*birth, haul.logs[*i].time?.0))
        };
        let times: Vec<(i64, i64)> = indices.iter().filter_map(of_birth).collect();
        if bindings::times_fit(&times) {
            let owners = |i: &usize| Some((*i, subject.followed.get(value(i)?)?.clone()));
            found.extend(indices.iter().filter_map(owners));
        }
    }
    for (index, owners) in found {
        haul.logs[index].entities.extend(owners);
        haul.logs[index].entities.sort_unstable();
        haul.logs[index].entities.dedup();
    }
}

/// Written-down patterns: what their group `id` holds is a key, whatever stands around it.
fn by_pattern(spec: &EntitySpec, subject: &Subject<'_>, haul: &mut Haul) {
    let patterns: Vec<regex::Regex> = spec
        .logs
        .iter()
        .filter_map(|l| match l {
            waylaid_model::LogBindingSpec::Pattern(p) => regex::Regex::new(p).ok(),
            waylaid_model::LogBindingSpec::Field(_) => None,
        })
        .collect();
    for log in haul.logs.iter_mut().filter(|l| l.entities.is_empty() && !patterns.is_empty()) {
        let ids = patterns.iter().filter_map(|p| p.captures(&log.message)?.name("id"));
        let owners: Vec<u32> =
            ids.filter_map(|m| subject.followed.get(m.as_str())).flatten().copied().collect();
        log.entities = owners;
    }
}

/// A written-down binding is taken whatever the samples say.
fn configured(spec: &EntitySpec, taken: &mut Vec<Binding>, rejected: &mut Vec<Binding>) {
    let wanted = |b: &Binding| match &b.source {
        Source::Topic(topic) => spec.topics.iter().any(|t| t.topic == *topic && t.place == b.place),
        Source::Log(_) => {
            spec.logs.iter().any(|l| matches!(l, waylaid_model::LogBindingSpec::Field(f) if *f == b.place))
        }
        Source::Table(_) => false,
    };
    let (yes, no): (Vec<_>, Vec<_>) = std::mem::take(rejected).into_iter().partition(wanted);
    *rejected = no;
    taken.extend(yes.into_iter().map(|mut b| {
        b.why = "configured".into();
        b
    }));
}

/// Takes an alias when it leads to facts that the entity's own key does not reach, and these come after its birth.
pub(super) fn adopt(home: &Home, alias: Alias, haul: &mut Haul, with_logs: bool) -> bool {
    let mut fresh = Novelty::default();
    for record in haul.records.iter().filter(|r| r.entities.is_empty()) {
        let owners = bridges::owners(&alias, &places::of_record(&record.record));
        fresh.note(home, &owners, record.record.time);
    }
    for row in haul.rows.iter().filter(|r| r.entities.is_empty()) {
        let owners = bridges::owners(&alias, &places::of_row(&row.row));
        fresh.note(home, &owners, crate::rowtime::created(&row.row));
    }
    if with_logs {
        for log in haul.logs.iter().filter(|l| l.entities.is_empty()) {
            fresh.note(home, &bridges::owners(&alias, &log.placed), log.time);
        }
    }
    if !fresh.counts() {
        return false;
    }
    for record in haul.records.iter_mut().filter(|r| r.entities.is_empty()) {
        record.entities = bridges::owners(&alias, &places::of_record(&record.record));
    }
    for row in haul.rows.iter_mut().filter(|r| r.entities.is_empty()) {
        row.entities = bridges::owners(&alias, &places::of_row(&row.row));
    }
    link_alias_logs(&alias, haul);
    haul.aliases.push(alias);
    true
}

fn link_alias_logs(alias: &Alias, haul: &mut Haul) {
    let by_trace = alias.name.rsplit(' ').next().is_some_and(crate::joins::is_trace_name);
    for log in haul.logs.iter_mut().filter(|l| l.entities.is_empty()) {
        log.entities = bridges::owners(alias, &log.placed);
        log.by_trace = by_trace && !log.entities.is_empty();
    }
}

/// What an alias leads to beyond what is known.
#[derive(Default)]
struct Novelty {
    new: u64,
    before_birth: u64,
}

impl Novelty {
    fn note(&mut self, home: &Home, owners: &[u32], time: Option<Timestamp>) {
        if owners.is_empty() {
            return;
        }
        self.new += 1;
        let born = owners.iter().filter_map(|o| home.entities.get(*o as usize).and_then(|e| e.created)).min();
        if let (Some(born), Some(time)) = (born, time) {
            self.before_birth += u64::from(time.plus(600 * 1_000_000_000) < born);
        }
    }

    /// A key that was in use before its entity came to be belongs to something else: a customer, a product.
    fn counts(&self) -> bool {
        self.new > 0 && self.before_birth * 10 <= self.new
    }
}
