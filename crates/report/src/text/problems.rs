//! The answer of `problems` as text: what is new first, each with its chain, its course and where to look.

use super::tail;
use crate::page::{Label, Page, WIDTH, plain, span, width};
use crate::{clean, words};
use waylaid_model::answers::{Problem, ProblemsAnswer};
use waylaid_model::{Coverage, Kind, Status, Timestamp, Window};

/// More targets than these are told in one line.
const TARGETS: usize = 12;

/// Error groups.
pub fn problems(answer: &ProblemsAnswer) -> Page {
    let mut page = Page::new();
    head(&mut page, answer);
    for problem in &answer.problems {
        page.gap();
        one(&mut page, answer, problem);
    }
    let hidden = answer.count - (answer.problems.len() as u64).min(answer.count);
    if hidden > 0 {
        page.gap();
        page.line([span(
            Label::Dim,
            format!("and {}: --limit shows more", words::count(hidden, "further problem")),
        )]);
    }
    tail::bullets(&mut page, "NOTES", &answer.notes);
    coverage(&mut page, &answer.coverage);
    page
}

fn head(page: &mut Page, answer: &ProblemsAnswer) {
    let lines: u64 = answer.coverage.iter().map(|c| c.scanned).sum();
    let read = format!("{} read", words::count(lines, "line"));
    if answer.count == 0 {
        page.line([
            span(Label::Good, "no problem found"),
            plain(format!("  {read}{}", stretch(answer.window))),
        ]);
        return;
    }
    let of = |rank: &str| answer.problems.iter().filter(|p| p.rank == rank).count() as u64;
    let mut parts = Vec::new();
    for (onset, what) in [("new", "new"), ("more", "more than before")] {
        let n = answer.problems.iter().filter(|p| p.onset == onset).count() as u64;
        if n > 0 {
            parts.push(format!("{} {what}", words::number(n)));
        }
    }
    let warnings = of("warning");
    if warnings > 0 {
        parts.push(words::count(warnings, "warning"));
    }
    let more = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    page.line([
        span(
            Label::Strong,
            format!("{} in {}", words::count(answer.count, "problem"), words::count(answer.events, "event")),
        ),
        plain(more),
    ]);
    page.line([span(Label::Dim, format!("{read}{}{}", stretch(answer.window), compared(answer)))]);
}

fn stretch(window: Window) -> String {
    match (window.from, window.until) {
        (Some(from), Some(until)) if from < until => {
            format!(
                ", {} .. {}",
                seconds(from),
                &words::end(from, until).split('.').next().unwrap_or_default()
            )
        }
        _ => String::new(),
    }
}

fn compared(answer: &ProblemsAnswer) -> String {
    match answer.baseline {
        Some(baseline) => format!("; compared with{}", stretch(baseline).trim_start_matches(',')),
        None => String::new(),
    }
}

/// `2026-11-22 10:11:12`.
fn seconds(at: Timestamp) -> String {
    words::moment(at).split('.').next().unwrap_or_default().to_owned()
}

fn one(page: &mut Page, answer: &ProblemsAnswer, problem: &Problem) {
    let is_error = problem.rank == "error";
    let label = if is_error { Label::Bad } else { Label::Warn };
    let level = problem.level.as_deref().filter(|l| matches!(*l, "WARN" | "ERROR" | "FATAL"));
    let mut spans = vec![
        span(Label::Id, format!("{:<4}", problem.id)),
        span(label, format!("{:<6}", level.unwrap_or(if is_error { "ERROR" } else { "WARN" }))),
        span(Label::Strong, format!("{} ×  ", words::number(problem.count))),
    ];
    spans.extend(onset(problem));
    spans.push(plain(services(problem)));
    let is_telling = |k: &Kind| !matches!(k, Kind::HandlerException | Kind::Unknown);
    if let Some(kind) = problem.kind.filter(is_telling) {
        spans.push(span(Label::Dim, format!("  {kind}")));
    }
    page.line(spans);
    let title = problem.exception.as_deref().map_or_else(String::new, |e| format!("{}: ", short_type(e)));
    page.paragraph(
        plain("    "),
        [span(Label::Strong, clean::short(&format!("{title}{}", problem.template), 2 * WIDTH))],
    );
    if !problem.frames.is_empty() {
        let frames: Vec<String> = problem.frames.iter().map(|f| clean::line(f)).collect();
        page.paragraph(span(Label::Dim, "    at   "), [plain(frames.join(" < "))]);
    }
    // A chain of one link says nothing that the title does not.
    if let Some(chain) = problem.chain.as_deref().filter(|c| c.contains(" ← ")) {
        page.paragraph(span(Label::Dim, "    why  "), [plain(clean::short(chain, 4 * WIDTH))]);
    }
    if let Some(hits) = problem.entities.filter(|h| h.stuck + h.completed > 0) {
        let text = format!(
            "names {} stuck and {} completed",
            words::number(hits.stuck),
            words::number(hits.completed)
        );
        page.line([span(Label::Dim, "    hits "), plain(text)]);
    }
    course(page, problem);
    for id in &problem.evidence {
        let Some(evidence) = answer.evidence.get(id) else { continue };
        // A reference is there to be copied: it stays whole, and what is said goes below where it does not fit.
        let head = format!("    {:<5}{}", id.0, clean::line(&evidence.reference));
        let left = WIDTH.saturating_sub(width(&head) + 2);
        if left >= 40 {
            page.line([
                span(Label::Id, format!("{head}  ")),
                span(Label::Dim, clean::short(&evidence.text, left)),
            ]);
        } else {
            page.line([span(Label::Id, head)]);
            page.line([span(Label::Dim, format!("         {}", clean::short(&evidence.text, WIDTH - 9)))]);
        }
    }
}

fn onset(problem: &Problem) -> Vec<crate::page::Span> {
    let since = problem.since.map_or_else(String::new, |t| format!(" since {}", seconds(t)));
    match problem.onset.as_str() {
        "new" => vec![span(Label::Bad, format!("NEW{since}")), plain("  ")],
        "more" => {
            let before = if problem.before > 0 {
                format!(" (before: {})", words::number(problem.before))
            } else {
                String::new()
            };
            vec![span(Label::Warn, format!("MORE{since}{before}")), plain("  ")]
        }
        "as_ever" => vec![span(Label::Dim, "as ever"), plain("  ")],
        _ => Vec::new(),
    }
}

fn services(problem: &Problem) -> String {
    let names: Vec<String> = problem.services.iter().take(3).map(|(s, _)| clean::line(s)).collect();
    let more = problem.services.len().saturating_sub(names.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let instances = problem.instances.len() as u64;
    let instances =
        if instances > 1 { format!(" ({})", words::count(instances, "instance")) } else { String::new() };
    format!("{}{more}{instances}", names.join(", "))
}

/// First, last, and the course between them.
fn course(page: &mut Page, problem: &Problem) {
    let Some((first, last)) = problem.first.zip(problem.last) else { return };
    let mut spans = vec![plain("    ")];
    if problem.histogram.iter().filter(|c| **c > 0).count() > 1 {
        spans.push(span(Label::Plain, format!("{}  ", bars(&problem.histogram))));
    }
    let times = if first == last {
        format!("at {}", seconds(first))
    } else {
        format!(
            "first {}, last {}",
            seconds(first),
            words::end(first, last).split('.').next().unwrap_or_default()
        )
    };
    spans.push(span(Label::Dim, times));
    page.line(spans);
}

/// Counts as little bars.
fn bars(counts: &[u64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let bar = |count: &u64| match count {
        0 => '·',
        n => BARS[((n * 8).div_ceil(most) as usize).clamp(1, 8) - 1],
    };
    counts.iter().map(bar).collect()
}

fn short_type(name: &str) -> String {
    clean::line(name.rsplit(['.', '\\', '$']).find(|p| !p.is_empty()).unwrap_or(name))
}

/// What was searched; of many targets only those with something to say.
fn coverage(page: &mut Page, lines: &[Coverage]) {
    let few = lines.len() <= TARGETS;
    let is_telling = |c: &&Coverage| c.is_incomplete() || c.matched > 0 || few && c.status != Status::Empty;
    let telling: Vec<Coverage> = lines.iter().filter(is_telling).cloned().collect();
    if telling.is_empty() {
        return tail::coverage(page, lines);
    }
    let rest = (lines.len() - telling.len()) as u64;
    tail::coverage(page, &telling);
    if rest > 0 {
        page.line([span(
            Label::Dim,
            format!("  and {} without a line that reports a problem", words::count(rest, "target")),
        )]);
    }
}
