//! The answer: suspects with evidence, problems, notes, and what the evidence carries.

use super::causal::Standing;
use super::changes::{Change, What};
use super::collect::{Collected, Entry};
use super::periods::{Periods, Side};
use super::ranking::{Ranked, Tier};
use super::sequences::Counts;
use super::statement::Severity;
use super::wording;
use crate::book::Book;
use crate::facts::{first_line, shorten};
use crate::{Ask, Stores};
use std::collections::BTreeSet;
use waylaid_code::{Line, Sources, find_statement};
use waylaid_model::{
    CodePlace, Cohort, Coverage, Diagnosis, EvidenceId, Kind, Outcome, ProblemSummary, Question, Reference,
    Suspect, Timestamp, Verdict, Window,
};
use waylaid_store::Context;

const SUSPECTS: usize = 10;
const REASONS: usize = 4;
const PROBLEMS: usize = 20;

/// Everything that was found out.
pub(super) struct Findings<'a> {
    pub(super) collected: &'a Collected,
    pub(super) counts: &'a Counts,
    pub(super) changes: &'a [Change],
    pub(super) standings: &'a [Standing],
    pub(super) ranked: &'a [Ranked],
    pub(super) periods: Periods,
}

/// Writes it down.
pub(super) fn write(found: &Findings<'_>, stores: &Stores, ask: &Ask, context: &Context) -> Diagnosis {
    let mut writer = Writer { found, stores, context, book: Book::default() };
    let suspects = writer.suspects();
    let problems = writer.problems();
    let capped_by = caps(found);
    let outcome = if capped_by.is_empty() { Outcome::Likely } else { Outcome::Inconclusive };
    Diagnosis {
        case: String::new(),
        question: question(found, ask),
        cohort: Cohort::default(),
        flow: Vec::new(),
        verdict: Verdict {
            outcome,
            summary: summary(found, outcome),
            causes: Vec::new(),
            unexplained: 0,
            suspects,
            capped_by,
        },
        ruled_out: Vec::new(),
        coverage: found.collected.coverage.clone(),
        evidence: writer.book.into_entries(),
        problems,
        bindings: Vec::new(),
        notes: notes(found),
        next_steps: next_steps(found),
    }
}

struct Writer<'a> {
    found: &'a Findings<'a>,
    stores: &'a Stores,
    context: &'a Context,
    book: Book,
}

impl Writer<'_> {
    /// Ranked; a failure that is as old as the baseline, but comes before the first suspect's anomaly, goes ahead.
    fn suspects(&mut self) -> Vec<Suspect> {
        let found = self.found;
        let ahead = found.ranked.first().and_then(|first| {
            let standing = &found.standings[*first.changes.first()?];
            Some((first.service, standing.precursor(found.counts)?, standing.units))
        });
        let mut suspects: Vec<Suspect> = Vec::new();
        if let Some((first, (statement, times), units)) = ahead {
            let service = found.collected.statements[statement as usize].service;
            let why = format!(
                "{} comes before in {times} of the {units} requests in which {} went wrong; it was there in the baseline \
                 as well",
                wording::statement(found.collected, statement),
                found.collected.services[first as usize]
            );
            let service = found.collected.services[service as usize].clone();
            let evidence = self.cite_sample(statement, Side::Window).into_iter().collect();
            let code = self.code(&service, &[statement]);
            suspects.push(Suspect { service, why, code, evidence });
        }
        for ranked in found.ranked.iter().take(SUSPECTS) {
            let suspect = self.suspect(ranked);
            if suspects.iter().all(|s| s.service != suspect.service) {
                suspects.push(suspect);
            }
        }
        suspects
    }

    fn suspect(&mut self, ranked: &Ranked) -> Suspect {
        let collected = self.found.collected;
        let (mut why, mut evidence, mut statements) = (Vec::new(), Vec::new(), Vec::new());
        for index in ranked.changes.iter().take(REASONS) {
            let change = &self.found.changes[*index];
            why.push(wording::change(collected, change, &self.found.standings[*index]));
            evidence.extend(self.cite(*index));
            statements.extend(change.after.filter(|_| change.what == What::Vanished));
            statements.extend(change.statement);
        }
        if ranked.changes.len() > REASONS {
            why.push(format!("and {} more changes", ranked.changes.len() - REASONS));
        }
        let mut seen = BTreeSet::new();
        evidence.retain(|e: &EvidenceId| seen.insert(e.clone()));
        let service = collected.services[ranked.service as usize].clone();
        let code = self.code(&service, &statements);
        Suspect { service, why: why.join("; "), code, evidence }
    }

    /// The event that shows a change, and beside it how it was before (or what is new now).
    fn cite(&mut self, index: usize) -> Vec<EvidenceId> {
        let change = &self.found.changes[index];
        let mut out = Vec::new();
        if let Some(entry) = self.found.standings[index].sample {
            out.extend(self.cite_entry(&entry));
        }
        let side = match change.what {
            What::Vanished => Some(Side::Baseline),
            What::Appeared | What::MoreFailures if out.is_empty() => Some(Side::Window),
            _ => None,
        };
        if let (Some(side), Some(statement)) = (side, change.statement) {
            out.extend(self.cite_sample(statement, side));
        }
        if change.what == What::Silent {
            let service = &self.found.collected.services[change.service as usize];
            let target = |c: &&Coverage| c.target == *service;
            if let Some(line) = self.found.collected.coverage.iter().find(target) {
                let address = Reference::Target { store: line.store.clone(), target: service.clone() };
                let text = format!("no event of {service} in the window, {} lines searched", line.scanned);
                out.push(self.book.cite(address, None, &text));
            }
        }
        out
    }

    fn cite_entry(&mut self, entry: &Entry) -> Option<EvidenceId> {
        let at = self.found.collected.reference(entry)?;
        let text =
            self.text(&at).unwrap_or_else(|| wording::statement(self.found.collected, entry.statement));
        Some(self.book.cite(at, Some(entry.at), &text))
    }

    fn cite_sample(&mut self, statement: u32, side: Side) -> Option<EvidenceId> {
        let statement = &self.found.collected.statements[statement as usize];
        let (at, reference, text) = statement.sample[side as usize].as_ref()?;
        Some(self.book.cite(reference.clone(), Some(*at), &headed(&statement.logger, text)))
    }

    /// What stands at a place, read again.
    fn text(&self, at: &Reference) -> Option<String> {
        let Reference::LogLine { store, .. } = at else { return None };
        let store = self.stores.logs.iter().find(|s| s.name() == store)?;
        let raw = store.raw(at, self.context).ok()?;
        let event = waylaid_logs::parse_event(raw.as_bytes(), &waylaid_logs::profile(raw.as_bytes()));
        Some(headed(&event.logger.unwrap_or_default(), first_line(&event.message)))
    }

    /// The statements in the service's checkout, where there is one.
    fn code(&self, service: &str, statements: &[u32]) -> Vec<CodePlace> {
        let Some((_, folder)) = self.stores.code.iter().find(|(name, _)| name == service) else {
            return Vec::new();
        };
        let sources = Sources::read(service, folder);
        let mut out: Vec<CodePlace> = Vec::new();
        for statement in statements {
            let statement = &self.found.collected.statements[*statement as usize];
            let sample = statement.sample.iter().flatten().next().map(|(_, _, text)| text);
            let Some(place) =
                sample.and_then(|message| find_statement(&sources, &Line { message, ..Line::default() }))
            else {
                continue;
            };
            if !out.iter().any(|p| p.path == place.path && p.line == place.line) {
                out.push(CodePlace {
                    service: service.to_owned(),
                    path: place.path,
                    line: place.line,
                    symbol: place.symbol,
                    commit: String::new(),
                    role: "statement whose log changed".into(),
                });
            }
        }
        out
    }

    /// New and more frequent failures, the most telling first.
    fn problems(&mut self) -> Vec<ProblemSummary> {
        let found = self.found;
        let mut seen = BTreeSet::new();
        let failing = |id: &u32| found.collected.statements[*id as usize].severity != Severity::Normal;
        let order = found.ranked.iter().flat_map(|r| &r.changes);
        let grown =
            order.map(|i| &found.changes[*i]).filter(|c| !matches!(c.what, What::Vanished | What::Slower));
        let ids: Vec<u32> = grown
            .filter_map(|c| c.statement)
            .filter(failing)
            .filter(|id| seen.insert(*id))
            .take(PROBLEMS)
            .collect();
        let mut problems = Vec::new();
        for id in ids {
            let statement = &found.collected.statements[id as usize];
            problems.push(ProblemSummary {
                id: format!("p{}", problems.len() + 1),
                service: found.collected.services[statement.service as usize].clone(),
                exception: statement.exception.clone(),
                template: statement.template.clone(),
                kind: statement.kind.unwrap_or(Kind::Unknown),
                count: statement.count[Side::Window as usize],
                first: statement.first,
                last: statement.last,
                hits_stuck: 0,
                hits_completed: 0,
                evidence: self.cite_sample(id, Side::Window).into_iter().collect(),
            });
        }
        problems
    }
}

fn headed(logger: &str, text: &str) -> String {
    if logger.is_empty() { shorten(text, 400) } else { shorten(&format!("{logger} {text}"), 400) }
}

fn question(found: &Findings<'_>, ask: &Ask) -> Question {
    let ends = |side: Side, asked: Window| -> Option<(Timestamp, Timestamp)> {
        let (first, last) = (found.collected.first[side as usize], found.collected.last[side as usize]);
        Some((asked.from.or(first)?, asked.until.or(last)?))
    };
    Question {
        window: ends(Side::Window, found.periods.window),
        baseline: ends(Side::Baseline, found.periods.baseline),
        now: ask.now,
        ..Question::default()
    }
}

/// Why the answer is no more than a list of suspects; empty when the evidence carries a likely one.
fn caps(found: &Findings<'_>) -> Vec<String> {
    let mut caps = Vec::new();
    let [base, now] = found.collected.events;
    if base == 0 {
        caps.push("the baseline holds no event, so there is nothing to compare with".into());
    }
    if now == 0 {
        caps.push("the window holds no event".into());
    }
    if base == 0 || now == 0 {
        return caps;
    }
    let Some(first) = found.ranked.first() else {
        caps.push("nothing changed beyond chance".into());
        return caps;
    };
    match first.tier {
        Tier::Broken => {}
        Tier::Hint => caps.push("there are new failures, but too few to rule out chance".into()),
        Tier::Slow => caps.push("something is slower, nothing is broken".into()),
    }
    if let Some((service, times)) = precursor(found) {
        caps.push(format!(
            "in {times} of its requests {service} had failed before, as it also did in the baseline"
        ));
    }
    let runner_up = found.ranked.get(1).filter(|r| r.tier == Tier::Broken).map_or(0.0, |r| r.score);
    if first.score < 2.0 * runner_up {
        caps.push("the second suspect's evidence is more than half of the first's".into());
    }
    let standing = first.changes.first().map(|i| &found.standings[*i]);
    if standing.is_none_or(|s| s.units == 0 || s.first * 2 <= s.units) {
        caps.push("no request shows the first suspect going wrong before the others".into());
    }
    let broken_off: Vec<&str> =
        found.collected.coverage.iter().filter(|c| c.is_incomplete()).map(|c| c.target.as_str()).collect();
    if !broken_off.is_empty() {
        caps.push(format!("not all logs could be read: {}", broken_off.join(", ")));
    }
    caps
}

/// A service whose failure, not new, comes before the first suspect's anomaly in more than half of its requests.
fn precursor<'a>(found: &'a Findings<'_>) -> Option<(&'a str, u64)> {
    let standing = &found.standings[*found.ranked.first()?.changes.first()?];
    let (statement, times) = standing.precursor(found.counts)?;
    let service = found.collected.statements[statement as usize].service;
    Some((found.collected.services[service as usize].as_str(), times))
}

fn summary(found: &Findings<'_>, outcome: Outcome) -> String {
    let [base, now] = found.collected.events;
    match (base, now, found.ranked.first()) {
        (0, 0, _) => "No log event lies in the window or in the baseline.".into(),
        (0, _, _) => format!(
            "The window holds {now} events, the baseline none: there is nothing to compare with, so nothing is claimed."
        ),
        (_, 0, _) => format!("The window holds no event, the baseline {base}: no service logged anything."),
        (_, _, None) => format!(
            "Nothing changed beyond chance: {now} events of the window against {base} of the baseline; that does \
             not prove that nothing is wrong."
        ),
        (_, _, Some(first)) => {
            let name = &found.collected.services[first.service as usize];
            let reason = first
                .changes
                .first()
                .map(|i| wording::change(found.collected, &found.changes[*i], &found.standings[*i]));
            let lead = if outcome == Outcome::Likely { "is where it began" } else { "is the first suspect" };
            format!("{name} {lead}: {}.", reason.unwrap_or_default())
        }
    }
}

fn notes(found: &Findings<'_>) -> Vec<String> {
    let collected = found.collected;
    let [base, now] = collected.events;
    let [base_requests, requests] = found.counts.named;
    let mut notes = vec![format!(
        "compared {now} events ({requests} requests with an id) in the window with {base} ({base_requests}) in the \
         baseline"
    )];
    if found.periods.assumed {
        notes.push(
            "the baseline is all that lies before the window; --baseline FROM..TO names another".into(),
        );
    }
    if now > 0 && base > 0 && (requests == 0 || base_requests == 0) {
        notes.push(
            "events name no request or trace: what follows what was learnt by thread or by the first id in a line, \
             and says nothing across services"
                .into(),
        );
    }
    if collected.untimed > 0 {
        notes.push(format!("{} events without a time were left out", collected.untimed));
    }
    if collected.one_in > 1 {
        notes.push(format!("to bound memory, about one in {} requests was followed", collected.one_in));
    }
    if collected.overflow {
        notes.push(
            "there are more distinct statements than are told apart; the rest counts as one a service".into(),
        );
    }
    notes
}

fn next_steps(found: &Findings<'_>) -> Vec<String> {
    let [base, now] = found.collected.events;
    if base == 0 || now == 0 {
        return vec![
            "Choose a window and a baseline that hold events: --since, --until, --baseline FROM..TO.".into(),
        ];
    }
    match found.ranked.first() {
        Some(first) => {
            let service = &found.collected.services[first.service as usize];
            vec![format!(
                "Look at what {service} does behind the statements cited, and at what was deployed there."
            )]
        }
        None => vec![
            "Choose a longer window, or ask about an entity: what is not logged does not show here.".into(),
        ],
    }
}
