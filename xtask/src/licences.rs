//! The licence of every dependency against the list in `deny.toml`, without a tool that has to be installed first.

use crate::run::root;
use std::process::Command;

/// What cargo knows of the workspace and its dependencies.
pub fn metadata() -> Result<serde_json::Value, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["metadata", "--format-version", "1", "--locked"]).current_dir(root());
    let output = command.output().map_err(|e| format!("cargo metadata: {e}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr)));
    }
    serde_json::from_slice(&output.stdout).map_err(|e| format!("cargo metadata: {e}"))
}

/// Dependencies whose licence is not allowed or whose source is not the registry.
pub fn check() -> Result<Vec<String>, String> {
    let rules = std::fs::read_to_string(root().join("deny.toml")).map_err(|e| format!("deny.toml: {e}"))?;
    let rules: toml::Table = rules.parse().map_err(|e| format!("deny.toml: {e}"))?;
    let allowed: Vec<&str> = rules
        .get("licenses")
        .and_then(|l| l.get("allow"))
        .and_then(|a| a.as_array())
        .map(|a| a.iter().filter_map(|v| v.as_str()).collect())
        .ok_or("deny.toml has no licenses.allow")?;
    let metadata = metadata()?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata lists no packages")?;
    let mut wrong = Vec::new();
    for package in packages.iter().filter(|p| !p["source"].is_null()) {
        let name = format!("{} {}", text(&package["name"]), text(&package["version"]));
        let licence = text(&package["license"]);
        if !permits(licence, &allowed) {
            wrong.push(format!("{name}: licence `{licence}` is not in deny.toml"));
        }
        if !text(&package["source"]).starts_with("registry+") {
            wrong.push(format!("{name} does not come from the registry"));
        }
    }
    Ok(wrong)
}

fn text(value: &serde_json::Value) -> &str {
    value.as_str().unwrap_or("")
}

/// Whether an SPDX expression can be satisfied with allowed licences alone.
fn permits(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    !rest.is_empty() && either(&mut rest, allowed) && rest.is_empty()
}

fn either(words: &mut &[&str], allowed: &[&str]) -> bool {
    let mut good = both(words, allowed);
    while let Some(("OR", rest)) = words.split_first().map(|(w, r)| (*w, r)) {
        *words = rest;
        good |= both(words, allowed);
    }
    good
}

fn both(words: &mut &[&str], allowed: &[&str]) -> bool {
    let mut good = one(words, allowed);
    while let Some(("AND", rest)) = words.split_first().map(|(w, r)| (*w, r)) {
        *words = rest;
        good &= one(words, allowed);
    }
    good
}

fn one(words: &mut &[&str], allowed: &[&str]) -> bool {
    let Some((word, rest)) = words.split_first() else { return false };
    *words = rest;
    if *word == "(" {
        let good = either(words, allowed);
        *words = words.split_first().map_or(*words, |(_, rest)| rest);
        return good;
    }
    let mut licence = (*word).to_owned();
    if let ["WITH", exception, rest @ ..] = *words {
        licence = format!("{licence} WITH {exception}");
        *words = rest;
    }
    allowed.contains(&licence.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_understood() {
        let allowed = ["MIT", "Apache-2.0", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"];
        for good in [
            "MIT",
            "MIT/X",
            "GPL-3.0 OR MIT",
            "(MIT OR GPL-3.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(permits(good, &allowed), "{good}");
        }
        for bad in
            ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT AND GPL-3.0) OR X", "MIT WITH Classpath-exception-2.0"]
        {
            assert!(!permits(bad, &allowed), "{bad}");
        }
    }
}
