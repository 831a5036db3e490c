//! What an id of a case stands for: a cause, an error group, a piece of evidence, a part of the case.

use super::diagnosis::{heading, hop, place, ruled_out, suspect};
use super::{Answer, Line, Text, tail};
use crate::words;
use waylaid_model::diagnosis::ProblemSummary;
use waylaid_model::{Asked, Cause, Diagnosis, Evidence, EvidenceId};

/// A part of a case that is no single fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The learnt flow.
    Flow,
    /// What was considered and refuted.
    RuledOut,
    /// Ranked places worth a look.
    Suspects,
    /// What was searched.
    Coverage,
    /// What a reader must know, and what to do.
    Notes,
}

/// Lines that are shown from a cursor on, as many as fit.
fn list(head: &Line, from: usize, lines: &[Line], tail: &Line) -> Answer {
    let mut text = Text::default();
    text.must(head);
    let mut shown = from;
    for line in lines.iter().skip(from) {
        if !text.fits(line) && shown > from {
            break;
        }
        text.must(line);
        shown += 1;
    }
    let next = (shown < lines.len()).then_some(shown);
    Answer { text: text.finish(tail), next }
}

fn of_case(d: &Diagnosis) -> Line {
    Line::new("of case ").id(&d.case)
}

/// One line an id: where it stands and what it says.
fn cited(d: &Diagnosis, ids: &[EvidenceId]) -> Vec<Line> {
    let found = ids.iter().filter_map(|id| d.evidence.get(id).map(|e| (id, e)));
    found
        .map(|(id, e)| Line::new(" ").id(&id.0).say(" ").data(&format!("{}: {}", e.reference, e.text), 240))
        .collect()
}

/// A cause in full; with a cursor, the keys of its entities and of its messages from there on.
pub fn cause(d: &Diagnosis, c: &Cause, from: usize) -> Answer {
    let mut lines = Vec::new();
    for fact in std::iter::once(&c.statement).chain(&c.facts) {
        lines.push(Line::new(" fact ").data(fact, 400));
    }
    lines.extend(c.code.iter().map(place));
    lines.extend(cited(d, &c.evidence));
    for (name, value) in [(" fix ", &c.fix.code), (" data ", &c.fix.data), (" test ", &c.fix.test)] {
        if !value.is_empty() {
            lines.push(Line::new(name).data(value, 600));
        }
    }
    for keys in c.entities.keys.chunks(20) {
        lines.push(Line::new(" entities ").data(&keys.join(" "), 2_000));
    }
    if let Some(keys) = &c.keys {
        let table = format!("{}: {}", keys.table.as_deref().unwrap_or("?"), keys.columns.join(","));
        lines.push(Line::new(" keys in its messages ").number(keys.count).say(" of ").data(&table, 160));
        let rows: Vec<String> = keys.values.iter().map(|v| v.join(",")).collect();
        lines.extend(rows.chunks(20).map(|some| Line::new(" keys ").data(&some.join(" "), 2_000)));
        lines.push(Line::new(" all keys ").data(&keys.csv, 200));
    }
    lines.push(Line::new(" all entities ").data(&c.entities.csv, 200));
    list(&heading(c).say(" at hop ").data(&c.hop, 160), from, &lines, &of_case(d))
}

/// An error group.
pub fn problem(d: &Diagnosis, p: &ProblemSummary) -> Answer {
    let mut head = Line::default().id(&p.id).say(" ").say(p.kind.as_str()).say(" in ").data(&p.service, 60);
    head = head.say(", ").count(p.count, "event", "events");
    if let (Some(first), Some(last)) = (p.first, p.last) {
        head = head.say(" from ").time(first).say(" to ").time(last);
    }
    let mut lines = vec![
        Line::new(" hits ")
            .number(p.hits_stuck)
            .say(" stuck and ")
            .number(p.hits_completed)
            .say(" completed"),
        Line::new(" template ").data(&p.template, 600),
    ];
    if let Some(exception) = &p.exception {
        lines.push(Line::new(" exception ").data(exception, 200));
    }
    lines.extend(cited(d, &p.evidence));
    list(&head, 0, &lines, &of_case(d))
}

/// A piece of evidence with its raw text, whose lines are numbered from 0 by the cursor; `stale` says why the text is
/// only what the case kept.
pub fn evidence(
    d: &Diagnosis,
    id: &str,
    e: &Evidence,
    raw: &str,
    stale: Option<&str>,
    from: usize,
) -> Answer {
    let mut head = Line::default().id(id).say(" ").data(&e.reference, 240);
    if let Some(at) = e.at {
        head = head.say(" at ").time(at);
    }
    head = head.then(&Line::new("says ").data(&e.text, 160));
    if let Some(reason) = stale {
        head = head.then(&Line::new("cannot be read again ").data(reason, 160).say("; the case kept:"));
    }
    let lines: Vec<Line> = pieces(raw).iter().map(|l| Line::default().raw(l)).collect();
    list(&head, from, &lines, &of_case(d))
}

/// Characters of a line of raw text that are shown on one line.
const WIDE: usize = 1_000;

/// Lines, of which long ones are broken.
fn pieces(raw: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    for line in raw.trim_end_matches('\n').split('\n') {
        let chars: Vec<char> = line.chars().collect();
        if chars.is_empty() {
            pieces.push(String::new());
        }
        pieces.extend(chars.chunks(WIDE).map(|c| c.iter().collect::<String>()));
    }
    pieces
}

/// What the stores were asked.
pub fn queries(d: &Diagnosis, asked: &[Asked], from: usize) -> Answer {
    let lines: Vec<Line> = asked
        .iter()
        .map(|a| {
            let line = Line::default().data(&format!("{} {}: {}", a.store, a.verb, a.asked), 300);
            match &a.error {
                Some(error) => line.say(" failed ").data(error, 160),
                None => line.say(" ").number(a.matched).say(" of ").number(a.scanned),
            }
        })
        .collect();
    list(&Line::default().count(asked.len() as u64, "question", "questions"), from, &lines, &of_case(d))
}

/// A part of a case.
pub fn part(d: &Diagnosis, part: Part, from: usize) -> Answer {
    let (head, lines): (Line, Vec<Line>) = match part {
        Part::Flow => (Line::new("flow, passed of reached by the stuck"), d.flow.iter().map(hop).collect()),
        Part::RuledOut => (Line::new("ruled out"), d.ruled_out.iter().map(ruled_out).collect()),
        Part::Suspects => {
            (Line::new("suspects, likeliest first"), d.verdict.suspects.iter().map(suspect).collect())
        }
        Part::Coverage => (tail::coverage(&d.coverage), d.coverage.iter().map(tail::one).collect()),
        Part::Notes => {
            let note = |n: &String| Line::new("note ").data(n, 400);
            let next = |n: &String| Line::new("next ").data(n, 400);
            let lines = d.notes.iter().map(note).chain(d.next_steps.iter().map(next));
            (Line::new(words::outcome(d.verdict.outcome)).say(", what to know and do"), lines.collect())
        }
    };
    list(&head, from, &lines, &of_case(d))
}
