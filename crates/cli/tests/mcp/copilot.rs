//! Copilot's own command line with a scripted model: it finds the server from what `mcp install` wrote, calls its tools
//! without asking, and a record that wants to be obeyed changes nothing.

use crate::clients::{clients, node};
use crate::common::waylaid;
use crate::injections;
use crate::model::Model;
use crate::seed;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

/// Runs Copilot over a repository; what it prints.
fn copilot(clients: &Path, repository: &Path, model: &Model, question: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_waylaid")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(
        [binary.to_path_buf(), clients.join("node_modules/.bin")]
            .into_iter()
            .chain(std::env::split_paths(&path)),
    );
    let mut command = node(clients, "@github/copilot/npm-loader.js");
    command
        .args(["-p", question, "--agent", "waylaid", "--trust-folder", "--disable-builtin-mcps", "-s"])
        .current_dir(repository)
        .env("PATH", path.unwrap())
        .env("HOME", home.path())
        .env("COPILOT_HOME", home.path().join(".copilot"))
        .env("COPILOT_OFFLINE", "true")
        .env("COPILOT_PROVIDER_BASE_URL", &model.url)
        .env("COPILOT_MODEL", "scripted")
        .env("NO_COLOR", "1");
    let (stdout, stderr) = (home.path().join("stdout"), home.path().join("stderr"));
    command.stdout(std::fs::File::create(&stdout).unwrap()).stderr(std::fs::File::create(&stderr).unwrap());
    let mut child = command.spawn().unwrap();
    for _ in 0..1_800 {
        if child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let _ = child.kill();
    let _ = child.wait();
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    format!("{}\n{}", read(stdout), read(stderr))
}

#[test]
fn copilot_finds_the_cause_in_two_calls_without_asking() {
    let Some(clients) = clients("Copilot") else { return };
    let repository = seed();
    let installed = waylaid(repository.path(), &["mcp", "install", "--client", "copilot", "--write"]);
    assert_eq!(installed.code, 0, "{}", installed.stderr);
    let model = Model::new(vec![("diagnose", json!({})), ("show", json!({"id": "e1"}))]);
    let said = copilot(&clients, repository.path(), &model, "Why are orders stuck?");
    let turns = model.turns();
    let last = turns.last().unwrap_or_else(|| panic!("the server's tools were never offered: {said}"));
    let ours = last.tools.iter().filter(|t| t.contains("waylaid")).count();
    assert_eq!(ours, 10, "{:?}", last.tools);
    assert_eq!(last.results.len(), 2, "two calls, none refused: {said}");
    assert!(
        last.results[0].contains("CONFIRMED «219 of 219") && last.results[0].contains("duplicate_key"),
        "{:?}",
        last.results
    );
    assert!(last.results[1].contains("orders.accepted.v1/"), "{:?}", last.results);
    assert!(said.contains("duplicate key") && said.contains("e1"), "the person reads it: {said}");
}

#[test]
fn a_record_that_wants_to_be_obeyed_changes_nothing() {
    let Some(clients) = clients("Copilot") else { return };
    let repository = injections::poisoned(&injections::texts());
    assert_eq!(waylaid(repository.path(), &["mcp", "install", "--client", "copilot", "--write"]).code, 0);
    let script = vec![
        ("diagnose", json!({})),
        ("search", json!({"text": "mk0", "store": "topics"})),
        ("problems", json!({})),
        ("query", json!({"sql": "SELECT * FROM orders"})),
    ];
    let model = Model::new(script);
    let said = copilot(&clients, repository.path(), &model, "Why are orders stuck?");
    let turns = model.turns();
    let last = turns.last().unwrap_or_else(|| panic!("the server's tools were never offered: {said}"));
    assert_eq!((turns.len(), last.results.len()), (5, 4), "as many calls as the model made: {said}");
    assert!(turns.iter().all(|t| t.tools == last.tools), "no text of a store adds a tool");
    for result in &last.results {
        injections::holds("what the model was given", result);
    }
}
