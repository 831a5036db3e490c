//! The protocol's own conformance suite, over HTTP, in both versions: every server scenario that can be run against a server
//! that is not the suite's own example.
//!
//! Left out, each for a reason:
//! - `tools-call-*`, `elicitation-*`, `json-schema-2020-12`, `input-required-result-*` (but one), `prompts-get-*`,
//!   `resources-read-*`, `resources-templates-read`, `http-custom-header-server-validation`: they call tools, prompts and
//!   resources of the suite's example by name (`test_simple_text`, `test://…`), which a server with tools of its own has not;
//! - `logging-set-level`, `resources-subscribe`, `resources-unsubscribe`: capabilities that this server does not offer;
//! - `server-session-lifecycle`, `server-sse-polling`, `server-sse-multiple-streams` of 2025-11-25: there are no sessions;
//! - `tasks-*`, `sep-2640-*`: extensions that this server does not offer;
//! - of `server-stateless`, four checks that need the example's tools (`NEEDS_EXAMPLE`).

use crate::clients::{clients, node};
use crate::http::Server;
use std::path::Path;

const OLD: [&str; 7] = [
    "server-initialize",
    "ping",
    "tools-list",
    "resources-list",
    "prompts-list",
    "completion-complete",
    "dns-rebinding-protection",
];
const NEW: [&str; 11] = [
    "server-stateless",
    "tools-list",
    "resources-list",
    "prompts-list",
    "completion-complete",
    "dns-rebinding-protection",
    "caching",
    "http-header-validation",
    "sep-2164-resource-not-found",
    "server-sse-multiple-streams",
    "input-required-result-unsupported-methods",
];
/// Checks of `server-stateless` that call a tool of the example.
const NEEDS_EXAMPLE: usize = 4;

/// Runs a scenario; what it says.
fn run(clients: &Path, server: &Server, scenario: &str, version: &str) -> String {
    let results = tempfile::tempdir().unwrap();
    let mut command = node(clients, "@modelcontextprotocol/conformance/dist/index.js");
    let url = format!("http://{}/mcp", server.address);
    command.args(["server", "--url", &url, "--scenario", scenario, "--spec-version", version, "-o"]);
    let output = command.arg(results.path()).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// `Passed: 21/25, 4 failed, 0 warnings`.
fn counts(said: &str) -> Option<(usize, usize)> {
    let line = said.lines().find_map(|l| l.trim().strip_prefix("Passed: "))?;
    let (passed, rest) = line.split_once('/')?;
    let failed = rest.split(", ").find_map(|p| p.strip_suffix(" failed"))?;
    Some((passed.parse().ok()?, failed.parse().ok()?))
}

#[test]
fn every_scenario_that_applies_passes_in_both_versions() {
    let Some(clients) = clients("conformance") else { return };
    let server = Server::new(None);
    let scenarios =
        |version: &'static str, names: &'static [&'static str]| names.iter().map(move |n| (version, *n));
    let mut passed = 0;
    for (version, scenario) in scenarios("2025-11-25", &OLD).chain(scenarios("2026-07-28", &NEW)) {
        let said = run(&clients, &server, scenario, version);
        let (good, bad) = counts(&said).unwrap_or_else(|| panic!("{scenario} {version}: {said}"));
        let borne = if scenario == "server-stateless" { NEEDS_EXAMPLE } else { 0 };
        assert!(good > 0 && bad <= borne, "{scenario} {version}: {bad} failed\n{said}");
        passed += good;
    }
    println!("{passed} checks passed in {} scenarios", OLD.len() + NEW.len());
}
