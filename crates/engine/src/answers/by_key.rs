//! What stores hold under a key itself, without a home table to lean on: every line, record and row with it.
//!
//! A key that is rare by itself needs no more than being there as a whole token. A short number needs a place that is
//! named for the entity, or written down as one of its places.

use super::holders::{Accept, Found, MAX_FACTS};
use super::steps::{Draft, arrange, services, step};
use crate::bindings::label;
use crate::facts::{LogFact, RecordFact, RowFact, shorten};
use crate::ids::{Fit, Names, is_common, words};
use crate::places::{self, Placed};
use regex::Regex;
use waylaid_model::answers::{TrailAnswer, TrailStep};
use waylaid_model::{EntitySpec, LogBindingSpec, LogEvent, Reference, System, Timestamp, scalar_text};

/// Facts that are about an entity of this key.
pub(super) struct OwnKey<'a> {
    spec: &'a EntitySpec,
    key: &'a str,
    names: Names,
    common: bool,
    patterns: Vec<Regex>,
}

impl<'a> OwnKey<'a> {
    pub(super) fn new(spec: &'a EntitySpec, key: &'a str) -> Self {
        let names = match spec.tables.first() {
            Some((column, _)) => Names::new(&spec.name, &column.table, &column.column),
            None => Names::new(&spec.name, "", ""),
        };
        let patterns = spec.logs.iter().filter_map(|l| match l {
            LogBindingSpec::Pattern(pattern) => Regex::new(pattern).ok(),
            LogBindingSpec::Field(_) => None,
        });
        Self { spec, key, names, common: is_common(key), patterns: patterns.collect() }
    }

    /// Whether it stands at a place named for the entity. In a text, a word names the first value behind it only;
    /// a column `id` is named by its table.
    fn named(&self, target: &str, placed: &[Placed]) -> bool {
        placed.iter().enumerate().any(|(i, p)| {
            let carried = p.place.starts_with("text:") && i > 0 && placed[i - 1].place == p.place;
            p.value == self.key && !carried && self.fits(target, label(&p.place))
        })
    }

    fn fits(&self, target: &str, label: &str) -> bool {
        match self.names.fit(label) {
            Fit::Named => true,
            Fit::Neutral if !target.is_empty() => self.names.fit(&format!("{target} {label}")) == Fit::Named,
            Fit::Neutral | Fit::Other => false,
        }
    }

    /// Whether an exception names it: in its text, or as a value of a violated key.
    fn thrown(&self, exception: &str) -> bool {
        let of_key = |v: &waylaid_logs::Violation| {
            let column = |i: usize| v.columns.get(i).map_or("", String::as_str);
            let table = v.table.as_deref().unwrap_or_default();
            v.values.iter().enumerate().any(|(i, value)| value == self.key && self.fits(table, column(i)))
        };
        exception.contains(self.key)
            && (self.named("", &places::of_text(exception))
                || waylaid_logs::find_violations(exception).iter().any(of_key))
    }
}

impl Accept for OwnKey<'_> {
    fn event(&self, event: &LogEvent, placed: &[Placed]) -> bool {
        let by_field = || {
            self.spec.logs.iter().any(|l| match l {
                LogBindingSpec::Field(f) => placed.iter().any(|p| p.place == *f && p.value == self.key),
                LogBindingSpec::Pattern(_) => false,
            })
        };
        let by_pattern = || {
            self.patterns.iter().any(|pattern| {
                let mut all = pattern.captures_iter(&event.message);
                all.any(|c| c.name("id").is_some_and(|id| id.as_str() == self.key))
            })
        };
        let thrown = || event.exception.as_deref().is_some_and(|e| self.thrown(e));
        !self.common || self.named("", placed) || by_field() || by_pattern() || thrown()
    }

    fn placed(&self, target: &str, placed: &[Placed]) -> bool {
        let configured = || {
            let of_topic = self.spec.topics.iter().filter(|t| t.topic == target);
            let mut places = of_topic.map(|t| t.place.as_str());
            places.any(|place| placed.iter().any(|p| p.place == place && p.value == self.key))
        };
        !self.common || self.named(target, placed) || configured()
    }
}

/// The trail of a key by what holds it.
pub(super) fn trail(
    system: &System,
    spec: &EntitySpec,
    key: &str,
    found: Found,
    mut notes: Vec<String>,
) -> TrailAnswer {
    if found.cut {
        notes.push(format!("only the first {MAX_FACTS} facts of each kind are shown"));
    }
    let mut drafts: Vec<Draft> = Vec::new();
    drafts.extend(found.logs.iter().map(log));
    drafts.extend(found.records.iter().map(record));
    drafts.extend(found.rows.iter().map(|r| row(system, r)));
    let steps = arrange(drafts);
    TrailAnswer {
        entity: spec.name.clone(),
        key: key.to_owned(),
        aliases: Vec::new(),
        state: None,
        services: services(&steps),
        steps,
        ends: None,
        notes,
        coverage: found.coverage,
    }
}

fn draft(at: Option<Timestamp>, signature: String, reference: &Reference, step: TrailStep) -> Draft {
    let place = at.map_or(i64::MAX, |t| t.0);
    Draft { place, signature, step: TrailStep { reference: reference.to_string(), ..step } }
}

fn log(fact: &LogFact) -> Draft {
    let step = TrailStep {
        service: Some(fact.service.clone()),
        level: fact.level.map(|l| l.to_string()),
        text: log_text(fact),
        ..step(fact.time, "log", &fact.service)
    };
    draft(fact.time, log_signature(fact), &fact.at, step)
}

/// What a line says; its level stands beside it, ids of tracing at its head tell nothing.
pub(super) fn log_text(fact: &LogFact) -> String {
    let text = fact.summary();
    let level = fact.level.map(|l| format!("{l} ")).unwrap_or_default();
    without_trace(text.strip_prefix(&level).unwrap_or(&text)).to_owned()
}

/// A text without `TraceID: 5d0bbaa5c74d SpanID: 42bb9d36` at its head.
fn without_trace(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some((label, (value, after))) =
        rest.split_once([':', '=']).and_then(|(l, r)| Some((l, r.trim_start().split_once(' ')?)))
    {
        let is_trace = words(label).first().is_some_and(|w| {
            matches!(w.as_str(), "trace" | "traceid" | "span" | "spanid" | "correlation" | "request")
        });
        let is_id = value.len() >= 8 && value.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        if !is_trace || !is_id || label.len() > 20 {
            break;
        }
        rest = after.trim_start();
    }
    rest
}

/// Lines of one service with one message are alike.
pub(super) fn log_signature(fact: &LogFact) -> String {
    format!("log {} {:?} {}", fact.service, fact.level, fact.template)
}

fn record(fact: &RecordFact) -> Draft {
    let record = &fact.record;
    let payload = record.payload.as_ref().map_or("(tombstone)".to_owned(), ToString::to_string);
    let key = record.key.as_deref().map(|k| format!("key={k} ")).unwrap_or_default();
    let text = shorten(&format!("{key}{payload}"), 300);
    let step = TrailStep { text, ..step(record.time, "record", &record.topic) };
    draft(record.time, format!("record {} {payload}", record.topic), &fact.at, step)
}

fn row(system: &System, fact: &RowFact) -> Draft {
    let cells = fact.row.cells.iter().filter_map(|(c, v)| scalar_text(v).map(|v| format!("{c}={v}")));
    let text = shorten(&cells.collect::<Vec<_>>().join(" "), 300);
    let service = owner(system, &fact.table);
    let step = TrailStep { service, text, ..step(fact.created, "row", &fact.table) };
    draft(fact.created, format!("row {}", fact.at), &fact.at, step)
}

/// The service that the system names as a table's owner.
fn owner(system: &System, table: &str) -> Option<String> {
    let store = table.split('.').next().unwrap_or_default();
    let exact = system.services.iter().find(|s| s.tables.iter().any(|t| t == table));
    let by_store: Vec<_> = system.services.iter().filter(|s| s.tables.iter().any(|t| t == store)).collect();
    exact.or(by_store.first().copied().filter(|_| by_store.len() == 1)).map(|s| s.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> EntitySpec {
        EntitySpec {
            name: "order".into(),
            tables: Vec::new(),
            topics: Vec::new(),
            logs: vec![LogBindingSpec::Pattern("ref (?<id>[0-9]+)".into())],
            stuck: None,
            done: None,
        }
    }

    #[test]
    fn a_short_key_needs_a_place_of_its_own() {
        let spec = spec();
        let holds = |key: &str, message: &str| {
            let event = LogEvent { message: message.into(), ..LogEvent::default() };
            OwnKey::new(&spec, key).event(&event, &places::of_event(&event))
        };
        assert!(holds("7", "order 7 is on its way"));
        assert!(!holds("7", "planning order 48217 (7 lines)"));
        assert!(!holds("7", "7 retries"));
        assert!(holds("7", "seen ref 7 again"));
        assert!(holds("8d4cbbb3-3ea2-4ab9-8697-2be41a8e2516", "anything"));
    }

    #[test]
    fn ids_of_tracing_are_left_out_of_the_text() {
        let head = "TraceID: d67af798bac52b30 SpanID: 54c21131a513adc6 [create] sent";
        assert_eq!(without_trace(head), "[create] sent");
        assert_eq!(without_trace("request: failed badly"), "request: failed badly");
        assert_eq!(without_trace("order=12345678 done"), "order=12345678 done");
    }
}
