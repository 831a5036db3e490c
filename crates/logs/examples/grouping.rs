//! Grouping accuracy on labelled logs: `cargo run --release -p waylaid-logs --example grouping -- FOLDER`.
//!
//! The folder holds `X_2k.log` with raw lines and `X_2k.log_structured.csv` with the columns `Content` and `EventId`.
//! Accuracy is the share of lines whose group holds exactly the lines of their true group.
#![allow(clippy::print_stdout, reason = "an example that prints is its purpose")]

use std::collections::HashMap;
use std::time::Instant;
use waylaid_logs::{GroupId, Grouper, parse_event, profile};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("give the folder with the labelled logs")?;
    let verbose = std::env::args().nth(2);
    let mut names: Vec<String> = std::fs::read_dir(&folder)?
        .filter_map(|e| e.ok()?.file_name().to_str()?.strip_suffix("_2k.log").map(str::to_owned))
        .collect();
    names.sort();
    let (mut on_content, mut on_raw) = (0.0, 0.0);
    for name in &names {
        let rows = read_csv(&std::fs::read_to_string(format!("{folder}/{name}_2k.log_structured.csv"))?);
        let header = rows.first().ok_or("an empty table")?;
        let column = |wanted: &str| header.iter().position(|c| c == wanted).ok_or("a column is missing");
        let (content, event) = (column("Content")?, column("EventId")?);
        let truth: Vec<&str> = rows[1..].iter().map(|r| r[event].as_str()).collect();
        let messages: Vec<String> = rows[1..].iter().map(|r| r[content].clone()).collect();
        let raw = std::fs::read(format!("{folder}/{name}_2k.log"))?;
        let shape = profile(&raw);
        let lines: Vec<String> = raw
            .split(|c| *c == b'\n')
            .filter(|l| !l.is_empty())
            .map(|l| parse_event(l, &shape).message)
            .collect();
        let start = Instant::now();
        let a = accuracy(&group(&messages), &truth);
        let seconds = start.elapsed().as_secs_f64();
        let b = accuracy(&group(&lines), &truth);
        on_content += a;
        on_raw += b;
        println!("{name:12} {a:.4} messages  {b:.4} raw  {:.2} M lines/s", 0.002 / seconds);
        if verbose.as_deref() == Some(name) {
            explain(&messages, &truth);
        }
        if verbose.as_deref() == Some("raw") {
            println!("   {:?} {:?}", lines[0], lines[lines.len() / 2]);
        }
    }
    let n = names.len() as f64;
    println!("{:12} {:.4} messages  {:.4} raw", "mean", on_content / n, on_raw / n);
    Ok(())
}

fn group(messages: &[String]) -> Vec<GroupId> {
    let mut grouper = Grouper::default();
    let ids: Vec<GroupId> = messages.iter().map(|m| grouper.add(m)).collect();
    ids.into_iter().map(|id| grouper.resolve(id)).collect()
}

fn accuracy(groups: &[GroupId], truth: &[&str]) -> f64 {
    let mut pairs: HashMap<(GroupId, &str), usize> = HashMap::new();
    let mut by_group: HashMap<GroupId, usize> = HashMap::new();
    let mut by_truth: HashMap<&str, usize> = HashMap::new();
    for (g, t) in groups.iter().zip(truth) {
        *pairs.entry((*g, t)).or_default() += 1;
        *by_group.entry(*g).or_default() += 1;
        *by_truth.entry(t).or_default() += 1;
    }
    let exact = |(g, t): (GroupId, &str), n: usize| by_group[&g] == n && by_truth[t] == n;
    let right: usize = pairs.iter().filter(|(k, n)| exact(**k, **n)).map(|(_, n)| n).sum();
    right as f64 / truth.len() as f64
}

/// The true groups that were split or mixed.
fn explain(messages: &[String], truth: &[&str]) {
    let mut grouper = Grouper::default();
    let ids: Vec<GroupId> = messages.iter().map(|m| grouper.add(m)).collect();
    let mut wrong: Vec<(String, Vec<String>)> = Vec::new();
    let mut by_truth: HashMap<&str, HashMap<GroupId, usize>> = HashMap::new();
    let mut by_group: HashMap<GroupId, HashMap<&str, usize>> = HashMap::new();
    for (id, t) in ids.iter().zip(truth) {
        let id = grouper.resolve(*id);
        *by_truth.entry(t).or_default().entry(id).or_default() += 1;
        *by_group.entry(id).or_default().entry(t).or_default() += 1;
    }
    for (t, groups) in &by_truth {
        let mixed: Vec<&GroupId> = groups.keys().filter(|g| by_group[g].len() > 1).collect();
        if groups.len() > 1 || !mixed.is_empty() {
            let total: usize = groups.values().sum();
            let mut shown: Vec<String> = groups
                .iter()
                .take(6)
                .map(|(g, n)| {
                    format!(
                        "{n} × {}{}",
                        grouper.template(*g),
                        if by_group[g].len() > 1 { "  (mixed)" } else { "" }
                    )
                })
                .collect();
            shown.sort();
            wrong.push((format!("{total:05} {t} in {} groups", groups.len()), shown));
        }
    }
    wrong.sort();
    for (title, shown) in wrong.iter().rev().take(25) {
        println!("  {title}");
        for line in shown {
            println!("      {line}");
        }
    }
}

/// Rows of a CSV with quoted cells.
fn read_csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quoted, c) {
            (true, '"') if chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            (true, '"') => quoted = false,
            (false, '"') => quoted = true,
            (false, ',') => row.push(std::mem::take(&mut cell)),
            (false, '\n') => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            (false, '\r') => {}
            _ => cell.push(c),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}
