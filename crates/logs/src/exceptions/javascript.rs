//! JavaScript and TypeScript: V8's and Firefox' frames, `[cause]:`, `caused by:`, `[errors]:`, properties behind the trace.

use super::{Exception, Frame, Language, Link, Section, assemble, detect, line_number};

/// Exceptions of one trace that are told apart.
const MOST: usize = 64;

/// Reads a trace as V8, Node's inspector and pino write it.
pub(super) fn parse(text: &str) -> Option<Exception> {
    let mut reader = Reader::default();
    text.lines().skip(preamble(text)).for_each(|line| reader.line(line));
    assemble(Some(Language::JavaScript), reader.sections, reader.beside)
}

/// Lines before the head of an uncaught error: a place, the source line there, a caret below it.
fn preamble(text: &str) -> usize {
    let first = text.lines().position(|l| !l.trim().is_empty()).unwrap_or(0);
    let is_place = |l: &str| l.rsplit_once(':').is_some_and(|(_, n)| line_number(n.trim()).is_some());
    if !text.lines().nth(first).is_some_and(is_place) {
        return 0;
    }
    let is_caret = |l: &str| !l.trim().is_empty() && l.trim().bytes().all(|c| c == b'^');
    text.lines().skip(first).take(6).position(is_caret).map_or(0, |at| first + at + 1)
}

#[derive(Default)]
struct Reader {
    sections: Vec<Section>,
    beside: Vec<Link>,
    /// Lists of errors that are open, outermost first.
    lists: Vec<List>,
}

/// `[errors]: [`: the errors of an aggregate.
struct List {
    /// Where the line that opens it is indented to.
    indent: usize,
    /// Whether its first error is being read: that one goes on with the chain, the others stand beside.
    first: Option<bool>,
}

impl Reader {
    fn line(&mut self, line: &str) {
        let text = line.trim();
        let indent = line.len() - line.trim_start().len();
        if self.in_list(text, indent) {
            return;
        }
        let cause = text.strip_prefix("[cause]: ").or_else(|| text.strip_prefix("caused by: "));
        if let Some(rest) = cause.or_else(|| text.strip_prefix("Caused by: ")) {
            self.push(head(rest));
        } else if text == "[errors]: [" && self.lists.len() < 8 {
            self.lists.push(List { indent, first: None });
        } else if let Some(found) = frame_of(text) {
            if self.sections.is_empty() {
                self.sections.push(Section::default());
            }
            if let Some(section) = self.sections.last_mut() {
                section.frames.push(found);
            }
        } else {
            self.message(text, line);
        }
    }

    fn push(&mut self, link: Link) {
        if self.sections.len() < MOST {
            self.sections.push(Section::new(link));
        }
    }

    /// Reads the lines of a list that say nothing of the chain: where an error begins, and all of those beside.
    fn in_list(&mut self, text: &str, indent: usize) -> bool {
        let Some(list) = self.lists.last_mut() else { return false };
        if indent <= list.indent && text.starts_with(']') {
            self.lists.pop();
            return true;
        }
        if indent > list.indent + 2 || text.starts_with("at ") || text.starts_with(['}', ']']) {
            return list.first == Some(false);
        }
        let is_first = list.first.is_none();
        list.first = Some(is_first);
        let link = head(text);
        if is_first {
            self.push(link);
        } else if self.beside.len() < MOST {
            self.beside.push(link);
        }
        true
    }

    fn message(&mut self, text: &str, line: &str) {
        if text.is_empty() || is_closing(text) {
            return;
        }
        match self.sections.last_mut() {
            None => self.sections.push(Section::new(head(text))),
            Some(section) if section.frames.is_empty() => match named(text) {
                // A place and a source line may stand before the head.
                Some(link) if section.link.type_name.is_empty() => section.link = link,
                _ if section.link.type_name.starts_with("Prisma") && is_excerpt(text) => {}
                _ => section.extend_message(line),
            },
            // Properties such as `code: 'ER_DUP_ENTRY'` tell what went wrong: they stay with the message.
            Some(section) if is_telling(text) => section.extend_message(text.trim_end_matches(',')),
            Some(_) => {}
        }
    }
}

/// What ends the output of an uncaught error.
fn is_closing(text: &str) -> bool {
    text.bytes().all(|c| matches!(c, b'}' | b']' | b',' | b'^'))
        || text.starts_with("Node.js v")
        || text.starts_with("(Use `node ")
}

/// The source that Prisma shows around a call: it says where, not what.
fn is_excerpt(text: &str) -> bool {
    let digits = text.trim_start_matches(['→', ' ']).bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 || text.starts_with("Invalid `") || has_place(text)
}

fn has_place(text: &str) -> bool {
    !text.contains(' ') && split_place(text).1.is_some()
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
    let text = text.trim().trim_end_matches(',').trim_end_matches(" {");
    // Errors without a stack stand in brackets.
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
    if let Some(link) = named(bare).or_else(|| detect::inside(bare)).or_else(|| named_inside(bare)) {
        return link;
    }
    let said = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')).unwrap_or(text);
    Link { type_name: String::new(), message: said.to_owned() }
}

/// `PickFailed: order 12`, `AssertionError [ERR_ASSERTION]: …`: in a trace a name before a colon is a type's.
fn named(text: &str) -> Option<Link> {
    detect::head_of(text).or_else(|| {
        let (name, message) = text.split_once(':')?;
        let name = name.split(" [").next()?;
        let is_name = name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.len() < 100
            && name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'$'));
        let spaced = message.is_empty() || message.starts_with(' ');
        (is_name && spaced).then(|| Link { type_name: name.to_owned(), message: message.trim().to_owned() })
    })
}

/// `pick failed PickFailed: order 12`: what was logged before the error, and the error.
fn named_inside(text: &str) -> Option<Link> {
    let start = crate::scan::head(text, 2000).match_indices(' ').take(60).find_map(|(at, _)| {
        let word = text[at + 1..].split(' ').next()?.strip_suffix(':')?;
        let humps = word.bytes().filter(u8::is_ascii_uppercase).count();
        let plain = word.bytes().all(|c| c.is_ascii_alphanumeric());
        (plain && humps >= 2 && humps < word.len() && word.as_bytes()[0].is_ascii_uppercase())
            .then_some(at + 1)
    })?;
    named(&text[start..])
}

fn frame_of(text: &str) -> Option<Frame> {
    match text.strip_prefix("at ") {
        Some(rest) => frame(rest),
        None => text.contains('@').then(|| at_url(text)).flatten(),
    }
}

/// `async Picker.run [as handle] (file:///app/pick.js:12:7)`, `/app/pick.js:12:7`.
fn frame(text: &str) -> Option<Frame> {
    let text = text.trim_end_matches(['{', ' ', ',']);
    let text = text.strip_prefix("async ").unwrap_or(text);
    let (name, place) = match (text.split_once(" (eval at "), text.rsplit_once(" (")) {
        // Of code that was made at run time only the place that made it can be looked up.
        (Some((name, inner)), _) => {
            (name, inner.rsplit_once('(').map_or(inner, |(_, p)| p.split(')').next().unwrap_or(p)))
        }
        (None, Some((name, place))) => (name, place.trim_end_matches(')')),
        (None, None) => ("", text),
    };
    let symbol = name.split(" [as ").next().unwrap_or_default().trim_start_matches("new ");
    let (file, line) = split_place(place);
    if line.is_none() && name.is_empty() && !place.starts_with('<') {
        return None;
    }
    Some(made(symbol, file, line))
}

/// `pick@https://shop.example/main.js:12:7`, `async*run@…`, `@…`: Firefox and Safari.
fn at_url(text: &str) -> Option<Frame> {
    let (name, place) = text.split_once('@')?;
    let is_url = ["http://", "https://", "file://", "webpack", "app://", "moz-extension://"]
        .iter()
        .any(|s| place.starts_with(s));
    let (file, line) = split_place(place);
    if !is_url || line.is_none() || name.contains(' ') {
        return None;
    }
    let name = name.rsplit('*').next().unwrap_or(name).trim_end_matches(['/', '<']);
    Some(made(name, file, line))
}

/// Whether a line is a frame of Firefox or Safari.
pub(super) fn is_at_url(text: &str) -> bool {
    at_url(text.trim_end()).is_some()
}

fn made(symbol: &str, file: Option<&str>, line: Option<u64>) -> Frame {
    Frame {
        symbol: if symbol.is_empty() { "<anonymous>".to_owned() } else { symbol.to_owned() },
        module: symbol.rsplit_once('.').map(|(object, _)| object.to_owned()),
        file: file.map(str::to_owned),
        line,
    }
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
