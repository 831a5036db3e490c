//! A checkout as the code index reads it: source and configuration as text, without history.

use crate::recording::Job;
use crate::state::Part;
use crate::{RecordError, places};
use std::fs;
use std::path::{Path, PathBuf};
use waylaid_code::Sources;

/// Endings of what is source: only what stands in quotes or comments is redacted there.
const SOURCE: [&str; 20] = [
    "java", "kt", "kts", "cs", "ts", "tsx", "js", "jsx", "mjs", "cjs", "py", "go", "rs", "php", "rb",
    "scala", "sql", "prisma", "cshtml", "groovy",
];

/// Copies the text files of a checkout.
pub(crate) fn record(job: &Job<'_>, service: &str, from: &Path, to: &Path) -> Result<Part, RecordError> {
    let sources = Sources::read(service, from);
    let (mut items, mut left_out) = (0, 0);
    for file in &sources.files {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let Some(target) = below(to, &file.path).filter(|_| !name.starts_with(".env")) else {
            left_out += 1;
            continue;
        };
        let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        let is_source = SOURCE.contains(&ending.as_str());
        let text = if is_source { job.scrub.source(&file.text) } else { job.scrub.text(&file.text) };
        let write = || {
            fs::create_dir_all(target.parent().unwrap_or(to))?;
            fs::write(&target, text)
        };
        write().map_err(RecordError::writing(&target))?;
        items += 1;
    }
    fs::create_dir_all(to).map_err(RecordError::writing(to))?;
    let mut notes =
        vec![head(from).map_or_else(|| "no commit known".to_owned(), |commit| format!("at commit {commit}"))];
    if sources.cut {
        notes.push("there is more than is read of a checkout".to_owned());
    }
    if left_out > 0 {
        notes.push(format!("{left_out} files of environments left out"));
    }
    Ok(Part {
        store: "code".to_owned(),
        target: service.to_owned(),
        items,
        looked_at: sources.files.len() as u64,
        taken: "source and configuration, without history".to_owned(),
        note: notes.join("; "),
        is_whole: !sources.cut,
    })
}

/// A path of a checkout below another folder; none where it would lead out of it.
fn below(to: &Path, path: &str) -> Option<PathBuf> {
    let is_plain = |part: std::path::Component<'_>| matches!(part, std::path::Component::Normal(_));
    Path::new(path).components().all(is_plain).then(|| to.join(path))
}

/// The commit that a checkout is at.
fn head(folder: &Path) -> Option<String> {
    let git = folder.join(".git");
    let head = fs::read_to_string(git.join("HEAD")).ok()?;
    let commit = match head.trim().strip_prefix("ref: ") {
        None => head.trim().to_owned(),
        Some(name) => named(&git, name)?,
    };
    let is_hash = commit.len() >= 40 && commit.bytes().all(|b| b.is_ascii_hexdigit());
    is_hash.then_some(commit)
}

/// The commit that a branch is at: in a file of its own, or among all others.
fn named(git: &Path, name: &str) -> Option<String> {
    if let Ok(commit) = fs::read_to_string(git.join(name)) {
        return Some(commit.trim().to_owned());
    }
    let packed = fs::read_to_string(git.join("packed-refs")).ok()?;
    let line = packed.lines().find(|l| l.split(' ').nth(1) == Some(name))?;
    line.split(' ').next().map(str::to_owned)
}

/// The folder of a service's code inside a bundle.
pub(crate) fn folder(service: &str) -> String {
    format!("code/{}", places::file(service))
}
