//! The files of a checkout: which are read, which are left out and why. Nothing outside the folder is read, no link is
//! followed, nothing is run.

use std::io::Read as _;
use std::path::Path;

/// One source or configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Path relative to the checkout, with `/`.
    pub path: String,
    /// Its text, lossy UTF-8.
    pub text: String,
}

/// A file that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Path relative to the checkout.
    pub path: String,
    /// Why.
    pub why: &'static str,
}

const MAX_FILE: u64 = 2 * 1024 * 1024;
const MAX_CONFIG: u64 = 512 * 1024;
const MAX_TOTAL: usize = 256 * 1024 * 1024;
const MAX_FILES: usize = 60_000;
const MAX_DEPTH: usize = 32;
const MAX_NOTES: usize = 1000;
const CONFIGURATION: &[&str] = &[
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
    "prisma",
    "cshtml",
];
/// Folders of what others wrote or tools made.
const SKIPPED: &[&str] = &[
    "node_modules",
    "target",
    "build",
    "dist",
    "vendor",
    "bin",
    "obj",
    "out",
    "__pycache__",
    "venv",
    "third_party",
    "site-packages",
    "bower_components",
    "generated",
    "coverage",
];
/// Ends of names that generators give.
const GENERATED_NAMES: &[&str] = &[
    ".min.js",
    ".bundle.js",
    ".chunk.js",
    ".pb.go",
    "_pb2.py",
    "_pb2_grpc.py",
    ".g.cs",
    ".designer.cs",
    ".d.ts",
    ".generated.cs",
    ".gen.go",
    "_generated.go",
    "package-lock.json",
    "pnpm-lock.yaml",
    ".lock",
];

/// What reading a checkout gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Checkout {
    pub(crate) files: Vec<SourceFile>,
    pub(crate) left_out: Vec<LeftOut>,
    pub(crate) cut: bool,
}

/// Reads a checkout. A folder that is missing or unreadable gives no files.
pub(crate) fn read(root: &Path) -> Checkout {
    let mut out = Checkout::default();
    let mut total = 0usize;
    for entry in walk(root).build().filter_map(Result::ok) {
        if !entry.file_type().is_some_and(|t| t.is_file()) {
            continue;
        }
        let Ok(relative) = entry.path().strip_prefix(root) else { continue };
        let path = relative.to_string_lossy().replace('\\', "/");
        if !is_read(&path) {
            continue;
        }
        if out.files.len() >= MAX_FILES || total > MAX_TOTAL {
            out.cut = true;
            break;
        }
        let limit = if crate::languages::of_path(&path).is_some() { MAX_FILE } else { MAX_CONFIG };
        match text(entry.path(), &path, limit) {
            Ok(text) => {
                total += text.len();
                out.files.push(SourceFile { path, text });
            }
            Err(why) if out.left_out.len() < MAX_NOTES => out.left_out.push(LeftOut { path, why }),
            Err(_) => {}
        }
    }
    out
}

/// The walk over a checkout.
fn walk(root: &Path) -> ignore::WalkBuilder {
    let mut walk = ignore::WalkBuilder::new(root);
    walk.follow_links(false)
        .hidden(false)
        .parents(false)
        .require_git(false)
        .git_global(false)
        .git_exclude(false);
    // The walk's own way follows a `.git` that names a folder elsewhere.
    let is_straight = |p: &Path| std::fs::symlink_metadata(p).is_ok_and(|m| !m.is_symlink());
    let inside = [".git", ".git/info", ".git/info/exclude"];
    if root.join(".git").is_dir() && inside.iter().all(|p| is_straight(&root.join(p))) {
        // A list that cannot be read leaves nothing out.
        let _ = walk.add_ignore(root.join(".git/info/exclude"));
    }
    walk.ignore(true).git_ignore(true).max_depth(Some(MAX_DEPTH));
    walk.sort_by_file_name(std::cmp::Ord::cmp);
    walk.filter_entry(|entry| entry.depth() == 0 || !is_skipped_folder(entry));
    walk
}

/// The folders, the source files and the lists of what is ignored of a checkout: as long as they look the same, reading it
/// gives the same.
pub(crate) fn watched(root: &Path) -> Vec<String> {
    let mut out = Vec::new();
    for entry in walk(root).build().filter_map(Result::ok) {
        let Ok(relative) = entry.path().strip_prefix(root) else { continue };
        let path = relative.to_string_lossy().replace('\\', "/");
        let kind = entry.file_type();
        let ignores = path.ends_with(".gitignore") || path.ends_with(".ignore");
        let source = ignores || crate::languages::of_path(&path.to_lowercase()).is_some();
        if kind.is_some_and(|t| t.is_dir()) || source && kind.is_some_and(|t| t.is_file()) {
            out.push(path);
        }
    }
    out
}

/// The text of one source file as [`read`] takes it; `None` where it is left out, or no longer a file of this folder.
pub(crate) fn one(root: &Path, path: &str) -> Option<String> {
    let file = root.join(path);
    let is_file = std::fs::symlink_metadata(&file).is_ok_and(|m| m.is_file());
    is_file.then(|| text(&file, path, MAX_FILE).ok()).flatten()
}

fn is_skipped_folder(entry: &ignore::DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    entry.file_type().is_some_and(|t| t.is_dir())
        && (name.starts_with('.') || SKIPPED.contains(&name.as_ref()))
}

fn is_read(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let lower = name.to_lowercase();
    let extension = lower.rsplit('.').next().unwrap_or_default();
    crate::languages::of_path(&lower).is_some()
        || CONFIGURATION.contains(&extension)
        || lower.starts_with(".env")
        || extension == "timer"
        || crate::jobs::is_crontab(path)
}

/// A file's text, or why it is left out.
fn text(file: &Path, path: &str, limit: u64) -> Result<String, &'static str> {
    let lower = path.to_lowercase();
    if GENERATED_NAMES.iter().any(|e| lower.ends_with(e)) {
        return Err("generated");
    }
    // Opened once and measured while reading, so that a file that grows or is swapped cannot get around the limit.
    let Ok(opened) = std::fs::File::open(file) else { return Err("unreadable") };
    let mut bytes = Vec::new();
    if opened.take(limit + 1).read_to_end(&mut bytes).is_err() {
        return Err("unreadable");
    }
    if bytes.len() as u64 > limit {
        return Err("too large");
    }
    if bytes.iter().take(4096).any(|b| *b == 0) {
        return Err("not text");
    }
    if crate::languages::of_path(path).is_some() {
        if is_generated(&bytes) {
            return Err("generated");
        }
        if is_minified(&bytes) {
            return Err("minified");
        }
    }
    Ok(String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}

/// Whether the beginning of a file says that a tool wrote it.
fn is_generated(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1500)]);
    let comment = |l: &&str| {
        let l = l.trim_start();
        ["//", "#", "/*", "*", "--", "\"\"\""].iter().any(|c| l.starts_with(c))
    };
    head.lines().take(20).filter(comment).any(|line| {
        let line = line.to_lowercase();
        line.contains("@generated")
            || line.contains("<auto-generated")
            || line.contains("code generated by")
            || (line.contains("generated") && line.contains("do not edit"))
    })
}

/// Whether lines are so long that nobody wrote them.
fn is_minified(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(256 * 1024)];
    let lines = head.split(|b| *b == b'\n').count();
    head.len() > 5000 && (head.len() / lines.max(1) > 300)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, path: &str, text: &str) {
        let file = root.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    fn paths(checkout: &Checkout) -> Vec<&str> {
        checkout.files.iter().map(|f| f.path.as_str()).collect()
    }

    #[test]
    fn what_others_wrote_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(root, "src/A.java", "class A {}");
        write(root, "node_modules/x/index.js", "x()");
        write(root, ".git/config", "[core]");
        write(root, ".gitignore", "ignored/\n");
        write(root, "ignored/B.java", "class B {}");
        write(root, "src/gen.go", "// Code generated by protoc. DO NOT EDIT.\npackage a");
        write(root, "web/app.js", &"var a=1;".repeat(2000));
        write(root, "big.py", &"x = 1\n".repeat(400_000));
        write(root, "bin.py", "a\0b");
        write(root, ".env", "TOPIC=a");
        let checkout = read(root);
        assert_eq!(paths(&checkout), [".env", "src/A.java"]);
        let why: Vec<(&str, &str)> = checkout.left_out.iter().map(|l| (l.path.as_str(), l.why)).collect();
        assert_eq!(
            why,
            [
                ("big.py", "too large"),
                ("bin.py", "not text"),
                ("src/gen.go", "generated"),
                ("web/app.js", "minified")
            ]
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        write(outside.path(), "secret.py", "x = 1");
        write(folder.path(), "a/b.py", "y = 2");
        std::os::unix::fs::symlink(folder.path(), folder.path().join("a/loop")).unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.path().join("out_there")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret.py"), folder.path().join("c.py")).unwrap();
        assert_eq!(paths(&read(folder.path())), ["a/b.py"]);
    }

    #[test]
    fn a_missing_folder_is_empty() {
        assert!(read(Path::new("/nowhere/at/all")).files.is_empty());
    }
}
