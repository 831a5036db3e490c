//! Runs the binary as a person would.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What came of a run.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// The binary, in a folder, without what the environment might say.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waylaid"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).env("WAYLAID_CACHE", "off");
    for name in ["WAYLAID_CASES", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    command
}

/// Runs it to its end.
pub fn waylaid(folder: &Path, arguments: &[&str]) -> Ran {
    finish(command(folder, arguments))
}

/// Runs a prepared command to its end.
pub fn finish(mut command: Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Folders of the cases of a folder that hold an incident and what is expected of it, sorted: `cases` has the simulated
/// ones, `lab/cases` the recorded ones.
pub fn cases(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(folder)).into_iter().flatten().flatten();
    let mut cases: Vec<PathBuf> = entries
        .map(|e| e.path())
        .filter(|p| p.join("incident/waylaid.toml").is_file() && p.join("expected.json").is_file())
        .collect();
    cases.sort();
    cases
}

/// Copies a folder with all that is in it, apart from cases of earlier runs.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_name() == ".waylaid" {
            continue;
        }
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A folder with a `waylaid.toml`.
pub fn system(toml: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("waylaid.toml"), toml).unwrap();
    folder
}

/// A small system whose stores are there and empty.
pub fn small() -> tempfile::TempDir {
    let folder = system(SMALL);
    std::fs::create_dir_all(folder.path().join("logs/shop")).unwrap();
    std::fs::create_dir_all(folder.path().join("topics")).unwrap();
    let database = rusqlite::Connection::open(folder.path().join("orders.sqlite")).unwrap();
    database.execute_batch("CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT)").unwrap();
    folder
}

/// Its configuration.
pub const SMALL: &str = r#"
[system]
name = "small"

[logs.main]
kind = "files"
path = "logs"

[topics.main]
kind = "files"
path = "topics"

[tables.orders]
kind = "sqlite"
path = "orders.sqlite"

[entity.order]
tables = [{ column = "orders.orders.id", state = "status" }]
stuck = { column = "orders.orders.status", equals = "ACCEPTED", for = "30m" }
done = { column = "orders.orders.status", equals = "DONE" }
"#;

/// Stores the report crate's hand-made diagnosis of that name as a case of a folder.
pub fn store_case(folder: &Path, name: &str, id: &str) -> PathBuf {
    let data = root().join("crates/report/tests/data").join(format!("{name}.json"));
    let cases = folder.join(".waylaid/cases");
    let case = cases.join(id);
    std::fs::create_dir_all(&case).unwrap();
    let json = std::fs::read_to_string(data).unwrap().replace("c-20261122-1", id);
    std::fs::write(case.join("diagnosis.json"), json).unwrap();
    std::fs::write(cases.join("last"), id).unwrap();
    case
}

/// What the verdict says, without what tells one kind of store from another: offsets, lines, how much was looked through.
pub fn verdict(folder: &Path, now: &str) -> Value {
    let output = waylaid(folder, &["diagnose", "--format", "json", "--now", now]);
    let answer: Value =
        serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", output.stderr));
    let causes = answer["verdict"]["causes"].as_array().unwrap().iter();
    let fields = ["kind", "service", "hop", "explains", "of"];
    let causes: Vec<Value> =
        causes.map(|c| fields.iter().map(|f| ((*f).to_owned(), c[*f].clone())).collect()).collect();
    // Not what matched: a store may deliver more of a key's records than are wanted.
    let coverage = answer["coverage"].as_array().unwrap().iter();
    let coverage: Vec<Value> = coverage.map(|l| json!([l["store"], l["target"], l["status"]])).collect();
    json!({"outcome": answer["verdict"]["outcome"], "causes": causes, "cohort": answer["cohort"]["count"], "coverage": coverage})
}
