//! What leaves on the way to a line, outwards from the function that holds it. Told by syntax, callers by their text.

use crate::configuration::is_test;
use crate::deciding::{file_at, is_empty_test, statement};
use crate::outline::{Condition, SymbolKind, last_name};
use crate::{IndexedFile, Sources, Statement};

/// How many conditions are told.
const MOST: usize = 2;
/// How many functions around are looked at.
const OUTWARDS: usize = 3;

/// The conditions that leave a function before the line is reached, the nearest first and those that only ask whether
/// there is anything after the others; where the function has none but such that ask for an error, those before its only
/// call, and so on outwards.
pub fn leaving_on_the_way(sources: &Sources, path: &str, line: u64) -> Vec<Statement> {
    let Some((mut file, mut line)) = file_at(sources, path, line) else { return Vec::new() };
    let mut errors = Vec::new();
    for _ in 0..OUTWARDS {
        let Some(symbol) = file.outline.symbol_at(line) else { break };
        let (found, of_errors) = leaving(file, symbol, line);
        if !found.is_empty() {
            return found;
        }
        if errors.is_empty() {
            errors = of_errors;
        }
        let Some(call) = only_call(sources, file, symbol) else { break };
        (file, line) = call;
    }
    errors
}

/// The conditions that leave the function that begins on a line, those near its end first.
pub fn leaving_within(sources: &Sources, path: &str, line: u64) -> Vec<Statement> {
    let Some((file, line)) = file_at(sources, path, line) else { return Vec::new() };
    let Some(symbol) = file.outline.symbol_at(line) else { return Vec::new() };
    match &file.outline.symbols[symbol as usize] {
        own if own.kind == SymbolKind::Function => leaving(file, symbol, own.end_line).0,
        _ => Vec::new(),
    }
}

/// The conditions of a function that leave it before a line, and apart from them those that ask no more than whether
/// something failed.
fn leaving(file: &IndexedFile, symbol: u32, line: u32) -> (Vec<Statement>, Vec<Statement>) {
    let before = |c: &&Condition| c.symbol == Some(symbol) && c.leaves && c.line < line;
    let mut found: Vec<&Condition> = file.outline.conditions.iter().filter(before).collect();
    found.sort_by_key(|c| (is_empty_test(c), std::cmp::Reverse(c.line)));
    found.dedup_by_key(|c| c.line);
    let (errors, found): (Vec<_>, Vec<_>) = found.into_iter().partition(|c| asks_for_an_error(&c.text));
    let told = |all: Vec<&Condition>| all.into_iter().take(MOST).map(|c| statement(file, c)).collect();
    (told(found), told(errors))
}

/// Go's way to hand on what failed.
fn asks_for_an_error(text: &str) -> bool {
    matches!(text.trim_matches(['(', ')', ' ']), "err != nil" | "e != nil" | "err" | "error")
}

/// The only call of a function in code that is no test, where nothing else has its name.
fn only_call<'s>(sources: &'s Sources, holder: &IndexedFile, symbol: u32) -> Option<(&'s IndexedFile, u32)> {
    const SHORTEST: usize = 3;
    let own = holder.outline.symbols.get(symbol as usize)?;
    let name = last_name(&own.name);
    if name.len() < SHORTEST || own.kind != SymbolKind::Function {
        return None;
    }
    let files = || sources.index().files.iter().filter(|f| !is_test(&f.path));
    let namesakes = files().flat_map(|f| &f.outline.symbols);
    if namesakes.filter(|s| s.kind == SymbolKind::Function && last_name(&s.name) == name).count() != 1 {
        return None;
    }
    let mut calls = files().flat_map(|file| {
        let text = sources.text(&file.path).unwrap_or_default();
        let lines = (1..).zip(text.lines()).filter(|(_, l)| calls(l, name)).map(|(n, _)| n);
        let inside = move |n: &u32| file.path == holder.path && (own.line..=own.end_line).contains(n);
        lines.filter(move |n| !inside(n)).map(move |n| (file, n))
    });
    calls.next().filter(|_| calls.next().is_none())
}

/// Whether a line of code calls a name.
fn calls(line: &str, name: &str) -> bool {
    let code = line.trim_start();
    if ["//", "#", "*", "/*"].iter().any(|c| code.starts_with(c)) {
        return false;
    }
    code.match_indices(name).any(|(at, _)| {
        let joins = |c: char| c.is_alphanumeric() || c == '_';
        let whole = !code[..at].chars().next_back().is_some_and(joins);
        whole && code[at + name.len()..].trim_start_matches(['!', '?']).starts_with(['(', '<'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SourceFile;

    fn found(text: &str, line: u64) -> Vec<u64> {
        let file = SourceFile { path: "scan.ts".into(), text: text.into() };
        let code = Sources::of_files("s", vec![file]);
        leaving_on_the_way(&code, "scan.ts", line).iter().map(|s| s.line).collect()
    }

    const SCAN: &str = "async function onScan(scan) {\n  const seat = await seats.of(scan.ticket);\n  if (seat == null) return;\n  if (scan.gate !== seat.gate) return;\n  await admit(scan, seat);\n}\nasync function admit(scan, seat) {\n  log.info(`admitted to ${seat.row}`);\n}\n";

    #[test]
    fn what_leaves_is_looked_for_outwards() {
        assert_eq!(found(SCAN, 5), [4, 3]);
        assert_eq!(found(SCAN, 8), [4, 3]);
        assert!(found(SCAN, 2).is_empty());
    }

    #[test]
    fn what_only_hands_an_error_on_is_passed_over() {
        let text = "package a\nfunc run(t Ticket) {\n if !on(t.Shop) {\n  return\n }\n price(t)\n}\nfunc price(t Ticket) error {\n cents, err := rate(t)\n if err != nil {\n  return err\n }\n log.Info(\"priced\", cents)\n return nil\n}\n";
        let file = SourceFile { path: "a.go".into(), text: text.into() };
        let code = Sources::of_files("s", vec![file]);
        let lines = |f: Vec<Statement>| f.iter().map(|s| s.line).collect::<Vec<_>>();
        assert_eq!(lines(leaving_on_the_way(&code, "a.go", 13)), [3]);
        assert_eq!(lines(leaving_within(&code, "a.go", 2)), [3]);
        assert!(lines(leaving_within(&code, "a.go", 8)).is_empty());
    }

    #[test]
    fn of_two_calls_nobody_knows_which_was_passed() {
        let again = format!("{SCAN}async function again(scan) {{ await admit(scan, last); }}\n");
        assert!(found(&again, 8).is_empty());
        // What is said of it is no call.
        let told = format!("{SCAN}// admit(scan, seat) is not called twice\n");
        assert_eq!(found(&told, 8), [4, 3]);
    }
}
