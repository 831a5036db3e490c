//! Jobs that a call sets up: node-cron, timers, Celery's beat, APScheduler, robfig's cron, gocron, tickers, Hangfire,
//! sidekiq-cron, whenever, rufus, Laravel's scheduler, executors of the JDK.

use super::annotated::name_of;
use super::{Job, View, is_cron, shown};
use crate::outline::{Argument, Call, Language, Value, last_name};

pub(super) fn find(view: &View<'_>, out: &mut Vec<Job>) {
    for call in &view.outline.calls {
        let Some((by, schedule, name)) = of_call(view, call) else { continue };
        let mut job = view.job(by, call.line, call.symbol);
        (job.schedule, job.name) = (schedule, name);
        out.push(job);
    }
    beat(view, out);
}

fn of_call(view: &View<'_>, call: &Call) -> Option<(&'static str, String, String)> {
    let at = |n: usize| call.arguments.get(n).map(|a| &a.value);
    let said = |n: usize| at(n).map(|v| view.said(call.symbol, v)).unwrap_or_default();
    let name = |n: usize| at(n).map(name_of).unwrap_or_default();
    let named = |key: &str| {
        let found = call.arguments.iter().find(|a| a.name == key).map(|a| &a.value);
        found.or_else(|| {
            call.arguments.iter().find_map(|a| match &a.value {
                Value::Object(fields) => fields.iter().find(|(k, _)| k == key).map(|(_, v)| v),
                _ => None,
            })
        })
    };
    let method = call.method();
    match view.outline.language {
        Language::JavaScript => match method {
            "schedule" | "CronJob" | "scheduleJob"
                if at(0)?.plain().is_some_and(is_cron) || (method == "CronJob") =>
            {
                Some(("node-cron", said(0), String::new()))
            }
            "setInterval" if call.receiver().is_empty() => Some(("setInterval", said(1), name(0))),
            "every" if call.receiver().to_lowercase().contains("agenda") => {
                Some(("agenda", said(0), name(1)))
            }
            "upsertJobScheduler" | "add" => {
                let repeat = named("repeat").or_else(|| (method != "add").then(|| at(1)).flatten())?;
                Some(("BullMQ", shown(repeat, 0), name(0)))
            }
            _ => None,
        },
        Language::Python => match method {
            "add_job" => Some(("APScheduler", triggers(&call.arguments), name(0))),
            "add_periodic_task" => Some(("Celery", said(0), name(1))),
            "do" if call.callee.starts_with("schedule.") => {
                let every = call.chain.iter().find(|(m, _)| m == "every").and_then(|(_, g)| g.first());
                let unit = call.receiver().rsplit('.').next().unwrap_or_default();
                let count = every.map(|a| shown(&a.value, 0)).unwrap_or_default();
                Some(("schedule", format!("every {count} {unit}").replace("  ", " "), name(0)))
            }
            _ => None,
        },
        Language::Go => match method {
            "AddFunc" | "AddJob" if at(0)?.plain().is_some_and(is_cron) || view.imports("cron") => {
                Some(("cron", said(0), name(1)))
            }
            "NewTicker" | "Tick" if call.receiver() == "time" => {
                Some(("ticker", period(view, call), String::new()))
            }
            "Do" if view.imports("gocron") => Some(("gocron", call.receiver().to_owned(), name(0))),
            "DurationJob" | "CronJob" if view.imports("gocron") => Some(("gocron", said(0), String::new())),
            _ => None,
        },
        Language::Rust => match method {
            "interval"
                if call.callee.contains("time::") || call.callee == "interval" && view.imports("tokio") =>
            {
                Some(("tokio", said(0), String::new()))
            }
            "new" | "new_async" if call.receiver() == "Job" && view.imports("cron") => {
                Some(("tokio-cron-scheduler", said(0), String::new()))
            }
            _ => None,
        },
        Language::Java | Language::Kotlin => match method {
            "scheduleAtFixedRate" | "scheduleWithFixedDelay" => {
                let rest: Vec<String> =
                    (1..call.arguments.len()).map(said).filter(|t| !t.is_empty()).collect();
                Some(("executor", rest.join(", "), name(0)))
            }
            "cronSchedule" => Some(("Quartz", said(0), String::new())),
            _ => None,
        },
        Language::CSharp => match method {
            "AddOrUpdate"
                if last_name(call.receiver()).starts_with("RecurringJob")
                    || call.receiver().to_lowercase().contains("recurring") =>
            {
                let cron = call.arguments.iter().rev().map(|a| view.said(call.symbol, &a.value));
                let cron = cron.filter(|t| is_cron(t) || t.starts_with("Cron.")).find(|t| !t.is_empty());
                Some(("Hangfire", cron.unwrap_or_default(), at(0)?.plain().unwrap_or_default().to_owned()))
            }
            "PeriodicTimer" => Some(("PeriodicTimer", said(0), String::new())),
            "WithCronSchedule" | "CronSchedule" => Some(("Quartz.NET", said(0), String::new())),
            "Timer" if call.arguments.len() >= 3 => Some(("Timer", said(call.arguments.len() - 1), name(0))),
            _ => None,
        },
        Language::Ruby => {
            let on = last_name(call.receiver());
            match method {
                "create" | "new" if call.callee.contains("Cron") => cron_job(call, &named),
                _ if call.callee.ends_with("Cron::Job") => cron_job(call, &named),
                "every" | "cron" if matches!(on, "" | "scheduler" | "s") => {
                    let by = if on.is_empty() { "whenever" } else { "rufus-scheduler" };
                    Some((by, said(0), name(1)))
                }
                _ => None,
            }
        }
        Language::Php => {
            let on = call.receiver().split('.').next().unwrap_or_default();
            let first =
                call.chain.first().filter(|(m, _)| matches!(m.as_str(), "command" | "job" | "call" | "exec"));
            let scheduled = on == "schedule" || on == "Schedule";
            const WHEN: &[&str] =
                &["cron", "daily", "hourly", "every", "weekly", "monthly", "twice", "quarterly", "yearly"];
            let (_, given) = first.filter(|_| scheduled && WHEN.iter().any(|w| method.starts_with(w)))?;
            let when = call.arguments.first().map(|a| shown(&a.value, 0)).unwrap_or_default();
            let schedule = if method == "cron" { when } else { format!("{method} {when}").trim().to_owned() };
            Some(("Laravel", schedule, given.first().map(|a| name_of(&a.value)).unwrap_or_default()))
        }
        Language::Plain => None,
    }
}

/// `Sidekiq::Cron::Job.create(name: 'a', cron: '* * * * *', class: 'B')`.
fn cron_job<'a>(
    call: &Call,
    named: &impl Fn(&str) -> Option<&'a Value>,
) -> Option<(&'static str, String, String)> {
    let cron = named("cron").map(|v| shown(v, 0)).filter(|_| !call.arguments.is_empty())?;
    Some(("sidekiq-cron", cron, named("class").or_else(|| named("name")).map(name_of).unwrap_or_default()))
}

/// `'interval', minutes=5`, `trigger=CronTrigger(hour=3)`.
fn triggers(given: &[Argument]) -> String {
    let rest = given.iter().skip(1).filter(|a| !matches!(a.name.as_str(), "id" | "args" | "kwargs" | "name"));
    let one = |a: &Argument| match a.name.as_str() {
        "" | "trigger" => shown(&a.value, 0),
        name => format!("{name}={}", shown(&a.value, 0)),
    };
    rest.map(one).filter(|t| !t.is_empty()).collect::<Vec<_>>().join(", ")
}

/// `5 * time.Second` says nothing as a value: the line's own text is not at hand, so only names are shown.
fn period(view: &View<'_>, call: &Call) -> String {
    call.arguments.first().map(|a| view.said(call.symbol, &a.value)).unwrap_or_default()
}

/// Celery's `beat_schedule = {'name': {'task': …, 'schedule': …}}`.
fn beat(view: &View<'_>, out: &mut Vec<Job>) {
    if view.outline.language != Language::Python {
        return;
    }
    for constant in
        view.outline.constants.iter().filter(|c| last_name(&c.name).to_lowercase().ends_with("beat_schedule"))
    {
        let Value::Object(jobs) = &constant.value else { continue };
        for (name, job) in jobs.iter().take(100) {
            let Value::Object(fields) = job else { continue };
            let field = |key: &str| fields.iter().find(|(k, _)| k == key).map(|(_, v)| v);
            let mut one = view.job("Celery", constant.line, constant.symbol);
            one.name = field("task").map_or_else(|| name.clone(), name_of);
            one.schedule = field("schedule").map(|v| shown(v, 0)).unwrap_or_default();
            out.push(one);
        }
    }
}
