//! Causes, suspects and what was ruled out.

use super::diagnosis::outcome_label;
use crate::page::{Label, Page, Span, WIDTH, pad, plain, span, width};
use crate::{clean, words};
use waylaid_model::{Cause, CodePlace, Diagnosis, EvidenceId};

/// Pieces of evidence, places and keys that the text shows; the rest is counted.
const SHOWN: usize = 4;
/// Column where the fields of a cause start.
const FIELD: usize = 16;

pub(super) fn causes(page: &mut Page, diagnosis: &Diagnosis) {
    if diagnosis.verdict.causes.is_empty() {
        return;
    }
    let unexplained = diagnosis.verdict.unexplained;
    let aside =
        if unexplained > 0 { format!("{} unexplained", words::number(unexplained)) } else { String::new() };
    page.heading("CAUSES", &aside);
    for (number, cause) in diagnosis.verdict.causes.iter().enumerate() {
        if number > 0 {
            page.gap();
        }
        one(page, diagnosis, cause);
    }
    for cap in &diagnosis.verdict.capped_by {
        page.paragraph(span(Label::Warn, "  capped: "), [plain(cap)]);
    }
}

pub(super) fn one(page: &mut Page, diagnosis: &Diagnosis, cause: &Cause) {
    let service = cause.service.as_deref().map(|s| format!(" in {s}")).unwrap_or_default();
    page.paragraph(
        span(Label::Id, format!("  {}  ", cause.id)),
        [
            span(Label::Strong, format!("{}{service}", cause.kind)),
            plain(format!(" · explains {} of {} · ", words::number(cause.explains), words::number(cause.of))),
            span(outcome_label(cause.outcome), cause.outcome.to_string()),
        ],
    );
    page.paragraph(plain("      "), [plain(&cause.statement)]);
    field(page, "hop", [plain(&cause.hop)]);
    if let Some(origin) = &cause.origin {
        field(page, "origin", [plain(origin)]);
    }
    code(page, &cause.code);
    list(page, "because", &cause.facts);
    evidence(page, diagnosis, &cause.evidence);
    entities(page, cause);
    for (name, text) in [("fix", &cause.fix.code), ("data", &cause.fix.data), ("test", &cause.fix.test)] {
        if !text.trim().is_empty() {
            field(page, name, [plain(text)]);
        }
    }
}

fn head(name: &str) -> Span {
    span(Label::Dim, pad(&format!("      {name}"), FIELD))
}

fn field(page: &mut Page, name: &str, spans: impl IntoIterator<Item = Span>) {
    page.paragraph(head(name), spans);
}

fn list(page: &mut Page, name: &str, items: &[String]) {
    for (number, item) in items.iter().enumerate() {
        field(page, if number == 0 { name } else { "" }, [plain(item)]);
    }
}

fn code(page: &mut Page, places: &[CodePlace]) {
    for (number, place) in places.iter().take(SHOWN).enumerate() {
        let room = WIDTH - FIELD;
        let role = clean::line(&place.role);
        let mut spans = vec![span(Label::Id, words::place(place, room)), plain(format!(" {}", place.symbol))];
        if !role.is_empty() {
            spans.push(span(Label::Dim, format!(" ({role})")));
        }
        if !place.commit.is_empty() {
            spans.push(span(Label::Dim, format!(" @{}", clean::short(&place.commit, 10))));
        }
        field(page, if number == 0 { "code" } else { "" }, spans);
    }
}

pub(super) fn evidence(page: &mut Page, diagnosis: &Diagnosis, ids: &[EvidenceId]) {
    for (number, id) in ids.iter().take(SHOWN).enumerate() {
        let name = if number == 0 { "evidence" } else { "" };
        let Some(found) = diagnosis.evidence.get(id) else {
            continue;
        };
        let room = WIDTH - FIELD - 5;
        page.line([
            head(name),
            span(Label::Id, pad(&id.0, 5)),
            plain(clean::short_path(&found.reference, room)),
        ]);
        let at = found.at.map(|t| format!("{}  ", words::moment(t))).unwrap_or_default();
        let text = clean::short(&format!("{at}{}", found.text), room);
        if !text.is_empty() {
            page.line([span(Label::Dim, format!("{}{text}", " ".repeat(FIELD + 5)))]);
        }
    }
    if ids.len() > SHOWN {
        let rest: Vec<_> = ids[SHOWN..].iter().take(12).map(|id| id.0.as_str()).collect();
        let more = if ids.len() > SHOWN + 12 { ", …" } else { "" };
        let text = format!("and {} more: {}{more}", ids.len() - SHOWN, rest.join(", "));
        field(page, "", [span(Label::Dim, text)]);
    }
}

fn entities(page: &mut Page, cause: &Cause) {
    let shown: Vec<_> = cause.entities.keys.iter().take(SHOWN).map(|k| clean::short(k, 40)).collect();
    let more = if cause.entities.count > shown.len() as u64 { ", …" } else { "" };
    let mut spans =
        vec![plain(format!("{}: {}{more}", words::number(cause.entities.count), shown.join(", ")))];
    if !cause.entities.csv.is_empty() {
        spans.push(span(Label::Id, format!(" {}", cause.entities.csv)));
    }
    if cause.entities.count > 0 {
        field(page, "entities", spans);
    }
    let Some(keys) = &cause.keys else { return };
    let table = clean::line(keys.table.as_deref().or(keys.constraint.as_deref()).unwrap_or("its messages"));
    let columns: Vec<_> = keys.columns.iter().map(|c| clean::line(c)).collect();
    let values = match keys.count {
        0 => "no values named,".to_owned(),
        count => format!("{} of", words::count(count, "value")),
    };
    let mut spans = vec![plain(format!("{values} {table} ({})", columns.join(", ")))];
    if !keys.csv.is_empty() {
        spans.push(span(Label::Id, format!(" {}", keys.csv)));
    }
    field(page, "keys", spans);
}

pub(super) fn suspects(page: &mut Page, diagnosis: &Diagnosis) {
    if diagnosis.verdict.suspects.is_empty() {
        return;
    }
    page.heading("SUSPECTS", "ranked; worth a look, not proven");
    for (number, suspect) in diagnosis.verdict.suspects.iter().enumerate() {
        page.paragraph(
            plain(format!("  {}. ", number + 1)),
            [
                span(Label::Strong, clean::line(&suspect.service)),
                plain(format!("  {} ", clean::line(&suspect.why))),
                span(Label::Id, ids(&suspect.evidence)),
            ],
        );
        for place in suspect.code.iter().take(2) {
            let text = format!("     {} {}", words::place(place, 70), clean::line(&place.symbol));
            page.line([span(Label::Dim, clean::short(&text, WIDTH))]);
        }
    }
}

pub(super) fn ruled_out(page: &mut Page, diagnosis: &Diagnosis) {
    if diagnosis.ruled_out.is_empty() {
        return;
    }
    page.heading("RULED OUT", "");
    for hypothesis in &diagnosis.ruled_out {
        let service = hypothesis.service.as_deref().map(|s| format!(" in {s}")).unwrap_or_default();
        page.paragraph(
            plain("  - "),
            [
                span(Label::Strong, format!("{}{service}", hypothesis.kind)),
                plain(format!(": {}", clean::line(&hypothesis.hypothesis))),
            ],
        );
        page.paragraph(
            plain("    "),
            [plain(format!("{} ", clean::line(&hypothesis.why))), span(Label::Id, ids(&hypothesis.evidence))],
        );
    }
}

/// `[e1 e2 …]`.
fn ids(evidence: &[EvidenceId]) -> String {
    if evidence.is_empty() {
        return String::new();
    }
    let shown: Vec<_> = evidence.iter().take(6).map(|id| id.0.as_str()).collect();
    let more = if evidence.len() > 6 { " …" } else { "" };
    let text = format!("[{}{more}]", shown.join(" "));
    debug_assert!(width(&text) < WIDTH, "ids are short");
    text
}
