//! What every answer ends with: coverage, notes, next steps.

use crate::page::{Label, Page, WIDTH, pad, pad_left, plain, span, width};
use crate::{clean, words};
use waylaid_model::{Coverage, Status};

/// A table of what was searched.
pub(super) fn coverage(page: &mut Page, lines: &[Coverage]) {
    if lines.is_empty() {
        return;
    }
    let broken = lines.iter().filter(|c| c.is_incomplete()).count() as u64;
    let aside = match broken {
        0 => format!("{} searched whole", words::count(lines.len() as u64, "target")),
        n => format!("{} not searched whole", words::count(n, "target")),
    };
    page.heading("COVERAGE", &aside);
    let names: Vec<_> = lines.iter().map(name).collect();
    let columns = names.iter().map(|n| width(n)).max().unwrap_or(0).min(44);
    let counts: Vec<_> = lines.iter().map(counts).collect();
    let wide = counts.iter().map(|c| width(c)).max().unwrap_or(0);
    for ((line, name), counts) in lines.iter().zip(names).zip(counts) {
        let label = match line.status {
            Status::Searched => Label::Good,
            Status::Empty | Status::NotConfigured => Label::Dim,
            Status::Partial => Label::Warn,
            Status::Failed => Label::Bad,
        };
        let name = clean::short(&name, columns);
        let head = format!("  {}  ", pad(&name, columns));
        let used = width(&head) + 14 + wide + 2;
        page.line([
            plain(head),
            span(label, pad(words::status(line.status), 14)),
            plain(format!("{}  ", pad_left(&counts, wide))),
            span(Label::Dim, clean::short(&line.range, WIDTH.saturating_sub(used))),
        ]);
        if !line.note.is_empty() {
            page.paragraph(plain("      "), [span(Label::Dim, clean::line(&line.note))]);
        }
    }
}

/// Matches of what was looked at, where something was.
fn counts(line: &Coverage) -> String {
    match line.status {
        Status::Failed | Status::NotConfigured => String::new(),
        _ => format!("{} of {}", words::number(line.matched), words::number(line.scanned)),
    }
}

/// `topics.main:orders`, or the store alone when it is the target.
fn name(line: &Coverage) -> String {
    let (store, target) = (clean::line(&line.store), clean::line(&line.target));
    if target.is_empty() || target == store { store } else { format!("{store}:{target}") }
}

/// A section of one paragraph an item.
pub(super) fn bullets(page: &mut Page, title: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    page.heading(title, "");
    for item in items {
        page.paragraph(plain("  - "), [plain(item)]);
    }
}
