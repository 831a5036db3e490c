//! From a stack frame or a log message to the line of source.

use crate::Sources;

/// A line of source that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Path inside the checkout.
    pub path: String,
    /// Line, from 1.
    pub line: u64,
    /// Enclosing function or method as far as a plain look tells; may be empty.
    pub symbol: String,
}

/// The line of a stack frame: a file whose path ends like the frame's, at the frame's line.
pub fn find_frame(sources: &Sources, file: &str, line: u64, class: Option<&str>) -> Option<Statement> {
    let file = file.replace('\\', "/");
    let name = file.rsplit('/').next().unwrap_or(&file);
    let mut matches: Vec<_> =
        sources.files.iter().filter(|f| f.path.rsplit('/').next() == Some(name)).collect();
    if matches.len() > 1 {
        let folder = class.map(|c| c.replace('.', "/")).unwrap_or_default();
        matches.sort_by_key(|f| {
            let path_fit = common_suffix(&f.path, &file);
            let class_fit = usize::from(
                !folder.is_empty() && f.path.contains(folder.rsplit_once('/').map_or("", |(p, _)| p)),
            );
            std::cmp::Reverse((path_fit, class_fit))
        });
    }
    let found = matches.first()?;
    let symbol = enclosing(&found.text, line);
    Some(Statement { path: found.path.clone(), line, symbol })
}

fn common_suffix(a: &str, b: &str) -> usize {
    a.rsplit('/').zip(b.rsplit('/')).take_while(|(x, y)| x == y).count()
}

/// The log statement whose literal pieces the message holds in order, the one with most literal text first.
/// `None` when no statement of the checkout could have written it.
pub fn find_statement(sources: &Sources, message: &str) -> Option<Statement> {
    let mut best: Option<(usize, Statement)> = None;
    for file in &sources.files {
        for (number, line) in file.text.lines().enumerate() {
            if !looks_like_log_call(line) && !line.trim_start().starts_with(['"', '\'', '`', 'f', '$', '+']) {
                continue;
            }
            let weight = literals(line).iter().filter_map(|l| literal_weight(l, message)).max().unwrap_or(0);
            if weight >= 6 && best.as_ref().is_none_or(|(w, _)| weight > *w) {
                let number = number as u64 + 1;
                let place = Statement {
                    path: file.path.clone(),
                    line: number,
                    symbol: enclosing(&file.text, number),
                };
                best = Some((weight, place));
            }
        }
    }
    best.map(|(_, s)| s)
}

fn looks_like_log_call(line: &str) -> bool {
    const CALLS: &[&str] = &[
        "log",
        "Log",
        "console.",
        "print",
        "warn(",
        "error(",
        "info(",
        "debug(",
        "throw ",
        "raise ",
        "Errorf",
        "errors.New",
        "Exception(",
        "error!",
        "warn!",
        "info!",
        "debug!",
        "bail!",
        "anyhow!",
    ];
    CALLS.iter().any(|c| line.contains(c))
}

/// The string literals of a line.
fn literals(line: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let quote = bytes[at];
        if matches!(quote, b'"' | b'\'' | b'`') {
            let mut end = at + 1;
            while end < bytes.len() && bytes[end] != quote {
                end += 1 + usize::from(bytes[end] == b'\\');
            }
            if let Some(text) = line.get(at + 1..end.min(bytes.len())) {
                out.push(text);
            }
            at = end + 1;
        } else {
            at += 1;
        }
    }
    out
}

/// How many literal characters of a format string the message holds, in order; `None` when a piece is missing.
fn literal_weight(literal: &str, message: &str) -> Option<usize> {
    let mut rest = message;
    let mut weight = 0;
    for piece in pieces(literal) {
        let at = rest.find(piece.as_str())?;
        rest = &rest[at + piece.len()..];
        weight += piece.trim().len();
    }
    Some(weight)
}

/// The fixed pieces of a format string: what stands between `{}`, `{name}`, `${x}`, `%s`, `%(name)s`, `#{x}`.
fn pieces(literal: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut chars = literal.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '{' => {
                chars.by_ref().take_while(|c| *c != '}').for_each(drop);
                out.push(String::new());
            }
            '$' | '#' if chars.peek() == Some(&'{') => {}
            '%' if chars.peek() == Some(&'%') => {
                chars.next();
                push(&mut out, '%');
            }
            '%' if chars.peek().is_some_and(|c| c.is_ascii_alphanumeric() || "(+-.#".contains(*c)) => {
                if chars.peek() == Some(&'(') {
                    chars.by_ref().take_while(|c| *c != ')').for_each(drop);
                }
                for c in chars.by_ref() {
                    if c.is_ascii_alphabetic() {
                        break;
                    }
                }
                out.push(String::new());
            }
            '\\' => {
                chars.next();
                out.push(String::new());
            }
            c => push(&mut out, c),
        }
    }
    out.retain(|p| p.trim().len() > 1);
    out
}

fn push(out: &mut [String], c: char) {
    if let Some(last) = out.last_mut() {
        last.push(c);
    }
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
        Sources { service: "s".into(), files: vec![file], cut: false }
    }

    #[test]
    fn statements_are_found_by_their_literals() {
        let code = sources(
            "class A {\n  void onOrder(Order o) {\n    log.info(\"Picking order {} for {}\", a, b);\n    log.error(\"Failed to store pick for order {}\", a);\n  }\n}\n",
        );
        let found = find_statement(&code, "Failed to store pick for order 1001").unwrap();
        assert_eq!((found.line, found.symbol.as_str()), (4, "onOrder"));
        assert_eq!(find_statement(&code, "Connection reset by peer"), None);
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
        assert_eq!(find_frame(&code, "Handler.java", 3, None).unwrap().symbol, "on");
        assert_eq!(find_frame(&code, "Other.java", 3, None), None);
    }
}
