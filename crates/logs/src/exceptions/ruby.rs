//! Ruby: `file:line:in 'method': message (Type)` with `from` lines, Rails' form with the type first, causes below.

use super::{Exception, Frame, Language, Link, Section, assemble, line_number};

/// Exceptions of one trace that are told apart.
const MOST: usize = 64;

/// Reads what `Exception#full_message`, the runtime and Rails write.
pub(super) fn parse(text: &str) -> Option<Exception> {
    let mut sections: Vec<Section> = Vec::new();
    for line in in_order(text) {
        let text = line.trim();
        let text = text.strip_prefix("from ").unwrap_or(text);
        if text.is_empty()
            || text == "Causes:"
            || text.starts_with("Traceback (most recent")
            || is_elision(text)
            || text.bytes().all(|c| matches!(c, b'^' | b'~'))
        {
            continue;
        }
        if let Some((found, said)) = frame(text) {
            if let Some(link) = said.filter(|_| sections.len() < MOST).map(head_behind) {
                sections.push(Section::new(link));
            }
            if sections.is_empty() {
                sections.push(Section::default());
            }
            if let Some(section) = sections.last_mut() {
                section.frames.push(found);
            }
            continue;
        }
        let is_full = sections.len() >= MOST;
        match (head_before(text), sections.last_mut()) {
            (Some(link), _) if !is_full => sections.push(Section::new(link)),
            (Some(_), _) => {}
            (None, Some(section)) if section.frames.len() <= 1 => extend(section, text),
            (None, Some(_)) => {}
            (None, None) => {
                sections.push(Section::new(head_behind(text)));
            }
        }
    }
    assemble(Some(Language::Ruby), sections, Vec::new())
}

/// The lines with the head first: on terminals, Ruby 2.5 to 2.7 write the calls before it, the innermost last.
fn in_order(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    let Some(first) = lines.iter().position(|l| is_numbered(l)) else { return lines };
    let calls = lines[first..].iter().take_while(|l| is_numbered(l)).count();
    if first + calls >= lines.len() {
        return lines;
    }
    lines[first..=first + calls].reverse();
    for line in &mut lines[first + 1..=first + calls] {
        *line = line.split_once(": ").map_or(*line, |(_, call)| call);
    }
    lines
}

/// ``\t2: from /app/main.rb:3:in `<main>'``: a call in a trace that is written the other way round.
pub(super) fn is_numbered(line: &str) -> bool {
    line.trim_start()
        .split_once(": from ")
        .is_some_and(|(n, call)| n.len() < 7 && line_number(n).is_some() && is_frame(call.trim_end()))
}

fn is_elision(text: &str) -> bool {
    text.starts_with("... ") && text.ends_with(" levels...")
}

/// A further line of a message; the type may stand at its end.
fn extend(section: &mut Section, text: &str) {
    if section.link.type_name.is_empty() {
        let link = head_behind(text);
        section.link.type_name = link.type_name;
        section.extend_message(&link.message);
        return;
    }
    section.extend_message(text.trim_end_matches("):"));
}

/// `undefined method 'id' for nil (NoMethodError)`.
fn head_behind(text: &str) -> Link {
    if let Some((message, name)) = text.strip_suffix(')').and_then(|t| t.rsplit_once(" ("))
        && is_class(name)
    {
        return Link { type_name: name.to_owned(), message: message.to_owned() };
    }
    match text.split_once(": ") {
        Some((name, message)) if is_class(name) && !text.ends_with(')') => {
            Link { type_name: name.to_owned(), message: message.to_owned() }
        }
        _ => Link { type_name: String::new(), message: text.to_owned() },
    }
}

/// `ActiveRecord::RecordNotUnique (PG::UniqueViolation: ERROR: …):`, `PG::UniqueViolation: ERROR: …`.
fn head_before(text: &str) -> Option<Link> {
    let end = text.find([' ', '(']).unwrap_or(text.len());
    let name = text[..end].trim_end_matches(':');
    if !is_class(name) || !(name.contains("::") || name.ends_with("Error") || name.ends_with("Exception")) {
        return None;
    }
    let rest = text[end..].trim_start();
    let message = match rest.strip_prefix('(') {
        Some(inner) => inner.trim_end_matches(':').trim_end_matches(')'),
        None if text[..end].ends_with(':') => rest,
        None => return None,
    };
    Some(Link { type_name: name.to_owned(), message: message.to_owned() })
}

fn is_class(name: &str) -> bool {
    !name.is_empty()
        && name.split("::").all(|part| {
            part.starts_with(|c: char| c.is_ascii_uppercase())
                && part.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
        })
}

/// `/app/store.rb:12:in 'Store#insert'`, with what follows behind a colon.
fn frame(text: &str) -> Option<(Frame, Option<&str>)> {
    let (file, line, after) = place(text)?;
    let after = after.strip_prefix(":in ").unwrap_or(after);
    let (method, said) = match after.strip_prefix(['`', '\'']).and_then(|m| m.split_once('\'')) {
        Some((method, said)) => (method, said.strip_prefix(": ")),
        None => ("", after.strip_prefix(": ")),
    };
    let method = method.rsplit(" in ").next().unwrap_or_default();
    Some((
        Frame {
            symbol: method.to_owned(),
            module: method
                .rsplit_once(['#', '.'])
                .map(|(class, _)| class)
                .or_else(|| Some(stem(file)))
                .map(str::to_owned),
            file: Some(file.to_owned()),
            line: Some(line),
        },
        said,
    ))
}

/// File, line, and what follows them. Where a method follows in quotes, the file may have any name: `bin/rails`,
/// `<internal:array>`, `(eval)`.
fn place(text: &str) -> Option<(&str, u64, &str)> {
    const ENDINGS: [&str; 7] = [".rb", ".erb", ".haml", ".slim", ".rake", ".ru", ".jbuilder"];
    for (at, _) in text.match_indices(':').take(8) {
        let (file, rest) = (&text[..at], &text[at + 1..]);
        if file.contains(' ') {
            return None;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let Some(line) = line_number(&rest[..digits]) else { continue };
        let after = &rest[digits..];
        let is_ruby = ENDINGS.iter().any(|e| file.ends_with(e));
        if is_ruby || after.starts_with(":in `") || after.starts_with(":in '") {
            return Some((file, line, after));
        }
    }
    None
}

/// The name of a file without folders and ending.
fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.split('.').next().unwrap_or(name)
}

/// Whether a line is a frame: for those who look for traces.
pub(super) fn is_frame(text: &str) -> bool {
    frame(text.strip_prefix("from ").unwrap_or(text)).is_some_and(|(f, _)| !f.symbol.is_empty())
}
