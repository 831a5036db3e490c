//! Bringing in what is missing: a file for each registry.

pub mod debian;
pub mod java;
pub mod maven;
pub mod pypi;

use std::process::{Command, Stdio};

/// Runs a tool to its end; why it failed otherwise: the last lines that it printed.
pub fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|e| format!("{name}: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    let lines: Vec<&str> = said.lines().filter(|l| !l.trim().is_empty()).collect();
    Err(format!(
        "{name} ended with {}\n{}",
        output.status,
        lines[lines.len().saturating_sub(12)..].join("\n")
    ))
}
