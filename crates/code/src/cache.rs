//! Outlines kept on disk between runs, outside the checkouts: what was read of a text once is not read again while the text
//! stays the same, whatever its file is called and whenever it was touched.
//!
//! A checkout has a folder of its own with a fixed number of parts, each a file that is written whole beside its place
//! and then renamed: two processes at once leave one of two good files. A part that is damaged, cut, or of another
//! version is taken for empty. Nothing here fails: without a folder to write to there is no cache.

use crate::outline::Outline;
use std::collections::HashMap;
use std::hash::{Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Rises whenever the form of a part changes.
const FORMAT: u32 = 1;
/// The state of the code that makes outlines, by `build.rs`.
const READING: &str = env!("WAYLAID_OUTLINES");
const MAGIC: &[u8; 8] = b"wl-index";
/// Parts of a checkout with many files, so that a change writes little anew.
const PARTS: usize = 32;
/// A part that is larger is not kept.
const LARGEST: usize = 64 * 1024 * 1024;
/// Folders of checkouts that are kept; those that were written longest ago go first.
const CHECKOUTS: usize = 64;

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// Keeps outlines of checkouts in this folder from now on. Without it nothing is kept; the first folder stays.
pub fn keep_index_in(folder: &Path) {
    // A second folder is not an error: the first one serves.
    let _ = FOLDER.set(folder.join("index"));
}

/// What identifies a text: its content and its dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key(u64, u64);

impl Key {
    /// Of a text in the dialect that its path's ending names.
    pub(crate) fn of(path: &str, text: &str) -> Self {
        let ending = path.rsplit('.').next().unwrap_or_default();
        let half = |salt: u64| {
            let mut hasher = std::hash::DefaultHasher::new();
            (salt, ending, text).hash(&mut hasher);
            hasher.finish()
        };
        Self(half(0x5741_594c), half(0x4149_4421))
    }

    fn part(self, parts: usize) -> usize {
        (self.0 % parts.max(1) as u64) as usize
    }
}

/// The outlines of a checkout that are kept.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    folder: Option<PathBuf>,
    parts: usize,
    known: HashMap<Key, (usize, std::ops::Range<usize>)>,
    bytes: Vec<Vec<u8>>,
}

impl Kept {
    /// What is kept of the checkout in a folder, of about so many files.
    pub(crate) fn open(root: Option<&Path>, files: usize) -> Self {
        match (root, FOLDER.get()) {
            (Some(root), Some(folder)) => Self::open_in(folder, root, files),
            _ => Self::default(),
        }
    }

    fn open_in(folder: &Path, root: &Path, files: usize) -> Self {
        let folder = folder_in(folder, root);
        let parts = if files > 400 { PARTS } else { 1 };
        let mut out = Self { parts, ..Self::default() };
        for part in 0..parts {
            let bytes = std::fs::read(folder.join(part_name(part, parts))).unwrap_or_default();
            for (key, range) in entries(&bytes).unwrap_or_default() {
                out.known.insert(key, (part, range));
            }
            out.bytes.push(bytes);
        }
        out.folder = Some(folder);
        out
    }

    /// Whether anything is kept at all: where not, nothing needs to be written down.
    pub(crate) fn is_on(&self) -> bool {
        self.folder.is_some()
    }

    /// The outline of a text that was read before.
    pub(crate) fn get(&self, key: Key) -> Option<Outline> {
        let (part, range) = self.known.get(&key)?;
        postcard::from_bytes(self.bytes.get(*part)?.get(range.clone())?).ok()
    }

    /// Writes the parts in which something changed: `all` are the checkout's texts of now, those that were read anew with
    /// what was read.
    pub(crate) fn write(&self, all: &[(Key, Option<Vec<u8>>)]) {
        let Some(folder) = &self.folder else { return };
        let now: std::collections::HashSet<Key> = all.iter().map(|(key, _)| *key).collect();
        let mut changed: Vec<usize> =
            all.iter().filter(|(_, new)| new.is_some()).map(|(key, _)| key.part(self.parts)).collect();
        // What is no longer there goes with the next change of its part, or when it is most of what is kept.
        if self.known.keys().filter(|k| !now.contains(k)).count() > self.known.len() / 2 + 16 {
            changed.extend(0..self.parts);
        }
        changed.sort_unstable();
        changed.dedup();
        if changed.is_empty() || make_folder(folder).is_err() {
            return;
        }
        for part in changed {
            let mut body: Vec<(Key, &[u8])> = Vec::new();
            for (key, new) in all.iter().filter(|(key, _)| key.part(self.parts) == part) {
                let old = || {
                    let (part, range) = self.known.get(key)?;
                    self.bytes.get(*part)?.get(range.clone())
                };
                body.extend(new.as_deref().or_else(old).map(|bytes| (*key, bytes)));
            }
            body.sort_unstable_by_key(|(key, _)| *key);
            body.dedup_by_key(|(key, _)| *key);
            // A full or read-only disk means no cache, not an error.
            let _ = replace(folder, &part_name(part, self.parts), &encode(&body));
        }
        prune(folder);
    }
}

fn folder_in(folder: &Path, root: &Path) -> PathBuf {
    let name = crate::remembered::key_of(root);
    folder.join(format!("{:016x}{:016x}", name.0, name.1))
}

/// The folder of a checkout, where anything is kept at all.
pub(crate) fn folder_of(root: &Path) -> Option<PathBuf> {
    FOLDER.get().map(|folder| folder_in(folder, root))
}

/// Writes something of this program's own beside the parts of a checkout. A full or read-only disk is no error.
pub(crate) fn write_beside(root: &Path, name: &str, body: &[u8]) {
    let Some(folder) = folder_of(root).filter(|f| body.len() < LARGEST && make_folder(f).is_ok()) else {
        return;
    };
    let mut bytes = head();
    bytes.extend(body);
    let sum = checksum(&bytes);
    bytes.extend(sum.to_le_bytes());
    let _ = replace(&folder, name, &bytes);
}

/// What was written beside the parts of a checkout, and when, in nanoseconds; `None` where it is not whole or not this
/// program's.
pub(crate) fn read_beside(root: &Path, name: &str) -> Option<(Vec<u8>, i64)> {
    let file = folder_of(root)?.join(name);
    let since = std::fs::metadata(&file).ok()?.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    let mut bytes = std::fs::read(file).ok()?;
    let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(4)?)?;
    let head = head();
    if !body.starts_with(&head) || checksum(body) != u32::from_le_bytes(sum.try_into().ok()?) {
        return None;
    }
    bytes.truncate(bytes.len() - 4);
    bytes.drain(..head.len());
    Some((bytes, i64::try_from(since.as_nanos()).ok()?))
}

/// An outline as it is kept.
pub(crate) fn encoded(outline: &Outline) -> Option<Vec<u8>> {
    postcard::to_allocvec(outline).ok()
}

fn part_name(part: usize, parts: usize) -> String {
    format!("{part:02}-of-{parts}")
}

/// What this program keeps is for this program alone: version and format stand before everything.
fn head() -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend(FORMAT.to_le_bytes());
    out.extend(READING.as_bytes());
    out
}

fn encode(body: &[(Key, &[u8])]) -> Vec<u8> {
    let mut out = head();
    for (key, bytes) in body {
        if out.len() + bytes.len() > LARGEST {
            break;
        }
        out.extend(key.0.to_le_bytes());
        out.extend(key.1.to_le_bytes());
        out.extend((bytes.len() as u32).to_le_bytes());
        out.extend(*bytes);
    }
    let sum = checksum(&out);
    out.extend(sum.to_le_bytes());
    out
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut sum = flate2::Crc::new();
    sum.update(bytes);
    sum.sum()
}

/// The entries of a part; `None` where it is not one of this program's, or damaged.
fn entries(bytes: &[u8]) -> Option<Vec<(Key, std::ops::Range<usize>)>> {
    let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(4)?)?;
    let head = head();
    if !body.starts_with(&head) || checksum(body) != u32::from_le_bytes(sum.try_into().ok()?) {
        return None;
    }
    let mut out = Vec::new();
    let mut at = head.len();
    while at < body.len() {
        let word = |from: usize| Some(u64::from_le_bytes(body.get(from..from + 8)?.try_into().ok()?));
        let key = Key(word(at)?, word(at + 8)?);
        let length = u32::from_le_bytes(body.get(at + 16..at + 20)?.try_into().ok()?) as usize;
        let range = at + 20..(at + 20).checked_add(length)?;
        body.get(range.clone())?;
        at = range.end;
        out.push((key, range));
    }
    Some(out)
}

/// Makes a folder that only its owner may read: literals of code stand in it.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Writes a file beside its place and renames it.
fn replace(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let own = format!(".{name}.{}.{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let beside = folder.join(own);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&beside).and_then(|mut f| f.write_all(bytes));
    let done = written.and_then(|()| std::fs::rename(&beside, folder.join(name)));
    if done.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    done
}

/// Removes the folders of checkouts that were written longest ago, when there are too many.
fn prune(folder: &Path) {
    let Some(parent) = folder.parent() else { return };
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let ours = |name: &str| name.len() == 32 && name.bytes().all(|c| c.is_ascii_hexdigit());
    let mut all: Vec<(std::time::SystemTime, PathBuf)> = entries
        .filter(|e| e.file_name().to_str().is_some_and(ours))
        .filter_map(|e| Some((e.metadata().ok()?.modified().ok()?, e.path())))
        .collect();
    all.sort();
    let many = all.len().saturating_sub(CHECKOUTS);
    for (_, old) in all.into_iter().take(many).filter(|(_, p)| p != folder) {
        let _ = std::fs::remove_dir_all(old);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::SourceFile;
    use crate::index::Index;
    use proptest::prelude::*;

    fn files(second: &str) -> Vec<SourceFile> {
        let file = |path: &str, text: &str| SourceFile { path: path.into(), text: text.into() };
        vec![file("A.java", "class A { void a() { log.info(\"one\"); } }"), file("b.py", second)]
    }

    fn build(folder: &Path, root: &Path, files: &[SourceFile]) -> (Index, usize) {
        let kept = Kept::open_in(folder, root, files.len());
        let known = files.iter().filter(|f| kept.get(Key::of(&f.path, &f.text)).is_some()).count();
        (Index::build(files, &kept), known)
    }

    /// The only part of the only checkout.
    fn part(folder: &Path) -> PathBuf {
        let checkout = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
        checkout.join(part_name(0, 1))
    }

    #[test]
    fn what_was_read_is_known_the_next_time() {
        let (folder, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (first, known) = build(folder.path(), root.path(), &files("x = 1\n"));
        assert_eq!(known, 0);
        let (again, known) = build(folder.path(), root.path(), &files("x = 1\n"));
        assert_eq!(known, 2);
        for (a, b) in first.files.iter().zip(&again.files) {
            assert_eq!((&a.path, &a.outline), (&b.path, &b.outline));
        }
        let (changed, known) = build(folder.path(), root.path(), &files("log.info('two')\n"));
        assert_eq!((known, changed.files[1].statements.len()), (1, 1));
        assert_eq!(build(folder.path(), root.path(), &files("log.info('two')\n")).1, 2);
        let names: Vec<_> = std::fs::read_dir(part(folder.path()).parent().unwrap()).unwrap().collect();
        assert_eq!(names.len(), 1, "nothing is left beside it");
    }

    #[test]
    fn what_is_damaged_is_made_anew() {
        let (folder, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        build(folder.path(), root.path(), &files("x = 1\n"));
        let good = std::fs::read(part(folder.path())).unwrap();
        let damages: Vec<Vec<u8>> = vec![
            Vec::new(),
            b"something else".to_vec(),
            good[..good.len() / 2].to_vec(),
            good.iter().enumerate().map(|(n, b)| if n == good.len() / 2 { b ^ 1 } else { *b }).collect(),
            good.iter().enumerate().map(|(n, b)| if n == 8 { b ^ 1 } else { *b }).collect(),
        ];
        for damaged in damages {
            std::fs::write(part(folder.path()), damaged).unwrap();
            let (index, known) = build(folder.path(), root.path(), &files("x = 1\n"));
            assert_eq!((index.files.len(), known), (2, 0));
            assert_eq!(std::fs::read(part(folder.path())).unwrap(), good);
        }
    }

    #[test]
    fn without_a_place_to_write_there_is_no_cache() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        std::fs::write(&file, "no folder").unwrap();
        let (index, known) = build(&file, root.path(), &files("x = 1\n"));
        assert_eq!((index.files.len(), known), (2, 0));
    }

    #[test]
    fn many_at_once_leave_a_good_one() {
        let (folder, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::thread::scope(|scope| {
            for number in 0..8 {
                let (folder, root) = (folder.path(), root.path());
                scope.spawn(move || build(folder, root, &files(&format!("x = {number}\n"))));
            }
        });
        assert!(entries(&std::fs::read(part(folder.path())).unwrap()).is_some());
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(bytes in proptest::collection::vec(any::<u8>(), 0..200), from_head in any::<bool>()) {
            let mut all = if from_head { head() } else { Vec::new() };
            all.extend(bytes);
            let sum = checksum(&all).to_le_bytes();
            entries(&all);
            all.extend(sum);
            for (_, range) in entries(&all).unwrap_or_default() {
                let _ = postcard::from_bytes::<Outline>(&all[range]);
            }
        }
    }
}
