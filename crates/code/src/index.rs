//! The index of one or more checkouts: outlines of all files, their statements, and symbols by name.

use crate::cache::{self, Kept, Key};
use crate::checkout::{LeftOut, SourceFile};
use crate::languages;
use crate::logging;
use crate::matching::Matcher;
use crate::outline::{Outline, SymbolKind};
use crate::statements::{self, Helpers, Statement};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A file of the index.
#[derive(Clone, Debug)]
pub struct IndexedFile {
    /// Path relative to its checkout.
    pub path: String,
    /// What it says.
    pub outline: Outline,
    /// Its statements with text.
    pub statements: Vec<Statement>,
}

/// Checkouts, read by their syntax.
#[derive(Debug, Default)]
pub struct Index {
    /// Its files, in the order of their paths.
    pub files: Vec<IndexedFile>,
    /// Files that were left out, and why.
    pub left_out: Vec<LeftOut>,
    /// Functions and classes by their own name.
    symbols: HashMap<String, Vec<(u32, u32)>>,
    /// Names that a logger of this code may have: classes, files, packages with class, categories; in lower case.
    pub(crate) logger_names: HashSet<String>,
    /// The files of functions that log what they are given, by name.
    pub(crate) helper_files: HashMap<String, Vec<u32>>,
    /// What the helpers of each file say, as one number.
    pub(crate) helper_signs: Vec<u64>,
    matcher: OnceLock<Matcher>,
}

impl Index {
    /// Reads the source files among the given ones, on as many threads as the machine has; those whose text was read
    /// before are taken from what is kept.
    pub(crate) fn build(files: &[SourceFile], kept: &Kept) -> Self {
        let sources: Vec<&SourceFile> =
            files.iter().filter(|f| languages::of_path(&f.path).is_some()).collect();
        Self::of_outlines(parse_all(&sources, kept))
    }

    /// An index of files that were read before.
    pub fn of_outlines(outlines: Vec<(String, Outline)>) -> Self {
        let mut helpers = Helpers::new();
        let logs: Vec<Vec<Statement>> = outlines.iter().map(|(_, o)| logging::statements(o)).collect();
        let mut index = Self::default();
        for (number, ((_, outline), logs)) in outlines.iter().zip(&logs).enumerate() {
            let (names, sign) = statements::helpers(outline, logs, &mut helpers);
            for name in names {
                index.helper_files.entry(name).or_default().push(number as u32);
            }
            index.helper_signs.push(sign);
        }
        for ((path, mut outline), logs) in outlines.into_iter().zip(logs) {
            logging::mark_catches(&mut outline, &logs);
            let statements = statements::all(&outline, logs, &helpers);
            index.add(IndexedFile { path, outline, statements });
        }
        index
    }

    fn add(&mut self, file: IndexedFile) {
        let number = self.files.len() as u32;
        for (symbol, found) in file.outline.symbols.iter().enumerate() {
            let name = found.name.rsplit('.').next().unwrap_or(&found.name);
            self.symbols.entry(name.to_owned()).or_default().push((number, symbol as u32));
            if found.kind == SymbolKind::Class {
                self.logger_names.insert(found.name.to_lowercase());
            }
        }
        for statement in file.statements.iter().filter(|s| !s.logger.is_empty()) {
            self.logger_names.insert(statement.logger.to_lowercase());
        }
        self.logger_names.insert(stem(&file.path).to_lowercase());
        self.files.push(file);
    }

    /// Symbols of a name, as file and symbol.
    pub(crate) fn named(&self, name: &str) -> &[(u32, u32)] {
        self.symbols.get(name).map_or(&[], Vec::as_slice)
    }

    /// The search for statements by their text, made at its first use.
    pub(crate) fn matcher(&self) -> &Matcher {
        self.matcher.get_or_init(|| Matcher::new(self))
    }

    /// How many lines did not parse, by file.
    pub fn unparsed(&self) -> impl Iterator<Item = (&str, u32)> {
        self.files.iter().filter(|f| !f.outline.unparsed.is_empty()).map(|f| {
            let lines = f.outline.unparsed.iter().map(|(from, to)| to.saturating_sub(*from) + 1).sum();
            (f.path.as_str(), lines)
        })
    }
}

/// A path's last part without its ending.
pub(crate) fn stem(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.split('.').next().unwrap_or(name)
}

/// Outlines in the order of the files, whichever thread made them.
fn parse_all(sources: &[&SourceFile], kept: &Kept) -> Vec<(String, Outline)> {
    let threads =
        std::thread::available_parallelism().map_or(1, usize::from).min(8).min(sources.len().max(1));
    let next = AtomicUsize::new(0);
    let work = || {
        let mut out = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = sources.get(number) else { return out };
            if let Some(language) = languages::of_path(&file.path) {
                out.push((number, one(language, file, kept)));
            }
        }
    };
    let mut all: Vec<(usize, Read)> = if threads < 2 {
        work()
    } else {
        std::thread::scope(|scope| {
            let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            handles.into_iter().filter_map(|h| h.join().ok()).flatten().collect()
        })
    };
    all.sort_by_key(|(number, _)| *number);
    if kept.is_on() {
        let new = |read: &mut Read| read.key.map(|key| (key, read.new.take()));
        kept.write(&all.iter_mut().filter_map(|(_, read)| new(read)).collect::<Vec<_>>());
    }
    all.into_iter().map(|(number, read)| (sources[number].path.clone(), read.outline)).collect()
}

/// A file's outline, and what is to be kept of it when it was read anew.
struct Read {
    outline: Outline,
    key: Option<Key>,
    new: Option<Vec<u8>>,
}

fn one(language: crate::outline::Language, file: &SourceFile, kept: &Kept) -> Read {
    let key = kept.is_on().then(|| Key::of(&file.path, &file.text));
    if let Some(outline) = key.and_then(|k| kept.get(k)) {
        return Read { outline, key, new: None };
    }
    let outline = languages::outline(language, &file.path, &file.text);
    let new = key.and_then(|_| cache::encoded(&outline));
    Read { outline, key, new }
}
