//! No `waylaid.toml`: what to write, from what the folder holds.

use super::FILE;
use crate::diagnostics::Failure;
use std::fmt::Write as _;
use std::path::Path;

/// The failure, with an example that fits the folder.
pub fn failure(folder: &Path) -> Failure {
    let shown =
        if folder == Path::new(".") { "this folder".to_owned() } else { folder.display().to_string() };
    if !folder.is_dir() {
        return Failure::usage(format!("there is no folder {shown}"))
            .hint("-C names the folder of waylaid.toml");
    }
    let failure = Failure::usage(format!("there is no {FILE} in {shown}"));
    let absolute = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    if let Some(above) = absolute.ancestors().skip(1).find(|a| a.join(FILE).is_file()) {
        return failure.hint(format!("there is one further up: use -C {}", above.display()));
    }
    failure
        .hint(format!("write one; for {shown} it could begin like this:\n\n{}", example(folder)))
        .hint("no system at hand? `waylaid demo` brings its own")
}

/// A minimal configuration for what lies in the folder.
fn example(folder: &Path) -> String {
    let mut text = String::from("[system]\nname = \"shop\"\n");
    let tables = sqlite_files(folder);
    let none = !folder.join("logs").is_dir() && !folder.join("topics").is_dir() && tables.is_empty();
    if none || folder.join("logs").is_dir() {
        text.push_str("\n[logs.main]\nkind = \"files\"\npath = \"logs\"            # a folder a service\n");
    }
    if none || folder.join("topics").is_dir() {
        text.push_str("\n[topics.main]\nkind = \"files\"\npath = \"topics\"          # a file a topic\n");
    }
    for (name, path) in &tables {
        let _ = write!(text, "\n[tables.{name}]\nkind = \"sqlite\"\npath = \"{path}\"\n");
    }
    let store = tables.first().map_or("orders", |(name, _)| name.as_str());
    if none {
        text.push_str("\n[tables.orders]\nkind = \"sqlite\"\npath = \"tables/orders.sqlite\"\n");
    }
    if none || !tables.is_empty() {
        let _ = write!(
            text,
            "\n[entity.order]\ntables = [{{ column = \"{store}.orders.id\", state = \"status\" }}]\n\
             stuck = {{ column = \"{store}.orders.status\", equals = \"ACCEPTED\", for = \"30m\" }}\n\
             done = {{ column = \"{store}.orders.status\", equals = [\"SHIPPED\"] }}\n"
        );
    }
    text.trim_end().to_owned()
}

/// SQLite files in `tables/` or the folder itself: name and path, at most five.
fn sqlite_files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for sub in ["tables", "."] {
        let Ok(entries) = std::fs::read_dir(folder.join(sub)) else { continue };
        for path in entries.flatten().map(|e| e.path()) {
            let known = path.extension().is_some_and(|e| ["sqlite", "sqlite3", "db"].iter().any(|k| e == *k));
            let stem = path.file_stem().and_then(|s| s.to_str());
            let file = path.file_name().and_then(|s| s.to_str());
            if let (true, Some(stem), Some(file)) = (known, stem, file) {
                let path = if sub == "." { file.to_owned() } else { format!("{sub}/{file}") };
                let name = stem.replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "_");
                found.push((name, path));
            }
        }
    }
    found.sort();
    found.truncate(5);
    found
}
