//! Checkouts read as text: which files mention a name, where a stack frame or a log statement stands.
//!
//! This is the plain forerunner of the tree-sitter index: it reads source and configuration files under a folder,
//! bounded in size, runs nothing, follows no link out of the folder, and needs no git.

mod places;

use std::path::Path;

pub use places::{Statement, find_frame, find_statement, handler_condition};

/// One source or configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Path relative to the checkout, with `/`.
    pub path: String,
    /// Its text, lossy UTF-8.
    pub text: String,
}

/// A checkout as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// Service whose checkout it is.
    pub service: String,
    /// Files by path.
    pub files: Vec<SourceFile>,
    /// Whether there was more than is held.
    pub cut: bool,
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

const MAX_FILE: u64 = 512 * 1024;
const MAX_TOTAL: usize = 64 * 1024 * 1024;
const MAX_FILES: usize = 20_000;
const SOURCE: &[&str] = &[
    "java",
    "kt",
    "kts",
    "cs",
    "ts",
    "tsx",
    "js",
    "mjs",
    "cjs",
    "py",
    "go",
    "rs",
    "php",
    "rb",
    "scala",
    "yml",
    "yaml",
    "properties",
    "json",
    "env",
    "toml",
    "xml",
    "sql",
    "conf",
    "ini",
    "cfg",
];
const SKIPPED: &[&str] =
    &["node_modules", "target", "build", "dist", "vendor", "bin", "obj", "__pycache__", "venv"];

impl Sources {
    /// Reads a checkout. A folder that is missing or unreadable gives no files.
    pub fn read(service: &str, root: &Path) -> Self {
        let mut sources = Self { service: service.to_owned(), ..Self::default() };
        let mut total = 0usize;
        let walk = walkdir::WalkDir::new(root).follow_links(false).sort_by_file_name().max_depth(24);
        let keep = |e: &walkdir::DirEntry| {
            let name = e.file_name().to_string_lossy();
            e.depth() == 0
                || !(e.file_type().is_dir() && (name.starts_with('.') || SKIPPED.contains(&name.as_ref())))
        };
        for entry in
            walk.into_iter().filter_entry(keep).filter_map(Result::ok).filter(|e| e.file_type().is_file())
        {
            let Ok(relative) = entry.path().strip_prefix(root) else { continue };
            let path = relative.to_string_lossy().replace('\\', "/");
            let extension = path.rsplit('.').next().unwrap_or_default();
            let size = entry.metadata().map_or(u64::MAX, |m| m.len());
            if !SOURCE.contains(&extension) || size > MAX_FILE {
                continue;
            }
            if sources.files.len() >= MAX_FILES || total > MAX_TOTAL {
                sources.cut = true;
                break;
            }
            if let Ok(bytes) = std::fs::read(entry.path()) {
                total += bytes.len();
                sources.files.push(SourceFile { path, text: String::from_utf8_lossy(&bytes).into_owned() });
            }
        }
        sources
    }

    /// How this checkout mentions a topic; `None` when it doesn't. A name in configuration counts as a mention.
    pub fn mention(&self, topic: &str) -> Option<Mention> {
        const SEND: &[&str] = &["send", "produce", "publish", "emit", "outgoing", "output", "sink", "writer"];
        const RECEIVE: &[&str] =
            &["listener", "subscribe", "consume", "consumer", "incoming", "input", "poll", "reader", "fetch"];
        let mut best = None;
        for file in &self.files {
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
