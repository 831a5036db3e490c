//! Jobs that an annotation, a decorator or a base class makes: Spring, Quarkus, Micronaut, NestJS, APScheduler, Celery,
//! .NET's background services, Quartz's classes.

use super::{Job, View};
use crate::outline::{Annotation, Language, SymbolKind, Value, last_name};

pub(super) fn find(view: &View<'_>, out: &mut Vec<Job>) {
    for annotation in &view.outline.annotations {
        let Some(by) = by(view, annotation) else { continue };
        let symbol = view.outline.annotated(annotation);
        let mut job = view.job(by, annotation.line, symbol);
        let parts: Vec<String> = annotation
            .arguments
            .iter()
            .filter(|a| {
                !matches!(a.name.as_str(), "zone" | "timeUnit" | "scheduler" | "identity" | "id" | "name")
            })
            .map(|a| {
                let said = view.said(annotation.symbol, &a.value);
                let plain = matches!(a.name.as_str(), "" | "cron" | "every");
                if plain { said } else { format!("{} {said}", a.name) }
            })
            .filter(|p| !p.trim().is_empty())
            .collect();
        job.suspended = parts.iter().any(|p| matches!(p.as_str(), "-" | "off" | "disabled"));
        job.schedule = parts.join(", ");
        out.push(job);
    }
    classes(view, out);
}

fn by(view: &View<'_>, annotation: &Annotation) -> Option<&'static str> {
    let name = last_name(&annotation.name);
    let plain = annotation.name.trim_start_matches('@');
    Some(match view.outline.language {
        Language::Java | Language::Kotlin if name == "Scheduled" => {
            if view.imports("quarkus") {
                "Quarkus"
            } else if view.imports("micronaut") {
                "Micronaut"
            } else {
                "Spring"
            }
        }
        Language::Java | Language::Kotlin if name == "Schedule" && view.imports("ejb") => "EJB",
        Language::JavaScript if matches!(name, "Cron" | "Interval") && view.imports("@nestjs/schedule") => {
            "NestJS"
        }
        Language::Python => match name {
            "scheduled_job" => "APScheduler",
            "periodic_task" => "Celery",
            "repeat_every" => "fastapi-utils",
            "crontab" => "aiocron",
            "repeat" if plain.starts_with("repeat") && view.imports("schedule") => "schedule",
            _ => return None,
        },
        _ => return None,
    })
}

/// `class X : BackgroundService`, `class X implements Job`: what they run has a function of a known name.
fn classes(view: &View<'_>, out: &mut Vec<Job>) {
    for (number, class) in
        view.outline.symbols.iter().enumerate().filter(|(_, s)| s.kind == SymbolKind::Class)
    {
        let is = |t: &String, name: &str| last_name(t.split('<').next().unwrap_or(t)) == name;
        let has = |name: &str| class.types.iter().any(|t| is(t, name));
        let (by, function) = match view.outline.language {
            Language::CSharp if has("BackgroundService") => ("BackgroundService", "ExecuteAsync"),
            Language::CSharp if has("IJob") => ("Quartz.NET", "Execute"),
            Language::Java | Language::Kotlin
                if view.imports("quartz") && (has("Job") || has("QuartzJobBean")) =>
            {
                let bean = has("QuartzJobBean");
                ("Quartz", if bean { "executeInternal" } else { "execute" })
            }
            _ => continue,
        };
        let own = |s: &crate::outline::Symbol| s.parent == Some(number as u32) && s.name == function;
        let runs = view.outline.symbols.iter().position(own).map(|n| n as u32);
        let line = runs.map_or(class.line, |n| view.outline.symbols[n as usize].line);
        let mut job = view.job(by, line, runs.or(Some(number as u32)));
        class.name.clone_into(&mut job.name);
        job.schedule = if by == "BackgroundService" { period(view, runs) } else { String::new() };
        out.push(job);
    }
}

/// How long a background service waits between its rounds, where that is written.
fn period(view: &View<'_>, symbol: Option<u32>) -> String {
    let inside = view.outline.calls.iter().filter(|c| symbol.is_some() && c.symbol == symbol);
    let waits =
        inside.filter(|c| matches!(c.method(), "Delay" | "PeriodicTimer")).find_map(|c| c.arguments.first());
    waits.map(|a| view.said(symbol, &a.value)).filter(|t| !t.is_empty()).unwrap_or_default()
}

/// What a job's name is, of an argument that is a class, a function or a text.
pub(super) fn name_of(value: &Value) -> String {
    match value {
        Value::Text(_) => value.plain().unwrap_or_default().to_owned(),
        Value::Name(name) => name.clone(),
        Value::Call(callee, _) => callee.clone(),
        _ => String::new(),
    }
}
