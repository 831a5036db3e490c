//! What test runners print of a failure: where such a report ends, and the places that it names without being a stack
//! trace of a runtime.

use waylaid_logs::Frame;

/// The runner whose report begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Runner {
    /// `____ test_name ____`.
    Pytest,
    /// `  ● suite › name`.
    Jest,
    /// `--- FAIL: TestName (0.00s)`.
    Go,
    /// `  1) Failure:` of minitest, `  1) name` of RSpec and Mocha, `1) Test::name` of PHPUnit.
    Numbered,
}

fn runner(line: &str) -> Option<Runner> {
    let text = line.trim_start();
    let indented = text.len() < line.len();
    if line.starts_with("___") && line.trim_end().ends_with("___") && line.contains(' ') {
        return Some(Runner::Pytest);
    }
    if indented && text.starts_with("● ") {
        return Some(Runner::Jest);
    }
    if text.starts_with("--- FAIL: ") {
        return Some(Runner::Go);
    }
    let (number, rest) = text.split_once(") ")?;
    let is_number = (1..4).contains(&number.len()) && number.bytes().all(|c| c.is_ascii_digit());
    (is_number && (indented || rest.contains("::"))).then_some(Runner::Numbered)
}

/// Behind the last line of the report of one failed test that begins at a line; `None` where none begins there.
pub fn end_of_report(lines: &[&str], from: usize) -> Option<usize> {
    const MOST: usize = 2000;
    let runner = runner(lines.get(from)?)?;
    let by_blank = runner == Runner::Numbered
        && lines.get(from + 1).is_some_and(|l| !l.starts_with([' ', '\t']) && !l.is_empty())
        && lines[from].trim_end().ends_with(':');
    let ends = |line: &&str| {
        let (blank, indented) = (line.trim().is_empty(), line.starts_with([' ', '\t']));
        match runner {
            Runner::Pytest => line.starts_with("====") || is_start(line, runner),
            Runner::Go => !blank && !indented || is_start(line, runner),
            Runner::Jest => !blank && !indented || is_start(line, runner),
            Runner::Numbered if by_blank => blank,
            Runner::Numbered => {
                is_start(line, runner)
                    || !blank
                        && !indented
                        && !line.contains(':')
                        && !line.starts_with(['+', '-', '@', '\'', '"'])
                        && !line.starts_with("Failed")
            }
        }
    };
    let most = lines.len().min(from + MOST);
    let end = lines[from + 1..most].iter().position(ends).map_or(most, |at| from + 1 + at);
    Some(end)
}

fn is_start(line: &str, like: Runner) -> bool {
    runner(line) == Some(like)
}

/// Whether a text is the report of one failed test.
pub(crate) fn is_report(text: &str) -> bool {
    text.lines().next().is_some_and(|first| runner(first).is_some())
}

const ENDINGS: &[&str] =
    &[".java", ".kt", ".cs", ".ts", ".tsx", ".js", ".mjs", ".cjs", ".py", ".go", ".rs", ".rb", ".php"];

/// The places that a report names, the innermost first.
pub(crate) fn places(text: &str) -> Vec<Frame> {
    let mut out: Vec<Frame> = Vec::new();
    let test = test_of(text).unwrap_or_default();
    for line in text.lines().take(2000) {
        let words = line.split([' ', '\t', '[', ']', '(', ')', '"', ',']).filter(|w| w.contains(':'));
        for word in words.take(8) {
            let Some((file, number)) = place(word) else { continue };
            let within = line.split_once(": in ").map(|(_, name)| name.trim());
            let symbol = within.unwrap_or(if crate::configuration::is_test(file) { test } else { "" });
            let (symbol, file) = (symbol.to_owned(), Some(file.to_owned()));
            let frame = Frame { symbol, module: None, file, line: Some(number) };
            if out.len() < 200 && !out.contains(&frame) {
                out.push(frame);
            }
        }
    }
    // pytest writes the outermost call first.
    if text.starts_with("___") {
        out.reverse();
    }
    out
}

/// The function that a report says has failed.
fn test_of(text: &str) -> Option<&str> {
    let mut lines = text.lines();
    let first = lines.next()?;
    match runner(first)? {
        Runner::Pytest => first.trim_matches(['_', ' ']).split('[').next()?.rsplit('.').next(),
        Runner::Go => first.trim_start().strip_prefix("--- FAIL: ")?.split([' ', '/']).next(),
        // minitest's next line, PHPUnit's own.
        Runner::Numbered => {
            let named = |l: &'_ str| l.contains('#') || l.contains("::");
            let line = Some(first).filter(|l| named(l)).or_else(|| lines.next().filter(|l| named(l)))?;
            line.rsplit(['#', ':']).find(|p| p.contains("test"))?.split([' ', '[']).next()
        }
        Runner::Jest => None,
    }
}

/// `tests/test_a.py:12:`, `cart.test.js:9:38`.
fn place(word: &str) -> Option<(&str, u64)> {
    let mut parts = word.splitn(3, ':');
    let (file, number, rest) = (parts.next()?, parts.next()?, parts.next().unwrap_or_default());
    let is_rest =
        rest.is_empty() || rest == "in" || rest.trim_end_matches(':').bytes().all(|c| c.is_ascii_digit());
    let known = ENDINGS.iter().any(|e| file.len() > e.len() && file.ends_with(e));
    (known && is_rest).then(|| number.parse().ok()).flatten().map(|n| (file, n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_have_an_end_and_places() {
        let of = |text: &str| {
            let lines: Vec<&str> = text.lines().collect();
            let end = end_of_report(&lines, 0);
            let found = places(text);
            (
                end,
                found
                    .iter()
                    .map(|f| format!("{}:{}", f.file.clone().unwrap_or_default(), f.line.unwrap_or(0)))
                    .collect::<Vec<_>>(),
            )
        };
        let pytest = "____ test_a ____\n\n>   assert a() == 1\n\ntests/test_a.py:4: \n_ _ _\nshop/a.py:9: KeyError\n==== short ====\n";
        assert_eq!(of(pytest), (Some(7), vec!["shop/a.py:9".into(), "tests/test_a.py:4".into()]));
        let go = "--- FAIL: TestA (0.00s)\n    a_test.go:20: a = 1\nFAIL\n";
        assert_eq!(of(go), (Some(2), vec!["a_test.go:20".into()]));
        let minitest = "  1) Failure:\nATest#test_a [test/a_test.rb:6]:\nExpected: 80\n\n1 runs\n";
        assert_eq!(of(minitest), (Some(3), vec!["test/a_test.rb:6".into()]));
        let rspec = "  1) Room pays\n     Failure/Error: x\n\n     # ./spec/a_spec.rb:12:in `block'\n\nFinished in 1 s\n";
        assert_eq!(of(rspec), (Some(5), vec!["./spec/a_spec.rb:12".into()]));
        let jest = "  ● a › b\n\n    Error: x\n\n      at t (test/a.test.js:9:38)\n\nTest Suites: 1\n";
        assert_eq!(of(jest), (Some(6), vec!["test/a.test.js:9".into()]));
        assert_eq!(of("2026-01-01 10:00:00 INFO a.py:12 started\n").0, None);
        let tests = [pytest, go, minitest, "1) RoomTest::testPays\nFailed\n", jest].map(test_of);
        let tests = tests.map(Option::unwrap_or_default);
        assert_eq!(tests, ["test_a", "TestA", "test_a", "testPays", ""]);
    }
}
