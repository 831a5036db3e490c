//! Files of samples as servers, frameworks and drivers print them, with what must be read of each: `## name`, then lines
//! `> what is read`, then the text. `samples/lines.txt` holds pieces of logs, the others texts with violations.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::path::PathBuf;
use waylaid_logs::{FileProfile, Violation, classify, find_violations, parse_event, parse_exception};

struct Sample {
    name: String,
    expected: Vec<String>,
    text: String,
}

fn samples(file: &str) -> Vec<Sample> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(file);
    let mut samples: Vec<Sample> = Vec::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        if let Some(name) = line.strip_prefix("## ") {
            samples.push(Sample { name: name.to_owned(), expected: Vec::new(), text: String::new() });
            continue;
        }
        let sample = samples.last_mut().unwrap();
        match line.strip_prefix("> ").filter(|_| sample.text.is_empty()) {
            Some(expected) => sample.expected.push(expected.to_owned()),
            None => sample.text += &format!("{line}\n"),
        }
    }
    samples
}

/// Compares all samples of a file and shows every one that is read otherwise.
fn check(file: &str, read: impl Fn(&str) -> Vec<String>) {
    let samples = samples(file);
    assert!(samples.len() > 20, "{file} is there");
    let mut wrong = String::new();
    let mut count = 0;
    for sample in &samples {
        let told = read(&sample.text);
        let fits =
            told.len() == sample.expected.len() && told.iter().zip(&sample.expected).all(|(t, e)| fits(t, e));
        if !fits {
            count += 1;
            wrong += &format!("## {}\n", sample.name);
            sample.expected.iter().for_each(|e| wrong += &format!("  - {e}\n"));
            told.iter().for_each(|t| wrong += &format!("  + {t}\n"));
        }
    }
    assert!(wrong.is_empty(), "{count} of {} in {file} are read otherwise:\n{wrong}", samples.len());
}

/// A cell `*` stands for whatever is read.
fn fits(told: &str, expected: &str) -> bool {
    let (told, expected): (Vec<_>, Vec<_>) = (told.split(" | ").collect(), expected.split(" | ").collect());
    told.len() == expected.len() && told.iter().zip(&expected).all(|(t, e)| *e == "*" || t == e)
}

/// The events of a text: time, level, thread, logger, first line of the message, first line of the exception.
fn events(text: &str) -> Vec<String> {
    let profile = FileProfile::of(text.as_bytes()).with_year(Some(2026));
    let mut events: Vec<String> = Vec::new();
    let mut previous = "";
    for line in text.lines() {
        let begins =
            profile.starts_event(line.as_bytes()) && !profile.goes_on(previous.as_bytes(), line.as_bytes());
        match events.last_mut() {
            Some(event) if !begins => *event += &format!("\n{line}"),
            _ => events.push(line.to_owned()),
        }
        if !line.is_empty() {
            previous = line;
        }
    }
    let cell = |text: Option<&str>| match text.and_then(|t| t.lines().next()).map(str::trim_end) {
        None | Some("") => "-".to_owned(),
        Some(line) => line.replace('|', "\\|"),
    };
    events
        .iter()
        .map(|event| {
            let event = parse_event(event.as_bytes(), &profile);
            let time = event.time.map_or_else(|| "-".to_owned(), |t| t.to_string());
            let level = event.level.map_or_else(|| "-".to_owned(), |l| l.to_string());
            let texts = [&event.thread, &event.logger, &Some(event.message.clone()), &event.exception];
            let texts: Vec<String> = texts.iter().map(|t| cell(t.as_deref())).collect();
            format!("{time} | {level} | {}", texts.join(" | "))
        })
        .collect()
}

#[test]
fn lines_of_logs() {
    check("lines.txt", events);
}

/// Sort, code, constraint, schema and table, columns and values, the table referred to, whether it was cut.
fn line(v: &Violation) -> String {
    let text = |o: &Option<String>| o.clone().unwrap_or_else(|| "-".into());
    let referenced = v.referenced_table.as_ref().map_or_else(String::new, |r| format!(" -> {r}"));
    format!(
        "{} {} {} {}.{} ({})=({}){referenced}{}",
        v.sub.as_str(),
        text(&v.vendor_code),
        text(&v.constraint),
        text(&v.schema),
        text(&v.table),
        v.columns.join("|"),
        v.values.join("|").replace('\n', "⏎"),
        if v.truncated { " cut" } else { "" }
    )
}

/// Each line of the file: a kind, a bar, a text.
#[test]
fn kinds_of_failures() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/samples/kinds.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let wrong: Vec<String> = text
        .lines()
        .filter_map(|line| {
            let (kind, text) = line.split_once('|').unwrap();
            let told = classify(parse_exception(text).as_ref(), text, &[]).map_or("none", |k| k.as_str());
            (told != kind).then(|| format!("{told}, not {kind}: {text}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn violations(text: &str) -> Vec<String> {
    find_violations(text).iter().map(line).collect()
}

#[test]
fn violations_of_postgres() {
    check("postgres.txt", violations);
}

#[test]
fn violations_of_others() {
    check("databases.txt", violations);
}

#[test]
fn violations_in_wrappers() {
    check("wrappers.txt", violations);
}
