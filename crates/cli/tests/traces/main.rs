//! `waylaid where` on stack traces that broken programs really printed (`record.py`): where the file and the line that
//! mend the fault stand in the answer, in the code as it ran and in a checkout that has moved on since.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
#![allow(clippy::print_stdout, reason = "the figures are what is measured")]

#[path = "../common/mod.rs"]
mod common;

use common::{command, copy};
use serde::Deserialize;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// What `faults.json` says of a program.
#[derive(Deserialize)]
struct Told {
    language: String,
    faults: Vec<Fault>,
}

/// One planted fault: the line that mends it was named before anything was asked.
#[derive(Deserialize)]
struct Fault {
    name: String,
    path: String,
    text: String,
}

/// At which place of an answer something stands, from 1.
#[derive(Clone, Copy, Default)]
struct Place {
    file: Option<usize>,
    line: Option<usize>,
}

fn programs() -> Vec<PathBuf> {
    let folder = common::root().join("crates/cli/tests/traces/programs");
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    all.sort();
    all
}

/// All places that an answer shows a person, in its order: path and line.
fn shown(checkout: &Path, recorded: &str) -> Vec<(String, u32)> {
    let mut command = command(checkout, &["where", "--code", "."]);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = child.unwrap();
    child.stdin.take().unwrap().write_all(recorded.as_bytes()).unwrap();
    let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    output.lines().filter_map(place).collect()
}

/// `  frame     src/a.py:7  A.b` as path and line.
fn place(line: &str) -> Option<(String, u32)> {
    const ROLES: &[&str] = &["logged by", "raised by", "frame", "tested", "text in"];
    let line = line.strip_prefix("  ")?;
    let rest = ROLES.iter().find_map(|r| line.strip_prefix(r)?.strip_prefix(' '))?.trim_start();
    let (path, number) = rest.split("  ").next()?.rsplit_once(':')?;
    Some((path.to_owned(), number.parse().ok()?))
}

/// The line that mends the fault, in a checkout.
fn line_of(checkout: &Path, fault: &Fault) -> u32 {
    let text = std::fs::read_to_string(checkout.join(&fault.path)).unwrap();
    let lines: Vec<usize> =
        text.lines().enumerate().filter(|(_, l)| l.trim() == fault.text).map(|(n, _)| n + 1).collect();
    assert_eq!(lines.len(), 1, "{}: {}", fault.path, fault.text);
    lines[0] as u32
}

fn rank(checkout: &Path, fault: &Fault, recorded: &str) -> Place {
    let all = shown(checkout, recorded);
    let line = line_of(checkout, fault);
    let at = |is: &dyn Fn(&(String, u32)) -> bool| all.iter().position(is).map(|at| at + 1);
    Place {
        file: at(&|(path, _)| *path == fault.path),
        line: at(&|(path, at)| *path == fault.path && *at == line),
    }
}

/// A checkout that has moved on: every source file begins with some lines more, and some stand before the faulty line.
fn moved(program: &Path, into: &Path, told: &Told) {
    copy(program, into);
    let mut files: Vec<PathBuf> = Vec::new();
    sources(into, &mut files);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let comment = if file.extension().is_some_and(|e| e == "py" || e == "rb") { "#" } else { "//" };
        let mut out = String::new();
        for (number, line) in text.lines().enumerate() {
            let is_fault =
                |f: &Fault| file == into.join(&f.path) && f.text == line.trim() && !line.starts_with(' ');
            if told.faults.iter().any(|f| file == into.join(&f.path) && f.text == line.trim())
                && !told.faults.iter().any(is_fault)
                && !text.lines().nth(number.saturating_sub(1)).is_some_and(|l| l.ends_with(['=', '(', '.']))
            {
                let indent = &line[..line.len() - line.trim_start().len()];
                out.push_str(&format!("{indent}{comment} One line more than what ran.\n"));
            }
            out.push_str(line);
            out.push('\n');
            if number == 0 {
                out.push_str(&format!("{comment} Moved on since.\n").repeat(6));
            }
        }
        std::fs::write(&file, out).unwrap();
    }
}

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        if path.is_dir() {
            sources(&path, out);
        } else if ["java", "py", "js", "ts", "go", "rs", "rb", "php"].contains(&ending) {
            out.push(path);
        }
    }
}

/// How many of all are at rank 1, among the first five, and with the very line there.
#[derive(Default)]
struct Score {
    all: usize,
    first: usize,
    five: usize,
    line_first: usize,
    line_five: usize,
}

impl Score {
    fn add(&mut self, place: Place) {
        self.all += 1;
        self.first += usize::from(place.file == Some(1));
        self.five += usize::from(place.file.is_some_and(|r| r <= 5));
        self.line_first += usize::from(place.line == Some(1));
        self.line_five += usize::from(place.line.is_some_and(|r| r <= 5));
    }

    fn say(&self, what: &str) {
        println!(
            "{what:24} {:3} traces: file first {:3}, in the first five {:3}; the very line first {:3}, in the first five {:3}",
            self.all, self.first, self.five, self.line_first, self.line_five
        );
    }
}

#[test]
fn the_mended_line_is_near_the_top() {
    let (mut ran, mut since) = (Score::default(), Score::default());
    for program in programs() {
        let told: Told =
            serde_json::from_str(&std::fs::read_to_string(program.join("faults.json")).unwrap()).unwrap();
        let (as_it_ran, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        copy(&program, as_it_ran.path());
        moved(&program, other.path(), &told);
        let mut of_language = Score::default();
        for fault in &told.faults {
            let recorded =
                std::fs::read_to_string(program.join("recorded").join(format!("{}.log", fault.name)));
            let recorded = recorded.unwrap();
            let (a, b) = (rank(as_it_ran.path(), fault, &recorded), rank(other.path(), fault, &recorded));
            println!(
                "{:20} {:24} file {:?} line {:?}; moved: file {:?} line {:?}",
                told.language, fault.name, a.file, a.line, b.file, b.line
            );
            of_language.add(a);
            ran.add(a);
            since.add(b);
        }
        of_language.say(&told.language);
    }
    ran.say("as it ran");
    since.say("moved on since");
    // A floor below what was reached, so that a rule which costs traces is noticed.
    assert!(ran.all >= 60 && ran.first >= 58 && ran.five >= 58 && ran.line_first >= 40, "as it ran");
    assert!(since.first >= 55 && since.five >= 55 && since.line_first >= 26, "moved on since");
}
