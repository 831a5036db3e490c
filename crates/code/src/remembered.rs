//! What is remembered of a checkout between runs, so that one question needs to read only the files that could answer it:
//! for each file the texts that its statements are searched by and the names of its symbols, with how every file and folder
//! looked when they were read (size, times, inode). What looks different now is read again; a checkout of which too much
//! does is read as a whole. The answer is the same either way.

use crate::cache::{self, Key};
use crate::checkout;
use crate::frames;
use crate::index::{Index, IndexedFile, stem};
use crate::matching;
use crate::outline::{Outline, SymbolKind};
use crate::{SourceFile, Sources, languages, reports};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use waylaid_logs::{parse_error, parse_exception};
use waylaid_model::LogEvent;

/// So many changed files are read anew one by one; more of them mean reading the checkout as a whole.
const CHANGED: usize = 32;
/// So many files are read for one question; more of them mean that it says too little.
const CANDIDATES: usize = 120;
/// A question that is longer is many questions.
const QUESTION: usize = 64 * 1024;
const NAME: &str = "remembered";

/// How a file or a folder looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Look {
    is_folder: bool,
    size: u64,
    modified: i64,
    changed: i64,
    inode: u64,
}

/// What is remembered.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Remembered {
    seen: Vec<(String, Look)>,
    files: Vec<Known>,
    /// Names that a logger may have, a line each.
    logger_names: String,
    /// A file that is known to be of a language that is not read, with how many like it there are.
    unread: Vec<(String, u32)>,
    /// Functions that log what they are given: name, files.
    helpers: Vec<(String, Vec<u32>)>,
}

/// What is remembered of one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Known {
    path: String,
    /// The texts that its statements are searched by, a line each.
    anchors: String,
    /// What a line must name for a statement without text of its own.
    open: String,
    /// Names of its symbols, a line each.
    symbols: String,
    /// Names of helpers that it calls, a line each.
    helped: String,
    /// What its own helpers say.
    helpers: u64,
}

impl Look {
    #[cfg(unix)]
    fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let found = std::fs::symlink_metadata(path).ok()?;
        let nanos = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        Some(Self {
            is_folder: found.is_dir(),
            size: if found.is_dir() { 0 } else { found.size() },
            modified: nanos(found.mtime(), found.mtime_nsec()),
            changed: nanos(found.ctime(), found.ctime_nsec()),
            inode: found.ino(),
        })
    }

    /// Without times of changes and inodes nothing is remembered.
    #[cfg(not(unix))]
    fn of(_: &Path) -> Option<Self> {
        None
    }
}

/// How a checkout looks, taken before it is read; `None` where nothing is remembered.
pub(crate) fn looks(root: &Path) -> Option<Vec<(String, Look)>> {
    cache::folder_of(root)?;
    let mut out = Vec::new();
    for path in checkout::watched(root) {
        out.push((path.clone(), Look::of(&root.join(&path))?));
    }
    Some(out)
}

/// Writes down what is known of a checkout that was read as a whole.
pub(crate) fn remember(root: &Path, seen: Vec<(String, Look)>, sources: &Sources) {
    let index = sources.index();
    let mut names: Vec<&str> = index.logger_names.iter().map(String::as_str).collect();
    names.sort_unstable();
    let mut helpers: Vec<(String, Vec<u32>)> =
        index.helper_files.iter().map(|(name, files)| (name.clone(), files.clone())).collect();
    helpers.sort();
    let known_helpers: HashSet<&str> = helpers.iter().map(|(n, _)| n.as_str()).collect();
    let files = index.files.iter().enumerate().map(|(n, f)| known(index, n, f, &known_helpers)).collect();
    let unread = sources.unread().into_iter().map(|u| (u.example, u.files as u32)).collect();
    write(root, &Remembered { seen, files, logger_names: names.join("\n"), unread, helpers });
}

fn write(root: &Path, remembered: &Remembered) {
    if let Ok(bytes) = postcard::to_allocvec(remembered) {
        cache::write_beside(root, NAME, &bytes);
    }
}

fn known(index: &Index, number: usize, file: &IndexedFile, helpers: &HashSet<&str>) -> Known {
    let lines =
        |set: BTreeSet<&str>| set.into_iter().filter(|t| !t.contains('\n')).collect::<Vec<_>>().join("\n");
    let (anchors, open) = matching::anchors(file);
    let symbols = file.outline.symbols.iter().map(|s| s.name.rsplit('.').next().unwrap_or(&s.name)).collect();
    let helped =
        file.outline.calls.iter().map(crate::outline::Call::method).filter(|m| helpers.contains(m)).collect();
    Known {
        path: file.path.clone(),
        anchors: lines(anchors.iter().map(String::as_str).collect()),
        open: if open { open_words(file) } else { String::new() },
        symbols: lines(symbols),
        helped: lines(helped),
        helpers: index.helper_signs.get(number).copied().unwrap_or_default(),
    }
}

/// What a line has to name so that a statement which writes nothing but a value is thought of.
fn open_words(file: &IndexedFile) -> String {
    let mut words: BTreeSet<String> = BTreeSet::new();
    words.insert(stem(&file.path).to_lowercase());
    let classes = file.outline.symbols.iter().filter(|s| s.kind == SymbolKind::Class);
    words.extend(classes.map(|s| s.name.to_lowercase()));
    for statement in &file.statements {
        words.insert(statement.logger.to_lowercase());
        words.extend(statement.keys.iter().map(|(key, _)| key.to_lowercase()));
    }
    words.retain(|w| w.len() > 1 && !w.contains('\n'));
    words.into_iter().collect::<Vec<_>>().join("\n")
}

/// What is asked: all texts that a statement is looked for in, and the frames of all traces.
struct Question {
    text: String,
    lower: String,
    /// Every four bytes that stand in the text.
    fours: HashSet<[u8; 4]>,
    frames: Vec<frames::Sought>,
    names: HashSet<String>,
}

impl Question {
    fn of(events: &[(LogEvent, String)]) -> Option<Self> {
        let (mut text, mut sought) = (String::new(), Vec::new());
        for (event, raw) in events {
            for part in [raw.as_str(), &event.message, event.template.as_deref().unwrap_or_default()] {
                text.push_str(part);
                text.push('\n');
            }
            let traces = [
                event.exception.as_deref().and_then(parse_error),
                parse_exception(&event.message),
                parse_exception(raw),
            ];
            for trace in traces.iter().flatten() {
                for link in &trace.chain {
                    text.push_str(&link.message);
                    text.push('\n');
                }
                sought.extend(trace.frames.iter().take(400).map(frames::Sought::of));
            }
            if reports::is_report(raw) {
                sought.extend(reports::places(raw).iter().map(frames::Sought::of));
            }
        }
        if text.len() > QUESTION {
            return None;
        }
        let text = matching::collapse(&text);
        let fours = text.as_bytes().windows(4).filter_map(|w| w.try_into().ok()).collect();
        sought.sort();
        sought.dedup();
        let names = sought.iter().flat_map(frames::Sought::names).map(str::to_owned).collect();
        Some(Self { lower: text.to_lowercase(), fours, frames: sought, names, text })
    }

    fn holds(&self, anchor: &str) -> bool {
        let start = anchor.as_bytes().first_chunk::<4>();
        start.is_none_or(|s| self.fours.contains(s)) && self.text.contains(anchor)
    }

    /// Whether a file could hold what is asked for.
    fn concerns(&self, file: &Known, open: bool) -> bool {
        let word = |w: &str| self.lower.contains(w);
        let text = || file.anchors.split('\n').any(|a| !a.is_empty() && self.holds(a));
        let symbols = || {
            let found: HashSet<&str> = file.symbols.split('\n').filter(|s| self.names.contains(*s)).collect();
            !found.is_empty() && self.frames.iter().any(|f| f.may_be_of(&file.path, &found))
        };
        self.frames.iter().any(|f| f.is_of_file(&file.path))
            || text()
            || (!self.frames.is_empty() && symbols())
            || (open && !file.open.is_empty() && file.open.split('\n').any(word))
    }
}

/// A checkout with only those of its files that could answer these events; `None` where it has to be read as a whole.
/// `open` also takes statements into account that write nothing but a value.
pub(crate) fn read_for(
    service: &str,
    root: &Path,
    events: &[(LogEvent, String)],
    open: bool,
) -> Option<Sources> {
    let question = Question::of(events)?;
    let remembered = current(root)?;
    let mut wanted: BTreeSet<usize> = BTreeSet::new();
    for (number, file) in remembered.files.iter().enumerate() {
        if question.concerns(file, open) {
            wanted.insert(number);
        }
    }
    remembered.with_helpers(&mut wanted);
    if wanted.len() > CANDIDATES {
        return None;
    }
    let files =
        wanted.iter().map(|n| source(root, &remembered.files[*n].path)).collect::<Option<Vec<_>>>()?;
    let index = Index::of_outlines(outlines(&files));
    let mut sources = Sources::of_files(service, files);
    sources.root = Some(root.to_path_buf());
    sources.part = Some(remembered.unread);
    let mut index = index;
    index.logger_names.extend(remembered.logger_names.split('\n').map(str::to_owned));
    // Never set before: the checkout was made above.
    let _ = sources.index.set(index);
    Some(sources)
}

fn source(root: &Path, path: &str) -> Option<SourceFile> {
    checkout::one(root, path).map(|text| SourceFile { path: path.to_owned(), text })
}

fn outlines(files: &[SourceFile]) -> Vec<(String, Outline)> {
    let read = |f: &SourceFile| {
        languages::of_path(&f.path).map(|l| (f.path.clone(), languages::outline(l, &f.path, &f.text)))
    };
    files.iter().filter_map(read).collect()
}

impl Remembered {
    /// Adds the files of the helpers that files call.
    fn with_helpers(&self, wanted: &mut BTreeSet<usize>) {
        let called: HashSet<&str> = wanted.iter().flat_map(|n| self.files[*n].helped.split('\n')).collect();
        for (name, files) in &self.helpers {
            if called.contains(name.as_str()) {
                wanted.extend(files.iter().map(|f| *f as usize).filter(|f| *f < self.files.len()));
            }
        }
    }
}

/// What is remembered, with what changed since read again; `None` where there is nothing, or too much has changed.
fn current(root: &Path) -> Option<Remembered> {
    let (bytes, written) = cache::read_beside(root, NAME)?;
    let mut remembered: Remembered = postcard::from_bytes(&bytes).ok()?;
    let changed = changed(root, &remembered, written)?;
    if changed.is_empty() {
        return Some(remembered);
    }
    for (at, look) in changed {
        let path = remembered.seen[at].0.clone();
        if look.is_folder || languages::of_path(&path).is_none() {
            return None;
        }
        let file = remembered.files.iter().position(|f| f.path == path)?;
        remembered.seen[at].1 = look;
        remembered.files[file] = remembered.anew(root, file)?;
    }
    write(root, &remembered);
    Some(remembered)
}

/// What looks different now. What was changed just before the notes were written may have changed once more since without
/// looking different: it is taken for changed.
fn changed(root: &Path, remembered: &Remembered, written: i64) -> Option<Vec<(usize, Look)>> {
    const JUST_BEFORE: i64 = 2_000_000_000;
    let half = remembered.seen.len().div_ceil(2).max(1);
    let part = |from: usize, part: &[(String, Look)]| -> Option<Vec<(usize, Look)>> {
        let mut out = Vec::new();
        for (n, (path, was)) in part.iter().enumerate() {
            let now = Look::of(&root.join(path))?;
            if now != *was || !was.is_folder && was.changed.max(was.modified) > written - JUST_BEFORE {
                out.push((from + n, now));
            }
            if out.len() > CHANGED {
                return None;
            }
        }
        Some(out)
    };
    std::thread::scope(|scope| {
        let parts: Vec<_> = remembered
            .seen
            .chunks(half)
            .enumerate()
            .map(|(n, p)| scope.spawn(move || part(n * half, p)))
            .collect();
        let mut out = Vec::new();
        for one in parts {
            out.extend(one.join().ok()??);
        }
        (out.len() <= CHANGED).then_some(out)
    })
}

impl Remembered {
    /// What is to be remembered of a file now; `None` where that touches what is remembered of others.
    fn anew(&self, root: &Path, number: usize) -> Option<Known> {
        let old = &self.files[number];
        let mine = source(root, &old.path)?;
        let known: HashSet<&str> = self.helpers.iter().map(|(n, _)| n.as_str()).collect();
        let read = outlines(std::slice::from_ref(&mine));
        let (_, outline) = read.first()?;
        let called: HashSet<&str> =
            outline.calls.iter().map(crate::outline::Call::method).filter(|m| known.contains(m)).collect();
        let mut wanted: BTreeSet<usize> = BTreeSet::from([number]);
        for (_, files) in self.helpers.iter().filter(|(n, _)| called.contains(n.as_str())) {
            wanted.extend(files.iter().map(|f| *f as usize).filter(|f| *f < self.files.len()));
        }
        let files = wanted.iter().map(|n| source(root, &self.files[*n].path)).collect::<Option<Vec<_>>>()?;
        let index = Index::of_outlines(outlines(&files));
        let at = index.files.iter().position(|f| f.path == old.path)?;
        let new = self::known(&index, at, &index.files[at], &known);
        let names: HashSet<&str> = self.logger_names.split('\n').collect();
        let same_names = index.logger_names.iter().all(|n| names.contains(n.as_str()));
        (new.helpers == old.helpers && same_names).then_some(new)
    }
}

/// The part of a cache that holds what is remembered of a checkout.
pub(crate) fn key_of(root: &Path) -> Key {
    let whole = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    Key::of("", &whole.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locate;

    fn event(line: &str) -> Vec<(LogEvent, String)> {
        let profile = waylaid_logs::FileProfile::of(line.as_bytes());
        vec![(waylaid_logs::parse_event(line.as_bytes(), &profile), line.to_owned())]
    }

    /// What the whole checkout and the part of it answer.
    fn both(root: &Path, line: &str) -> (crate::Answer, Option<crate::Answer>) {
        let events = event(line);
        let whole = Sources::read("a", root);
        let part = read_for("a", root, &events, true);
        let ask = |s: &Sources| locate(&[s], &events[0].0, line);
        (ask(&whole), part.as_ref().map(ask))
    }

    #[test]
    #[cfg(unix)]
    fn a_part_answers_like_the_whole_until_something_changes() {
        let (cache, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        crate::keep_index_in(cache.path());
        let root = folder.path();
        std::fs::create_dir_all(root.join("src")).unwrap();
        let put = |path: &str, text: &str| std::fs::write(root.join(path), text).unwrap();
        put(
            "src/a.py",
            "import logging\nlog = logging.getLogger(__name__)\ndef pick(x):\n    log.info('Picked %s from shelf', x)\n",
        );
        put("src/b.py", "from c import tell\ndef ship(x):\n    tell('Shipped order to ' + x)\n");
        put(
            "src/c.py",
            "import logging\nlog = logging.getLogger(__name__)\ndef tell(text):\n    log.info(text)\n",
        );
        let remember_all = || {
            let seen = looks(root).unwrap();
            remember(root, seen, &Sources::read("a", root));
        };
        remember_all();
        let lines = [
            "2026-01-01 10:00:00 INFO a: Picked 7 from shelf",
            "2026-01-01 10:00:00 INFO c: Shipped order to Oslo",
            "2026-01-01 10:00:00 INFO x.Y: Tomcat started on port 8080",
            "Traceback (most recent call last):\n  File \"/srv/src/b.py\", line 3, in ship\n    tell('Shipped order to ' + x)\nTypeError: x",
        ];
        for line in lines {
            let (whole, part) = both(root, line);
            assert_eq!(Some(whole), part, "{line}");
        }
        // A file that says something else now.
        put(
            "src/a.py",
            "import logging\nlog = logging.getLogger(__name__)\ndef pick(x):\n    y = x\n    log.info('Took %s from shelf', y)\n",
        );
        for line in [lines[0], "2026-01-01 10:00:00 INFO a: Took 7 from shelf"] {
            let (whole, part) = both(root, line);
            assert_eq!(Some(whole), part, "{line}");
        }
        // One more file: read as a whole.
        put("src/d.py", "print('x')\n");
        assert!(both(root, lines[0]).1.is_none());
        remember_all();
        assert!(both(root, lines[0]).1.is_some());
        // A helper that is none any more changes what others say.
        put("src/c.py", "def tell(text):\n    return text\n");
        assert!(both(root, lines[1]).1.is_none());
    }
}
