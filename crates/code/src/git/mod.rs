//! The history of a checkout, read from its objects alone: no git is run, no hook, filter, attribute or setting of the
//! repository has any effect, and nothing outside its `.git` folder is read (alternates, worktrees and submodules' folders
//! elsewhere are not followed; that is said).

mod blame;
mod diff;
mod objects;

use objects::Objects;
use serde::Serialize;
use std::path::Path;
use waylaid_model::Timestamp;

/// A commit that touched lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Commit {
    /// Its id, the first twelve digits.
    pub id: String,
    /// When its author wrote it.
    pub at: Timestamp,
    /// The first line of its message.
    pub summary: String,
    /// Whether the history ends there, so that it may be older.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub at_least: bool,
}

impl Commit {
    /// Whether it was written in the week before something began.
    pub fn is_near(&self, onset: Timestamp) -> bool {
        const WEEK: i64 = 7 * 24 * 3_600 * 1_000_000_000;
        (0..=WEEK).contains(&onset.since(self.at))
    }
}

/// Who touched a line last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Touched {
    /// A commit.
    By(Commit),
    /// The checkout holds lines that no commit has.
    NotCommitted,
    /// It can't be told, for this reason.
    Unknown(&'static str),
}

/// A repository that can be read.
#[derive(Debug)]
pub struct Repository {
    objects: Objects,
    head: String,
    /// The checkout's folder inside the work tree, with `/` at its end; empty for its root.
    prefix: String,
    /// Commits whose parents were not fetched.
    shallow: Vec<String>,
}

/// How many folders above a checkout may hold the repository that it is part of.
const UP: usize = 8;

impl Repository {
    /// The repository of a folder, or why there is none to read.
    pub fn open(folder: &Path) -> Result<Self, &'static str> {
        let folder = folder.canonicalize().map_err(|_| "the folder cannot be read")?;
        if folder.join("HEAD").is_file() && folder.join("objects").is_dir() {
            return Err("a bare repository: there are no files to cite");
        }
        for (up, root) in folder.ancestors().take(UP).enumerate() {
            let git = root.join(".git");
            let Ok(kind) = std::fs::symlink_metadata(&git) else { continue };
            if !kind.is_dir() {
                return Err("its history is kept elsewhere (a submodule or a worktree)");
            }
            let inside = folder.strip_prefix(root).map_err(|_| "the folder cannot be read")?;
            let mut prefix = inside.to_string_lossy().replace('\\', "/");
            if up > 0 {
                prefix.push('/');
            }
            return Self::of(&git, prefix);
        }
        Err("no git history here")
    }

    fn of(git: &Path, prefix: String) -> Result<Self, &'static str> {
        let head = head(git).ok_or("its history names no commit")?;
        let shallow = small_file(&git.join("shallow")).unwrap_or_default();
        let shallow = shallow.lines().map(str::to_owned).collect();
        let objects = Objects::open(git.join("objects"));
        Ok(Self { objects, head, prefix, shallow })
    }

    /// The commit that last touched these lines of a file, as the checkout has it now.
    pub fn last_touched(&self, path: &str, text: &str, lines: (u32, u32)) -> Touched {
        blame::last_touched(self, &format!("{}{path}", self.prefix), text, lines)
    }
}

/// The commit that is checked out.
fn head(git: &Path) -> Option<String> {
    let mut name = small_file(&git.join("HEAD"))?.trim().to_owned();
    for _ in 0..5 {
        let Some(reference) = name.strip_prefix("ref: ") else { break };
        let reference = reference.trim();
        let plain =
            reference.starts_with("refs/") && !reference.split('/').any(|p| p.is_empty() || p == "..");
        if !plain {
            return None;
        }
        let straight = reference.split('/').scan(git.to_path_buf(), |path, part| {
            path.push(part);
            Some(std::fs::symlink_metadata(&*path).is_ok_and(|m| !m.is_symlink()))
        });
        let is_straight = straight.into_iter().all(|s| s);
        let loose = Some(git.join(reference)).filter(|_| is_straight).and_then(|f| small_file(&f));
        let loose = loose.map(|t| t.trim().to_owned());
        name = loose.or_else(|| {
            let packed = small_file(&git.join("packed-refs"))?;
            packed.lines().find_map(|l| Some(l.strip_suffix(reference)?.trim().to_owned()))
        })?;
    }
    let is_id = name.len() == 40 && name.bytes().all(|b| b.is_ascii_hexdigit());
    is_id.then_some(name)
}

/// A file of at most some megabytes that is no link.
fn small_file(path: &Path) -> Option<String> {
    let kind = std::fs::symlink_metadata(path).ok()?;
    (kind.is_file() && kind.len() < 16 * 1024 * 1024).then(|| std::fs::read_to_string(path).ok()).flatten()
}

#[cfg(test)]
mod tests;
