//! What was searched of each service's log, and what was not.

use crate::layout::{Counts, Layout};
use crate::scan::{Report, Sampled};
use std::collections::{BTreeMap, BTreeSet};
use waylaid_model::{Coverage, Status};

/// Troubles named one by one; more are counted.
const NAMED: usize = 3;

/// Samples listed one by one.
const SAMPLES: usize = 12;

/// A line of its own for what was only read in part, by choice.
fn of_sample(store: &str, sampled: &Sampled) -> Coverage {
    let Sampled { name, count, one_in } = sampled;
    let mut line = Coverage::new(store, format!("{name} (failures)"), Status::Searched).with_note(format!(
        "{count} by the server's count; one in {one_in} was read, chosen by chance, and stands for the others"
    ));
    line.scanned = count / u64::from(*one_in);
    line
}

/// A line for each service that was asked for.
pub(crate) fn lines(
    store: &str,
    layout: &Layout,
    services: Option<&[String]>,
    counts: &BTreeMap<String, Counts>,
    report: &Report,
) -> Vec<Coverage> {
    let known: BTreeSet<&String> =
        layout.parts.iter().map(|p| &p.service).chain(counts.keys()).chain(report.delivered.keys()).collect();
    let names: Vec<&String> = match services {
        Some(names) => names.iter().collect(),
        None => known.iter().copied().collect(),
    };
    let mut troubles: Vec<String> = Vec::new();
    if let Some(error) = &report.stopped {
        troubles.push(format!("not searched to the end: {error}"));
    }
    troubles.extend(report.troubles.iter().take(NAMED).cloned());
    if report.troubles.len() > NAMED {
        troubles.push(format!("and {} more", report.troubles.len() - NAMED));
    }
    let line = |service: &String| {
        if !known.contains(service) {
            return Coverage::new(store, service, Status::NotConfigured)
                .with_note("no event of this service in the indices");
        }
        let count = counts.get(service).copied().unwrap_or_default();
        let status = match () {
            () if !troubles.is_empty() => Status::Partial,
            () if count.events == 0 => Status::Empty,
            () => Status::Searched,
        };
        let notes: Vec<&str> = troubles.iter().chain(&layout.notes).map(String::as_str).collect();
        let mut line = Coverage::new(store, service, status).with_note(notes.join("; "));
        if let (Some(first), Some(last)) = (count.first, count.last) {
            line.range = format!("{first} .. {last}");
        }
        line.scanned = count.events;
        line.matched = report.delivered.get(service).copied().unwrap_or(0);
        line
    };
    let mut lines: Vec<Coverage> = report.sampled.iter().map(|sampled| of_sample(store, sampled)).collect();
    lines.truncate(SAMPLES);
    let more = report.sampled.len().saturating_sub(SAMPLES);
    if more > 0 {
        let note = format!("samples of {more} more kinds of failures");
        lines.push(Coverage::new(store, store, Status::Searched).with_note(note));
    }
    let named: Vec<Coverage> = names.into_iter().map(line).collect();
    lines.splice(0..0, named);
    let closed = layout.closed.iter().filter(|_| services.is_none());
    lines.extend(closed.map(|name| {
        Coverage::new(store, name, Status::Failed).with_note(format!("the index {name} is closed"))
    }));
    lines
}
