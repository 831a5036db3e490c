//! Rust: panics with a backtrace, anyhow's and eyre's `Caused by:` lists.

use super::{Exception, Frame, Language, Link, Section, assemble, line_number};
use std::borrow::Cow;

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
        if trimmed == "Caused by:" || trimmed == "Error:" && sections.is_empty() {
            part = Part::Causes;
        } else if trimmed == "Location:" {
            part = Part::Location;
        } else if trimmed.eq_ignore_ascii_case("stack backtrace:") || trimmed.ends_with('━') {
            part = Part::Frames;
        } else if is_note(trimmed) {
        } else if trimmed.starts_with("thread '") && trimmed.contains("panicked at") {
            // A panic while another one unwinds says less than the first.
            if sections.iter().any(|s| s.link.type_name == PANIC) {
                break;
            }
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

/// The type of what a panic says.
const PANIC: &str = "panic";

enum Part {
    Message,
    Causes,
    /// Where eyre's report was made.
    Location,
    Frames,
}

fn is_note(text: &str) -> bool {
    text.starts_with("note: ") || text.starts_with("Backtrace omitted") || text.starts_with("Run with ")
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
        Part::Location => frames.extend(located(line)),
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
    frames.extend(located(place));
    Section::new(Link { type_name: PANIC.to_owned(), message: message.to_owned() })
}

/// `src/main.rs:3:5`, also without a column, as a frame of an unknown function.
fn located(place: &str) -> Option<Frame> {
    let (rest, last) = place.rsplit_once(':')?;
    let last = line_number(last)?;
    let (file, line) = match rest.rsplit_once(':').map(|(file, line)| (file, line_number(line))) {
        Some((file, Some(line))) => (file, line),
        _ => (rest, last),
    };
    Some(Frame { symbol: String::new(), module: None, file: Some(file.to_owned()), line: Some(line) })
}

/// `   7: shop::pick::insert` and below it `             at ./src/pick.rs:12:5`.
fn backtrace_line(line: &str, frames: &mut Vec<Frame>) {
    if let Some(place) = line.strip_prefix("at ") {
        if let (Some(frame), Some(found)) = (frames.last_mut(), located(place)) {
            frame.line = found.line;
            frame.file = found.file.map(|f| f.strip_prefix("./").unwrap_or(&f).to_owned());
        }
        return;
    }
    let Some((number, symbol)) = line.split_once(": ") else { return };
    if line_number(number.trim()).is_none() {
        return;
    }
    let symbol = symbol.trim().trim_start_matches(|c: char| c == '0' && symbol.starts_with("0x"));
    let symbol = symbol.split_once(" - ").map_or(symbol, |(_, s)| s);
    // A span of tracing-error's has its fields behind its name.
    let symbol = symbol.split_once(" with ").map_or(symbol, |(s, _)| s);
    // Hashes that the compiler appends change with every build.
    let symbol = match symbol.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|c| c.is_ascii_hexdigit()) => name,
        _ => symbol,
    };
    let symbol = &*without_hashes(symbol);
    frames.push(Frame {
        symbol: symbol.to_owned(),
        module: symbol.rsplit_once("::").map(|(module, _)| module.to_owned()),
        file: None,
        line: None,
    });
}

/// `std[e28293b1aa0f68bd]::rt::main` without the hashes of the crates.
fn without_hashes(symbol: &str) -> Cow<'_, str> {
    let is_hash = |t: &str| t.len() == 16 && t.bytes().all(|c| c.is_ascii_hexdigit());
    if !symbol.contains('[') {
        return Cow::Borrowed(symbol);
    }
    let mut out = String::with_capacity(symbol.len());
    let mut parts = symbol.split('[');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let rest = part.split_once(']').filter(|(hash, _)| is_hash(hash)).map(|(_, rest)| rest);
        if rest.is_none() {
            out.push('[');
        }
        out.push_str(rest.unwrap_or(part));
    }
    Cow::Owned(out)
}
