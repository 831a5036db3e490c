//! Rust: panics with a backtrace, anyhow's and eyre's `Caused by:` lists.

use super::{Exception, Frame, Language, Link, Section, assemble, line_number};

/// Reads a panic or an error report.
pub(super) fn parse(text: &str) -> Option<Exception> {
    let mut sections: Vec<Section> = Vec::new();
    let mut frames: Vec<Frame> = Vec::new();
    let mut part = Part::Message;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            continue;
        }
        if trimmed == "Caused by:" {
            part = Part::Causes;
        } else if trimmed.eq_ignore_ascii_case("stack backtrace:") || trimmed.starts_with("Location:") {
            part = Part::Frames;
        } else if trimmed.starts_with("note: ") {
        } else if trimmed.starts_with("thread '") && trimmed.contains("panicked at") {
            sections = vec![panicked(trimmed, &mut frames)];
        } else {
            read_line(&part, trimmed, &mut sections, &mut frames);
        }
    }
    if sections.is_empty() && !frames.is_empty() {
        sections.push(Section::default());
    }
    if let Some(root) = sections.last_mut() {
        root.frames = frames;
    }
    assemble(Some(Language::Rust), sections, Vec::new())
}

enum Part {
    Message,
    Causes,
    Frames,
}

fn read_line(part: &Part, line: &str, sections: &mut Vec<Section>, frames: &mut Vec<Frame>) {
    match part {
        Part::Message => match sections.last_mut() {
            Some(section) if section.link.message.is_empty() => line.clone_into(&mut section.link.message),
            Some(section) => section.extend_message(line),
            None => sections.push(untyped(line.strip_prefix("Error: ").unwrap_or(line))),
        },
        Part::Causes => {
            let numbered = line.split_once(": ").filter(|(n, _)| line_number(n).is_some());
            let is_first = !line.starts_with("0: ") && numbered.is_none();
            match numbered {
                Some((_, text)) => sections.push(untyped(text)),
                None if is_first
                    && sections.len() > 1
                    && sections.last().is_some_and(|s| s.frames.is_empty()) =>
                {
                    if let Some(section) = sections.last_mut() {
                        section.extend_message(line);
                    }
                }
                None => sections.push(untyped(line)),
            }
        }
        Part::Frames => backtrace_line(line, frames),
    }
}

fn untyped(text: &str) -> Section {
    Section::new(Link { type_name: String::new(), message: text.trim().to_owned() })
}

/// `thread 'main' panicked at src/main.rs:3:5:` with the message on the next line, or the older
/// `thread 'main' panicked at 'message', src/main.rs:3:5`.
fn panicked(line: &str, frames: &mut Vec<Frame>) -> Section {
    let rest = line.split_once("panicked at ").map_or("", |(_, r)| r);
    let (message, place) = match rest.strip_prefix('\'').and_then(|r| r.rsplit_once("', ")) {
        Some((message, place)) => (message, place),
        None => ("", rest.trim_end_matches(':')),
    };
    let mut parts = place.rsplitn(3, ':');
    let (_, number, file) = (parts.next(), parts.next(), parts.next());
    if let (Some(number), Some(file)) = (number.and_then(line_number), file) {
        frames.push(Frame {
            symbol: String::new(),
            module: None,
            file: Some(file.to_owned()),
            line: Some(number),
        });
    }
    Section::new(Link { type_name: "panic".to_owned(), message: message.to_owned() })
}

/// `   7: shop::pick::insert` and below it `             at ./src/pick.rs:12:5`.
fn backtrace_line(line: &str, frames: &mut Vec<Frame>) {
    if let Some(place) = line.strip_prefix("at ") {
        let mut parts = place.rsplitn(3, ':');
        let (_, number, file) = (parts.next(), parts.next(), parts.next());
        if let (Some(frame), Some(number)) = (frames.last_mut(), number.and_then(line_number)) {
            frame.line = Some(number);
            frame.file = file.map(|f| f.strip_prefix("./").unwrap_or(f).to_owned());
        }
        return;
    }
    let Some((number, symbol)) = line.split_once(": ") else { return };
    if line_number(number.trim()).is_none() {
        return;
    }
    let symbol = symbol.trim().trim_start_matches(|c: char| c == '0' && symbol.starts_with("0x"));
    let symbol = symbol.split_once(" - ").map_or(symbol, |(_, s)| s);
    // Hashes that the compiler appends change with every build.
    let symbol = match symbol.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|c| c.is_ascii_hexdigit()) => name,
        _ => symbol,
    };
    frames.push(Frame {
        symbol: symbol.to_owned(),
        module: symbol.rsplit_once("::").map(|(module, _)| module.to_owned()),
        file: None,
        line: None,
    });
}
