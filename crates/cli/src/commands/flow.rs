//! `flow`: the learnt flow.

use crate::arguments::{Common, Format};
use crate::diagnostics::Failure;
use crate::exit::Exit;
use crate::output;
use crate::session::Session;
use clap::Args;
use waylaid_report::text;

const EXAMPLES: &str = "\
Examples:
  waylaid flow                     the hops of the only entity
  waylaid flow order --since 1d    learnt from the last day only";

/// The flow learnt from completed entities: counts and times a hop
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Flow {
    /// Entity, such as `order`; may be left out when there is only one
    entity: Option<String>,
    #[command(flatten)]
    common: Common,
}

impl Flow {
    pub fn run(&self) -> Result<Exit, Failure> {
        let session = Session::open(&self.common.folder.dir, self.common.unmask)?;
        let mut ask = session.ask(&self.common)?;
        ask.entity = Some(session.entity(self.entity.as_deref())?);
        let answer = session.run(|c| waylaid_engine::flow(session.system(), &session.stores, &ask, c))?;
        match self.common.format {
            Format::Text => output::page(&text::flow_answer(&answer))?,
            Format::Json => output::json(&answer)?,
        }
        Ok(Exit::of_find(!answer.hops.is_empty(), &answer.coverage))
    }
}
