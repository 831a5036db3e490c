//! The flow as the code has it: which service publishes to and reads which topic, which tables it defines. As text and as
//! a picture.

use crate::discover::Discovered;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use waylaid_code::{Job, TopicUse};
use waylaid_report::clean;
use waylaid_report::page::{Label, Page, plain, span};

/// Services, topics and tables of a folder.
#[derive(Serialize)]
pub struct CodeFlow {
    pub topics: Vec<Topic>,
    pub tables: Vec<Owned>,
    /// Places whose topic could not be told.
    pub untold: usize,
    /// What runs by the clock.
    pub jobs: Vec<Run>,
}

/// A job of a service.
#[derive(Serialize)]
pub struct Run {
    pub service: String,
    pub name: String,
    pub schedule: String,
    pub suspended: bool,
    pub path: String,
    pub line: u32,
    pub symbol: String,
    pub by: String,
}

/// A topic with its ends.
#[derive(Default, Serialize)]
#[expect(clippy::struct_field_names, reason = "the name that the JSON gives it")]
pub struct Topic {
    pub topic: String,
    pub published_by: Vec<End>,
    pub read_by: Vec<End>,
}

/// A place that publishes or reads.
#[derive(Serialize)]
pub struct End {
    pub service: String,
    pub path: String,
    pub line: u32,
    pub symbol: String,
    pub framework: String,
    pub how: String,
}

/// A table and the service whose code defines it.
#[derive(Serialize)]
pub struct Owned {
    pub table: String,
    pub service: String,
    pub path: String,
    pub line: u32,
}

/// The flow of what was found.
pub fn of(found: &Discovered) -> CodeFlow {
    let mut topics: BTreeMap<String, Topic> = BTreeMap::new();
    let mut tables = Vec::new();
    let (mut untold, mut jobs) = (0, Vec::new());
    for service in &found.services {
        let end = |u: &TopicUse| End {
            service: service.name.clone(),
            path: u.path.clone(),
            line: u.line,
            symbol: u.symbol.clone(),
            framework: u.framework.to_owned(),
            how: u.how.clone(),
        };
        for (uses, reads) in [(&service.publishes, false), (&service.handles, true)] {
            for used in uses {
                let topic = topics.entry(used.topic.clone()).or_default();
                topic.topic.clone_from(&used.topic);
                let list = if reads { &mut topic.read_by } else { &mut topic.published_by };
                list.push(end(used));
            }
        }
        untold += service.untold.len();
        jobs.extend(service.jobs.iter().map(|j| run(&service.name, j)));
        tables.extend(service.tables.iter().map(|t| Owned {
            table: t.name.clone(),
            service: service.name.clone(),
            path: t.path.clone(),
            line: t.line,
        }));
    }
    CodeFlow { topics: topics.into_values().collect(), tables, untold, jobs }
}

fn run(service: &str, job: &Job) -> Run {
    Run {
        service: service.to_owned(),
        name: job.name.clone(),
        schedule: job.schedule.clone(),
        suspended: job.suspended,
        path: job.path.clone(),
        line: job.line,
        symbol: job.symbol.clone(),
        by: job.by.to_owned(),
    }
}

/// As text.
pub fn page(flow: &CodeFlow) -> Page {
    let mut page = Page::new();
    page.heading("Topics", "as the code has them");
    for topic in &flow.topics {
        page.line([span(Label::Strong, clean::line(&topic.topic))]);
        for (word, ends) in [("published by", &topic.published_by), ("read by", &topic.read_by)] {
            if ends.is_empty() {
                page.line([span(Label::Warn, format!("  {word:<13}nobody here"))]);
            }
            for end in ends {
                let place = format!("{}:{}", clean::line(&end.path), end.line);
                page.line([
                    plain(format!("  {word:<13}{}  ", clean::line(&end.service))),
                    span(Label::Id, place),
                    span(Label::Dim, format!("  {} ({})", clean::line(&end.symbol), end.framework)),
                ]);
            }
        }
    }
    page.gap();
    page.heading("Tables", "by migrations and entities");
    for table in &flow.tables {
        let place = format!("{}:{}", clean::line(&table.path), table.line);
        page.line([
            span(Label::Strong, format!("{}  ", clean::line(&table.table))),
            plain(format!("{}  ", clean::line(&table.service))),
            span(Label::Id, place),
        ]);
    }
    if !flow.jobs.is_empty() {
        page.gap();
        page.heading("Jobs", "by the clock");
    }
    for job in &flow.jobs {
        let what = if job.name.is_empty() { &job.symbol } else { &job.name };
        let when = if job.schedule.is_empty() { "its schedule is not written there" } else { &job.schedule };
        page.line([
            span(Label::Strong, format!("{}  ", clean::line(what))),
            plain(format!("{}  {}  ", clean::line(&job.service), clean::line(when))),
            span(Label::Id, format!("{}:{}", clean::line(&job.path), job.line)),
            span(Label::Dim, format!("  ({})", job.by)),
            span(Label::Warn, if job.suspended { "  switched off" } else { "" }),
        ]);
    }
    if flow.untold > 0 {
        page.gap();
        page.line([span(
            Label::Warn,
            format!("{} more places use a topic whose name the code does not tell", flow.untold),
        )]);
    }
    page
}

const ROW: usize = 34;
const WIDTH: usize = 940;

/// As a picture: publishers on the left, topics between, readers on the right.
pub fn svg(flow: &CodeFlow) -> String {
    let left = column(flow.topics.iter().flat_map(|t| &t.published_by));
    let right = column(flow.topics.iter().flat_map(|t| &t.read_by));
    let rows = flow.topics.len().max(left.len()).max(right.len()).max(1);
    let height = rows * ROW + 60;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"13\" role=\"img\"><title>Topics as the code has them</title><rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    for (x, text) in [(120, "publishes"), (470, "topic"), (820, "reads")] {
        let _ = writeln!(out, "<text x=\"{x}\" y=\"24\" text-anchor=\"middle\" fill=\"#555\">{text}</text>");
    }
    let y = |row: usize| 50 + row * ROW;
    for (row, topic) in flow.topics.iter().enumerate() {
        for (ends, names, from, to) in
            [(&topic.published_by, &left, 220, 320), (&topic.read_by, &right, 620, 720)]
        {
            for end in ends {
                let Some(at) = names.iter().position(|n| *n == end.service) else { continue };
                let (a, b) = if from == 220 { (y(at), y(row)) } else { (y(row), y(at)) };
                let _ = writeln!(
                    out,
                    "<path d=\"M{from} {a} C{} {a} {} {b} {to} {b}\" fill=\"none\" stroke=\"#4a6fa5\"/>",
                    from + 50,
                    to - 50
                );
            }
        }
        boxed(&mut out, 320, y(row), 300, &topic.topic, "#fdf3d8");
    }
    for (names, x) in [(&left, 20), (&right, 720)] {
        for (row, name) in names.iter().enumerate() {
            boxed(&mut out, x, y(row), 200, name, "#dfe9f5");
        }
    }
    out.push_str("</svg>\n");
    out
}

fn column<'a>(ends: impl Iterator<Item = &'a End>) -> Vec<String> {
    let mut out: Vec<String> = ends.map(|e| e.service.clone()).collect();
    out.sort();
    out.dedup();
    out
}

fn boxed(out: &mut String, x: usize, y: usize, width: usize, text: &str, fill: &str) {
    let shown = clean::short(text, width / 8);
    let shown = shown.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let _ = writeln!(
        out,
        "<rect x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"24\" rx=\"4\" fill=\"{fill}\" stroke=\"#888\"/><text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{shown}</text>",
        y - 12,
        x + width / 2,
        y + 5
    );
}
