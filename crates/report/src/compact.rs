//! The case for an agent: the verdict and what proves it in less than 2,000 tokens, ids to dig deeper. What does not
//! fit is counted, never dropped in silence.

use crate::{clean, words};
use std::fmt::Write as _;
use waylaid_model::{Cause, Diagnosis, EvidenceId};

/// Bytes that are certain to stay below 2,000 tokens: identifiers and JSON run at about 2.98 bytes a token.
pub const BYTES: usize = 5_600;

/// The text.
pub fn diagnosis(d: &Diagnosis) -> String {
    let mut out = Budget::new();
    out.must(&head(d));
    for cause in &d.verdict.causes {
        out.item("causes", &one(d, cause));
    }
    for cap in &d.verdict.capped_by {
        out.item("caps", &format!("capped: {}\n", clean::short(cap, 200)));
    }
    for hop in &d.flow {
        let lost = words::lost(hop);
        let mark = if lost > 0 { format!(" BREAKS: {lost} lost") } else { String::new() };
        let service =
            hop.service.as_deref().map(|s| format!(" by {}", clean::short(s, 40))).unwrap_or_default();
        let hop_name = clean::short(&hop.hop, 120);
        out.item("hops", &format!("hop: {hop_name}{service} {}/{}{mark}\n", hop.passed, hop.reached));
    }
    for r in &d.ruled_out {
        let service =
            r.service.as_deref().map(|s| format!(" in {}", clean::short(s, 40))).unwrap_or_default();
        let why = clean::short(&r.why, 200);
        let text = format!(
            "ruled out: {}{service}: {} – {why}{}\n",
            r.kind,
            clean::short(&r.hypothesis, 120),
            ids(&r.evidence)
        );
        out.item("ruled-out hypotheses", &text);
    }
    for s in &d.verdict.suspects {
        let why = clean::short(&s.why, 200);
        let place = s.code.first().map(|c| format!(" at {}", words::place(c, 80))).unwrap_or_default();
        out.item(
            "suspects",
            &format!("suspect: {}: {why}{place}{}\n", clean::short(&s.service, 40), ids(&s.evidence)),
        );
    }
    for step in &d.next_steps {
        out.item("next steps", &format!("next: {}\n", clean::short(step, 240)));
    }
    for note in &d.notes {
        out.item("notes", &format!("note: {}\n", clean::short(note, 200)));
    }
    out.finish(&coverage(d))
}

fn head(d: &Diagnosis) -> String {
    let mut text =
        format!("{}: {}\n", words::outcome(d.verdict.outcome), clean::short(&words::summary(d), 400));
    let _ = write!(
        text,
        "{} stuck, {} completed beside them, {} unexplained",
        d.cohort.count, d.cohort.control, d.verdict.unexplained
    );
    if !d.case.is_empty() {
        let _ = write!(text, "; case {}", clean::short(&d.case, 40));
    }
    text.push('\n');
    text
}

fn one(d: &Diagnosis, c: &Cause) -> String {
    let service = c.service.as_deref().map(|s| format!(" in {}", clean::short(s, 60))).unwrap_or_default();
    let mut text = format!(
        "{} {}{service} ({}), explains {} of {}\n",
        clean::short(&c.id, 12),
        c.kind,
        c.outcome,
        c.explains,
        c.of
    );
    let mut field = |name: &str, value: &str, columns: usize| {
        if !value.trim().is_empty() {
            let _ = writeln!(text, "  {name}: {}", clean::short(value, columns));
        }
    };
    field("what", &c.statement, 300);
    field("hop", &c.hop, 160);
    for place in c.code.iter().take(2) {
        field("code", &format!("{} {} {}", words::place(place, 100), place.symbol, place.role), 200);
    }
    for fact in c.facts.iter().take(4) {
        field("fact", fact, 160);
    }
    for id in c.evidence.iter().take(3) {
        if let Some(e) = d.evidence.get(id) {
            field(&id.0, &format!("{} {}", clean::line(&e.reference), clean::line(&e.text)), 220);
        }
    }
    if c.evidence.len() > 3 {
        field("more evidence", ids(&c.evidence[3..]).trim(), 120);
    }
    field(
        "entities",
        &format!(
            "{} {}",
            c.entities.keys.iter().take(3).cloned().collect::<Vec<_>>().join(", "),
            c.entities.csv
        ),
        200,
    );
    if let Some(keys) = &c.keys {
        field(
            "keys",
            &format!(
                "{} of {} ({}) {}",
                keys.count,
                keys.table.as_deref().unwrap_or("?"),
                keys.columns.join(", "),
                keys.csv
            ),
            200,
        );
    }
    field("fix", &c.fix.code, 240);
    field("data", &c.fix.data, 200);
    field("test", &c.fix.test, 200);
    text
}

fn ids(evidence: &[EvidenceId]) -> String {
    let shown: Vec<_> = evidence.iter().take(6).map(|e| clean::short(&e.0, 12)).collect();
    let more = if evidence.len() > 6 { " …" } else { "" };
    if shown.is_empty() { String::new() } else { format!(" [{}{more}]", shown.join(" ")) }
}

/// One line on coverage, and a line for each target that was not searched whole.
fn coverage(d: &Diagnosis) -> String {
    let broken: Vec<_> = d.coverage.iter().filter(|c| c.is_incomplete()).collect();
    let mut text = format!("coverage: {} targets, {} not searched whole", d.coverage.len(), broken.len());
    for c in broken.iter().take(5) {
        let note = clean::short(&c.note, 100);
        let _ = write!(text, "; {} {} {note}", clean::short(&c.target, 60), words::status(c.status));
    }
    if broken.len() > 5 {
        let _ = write!(text, "; and {} more", broken.len() - 5);
    }
    text.push('\n');
    text
}

/// Text up to [`BYTES`]; what does not fit is counted by its name.
struct Budget {
    out: String,
    left_out: Vec<(&'static str, usize)>,
}

/// Kept free for coverage and the line on what was left out.
const TAIL: usize = 1_200;

impl Budget {
    fn new() -> Self {
        Self { out: String::new(), left_out: Vec::new() }
    }

    fn must(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn item(&mut self, what: &'static str, text: &str) {
        let full = self.left_out.iter().any(|(w, _)| *w == what);
        if !full && self.out.len() + text.len() + TAIL <= BYTES {
            self.out.push_str(text);
            return;
        }
        match self.left_out.iter_mut().find(|(w, _)| *w == what) {
            Some((_, count)) => *count += 1,
            None => self.left_out.push((what, 1)),
        }
    }

    fn finish(mut self, tail: &str) -> String {
        if !self.left_out.is_empty() {
            let all: Vec<_> = self.left_out.iter().map(|(what, count)| format!("{count} {what}")).collect();
            let _ = writeln!(self.out, "left out for length: {} (the case has all)", all.join(", "));
        }
        self.out.push_str(tail);
        self.out
    }
}
