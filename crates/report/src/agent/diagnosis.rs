//! The verdict: what stands, what proves it, what was ruled out, what to do.

use super::{Line, Text, tail};
use crate::words;
use waylaid_model::{Cause, CodePlace, Diagnosis, HopCount, Outcome, RuledOut, Suspect};

/// The verdict in the given room.
pub fn diagnosis(d: &Diagnosis, mut text: Text) -> String {
    head(d, &mut text);
    for c in &d.verdict.causes {
        let only = d.verdict.causes.len() == 1 && c.statement == words::summary(d);
        text.item("causes", &cause(d, c, !only));
    }
    for cap in &d.verdict.capped_by {
        text.item("caps", &Line::new("capped: ").data(cap, 200));
    }
    for hop in d.flow.iter().filter(|h| h.reached > 0 || d.cohort.count == 0) {
        text.item("hops", &self::hop(hop));
    }
    // Where every entity has its cause, the suspects only say it again.
    let open = d.verdict.unexplained > 0 || d.verdict.causes.iter().any(|c| c.outcome != Outcome::Confirmed);
    let suspects = if d.verdict.causes.is_empty() { 8 } else { 3 * usize::from(open) };
    for suspect in d.verdict.suspects.iter().take(suspects) {
        text.item("suspects", &self::suspect(suspect));
    }
    text.leave_out("suspects", d.verdict.suspects.len().saturating_sub(suspects));
    for r in d.ruled_out.iter().take(4) {
        text.item("ruled-out hypotheses", &ruled_out(r));
    }
    text.leave_out("ruled-out hypotheses", d.ruled_out.len().saturating_sub(4));
    for note in d.notes.iter().take(4) {
        text.item("notes", &Line::new("note ").data(note, 200));
    }
    let said = |step: &&String| {
        d.verdict.causes.iter().any(|c| [&c.fix.code, &c.fix.data, &c.fix.test].contains(step))
    };
    for step in d.next_steps.iter().filter(|s| !said(s)).take(3) {
        text.item("next steps", &Line::new("next ").data(step, 240));
    }
    text.finish(&tail::coverage(&d.coverage))
}

fn head(d: &Diagnosis, text: &mut Text) {
    text.must(&Line::new(words::outcome(d.verdict.outcome)).say(" ").data(&words::summary(d), 400));
    let mut line = Line::default().number(d.cohort.count).say(" stuck");
    if let Some(sampled) = d.cohort.sampled {
        line = line.say(" of ").number(sampled.followed).say(" followed; ");
        line = line.number(sampled.of).say(" are in this state");
    }
    line = line
        .say(", ")
        .number(d.cohort.control)
        .say(" completed beside them, ")
        .number(d.verdict.unexplained)
        .say(" unexplained");
    if d.cohort.in_flight > 0 {
        line = line.say(", ").number(d.cohort.in_flight).say(" in flight");
    }
    if !d.case.is_empty() {
        line = line.say("; case ").id(&d.case);
    }
    text.must(&line);
}

fn cause(d: &Diagnosis, c: &Cause, says_what: bool) -> Line {
    let mut line = heading(c);
    let field = |line: Line, name: &'static str, value: &str, columns: usize| match value.trim() {
        "" => line,
        value => line.then(&Line::new(name).data(value, columns)),
    };
    if says_what {
        line = field(line, " what ", &c.statement, 300);
    }
    line = field(line, " hop ", &c.hop, 160);
    for code in c.code.iter().take(3) {
        line = line.then(&place(code));
    }
    for fact in c.facts.iter().take(4) {
        line = field(line, " fact ", fact, 180);
    }
    for id in c.evidence.iter().take(3) {
        if let Some(e) = d.evidence.get(id) {
            line = line
                .then(&Line::new(" ").id(&id.0).say(" ").data(&format!("{}: {}", e.reference, e.text), 200));
        }
    }
    if c.evidence.len() > 3 {
        line = line.then(&Line::new(" more evidence").ids(&c.evidence[3..], 9));
    }
    let keys: Vec<&str> = c.entities.keys.iter().take(3).map(String::as_str).collect();
    line = line
        .then(&Line::new(" entities ").number(c.entities.count).say(" such as ").data(&keys.join(", "), 120));
    if let Some(keys) = &c.keys {
        let place = format!("{} ({})", keys.table.as_deref().unwrap_or("?"), keys.columns.join(", "));
        line =
            line.then(&Line::new(" keys in its messages ").number(keys.count).say(" of ").data(&place, 120));
    }
    line = field(line, " fix ", &c.fix.code, 240);
    line = field(line, " data ", &c.fix.data, 200);
    field(line, " test ", &c.fix.test, 220)
}

/// `c1 duplicate_key in «pick-service», confirmed: explains 209 of 214`.
pub(super) fn heading(c: &Cause) -> Line {
    let mut line = Line::default().id(&c.id).say(" ").say(c.kind.as_str());
    if let Some(service) = &c.service {
        line = line.say(" in ").data(service, 60);
    }
    if let Some(origin) = &c.origin {
        line = line.say(", made by ").data(origin, 60);
    }
    let outcome = words::outcome(c.outcome);
    line.say(", ").say(outcome).say(": explains ").number(c.explains).say(" of ").number(c.of)
}

/// ` code «path:line symbol role»`.
pub(super) fn place(code: &CodePlace) -> Line {
    let text = format!("{} {} {} {}", code.service, words::place(code, 100), code.symbol, code.role);
    Line::new(" code ").data(&text, 240)
}

pub(super) fn hop(hop: &HopCount) -> Line {
    let mut line = Line::new("hop ").data(&hop.hop, 120);
    if let Some(service) = &hop.service {
        line = line.say(" by ").data(service, 40);
    }
    line = line.say(" ").number(hop.passed).say(" of ").number(hop.reached).say(" passed");
    match words::lost(hop) {
        0 => line,
        lost => line.say(", ").number(lost).say(" LOST HERE"),
    }
}

pub(super) fn ruled_out(r: &RuledOut) -> Line {
    let line = Line::new("ruled out ").say(r.kind.as_str()).say(" ");
    line.data(&format!("{}: {}", r.hypothesis, r.why), 300).ids(&r.evidence, 4)
}

pub(super) fn suspect(s: &Suspect) -> Line {
    let line = Line::new("suspect ").data(&format!("{}: {}", s.service, s.why), 240).ids(&s.evidence, 4);
    match s.code.first() {
        Some(code) => line.then(&place(code)),
        None => line,
    }
}
