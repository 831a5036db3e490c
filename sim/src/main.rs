//! Writes the incidents of `cases/`, checks that they are what the simulator writes, and scales the seed up.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};
use waylaid_sim::{Scale, Written};

/// Simulated incidents: companies, a fault, and what an investigator finds afterwards.
#[derive(Parser)]
#[command(name = "waylaid-sim", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write cases (all, unless some are named).
    Write {
        /// Folder that holds a folder a case.
        #[arg(long, default_value = "cases")]
        out: PathBuf,
        /// Cases to write.
        names: Vec<String>,
    },
    /// List the cases.
    List,
    /// Play the cases anew and compare every byte with the folder.
    Check {
        /// Folder that holds a folder a case.
        #[arg(long, default_value = "cases")]
        cases: PathBuf,
        /// Cases to check.
        names: Vec<String>,
    },
    /// Write the seed incident many times bigger, for benchmarks.
    Scale {
        /// How many times as many orders.
        #[arg(long, conflicts_with_all = ["log_lines", "records"])]
        factor: Option<i64>,
        /// At least so many log lines.
        #[arg(long)]
        log_lines: Option<u64>,
        /// At least so many topic records.
        #[arg(long)]
        records: Option<u64>,
        /// Compress nothing.
        #[arg(long)]
        plain: bool,
        /// Folder to write to.
        #[arg(long)]
        out: PathBuf,
    },
}

fn main() -> Result<()> {
    let mut out = std::io::stdout().lock();
    match Arguments::parse().command {
        Command::Write { out: folder, names } => {
            for name in chosen(&names) {
                summary(&mut out, &waylaid_sim::write(name, &folder)?)?;
            }
        }
        Command::List => {
            for name in waylaid_sim::names() {
                writeln!(out, "{name}")?;
            }
        }
        Command::Check { cases, names } => {
            let scratch = std::env::temp_dir().join(format!("waylaid-sim-{}", std::process::id()));
            let result = waylaid_sim::check(&chosen(&names), &cases, &scratch);
            std::fs::remove_dir_all(&scratch).ok();
            result?;
            writeln!(out, "every byte is the same")?;
        }
        Command::Scale { factor, log_lines, records, plain, out: folder } => {
            let scale = match factor {
                Some(factor) => Scale::Factor(factor),
                None => Scale::AtLeast {
                    log_lines: log_lines.unwrap_or_default(),
                    records: records.unwrap_or_default(),
                },
            };
            summary(&mut out, &waylaid_sim::write_scaled(scale, plain, &folder)?)?;
        }
    }
    Ok(())
}

fn chosen(names: &[String]) -> Vec<&str> {
    if names.is_empty() { waylaid_sim::names() } else { names.iter().map(String::as_str).collect() }
}

fn summary(out: &mut impl Write, case: &Written) -> Result<()> {
    writeln!(
        out,
        "{:<18} {:>6} kB  {:>5} stuck  {:>5} completed  {:>7} log lines  {:>6} records",
        case.name,
        case.bytes / 1000,
        case.stuck,
        case.done,
        case.log_lines,
        case.records
    )?;
    Ok(())
}
