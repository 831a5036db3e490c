//! What decides whether a line is reached: the condition around it, what the function asks that this condition calls,
//! what leaves before it; and what a consumer is told to do with a record that fails. Told by syntax, tests left out.

use crate::configuration::is_test;
use crate::outline::{Condition, SymbolKind, last_name};
use crate::{IndexedFile, Sources, Statement};

/// How many places one question answers with.
const MOST: usize = 2;

/// What decides that a line is reached, the furthest first: what the function leaves on that the condition around the
/// line calls, then the condition itself.
pub fn deciding(sources: &Sources, path: &str, line: u64) -> Vec<Statement> {
    let Some((file, line)) = file_at(sources, path, line) else { return Vec::new() };
    let symbol = file.outline.symbol_at(line);
    let around =
        |c: &&Condition| c.symbol == symbol && symbol.is_some() && (c.line..=c.end_line).contains(&line);
    // A filter says which ones, not whether a line is reached.
    let asks = file.outline.conditions.iter().filter(around).filter(|c| !c.filters && c.line < line);
    let Some(guard) = asks.max_by_key(|c| c.line) else { return Vec::new() };
    let mut out = Vec::new();
    for name in called_in(&guard.text) {
        out.extend(leaving_of(sources, name, (path, symbol)));
    }
    out.truncate(MOST);
    out.push(statement(file, guard));
    out
}

/// Conditions of the function around a line that leave it before the line, the nearest first. Whether there is anything
/// at all is no condition of interest.
pub fn leaving_before(sources: &Sources, path: &str, line: u64) -> Vec<Statement> {
    let Some((file, line)) = file_at(sources, path, line) else { return Vec::new() };
    let Some(symbol) = file.outline.symbol_at(line) else { return Vec::new() };
    let before = |c: &&Condition| c.symbol == Some(symbol) && c.leaves && c.line < line && !is_empty_test(c);
    let mut found: Vec<&Condition> = file.outline.conditions.iter().filter(before).collect();
    found.sort_by_key(|c| std::cmp::Reverse(c.line));
    found.into_iter().take(MOST).map(|c| statement(file, c)).collect()
}

/// Where a service sets what its consumers do with a record that fails: retry for ever, give up, step aside.
pub fn handling_failures(sources: &Sources) -> Vec<Statement> {
    let own = sources.index().files.iter().filter(|f| !is_test(&f.path));
    let of_file = |file: &IndexedFile| -> Vec<Statement> {
        let calls = file.outline.calls.iter().filter(|c| HANDLERS.contains(&last_name(&c.callee)));
        let called = calls.map(|c| (c.line, c.symbol));
        let annotations = file.outline.annotations.iter();
        let annotated =
            annotations.filter(|a| last_name(&a.name) == "RetryableTopic").map(|a| (a.line, a.symbol));
        let place = |(line, symbol): (u32, Option<u32>)| Statement {
            path: file.path.clone(),
            line: u64::from(line),
            symbol: file.outline.symbol_name(symbol),
        };
        called.chain(annotated).map(place).collect()
    };
    let mut out: Vec<Statement> = own.flat_map(of_file).collect();
    out.truncate(MOST);
    out
}

/// What frameworks call it: spring-kafka's error handlers, MassTransit's and Rebus's retries.
pub(crate) const HANDLERS: &[&str] = &[
    "DefaultErrorHandler",
    "SeekToCurrentErrorHandler",
    "SeekToCurrentBatchErrorHandler",
    "RecoveringBatchErrorHandler",
    "RetryingBatchErrorHandler",
    "ContainerStoppingErrorHandler",
    "CommonContainerStoppingErrorHandler",
    "UseMessageRetry",
    "UseDelayedRedelivery",
    "RetryStrategy",
];

pub(crate) fn file_at<'s>(sources: &'s Sources, path: &str, line: u64) -> Option<(&'s IndexedFile, u32)> {
    let file = sources.index().files.iter().find(|f| f.path == path)?;
    Some((file, u32::try_from(line).ok()?))
}

pub(crate) fn statement(file: &IndexedFile, condition: &Condition) -> Statement {
    Statement {
        path: file.path.clone(),
        line: u64::from(condition.line),
        symbol: file.outline.symbol_name(condition.symbol),
    }
}

/// The conditions on which the function of a name leaves, where the checkout has exactly one such function that leaves
/// on any, beside the one that asks.
fn leaving_of(sources: &Sources, name: &str, asking: (&str, Option<u32>)) -> Vec<Statement> {
    let mut found: Vec<Vec<Statement>> = Vec::new();
    for file in sources.index().files.iter().filter(|f| !is_test(&f.path)) {
        for (number, symbol) in file.outline.symbols.iter().enumerate() {
            let number = Some(number as u32);
            let named = symbol.kind == SymbolKind::Function && last_name(&symbol.name) == name;
            if !named || (file.path == asking.0 && number == asking.1) {
                continue;
            }
            let own = file.outline.conditions.iter().filter(|c| c.symbol == number && c.leaves && !c.filters);
            let own: Vec<Statement> = own.take(MOST).map(|c| statement(file, c)).collect();
            if !own.is_empty() {
                found.push(own);
            }
        }
    }
    match found.len() {
        1 => found.swap_remove(0),
        _ => Vec::new(),
    }
}

/// The names that a condition calls.
fn called_in(text: &str) -> Vec<&str> {
    const SHORTEST: usize = 4;
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = Vec::new();
    for (at, _) in text.match_indices('(') {
        let before = &text[..at];
        let start = before
            .rfind(|c| !is_name(c))
            .map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
        let name = &before[start..];
        if name.len() >= SHORTEST && !out.contains(&name) {
            out.push(name);
        }
    }
    out
}

/// Whether a condition asks no more than whether there is anything.
pub(crate) fn is_empty_test(condition: &Condition) -> bool {
    let text: String = condition.text.chars().filter(|c| !c.is_whitespace()).collect();
    let lower = text.to_lowercase();
    let one = !lower.contains("&&") && !lower.contains("||");
    let asks =
        ["isempty", "empty?", "empty(", "nil?", "length===0", "length==0", "size()==0", "count==0", "len("];
    let nothing = ["==null", "===null", "isnull", "==nil", "isnone", "===undefined"];
    one && asks.iter().chain(&nothing).any(|a| lower.contains(a))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SourceFile;

    fn sources(files: &[(&str, &str)]) -> Sources {
        let file = |(path, text): &(&str, &str)| SourceFile { path: (*path).into(), text: (*text).into() };
        Sources::of_files("s", files.iter().map(file).collect())
    }

    fn lines(found: &[Statement]) -> Vec<(&str, u64)> {
        found.iter().map(|s| (s.path.as_str(), s.line)).collect()
    }

    const LOAN: &str = "class Loan {\n  boolean extend(int days) {\n    if (state == State.NEW) {\n      return false;\n    }\n    due = due.plusDays(days);\n    return true;\n  }\n}\n";
    const DESK: &str = "class Desk {\n  void extend(Loan loan) {\n    if (loan.extend(14)) {\n      log.info(\"extended\");\n    } else {\n      log.info(\"loan {} stays\", loan.id());\n    }\n    log.info(\"seen\");\n  }\n}\n";

    #[test]
    fn what_a_condition_calls_is_looked_up() {
        let code = sources(&[("Loan.java", LOAN), ("Desk.java", DESK)]);
        assert_eq!(lines(&deciding(&code, "Desk.java", 6)), [("Loan.java", 3), ("Desk.java", 3)]);
        assert_eq!(lines(&deciding(&code, "Desk.java", 8)), []);
    }

    #[test]
    fn two_functions_of_a_name_are_not_guessed_between() {
        let other = LOAN.replace("Loan", "Subscription");
        let code = sources(&[("Loan.java", LOAN), ("Subscription.java", &other), ("Desk.java", DESK)]);
        assert_eq!(lines(&deciding(&code, "Desk.java", 6)), [("Desk.java", 3)]);
    }

    #[test]
    fn what_leaves_before_a_line_is_told_but_not_an_empty_list() {
        let text = "async function announce(all) {\n  const some = all.filter((p) => p.size !== 'XL');\n  if (some.length === 0) return;\n  if (some[0].held) return;\n  await producer.send({ topic: 'packed', messages: some });\n}\n";
        let code = sources(&[("announce.ts", text)]);
        assert_eq!(lines(&leaving_before(&code, "announce.ts", 5)), [("announce.ts", 4), ("announce.ts", 2)]);
        assert_eq!(lines(&leaving_before(&code, "announce.ts", 2)), []);
    }

    #[test]
    fn what_is_done_with_failing_records_is_found() {
        let text = "class Config {\n  CommonErrorHandler errors() {\n    return new DefaultErrorHandler(new FixedBackOff(500, UNLIMITED));\n  }\n}\n";
        let code = sources(&[("src/Config.java", text), ("src/test/ConfigTest.java", text)]);
        assert_eq!(lines(&handling_failures(&code)), [("src/Config.java", 3)]);
    }
}
