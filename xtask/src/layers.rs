//! Which crate may depend on what. The invariants of the architecture that a compiler does not see.

use crate::licences::metadata;
use crate::run::root;
use std::path::{Path, PathBuf};

/// Drivers of stores and the agents' protocol, and who alone may know them.
const DRIVERS: [(&str, &[&str]); 9] = [
    ("rusqlite", &["waylaid-sqlite", "waylaid-case", "waylaid-record"]),
    ("rdkafka", &["waylaid-kafka"]),
    ("reqwest", &["waylaid-agent", "waylaid-elastic", "waylaid-kafka"]),
    ("tokio-postgres", &["waylaid-postgres"]),
    ("mysql_async", &["waylaid-mysql"]),
    ("mongodb", &["waylaid-mongodb"]),
    ("tiberius", &["waylaid-sqlserver"]),
    ("sqlparser", &["waylaid-sqlguard"]),
    ("rmcp", &["waylaid-mcp"]),
];
/// The simulator, the servers that tests run against and this tool are no part of the product.
const TOOLS: [&str; 3] = ["waylaid-sim", "waylaid-servers", "xtask"];
/// Crates that touch neither files nor network nor environment nor clock.
const PURE: [&str; 6] = [
    "crates/model/src",
    "crates/logs/src",
    "crates/engine/src",
    "crates/report/src",
    "crates/redact/src",
    "crates/sqlguard/src",
];
/// What would make them impure.
const IMPURE: [&str; 7] =
    ["std::fs", "std::net", "std::env", "std::process", "std::io::stdin", "SystemTime", "Instant::now"];

/// Dependencies and uses that should not be.
pub fn check() -> Result<Vec<String>, String> {
    let mut wrong = dependencies(&metadata()?);
    for folder in PURE {
        impure(&root().join(folder), &mut wrong)?;
    }
    Ok(wrong)
}

fn dependencies(metadata: &serde_json::Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let packages = metadata["packages"].as_array().into_iter().flatten().filter(|p| p["source"].is_null());
    for package in packages {
        let name = package["name"].as_str().unwrap_or("");
        if TOOLS.contains(&name) {
            continue;
        }
        // Tests may open what the product may not.
        let needs: Vec<&str> = package["dependencies"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|d| d["kind"].as_str() != Some("dev"))
            .filter_map(|d| d["name"].as_str())
            .collect();
        for (driver, knows) in DRIVERS {
            if needs.contains(&driver) && !knows.contains(&name) {
                wrong.push(format!("{name} depends on {driver}; only {} may", knows.join(" and ")));
            }
        }
        for tool in TOOLS.iter().filter(|t| needs.contains(t)) {
            wrong.push(format!("{name} depends on {tool}, which is no part of the product"));
        }
        let connectors = [
            "waylaid-elastic",
            "waylaid-files",
            "waylaid-kafka",
            "waylaid-mongodb",
            "waylaid-mysql",
            "waylaid-postgres",
            "waylaid-sqlite",
            "waylaid-sqlserver",
        ];
        if name != "waylaid" && connectors.iter().any(|c| needs.contains(c)) {
            wrong.push(format!("{name} depends on a connector; only the binary wires them"));
        }
    }
    wrong
}

/// Reads the sources of a pure crate, up to their tests.
fn impure(folder: &Path, wrong: &mut Vec<String>) -> Result<(), String> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(|e| format!("{}: {e}", folder.display()))?
        .filter_map(|e| e.ok().map(|e| e.path()))
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            impure(&path, wrong)?;
        } else if path.extension().is_some_and(|e| e == "rs")
            && path.file_name().is_some_and(|n| n != "tests.rs")
        {
            let source = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            let product = source.split("#[cfg(test)]").next().unwrap_or("");
            for (number, line) in
                product.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//"))
            {
                for word in IMPURE.iter().filter(|w| line.contains(**w)) {
                    let shown = path.strip_prefix(root()).unwrap_or(&path).display();
                    wrong.push(format!("{shown}:{}: {word} in a pure crate", number + 1));
                }
            }
        }
    }
    Ok(())
}
