//! Who last touched a few lines: the file's versions backwards, only as far as these lines need it.

use super::diff::same_lines;
use super::objects::{Kind, hex};
use super::{Commit, Repository, Touched};
use std::collections::HashSet;
use waylaid_model::Timestamp;

/// At most so many commits are looked at for one question.
const COMMITS: usize = 20_000;
const UNREAD: &str = "its history is damaged or not all there";

struct Parsed {
    tree: String,
    parents: Vec<String>,
    at: Timestamp,
    summary: String,
}

/// One version of the file with the lines that are still asked about.
struct Step {
    commit: String,
    blob: String,
    lines: Vec<usize>,
}

/// The newest commit that touched any of these lines.
pub(super) fn last_touched(repository: &Repository, path: &str, text: &str, lines: (u32, u32)) -> Touched {
    let Some(head) = repository.commit(&repository.head) else { return Touched::Unknown(UNREAD) };
    let Some(blob) = repository.blob_at(&head.tree, path) else {
        return Touched::Unknown("the file is in no commit");
    };
    let Some(committed) = repository.text(&blob) else { return Touched::Unknown(UNREAD) };
    let (old, new): (Vec<&str>, Vec<&str>) = (committed.lines().collect(), text.lines().collect());
    let followed = same_lines(&old, &new);
    let wanted = lines.0.saturating_sub(1) as usize..(lines.1 as usize).min(new.len());
    let asked: Vec<Option<usize>> = followed.get(wanted).map(<[_]>::to_vec).unwrap_or_default();
    if asked.is_empty() || asked.contains(&None) {
        return Touched::NotCommitted;
    }
    let lines = asked.into_iter().flatten().collect();
    repository.walk(path, Step { commit: repository.head.clone(), blob, lines })
}

impl Repository {
    fn walk(&self, path: &str, first: Step) -> Touched {
        let mut newest: Option<Commit> = None;
        let mut seen = HashSet::new();
        let mut open = vec![first];
        let mut looked = 0;
        while let Some(step) = open.pop() {
            looked += 1;
            if looked > COMMITS {
                break;
            }
            if !seen.insert((step.commit.clone(), step.lines.clone())) {
                continue;
            }
            let Some(commit) = self.commit(&step.commit) else { continue };
            let end = self.shallow.contains(&step.commit);
            let left = if end { step.lines.clone() } else { self.pass_on(path, &commit, &step, &mut open) };
            if !left.is_empty() && newest.as_ref().is_none_or(|n| n.at < commit.at) {
                newest = Some(Commit {
                    id: step.commit.chars().take(12).collect(),
                    at: commit.at,
                    summary: commit.summary,
                    at_least: end,
                });
            }
        }
        newest.map_or(Touched::Unknown(UNREAD), Touched::By)
    }

    /// Hands lines on to the parents that have them; what is left was touched here.
    fn pass_on(&self, path: &str, commit: &Parsed, step: &Step, open: &mut Vec<Step>) -> Vec<usize> {
        let mut before = Vec::new();
        for parent in &commit.parents {
            let Some(parsed) = self.commit(parent) else { continue };
            let Some(blob) = self.blob_at(&parsed.tree, path) else { continue };
            if blob == step.blob {
                open.push(Step { commit: parent.clone(), blob, lines: step.lines.clone() });
                return Vec::new();
            }
            before.push((parent, blob));
        }
        let mut left = step.lines.clone();
        let own = self.text(&step.blob).unwrap_or_default();
        let new: Vec<&str> = own.lines().collect();
        for (parent, blob) in before {
            let Some(text) = self.text(&blob) else { continue };
            let old: Vec<&str> = text.lines().collect();
            let followed = same_lines(&old, &new);
            let there = |line: &usize| followed.get(*line).copied().flatten();
            let lines: Vec<usize> = left.iter().filter_map(there).collect();
            left.retain(|l| there(l).is_none());
            if !lines.is_empty() {
                open.push(Step { commit: parent.clone(), blob, lines });
            }
        }
        left
    }

    fn commit(&self, id: &str) -> Option<Parsed> {
        let (Kind::Commit, bytes) = self.objects.read(id)? else { return None };
        let text = String::from_utf8_lossy(&bytes);
        let (head, message) = text.split_once("\n\n").unwrap_or((&text, ""));
        fn fields<'t>(head: &'t str, name: &'static str) -> impl Iterator<Item = &'t str> {
            head.lines().filter_map(move |l| l.strip_prefix(name)?.strip_prefix(' '))
        }
        let field = |name: &'static str| fields(head, name);
        let author = field("author").next()?;
        let seconds: i64 = author.rsplit(' ').nth(1)?.parse().ok()?;
        Some(Parsed {
            tree: field("tree").next()?.to_owned(),
            parents: field("parent").take(16).map(str::to_owned).collect(),
            at: Timestamp::from_seconds(seconds),
            summary: message.trim_start().lines().next().unwrap_or_default().chars().take(120).collect(),
        })
    }

    fn text(&self, blob: &str) -> Option<String> {
        let (Kind::Blob, bytes) = self.objects.read(blob)? else { return None };
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The id of the file at a path of a tree.
    fn blob_at(&self, tree: &str, path: &str) -> Option<String> {
        let mut id = tree.to_owned();
        let mut parts = path.split('/').filter(|p| !p.is_empty()).peekable();
        while let Some(part) = parts.next() {
            let (Kind::Tree, bytes) = self.objects.read(&id)? else { return None };
            let (is_tree, found) = entry(&bytes, part)?;
            if is_tree != parts.peek().is_some() {
                return None;
            }
            id = found;
        }
        Some(id)
    }
}

/// An entry of a tree: whether it is a tree itself, and its id. Links and submodules are none.
fn entry(mut tree: &[u8], name: &str) -> Option<(bool, String)> {
    while !tree.is_empty() {
        let end = tree.iter().position(|b| *b == 0)?;
        let id = tree.get(end + 1..end + 21)?;
        let head = &tree[..end];
        let blank = head.iter().position(|b| *b == b' ')?;
        if &head[blank + 1..] == name.as_bytes() {
            let mode = &head[..blank];
            let known = matches!(mode, b"40000" | b"100644" | b"100755" | b"100664");
            return known.then(|| (mode == b"40000", hex(id)));
        }
        tree = &tree[end + 21..];
    }
    None
}
