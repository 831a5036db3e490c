//! `waylaid`: traceroute for business entities.
//!
//! The binary holds no logic of its own: it reads the configuration, opens the stores, asks the engine, stores the case
//! and prints. Results go to standard output, everything else to standard error.

mod agent;
mod arguments;
mod cases;
mod code_flow;
mod commands;
mod config;
mod demo;
mod diagnostics;
mod discover;
mod exit;
mod explaining;
mod index_folder;
mod inputs;
mod install;
mod kept;
mod key_rows;
mod keys;
mod kinds;
mod outlet;
mod output;
mod progress;
mod question;
mod raw;
mod select;
mod session;
mod stores;
mod times;
mod violations;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = arguments::Waylaid::parse();
    index_folder::keep();
    match commands::run(&arguments.command) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            if !failure.is_silent() {
                failure.print();
            }
            failure.exit.into()
        }
    }
}
