//! The commands, a file each.

pub mod ask;
pub mod check;
pub mod demo;
pub mod diagnose;
pub mod flow;
pub mod follow;
pub mod init;
pub mod keys;
pub mod mcp;
pub mod problems;
pub mod query;
pub mod record;
pub mod report;
pub mod search;
pub mod show;
pub mod stuck;
pub mod templates;
pub mod where_line;

use crate::arguments::Command;
use crate::diagnostics::Failure;
use crate::exit::Exit;

/// Runs the command that was typed.
pub fn run(command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::Demo(demo) => demo.run(),
        Command::Init(init) => init.run(),
        Command::Check(check) => check.run(),
        Command::Stuck(stuck) => stuck.run(),
        Command::Follow(follow) => follow.run(),
        Command::Flow(flow) => flow.run(),
        Command::Diagnose(diagnose) => diagnose.run(),
        Command::Search(search) => search.run(),
        Command::Query(query) => query.run(),
        Command::Record(record) => record.run(),
        Command::Problems(problems) => problems.run(),
        Command::Keys(keys) => keys.run(),
        Command::Where(line) => line.run(),
        Command::Show(show) => show.run(),
        Command::Report(report) => report.run(),
        Command::Templates(templates) => templates.run(),
        Command::Mcp(mcp) => mcp.run(),
        Command::Ask(ask) => ask.run(),
    }
}
