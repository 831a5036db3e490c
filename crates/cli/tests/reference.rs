//! `docs/cli.md` is what `--help` says, word for word. `WAYLAID_WRITE=1 cargo test -p waylaid --test reference` writes it.
#![allow(clippy::unwrap_used, reason = "a reference that cannot be read fails")]

mod common;

use common::{root, waylaid};
use std::fmt::Write as _;

const COMMANDS: [&str; 17] = [
    "demo",
    "check",
    "stuck",
    "follow",
    "flow",
    "diagnose",
    "problems",
    "search",
    "query",
    "templates",
    "keys",
    "where",
    "show",
    "record",
    "report",
    "mcp",
    "ask",
];

fn reference() -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut out = String::from(
        "# The commands\n\nGenerated from `--help`; `cargo test -p waylaid --test reference` fails when the two differ.\n",
    );
    let mut section = |title: &str, arguments: &[&str]| {
        let ran = waylaid(folder.path(), arguments);
        assert_eq!(ran.code, 0, "{title}");
        assert!(ran.stdout.contains("Examples:"), "{title} teaches by example");
        let text = ran.stdout.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        let _ = write!(out, "\n## {title}\n\n```text\n{}\n```\n", text.trim_end());
    };
    section("waylaid", &["--help"]);
    for command in COMMANDS {
        section(&format!("waylaid {command}"), &[command, "--help"]);
    }
    section("waylaid mcp install", &["mcp", "install", "--help"]);
    out
}

#[test]
fn the_reference_is_what_help_says() {
    let path = root().join("docs/cli.md");
    let reference = reference();
    if std::env::var_os("WAYLAID_WRITE").is_some() {
        std::fs::write(&path, &reference).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == reference,
        "docs/cli.md is old; WAYLAID_WRITE=1 cargo test -p waylaid --test reference writes it"
    );
    assert!(reference.lines().all(|l| l.chars().count() <= 100 || l.starts_with("Generated")));
}
