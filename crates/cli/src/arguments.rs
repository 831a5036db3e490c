//! What can be typed. Each command's help ends with examples.

use crate::{commands, exit, times};
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXAMPLES: &str = "\
Examples:
  waylaid demo                       see it work: no set-up at all
  waylaid check                      what this folder's system holds, and what is missing
  waylaid diagnose order             why are orders stuck?
  waylaid diagnose order 1001 1002   why are these two?
  waylaid follow order 1001          one order's way through everything
  waylaid diagnose --since 2h        what changed in the last two hours?";

/// Traceroute for business entities: where was my order waylaid, and why?
///
/// Follows an order (a payment, a claim, a shipment) through the logs, topics, tables and code of every service, finds
/// the hop where it stopped, proves it, says why, and points at the line to change. Reads only.
#[derive(Parser)]
#[command(name = "waylaid", version, styles = STYLES, max_term_width = 100)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub struct Waylaid {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// One word a job.
#[derive(Subcommand)]
pub enum Command {
    /// Unpack the incident inside this binary, diagnose it, write the report: no set-up at all
    Demo(commands::demo::Demo),
    /// Write waylaid.toml from the code in a folder: services, topics, tables, entities
    Init(commands::init::Init),
    /// What each store holds, where keys show, what is missing
    Check(commands::check::Check),
    /// Who is stuck: counts by state, age and last good hop
    Stuck(commands::stuck::Stuck),
    /// One entity's trail through everything, with the hop where it ends
    Follow(commands::follow::Follow),
    /// The flow learnt from completed entities: counts and times a hop
    Flow(commands::flow::Flow),
    /// The verdict: over the stuck, over given keys, or over a window
    Diagnose(commands::diagnose::Diagnose),
    /// Error groups of all services against what went before; or of any logs, without configuration
    Problems(commands::problems::Problems),
    /// Lines, records and rows by key, text, regular expression, path or header; counts first
    Search(commands::search::Search),
    /// One SELECT in a table store, which cannot do anything but read
    Query(commands::query::Query),
    /// A log line or a stack trace to the statement, the function, the file
    Where(commands::where_line::Where),
    /// What the lines of any files say, without their variable parts, counted
    Templates(commands::templates::Templates),
    /// The key values inside error messages: as a CSV for an error group, or of any text
    Keys(commands::keys::Keys),
    /// A piece of evidence, a cause or an error group of a case, in full; or what the stores were asked
    Show(commands::show::Show),
    /// An incident bundle: the stores' evidence of a window and a cohort as files, without secrets
    Record(commands::record::Record),
    /// A stored case as text, Markdown, JSON or HTML
    Report(commands::report::Report),
    /// Serve an agent: the tools over the Model Context Protocol
    Mcp(commands::mcp::Mcp),
    /// The verdict, explained by your own language model
    Ask(commands::ask::Ask),
}

/// Which system.
#[derive(Args, Clone)]
pub struct Folder {
    /// The system's folder, where waylaid.toml is
    #[arg(short = 'C', value_name = "DIR", default_value = ".", hide_default_value = true)]
    pub dir: PathBuf,
}

/// Where cases are kept.
#[derive(Args, Clone)]
pub struct CaseFolder {
    /// Keep cases here instead of DIR/.waylaid/cases
    #[arg(long, value_name = "DIR", env = "WAYLAID_CASES", hide_env_values = true)]
    pub case_dir: Option<PathBuf>,
}

/// What every question takes.
#[derive(Args, Clone)]
pub struct Common {
    #[command(flatten)]
    pub folder: Folder,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub format: Format,
    #[command(flatten)]
    pub unmask: Unmask,
    #[command(flatten)]
    pub times: Times,
}

/// Whether what is secret or personal may be seen.
#[derive(Args, Clone, Copy, Default)]
pub struct Unmask {
    /// Show secrets and personal data as they are, instead of pseudonyms: only on a terminal
    #[arg(long)]
    pub unmask: bool,
}

/// Which stretch of time.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Time")]
pub struct Times {
    /// Only from this moment on: 2026-11-22T10:00:00Z, "2026-11-22 10:00", or 2h before now
    #[arg(long, value_name = "TIME", value_parser = times::parse)]
    pub since: Option<times::Time>,
    /// Only before this moment
    #[arg(long, value_name = "TIME", value_parser = times::parse)]
    pub until: Option<times::Time>,
    /// The stretch of time to compare with
    #[arg(long, value_name = "FROM..TO", value_parser = times::parse_range)]
    pub baseline: Option<(times::Time, times::Time)>,
    /// What "now" means; without it, the newest time in the stores
    #[arg(long, value_name = "TIME", value_parser = times::parse_moment)]
    pub now: Option<waylaid_model::Timestamp>,
}

impl Times {
    /// Whether a window or a baseline was given.
    pub fn any(&self) -> bool {
        self.since.is_some() || self.until.is_some() || self.baseline.is_some()
    }
}

/// How an answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a person
    Text,
    /// For a program
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Waylaid::command().debug_assert();
    }
}
