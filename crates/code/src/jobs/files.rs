//! Jobs that files set up: Kubernetes' CronJobs, crontabs, sidekiq-cron's and whenever's tables, systemd's timers.

use super::{Job, is_cron};
use crate::checkout::SourceFile;
use crate::configuration::{Flat, flat_yaml};

/// So many entries of one file are looked at.
const MOST: usize = 400;

pub(super) fn find(file: &SourceFile, out: &mut Vec<Job>) {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path).to_lowercase();
    let ending = name.rsplit('.').next().unwrap_or_default();
    if is_crontab(&file.path) {
        crontab(file, out);
    } else if matches!(ending, "yml" | "yaml") {
        if file.text.contains("CronJob") {
            manifest(file, out);
        } else if name.contains("schedule") || name.contains("sidekiq") {
            table(file, out);
        }
    } else if ending == "timer" {
        timer(file, out);
    }
}

/// Whether a path is one of a crontab.
pub(crate) fn is_crontab(path: &str) -> bool {
    let lower = path.to_lowercase();
    let (folder, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let of_cron = folder.split('/').any(|p| matches!(p, "cron.d" | "crontab.d" | "crontabs"));
    let ending = name.rsplit_once('.').map_or("", |(_, e)| e);
    let named = matches!(ending, "cron" | "crontab");
    matches!(name, "crontab" | "crontab.txt") || named || (of_cron && ending.is_empty())
}

fn job(by: &'static str, file: &SourceFile, line: u32) -> Job {
    Job {
        by,
        name: String::new(),
        path: file.path.clone(),
        line,
        symbol: String::new(),
        schedule: String::new(),
        suspended: false,
    }
}

/// `kind: CronJob` with its schedule, and `suspend: true`.
fn manifest(file: &SourceFile, out: &mut Vec<Job>) {
    let flat = flat_yaml(&file.text);
    let documents: std::collections::BTreeSet<u32> = flat.iter().map(|f| f.document).collect();
    for document in documents.into_iter().take(MOST) {
        let of = |path: &[&str]| flat.iter().find(|f| f.document == document && f.path == path);
        if of(&["kind"]).is_none_or(|k| k.value != "CronJob") {
            continue;
        }
        let Some(schedule) = of(&["spec", "schedule"]) else { continue };
        let suspend = of(&["spec", "suspend"]).filter(|s| s.value == "true");
        let mut one = job("CronJob", file, suspend.map_or(schedule.line, |s| s.line));
        one.name = of(&["metadata", "name"]).map(|n| n.value.clone()).unwrap_or_default();
        one.schedule.clone_from(&schedule.value);
        one.suspended = suspend.is_some();
        out.push(one);
    }
}

/// Lines of a crontab; those that are commented out are switched off.
fn crontab(file: &SourceFile, out: &mut Vec<Job>) {
    for (number, line) in file.text.lines().enumerate().take(10_000) {
        let trimmed = line.trim();
        let (off, entry) = match trimmed.strip_prefix('#') {
            Some(rest) => (true, rest.trim_start_matches('#').trim()),
            None => (false, trimmed),
        };
        let fields = if entry.starts_with('@') { 1 } else { 5 };
        let words: Vec<&str> = entry.split_whitespace().collect();
        let Some((when, what)) =
            words.split_at_checked(fields).filter(|(w, c)| !w.is_empty() && !c.is_empty())
        else {
            continue;
        };
        let schedule = when.join(" ");
        // A sentence is no schedule, and prose behind a comment sign is often one of five short words.
        let digits = schedule.starts_with('@')
            || when.iter().any(|f| f.starts_with(|c: char| c.is_ascii_digit() || c == '*'));
        if is_cron(&schedule) && digits {
            let mut one = job("crontab", file, number as u32 + 1);
            one.name = command(what);
            (one.schedule, one.suspended) = (schedule, off);
            out.push(one);
        }
    }
}

/// What a crontab runs, without anything that may be a secret: values of variables, of options, inside of addresses.
fn command(words: &[&str]) -> String {
    let is_assignment = |w: &str| w.split_once('=').is_some_and(|(name, _)| !name.contains(['/', '-']));
    let mut out: Vec<&str> = Vec::new();
    let mut options = false;
    for word in words.iter().filter(|w| !is_assignment(w)) {
        let is_option = word.starts_with('-');
        let short = is_option && !word.starts_with("--") && word.len() > 2;
        if word.contains(['=', ':', '@', '$', '"', '\'', '`']) || short || options && !is_option {
            break;
        }
        options |= is_option;
        out.push(word);
    }
    out.join(" ").chars().take(120).collect()
}

/// `nightly: { cron: "0 3 * * *", class: "X" }` of sidekiq-cron and sidekiq-scheduler.
fn table(file: &SourceFile, out: &mut Vec<Job>) {
    let flat = flat_yaml(&file.text);
    let timed = |f: &&Flat| f.path.last().is_some_and(|l| matches!(l.as_str(), "cron" | "every"));
    for entry in flat.iter().filter(timed).take(MOST) {
        let Some((_, above)) = entry.path.split_last() else { continue };
        let beside = |key: &str| {
            flat.iter().find(|f| {
                f.document == entry.document
                    && f.path.split_last().is_some_and(|(l, a)| l == key && a == above)
            })
        };
        let Some(class) = beside("class") else { continue };
        let mut one = job("sidekiq", file, entry.line);
        one.name.clone_from(&class.value);
        one.schedule.clone_from(&entry.value);
        let is = |key: &str, value: &str| beside(key).is_some_and(|f| f.value == value);
        one.suspended = is("status", "disabled") || is("enabled", "false");
        out.push(one);
    }
}

/// `OnCalendar=` of a systemd timer.
fn timer(file: &SourceFile, out: &mut Vec<Job>) {
    for (number, line) in file.text.lines().enumerate().take(1_000) {
        let entry =
            line.split_once('=').filter(|(key, _)| matches!(key.trim(), "OnCalendar" | "OnUnitActiveSec"));
        if let Some((_, value)) = entry {
            let mut one = job("systemd", file, number as u32 + 1);
            value.trim().clone_into(&mut one.schedule);
            file.path.rsplit('/').next().unwrap_or_default().clone_into(&mut one.name);
            out.push(one);
        }
    }
}
