//! Stack traces to a cause chain and frames, a file a language.

mod csharp;
mod detect;
mod go;
mod java;
mod javascript;
mod library;
mod php;
mod python;
mod ruby;
mod rust;

pub use library::is_library_frame;

use crate::scan::head;

/// Language whose runtime wrote a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Java, Kotlin, Scala, Groovy.
    Java,
    /// C# and other .NET languages.
    CSharp,
    /// Python.
    Python,
    /// JavaScript and TypeScript.
    JavaScript,
    /// Go.
    Go,
    /// Rust.
    Rust,
    /// PHP.
    Php,
    /// Ruby.
    Ruby,
}

/// Stands for a function in a trace that was put together from parts of which none names it.
pub(crate) const UNNAMED: &str = "<unnamed>";

/// Traces are read up to this many bytes: enough for thousands of frames.
const LIMIT: usize = 1 << 20;

/// One exception of a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Type as written (`org.postgresql.util.PSQLException`); empty where the language has none.
    pub type_name: String,
    /// Message, without the type.
    pub message: String,
}

/// One frame of a stack trace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Frame {
    /// The function as written: `com.acme.PickConsumer.onOrder`, `main.(*Server).handle`.
    pub symbol: String,
    /// Class, module or package that holds the function, where it can be told.
    pub module: Option<String>,
    /// Source file as written.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<u64>,
}

/// An exception with its causes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Language, as far as the text tells.
    pub language: Option<Language>,
    /// Outermost first; the innermost (the root cause) last. Never empty.
    pub chain: Vec<Link>,
    /// Frames of the root cause first, the innermost call first, then those of the outer ones.
    pub frames: Vec<Frame>,
    /// Exceptions that were suppressed or aggregated beside the chain.
    pub suppressed: Vec<Link>,
}

impl Exception {
    /// Type of the root cause; empty where the language has none.
    pub fn root_type(&self) -> &str {
        self.chain.last().map_or("", |l| l.type_name.as_str())
    }

    /// Message of the root cause.
    pub fn root_message(&self) -> &str {
        self.chain.last().map_or("", |l| l.message.as_str())
    }

    /// The frames of the application: those that [`is_library_frame`] does not know.
    pub fn application_frames(&self) -> impl Iterator<Item = &Frame> {
        self.frames.iter().filter(|f| !is_library_frame(f))
    }
}

/// One exception of a chain while it is read.
#[derive(Debug, Default)]
struct Section {
    link: Link,
    frames: Vec<Frame>,
}

impl Section {
    fn new(link: Link) -> Self {
        Self { link, frames: Vec::new() }
    }

    /// Adds a further line to the message.
    fn extend_message(&mut self, line: &str) {
        let line = line.trim_end();
        if !line.is_empty() {
            if !self.link.message.is_empty() {
                self.link.message.push('\n');
            }
            self.link.message.push_str(line);
        }
    }
}

/// Sections in the chain's order (outermost first) as an exception; `None` for none.
fn assemble(language: Option<Language>, sections: Vec<Section>, suppressed: Vec<Link>) -> Option<Exception> {
    let mut chain = Vec::with_capacity(sections.len());
    let mut frames = Vec::new();
    for section in sections.into_iter().rev() {
        frames.extend(section.frames);
        // Coroutines and futures hand on a copy of what was thrown with that as its cause.
        if chain.last() != Some(&section.link) {
            chain.push(section.link);
        }
    }
    chain.reverse();
    (!chain.is_empty()).then_some(Exception { language, chain, frames, suppressed })
}

/// Reads a stack trace, or a line such as `com.acme.OrderException: text`. `None` when the text is neither.
pub fn parse_exception(text: &str) -> Option<Exception> {
    let text = head(text, LIMIT);
    match detect::language(text) {
        Some(Language::Java) => java::parse(text),
        Some(Language::CSharp) => csharp::parse(text),
        Some(Language::Python) => python::parse(text),
        Some(Language::JavaScript) => javascript::parse(text),
        Some(Language::Go) => go::parse(text),
        Some(Language::Rust) => rust::parse(text),
        Some(Language::Php) => php::parse(text),
        Some(Language::Ruby) => ruby::parse(text),
        None => plain(text),
    }
}

/// Reads a text that is known to be an error (a field such as `error`), also one without type or frames: wrapped
/// errors `a: b: c` become a chain. `None` for blank text only.
pub fn parse_error(text: &str) -> Option<Exception> {
    if text.trim().is_empty() {
        return None;
    }
    parse_exception(text).or_else(|| {
        let links = go::wrapped(head(text.trim(), LIMIT));
        assemble(None, links.into_iter().map(Section::new).collect(), Vec::new())
    })
}

/// The language of a line that is a frame, told from the line alone.
pub(crate) fn frame_language(line: &str) -> Option<Language> {
    let trimmed = line.trim();
    detect::by_frame(trimmed, line.starts_with([' ', '\t']))
}

/// Whether a line begins with a type and what it says.
pub(crate) fn is_typed(line: &str) -> bool {
    detect::head_of(line).is_some()
}

/// A type and message without frames: `com.acme.OrderException: text; nested exception is …`.
fn plain(text: &str) -> Option<Exception> {
    let link = detect::find_head(text)?;
    let language = detect::language_of_type(&link.type_name);
    let links = java::nested(link);
    assemble(language, links.into_iter().map(Section::new).collect(), Vec::new())
}

/// The whole number in `text`, where it is nothing else.
fn line_number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
