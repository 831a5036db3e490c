//! A `waylaid.toml`, and what is said about its mistakes.
#![no_main]
#![allow(dead_code, unused_imports, reason = "the binary uses more of it")]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/cli/src/config/mod.rs"]
mod config;
#[path = "../../crates/cli/src/diagnostics.rs"]
mod diagnostics;
#[path = "../../crates/cli/src/exit.rs"]
mod exit;

fuzz_target!(|text: &str| {
    let _ = config::parse("waylaid.toml", text, &|name| (name.len() > 3).then(|| name.to_owned()));
});
