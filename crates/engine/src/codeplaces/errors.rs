//! Places of an error: its frames, what raised it, what logged it.

use super::add;
use crate::causes::Draft;
use crate::facts::{Failure, LogFact};
use crate::world::World;
use serde_json::Value;
use waylaid_code::{Line, Sources, Statement, find_raised, find_statement, find_trace};
use waylaid_logs::exceptions::{Exception, Link};
use waylaid_logs::parse_exception;
use waylaid_model::{CodePlace, Level};

/// Places of an error group: of its event that tells the most, and of another group that tells of the same failure
/// with frames or more loudly (a retry's warning and the error that ended it).
pub(super) fn of_problem(world: &World<'_>, problem: usize, draft: &Draft, out: &mut Vec<CodePlace>) {
    let own = world.problems[problem].facts.iter().map(|i| &world.haul.logs[*i]);
    let Some(fact) = own.max_by_key(|l| tells(l)) else { return };
    let kin = kin(world, fact, &draft.entities).filter(|k| tells(k) > tells(fact));
    let Some(kin) = kin else { return of_event(world, fact, out) };
    of_event(world, kin, out);
    let mut rest = Vec::new();
    of_event(world, fact, &mut rest);
    let known = |p: &CodePlace| out.iter().any(|o| o.path == p.path && o.line == p.line);
    let rest: Vec<CodePlace> = rest.into_iter().filter(|p| !known(p)).collect();
    out.extend(rest);
}

const FRAME: &str = "frame of the exception";

/// How much an event tells: frames before loudness.
fn tells(fact: &LogFact) -> (bool, Option<Level>, usize) {
    let frames = fact.failure.as_ref().map_or(0, |f| f.frames.len());
    (frames > 0, fact.level, frames)
}

/// The most telling event of the same service that reports the same failure of the same entities: its root's message
/// is in the other's text, or the other way round, whatever numbers they hold.
fn kin<'a>(world: &'a World<'_>, fact: &LogFact, entities: &[u32]) -> Option<&'a LogFact> {
    let own = said(fact);
    let shares = |l: &&LogFact| {
        l.service == fact.service && l.entities.iter().any(|e| entities.binary_search(e).is_ok())
    };
    let same = |l: &&LogFact| {
        let other = said(l);
        let short = own.1.len().min(other.1.len()) >= 12;
        short && (own.0.contains(&other.1) || other.0.contains(&own.1))
    };
    world
        .haul
        .logs
        .iter()
        .filter(|l| l.failure.is_some())
        .filter(shares)
        .filter(same)
        .max_by_key(|l| tells(l))
}

/// All that an event says and its root's first line, without digits and case.
fn said(fact: &LogFact) -> (String, String) {
    let plain = |text: &str| {
        text.chars()
            .filter(|c| c.is_alphabetic())
            .take(2_000)
            .flat_map(char::to_lowercase)
            .collect::<String>()
    };
    let root = fact.failure.as_ref().map_or("", |f| f.root_message.as_str());
    let first = root.lines().next().filter(|l| !l.trim().is_empty()).unwrap_or(&fact.message);
    (plain(&format!("{} {}", fact.message, root)), plain(first))
}

/// Places of one failing event.
pub(super) fn of_event(world: &World<'_>, fact: &LogFact, out: &mut Vec<CodePlace>) {
    let Some(sources) = world.sources(&fact.service) else { return unresolved(fact, out) };
    let failure = fact.failure.as_ref();
    let mut frames = Vec::new();
    if let Some(trace) = failure.filter(|f| !f.frames.is_empty()).map(trace_of) {
        frames = find_trace(sources, &trace).into_iter().take(4).collect();
    }
    let mut frames = frames.into_iter();
    for place in frames.by_ref().take(1) {
        add(out, &fact.service, place, FRAME);
    }
    let root = failure.map(|f| f.root_message.as_str()).filter(|m| !m.is_empty());
    if let Some(place) = root.and_then(|m| find_raised(sources, m)) {
        add(out, &fact.service, place, "statement that raised it");
    }
    // An error that was wrapped on its way is told from the outside in: without its outer parts, one after the other.
    let mut told =
        failure.and_then(|f| f.exception.as_deref()).and_then(|e| e.lines().next()).unwrap_or_default();
    for _ in 0..4 {
        let Some(place) = find_raised(sources, told) else {
            let Some((_, inner)) = told.split_once(": ") else { break };
            told = inner;
            continue;
        };
        add(out, &fact.service, place, "statement that raised it");
        break;
    }
    for told in fact.placed.iter().filter(|p| names_error(&p.place)) {
        if let Some(place) = find_raised(sources, &told.value) {
            add(out, &fact.service, place, "statement that raised it");
        }
    }
    // Who called comes after what was thrown and what made an error of it.
    for place in frames {
        add(out, &fact.service, place, FRAME);
    }
    if let Some(place) = statement_of(sources, fact) {
        add(out, &fact.service, place, super::LOGGED);
    }
}

/// Places of a failure of which only the text is known: its frames, and what raised it.
pub(super) fn of_text(sources: Option<&Sources>, text: &str, out: &mut Vec<CodePlace>) {
    let Some(sources) = sources else { return };
    let trace = parse_exception(text);
    for place in trace.iter().flat_map(|t| find_trace(sources, t)).take(3) {
        add(out, &sources.service, place, FRAME);
    }
    if let Some(place) = find_raised(sources, crate::facts::first_line(text)) {
        add(out, &sources.service, place, "statement that raised it");
    }
}

/// The statement that wrote an event.
pub(super) fn statement_of(sources: &Sources, fact: &LogFact) -> Option<Statement> {
    let fields: Vec<(String, Value)> =
        fact.placed.iter().map(|p| (p.place.clone(), Value::String(p.value.clone()))).collect();
    let written = &fact.written;
    let line = Line {
        message: &fact.message,
        template: written.template.as_deref(),
        logger: written.logger.as_deref(),
        level: fact.level,
        fields: &fields,
        place: written.place.as_ref().map(|(file, line)| (file.as_str(), *line)),
    };
    find_statement(sources, &line)
}

/// Whether a field is one in which an error is told.
fn names_error(place: &str) -> bool {
    let last = place.rsplit(['.', ':']).next().unwrap_or(place).to_lowercase();
    matches!(last.as_str(), "err" | "error" | "exception" | "cause" | "reason")
}

/// The root cause with its frames.
fn trace_of(failure: &Failure) -> Exception {
    let root = Link {
        type_name: failure.root_type.clone().unwrap_or_default(),
        message: failure.root_message.clone(),
    };
    Exception { language: None, chain: vec![root], frames: failure.frames.to_vec(), suppressed: Vec::new() }
}

/// Frames as the trace has them, where there is no checkout to look them up in.
fn unresolved(fact: &LogFact, out: &mut Vec<CodePlace>) {
    for frame in fact.failure.iter().flat_map(|f| f.frames.iter()).take(4) {
        let (Some(file), Some(line)) = (frame.file.as_deref(), frame.line) else { continue };
        let place = Statement { path: file.to_owned(), line, symbol: frame.symbol.clone() };
        add(out, &fact.service, place, "frame of the exception (no checkout to look it up in)");
    }
}
