//! One piece of evidence, one cause, one error group; what the stores were asked.

use super::causes;
use crate::page::{Label, Page, pad, plain, span};
use crate::{clean, words};
use waylaid_model::diagnosis::ProblemSummary;
use waylaid_model::{Asked, Cause, Diagnosis, Evidence};

fn field(page: &mut Page, name: &str, value: impl AsRef<str>) {
    page.paragraph(span(Label::Dim, pad(name, 12)), [plain(value.as_ref())]);
}

/// A piece of evidence with its raw text; a JSON object is laid out a field a line, with the line breaks that its
/// strings hold.
pub fn evidence(case: &str, id: &str, evidence: &Evidence, raw: &str) -> Page {
    let mut page = Page::new();
    page.line([
        span(Label::Id, format!("{}  ", clean::line(id))),
        span(Label::Strong, clean::line(&evidence.reference)),
        span(Label::Dim, format!("  of case {}", clean::line(case))),
    ]);
    if let Some(at) = evidence.at {
        field(&mut page, "at", at.to_string());
    }
    field(&mut page, "says", &evidence.text);
    page.gap();
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(raw) {
        Ok(object) => {
            for (name, value) in &object {
                json_field(&mut page, name, value);
            }
        }
        Err(_) => {
            for line in clean::lines(raw) {
                page.line([plain(line)]);
            }
        }
    }
    page
}

fn json_field(page: &mut Page, name: &str, value: &serde_json::Value) {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let lines = clean::lines(&text);
    let (first, rest) = lines.split_first().map_or(("", &[][..]), |(f, r)| (f.as_str(), r));
    page.line([span(Label::Dim, format!("{}: ", clean::line(name))), plain(first)]);
    for line in rest {
        page.line([plain(format!("  {line}"))]);
    }
}

/// A cause.
pub fn cause(diagnosis: &Diagnosis, cause: &Cause) -> Page {
    let mut page = Page::new();
    causes::one(&mut page, diagnosis, cause);
    page
}

/// An error group.
pub fn problem(diagnosis: &Diagnosis, problem: &ProblemSummary) -> Page {
    let mut page = Page::new();
    page.line([
        span(Label::Id, format!("{}  ", clean::line(&problem.id))),
        span(Label::Strong, clean::line(&problem.service)),
        plain(format!("  {}", problem.kind)),
    ]);
    if let Some(exception) = &problem.exception {
        field(&mut page, "exception", exception);
    }
    field(&mut page, "template", &problem.template);
    field(&mut page, "events", words::number(problem.count));
    let ends = [problem.first, problem.last].into_iter().flatten().map(words::moment).collect::<Vec<_>>();
    if !ends.is_empty() {
        field(&mut page, "from, to", ends.join(", "));
    }
    field(
        &mut page,
        "hits",
        format!(
            "{} stuck, {} completed",
            words::number(problem.hits_stuck),
            words::number(problem.hits_completed)
        ),
    );
    causes::evidence(&mut page, diagnosis, &problem.evidence);
    page
}

/// What the stores were asked, a question a paragraph.
pub fn queries(case: &str, asked: &[Asked]) -> Page {
    let mut page = Page::new();
    let count = words::count(asked.len() as u64, "question");
    page.line([span(Label::Strong, count), span(Label::Dim, format!("  of case {}", clean::line(case)))]);
    for (number, one) in (1..).zip(asked) {
        let head =
            format!("{number:>4}  {}  {}: {}", clean::line(&one.store), one.verb, clean::line(&one.asked));
        page.gap();
        page.paragraph(span(Label::Plain, ""), [plain(head)]);
        match &one.error {
            Some(error) => page.paragraph(plain("      "), [span(Label::Bad, clean::line(error))]),
            None if one.verb == "catalog" => {}
            None => {
                let (matched, scanned) = (words::number(one.matched), words::number(one.scanned));
                page.line([span(Label::Dim, format!("      {matched} matched of {scanned}"))]);
            }
        }
    }
    page
}
