//! The protocol's own conformance suite, over HTTP, in both versions: every server scenario that can be run against a server
//! that is not the suite's own example passes whole. Every other one is left out by name, with its reason.

use crate::clients::{clients, node};
use crate::http::Server;
use serde_json::Value;
use std::path::Path;

/// What is run, and the versions in which it passes.
const RUN: [(&str, &[&str]); 14] = [
    ("server-initialize", &[OLD]),
    ("ping", &[OLD]),
    ("server-stateless", &[NEW]),
    ("tools-list", &[OLD, NEW]),
    ("resources-list", &[OLD, NEW]),
    ("prompts-list", &[OLD, NEW]),
    ("completion-complete", &[OLD, NEW]),
    ("dns-rebinding-protection", &[OLD, NEW]),
    ("caching", &[NEW]),
    ("http-header-validation", &[NEW]),
    ("sep-2164-resource-not-found", &[NEW]),
    ("server-sse-multiple-streams", &[NEW]),
    ("input-required-result-unsupported-methods", &[NEW]),
    ("input-required-result-validate-input", &[NEW]),
];
const OLD: &str = "2025-11-25";
const NEW: &str = "2026-07-28";

/// What is left out, by how its name begins, and why.
const LEFT_OUT: [(&str, &str); 15] = [
    ("tools-call-", EXAMPLE),
    ("json-schema-2020-12", EXAMPLE),
    ("elicitation-", EXAMPLE),
    ("prompts-get-", EXAMPLE),
    ("resources-read-", EXAMPLE),
    ("resources-templates-read", EXAMPLE),
    ("http-custom-header-server-validation", EXAMPLE),
    ("input-required-result-", EXAMPLE),
    ("tasks-", EXAMPLE),
    ("logging-set-level", "the server offers no logging"),
    ("resources-subscribe", "the server offers no subscriptions"),
    ("resources-unsubscribe", "the server offers no subscriptions"),
    ("server-session-lifecycle", "over HTTP there are no sessions"),
    ("server-sse-polling", "over HTTP there are no sessions"),
    ("sep-2640-", "the server does not offer the extension"),
];
const EXAMPLE: &str = "it calls tools, prompts or resources of the suite's own example server by their names";

/// Checks inside `server-stateless` that say themselves that they cannot be made without a tool of the example.
const NOT_TESTABLE: [&str; 4] = [
    "sep-2575-server-rejects-undeclared-capability",
    "sep-2575-missing-capability-http-400",
    "sep-2575-http-server-no-independent-requests-on-stream",
    "sep-2575-server-no-log-without-loglevel",
];

fn suite(clients: &Path, arguments: &[&str]) -> String {
    let mut command = node(clients, "@modelcontextprotocol/conformance/dist/index.js");
    let output = command.args(arguments).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The checks of a scenario.
fn run(clients: &Path, server: &Server, scenario: &str, version: &str) -> Vec<Value> {
    let results = tempfile::tempdir().unwrap();
    let url = format!("http://{}/mcp", server.address);
    let folder = results.path().to_str().unwrap();
    let said = suite(
        clients,
        &["server", "--url", &url, "--scenario", scenario, "--spec-version", version, "-o", folder],
    );
    let run = std::fs::read_dir(folder).unwrap().flatten().next();
    let checks = run.and_then(|run| std::fs::read_to_string(run.path().join("checks.json")).ok());
    let checks = checks.and_then(|text| serde_json::from_str(&text).ok());
    checks.unwrap_or_else(|| panic!("{scenario} {version}: {said}"))
}

#[test]
fn every_scenario_that_applies_passes_in_both_versions() {
    let Some(clients) = clients("conformance") else { return };
    let server = Server::new(None);
    let (mut runs, mut passed) = (0, 0);
    for (scenario, versions) in RUN {
        for version in versions {
            let checks = run(&clients, &server, scenario, version);
            let of = |status: &str| checks.iter().filter(|c| c["status"] == status).collect::<Vec<_>>();
            for check in of("FAILURE") {
                let why = check["errorMessage"].as_str().unwrap_or_default();
                let cannot_be_made = scenario == "server-stateless"
                    && NOT_TESTABLE.iter().any(|id| check["id"] == *id)
                    && why.starts_with("Not testable");
                assert!(cannot_be_made, "{scenario} {version}: {check}");
            }
            assert!(
                !of("SUCCESS").is_empty() && of("WARNING").is_empty(),
                "{scenario} {version}: {checks:?}"
            );
            (runs, passed) = (runs + 1, passed + of("SUCCESS").len());
        }
    }
    println!("{passed} checks passed in {runs} runs of {} scenarios", RUN.len());
}

#[test]
fn no_scenario_is_left_out_without_a_reason() {
    let Some(clients) = clients("conformance") else { return };
    let listed = suite(&clients, &["list", "--server"]);
    let scenarios: Vec<&str> = listed.lines().filter_map(|l| l.trim().strip_prefix("- ")).collect();
    assert!(scenarios.len() > 50, "{listed}");
    for line in scenarios {
        let (name, versions) = line.split_once(' ').unwrap_or((line, ""));
        let run = RUN.iter().find(|(n, _)| *n == name).map_or(&[][..], |(_, versions)| versions);
        let missing = [OLD, NEW].into_iter().any(|v| versions.contains(v) && !run.contains(&v));
        let reason = LEFT_OUT.iter().find(|(start, _)| name.starts_with(start));
        // Of 2025-11-25 it tests sessions with several streams.
        let has_reason = reason.is_some() || (name == "server-sse-multiple-streams" && run == [NEW]);
        assert!((!missing && !run.is_empty()) || has_reason, "{line} is neither run nor left out");
    }
}
