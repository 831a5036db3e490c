//! What was searched of each service's log, and what was not.

use super::layout::{Layout, LogFile};
use super::scan::Counts;
use crate::sweep::{Ending, Report};
use std::collections::BTreeSet;
use waylaid_model::{Coverage, Status};

/// Troubles named one by one; more are counted.
const NAMED: usize = 3;

/// A line for each service that was asked for.
pub(super) fn lines(
    store: &str,
    layout: &Layout,
    services: Option<&[String]>,
    files: &[&LogFile],
    counts: &[Counts],
    report: &Report,
) -> Vec<Coverage> {
    let known: BTreeSet<&String> = layout.services.keys().chain(layout.problems.keys()).collect();
    let names =
        services.map_or_else(|| known.iter().copied().collect(), |names| names.iter().collect::<Vec<_>>());
    let line = |service: &String| {
        if !known.contains(service) {
            return Coverage::new(store, service, Status::NotConfigured)
                .with_note("no folder or file of this name among the logs");
        }
        let mut sum = Sum::default();
        for ((file, counts), ending) in files.iter().zip(counts).zip(&report.endings) {
            if file.service == *service {
                sum.add(file, counts, ending);
            }
        }
        for (name, why) in layout.problems.get(service).into_iter().flatten() {
            sum.troubles.push(format!("{name}: {why}"));
        }
        sum.into_coverage(store, service, report)
    };
    names.into_iter().map(line).collect()
}

#[derive(Default)]
struct Sum {
    counts: Counts,
    files: usize,
    unreadable: usize,
    unfinished: usize,
    troubles: Vec<String>,
}

impl Sum {
    fn add(&mut self, file: &LogFile, counts: &Counts, ending: &Ending) {
        self.files += 1;
        self.counts.add(counts);
        match ending {
            Ending::Complete => {}
            Ending::Stopped => self.unfinished += 1,
            Ending::Unreadable(why) => {
                self.unreadable += 1;
                self.troubles.push(format!("{} could not be read ({why})", file.entry.name));
            }
            Ending::BrokenOff(why) => {
                self.troubles.push(format!("{} ends early ({why})", file.entry.name));
            }
        }
    }

    fn into_coverage(self, store: &str, service: &str, report: &Report) -> Coverage {
        let status = if self.unreadable == self.files && !self.troubles.is_empty() {
            Status::Failed
        } else if self.unfinished > 0 || !self.troubles.is_empty() {
            Status::Partial
        } else if self.counts.lines == 0 {
            Status::Empty
        } else {
            Status::Searched
        };
        let mut notes = Vec::new();
        if let Some(error) = report.stopped.as_ref().filter(|_| self.unfinished > 0) {
            notes.push(format!(
                "{} of {} files not searched to their end: {error}",
                self.unfinished, self.files
            ));
        }
        notes.extend(self.troubles.iter().take(NAMED).cloned());
        if self.troubles.len() > NAMED {
            notes.push(format!("and {} more", self.troubles.len() - NAMED));
        }
        if self.files == 0 && self.troubles.is_empty() {
            notes.push("no log files".to_owned());
        }
        if self.counts.cut > 0 {
            notes.push(format!("{} events over 1 MiB delivered without their end", self.counts.cut));
        }
        if self.counts.torn > 0 {
            notes.push(format!("{} lines of broken JSON, searched as text", self.counts.torn));
        }
        if self.counts.zone_assumed > 0 {
            notes.push("times without a zone, taken as UTC".to_owned());
        }
        let mut coverage = Coverage::new(store, service, status).with_note(notes.join("; "));
        if let (Some(first), Some(last)) = (self.counts.first, self.counts.last) {
            coverage.range = format!("{first} .. {last}");
        }
        coverage.scanned = self.counts.lines;
        coverage.matched = self.counts.delivered;
        coverage
    }
}
