//! Measures statements found for real log lines that name their own place: `where_tagged CODE LOGS… [--misses]`.
//!
//! `CODE` holds a checkout a service (and libraries that all share, named `*-common`); `LOGS` a folder a service with
//! docker's JSON lines whose text holds `Class#line`. The tag is cut out before the line is asked about and compared
//! afterwards. Lines of services without a checkout must come out as not in the code.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement, no part of the product")]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use waylaid_code::{Outcome, Sources, locate};
use waylaid_logs::{parse_event, profile};

/// A tagged line: service, the line without its tag, class and line of the tag.
struct Row {
    service: String,
    raw: String,
    class: String,
    line: u32,
}

#[derive(Default)]
struct Count {
    lines: usize,
    exact: usize,
    tied: usize,
    wrong: usize,
    none: usize,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let misses = arguments.iter().any(|a| a == "--misses");
    let paths: Vec<PathBuf> = arguments.iter().filter(|a| !a.starts_with("--")).map(PathBuf::from).collect();
    let code: Vec<Sources> = folders(&paths[0]).iter().map(|f| Sources::read(&name(f), f)).collect();
    let rows: Vec<Row> = paths[1..].iter().flat_map(|p| rows(p)).collect();
    for everything in [false, true] {
        let what = if everything {
            "all checkouts at once"
        } else {
            "the service's own checkout and the common ones"
        };
        measure(&code, &rows, everything, misses, what);
    }
}

fn measure(code: &[Sources], rows: &[Row], everything: bool, misses: bool, what: &str) {
    let mut mine = Count::default();
    let mut foreign = Count::default();
    let mut statements: BTreeMap<(String, String, u32), Count> = BTreeMap::new();
    let mut answers = HashMap::new();
    for row in rows {
        let own = code.iter().any(|c| c.service == row.service);
        let among: Vec<&Sources> = code
            .iter()
            .filter(|c| everything || !own || c.service == row.service || c.service.ends_with("-common"))
            .collect();
        let answer = answers.entry((row.service.clone(), row.raw.clone())).or_insert_with(|| {
            let event = parse_event(row.raw.as_bytes(), &profile(row.raw.as_bytes()));
            locate(&among, &event, &row.raw)
        });
        let is = |p: &waylaid_code::Place| {
            p.path.ends_with(&format!("/{}.java", row.class)) && (p.line..=p.end_line).contains(&row.line)
        };
        let count = |c: &mut Count| {
            c.lines += 1;
            match (answer.outcome, answer.statements.first()) {
                (Outcome::NotInCode, _) | (_, None) => c.none += 1,
                (_, Some(first)) if answer.alike == 1 && is(first) => c.exact += 1,
                _ if answer.statements.iter().take(answer.alike).any(is) => c.tied += 1,
                _ => c.wrong += 1,
            }
        };
        count(if own { &mut mine } else { &mut foreign });
        if own {
            count(statements.entry((row.service.clone(), row.class.clone(), row.line)).or_default());
        }
        if misses && (own != answer.statements.first().is_some_and(is)) {
            let got =
                answer.statements.first().map_or("nothing".to_owned(), |p| format!("{}:{}", p.path, p.line));
            println!(
                "{}#{} {} got {got}",
                row.class,
                row.line,
                row.raw.chars().take(260).collect::<String>()
            );
        }
    }
    println!("\n== {what}");
    let show = |c: &Count| {
        format!(
            "{} lines: {} exact, {} tied with the right one, {} wrong, {} not found",
            c.lines, c.exact, c.tied, c.wrong, c.none
        )
    };
    println!("services with code: {}", show(&mine));
    let exact = statements.values().filter(|c| c.exact == c.lines).count();
    let tied = statements.values().filter(|c| c.wrong + c.none == 0 && c.tied > 0).count();
    println!(
        "  distinct statements: {} of which {exact} always exact, {tied} told as a tie, {} otherwise",
        statements.len(),
        statements.len() - exact - tied
    );
    println!("services without code: {} (a statement named there is a false one)", show(&foreign));
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> =
        std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    out.sort();
    out
}

fn rows(logs: &Path) -> Vec<Row> {
    let mut out = Vec::new();
    for service in folders(logs) {
        for file in std::fs::read_dir(&service).unwrap().map(|e| e.unwrap().path()) {
            let text = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
            out.extend(text.lines().filter_map(|l| row(&name(&service), l)));
        }
    }
    out
}

/// A line with its tag cut out.
fn row(service: &str, raw: &str) -> Option<Row> {
    let at = raw.find('#')?;
    let from = raw[..at].rfind(' ')? + 1;
    let digits = raw[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
    let line = raw[at + 1..at + 1 + digits].parse().ok()?;
    let class = raw[from..at].rsplit('.').next()?.to_owned();
    let end = at + 1 + digits;
    let tagged = raw[end..].starts_with(" TraceID:") && class.starts_with(|c: char| c.is_uppercase());
    tagged.then(|| Row {
        service: service.to_owned(),
        raw: format!("{}{}", &raw[..from], raw[end..].trim_start()),
        class,
        line,
    })
}
