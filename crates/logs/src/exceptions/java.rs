//! Java, Kotlin, Scala, Groovy: `Caused by:`, `Wrapped by:`, `Suppressed:`, `... 23 more`, `nested exception is`.

use super::{Exception, Frame, Language, Link, Section, UNNAMED, assemble, detect, go, line_number};

/// Reads a trace as `Throwable.printStackTrace` and the appenders write it.
pub(super) fn parse(text: &str) -> Option<Exception> {
    let mut reader = Reader::default();
    for line in text.lines() {
        reader.line(line);
    }
    reader.finish()
}

#[derive(Default)]
struct Reader {
    sections: Vec<Section>,
    suppressed: Vec<Link>,
    /// Indentation of the `Suppressed:` line whose block is being read.
    inside_suppressed: Option<usize>,
    /// `Wrapped by:` was seen: the root cause comes first.
    root_first: bool,
}

impl Reader {
    fn line(&mut self, line: &str) {
        let text = line.trim();
        let indent = line.len() - line.trim_start().len();
        if let Some(level) = self.inside_suppressed {
            // Its own causes stand as deep as it does; those of the exception that has it, less deep.
            let is_outer = level == 0 && text.starts_with("Caused by: ");
            let belongs = indent > level || text.is_empty() || (indent == level && !is_outer);
            if belongs {
                // What was suppressed in what was suppressed is told of, too, and belongs to the same block.
                self.suppressed.extend(text.strip_prefix("Suppressed: ").map(typed));
                return;
            }
            self.inside_suppressed = None;
        }
        if let Some(link) = text.strip_prefix("Caused by: ").and_then(cause) {
            self.sections.push(Section::new(link));
        } else if let Some(link) = text.strip_prefix("Wrapped by: ").and_then(cause) {
            self.root_first = true;
            self.sections.push(Section::new(link));
        } else if text.contains("[CIRCULAR REFERENCE: ") {
            // What was said already is said again.
        } else if let Some(rest) = text.strip_prefix("Suppressed: ") {
            self.suppressed.push(typed(rest));
            self.inside_suppressed = Some(indent);
        } else if let Some(found) = text.strip_prefix("at ").and_then(frame) {
            if self.sections.is_empty() {
                self.sections.push(Section::default());
            }
            if let Some(section) = self.sections.last_mut() {
                section.frames.push(found);
            }
        } else if !is_elision(text) {
            self.other(text, line);
        }
    }

    /// The first line, or a further line of a message.
    fn other(&mut self, text: &str, line: &str) {
        match self.sections.last_mut() {
            None if text.is_empty() => {}
            None => {
                let link = detect::head_of(text).or_else(|| detect::inside(text));
                self.sections.push(Section::new(link.unwrap_or_else(|| untyped(text))));
            }
            Some(section) if section.frames.is_empty() => {
                // A preamble without a type gives way to the head that follows it.
                match detect::head_of(text) {
                    Some(link) if section.link.type_name.is_empty() => section.link = link,
                    _ => section.extend_message(line),
                }
            }
            Some(_) => {}
        }
    }

    fn finish(mut self) -> Option<Exception> {
        if self.root_first {
            self.sections.reverse();
        }
        if let [only] = self.sections.as_mut_slice() {
            let links = nested(std::mem::take(&mut only.link));
            let frames = std::mem::take(&mut only.frames);
            self.sections = links.into_iter().map(Section::new).collect();
            if let Some(outer) = self.sections.first_mut() {
                outer.frames = frames;
            }
        }
        let language = language_of(&self.sections);
        if language == Language::Go
            && let [only] = self.sections.as_mut_slice()
            && only.link.type_name.is_empty()
        {
            let frames = std::mem::take(&mut only.frames);
            self.sections = go::wrapped(&only.link.message).into_iter().map(Section::new).collect();
            if let Some(root) = self.sections.last_mut() {
                root.frames = frames;
            }
        } else if language != Language::Java
            && let Some(outer) = self.sections.first_mut()
            && outer.link.type_name.is_empty()
        {
            // Elsewhere types have names of every kind.
            outer.link = by_colon(&outer.link.message).unwrap_or_else(|| std::mem::take(&mut outer.link));
        }
        assemble(Some(language), self.sections, self.suppressed)
    }
}

/// Traces that loggers take apart have this form whatever the language: the first file tells it.
fn language_of(sections: &[Section]) -> Language {
    let files = sections.iter().flat_map(|s| &s.frames).filter_map(|f| f.file.as_deref());
    let told = files.take(8).find_map(|f| {
        Some(match f.rsplit_once('.')?.1 {
            "py" => Language::Python,
            "php" => Language::Php,
            "rb" => Language::Ruby,
            "go" => Language::Go,
            "rs" => Language::Rust,
            "cs" => Language::CSharp,
            "js" | "ts" | "mjs" | "cjs" | "tsx" | "jsx" => Language::JavaScript,
            _ => return None,
        })
    });
    told.unwrap_or(Language::Java)
}

fn untyped(text: &str) -> Link {
    Link { type_name: String::new(), message: text.to_owned() }
}

/// What follows `Caused by: ` where that introduces a cause: a message may hold these words too.
fn cause(rest: &str) -> Option<Link> {
    Some(typed(rest)).filter(|link| !link.type_name.is_empty())
}

/// What stands in the place of a type is one, whatever its name.
fn typed(rest: &str) -> Link {
    if let Some(link) = detect::split_type(rest) {
        return link;
    }
    by_colon(rest).unwrap_or_else(|| untyped(rest))
}

/// `shop.PickFailed: text`, `PG::UniqueViolation: text`, `App\Failed`: any name of a type.
fn by_colon(text: &str) -> Option<Link> {
    let (name, message) = text.split_once(": ").unwrap_or((text, ""));
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | b'$' | b'-' | b':' | b'\\'));
    is_name.then(|| Link { type_name: name.to_owned(), message: message.trim().to_owned() })
}

/// `... 23 more`, `... 23 common frames omitted`, `... 23 frames excluded`.
fn is_elision(text: &str) -> bool {
    text.starts_with("... ") && text[4..].starts_with(|c: char| c.is_ascii_digit())
}

/// Spring's one-line chains: `a; nested exception is b.C: d; nested exception is …`.
pub(super) fn nested(link: Link) -> Vec<Link> {
    const WORDS: &str = "nested exception is ";
    let Some(first) = link.message.find(WORDS) else { return vec![link] };
    let mut links = Vec::new();
    let outer = link.message[..first].trim_end().trim_end_matches(';').to_owned();
    let mut rest = &link.message[first + WORDS.len()..];
    links.push(Link { type_name: link.type_name, message: outer });
    while !rest.is_empty() && links.len() < 32 {
        let end = rest.find(WORDS).unwrap_or(rest.len());
        links.push(typed(rest[..end].trim_end().trim_end_matches(';')));
        rest = rest.get(end + WORDS.len()..).unwrap_or_default();
    }
    links
}

/// `java.base/java.util.List.get(List.java:12) ~[app.jar:1.2]`.
fn frame(text: &str) -> Option<Frame> {
    let open = text.find('(')?;
    let close = text[open..].find(')')? + open;
    let place = &text[open + 1..close];
    let symbol = text[..open].trim();
    // A module stands before the package; in Go, folders do.
    let of_go = place.contains(".go:");
    let symbol = if of_go { symbol } else { symbol.rsplit('/').next()? };
    if symbol.is_empty() || symbol.contains(' ') {
        return None;
    }
    let symbol = if symbol == UNNAMED { "" } else { symbol };
    let (file, line) = match place.rsplit_once(':') {
        Some((file, line)) if line_number(line).is_some() => {
            (Some(file).filter(|f| *f != "Unknown Source"), line_number(line))
        }
        _ if place.contains('.') => (Some(place), None),
        _ => (None, None),
    };
    Some(Frame {
        symbol: symbol.to_owned(),
        module: symbol.rsplit_once('.').map(|(class, _)| class.to_owned()),
        file: file.map(str::to_owned),
        line,
    })
}
