//! From a cause to the places in code: the frame that threw, the statement that logged, the condition that decides, the
//! handler of the topic.

use crate::causes::{Draft, Proof};
use crate::discriminate::Trait;
use crate::facts::{Failure, LogFact};
use crate::problems::Problem;
use crate::trails::Node;
use crate::world::World;
use serde_json::Value;
use waylaid_code::{
    Line, Sources, Statement, Verb, find_raised, find_sql, find_statement, find_trace, handler_condition,
};
use waylaid_logs::exceptions::{Exception, Link};
use waylaid_model::CodePlace;

const MOST: usize = 5;

/// Places of a cause, most likely first.
pub(crate) fn places(world: &World<'_>, draft: &Draft) -> Vec<CodePlace> {
    let mut out = Vec::new();
    let service = draft.boundary.service.as_deref();
    match &draft.proof {
        Proof::Problem { candidate, .. } => of_problem(world, &world.problems[candidate.problem], &mut out),
        Proof::Outage { problem, .. } => of_problem(world, &world.problems[*problem], &mut out),
        Proof::Silent { traits, .. } => {
            for place in conditions(world, service, traits).collect::<Vec<_>>() {
                add(
                    &mut out,
                    service.unwrap_or_default(),
                    place,
                    "condition on what sets the stuck apart (candidate)",
                );
            }
        }
        _ => {}
    }
    if let Some(sources) = service.and_then(|s| world.sources(s)) {
        // Beside the frame that stands highest: what it was doing to the table.
        if let Some(place) = table_line(world, draft, sources) {
            let at = usize::from(out.first().is_some_and(|p| p.role.starts_with("frame")));
            let mut first = Vec::new();
            add(&mut first, &sources.service, place, "SQL on the table");
            let known = |p: &CodePlace| out.iter().any(|o| o.path == p.path && o.line == p.line);
            let new: Vec<CodePlace> = first.into_iter().filter(|p| !known(p)).collect();
            out.splice(at..at, new);
        }
        if let Some(place) = topic_line(world, draft, sources) {
            add(&mut out, &sources.service, place, "where the topic is named");
        }
    }
    out.truncate(MOST);
    out
}

fn of_problem(world: &World<'_>, problem: &Problem, out: &mut Vec<CodePlace>) {
    let Some(fact) = problem
        .facts
        .iter()
        .map(|i| &world.haul.logs[*i])
        .max_by_key(|l| l.failure.as_ref().map_or(0, |f| f.frames.len()))
    else {
        return;
    };
    of_event(world, fact, out);
}

/// Conditions in a service's code that read what sets the stuck apart.
pub(crate) fn conditions<'a>(
    world: &'a World<'_>,
    service: Option<&'a str>,
    traits: &'a [Trait],
) -> impl Iterator<Item = Statement> + 'a {
    let sources = service.and_then(|s| world.sources(s));
    traits.iter().take(3).filter_map(move |t| handler_condition(sources?, t.field()?, Some(&t.value)))
}

/// Places of one failing event.
pub(crate) fn of_event(world: &World<'_>, fact: &LogFact, out: &mut Vec<CodePlace>) {
    let Some(sources) = world.sources(&fact.service) else { return unresolved(fact, out) };
    let failure = fact.failure.as_ref();
    if let Some(trace) = failure.filter(|f| !f.frames.is_empty()).map(trace_of) {
        for place in find_trace(sources, &trace).into_iter().take(4) {
            add(out, &fact.service, place, "frame of the exception");
        }
    }
    let root = failure.map(|f| f.root_message.as_str()).filter(|m| !m.is_empty());
    if let Some(place) = root.and_then(|m| find_raised(sources, m)) {
        add(out, &fact.service, place, "statement that raised it");
    }
    for told in fact.placed.iter().filter(|p| names_error(&p.place)) {
        if let Some(place) = find_raised(sources, &told.value) {
            add(out, &fact.service, place, "statement that raised it");
        }
    }
    let fields: Vec<(String, Value)> =
        fact.placed.iter().map(|p| (p.place.clone(), Value::String(p.value.clone()))).collect();
    let line = Line { message: &fact.message, level: fact.level, fields: &fields, ..Line::default() };
    if let Some(place) = find_statement(sources, &line) {
        add(out, &fact.service, place, "statement that logged it");
    }
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

/// The SQL of the service on the table that the cause is about: the one that violated, else the one that was not
/// written, else the one that was to be sent from.
fn table_line(world: &World<'_>, draft: &Draft, sources: &Sources) -> Option<Statement> {
    use Verb::{Delete, Insert, Select, Update};
    let named: Vec<String> = match &draft.proof {
        Proof::Problem { candidate, .. } => violated(world, &world.problems[candidate.problem]),
        Proof::Unsent { table, .. } => return first_sql(sources, table, &[Select, Update, Insert]),
        Proof::Silent { .. } | Proof::Overtaken { .. } => Vec::new(),
        _ => return None,
    };
    let found = named.iter().find_map(|t| first_sql(sources, t, &[Insert, Update, Delete]));
    found.or_else(|| match &world.trails.nodes[draft.boundary.to] {
        Node::Table(name) => first_sql(sources, name, &[Insert, Update]),
        Node::Start(name) | Node::Done(name) => first_sql(sources, name, &[Update]),
        _ => None,
    })
}

/// Tables that the errors of a problem name.
fn violated(world: &World<'_>, problem: &Problem) -> Vec<String> {
    let texts = problem.facts.iter().take(3).map(|i| world.haul.logs[*i].full_text());
    let mut tables: Vec<String> =
        texts.flat_map(|t| waylaid_logs::find_violations(&t)).filter_map(|v| v.table).collect();
    tables.dedup();
    tables
}

fn first_sql(sources: &Sources, table: &str, verbs: &[Verb]) -> Option<Statement> {
    let found = find_sql(sources, table);
    verbs.iter().find_map(|verb| found.iter().find(|(v, _)| v == verb)).map(|(_, place)| place.clone())
}

fn topic_line(world: &World<'_>, draft: &Draft, sources: &Sources) -> Option<Statement> {
    let nodes = [draft.boundary.from, draft.boundary.to];
    nodes.iter().filter_map(|n| world.trails.nodes[*n].topic()).find_map(|topic| {
        sources.files.iter().filter(|f| is_source(&f.path)).find_map(|file| {
            let line = file.text.lines().position(|l| l.contains(topic))?;
            Some(Statement { path: file.path.clone(), line: line as u64 + 1, symbol: String::new() })
        })
    })
}

fn is_source(path: &str) -> bool {
    const CODE: &[&str] =
        &["java", "kt", "cs", "ts", "tsx", "js", "mjs", "py", "go", "rs", "php", "rb", "scala"];
    path.rsplit('.').next().is_some_and(|e| CODE.contains(&e))
}

fn add(out: &mut Vec<CodePlace>, service: &str, place: Statement, role: &str) {
    let known = out.iter().any(|p| p.path == place.path && p.line == place.line);
    if !known {
        out.push(CodePlace {
            service: service.to_owned(),
            path: place.path,
            line: place.line,
            symbol: place.symbol,
            commit: String::new(),
            role: role.to_owned(),
        });
    }
}
