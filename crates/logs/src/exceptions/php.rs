//! PHP: uncaught errors, `Next` for what wrapped them, Monolog's and Laravel's form inside a field.

use super::{Exception, Frame, Language, Link, Section, assemble, detect, line_number};

/// Reads what `Throwable::__toString`, the runtime and Monolog write.
pub(super) fn parse(text: &str) -> Option<Exception> {
    let mut sections: Vec<Section> = Vec::new();
    // Whether the first one is the outermost: Monolog writes what was wrapped behind `[previous exception]`.
    let mut outer_first = false;
    let mut in_frames = false;
    let mut calls: Vec<Frame> = Vec::new();
    for line in text.lines() {
        let text = line.trim();
        if let Some(found) = numbered(text) {
            calls.push(found);
        } else if let Some(found) = frame(text) {
            if sections.is_empty() {
                sections.push(Section::default());
            }
            if let Some(section) = sections.last_mut() {
                section.frames.push(found);
            }
            in_frames = true;
        } else if let Some(rest) = text.strip_prefix("[previous exception] ") {
            outer_first = true;
            in_frames = false;
            sections.push(head(rest));
        } else if let Some(rest) = text.strip_prefix("Next ") {
            in_frames = false;
            sections.push(head(rest));
        } else if sections.is_empty() {
            if !text.is_empty() {
                sections.push(head(text));
            }
        } else if let Some(section) = sections.last_mut().filter(|_| !in_frames && !is_mark(text)) {
            section.extend_message(text);
        }
    }
    for section in &mut sections {
        place_at_end(section);
    }
    // The engine's own list of calls goes the other way round.
    if let Some(section) = sections.last_mut() {
        section.frames.extend(calls.into_iter().rev());
    }
    if !outer_first {
        sections.reverse();
    }
    assemble(Some(Language::Php), sections, Vec::new())
}

/// `PHP   2. App\Kernel->handle($request = …) /srv/app/public/index.php:21`, as the engine and Xdebug write.
pub(super) fn numbered(text: &str) -> Option<Frame> {
    let (number, rest) = text.strip_prefix("PHP ")?.trim_start().split_once(". ")?;
    line_number(number)?;
    let (call, place) = rest.rsplit_once(' ')?;
    let (file, line) = place.rsplit_once(':')?;
    let symbol = call.split('(').next().unwrap_or_default().trim();
    Some(call_at(symbol, Some(file), line_number(line)))
}

fn is_mark(text: &str) -> bool {
    text == "Stack trace:"
        || text == "PHP Stack trace:"
        || text.starts_with("[stacktrace]")
        || text.starts_with("thrown in ")
        || text == "\"}"
}

/// `PHP Fatal error:  Uncaught App\PickFailed: order 12`, `[object] (PDOException(code: 23000): SQLSTATE…`.
fn head(text: &str) -> Section {
    let mut rest = text;
    if let Some(at) = rest.find("[object] (") {
        rest = &rest[at + 10..];
        if let Some((name, message)) =
            rest.split_once("(code: ").and_then(|(n, r)| Some((n, r.split_once("): ")?.1)))
        {
            return Section::new(Link { type_name: name.to_owned(), message: message.to_owned() });
        }
    }
    if let Some(at) = rest.find("Uncaught ") {
        rest = rest[at + 9..].trim_start_matches("PHP Exception ");
    } else if let Some(link) = by_engine(rest) {
        return Section::new(link);
    }
    let link = match rest.split_once(": ") {
        Some((name, message)) if is_class(name) => {
            Link { type_name: name.to_owned(), message: message.to_owned() }
        }
        _ => detect::head_of(rest)
            .or_else(|| detect::inside(rest))
            .unwrap_or_else(|| Link { type_name: String::new(), message: rest.to_owned() }),
    };
    Section::new(link)
}

/// `PHP Fatal error:  Allowed memory size …`: what the engine itself reports has a name for its weight and no type.
fn by_engine(text: &str) -> Option<Link> {
    const WEIGHTS: [&str; 6] =
        ["Fatal error", "Parse error", "Recoverable fatal error", "Warning", "Notice", "Deprecated"];
    let text = text.strip_prefix("PHP ").unwrap_or(text);
    let (weight, message) = text.split_once(':')?;
    WEIGHTS
        .contains(&weight)
        .then(|| Link { type_name: weight.to_owned(), message: message.trim().to_owned() })
}

fn is_class(name: &str) -> bool {
    let last = name.rsplit('\\').next().unwrap_or_default();
    last.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'\\' | b'_'))
}

/// Takes ` in /var/www/src/Store.php:41` (or ` at …)`, or ` in … on line 41`) off a message: the place where it was
/// thrown is its first frame.
fn place_at_end(section: &mut Section) {
    let message = section.link.message.trim_end();
    let Some((words, file, line)) = place_behind(message, " in ").or_else(|| place_behind(message, " at "))
    else {
        return;
    };
    let words = words.strip_suffix(" and defined").unwrap_or(words);
    let said = words.strip_prefix('"').and_then(|w| w.strip_suffix('"')).unwrap_or(words);
    let thrown = Frame { symbol: String::new(), module: None, file: Some(file.to_owned()), line: Some(line) };
    section.link.message = said.to_owned();
    section.frames.insert(0, thrown);
}

/// A message, and the file and line behind its last `word`.
fn place_behind<'a>(message: &'a str, word: &str) -> Option<(&'a str, &'a str, u64)> {
    let (words, place) = message.rsplit_once(word)?;
    let place = place.trim_end_matches([')', '"', '}']);
    let (file, line) = [" on line ", " line ", ":"].iter().find_map(|between| place.rsplit_once(between))?;
    let is_file = file.rsplit('.').next() == Some("php") && !file.contains(' ');
    Some((words.trim_end(), file, line_number(line).filter(|_| is_file)?))
}

/// `#1 /var/www/src/Pick.php(12): App\Store->insert(Array)`.
fn frame(text: &str) -> Option<Frame> {
    let (number, rest) = text.strip_prefix('#')?.split_once(' ')?;
    line_number(number)?;
    let rest = rest.trim();
    if rest == "{main}" {
        return Some(Frame { symbol: "{main}".into(), ..Frame::default() });
    }
    let (place, call) = match rest.split_once("): ") {
        Some((place, call)) if place.contains('(') => (place, call),
        _ => (
            rest.strip_prefix("[internal function]: ").map_or(rest, |_| ""),
            rest.strip_prefix("[internal function]: ").unwrap_or(""),
        ),
    };
    let (file, line) = match place.rsplit_once('(') {
        Some((file, line)) => (Some(file), line_number(line.trim_end_matches(')'))),
        None => (None, None),
    };
    if file.is_none() && call.is_empty() {
        return None;
    }
    Some(call_at(call.split('(').next().unwrap_or_default(), file, line))
}

fn call_at(symbol: &str, file: Option<&str>, line: Option<u64>) -> Frame {
    Frame {
        symbol: symbol.to_owned(),
        module: symbol
            .rsplit_once("->")
            .or_else(|| symbol.rsplit_once("::"))
            .map(|(class, _)| class.to_owned()),
        file: file.map(str::to_owned),
        line,
    }
}
