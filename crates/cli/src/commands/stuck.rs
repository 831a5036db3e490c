//! `stuck`: who is stuck.

use crate::arguments::{Common, Format};
use crate::diagnostics::Failure;
use crate::exit::Exit;
use crate::session::Session;
use crate::{output, times};
use clap::Args;
use waylaid_report::text;

const EXAMPLES: &str = "\
Examples:
  waylaid stuck                                          by the rule in waylaid.toml
  waylaid stuck order --state ACCEPTED --older-than 1h   by a rule of your own
  waylaid stuck order --since \"2026-11-22 10:00\"         only those of this window";

/// Who is stuck: counts by state, age and last good hop
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Stuck {
    /// Entity, such as `order`; may be left out when there is only one
    entity: Option<String>,
    /// Stuck means in this state, instead of the rule's
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    /// For at least so long, instead of the rule's: 30m, 2h, 1d
    #[arg(long, value_name = "LENGTH", value_parser = times::parse_length)]
    older_than: Option<i64>,
    #[command(flatten)]
    common: Common,
}

impl Stuck {
    pub fn run(&self) -> Result<Exit, Failure> {
        let session = Session::open(&self.common.folder.dir, self.common.unmask)?;
        let mut ask = session.ask(&self.common)?;
        ask.entity = Some(session.entity(self.entity.as_deref())?);
        ask.state.clone_from(&self.state);
        ask.older_than = self.older_than;
        let answer = session.run(|c| waylaid_engine::stuck(session.system(), &session.stores, &ask, c))?;
        match self.common.format {
            Format::Text => output::page(&text::stuck(&answer))?,
            Format::Json => output::json(&answer)?,
        }
        Ok(Exit::of_coverage(&answer.coverage))
    }
}
