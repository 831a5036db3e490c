//! From the text of a log line to the statements that could have written it.

use crate::index::{Index, IndexedFile, stem};
use crate::outline::{Part, Template};
use crate::statements::{Kind, Statement};
use aho_corasick::AhoCorasick;
use std::collections::BTreeSet;
use waylaid_model::{Level, LogEvent};

/// What is known of a line.
#[derive(Clone, Debug, Default)]
pub struct Line<'a> {
    /// Its message.
    pub message: &'a str,
    /// The message template that it carries.
    pub template: Option<&'a str>,
    /// Its logger.
    pub logger: Option<&'a str>,
    /// Its level.
    pub level: Option<Level>,
    /// Its fields.
    pub fields: &'a [(String, serde_json::Value)],
    /// File and line that the line itself names.
    pub place: Option<(&'a str, u32)>,
}

impl<'a> Line<'a> {
    /// What an event says.
    pub fn of(event: &'a LogEvent) -> Self {
        Self {
            message: &event.message,
            template: event.template.as_deref(),
            logger: event.logger.as_deref(),
            level: event.level,
            fields: &event.fields,
            place: None,
        }
    }
}

/// How sure an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sureness {
    /// The statement writes the whole line.
    Exact,
    /// Most of the line speaks for it.
    Likely,
    /// Little speaks for it.
    Weak,
}

/// A statement that could have written a line.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// File of the index.
    pub file: usize,
    /// Statement of the file.
    pub statement: usize,
    /// The higher the better.
    pub score: i32,
    /// How sure it is.
    pub sureness: Sureness,
}

/// The statements of an index, made ready for search.
#[derive(Debug)]
pub(crate) struct Matcher {
    search: Option<AhoCorasick>,
    /// Patterns of each anchor.
    anchored: Vec<Vec<u32>>,
    /// Patterns without literal text.
    open: Vec<u32>,
    patterns: Vec<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    file: u32,
    statement: u32,
    pieces: Vec<Piece>,
    weight: i32,
    words: i32,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Hole { number: bool },
}

/// Messages are compared up to this length.
const LONGEST: usize = 64 * 1024;
const MOST: usize = 20;
/// So many characters of a piece are searched for.
const ANCHOR: usize = 24;

/// The texts that the statements of a file are searched by, and whether some have none.
pub(crate) fn anchors(file: &IndexedFile) -> (Vec<String>, bool) {
    let templates = file.statements.iter().flat_map(|s| &s.templates);
    let found: Vec<Option<String>> =
        templates.map(|t| Pattern::of(0, 0, t).anchor().map(str::to_owned)).collect();
    let open = found.iter().any(Option::is_none);
    (found.into_iter().flatten().collect(), open)
}

/// Text with every run of blanks as one.
pub(crate) fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    for c in text.chars() {
        if c.is_whitespace() {
            blank = true;
            continue;
        }
        if blank {
            out.push(' ');
        }
        blank = false;
        out.push(c);
    }
    if blank {
        out.push(' ');
    }
    out
}

impl Pattern {
    fn of(file: u32, statement: u32, template: &Template) -> Self {
        let mut pieces: Vec<Piece> = Vec::new();
        for part in &template.parts {
            match part {
                Part::Text(text) => pieces.push(Piece::Text(collapse(text))),
                // Neighbouring holes are one.
                Part::Hole(hole) => match pieces.last_mut() {
                    Some(Piece::Hole { number }) => *number &= hole.number,
                    _ => pieces.push(Piece::Hole { number: hole.number }),
                },
            }
        }
        if let Some(Piece::Text(first)) = pieces.first_mut() {
            *first = first.trim_start().to_owned();
        }
        if let Some(Piece::Text(last)) = pieces.last_mut() {
            *last = last.trim_end().to_owned();
        }
        pieces.retain(|p| !matches!(p, Piece::Text(t) if t.is_empty()));
        let words = template.pieces().map(word_count).sum();
        Self { file, statement, pieces, weight: template.weight() as i32, words }
    }

    fn anchor(&self) -> Option<&str> {
        let texts = self.pieces.iter().filter_map(|p| match p {
            Piece::Text(text) => Some(text.trim()),
            Piece::Hole { .. } => None,
        });
        let longest = texts.max_by_key(|t| t.len()).filter(|t| !t.is_empty())?;
        // Its beginning suffices, and is there even where the line was cut or the rest has changed since.
        let end = longest.char_indices().nth(ANCHOR).map_or(longest.len(), |(at, _)| at);
        Some(longest[..end].trim())
    }
}

fn word_count(text: &str) -> i32 {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() > 1).count() as i32
}

/// How a pattern lies in a message.
#[derive(Clone, Copy, Debug, Default)]
struct Fit {
    /// Where it begins.
    from: usize,
    /// Where it ends.
    to: usize,
    starts: bool,
    ends: bool,
    /// Words inside its holes.
    hole_words: i32,
    /// A hole for a number that holds none.
    odd: bool,
    /// The line ends before the pattern does: letters and words that were there.
    cut: Option<(i32, i32)>,
}

impl Fit {
    /// The pattern laid over the message from its start; where that fails, from wherever its first piece stands.
    fn of(pattern: &Pattern, message: &str) -> Option<Self> {
        match pattern.pieces.first() {
            Some(Piece::Text(first)) => {
                let whole = Self::from(pattern, message, 0);
                // Its beginning is searched for: the line may end before it does.
                let end = first.char_indices().nth(ANCHOR).map_or(first.len(), |(at, _)| at);
                whole.or_else(|| {
                    let starts = message.match_indices(&first[..end]).take(8);
                    starts
                        .filter_map(|(at, _)| Self::from(pattern, message, at))
                        .min_by_key(|f| f.cut.is_some())
                })
            }
            Some(Piece::Hole { .. }) => Self::from(pattern, message, 0),
            None => None,
        }
    }

    fn from(pattern: &Pattern, message: &str, from: usize) -> Option<Self> {
        let mut at = from;
        let mut fit = Self { from, starts: from == 0, ends: true, ..Self::default() };
        let mut hole: Option<bool> = None;
        let last = pattern.pieces.len() - 1;
        for (number, piece) in pattern.pieces.iter().enumerate() {
            let text = match piece {
                Piece::Hole { number } => {
                    hole = Some(*number);
                    continue;
                }
                Piece::Text(text) => text.as_str(),
            };
            let rest = message.get(at..)?;
            let found = match hole.take() {
                None if rest.starts_with(text) => 0,
                None => return fit.cut_in(pattern, number, text, rest, message.len()),
                Some(is_number) => {
                    // The last piece belongs to the end where it stands there.
                    let end =
                        rest.len().checked_sub(text.len()).filter(|_| number == last && rest.ends_with(text));
                    let found = end.or_else(|| rest.find(text))?;
                    fit.fill(&rest[..found], is_number);
                    found
                }
            };
            at += found + text.len();
        }
        if let Some(is_number) = hole {
            fit.fill(message.get(at..)?, is_number);
            fit.to = message.len();
        } else {
            fit.to = at;
            fit.ends = message.get(at..)?.trim().is_empty();
        }
        Some(fit)
    }

    /// The line ends inside a piece: it was cut, or the code says more than what ran.
    fn cut_in(
        mut self,
        pattern: &Pattern,
        number: usize,
        text: &str,
        rest: &str,
        end: usize,
    ) -> Option<Self> {
        let rest = rest.trim_end().trim_end_matches(['.', '…']);
        if !text.starts_with(rest) || rest.is_empty() {
            return None;
        }
        let whole = pattern.pieces.iter().take(number).filter_map(|p| match p {
            Piece::Text(text) => Some(text.as_str()),
            Piece::Hole { .. } => None,
        });
        let letters = |t: &str| t.chars().filter(|c| c.is_alphanumeric()).count() as i32;
        let seen = whole.chain([rest]).map(|t| (letters(t), word_count(t)));
        self.cut = Some(seen.fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1)));
        (self.to, self.ends) = (end, false);
        Some(self)
    }

    fn fill(&mut self, held: &str, is_number: bool) {
        self.hole_words += word_count(held);
        let numeric =
            held.trim().trim_start_matches(['-', '+']).chars().all(|c| c.is_ascii_digit() || c == ',');
        self.odd |= is_number && !numeric;
    }
}

impl Matcher {
    pub(crate) fn new(index: &Index) -> Self {
        let mut out = Self { search: None, anchored: Vec::new(), open: Vec::new(), patterns: Vec::new() };
        let mut anchors: Vec<String> = Vec::new();
        let mut known = std::collections::HashMap::new();
        for (file, indexed) in index.files.iter().enumerate() {
            for (number, statement) in indexed.statements.iter().enumerate() {
                for template in &statement.templates {
                    let pattern = Pattern::of(file as u32, number as u32, template);
                    let id = out.patterns.len() as u32;
                    match pattern.anchor() {
                        Some(anchor) => {
                            let at = *known.entry(anchor.to_owned()).or_insert_with(|| {
                                anchors.push(anchor.to_owned());
                                out.anchored.push(Vec::new());
                                anchors.len() - 1
                            });
                            out.anchored[at].push(id);
                        }
                        None => out.open.push(id),
                    }
                    out.patterns.push(pattern);
                }
            }
        }
        out.search = AhoCorasick::new(&anchors).ok();
        out
    }

    /// Patterns whose anchor the message holds.
    fn near(&self, message: &str) -> BTreeSet<u32> {
        let mut out = BTreeSet::new();
        if let Some(search) = &self.search {
            for found in search.find_overlapping_iter(message) {
                out.extend(&self.anchored[found.pattern().as_usize()]);
            }
        }
        out
    }
}

/// Statements that could have written a line, best first. Empty when none of this code could have.
pub fn find(index: &Index, line: &Line<'_>) -> Vec<Candidate> {
    let cut = line.message.char_indices().nth(LONGEST).map_or(line.message, |(at, _)| &line.message[..at]);
    let message = collapse(cut.trim());
    if message.is_empty() && line.template.is_none() {
        return Vec::new();
    }
    let matcher = index.matcher();
    let asked = Asked::new(index, line, &message);
    let mut best: Vec<Candidate> = Vec::new();
    for id in matcher.near(&message) {
        asked.weigh(&matcher.patterns[id as usize]).into_iter().for_each(|c| keep(&mut best, c));
    }
    if let Some(template) = line.template {
        asked.by_template(template).into_iter().for_each(|c| keep(&mut best, c));
    }
    if best.is_empty() {
        matcher
            .open
            .iter()
            .filter_map(|id| asked.open(&matcher.patterns[*id as usize]))
            .for_each(|c| keep(&mut best, c));
    }
    best.sort_by_key(|c| (std::cmp::Reverse(c.score), c.file, c.statement));
    // What only names the text gives way to what logs it.
    if best.first().is_some_and(|b| asked.kind(b) == Kind::Log) {
        best.retain(|c| asked.kind(c) == Kind::Log);
    }
    best.truncate(MOST);
    best
}

/// Keeps a candidate; of one statement only its best.
fn keep(best: &mut Vec<Candidate>, candidate: Candidate) {
    match best.iter_mut().find(|b| (b.file, b.statement) == (candidate.file, candidate.statement)) {
        Some(known) if known.score < candidate.score => *known = candidate,
        Some(_) => {}
        None => best.push(candidate),
    }
}

/// One question.
struct Asked<'a> {
    index: &'a Index,
    line: &'a Line<'a>,
    message: &'a str,
    /// The logger's name with what it names at its end, in lower case.
    logger: Option<Logger>,
    /// The logger is a class that this code doesn't have.
    foreign: bool,
}

struct Logger {
    full: String,
    last: String,
}

impl Logger {
    fn of(text: &str) -> Option<Self> {
        let text = text.split(['#', ' ', '[', '(']).next()?;
        // `rate/rate.go:43` names a file.
        let full = text.split(':').next().unwrap_or(text).trim().trim_end_matches(".java");
        let full = full
            .strip_suffix(".go")
            .or_else(|| full.strip_suffix(".py"))
            .or_else(|| full.strip_suffix(".ts"))
            .unwrap_or(full);
        let full = if text.contains("::") { text } else { full };
        let last = full.rsplit(['.', '/', ':', '$', '+']).next().unwrap_or(full);
        (!last.is_empty()).then(|| Self { full: full.to_lowercase(), last: last.to_lowercase() })
    }
}

impl<'a> Asked<'a> {
    fn new(index: &'a Index, line: &'a Line<'a>, message: &'a str) -> Self {
        let logger = line.logger.and_then(Logger::of);
        let known = logger.as_ref().is_none_or(|l| {
            let parts = || l.full.split(['.', '/', ':', '$', '+']).filter(|p| !p.is_empty());
            index.logger_names.contains(&l.full)
                || parts().any(|p| p.len() > 2 && index.logger_names.contains(p))
        });
        let classlike = line.logger.is_some_and(|l| {
            let last = l.rsplit('.').next().unwrap_or(l);
            l.contains('.') && !l.contains('/') && last.starts_with(|c: char| c.is_alphabetic())
        });
        Self { index, line, message, logger, foreign: classlike && !known }
    }

    fn statement(&self, pattern: &Pattern) -> (&'a IndexedFile, &'a Statement) {
        let file = &self.index.files[pattern.file as usize];
        (file, &file.statements[pattern.statement as usize])
    }

    fn kind(&self, candidate: &Candidate) -> Kind {
        self.index.files[candidate.file].statements[candidate.statement].kind
    }

    /// A pattern against the line.
    fn weigh(&self, pattern: &Pattern) -> Option<Candidate> {
        let fit = Fit::of(pattern, self.message)?;
        let (file, statement) = self.statement(pattern);
        let hints = self.hints(file, statement);
        let outside = word_count(&self.message[..fit.from])
            + word_count(self.message.get(fit.to..).unwrap_or_default());
        let holes = pattern.pieces.iter().any(|p| matches!(p, Piece::Hole { .. }));
        let whole = fit.starts && fit.ends;
        if !self.accepts(pattern, &fit, statement, hints, outside, holes) {
            return None;
        }
        let kind = match statement.kind {
            Kind::Log => 60,
            Kind::Raise => 0,
            Kind::Text => -20,
        };
        let anchors = 20 * i32::from(fit.starts) + 15 * i32::from(fit.ends);
        let exact = 15 * i32::from(whole && !holes);
        let weight = fit.cut.map_or(pattern.weight, |(weight, _)| weight - 8);
        let score = weight.min(400) * 4 + kind + anchors + exact + hints
            - fit.hole_words.min(20)
            - 4 * outside.min(40)
            - 40 * i32::from(fit.odd);
        let sureness = match (whole && !fit.odd, statement.kind) {
            (true, Kind::Log) if pattern.weight >= 8 || hints >= 40 => Sureness::Exact,
            (_, Kind::Log) => Sureness::Likely,
            _ => Sureness::Weak,
        };
        Some(Candidate {
            file: pattern.file as usize,
            statement: pattern.statement as usize,
            score,
            sureness,
        })
    }

    /// Whether enough speaks for it at all.
    fn accepts(
        &self,
        pattern: &Pattern,
        fit: &Fit,
        statement: &Statement,
        hints: i32,
        outside: i32,
        holes: bool,
    ) -> bool {
        let whole = fit.starts && fit.ends && !fit.odd;
        if hints <= -60 {
            return false;
        }
        if let Some((weight, words)) = fit.cut {
            return outside <= 8
                && weight >= 16
                && words >= 3
                && !self.foreign
                && 3 * weight >= pattern.weight;
        }
        if self.foreign {
            return whole && statement.kind == Kind::Log && pattern.weight >= 24 && pattern.words >= 4;
        }
        if statement.kind != Kind::Log {
            return pattern.weight >= 12 && pattern.words >= 2 && outside <= 3 * pattern.words + 10;
        }
        if hints >= 40 {
            return pattern.weight >= 2 && (whole || pattern.weight >= 6);
        }
        if whole && !holes {
            return pattern.weight >= 3;
        }
        if whole {
            return pattern.weight >= 12 || (pattern.weight >= 5 && fit.hole_words <= 2 * pattern.words + 2);
        }
        pattern.weight >= 12 && pattern.words >= 2 && outside <= 2 * pattern.words + 6
    }

    /// Statements whose message template is the line's.
    fn by_template(&self, template: &str) -> Vec<Candidate> {
        let mut out = Vec::new();
        for (file, indexed) in self.index.files.iter().enumerate() {
            for (number, statement) in indexed.statements.iter().enumerate() {
                if statement.raw.iter().any(|r| r == template) && template.chars().any(char::is_alphabetic) {
                    let weight = template.chars().filter(|c| c.is_alphanumeric()).count().min(400) as i32;
                    let score = 4 * weight + 200 + self.hints(indexed, statement);
                    let sureness = if self.foreign { Sureness::Likely } else { Sureness::Exact };
                    out.push(Candidate { file, statement: number, score, sureness });
                }
            }
        }
        out
    }

    /// A statement that writes a value alone: only where the line's logger or place names its class.
    fn open(&self, pattern: &Pattern) -> Option<Candidate> {
        let (file, statement) = self.statement(pattern);
        let hints = self.hints(file, statement);
        (statement.kind == Kind::Log && hints >= 40).then_some(Candidate {
            file: pattern.file as usize,
            statement: pattern.statement as usize,
            score: hints,
            sureness: Sureness::Weak,
        })
    }

    /// What speaks for a statement beside its text.
    fn hints(&self, file: &IndexedFile, statement: &Statement) -> i32 {
        let mut score = 0;
        if let Some(logger) = &self.logger {
            score += logger_fit(logger, file, statement);
        }
        if let (Some(said), Some(level)) = (self.line.level, statement.level) {
            let same = said == level || (said >= Level::Error && level >= Level::Error);
            score += if same { 4 } else { -2 };
        }
        if let Some((path, line)) = self.line.place {
            let same_file = stem(path).eq_ignore_ascii_case(stem(&file.path));
            let here = (statement.line..=statement.end_line).contains(&line);
            score += match (same_file, here) {
                (true, true) => 100,
                (true, false) => 40 - (statement.line.abs_diff(line) / 4).min(20) as i32,
                (false, _) => -20,
            };
        }
        score + self.field_fit(statement)
    }

    /// Fields of the line against those that the statement writes.
    fn field_fit(&self, statement: &Statement) -> i32 {
        if self.line.fields.is_empty() {
            return 0;
        }
        let mut score = 0;
        for (key, said) in &statement.keys {
            let found = self.line.fields.iter().find(|(path, _)| {
                let last = path.rsplit('.').next().unwrap_or(path);
                same_key(path, key) || same_key(last, key)
            });
            let Some((_, value)) = found else {
                score -= 6;
                continue;
            };
            score += 4;
            let Some(text) = value.as_str().filter(|_| !said.is_empty()) else { continue };
            let text = collapse(text);
            let fits = said.iter().any(|t| {
                let pattern = Pattern::of(0, 0, t);
                pattern.weight > 0 && Fit::of(&pattern, &text).is_some_and(|f| f.starts)
            });
            let telling = said.iter().any(|t| t.weight() > 0);
            score += match (fits, telling) {
                (true, _) => 30 + said.iter().map(Template::weight).max().unwrap_or(0).min(30) as i32,
                (false, true) => -40,
                (false, false) => 0,
            };
        }
        score.clamp(-58, 120)
    }
}

/// Whether two names of a field are the same but for case and separators.
fn same_key(a: &str, b: &str) -> bool {
    let plain = |s: &str| -> String {
        s.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    a == b || plain(a) == plain(b)
}

/// How well a logger's name fits a statement: its category, its class, its file, its module.
fn logger_fit(logger: &Logger, file: &IndexedFile, statement: &Statement) -> i32 {
    let category = statement.logger.to_lowercase();
    if !category.is_empty() && (category == logger.full || category == logger.last) {
        return 48;
    }
    let class =
        file.outline.class_of(statement.symbol).map(|c| file.outline.symbols[c as usize].name.to_lowercase());
    let own =
        class.as_deref() == Some(logger.last.as_str()) || stem(&file.path).to_lowercase() == logger.last;
    if own {
        let package = file.outline.package.to_lowercase();
        let same = !package.is_empty() && logger.full.starts_with(&package);
        return 44 + 4 * i32::from(same);
    }
    // A module path: `documents.render`, `shop::pick`.
    let module = file.path.to_lowercase().replace(['/', '\\'], ".");
    let path = logger.full.replace("::", ".");
    let module = module.rsplit_once('.').map_or(module.as_str(), |(m, _)| m);
    if path.contains('.') && (module.ends_with(&path) || path.ends_with(module)) {
        return 44;
    }
    if path.split('.').next_back().is_some_and(|l| module.split('.').any(|m| m == l)) {
        return 16;
    }
    -6
}
