//! Checkouts to what their code says: which statement wrote a log line, where the frames of a stack trace stand, what a
//! file mentions.
//!
//! Source files are read by their syntax ([`outline`]), a file a language in `languages/`, into one shape for all;
//! log statements, helpers around loggers and what is raised are read off that shape. Nothing is run, no link is
//! followed, nothing outside the checkout is read, and no git is needed. A file that does not parse is used as far as it
//! does.

mod checkout;
mod frames;
mod hint;
mod index;
mod languages;
mod locate;
mod logging;
mod matching;
pub mod outline;
mod placeholders;
mod places;
mod sql;
mod statements;
mod wanted;

pub use checkout::{LeftOut, SourceFile};
pub use frames::{FoundFrame, Texts};
pub use index::{Index, IndexedFile};
pub use locate::{Answer, Outcome, Place, Role, locate};
pub use matching::{Candidate, Line, Sureness};
pub use places::{Statement, find_frame, find_raised, find_statement, find_trace, handler_condition};
pub use sql::{Verb, find_sql};
pub use statements::{Kind, Statement as LogStatement};

use std::path::Path;
use std::sync::OnceLock;

/// A checkout: its files as text, and their index, made when it is first asked for.
#[derive(Debug, Default)]
pub struct Sources {
    /// Service whose checkout it is.
    pub service: String,
    /// Files by path.
    pub files: Vec<SourceFile>,
    /// Whether there was more than is held.
    pub cut: bool,
    left_out: Vec<LeftOut>,
    index: OnceLock<Index>,
    by_path: OnceLock<std::collections::HashMap<String, usize>>,
}

/// What a file's mention of a topic looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mention {
    /// Beside words of sending.
    Produces,
    /// Beside words of receiving.
    Consumes,
    /// Named only.
    Names,
}

impl Sources {
    /// Reads a checkout. A folder that is missing or unreadable gives no files.
    pub fn read(service: &str, root: &Path) -> Self {
        let checkout = checkout::read(root);
        let mut sources = Self::of_files(service, checkout.files);
        (sources.cut, sources.left_out) = (checkout.cut, checkout.left_out);
        sources
    }

    /// A checkout whose files were read before.
    pub fn of_files(service: &str, files: Vec<SourceFile>) -> Self {
        Self { service: service.to_owned(), files, ..Self::default() }
    }

    /// The index of its source files.
    pub fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::build(&self.files))
    }

    /// Files that were left out, and why.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> Option<&str> {
        let by_path = self
            .by_path
            .get_or_init(|| self.files.iter().enumerate().map(|(n, f)| (f.path.clone(), n)).collect());
        by_path.get(path).map(|n| self.files[*n].text.as_str())
    }

    /// How this checkout mentions a topic; `None` when it doesn't. A name in configuration counts as a mention.
    pub fn mention(&self, topic: &str) -> Option<Mention> {
        const SEND: &[&str] = &["send", "produce", "publish", "emit", "outgoing", "output", "sink", "writer"];
        const RECEIVE: &[&str] =
            &["listener", "subscribe", "consume", "consumer", "incoming", "input", "poll", "reader", "fetch"];
        let mut best = None;
        for file in self.files.iter().filter(|f| f.text.contains(topic)) {
            let lines: Vec<&str> = file.text.lines().collect();
            for (number, line) in lines.iter().enumerate().filter(|(_, l)| names(l, topic)) {
                let from = number.saturating_sub(1);
                let near = lines[from..lines.len().min(number + 2)].join("\n").to_lowercase();
                let here = line.to_lowercase();
                let says = |words: &[&str], text: &str| words.iter().any(|w| text.contains(w));
                let mention = match (
                    says(SEND, &here),
                    says(RECEIVE, &here),
                    says(SEND, &near),
                    says(RECEIVE, &near),
                ) {
                    (true, false, ..) => Mention::Produces,
                    (false, true, ..) => Mention::Consumes,
                    (_, _, true, false) => Mention::Produces,
                    (_, _, false, true) => Mention::Consumes,
                    _ => Mention::Names,
                };
                if best.is_none_or(|b| mention < b) {
                    best = Some(mention);
                }
            }
        }
        best
    }

    /// Whether any file holds the text as a whole name.
    pub fn holds(&self, name: &str) -> bool {
        self.files.iter().any(|f| f.text.contains(name) && f.text.lines().any(|l| names(l, name)))
    }
}

impl Texts for Sources {
    fn text(&self, file: usize) -> Option<&str> {
        Self::text(self, &self.index().files.get(file)?.path)
    }
}

/// Whether a line holds a name that goes on neither before nor behind.
fn names(line: &str, name: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-');
    line.match_indices(name).any(|(at, _)| {
        let after = line[at + name.len()..].chars().next();
        let after_dot = line[at + name.len()..]
            .strip_prefix('.')
            .is_some_and(|r| r.starts_with(|c: char| c.is_alphanumeric()));
        !joins(line[..at].chars().next_back()) && !joins(after) && !after_dot
    })
}
