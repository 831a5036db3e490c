//! What the template is filled with: every text cleaned, every number written out.

use crate::{clean, words};
use askama::Template;
use waylaid_model::diagnosis::ProblemSummary;

const SECOND: i64 = 1_000_000_000;
use waylaid_model::{
    BindingSummary, Cause, CodePlace, Coverage, Diagnosis, EvidenceId, Outcome, RuledOut, Status, Suspect,
    Timestamp,
};

/// Keys of a cause shown on the page; the CSV has all.
const KEYS_SHOWN: usize = 12;

/// Characters of a summary that still make a head.
const HEADLINE: usize = 130;

/// The page.
#[derive(Template)]
#[template(path = "report.html")]
pub struct View {
    pub case: String,
    pub outcome: &'static str,
    pub class: &'static str,
    pub headline: String,
    pub summary: String,
    pub facts: Vec<Fact>,
    pub flow: String,
    pub timeline: String,
    pub causes: Vec<CauseView>,
    pub capped_by: Vec<String>,
    pub unexplained: String,
    pub suspects: Vec<SuspectView>,
    pub ruled_out: Vec<RuledOutView>,
    pub problems: Vec<ProblemView>,
    pub coverage: Vec<CoverageView>,
    pub evidence: Vec<EvidenceView>,
    pub bindings: Vec<BindingView>,
    pub notes: Vec<String>,
    pub next_steps: Vec<String>,
}

/// A label with its value.
pub struct Fact {
    pub label: &'static str,
    pub value: String,
}

pub struct CauseView {
    pub id: String,
    pub kind: &'static str,
    pub service: String,
    pub origin: String,
    pub outcome: &'static str,
    pub class: &'static str,
    pub explains: String,
    pub of: String,
    pub percent: u64,
    pub statement: String,
    pub hop: String,
    pub code: Vec<PlaceView>,
    pub facts: Vec<String>,
    pub evidence: Vec<EvidenceView>,
    pub keys: Vec<String>,
    pub more_keys: String,
    pub csv: File,
    pub inside: Option<KeysView>,
    pub fix: Vec<Fact>,
}

pub struct KeysView {
    pub text: String,
    pub csv: File,
}

/// A file: its name, and whether it lies beside the page.
pub struct File {
    pub name: String,
    pub beside: bool,
}

pub struct PlaceView {
    pub place: String,
    pub symbol: String,
    pub role: String,
    pub service: String,
    pub commit: String,
}

pub struct EvidenceView {
    pub id: String,
    pub at: String,
    pub reference: String,
    pub text: String,
}

pub struct SuspectView {
    pub service: String,
    pub why: String,
    pub code: Vec<PlaceView>,
    pub evidence: Vec<String>,
}

pub struct RuledOutView {
    pub kind: &'static str,
    pub service: String,
    pub hypothesis: String,
    pub why: String,
    pub evidence: Vec<String>,
}

pub struct ProblemView {
    pub id: String,
    pub service: String,
    pub kind: &'static str,
    pub exception: String,
    pub template: String,
    pub count: String,
    pub first: String,
    pub last: String,
    pub stuck: String,
    pub completed: String,
}

pub struct CoverageView {
    pub store: String,
    pub target: String,
    pub status: &'static str,
    pub class: &'static str,
    pub counts: String,
    pub range: String,
    pub note: String,
}

pub struct BindingView {
    pub store: String,
    pub target: String,
    pub place: String,
    pub key: String,
    pub why: String,
    pub samples: String,
}

impl View {
    /// From a diagnosis; the drawings are filled in by the caller.
    pub fn new(d: &Diagnosis) -> Self {
        Self {
            case: clean::line(&d.case),
            outcome: words::outcome(d.verdict.outcome),
            class: class(d.verdict.outcome),
            headline: words::headline(d, HEADLINE),
            summary: words::summary(d),
            facts: facts(d),
            flow: String::new(),
            timeline: String::new(),
            causes: d.verdict.causes.iter().map(|c| cause(d, c)).collect(),
            capped_by: all(&d.verdict.capped_by),
            unexplained: some(d.verdict.unexplained),
            suspects: d.verdict.suspects.iter().map(suspect).collect(),
            ruled_out: d.ruled_out.iter().map(ruled_out).collect(),
            problems: d.problems.iter().map(problem).collect(),
            coverage: d.coverage.iter().map(coverage).collect(),
            evidence: d.evidence.keys().filter_map(|id| evidence(d, id)).collect(),
            bindings: d.bindings.iter().map(binding).collect(),
            notes: all(&d.notes),
            next_steps: all(&d.next_steps),
        }
    }
}

fn all(texts: &[String]) -> Vec<String> {
    texts.iter().map(|t| clean::line(t)).collect()
}

fn text(optional: Option<&String>) -> String {
    optional.map(|t| clean::line(t)).unwrap_or_default()
}

/// A number, or nothing for none.
fn some(n: u64) -> String {
    if n == 0 { String::new() } else { words::number(n) }
}

fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Confirmed => "bad",
        Outcome::Likely | Outcome::Inconclusive => "warn",
        Outcome::NoFault => "good",
    }
}

fn facts(d: &Diagnosis) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |label, value: String| {
        if !value.is_empty() {
            facts.push(Fact { label, value });
        }
    };
    if let Some(entity) = &d.question.entity {
        let entity = clean::line(entity);
        let state =
            d.question.state.as_deref().map(|s| format!(" in {}", clean::line(s))).unwrap_or_default();
        add("asked about", format!("{}{state}", words::plural(&entity)));
        add("stuck", words::number(d.cohort.count));
        add("completed, to compare", words::number(d.cohort.control));
    }
    if let Some(sampled) = d.cohort.sampled {
        add("followed", format!("{} of {}", words::number(sampled.followed), words::number(sampled.of)));
    }
    add("in flight", some(d.cohort.in_flight));
    add("too old to follow", some(d.cohort.aged_out));
    add("ended otherwise", some(d.cohort.other));
    add("unexplained", some(d.verdict.unexplained));
    // Whole seconds are enough for a person, the end rounded up.
    let second = |nanos: i64| Timestamp(nanos.div_euclid(SECOND).saturating_mul(SECOND));
    let range = |(from, until): (Timestamp, Timestamp)| {
        let (from, until) = (second(from.0), second(until.0.saturating_add(SECOND - 1)));
        format!("{} – {} UTC", words::moment(from), words::end(from, until))
    };
    add("window", d.question.window.map(range).unwrap_or_default());
    add("compared with", d.question.baseline.map(range).unwrap_or_default());
    facts
}

fn cause(d: &Diagnosis, c: &Cause) -> CauseView {
    let shown = c.entities.keys.len().min(KEYS_SHOWN) as u64;
    let fix = [("Code", &c.fix.code), ("Data", &c.fix.data), ("Test", &c.fix.test)];
    CauseView {
        id: clean::line(&c.id),
        kind: c.kind.as_str(),
        service: text(c.service.as_ref()),
        origin: text(c.origin.as_ref()),
        outcome: words::outcome(c.outcome),
        class: class(c.outcome),
        explains: words::number(c.explains),
        of: words::number(c.of),
        percent: (c.explains * 100).checked_div(c.of).unwrap_or(0).min(100),
        statement: clean::line(&c.statement),
        hop: clean::line(&c.hop),
        code: c.code.iter().map(place).collect(),
        facts: all(&c.facts),
        evidence: c.evidence.iter().filter_map(|id| evidence(d, id)).collect(),
        keys: c.entities.keys.iter().take(KEYS_SHOWN).map(|k| clean::short(k, 60)).collect(),
        more_keys: some(c.entities.count.saturating_sub(shown)),
        csv: file(&c.entities.csv),
        inside: c.keys.as_ref().map(|k| KeysView {
            text: format!(
                "{} of {} ({})",
                words::count(k.count, "key value"),
                clean::line(k.table.as_deref().or(k.constraint.as_deref()).unwrap_or("its messages")),
                all(&k.columns).join(", ")
            ),
            csv: file(&k.csv),
        }),
        fix: fix
            .into_iter()
            .filter(|(_, t)| !t.trim().is_empty())
            .map(|(label, t)| Fact { label, value: clean::line(t) })
            .collect(),
    }
}

fn file(path: &str) -> File {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    File { name: clean::line(path), beside: !path.is_empty() && path.bytes().all(plain) }
}

fn place(p: &CodePlace) -> PlaceView {
    PlaceView {
        place: format!("{}:{}", clean::line(&p.path), p.line),
        symbol: clean::line(&p.symbol),
        role: clean::line(&p.role),
        service: clean::line(&p.service),
        commit: clean::short(&p.commit, 12),
    }
}

fn evidence(d: &Diagnosis, id: &EvidenceId) -> Option<EvidenceView> {
    let found = d.evidence.get(id)?;
    Some(EvidenceView {
        id: clean::line(&id.0),
        at: found.at.map(words::moment).unwrap_or_default(),
        reference: clean::line(&found.reference),
        text: clean::short(&found.text, 600),
    })
}

fn ids(evidence: &[EvidenceId]) -> Vec<String> {
    evidence.iter().map(|e| clean::line(&e.0)).collect()
}

fn suspect(s: &Suspect) -> SuspectView {
    SuspectView {
        service: clean::line(&s.service),
        why: clean::line(&s.why),
        code: s.code.iter().map(place).collect(),
        evidence: ids(&s.evidence),
    }
}

fn ruled_out(r: &RuledOut) -> RuledOutView {
    RuledOutView {
        kind: r.kind.as_str(),
        service: text(r.service.as_ref()),
        hypothesis: clean::line(&r.hypothesis),
        why: clean::line(&r.why),
        evidence: ids(&r.evidence),
    }
}

fn problem(p: &ProblemSummary) -> ProblemView {
    ProblemView {
        id: clean::line(&p.id),
        service: clean::line(&p.service),
        kind: p.kind.as_str(),
        exception: text(p.exception.as_ref()),
        template: clean::short(&p.template, 400),
        count: words::number(p.count),
        first: p.first.map(words::moment).unwrap_or_default(),
        last: p.last.map(words::moment).unwrap_or_default(),
        stuck: words::number(p.hits_stuck),
        completed: words::number(p.hits_completed),
    }
}

fn coverage(c: &Coverage) -> CoverageView {
    let class = match c.status {
        Status::Searched => "good",
        Status::Empty | Status::NotConfigured => "dim",
        Status::Partial => "warn",
        Status::Failed => "bad",
    };
    let counts = match c.status {
        Status::Failed | Status::NotConfigured => String::new(),
        _ => format!("{} of {}", words::number(c.matched), words::number(c.scanned)),
    };
    CoverageView {
        store: clean::line(&c.store),
        target: clean::line(&c.target),
        status: words::status(c.status),
        class,
        counts,
        range: clean::line(&c.range),
        note: clean::line(&c.note),
    }
}

fn binding(b: &BindingSummary) -> BindingView {
    BindingView {
        store: clean::line(&b.store),
        target: clean::line(&b.target),
        place: clean::line(&b.place),
        key: clean::line(&b.key),
        why: clean::line(&b.why),
        samples: b.samples.iter().take(3).map(|s| clean::short(s, 24)).collect::<Vec<_>>().join(", "),
    }
}
