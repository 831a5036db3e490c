//! No trait of the contract has a verb that writes: whoever adds one has to change this list, and say why.
#![allow(clippy::unwrap_used, reason = "a source that cannot be read fails")]

use std::path::Path;

/// The methods of each trait in a source.
fn methods(source: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let mut inside = false;
    for line in source.lines() {
        if let Some(rest) = line.strip_prefix("pub trait ") {
            let name = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            found.push((name.to_owned(), Vec::new()));
            inside = true;
        } else if line == "}" {
            inside = false;
        } else if let Some(rest) = line.trim_start().strip_prefix("fn ").filter(|_| inside) {
            let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
            found.last_mut().unwrap().1.push(name.to_owned());
        }
    }
    found
}

#[test]
fn no_trait_has_a_verb_that_writes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract.rs");
    let found = methods(&std::fs::read_to_string(path).unwrap());
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["LogStore", "TopicStore", "TableStore"]);
    for (name, methods) in &found {
        let reads = ["name", "catalog", "scan", "rows", "raw", "standing"];
        let other: Vec<&String> = methods.iter().filter(|m| !reads.contains(&m.as_str())).collect();
        assert!(!methods.is_empty() && other.is_empty(), "{name} has verbs not known to read: {other:?}");
    }
}
