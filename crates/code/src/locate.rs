//! One log event against checkouts: the statements that could have written it, the frames of its stack trace, the
//! statement that raised what it reports.

use crate::frames::{FoundFrame, find_frames};
use crate::matching::{Candidate, Line, Sureness, find};
use crate::statements::{Kind, Statement};
use crate::{Commit, Sources, Texts, Touched, Unread, hint, reports, tested};
use serde::Serialize;
use waylaid_logs::{Exception, Link, parse_error, parse_exception};
use waylaid_model::{Level, LogEvent, Timestamp};

/// What a place has to do with the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It wrote the line.
    Logged,
    /// It raised what the line reports.
    Raised,
    /// A frame of the stack trace.
    Frame,
    /// A failed test called it, and nothing but the test is in the trace.
    Tested,
    /// It holds the line's text, but is not seen to log it.
    Text,
}

/// A place in code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// What it has to do with the event.
    pub role: Role,
    /// Name of the checkout.
    pub service: String,
    /// Path inside the checkout.
    pub path: String,
    /// First line, from 1.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// The function around it.
    pub symbol: String,
    /// The lines themselves.
    pub snippet: String,
    /// How sure it is.
    pub sureness: Sureness,
    /// The line that the trace names, where the checkout has another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traced: Option<u32>,
    /// The commit that last touched these lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// Whether that was in the week before the event.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub near_onset: bool,
    /// Why no commit is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<&'static str>,
    /// The level that it logs at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    #[serde(skip)]
    score: i32,
}

/// How a question came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// One place stands out.
    Found,
    /// Several places fit alike.
    Tie,
    /// Something fits, but little speaks for it.
    Unsure,
    /// Nothing in these checkouts could have written it.
    NotInCode,
}

/// The answer to one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// How it came out.
    pub outcome: Outcome,
    /// How many of the first places fit alike; 0 where there is none.
    pub alike: usize,
    /// Statements that could have written the line, best first.
    pub statements: Vec<Place>,
    /// The application's frames of its stack trace, the one most likely at fault first.
    pub frames: Vec<Place>,
    /// Statements that raise what it reports.
    pub raised: Vec<Place>,
    /// Files that were not read because of their language, where nothing was found: it may stand there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

impl Answer {
    /// The first place of all: the frame most likely at fault, else the statement.
    pub fn first(&self) -> Option<&Place> {
        self.frames.first().or_else(|| self.statements.first()).or_else(|| self.raised.first())
    }
}

impl Place {
    /// Adds the commit that last touched these lines, and whether that was shortly before a moment.
    pub fn date(&mut self, sources: &Sources, onset: Option<Timestamp>) {
        match sources.last_touched(&self.path, (self.line, self.end_line)) {
            Touched::By(commit) => {
                self.near_onset = onset.is_some_and(|o| commit.is_near(o));
                self.commit = Some(commit);
            }
            Touched::NotCommitted => self.history = Some("not committed"),
            Touched::Unknown(why) => self.history = Some(why),
        }
    }
}

const STATEMENTS: usize = 5;
const FRAMES: usize = 12;
const SNIPPET_LINES: usize = 12;

/// Where an event comes from. `raw` is the line as it stands in the log; empty where it is not at hand.
pub fn locate(code: &[&Sources], event: &LogEvent, raw: &str) -> Answer {
    let trace = event.exception.as_deref().and_then(parse_error);
    let trace = trace.or_else(|| parse_exception(&event.message).filter(|e| !e.frames.is_empty()));
    let trace = if reports::is_report(raw) { Some(of_report(trace, raw)) } else { trace };
    let mut line = Line::of(event);
    let place = hint::place(event, raw);
    line.place = place.as_ref().map(|(file, line)| (file.as_str(), *line));
    // What was taken for a header may be the message's beginning: a line of text is asked about as a whole as well.
    let first = raw.lines().next().unwrap_or_default().trim();
    let whole = Line { message: first, ..line.clone() };
    let asks_whole = !first.is_empty() && !first.starts_with('{') && first != event.message.trim();
    let lines = if asks_whole { vec![line, whole] } else { vec![line] };
    let (found, alike) = statements(code, &lines);
    let frames = trace
        .as_ref()
        .map(|t| frames(code, t, event.exception.as_deref().unwrap_or(raw)))
        .unwrap_or_default();
    let raised = trace.as_ref().map(|t| raised(code, t)).unwrap_or_default();
    let (logged, other): (Vec<Place>, Vec<Place>) = found.into_iter().partition(|p| p.role == Role::Logged);
    let outcome = match (logged.first(), frames.first(), other.first().or(raised.first())) {
        (Some(_), ..) if alike > 1 => Outcome::Tie,
        (Some(first), ..) if first.sureness < Sureness::Weak => Outcome::Found,
        (_, Some(_), _) => Outcome::Found,
        (Some(_), ..) | (.., Some(_)) => Outcome::Unsure,
        _ => Outcome::NotInCode,
    };
    let mut raised = raised;
    for place in other {
        if !raised.iter().any(|r| (&r.path, r.line) == (&place.path, place.line)) {
            raised.push(place);
        }
    }
    raised.truncate(STATEMENTS);
    let unread = if outcome == Outcome::NotInCode { unread(code) } else { Vec::new() };
    let alike = if logged.is_empty() { 0 } else { alike };
    Answer { outcome, alike, statements: logged, frames, raised, unread }
}

/// The places that a test's report names, as frames, where it holds no trace of a runtime.
fn of_report(trace: Option<Exception>, raw: &str) -> Exception {
    let empty = Exception {
        language: None,
        chain: vec![Link::default()],
        frames: Vec::new(),
        suppressed: Vec::new(),
    };
    let mut trace = trace.unwrap_or(empty);
    for frame in reports::places(raw) {
        let known = trace.frames.iter().any(|f| {
            f.line == frame.line
                && f.file
                    .as_deref()
                    .zip(frame.file.as_deref())
                    .is_some_and(|(a, b)| a.ends_with(b) || b.ends_with(a))
        });
        if !known {
            trace.frames.push(frame);
        }
    }
    trace
}

/// The files of all checkouts that were not read because of their language.
fn unread(code: &[&Sources]) -> Vec<Unread> {
    let mut out: Vec<Unread> = Vec::new();
    for one in code.iter().flat_map(|c| c.unread()) {
        match out.iter_mut().find(|u| u.language == one.language) {
            Some(known) => known.files += one.files,
            None => out.push(one),
        }
    }
    out
}

/// Statements of all checkouts, best first, and how many of the first fit alike.
fn statements(code: &[&Sources], lines: &[Line<'_>]) -> (Vec<Place>, usize) {
    let mut all: Vec<Place> = Vec::new();
    for sources in code {
        for line in lines {
            for place in find(sources.index(), line).iter().map(|c| of_candidate(sources, c)) {
                let same = |p: &&mut Place| {
                    (&p.service, &p.path, p.line) == (&place.service, &place.path, place.line)
                };
                match all.iter_mut().find(same) {
                    Some(known) if known.score < place.score => *known = place,
                    Some(_) => {}
                    None => all.push(place),
                }
            }
        }
    }
    // What a test says is no line of a log.
    all.retain(|p| p.role != Role::Text || !crate::configuration::is_test(&p.path));
    if all.iter().any(|p| p.role == Role::Logged) {
        all.retain(|p| p.role == Role::Logged);
    }
    all.sort_by(|a, b| {
        b.score.cmp(&a.score).then_with(|| (&a.service, &a.path, a.line).cmp(&(&b.service, &b.path, b.line)))
    });
    let best = all.first().map_or(0, |p| p.score);
    let alike = all.iter().take_while(|p| p.score == best).count();
    all.truncate(STATEMENTS.max(alike.min(20)));
    (all, alike)
}

/// Statements that raise the root cause, then the outer exceptions.
fn raised(code: &[&Sources], trace: &Exception) -> Vec<Place> {
    let mut out: Vec<Place> = Vec::new();
    for link in trace.chain.iter().rev().filter(|l| !l.message.trim().is_empty()).take(4) {
        let line = Line { message: link.message.lines().next().unwrap_or_default(), ..Line::default() };
        let mut found: Vec<Place> = Vec::new();
        for sources in code {
            let index = sources.index();
            let raising = find(index, &line)
                .into_iter()
                .filter(|c| index.files[c.file].statements[c.statement].kind == Kind::Raise);
            found.extend(raising.map(|c| of_candidate(sources, &c)));
        }
        found.sort_by_key(|p| std::cmp::Reverse(p.score));
        for place in found.into_iter().take(2) {
            if !out.iter().any(|p| (&p.path, p.line) == (&place.path, place.line)) {
                out.push(place);
            }
        }
    }
    out
}

fn frames(code: &[&Sources], trace: &Exception, raw: &str) -> Vec<Place> {
    let mut found: Vec<(FoundFrame, Place)> = Vec::new();
    let mut tested: Vec<Place> = Vec::new();
    for sources in code {
        let index = sources.index();
        let frames = find_frames(index, *sources, trace, raw);
        tested.extend(tested::called_by(index, *sources, &frames).into_iter().map(|t| of_tested(sources, t)));
        found.extend(frames.into_iter().map(|frame| {
            let place = of_frame(sources, &frame);
            (frame, place)
        }));
    }
    found.sort_by_key(|(f, _)| (std::cmp::Reverse(f.score), f.frame));
    let mut out: Vec<Place> = found.into_iter().map(|(_, p)| p).collect();
    // Only where no checkout has a frame that is no test's.
    if out.iter().all(|p| crate::configuration::is_test(&p.path)) {
        out.splice(0..0, tested);
    }
    out.truncate(FRAMES);
    out
}

/// A place in a checkout of which nothing but its lines is known yet.
fn place_at(sources: &Sources, role: Role, file: usize, symbol: String, lines: (u32, u32)) -> Place {
    Place {
        role,
        service: sources.service.clone(),
        path: sources.index().files[file].path.clone(),
        line: lines.0,
        end_line: lines.1,
        symbol,
        snippet: snippet(Texts::text(sources, file), lines.0, lines.1),
        sureness: Sureness::Likely,
        traced: None,
        commit: None,
        near_onset: false,
        history: None,
        level: None,
        score: 0,
    }
}

fn of_frame(sources: &Sources, frame: &FoundFrame) -> Place {
    let sureness = if frame.traced.is_none() { Sureness::Exact } else { Sureness::Likely };
    let place = place_at(sources, Role::Frame, frame.file, frame.symbol.clone(), (frame.line, frame.line));
    Place { sureness, traced: frame.traced, score: frame.score, ..place }
}

fn of_tested(sources: &Sources, (file, symbol): (usize, u32)) -> Place {
    let outline = &sources.index().files[file].outline;
    let found = &outline.symbols[symbol as usize];
    place_at(sources, Role::Tested, file, outline.symbol_name(Some(symbol)), (found.line, found.end_line))
}

fn of_candidate(sources: &Sources, candidate: &Candidate) -> Place {
    let file = &sources.index().files[candidate.file];
    let statement: &Statement = &file.statements[candidate.statement];
    let role = match statement.kind {
        Kind::Log => Role::Logged,
        Kind::Raise => Role::Raised,
        Kind::Text => Role::Text,
    };
    Place {
        role,
        service: sources.service.clone(),
        path: file.path.clone(),
        line: statement.line,
        end_line: statement.end_line,
        symbol: file.outline.symbol_name(statement.symbol),
        snippet: snippet(sources.text(&file.path), statement.line, statement.end_line),
        sureness: candidate.sureness,
        traced: None,
        level: statement.level,
        commit: None,
        near_onset: false,
        history: None,
        score: candidate.score,
    }
}

/// Lines of a text without the indentation that they share.
fn snippet(text: Option<&str>, from: u32, to: u32) -> String {
    let count = (to.saturating_sub(from) as usize + 1).min(SNIPPET_LINES);
    let lines: Vec<&str> =
        text.unwrap_or_default().lines().skip(from.saturating_sub(1) as usize).take(count).collect();
    let indent = |l: &&str| l.len() - l.trim_start().len();
    let shared = lines.iter().filter(|l| !l.trim().is_empty()).map(indent).min().unwrap_or(0);
    let cut = |l: &str| l.get(shared..).unwrap_or_default().trim_end().chars().take(240).collect::<String>();
    lines.into_iter().map(cut).collect::<Vec<_>>().join("\n")
}
