//! `check`: what each store holds, where keys show, what is missing.

use crate::arguments::{Common, Format};
use crate::diagnostics::Failure;
use crate::exit::Exit;
use crate::output;
use crate::session::Session;
use clap::Args;
use waylaid_model::Status;
use waylaid_report::text;

const EXAMPLES: &str = "\
Examples:
  waylaid check                 this folder's system
  waylaid check -C incident     another folder's
  waylaid check --format json   for a program";

/// What each store holds, where keys show, what is missing
///
/// Reads the configuration, opens every store, samples keys and looks where they live. Lists the bindings it found with
/// the counts that prove them, those it did not take, and what a full verdict still lacks.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Check {
    #[command(flatten)]
    common: Common,
}

impl Check {
    pub fn run(&self) -> Result<Exit, Failure> {
        let session = Session::open(&self.common.folder.dir, self.common.unmask)?;
        let ask = session.ask(&self.common)?;
        let answer = session.run(|c| waylaid_engine::check(session.system(), &session.stores, &ask, c))?;
        match self.common.format {
            Format::Text => output::page(&text::check(&answer))?,
            Format::Json => output::json(&answer)?,
        }
        let unreadable = answer.stores.iter().any(|s| !s.ok)
            || session.stores.failed.iter().any(|c| c.status == Status::Failed);
        Ok(if unreadable { Exit::Partial } else { Exit::of_coverage(&answer.coverage) })
    }
}
