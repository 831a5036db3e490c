//! The single questions of the verdict: a frame, a message, a condition, each to one line of source.

use crate::frames;
use crate::matching::{Line, find};
use crate::statements::Kind;
use crate::{Sources, Texts};
use waylaid_logs::{Exception, Frame};

/// A line of source that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Path inside the checkout.
    pub path: String,
    /// Line, from 1.
    pub line: u64,
    /// Enclosing function or method; empty where there is none.
    pub symbol: String,
}

/// The line of a stack frame. `symbol` is the function as the trace writes it; it counts more than the number.
pub fn find_frame(sources: &Sources, file: &str, line: u64, symbol: Option<&str>) -> Option<Statement> {
    let frame = Frame {
        symbol: symbol.unwrap_or_default().to_owned(),
        module: None,
        file: Some(file.to_owned()),
        line: Some(line),
    };
    let index = sources.index();
    let found = frames::find_frame(index, sources as &dyn Texts, &frame, None, None)?;
    let path = index.files[found.file].path.clone();
    Some(Statement { path, line: u64::from(found.line), symbol: found.symbol })
}

/// The frames of an exception that stand in a checkout, the one most likely at fault first.
pub fn find_trace(sources: &Sources, exception: &Exception) -> Vec<Statement> {
    let index = sources.index();
    let found = frames::find_frames(index, sources as &dyn Texts, exception);
    let statement = |f: frames::FoundFrame| Statement {
        path: index.files[f.file].path.clone(),
        line: u64::from(f.line),
        symbol: f.symbol,
    };
    found.into_iter().map(statement).collect()
}

/// The statement that could have written a line, the best one. `None` when none of the checkout could.
pub fn find_statement(sources: &Sources, line: &Line<'_>) -> Option<Statement> {
    best(sources, line, |_| true)
}

/// The statement that could have raised a message.
pub fn find_raised(sources: &Sources, message: &str) -> Option<Statement> {
    best(sources, &Line { message, ..Line::default() }, |kind| kind == Kind::Raise)
}

fn best(sources: &Sources, line: &Line<'_>, wanted: impl Fn(Kind) -> bool) -> Option<Statement> {
    let index = sources.index();
    let found =
        find(index, line).into_iter().find(|c| wanted(index.files[c.file].statements[c.statement].kind))?;
    let file = &index.files[found.file];
    let statement = &file.statements[found.statement];
    Some(Statement {
        path: file.path.clone(),
        line: u64::from(statement.line),
        symbol: file.outline.symbol_name(statement.symbol),
    })
}

/// The name of the function around a line, by the nearest line above that declares one with less indentation.
fn enclosing(text: &str, line: u64) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let Some(at) = usize::try_from(line).ok().and_then(|l| l.checked_sub(1)).filter(|l| *l < lines.len())
    else {
        return String::new();
    };
    let indent = |l: &str| l.len() - l.trim_start().len();
    let mut depth = indent(lines[at]);
    for candidate in lines[..at].iter().rev() {
        if candidate.trim().is_empty() || indent(candidate) >= depth {
            continue;
        }
        depth = indent(candidate);
        if let Some(name) = declared_name(candidate) {
            return name;
        }
    }
    String::new()
}

fn declared_name(line: &str) -> Option<String> {
    const NOT: &[&str] = &[
        "if",
        "for",
        "while",
        "switch",
        "catch",
        "return",
        "try",
        "else",
        "using",
        "lock",
        "synchronized",
        "with",
        "match",
        "when",
        "foreach",
    ];
    let trimmed = line.trim();
    let opens =
        trimmed.ends_with('{') || trimmed.ends_with(':') || trimmed.ends_with("=>") || trimmed.ends_with(')');
    let head = trimmed.split('(').next()?;
    let name: String = head
        .chars()
        .rev()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect::<String>()
        .chars()
        .rev()
        .collect();
    let first = trimmed.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    (opens
        && trimmed.contains('(')
        && !name.is_empty()
        && !NOT.contains(&name.as_str())
        && !NOT.contains(&first)
        && !head.contains('=')
        && !head.ends_with('.'))
    .then_some(name)
}

/// The condition that reads a field in code that handles a message: an `if`, `switch`, `match`, `case` or filter
/// whose line names the field's last word, best with the value itself beside it.
pub fn handler_condition(sources: &Sources, field: &str, value: Option<&str>) -> Option<Statement> {
    let name: String = field
        .rsplit(['.', ':', ']'])
        .find(|p| !p.is_empty())?
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    if name.len() < 3 {
        return None;
    }
    const CONDITIONS: &[&str] = &[
        "if", "switch", "case", "when", "match", "filter", "?", "equals", "==", "!=", "unless", "elif", "in ",
    ];
    let mut best: Option<(u32, Statement)> = None;
    for file in &sources.files {
        let lines: Vec<&str> = file.text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let plain: String = line.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
            let tests = CONDITIONS.iter().any(|c| line.contains(c));
            if !plain.contains(&name) || !tests {
                continue;
            }
            let near = lines[number..lines.len().min(number + 3)].join(" ");
            let with_value = value.is_some_and(|v| v.len() > 1 && near.contains(v));
            let leaves =
                ["return", "continue", "break", "skip", "ack", "throw"].iter().any(|w| near.contains(w));
            let score =
                1 + 4 * u32::from(with_value) + 2 * u32::from(leaves) + u32::from(line.contains("if"));
            if best.as_ref().is_none_or(|(s, _)| score > *s) {
                let line = number as u64 + 1;
                best = Some((
                    score,
                    Statement { path: file.path.clone(), line, symbol: enclosing(&file.text, line) },
                ));
            }
        }
    }
    best.filter(|(score, _)| *score >= 3).map(|(_, s)| s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SourceFile;

    fn sources(text: &str) -> Sources {
        let file = SourceFile { path: "src/Handler.java".into(), text: text.into() };
        Sources::of_files("s", vec![file])
    }

    #[test]
    fn statements_are_found_by_their_literals() {
        let code = sources(
            "class A {\n  void onOrder(Order o) {\n    log.info(\"Picking order {} for {}\", a, b);\n    log.error(\"Failed to store pick for order {}\", a);\n  }\n}\n",
        );
        let line = |message| Line { message, ..Line::default() };
        let found = find_statement(&code, &line("Failed to store pick for order 1001")).unwrap();
        assert_eq!((found.line, found.symbol.as_str()), (4, "A.onOrder"));
        assert_eq!(find_statement(&code, &line("Connection reset by peer")), None);
    }

    #[test]
    fn conditions_on_a_field_are_found() {
        let code = sources(
            "class A {\n  void on(Order o) {\n    if (\"KIOSK\".equals(o.getChannel())) {\n      return;\n    }\n  }\n}\n",
        );
        assert_eq!(handler_condition(&code, "$.channel", Some("KIOSK")).unwrap().line, 3);
        assert_eq!(handler_condition(&code, "$.weight", None), None);
    }

    #[test]
    fn frames_are_found_by_file_and_line() {
        let code = sources("class A {\n  void on(Order o) {\n    boom();\n  }\n}\n");
        assert_eq!(find_frame(&code, "Handler.java", 3, None).unwrap().symbol, "A.on");
        assert_eq!(find_frame(&code, "Other.java", 3, None), None);
    }
}
