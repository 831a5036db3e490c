//! `report`: a stored case again.

use crate::arguments::{CaseFolder, Folder, Unmask};
use crate::cases;
use crate::diagnostics::{Failure, note};
use crate::exit::Exit;
use crate::output;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use waylaid_report::{agent, text};

const EXAMPLES: &str = "\
Examples:
  waylaid report                                        the case stored last
  waylaid report c-20261122-1 --format md               a case as Markdown, for a ticket
  waylaid report last --format html -o report.html      one self-contained page
  waylaid report path/to/cases/c-20261122-1             a case from anywhere";

/// A stored case as text, Markdown, JSON or HTML
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Report {
    /// The case: its id, the path of its folder, or `last`
    #[arg(default_value = "last")]
    case: String,
    /// How to print it
    #[arg(long, value_enum, default_value_t = CaseFormat::Text, value_name = "FORMAT")]
    format: CaseFormat,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    unmask: Unmask,
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    cases: CaseFolder,
}

/// How a case is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CaseFormat {
    /// For a person
    Text,
    /// For a ticket
    Md,
    /// For a program
    Json,
    /// For a browser: one self-contained page
    Html,
    /// For an agent: the text in less than 2,000 tokens
    Compact,
}

impl Report {
    pub fn run(&self) -> Result<Exit, Failure> {
        let case = cases::open(&self.folder.dir, self.cases.case_dir.as_deref(), &self.case, self.unmask)?;
        let diagnosis = case.located();
        let text = match self.format {
            CaseFormat::Text if self.output.is_none() => {
                output::page(&text::diagnosis(&diagnosis))?;
                return Ok(Exit::of_diagnosis(&diagnosis));
            }
            CaseFormat::Text => text::diagnosis(&diagnosis).plain(),
            CaseFormat::Json => waylaid_report::json::diagnosis(&diagnosis)
                .map_err(|e| Failure::usage(format!("no JSON: {e}")))?,
            CaseFormat::Md => waylaid_report::markdown::diagnosis(&diagnosis),
            CaseFormat::Compact => agent::diagnosis(&diagnosis, agent::Text::default()),
            CaseFormat::Html => waylaid_report::html::page(&diagnosis)
                .map_err(|e| Failure::usage(format!("the page cannot be made: {e}")))?,
        };
        match &self.output {
            None => output::verbatim(text.as_bytes())?,
            Some(path) => {
                std::fs::write(path, text).map_err(|e| {
                    Failure::usage(format!("{} cannot be written: {e}", path.display()))
                        .hint("without -o it goes to standard output")
                })?;
                note(&format!("written to {}", path.display()));
            }
        }
        Ok(Exit::of_diagnosis(&diagnosis))
    }
}
