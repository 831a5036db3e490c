//! Scheduled jobs: what runs by the clock, by which schedule, where its code or its manifest stands, and whether it is
//! switched off there.

mod annotated;
mod called;
mod files;

use crate::checkout::SourceFile;
use crate::configuration::{Configuration, is_test};
use crate::index::Index;
use crate::outline::{Argument, Outline, Part, Value};
use crate::resolve::{At, HOLE, Resolver};
pub(crate) use files::is_crontab;

/// Something that runs by the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// What makes it one: `Spring`, `node-cron`, `CronJob`, `crontab`, …
    pub by: &'static str,
    /// Its name, or what it runs, where that is written.
    pub name: String,
    /// Path inside the checkout.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// The function that it runs, or in which it is set up.
    pub symbol: String,
    /// When it runs, as written: a cron expression, a period.
    pub schedule: String,
    /// Whether it is switched off where it stands: `suspend: true`, commented out, a cron of `-`.
    pub suspended: bool,
}

/// Most jobs of a checkout.
const MOST: usize = 2_000;

/// The jobs of a checkout: code first, then manifests and tables; tests are left out.
pub(crate) fn find(files: &[SourceFile], index: &Index, configuration: &Configuration) -> Vec<Job> {
    let resolver = Resolver::new(index, configuration);
    let mut out = Vec::new();
    for (file, indexed) in index.files.iter().enumerate().filter(|(_, f)| !is_test(&f.path)) {
        let view = View { resolver: &resolver, file, path: &indexed.path, outline: &indexed.outline };
        annotated::find(&view, &mut out);
        called::find(&view, &mut out);
    }
    for file in files.iter().filter(|f| !is_test(&f.path)) {
        files::find(file, &mut out);
    }
    out.truncate(MOST);
    out
}

/// A file as the rules see it.
struct View<'a> {
    resolver: &'a Resolver<'a>,
    file: usize,
    path: &'a str,
    outline: &'a Outline,
}

impl View<'_> {
    fn imports(&self, part: &str) -> bool {
        self.outline.imports.iter().any(|i| i.contains(part))
    }

    /// A schedule: what the code and its configuration say, else as it is written.
    fn said(&self, symbol: Option<u32>, value: &Value) -> String {
        if matches!(value, Value::Text(_) | Value::Name(_)) {
            let told = self.resolver.texts(At::new(self.file, symbol), value).into_iter().next();
            if let Some(told) = told.filter(|t| !t.text.contains(HOLE)) {
                return told.text;
            }
        }
        shown(value, 0)
    }

    fn job(&self, by: &'static str, line: u32, symbol: Option<u32>) -> Job {
        Job {
            by,
            name: String::new(),
            path: self.path.to_owned(),
            line,
            symbol: self.outline.symbol_name(symbol),
            schedule: String::new(),
            suspended: false,
        }
    }
}

/// A value as a reader would write it, shortened.
fn shown(value: &Value, depth: u8) -> String {
    let all = |given: &[Argument]| {
        let one = |a: &Argument| match a.name.as_str() {
            "" => shown(&a.value, depth + 1),
            name => format!("{name}={}", shown(&a.value, depth + 1)),
        };
        given.iter().take(6).map(one).filter(|t| !t.is_empty()).collect::<Vec<_>>().join(", ")
    };
    let text = match value {
        _ if depth > 4 => String::new(),
        Value::Text(template) => {
            let part = |p: &Part| match p {
                Part::Text(text) => text.clone(),
                Part::Hole(hole) => hole.name.clone(),
            };
            template.parts.iter().map(part).collect()
        }
        Value::Name(name) => name.clone(),
        Value::Call(callee, given) if given.is_empty() => callee.clone(),
        Value::Call(callee, given) => format!("{callee}({})", all(given)),
        Value::Object(fields) => {
            let one = |(key, value): &(String, Value)| format!("{key}: {}", shown(value, depth + 1));
            fields.iter().take(6).map(one).collect::<Vec<_>>().join(", ")
        }
        Value::List(values) | Value::Either(values) => {
            values.iter().take(4).map(|v| shown(v, depth + 1)).collect::<Vec<_>>().join(", ")
        }
        Value::Other => String::new(),
    };
    text.chars().take(120).collect()
}

/// Whether a text is a cron expression of five to seven fields, or a name that stands for one.
fn is_cron(text: &str) -> bool {
    let text = text.trim();
    if let Some(name) = text.strip_prefix('@') {
        let name = name.split_whitespace().next().unwrap_or_default();
        return matches!(
            name,
            "hourly"
                | "daily"
                | "weekly"
                | "monthly"
                | "yearly"
                | "annually"
                | "midnight"
                | "every"
                | "reboot"
        );
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    (5..=7).contains(&fields.len())
        && fields.iter().all(|f| {
            f.chars().all(|c| c.is_ascii_alphanumeric() || "*/,-?#".contains(c))
                && (f.starts_with(|c: char| c.is_ascii_digit() || "*?".contains(c)) || is_named_field(f))
        })
}

fn is_named_field(field: &str) -> bool {
    const NAMES: &[&str] = &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon", "tue",
        "wed", "thu", "fri", "sat", "sun", "l",
    ];
    field.split([',', '-']).all(|p| NAMES.contains(&p.to_lowercase().as_str()))
}

#[cfg(test)]
mod tests;
