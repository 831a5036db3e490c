//! Failures as a person reads them: what happened, where, and what to do next. Printed to standard error, in colour
//! only on a terminal.

use crate::exit::Exit;
use anstyle::{AnsiColor, Style};
use std::fmt::Write as _;
use std::io::Write as _;
use waylaid_engine::EngineError;
use waylaid_report::clean;
use waylaid_store::ErrorKind;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// A place in a text file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// File as the person would name it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The line itself.
    pub text: String,
    /// Characters to underline.
    pub width: usize,
}

impl Place {
    /// The place of a byte range inside a file's text.
    pub fn new(file: &str, source: &str, range: std::ops::Range<usize>) -> Self {
        let mut start = range.start.min(source.len());
        while !source.is_char_boundary(start) {
            start -= 1;
        }
        let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
        let text = source[line_start..].lines().next().unwrap_or("");
        let column = source[line_start..start].chars().count() + 1;
        let rest = text.chars().count().saturating_sub(column - 1);
        let marked = source.get(start..range.end.min(source.len())).map_or(1, |s| s.chars().count());
        Self {
            file: file.into(),
            line: source[..start].matches('\n').count() + 1,
            column,
            text: text.into(),
            width: marked.clamp(1, rest.max(1)),
        }
    }
}

/// Why a command could not do its job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What happened.
    pub what: String,
    /// Where.
    pub place: Option<Box<Place>>,
    /// What to do next.
    pub hints: Vec<String>,
    /// What the process ends with.
    pub exit: Exit,
}

impl Failure {
    /// Wrong use or configuration.
    pub fn usage(what: impl Into<String>) -> Self {
        Self { what: what.into(), place: None, hints: Vec::new(), exit: Exit::Usage }
    }

    /// Nothing to say: only the process ends with this.
    pub fn silent(exit: Exit) -> Self {
        Self { what: String::new(), place: None, hints: Vec::new(), exit }
    }

    /// Whether there is nothing to say.
    pub fn is_silent(&self) -> bool {
        self.what.is_empty()
    }

    /// The same with what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        if !hint.is_empty() {
            self.hints.push(hint);
        }
        self
    }

    /// The same with where.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(Box::new(place));
        self
    }

    /// Prints it to standard error.
    pub fn print(&self) {
        let mut text = format!("{ERROR}error{ERROR:#}: {}\n", indented(&self.what, "       "));
        if let Some(place) = &self.place {
            let number = place.line.to_string();
            let gutter = " ".repeat(number.len());
            let before = " ".repeat(place.column - 1);
            let marks = "^".repeat(place.width);
            let _ = writeln!(
                text,
                "{DIM}{gutter} -->{DIM:#} {}:{}:{}",
                clean::line(&place.file),
                place.line,
                place.column
            );
            let _ = writeln!(text, "{DIM}{gutter} |{DIM:#}");
            let _ = writeln!(text, "{DIM}{number} |{DIM:#} {}", clean::line(&place.text.replace('\t', " ")));
            let _ = writeln!(text, "{DIM}{gutter} |{DIM:#} {before}{ERROR}{marks}{ERROR:#}");
        }
        for hint in &self.hints {
            let _ = writeln!(text, "{HINT}hint{HINT:#}: {}", indented(hint, "      "));
        }
        let _ = anstream::stderr().write_all(text.as_bytes());
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Question { message, hint } => Self::usage(message).hint(hint),
            EngineError::Store(error) => error.into(),
        }
    }
}

impl From<waylaid_store::StoreError> for Failure {
    fn from(error: waylaid_store::StoreError) -> Self {
        let (exit, hint) = match error.kind {
            ErrorKind::Cancelled => (Exit::Interrupted, ""),
            ErrorKind::Invalid => (Exit::Usage, "`waylaid check` lists what every store holds"),
            ErrorKind::Locked => {
                (Exit::Partial, "wait until the process that holds it is done, or copy the file")
            }
            _ => (Exit::Partial, "`waylaid check` shows which stores can be read"),
        };
        Self { what: error.to_string(), place: None, hints: Vec::new(), exit }.hint(hint)
    }
}

/// Prints a remark that is no failure to standard error.
pub fn note(text: &str) {
    let text = format!("{NOTE}note{NOTE:#}: {}\n", indented(text, "      "));
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// Visible text; lines after the first start under the first.
fn indented(text: &str, indent: &str) -> String {
    let mut out = String::new();
    for (number, line) in clean::lines(text).iter().enumerate() {
        if number > 0 {
            out.push('\n');
            out.push_str(if line.is_empty() { "" } else { indent });
        }
        out.push_str(line);
    }
    out
}

/// The candidate that a person most likely meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = word.to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let distance = strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase());
        let longest = wanted.chars().count().max(candidate.chars().count());
        let close = distance * 5 <= longest * 2;
        if close && best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// `did you mean …?`, or the list of what there is.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    if let Some(nearest) = nearest(word, candidates.clone()) {
        return format!("did you mean `{nearest}`?");
    }
    let all: Vec<_> = candidates.into_iter().map(|c| format!("`{c}`")).collect();
    if all.is_empty() { String::new() } else { format!("there is {}", all.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_only_when_it_is_near() {
        assert_eq!(nearest("equal", ["equals", "column", "for"]), Some("equals"));
        assert_eq!(nearest("Colunm", ["equals", "column"]), Some("column"));
        assert_eq!(nearest("zzz", ["equals", "column"]), None);
    }

    #[test]
    fn places_count_characters() {
        let place = Place::new("f", "a = 1\nä = \"x\" # y\n", 12..15);
        assert_eq!((place.line, place.column, place.width), (2, 6, 3));
        assert_eq!(Place::new("f", "", 0..9).line, 1);
    }
}
