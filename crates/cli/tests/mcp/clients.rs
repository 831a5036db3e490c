//! Clients of others, from npm: installed once into `target/mcp-clients`. They are no part of the test command yet:
//! their tests are left out, by name, unless `WAYLAID_CLIENTS=on`; then what cannot be installed is a failure.

use crate::common::root;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What is installed, each with its version: what the conformance suite needs of Node is newer than what systems have.
const PACKAGES: [&str; 5] = [
    "node@22.23.3",
    "@modelcontextprotocol/conformance@0.2.0-alpha.12",
    "@modelcontextprotocol/inspector@2.12.0",
    "@modelcontextprotocol/sdk@1.32.2",
    "@github/copilot@1.0.102",
];

/// The folder with all of them, or why they are left out.
#[expect(clippy::print_stdout, reason = "what is left out is said")]
pub fn clients(test: &str) -> Option<PathBuf> {
    match installed() {
        Ok(folder) => Some(folder),
        Err(why) => {
            assert!(!is_asked_for(), "{test}: {why}");
            println!("left out: {test}: {why}");
            None
        }
    }
}

fn is_asked_for() -> bool {
    std::env::var_os("WAYLAID_CLIENTS").is_some_and(|v| v == "on")
}

fn installed() -> Result<PathBuf, String> {
    if !is_asked_for() {
        return Err("WAYLAID_CLIENTS is not on".into());
    }
    let folder = root().join("target/mcp-clients");
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    let lock = std::fs::File::create(folder.join("lock")).map_err(|e| e.to_string())?;
    lock.lock().map_err(|e| e.to_string())?;
    let (done, wanted) = (folder.join("done"), PACKAGES.join("\n"));
    if std::fs::read_to_string(&done).is_ok_and(|d| d == wanted) {
        return Ok(folder);
    }
    std::fs::write(folder.join("package.json"), "{\"private\":true}\n").map_err(|e| e.to_string())?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--loglevel=error"]).args(PACKAGES).current_dir(&folder);
    let output = npm.stdin(Stdio::null()).output().map_err(|e| format!("there is no npm: {e}"))?;
    if !output.status.success() {
        return Err(format!("npm: {}", String::from_utf8_lossy(&output.stderr)));
    }
    std::fs::write(done, wanted).map_err(|e| e.to_string())?;
    Ok(folder)
}

/// A program of one of them, in a new enough Node.
pub fn node(folder: &std::path::Path, script: &str) -> Command {
    let mut command = Command::new(folder.join("node_modules/.bin/node"));
    command.arg(folder.join("node_modules").join(script)).stdin(Stdio::null());
    command
}
