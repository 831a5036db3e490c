//! Go: panics with goroutines, stacks of pkg/errors and zap, wrapped errors `a: b: c`.

use super::{Exception, Frame, Language, Link, Section, assemble, detect, line_number};

/// Reads a panic or a message with a stack.
pub(super) fn parse(text: &str) -> Option<Exception> {
    let mut links: Vec<Link> = Vec::new();
    let mut frames: Vec<Frame> = Vec::new();
    let mut function: Option<&str> = None;
    let mut goroutines = 0;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with("[signal ") || trimmed.starts_with("exit status") {
            continue;
        }
        if line.starts_with("goroutine ") {
            goroutines += 1;
            // The first goroutine is the one that panicked.
            if goroutines > 1 {
                break;
            }
            function = None;
        } else if let Some(rest) =
            trimmed.strip_prefix("panic: ").or_else(|| trimmed.strip_prefix("fatal error: "))
        {
            links = panicked(rest);
        } else if let Some((file, number)) = place(line) {
            let name = function.take().unwrap_or_default();
            frames.push(frame(name, file, number));
        } else if frames.is_empty() && function.is_none() && links.is_empty() && !is_function(trimmed) {
            links = wrapped(trimmed);
        } else {
            function = Some(trimmed);
        }
    }
    if links.is_empty() && frames.is_empty() {
        return None;
    }
    if links.is_empty() {
        links.push(Link::default());
    }
    let mut sections: Vec<Section> = links.into_iter().map(Section::new).collect();
    if let Some(root) = sections.last_mut() {
        root.frames = frames;
    }
    assemble(Some(Language::Go), sections, Vec::new())
}

/// The value of a panic: `runtime error: …`, an error, `main.Bad{…}`; notes of recovery left out.
fn panicked(text: &str) -> Vec<Link> {
    let text = text.split(" [recovered").next().unwrap_or_default();
    if let Some(message) = text.strip_prefix("runtime error: ") {
        return vec![Link { type_name: "runtime error".into(), message: message.to_owned() }];
    }
    let mut links = wrapped(text);
    if let Some(outer) = links.first_mut()
        && outer.type_name.is_empty()
    {
        "panic".clone_into(&mut outer.type_name);
    }
    links
}

/// Wrapped errors as a chain, outermost first: `pick: insert: pq: duplicate key` is three links.
///
/// A part is a wrapper when it reads like one: short, without digits and punctuation of its own.
pub(super) fn wrapped(text: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut rest = text;
    while let Some((part, tail)) = rest.split_once(": ") {
        if !is_wrapper(part) || tail.is_empty() || links.len() == 16 {
            break;
        }
        // Names that drivers put before their own message stay with it.
        if matches!(part, "pq" | "ERROR" | "Error" | "rpc error" | "sql" | "mssql" | "redis" | "error") {
            break;
        }
        links.push(Link { type_name: String::new(), message: part.to_owned() });
        rest = tail;
    }
    let last = detect::split_type(rest);
    links.push(last.unwrap_or_else(|| Link { type_name: String::new(), message: rest.to_owned() }));
    links
}

fn is_wrapper(part: &str) -> bool {
    let words = part.split(' ').count();
    let plain = part
        .bytes()
        .all(|c| c.is_ascii_alphabetic() || matches!(c, b' ' | b'_' | b'-' | b'.' | b'/' | b'\''));
    (1..=8).contains(&words) && plain && part.starts_with(|c: char| c.is_ascii_lowercase())
}

/// A line that can only be a function of a stack: `main.(*Server).handle(0xc0, …)`, `created by main.main`.
fn is_function(line: &str) -> bool {
    line.starts_with("created by ") || (!line.contains(' ') && line.contains('.')) || line.contains("(0x")
}

/// `\t/app/pick.go:12 +0x1d`.
fn place(line: &str) -> Option<(&str, u64)> {
    if !line.starts_with(['\t', ' ']) {
        return None;
    }
    let (file, rest) = line.trim().rsplit_once(".go:")?;
    let end = rest.find(' ').unwrap_or(rest.len());
    let number = line_number(&rest[..end])?;
    let whole = line.trim();
    Some((&whole[..file.len() + 3], number))
}

fn frame(name: &str, file: &str, line: u64) -> Frame {
    let name = name.strip_prefix("created by ").unwrap_or(name);
    let name = name.split(" in goroutine").next().unwrap_or_default();
    let name = if name.ends_with(')') { name.rfind('(').map_or(name, |at| &name[..at]) } else { name };
    // The package ends at the first dot behind the last slash.
    let base = name.rfind('/').map_or(0, |at| at + 1);
    let dot = name[base..].find('.').map(|at| base + at);
    Frame {
        symbol: name.to_owned(),
        module: dot.map(|at| name[..at].to_owned()),
        file: Some(file.to_owned()),
        line: Some(line),
    }
}
