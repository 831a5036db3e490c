//! Servers in tests: where one cannot be had its tests are skipped, aloud and by name; under `CI=true` they fail.

use crate::{Error, Kind, Options, Server, start};
use std::io::Write as _;

/// `off` starts none, for who works on something else; never under `CI=true`.
const VARIABLE: &str = "WAYLAID_SERVERS";

/// A server for the test of this name, or nothing, with a line on standard error that no test harness swallows.
///
/// # Panics
/// Under `CI=true`, when the server cannot be installed; anywhere, when it is installed and does not start.
#[allow(clippy::panic, reason = "this is the end of a test that cannot be run")]
pub fn for_test(test: &str, kind: Kind, options: &Options) -> Option<Server> {
    let must = std::env::var_os("CI").is_some_and(|value| value == "true");
    if !must && std::env::var_os(VARIABLE).is_some_and(|value| value == "off") {
        skip(test, kind, &format!("{VARIABLE}=off"));
        return None;
    }
    match start(kind, options) {
        Ok(server) => Some(server),
        Err(error @ Error::Install { .. }) if !must => {
            skip(test, kind, &error.to_string());
            None
        }
        Err(error) => panic!("{test}: {error}"),
    }
}

fn skip(test: &str, kind: Kind, why: &str) {
    // Not `eprintln!`: the harness keeps that back when a test passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: no {kind}: {why}");
}
