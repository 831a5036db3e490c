//! Python: tracebacks, `During handling of …`, `The above exception was the direct cause …`, exception groups.

use super::{Exception, Frame, Language, Link, Section, assemble, detect, line_number};

/// Reads tracebacks; Python writes the root cause first and the innermost call last.
pub(super) fn parse(text: &str) -> Option<Exception> {
    let mut sections = vec![Section::default()];
    let mut suppressed = Vec::new();
    let mut group_depth = 0;
    for raw in text.lines() {
        let (line, depth) = ungroup(raw);
        if depth > group_depth && raw.contains("+-") {
            group_depth = depth;
        }
        let trimmed = line.trim();
        if trimmed.starts_with("During handling of the above")
            || trimmed.starts_with("The above exception was")
        {
            sections.push(Section::default());
            continue;
        }
        let Some(section) = sections.last_mut() else { break };
        read_line(section, line, depth > 1, &mut suppressed);
    }
    sections.retain(|s| !s.frames.is_empty() || !s.link.type_name.is_empty() || !s.link.message.is_empty());
    for section in &mut sections {
        section.frames.reverse();
    }
    sections.reverse();
    assemble(Some(Language::Python), sections, suppressed)
}

/// A line of an exception group without its rail (`  | `, `  +-+---- 1 ----`), and how deep the rail was.
fn ungroup(line: &str) -> (&str, usize) {
    let trimmed = line.trim_start();
    let indent = line.len() - trimmed.len();
    match trimmed.strip_prefix("| ").or_else(|| trimmed.strip_prefix("+ ")) {
        Some(rest) if indent >= 2 => (rest, indent / 2),
        _ if indent >= 2 && (trimmed.starts_with("+-") || trimmed == "|") => ("", indent / 2),
        _ => (line, 0),
    }
}

fn read_line(section: &mut Section, line: &str, in_group: bool, suppressed: &mut Vec<Link>) {
    let trimmed = line.trim();
    if trimmed.starts_with("Traceback (most recent call last)") {
        // Text before the traceback is no part of it.
        if section.frames.is_empty() {
            section.link = Link::default();
        }
    } else if let Some(found) = frame(trimmed) {
        section.frames.push(found);
    } else if line.starts_with([' ', '\t']) && section.link.type_name.is_empty() {
        // A line of source code, or carets below it.
    } else if section.link.type_name.is_empty() && !trimmed.is_empty() {
        match head(trimmed) {
            Some(link) => section.link = link,
            None if section.frames.is_empty() => trimmed.clone_into(&mut section.link.message),
            None => section.link = Link { type_name: trimmed.to_owned(), message: String::new() },
        }
    } else if in_group {
        suppressed.extend(head(trimmed));
    } else if !section.link.type_name.is_empty() {
        section.extend_message(line);
    }
}

/// The line that ends a traceback: `shop.errors.Bad: message`, a type alone, with any name.
fn head(text: &str) -> Option<Link> {
    if let Some(link) = detect::split_type(text) {
        return Some(link);
    }
    let (name, message) = text.split_once(": ").unwrap_or((text.trim_end_matches(':'), ""));
    let named = crate::scan::is_dotted_ident(name) && !name.contains('-');
    let capital =
        name.rsplit('.').next().and_then(|l| l.bytes().next()).is_some_and(|c| c.is_ascii_uppercase());
    (named && capital).then(|| Link { type_name: name.to_owned(), message: message.to_owned() })
}

/// `File "/app/shop/pick.py", line 12, in insert`.
fn frame(text: &str) -> Option<Frame> {
    let rest = text.strip_prefix("File \"")?;
    let (file, rest) = rest.split_once("\", line ")?;
    let (line, symbol) = rest.split_once(", in ").unwrap_or((rest, "<module>"));
    Some(Frame {
        symbol: symbol.trim().to_owned(),
        module: module_of(file),
        file: Some(file.to_owned()),
        line: line_number(line.trim()),
    })
}

/// The last part of a path without its ending.
fn module_of(file: &str) -> Option<String> {
    let name = file.rsplit(['/', '\\']).next()?;
    Some(name.strip_suffix(".py").unwrap_or(name).to_owned())
}
