//! What is done to the code rather than with it: `cargo xtask test` runs every check, in the order in which they fail
//! fastest.

mod lab;
mod layers;
mod licences;
mod run;

use run::Run;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask test        every check: format, layers, licences, lints, tests, live incidents, documentation
cargo xtask live        the lab's services and live incidents, with what the tests have built
cargo xtask layers      which crate may depend on what
cargo xtask licences    the licences of all dependencies against deny.toml
cargo xtask lab …       the lab, as lab/run
";

fn main() -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_default();
    let mut run = Run::default();
    match command.as_str() {
        "test" => all(&mut run),
        "layers" => run.check("layers", layers::check),
        "licences" => run.check("licences", licences::check),
        "live" => lab::live(&mut run),
        "lab" => return lab::open(),
        _ => {
            run::say(HELP);
            return ExitCode::from(if command.is_empty() { 0 } else { 2 });
        }
    }
    run.finish()
}

/// What is off by default and tested all the same. OpenSSL is the system's where it is there, else built along.
fn features() -> &'static str {
    let mut ask = std::process::Command::new("pkg-config");
    let is_there = ask.args(["--exists", "openssl"]).status().is_ok_and(|status| status.success());
    if is_there {
        "waylaid/kafka-tls,waylaid/mongodb,waylaid/sqlserver"
    } else {
        "waylaid/kafka-tls,waylaid-kafka/tls-vendored,waylaid/mongodb,waylaid/sqlserver"
    }
}

fn all(run: &mut Run) {
    run.cargo("format", &["fmt", "--all", "--check"], &[]);
    run.check("layers", layers::check);
    run.check("licences", licences::check);
    // The same features in all steps: the driver in C is built once.
    let all = ["--workspace", "--locked", "--features", features()];
    let step = |first: &[&'static str], rest: &[&'static str]| [first, &all, rest].concat();
    run.cargo("lints", &step(&["clippy"], &["--all-targets", "--keep-going", "--", "-D", "warnings"]), &[]);
    run.cargo("tests", &step(&["test"], &["--no-fail-fast"]), &[("INSTA_UPDATE", "no")]);
    lab::live(run);
    let docs = step(&["doc"], &["--no-deps", "--document-private-items"]);
    run.cargo("documentation", &docs, &[("RUSTDOCFLAGS", "-D warnings")]);
    if run::is_installed("cargo-deny") {
        run.cargo("deny", &["deny", "--all-features", "check", "bans", "licenses", "sources"], &[]);
    }
}
