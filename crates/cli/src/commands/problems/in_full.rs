//! One of the problems that were found, or one of its events, whole and as it stands in its log.

use crate::arguments::Format;
use crate::diagnostics::{Failure, note};
use crate::outlet::Outlet;
use crate::output;
use serde_json::json;
use std::fmt::Write as _;
use waylaid_engine::Stores;
use waylaid_model::answers::{Problem, ProblemsAnswer};
use waylaid_model::{Evidence, EvidenceId, Reference};
use waylaid_report::{clean, text};
use waylaid_store::Context;

/// Prints the problem or the event with this id.
pub fn show(
    id: &str,
    answer: &ProblemsAnswer,
    stores: &Stores,
    outlet: &Outlet,
    format: Format,
) -> Result<(), Failure> {
    let problem = answer.problems.iter().find(|p| p.id == id);
    let event = answer.evidence.keys().find(|e| e.0 == id);
    let ids: Vec<&EvidenceId> = match (problem, event) {
        (Some(problem), _) => problem.evidence.iter().collect(),
        (None, Some(event)) => vec![event],
        (None, None) => return Err(unknown(id, answer)),
    };
    let seen = serde_json::to_string(answer).unwrap_or_default();
    let events: Vec<(&EvidenceId, &Evidence, String)> = ids
        .into_iter()
        .filter_map(|id| Some((id, answer.evidence.get(id)?)))
        .map(|(id, evidence)| (id, evidence, outlet.text(&whole(stores, evidence), &seen)))
        .collect();
    if format == Format::Json {
        let list: Vec<_> = events
            .iter()
            .map(|(id, evidence, raw)| json!({ "id": id, "evidence": evidence, "raw": raw }))
            .collect();
        return output::json(&json!({ "problem": problem, "events": list }));
    }
    if let Some(problem) = problem {
        output::page(&text::problems(&only(answer, problem)))?;
    }
    let mut said = String::new();
    for (id, evidence, raw) in &events {
        let _ = writeln!(said, "\n{}  {}", id.0, clean::line(&evidence.reference));
        for line in clean::lines(raw) {
            let _ = writeln!(said, "{line}");
        }
    }
    output::raw(if problem.is_some() { &said } else { said.trim_start() })
}

/// The answer with nothing but this problem.
fn only(answer: &ProblemsAnswer, problem: &Problem) -> ProblemsAnswer {
    ProblemsAnswer {
        problems: vec![problem.clone()],
        count: 1,
        events: problem.count,
        notes: Vec::new(),
        ..answer.clone()
    }
}

/// The event as it stands in its store; what was kept of it where it cannot be read again, as from standard input.
fn whole(stores: &Stores, evidence: &Evidence) -> String {
    let Reference::LogLine { store, .. } = &evidence.address else { return evidence.text.clone() };
    let found = stores.logs.iter().find(|s| s.name() == store);
    // The one who asked may have interrupted the reading: this is asked for all the same.
    let read = found.map(|s| s.raw(&evidence.address, &Context::new()));
    match read {
        Some(Ok(text)) => text,
        Some(Err(error)) => {
            note(&format!("{} cannot be read again ({error}); this is what was kept", evidence.reference));
            evidence.text.clone()
        }
        None => evidence.text.clone(),
    }
}

fn unknown(id: &str, answer: &ProblemsAnswer) -> Failure {
    let failure = Failure::usage(format!("there is no `{id}` among the problems"));
    match (answer.problems.last(), answer.evidence.len()) {
        (Some(last), events) => {
            failure.hint(format!("there is p1 to {}, and events e1 to e{events}", last.id))
        }
        (None, _) => failure.hint("nothing was found, so there is nothing to show"),
    }
}
