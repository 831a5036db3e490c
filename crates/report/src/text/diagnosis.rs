//! The verdict as text.

use super::{causes, flow, tail};
use crate::page::{Label, Page, WIDTH, plain, span, width};
use crate::{clean, words};
use waylaid_model::{CodePlace, Diagnosis, Outcome};

/// The whole answer: the verdict in three lines, the flow, causes, what was ruled out, suspects, coverage, notes, next
/// steps.
pub fn diagnosis(diagnosis: &Diagnosis) -> Page {
    let mut page = Page::new();
    let cut = verdict(&mut page, diagnosis);
    if cut {
        page.gap();
        page.paragraph(plain("  "), [plain(words::summary(diagnosis))]);
    }
    flow::section(&mut page, diagnosis);
    causes::causes(&mut page, diagnosis);
    causes::suspects(&mut page, diagnosis);
    causes::ruled_out(&mut page, diagnosis);
    tail::coverage(&mut page, &diagnosis.coverage);
    tail::bullets(&mut page, "NOTES", &diagnosis.notes);
    tail::bullets(&mut page, "NEXT", &diagnosis.next_steps);
    page
}

/// The label that an outcome is printed with.
pub(super) fn outcome_label(outcome: Outcome) -> Label {
    match outcome {
        Outcome::Confirmed | Outcome::Likely => Label::Bad,
        Outcome::Inconclusive => Label::Warn,
        Outcome::NoFault => Label::Good,
    }
}

/// Three lines, each cut to the width; true when the summary did not fit as it is.
fn verdict(page: &mut Page, diagnosis: &Diagnosis) -> bool {
    let word = words::outcome(diagnosis.verdict.outcome);
    let room = WIDTH - word.len() - 2;
    let headline = words::headline(diagnosis, room);
    page.line([
        span(outcome_label(diagnosis.verdict.outcome), word),
        span(Label::Strong, format!("  {}", clean::short(&headline, room))),
    ]);
    page.line([span(Label::Dim, "where  "), plain(clean::short(&location(diagnosis), WIDTH - 7))]);
    page.line([span(Label::Dim, "count  "), plain(clean::short(&counts(diagnosis), WIDTH - 7))]);
    headline != words::summary(diagnosis) || width(&headline) > room
}

/// Hop, service, place in code.
fn location(diagnosis: &Diagnosis) -> String {
    let verdict = &diagnosis.verdict;
    if let Some(cause) = verdict.causes.first() {
        let mut parts = vec![clean::line(&cause.hop)];
        parts.extend(cause.service.as_deref().map(clean::line));
        let used: usize = parts.iter().map(|p| width(p) + 3).sum();
        let place = cause.code.first().map(|c| code_place(c, (WIDTH - 7).saturating_sub(used).max(24)));
        parts.extend(place);
        return parts.join(" · ");
    }
    match verdict.suspects.first() {
        Some(suspect) if verdict.outcome != Outcome::NoFault => {
            let mut parts = vec![format!("first suspect: {}", clean::line(&suspect.service))];
            parts.extend(suspect.code.first().map(|c| code_place(c, 50)));
            parts.join(" · ")
        }
        _ => "no hop is broken".into(),
    }
}

/// `path:line symbol`, as much of it as fits.
fn code_place(code: &CodePlace, room: usize) -> String {
    let symbol = clean::line(&code.symbol);
    if symbol.is_empty() || width(&symbol) + 25 > room {
        return words::place(code, room);
    }
    format!("{} {symbol}", words::place(code, room - width(&symbol) - 1))
}

/// How many, compared with how many, and what to do.
fn counts(diagnosis: &Diagnosis) -> String {
    let cohort = &diagnosis.cohort;
    let noun = words::noun(&diagnosis.question);
    let mut parts = Vec::new();
    if diagnosis.question.entity.is_some() || cohort.count > 0 {
        let what = if diagnosis.question.keys.is_empty() { "stuck" } else { "asked about" };
        let of = cohort.sampled.map(|s| {
            let (followed, all) = (words::number(s.followed), words::number(s.of));
            format!(" of {followed} followed ({all} in this state)")
        });
        parts.push(format!("{} {what}{}", words::count(cohort.count, &noun), of.unwrap_or_default()));
        if cohort.in_flight > 0 {
            parts.push(format!("{} in flight", words::number(cohort.in_flight)));
        }
        parts.push(format!("{} completed beside them", words::number(cohort.control)));
    } else if let Some((from, until)) = diagnosis.question.window {
        parts.push(format!("{} to {}", words::moment(from), words::end(from, until)));
        if let Some((from, until)) = diagnosis.question.baseline {
            parts.push(format!("against {} to {}", words::moment(from), words::end(from, until)));
        }
    }
    if diagnosis.verdict.unexplained > 0 {
        parts.push(format!("{} unexplained", words::number(diagnosis.verdict.unexplained)));
    }
    let to_do =
        diagnosis.verdict.causes.first().map(|c| c.fix.code.as_str()).filter(|f| !f.trim().is_empty());
    let to_do = to_do.or(diagnosis.next_steps.first().map(String::as_str));
    parts.extend(to_do.map(|t| format!("next: {}", clean::line(words::first_sentence(t)))));
    parts.join(" · ")
}
