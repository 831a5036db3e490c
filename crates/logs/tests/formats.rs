//! The table of docs/formats.md is what it says: each sample is read, and what was read must stand beside it.
//!
//! `WAYLAID_WRITE=1 cargo test -p waylaid-logs --test formats` writes what is read into the table; read the diff.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::path::Path;
use waylaid_logs::{FileProfile, parse_event, starts_event};

fn cell(text: &str) -> String {
    let shown = text.replace('\n', "⏎").replace('\t', "⇥").replace('|', "\\|");
    if shown.is_empty() { String::new() } else { format!("`{shown}`") }
}

fn sample(cell: &str) -> String {
    let text = cell.trim().trim_start_matches('`').trim_end_matches('`');
    text.replace('⏎', "\n").replace('⇥', "\t").replace('␛', "\u{1b}").replace("\\|", "|")
}

/// The cells of a row of a table; bars in cells are escaped.
fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().trim_start_matches('|');
    let mut cells = vec![String::new()];
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('|')) => {
                chars.next();
                cells.last_mut().unwrap().push_str("\\|");
            }
            ('|', _) => cells.push(String::new()),
            (c, _) => cells.last_mut().unwrap().push(c),
        }
    }
    cells.pop();
    cells
}

/// A row with what is read of its sample.
fn read(name: &str, shown: &str) -> String {
    let text = sample(shown);
    let many = format!("{text}\n{text}\n{text}\n");
    let profile = FileProfile::of(many.as_bytes()).with_year(Some(2026));
    let event = parse_event(text.as_bytes(), &profile);
    let time = event.time.map_or_else(String::new, |t| t.to_string());
    let time =
        if event.zone_assumed && event.time.is_some() { format!("{time}, zone assumed") } else { time };
    let exception = event.exception.unwrap_or_default();
    let head = exception.lines().next().unwrap_or_default();
    format!(
        "| {} | `{}` | {} | {} | {} | {} | {} | {} |",
        name.trim(),
        shown.trim().trim_matches('`'),
        time,
        event.level.map_or_else(String::new, |l| l.to_string()),
        cell(&event.thread.unwrap_or_default()),
        cell(&event.logger.unwrap_or_default()),
        cell(&event.message),
        cell(head),
    )
}

#[test]
fn the_table_is_what_is_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut out = String::new();
    let (mut samples, mut lost) = (0, Vec::<String>::new());
    for line in text.lines() {
        let cells = if line.starts_with("| ") { cells(line) } else { Vec::new() };
        match cells.as_slice() {
            [name, shown, ..] if shown.trim().starts_with('`') => {
                samples += 1;
                let first = sample(shown);
                let begins = starts_event(first.lines().next().unwrap_or_default().as_bytes());
                if !begins {
                    lost.push(first);
                }
                out += &read(name, shown);
            }
            _ => out += line,
        }
        out.push('\n');
    }
    assert!(samples >= 40, "{samples} samples");
    if std::env::var_os("WAYLAID_WRITE").is_some() {
        std::fs::write(&path, &out).unwrap();
    }
    assert!(lost.is_empty(), "no event begins: {lost:#?}");
    for (is, should) in text.lines().zip(out.lines()) {
        assert_eq!(is, should, "docs/formats.md tells something else than what is read");
    }
}

/// Events cut from any bytes add up to these bytes, and reading each of them loses no word of a text without a header.
#[test]
fn nothing_is_lost() {
    let plain = proptest::test_runner::Config { failure_persistence: None, ..Default::default() };
    proptest::proptest!(plain, |(lines in proptest::collection::vec(r#"(2026-11-22T10:11:12Z INFO |\{"msg":"|\tat |Caused by: |[a-z]{3,9} |[\x00-\x1a\x1c-\xff]{0,3}|stdout P |é|"\}|: |\[main\] ){0,9}"#, 0..20))| {
        let text = lines.join("\n");
        let profile = FileProfile::of(text.as_bytes());
        let mut events: Vec<String> = Vec::new();
        for line in text.split_inclusive('\n') {
            match events.last_mut() {
                Some(event) if !profile.starts_event(line.trim_end_matches('\n').as_bytes()) => event.push_str(line),
                _ => events.push(line.to_owned()),
            }
        }
        proptest::prop_assert_eq!(events.concat(), text.clone());
        for event in &events {
            let read = parse_event(event.as_bytes(), &profile);
            if read.time.is_some() || read.level.is_some() || !read.fields.is_empty() || read.logger.is_some() {
                continue;
            }
            let kept = format!("{} {}", read.message, read.exception.unwrap_or_default());
            for word in event.split(|c: char| !c.is_ascii_lowercase()).filter(|w| w.len() > 3) {
                proptest::prop_assert!(kept.contains(word), "{:?} lost {:?}: {:?}", event, word, kept);
            }
        }
    });
}
