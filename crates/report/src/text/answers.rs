//! The answers of `check`, `stuck`, `follow`, `flow` and `search` as text.

use super::{flow as drawing, tail};
use crate::page::{Label, Page, Span, WIDTH, pad, pad_left, plain, span, width};
use crate::{clean, words};
use waylaid_model::Timestamp;
use waylaid_model::answers::{CheckAnswer, FlowAnswer, SearchAnswer, StuckAnswer, TrailAnswer, TrailStep};

/// One entity's trail.
pub fn trail(answer: &TrailAnswer) -> Page {
    let mut page = Page::new();
    let found = !answer.steps.is_empty();
    let (label, ends) = match answer.ends.as_deref() {
        _ if !found => (Label::Warn, "is found in no store".to_owned()),
        Some("complete") => (Label::Good, "is complete".to_owned()),
        Some(hop) => (Label::Bad, format!("ends before {}", clean::line(hop))),
        None => (Label::Plain, "was followed; no flow is known to compare it with".to_owned()),
    };
    page.paragraph(
        span(Label::Strong, format!("{} {} ", clean::line(&answer.entity), clean::line(&answer.key))),
        [span(label, ends)],
    );
    if let Some(state) = &answer.state {
        page.line([span(Label::Dim, "state     "), plain(state)]);
    }
    if !answer.aliases.is_empty() {
        let aliases: Vec<_> = answer.aliases.iter().map(|a| clean::line(a)).collect();
        page.paragraph(span(Label::Dim, "also      "), [plain(aliases.join(", "))]);
    }
    if !answer.services.is_empty() {
        let services: Vec<_> = answer.services.iter().map(|s| clean::line(s)).collect();
        page.paragraph(span(Label::Dim, "services  "), [plain(services.join(" -> "))]);
    }
    steps(&mut page, answer);
    tail::bullets(&mut page, "NOTES", &answer.notes);
    tail::coverage(&mut page, &answer.coverage);
    page
}

fn steps(page: &mut Page, answer: &TrailAnswer) {
    if answer.steps.is_empty() {
        return;
    }
    page.heading("TRAIL", &words::count(answer.steps.len() as u64, "step"));
    let mut day = None;
    for step in &answer.steps {
        let today = step.at.map(|t| (t.civil().0, t.civil().1, t.civil().2));
        if today.is_some() && today != day {
            day = today;
            let date = step.at.map(|t| t.to_string()[..10].to_owned()).unwrap_or_default();
            page.line([span(Label::Dim, format!("  {date}"))]);
        }
        one_step(page, step);
    }
}

fn one_step(page: &mut Page, step: &TrailStep) {
    let clock = step.at.map_or_else(|| " ".repeat(12), time_of_day);
    let mark = match step.source.as_str() {
        "record" => "◆",
        "row" => "■",
        _ => "·",
    };
    let bad = matches!(step.level.as_deref(), Some("ERROR" | "FATAL"));
    let warn = step.level.as_deref() == Some("WARN");
    let label = if bad {
        Label::Bad
    } else if warn {
        Label::Warn
    } else {
        Label::Plain
    };
    let mut node = clean::line(&step.node);
    if let Some(service) = step.service.as_deref().filter(|s| *s != step.node) {
        node = format!("{node} ({})", clean::line(service));
    }
    let mut spans = vec![
        span(Label::Dim, format!("  {clock}  ")),
        span(label, format!("{mark} ")),
        span(Label::Strong, clean::short(&node, 50)),
    ];
    if let Some(level) = step.level.as_deref().filter(|_| bad || warn) {
        spans.push(span(label, format!("  {}", clean::line(level))));
    }
    if step.repeats > 0 {
        spans.push(span(Label::Warn, format!("  and {} more like it", words::number(step.repeats))));
    }
    if let Some(key) = &step.key {
        spans.push(span(Label::Dim, format!("  as {}", clean::short(key, 30))));
    }
    let used: usize = spans.iter().map(|s| width(&s.text)).sum();
    // A reference is there to be copied: where it does not fit whole, it gets a line of its own.
    let reference = clean::short_path(&step.reference, WIDTH - 18);
    let fits = width(&reference) + used + 2 <= WIDTH;
    if fits {
        spans.push(span(Label::Id, format!("  {reference}")));
    }
    page.line(spans);
    if !fits {
        page.line([plain(" ".repeat(18)), span(Label::Id, &reference)]);
    }
    if !step.text.trim().is_empty() {
        page.line([plain(format!("{}{}", " ".repeat(18), clean::short(&step.text, WIDTH - 18)))]);
    }
}

/// `10:11:12.345`.
fn time_of_day(at: Timestamp) -> String {
    let (_, _, _, h, m, s, nanos) = at.civil();
    format!("{h:02}:{m:02}:{s:02}.{:03}", nanos / 1_000_000)
}

/// The learnt flow.
pub fn flow(answer: &FlowAnswer) -> Page {
    let mut page = Page::new();
    let noun = clean::line(&answer.entity);
    page.line([
        span(Label::Strong, format!("{noun} ")),
        plain(format!("learnt from {} completed", words::number(answer.learnt_from))),
    ]);
    if !answer.hops.is_empty() {
        drawing::head(&mut page, &noun, "stuck");
        drawing::drawing(&mut page, &answer.hops, false, |_| String::new());
    }
    if !answer.variants.is_empty() {
        page.heading("WAYS", &words::count(answer.variants.len() as u64, "distinct way"));
        for (way, count) in answer.variants.iter().take(12) {
            page.paragraph(plain(format!("{}  ", pad_left(&words::number(*count), 10))), [plain(way)]);
        }
        more(&mut page, answer.variants.len(), 12);
    }
    tail::bullets(&mut page, "NOTES", &answer.notes);
    tail::coverage(&mut page, &answer.coverage);
    page
}

fn more(page: &mut Page, all: usize, shown: usize) {
    if all > shown {
        page.line([span(Label::Dim, format!("  and {} more (--format json has all)", all - shown))]);
    }
}

/// Who is stuck.
pub fn stuck(answer: &StuckAnswer) -> Page {
    let mut page = Page::new();
    let cohort = &answer.cohort;
    let noun = clean::line(&answer.entity);
    let label = if cohort.count == 0 { Label::Good } else { Label::Bad };
    page.paragraph(
        span(label, format!("{} stuck ", words::count(cohort.count, &noun))),
        [plain(format!(
            "· {} completed · {} in flight · {} otherwise ended · {} too old to follow",
            words::number(cohort.control),
            words::number(cohort.in_flight),
            words::number(cohort.other),
            words::number(cohort.aged_out)
        ))],
    );
    if !answer.states.is_empty() {
        page.heading("STATES", "");
        let head =
            format!("  {}{:>10}{:>10}  {:<21}{}", pad("state", 30), "count", "stuck", "oldest", "newest");
        page.line([span(Label::Dim, head)]);
        for state in &answer.states {
            let label = match state.role.as_str() {
                "stuck" => Label::Bad,
                "done" => Label::Good,
                _ => Label::Plain,
            };
            let when =
                |t: Option<Timestamp>| t.map_or_else(String::new, |t| words::moment(t)[..19].to_owned());
            page.line([
                span(label, format!("  {}", pad(&clean::short(&state.state, 29), 30))),
                plain(pad_left(&words::number(state.count), 10)),
                plain(pad_left(&words::number(state.stuck), 10)),
                span(Label::Dim, format!("  {}{}", pad(&when(state.oldest), 21), when(state.newest))),
            ]);
        }
    }
    if !answer.groups.is_empty() {
        page.heading("WHERE THEY STOPPED", "");
        for group in &answer.groups {
            let samples: Vec<_> = group.samples.iter().take(4).map(|k| clean::short(k, 40)).collect();
            page.paragraph(
                span(Label::Bad, format!("{}  ", pad_left(&words::number(group.count), 8))),
                [
                    plain("last seen at "),
                    span(Label::Strong, clean::line(&group.last_good)),
                    plain(", missing "),
                    span(Label::Strong, clean::line(&group.missing)),
                    span(Label::Dim, format!(" such as {}", samples.join(", "))),
                ],
            );
        }
    }
    tail::bullets(&mut page, "NOTES", &answer.notes);
    tail::coverage(&mut page, &answer.coverage);
    page
}

/// What there is, what is bound, what is missing.
pub fn check(answer: &CheckAnswer) -> Page {
    let mut page = Page::new();
    let failed = answer.stores.iter().filter(|s| !s.ok).count();
    let summary = match failed {
        0 => span(Label::Good, format!("{} readable", words::count(answer.stores.len() as u64, "store"))),
        n => span(
            Label::Bad,
            format!("{n} of {} cannot be read", words::count(answer.stores.len() as u64, "store")),
        ),
    };
    let services = plain(format!(
        " · {} · {}",
        words::count(answer.services.len() as u64, "service"),
        words::count(answer.bindings.len() as u64, "binding")
    ));
    page.line([span(Label::Strong, format!("{}  ", clean::line(&answer.system))), summary, services]);
    page.heading("STORES", "");
    for store in &answer.stores {
        let (label, mark) = if store.ok { (Label::Good, "ok    ") } else { (Label::Bad, "failed") };
        let head = format!("  {mark}  {}  ", pad(&clean::line(&store.store), 20));
        page.paragraph(span(label, head), [plain(&store.holds)]);
    }
    if !answer.services.is_empty() {
        page.heading("SERVICES", "");
        for (service, found) in &answer.services {
            let name = pad(&clean::line(service), 26);
            page.paragraph(plain(format!("  {name}  ")), [span(Label::Dim, clean::line(found))]);
        }
    }
    bindings(&mut page, "BINDINGS", "where an entity's keys show", &answer.bindings);
    bindings(&mut page, "NOT TAKEN", "shares values by chance", &answer.rejected);
    tail::bullets(&mut page, "CLOCKS", &answer.skew);
    tail::bullets(&mut page, "MISSING FOR A FULL VERDICT", &answer.missing);
    tail::coverage(&mut page, &answer.coverage);
    page
}

fn bindings(page: &mut Page, title: &str, aside: &str, all: &[waylaid_model::BindingSummary]) {
    if all.is_empty() {
        return;
    }
    page.heading(title, aside);
    for binding in all.iter().take(40) {
        let samples: Vec<_> = binding.samples.iter().take(3).map(|s| clean::short(s, 24)).collect();
        let mut spans: Vec<Span> = vec![
            span(Label::Strong, clean::line(&binding.target)),
            plain(format!(" {}", clean::line(&binding.place))),
            span(Label::Id, format!(" = {}", clean::line(&binding.key))),
            plain(format!("  {}", clean::line(&binding.why))),
        ];
        if !samples.is_empty() {
            spans.push(span(Label::Dim, format!("  such as {}", samples.join(", "))));
        }
        page.paragraph(span(Label::Dim, format!("  {}  ", pad(&clean::line(&binding.store), 16))), spans);
    }
    more(page, all.len(), 40);
}

/// Counts first, then matches.
pub fn search(answer: &SearchAnswer) -> Page {
    let mut page = Page::new();
    let places = answer.counts.iter().filter(|(_, _, n)| *n > 0).count() as u64;
    page.line([
        span(Label::Strong, words::count(answer.matched, "match")),
        plain(format!(" in {}", words::count(places, "place"))),
    ]);
    for (store, target, count) in &answer.counts {
        page.line([
            plain(format!("{}  ", pad_left(&words::number(*count), 10))),
            span(Label::Dim, format!("{}  ", clean::line(store))),
            plain(clean::line(target)),
        ]);
    }
    if !answer.hits.is_empty() {
        page.heading("MATCHES", if answer.newest_first { "newest first" } else { "oldest first" });
        for hit in &answer.hits {
            let at = hit.at.map_or_else(|| " ".repeat(19), |t| pad(&words::moment(t), 23));
            page.line([
                span(Label::Dim, format!("  {at}  ")),
                span(Label::Id, clean::short_path(&hit.reference, WIDTH - 27)),
            ]);
            page.line([plain(format!("    {}", clean::short(&hit.text, WIDTH - 4)))]);
        }
    }
    if answer.more > 0 {
        let next = answer.next.map(|next| format!(", --skip {next} the next ones")).unwrap_or_default();
        let text = format!("  and {} more; --limit shows more of them{next}", words::number(answer.more));
        page.line([span(Label::Warn, text)]);
    }
    tail::coverage(&mut page, &answer.coverage);
    page
}
