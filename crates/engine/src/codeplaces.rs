//! From a cause to the places in code: the frame that threw, the statement that logged, the condition that decides, the
//! handler of the topic.

use crate::causes::{Draft, Proof};
use crate::discriminate::Trait;
use crate::facts::LogFact;
use crate::problems::Problem;
use crate::world::World;
use waylaid_code::{Sources, Statement, find_frame, find_statement, handler_condition};
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
    if let Some(sources) = service.and_then(|s| world.sources(s))
        && let Some(place) = topic_line(world, draft, sources)
    {
        add(&mut out, &sources.service, place, "where the topic is named");
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
    let sources = world.sources(&fact.service);
    for frame in fact.failure.iter().flat_map(|f| f.frames.iter()).take(4) {
        let (Some(file), Some(line)) = (frame.file.as_deref(), frame.line) else { continue };
        let class = frame.symbol.rsplit_once('.').map(|(c, _)| c);
        match sources.and_then(|s| find_frame(s, file, line, class)) {
            Some(mut place) => {
                if !frame.symbol.is_empty() {
                    place.symbol.clone_from(&frame.symbol);
                }
                add(out, &fact.service, place, "frame of the exception");
            }
            None if sources.is_none() => {
                let place = Statement { path: file.to_owned(), line, symbol: frame.symbol.clone() };
                add(out, &fact.service, place, "frame of the exception (no checkout to look it up in)");
            }
            None => {}
        }
    }
    if let Some(sources) = sources {
        let root = fact.failure.as_ref().map(|f| f.root_message.as_str()).filter(|m| !m.is_empty());
        if let Some(place) = root.and_then(|m| find_statement(sources, m)) {
            add(out, &fact.service, place, "statement that raised it");
        }
        if let Some(place) = find_statement(sources, &fact.message) {
            add(out, &fact.service, place, "statement that logged it");
        }
    }
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
