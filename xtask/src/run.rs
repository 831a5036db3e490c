//! Steps: each with its seconds, and a count of what passed at the end.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// The steps so far.
#[derive(Default)]
pub struct Run {
    passed: u64,
    failed: u64,
    lines: Vec<String>,
}

/// Prints to standard output.
pub fn say(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// The folder of the workspace.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or(here.clone(), PathBuf::from)
}

/// Whether a program answers to `--version`.
pub fn is_installed(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

impl Run {
    /// Runs cargo.
    pub fn cargo(&mut self, name: &str, arguments: &[&str], environment: &[(&str, &str)]) {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments).envs(environment.iter().copied());
        self.program(name, command);
    }

    /// Runs a program. Tests that it reports are counted one by one, anything else as one.
    pub fn program(&mut self, name: &str, mut command: Command) {
        self.step(name, |run| {
            command.current_dir(root()).stdout(Stdio::piped());
            let what = command.get_program().to_string_lossy().into_owned();
            let mut child = command.spawn().map_err(|e| format!("{what} cannot be started: {e}"))?;
            let (mut passed, mut failed) = (0, 0);
            if let Some(output) = child.stdout.take() {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    let (p, f) = results(&line);
                    passed += p;
                    failed += f;
                    if !is_noise(&line) {
                        say(&format!("{line}\n"));
                    }
                }
            }
            let status = child.wait().map_err(|e| format!("{what} cannot be waited for: {e}"))?;
            let counted = passed + failed > 0;
            run.passed += if counted { passed } else { u64::from(status.success()) };
            run.failed += if failed > 0 { failed } else { u64::from(!status.success()) };
            if status.success() { Ok(()) } else { Err(format!("{name} failed")) }
        });
    }

    /// Runs a check of our own, which returns what is wrong.
    pub fn check(&mut self, name: &str, check: fn() -> Result<Vec<String>, String>) {
        self.step(name, |run| {
            let wrong = check().unwrap_or_else(|error| vec![error]);
            run.passed += u64::from(wrong.is_empty());
            run.failed += wrong.len() as u64;
            if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
        });
    }

    fn step(&mut self, name: &str, work: impl FnOnce(&mut Self) -> Result<(), String>) {
        say(&format!("== {name}\n"));
        let start = Instant::now();
        let result = work(self);
        if let Err(error) = &result {
            say(&format!("{error}\n"));
        }
        let word = if result.is_ok() { "ok" } else { "FAILED" };
        self.lines.push(format!("{name:<16}{word:<8}{:>7.1} s\n", start.elapsed().as_secs_f64()));
    }

    /// Prints the steps and the counts.
    pub fn finish(self) -> ExitCode {
        say("\n");
        self.lines.iter().for_each(|line| say(line));
        say(&format!("{} passed, {} failed\n", self.passed, self.failed));
        ExitCode::from(u8::from(self.failed > 0))
    }
}

/// `test result: ok. 12 passed; 0 failed; …`, and the lab's `12 passed, 0 failed`.
fn results(line: &str) -> (u64, u64) {
    let ours = line.ends_with(" failed").then(|| line.replace(", ", "; "));
    let cargos = line.strip_prefix("test result: ").map(str::to_owned);
    let Some(rest) = cargos.or(ours) else { return (0, 0) };
    let number = |word: &str| {
        rest.split([';', '.'])
            .find_map(|part| part.trim().strip_suffix(word)?.trim().parse().ok())
            .unwrap_or(0)
    };
    (number("passed"), number("failed"))
}

/// Lines of a test run that say only that all is well.
fn is_noise(line: &str) -> bool {
    let dull = line.is_empty() || line.starts_with("running ");
    dull || (line.starts_with("test ") && (line.ends_with(" ... ok") || line.contains("; 0 failed;")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(results(line), (12, 3));
        assert_eq!(results("3 passed, 1 failed"), (3, 1));
        assert_eq!(results("test a ... ok"), (0, 0));
    }
}
