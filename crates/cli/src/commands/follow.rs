//! `follow`: one entity's trail.

use crate::arguments::{Common, Format};
use crate::diagnostics::Failure;
use crate::exit::Exit;
use crate::output;
use crate::session::Session;
use clap::Args;
use waylaid_report::text;

const EXAMPLES: &str = "\
Examples:
  waylaid follow order 1001                  everything every store knows about it, in order
  waylaid follow order 1001 --since 6h       only the last six hours
  waylaid follow order 1001 --format json    for a program";

/// One entity's trail through everything, with the hop where it ends
///
/// The key may change along the way: where a row or a record holds two ids, the trail goes on under the other one.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Follow {
    /// Entity, such as `order`
    entity: String,
    /// Its key, such as `1001`
    key: String,
    #[command(flatten)]
    common: Common,
}

impl Follow {
    pub fn run(&self) -> Result<Exit, Failure> {
        let session = Session::open(&self.common.folder.dir, self.common.unmask)?;
        session.outlet.typed([&self.key]);
        let mut ask = session.ask(&self.common)?;
        ask.entity = Some(session.entity(Some(&self.entity))?);
        let answer =
            session.run(|c| waylaid_engine::follow(session.system(), &session.stores, &ask, &self.key, c))?;
        match self.common.format {
            Format::Text => output::page(&text::trail(&answer))?,
            Format::Json => output::json(&answer)?,
        }
        Ok(Exit::of_find(!answer.steps.is_empty(), &answer.coverage))
    }
}
