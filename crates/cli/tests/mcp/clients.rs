//! Clients of others, from npm and PyPI: installed once, each with its version, into `target/clients`;
//! `WAYLAID_CLIENTS_CACHE` names another folder, to share between checkouts. What cannot be had is skipped, aloud and by
//! name; `WAYLAID_CLIENTS=off` skips them all; under `CI=true` a skip is a failure.

use crate::common::root;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// From npm. What the conformance suite needs of Node is newer than what systems have.
const NPM: [&str; 6] = [
    "node@22.23.3",
    "@modelcontextprotocol/conformance@0.2.0-alpha.12",
    "@modelcontextprotocol/inspector@2.12.0",
    "@modelcontextprotocol/sdk@1.32.2",
    "@modelcontextprotocol/client@2.3.1",
    "@github/copilot@1.0.102",
];
/// From PyPI.
const PYPI: [&str; 1] = ["mcp==2.3.0"];

/// The folder with all that comes from npm, or nothing, with a line that no test harness swallows.
pub fn clients(test: &str) -> Option<PathBuf> {
    had(test, || in_folder("npm", &NPM, npm))
}

/// The Python that knows what comes from PyPI, or nothing, as above.
pub fn python(test: &str) -> Option<PathBuf> {
    had(test, || in_folder("pypi", &PYPI, pypi)).map(|folder| folder.join("bin/python"))
}

fn had(test: &str, install: impl FnOnce() -> Result<PathBuf, String>) -> Option<PathBuf> {
    let must = std::env::var_os("CI").is_some_and(|value| value == "true");
    let is_off = !must && std::env::var_os("WAYLAID_CLIENTS").is_some_and(|value| value == "off");
    let why = match if is_off { Err("WAYLAID_CLIENTS=off".into()) } else { install() } {
        Ok(folder) => return Some(folder),
        Err(why) => why,
    };
    assert!(!must, "{test}: {why}");
    // Not `eprintln!`: the harness keeps that back when a test passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {why}");
    None
}

/// Installs into a folder of its own unless it is there already; one test at a time.
fn in_folder(
    name: &str,
    wanted: &[&str],
    install: fn(&Path, &[&str]) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let own = || root().join("target/clients");
    let folder = std::env::var_os("WAYLAID_CLIENTS_CACHE").map_or_else(own, PathBuf::from).join(name);
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    let lock = std::fs::File::create(folder.join("lock")).map_err(|e| e.to_string())?;
    lock.lock().map_err(|e| e.to_string())?;
    let (done, wanted_text) = (folder.join("done"), wanted.join("\n"));
    if std::fs::read_to_string(&done).is_ok_and(|d| d == wanted_text) {
        return Ok(folder);
    }
    install(&folder, wanted)?;
    std::fs::write(done, wanted_text).map_err(|e| e.to_string())?;
    Ok(folder)
}

fn npm(folder: &Path, wanted: &[&str]) -> Result<(), String> {
    std::fs::write(folder.join("package.json"), "{\"private\":true}\n").map_err(|e| e.to_string())?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--loglevel=error"]).args(wanted).current_dir(folder);
    ran("npm", npm)
}

fn pypi(folder: &Path, wanted: &[&str]) -> Result<(), String> {
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv"]).arg(folder);
    ran("python3", venv)?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(wanted);
    ran("pip", pip)
}

fn ran(name: &str, mut command: Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|e| format!("there is no {name}: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// A program of one of them, in a new enough Node.
pub fn node(folder: &Path, script: &str) -> Command {
    let mut command = Command::new(folder.join("node_modules/.bin/node"));
    command.arg(folder.join("node_modules").join(script)).stdin(Stdio::null());
    command
}
