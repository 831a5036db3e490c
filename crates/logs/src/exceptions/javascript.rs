//! JavaScript and TypeScript: V8 frames, `[cause]:`, `caused by:`, aggregates, properties behind the trace.

use super::{Exception, Frame, Language, Link, Section, assemble, detect, line_number};

/// Reads a trace as V8, Node's inspector and pino write it.
pub(super) fn parse(text: &str) -> Option<Exception> {
    let mut sections: Vec<Section> = Vec::new();
    let mut suppressed = Vec::new();
    let mut in_errors = false;
    for line in text.lines() {
        let text = line.trim();
        let cause = text.strip_prefix("[cause]: ").or_else(|| text.strip_prefix("caused by: "));
        if let Some(rest) = cause.or_else(|| text.strip_prefix("Caused by: ")) {
            sections.push(Section::new(head(rest)));
        } else if text.starts_with("[errors]: [") {
            in_errors = true;
        } else if let Some(found) = text.strip_prefix("at ").and_then(frame) {
            if sections.is_empty() {
                sections.push(Section::default());
            }
            if let Some(section) = sections.last_mut().filter(|_| !in_errors) {
                section.frames.push(found);
            }
        } else if in_errors {
            suppressed.extend(detect::head_of(text));
        } else {
            message(&mut sections, text, line);
        }
    }
    assemble(Some(Language::JavaScript), sections, suppressed)
}

fn message(sections: &mut Vec<Section>, text: &str, line: &str) {
    match sections.last_mut() {
        None if text.is_empty() => {}
        None => sections.push(Section::new(head(text))),
        Some(section) if section.frames.is_empty() => match detect::head_of(text) {
            // Node writes the place and the source line before the head.
            Some(link) if section.link.type_name.is_empty() => section.link = link,
            _ if section.link.type_name.is_empty() && text == "^" => {}
            _ => section.extend_message(line),
        },
        // Properties such as `code: 'ER_DUP_ENTRY'` tell what went wrong: they stay with the message.
        Some(section) if is_telling(text) => section.extend_message(text.trim_end_matches(',')),
        Some(_) => {}
    }
}

fn is_telling(text: &str) -> bool {
    const NAMES: [&str; 12] = [
        "code:",
        "errno:",
        "detail:",
        "constraint:",
        "table:",
        "sqlState:",
        "sqlMessage:",
        "number:",
        "status:",
        "keyValue:",
        "meta:",
        "parameters:",
    ];
    NAMES.iter().any(|n| text.starts_with(n)) && text.len() < 2000
}

fn head(text: &str) -> Link {
    let text = text.trim().trim_end_matches(" {");
    detect::head_of(text)
        .or_else(|| detect::inside(text))
        .unwrap_or_else(|| Link { type_name: String::new(), message: text.to_owned() })
}

/// `async Picker.run [as handle] (file:///app/pick.js:12:7)`, `/app/pick.js:12:7`.
fn frame(text: &str) -> Option<Frame> {
    let text = text.trim_end_matches(['{', ' ']);
    let text = text.strip_prefix("async ").unwrap_or(text);
    let (name, place) = match text.rsplit_once(" (") {
        Some((name, place)) => (name, place.trim_end_matches(')')),
        None => ("", text),
    };
    let symbol = name.split(" [as ").next().unwrap_or_default().trim_start_matches("new ");
    let (file, line) = split_place(place);
    if line.is_none() && name.is_empty() && !place.starts_with('<') {
        return None;
    }
    Some(Frame {
        symbol: if symbol.is_empty() { "<anonymous>".to_owned() } else { symbol.to_owned() },
        module: symbol.rsplit_once('.').map(|(object, _)| object.to_owned()),
        file: file.map(str::to_owned),
        line,
    })
}

fn split_place(place: &str) -> (Option<&str>, Option<u64>) {
    let mut parts = place.rsplitn(3, ':');
    let (column, line, file) = (parts.next(), parts.next(), parts.next());
    match (column.and_then(line_number), line.and_then(line_number), file) {
        (Some(_), Some(line), Some(file)) => (Some(file.strip_prefix("file://").unwrap_or(file)), Some(line)),
        _ if place == "<anonymous>" || place == "native" => (None, None),
        _ => (Some(place), None),
    }
}
