//! The lab's part of the checks: the tests of its services, and incidents that happen while it runs, asked of the live
//! stores.

use crate::run::{Run, root, say};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// The lab has a front door of its own, which installs what is missing.
fn door() -> Command {
    Command::new(root().join("lab/run"))
}

/// `cargo xtask lab …` is `lab/run …`.
pub fn open() -> ExitCode {
    match door().args(std::env::args().skip(2)).status() {
        Ok(status) => ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1)),
        Err(error) => {
            say(&format!("lab/run cannot be started: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

/// Where real servers are switched off the company cannot run; the continuous integration may not do without it.
pub fn live(run: &mut Run) {
    let is_off = std::env::var("WAYLAID_SERVERS").is_ok_and(|value| value == "off");
    if is_off && std::env::var_os("CI").is_none() {
        say("== lab\nskipped: WAYLAID_SERVERS=off\n");
        return;
    }
    for (name, verb) in [("lab's services", "test"), ("live incidents", "live")] {
        let mut command = door();
        command.arg(verb);
        // The programs that the tests were run with.
        for (variable, name) in [("WAYLAID", "waylaid"), ("WAYLAID_SERVERS", "waylaid-servers")] {
            command.env(variable, built(name));
        }
        run.program(name, command);
    }
}

fn built(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("debug").join(name)
}
