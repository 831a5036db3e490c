//! The files below a root: regular files only, no symbolic links, sorted by name.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use waylaid_model::Timestamp;
use waylaid_store::StoreError;

/// Folders nested deeper than this are reported, not read.
const DEEPEST: usize = 32;

/// A regular file.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Where it lies.
    pub path: PathBuf,
    /// Relative to the root, with `/`.
    pub name: String,
    /// Size as stored.
    pub bytes: u64,
    /// Time of its last change, where the system tells: nanoseconds since the epoch.
    pub modified: Option<i64>,
}

impl Entry {
    /// The time of its last change.
    pub fn latest(&self) -> Option<Timestamp> {
        self.modified.map(Timestamp)
    }
}

/// What lies below a root.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// Files, sorted by name.
    pub files: Vec<Entry>,
    /// Folders directly below the root, sorted.
    pub folders: Vec<String>,
    /// What could not be read or was left aside: relative name and why.
    pub problems: Vec<(String, String)>,
}

/// Walks everything below the root. Only a root that cannot be listed is an error.
pub(crate) fn walk(root: &Path) -> Result<Tree, StoreError> {
    let doing = || format!("reading {}", root.display());
    let top = fs::read_dir(root).map_err(|e| StoreError::from_io(e, doing()))?;
    let mut tree = Tree::default();
    let mut open = vec![(String::new(), 0, top)];
    while let Some((prefix, depth, entries)) = open.pop() {
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    tree.problems.push((prefix.clone(), error.to_string()));
                    continue;
                }
            };
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = match entry.file_type() {
                Ok(kind) => kind,
                Err(error) => {
                    tree.problems.push((name, error.to_string()));
                    continue;
                }
            };
            if kind.is_symlink() {
                if let Some(why) = leaves(root, &entry.path()) {
                    tree.problems.push((name, why));
                }
            } else if kind.is_dir() && depth == DEEPEST {
                tree.problems.push((name, format!("more than {DEEPEST} folders deep, not read")));
            } else if kind.is_dir() {
                if depth == 0 {
                    tree.folders.push(name.clone());
                }
                match fs::read_dir(entry.path()) {
                    Ok(inner) => open.push((name + "/", depth + 1, inner)),
                    Err(error) => tree.problems.push((name, error.to_string())),
                }
            } else if kind.is_file() {
                tree.files.push(file(&entry, name));
            }
        }
    }
    tree.files.sort_by(|a, b| a.name.cmp(&b.name));
    tree.folders.sort();
    tree.problems.sort();
    Ok(tree)
}

/// A file that somebody named. Of standard input the time is that of the pipe or the file behind it, where the system
/// shows it.
pub(crate) fn file_entry(path: &Path, name: String) -> Entry {
    let shown = if name == crate::stream::STDIN { Path::new("/dev/stdin") } else { path };
    let mut entry = of_metadata(path.to_owned(), name, fs::metadata(shown).ok());
    if shown != path {
        entry.bytes = 0;
    }
    entry
}

fn file(entry: &fs::DirEntry, name: String) -> Entry {
    of_metadata(entry.path(), name, entry.metadata().ok())
}

fn of_metadata(path: PathBuf, name: String, metadata: Option<fs::Metadata>) -> Entry {
    let modified = metadata.as_ref().and_then(|m| m.modified().ok());
    let modified = modified.and_then(|m| m.duration_since(UNIX_EPOCH).ok());
    Entry {
        path,
        name,
        bytes: metadata.map_or(0, |m| m.len()),
        modified: modified.and_then(|m| i64::try_from(m.as_nanos()).ok()),
    }
}

/// Why a symbolic link matters: it points outside the root or nowhere. One that points inside is passed over in
/// silence, since its target is walked by its own name.
fn leaves(root: &Path, link: &Path) -> Option<String> {
    let Ok(root) = root.canonicalize() else { return None };
    match link.canonicalize() {
        Ok(target) if target.starts_with(&root) => None,
        Ok(_) => Some("a symbolic link that leaves the folder, not followed".to_owned()),
        Err(error) => Some(format!("a symbolic link that cannot be resolved ({error})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn links_are_not_followed_and_loops_are_harmless() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret.log"), "x").unwrap();
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("a")).unwrap();
        fs::write(root.path().join("a/app.log"), "x").unwrap();
        std::os::unix::fs::symlink(root.path(), root.path().join("a/loop")).unwrap();
        std::os::unix::fs::symlink(outside.path(), root.path().join("a/out")).unwrap();
        std::os::unix::fs::symlink("nowhere", root.path().join("a/gone")).unwrap();
        let tree = walk(root.path()).unwrap();
        assert_eq!(tree.files.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["a/app.log"]);
        assert_eq!(tree.problems.iter().map(|p| p.0.as_str()).collect::<Vec<_>>(), ["a/gone", "a/out"]);
    }

    #[test]
    fn a_missing_root_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        let error = walk(&root.path().join("logs")).unwrap_err();
        assert_eq!(error.kind, waylaid_store::ErrorKind::NotFound);
    }
}
