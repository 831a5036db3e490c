//! Nothing in the product knows a name from a case: neither a service, nor a topic, nor a table, nor a class.
#![allow(clippy::unwrap_used, reason = "a source that cannot be read fails")]

mod common;

use common::{cases, root};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Names with a separator, of at least six characters: `pick-service`, `orders.accepted.v1`. Shorter and plain words
/// (`orders`) are everybody's.
fn is_telling(name: &str) -> bool {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    name.len() >= 6 && plain && name.contains(['-', '_', '.']) && !is_common(name)
}

/// Words that every system has.
fn is_common(name: &str) -> bool {
    const COMMON: [&str; 16] = [
        "created_at",
        "updated_at",
        "order_id",
        "customer_id",
        "sent_at",
        "event_id",
        "dead-letter",
        "outbox.id",
        "published_at",
        "retry_count",
        "trace_id",
        "changed_at",
        "accepted_at",
        "entered_at",
        "http_status",
        "task_id",
    ];
    COMMON.contains(&name)
}

/// Names in a case: of log folders, topics, stores, tables, columns, code folders.
fn names(case: &Path) -> Vec<String> {
    let incident = case.join("incident");
    let mut names = Vec::new();
    for folder in ["logs", "topics", "tables", "code"] {
        for path in list(&incident.join(folder)) {
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            let stem = file.split(".ndjson").next().unwrap_or(&file).trim_end_matches(".sqlite").to_owned();
            names.push(stem);
            if folder == "tables" {
                names.extend(tables(&path));
            }
        }
    }
    let toml = std::fs::read_to_string(incident.join("waylaid.toml")).unwrap();
    let words = toml.split(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c));
    let configured = ["waylaid.toml", "read-only"];
    names.extend(words.filter(|w| !w.is_empty() && !configured.contains(w)).map(str::to_owned));
    names.retain(|n| is_telling(n) && !n.starts_with('.') && !n.ends_with('.'));
    let section =
        |n: &String| ["logs.", "topics.", "tables.", "service.", "entity."].iter().any(|s| n.starts_with(s));
    names.retain(|n| !section(n) && !n.starts_with('_'));
    names
}

/// Tables and columns of a database.
fn tables(path: &Path) -> Vec<String> {
    let Ok(database) =
        rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
    else {
        return Vec::new();
    };
    let sql = "SELECT m.name FROM sqlite_master m WHERE m.type = 'table'
               UNION SELECT c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'";
    let Ok(mut statement) = database.prepare(sql) else { return Vec::new() };
    let Ok(rows) = statement.query_map([], |row| row.get(0)) else { return Vec::new() };
    rows.flatten().collect()
}

fn list(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    paths.sort();
    paths
}

/// Sources of the product: path and text without comments and tests.
fn sources() -> Vec<(PathBuf, String)> {
    let mut sources = Vec::new();
    for group in ["crates", "connectors"] {
        for package in list(&root().join(group)) {
            collect(&package.join("src"), &mut sources);
        }
    }
    sources
}

fn collect(folder: &Path, sources: &mut Vec<(PathBuf, String)>) {
    for path in list(folder) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "tests" {
                collect(&path, sources);
            }
        } else if path.extension().is_some_and(|e| e == "rs") && !name.contains("test") {
            let text = std::fs::read_to_string(&path).unwrap();
            let product = text.split("#[cfg(test)]\nmod ").next().unwrap_or("");
            let lines = product.lines().map(|l| if l.trim_start().starts_with("//") { "" } else { l });
            sources.push((path, lines.collect::<Vec<_>>().join("\n")));
        }
    }
}

/// Whether a name stands in a text as a whole.
fn line_of(text: &str, name: &str) -> Option<usize> {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let mut from = 0;
    while let Some(at) = text[from..].find(name).map(|n| n + from) {
        let before = text[..at].chars().next_back().is_some_and(part);
        let after = text[at + name.len()..].chars().next().is_some_and(part);
        if !before && !after {
            return Some(text[..at].matches('\n').count() + 1);
        }
        from = at + name.len();
    }
    None
}

#[test]
fn no_source_knows_a_name_from_a_case() {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for case in cases("cases").into_iter().chain(cases("lab/cases")) {
        let title = case.file_name().unwrap().to_string_lossy().into_owned();
        for name in names(&case) {
            all.entry(name).or_insert_with(|| title.clone());
        }
    }
    assert!(all.len() > 20, "names were found: {all:?}");
    // Examples in texts for people use the words of the documentation's own example.
    let example = ["orders.orders.id", "orders.orders.status", "orders.orders", "orders.sqlite"];
    let mut found = Vec::new();
    for (path, text) in sources() {
        let shown = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        for (name, case) in all.iter().filter(|(n, _)| !example.contains(&n.as_str())) {
            if let Some(line) = line_of(&text, name) {
                found.push(format!("{shown}:{line}: `{name}` from case {case}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn what_counts_as_a_name() {
    assert!(
        is_telling("pick-service") && is_telling("a.b.v1") && !is_telling("orders") && !is_telling("a-b")
    );
    assert_eq!(line_of("x\nto pick-service, y", "pick-service"), Some(2));
    assert_eq!(line_of("my-pick-service pick-services", "pick-service"), None);
}
