//! `diagnose`: the verdict.

use crate::arguments::{CaseFolder, Common, Format};
use crate::diagnostics::Failure;
use crate::exit::Exit;
use crate::question::Question;
use crate::session::Session;
use crate::{cases, keys, times};
use clap::Args;
use std::path::PathBuf;
use waylaid_engine::{Ask, MAX_COHORT};

const EXAMPLES: &str = "\
Examples:
  waylaid diagnose                              why are they stuck? (the only entity, its rule)
  waylaid diagnose order --state ACCEPTED --older-than 1h
                                                stuck by a rule of your own
  waylaid diagnose order 1001 1002              why did these not get through?
  waylaid diagnose order --keys orders.csv      the same for a file; - is standard input
  waylaid diagnose order --all                  every one of 40,000, not a sample
  waylaid diagnose --since 2h                   what changed in the last two hours?
  waylaid diagnose --since \"2026-11-22 10:00\" --until \"2026-11-22 10:10\" \\
                   --baseline 2026-11-22T09:00:00Z..2026-11-22T10:00:00Z
  waylaid diagnose order --format json | jq .verdict.outcome";

/// The verdict: over the stuck, over given keys, or over a window
///
/// Follows every stuck entity and a matched set of completed ones through all stores, finds the first missing hop of
/// each, weighs every error group by whom it hits, and settles the verdict by rule. The case is stored and can be
/// printed again with `waylaid report`. Without an entity, but with --since, --until or --baseline, it asks what changed
/// in that window.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Diagnose {
    /// Entity, such as `order`; may be left out when there is only one
    entity: Option<String>,
    /// Keys to ask about instead of the stuck ones
    #[arg(value_name = "KEY")]
    keys: Vec<String>,
    /// A file with keys, one a line or in the first column of a CSV; - is standard input
    #[arg(long = "keys", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Stuck means in this state, instead of the rule's
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    /// For at least so long, instead of the rule's: 30m, 2h, 1d
    #[arg(long, value_name = "LENGTH", value_parser = times::parse_length)]
    older_than: Option<i64>,
    /// Follow every stuck entity, however many; more than 5,000 take a round each 5,000
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    cases: CaseFolder,
    #[command(flatten)]
    common: Common,
}

impl Diagnose {
    pub fn run(&self) -> Result<Exit, Failure> {
        let session = Session::open(&self.common.folder.dir, self.common.unmask)?;
        let ask = Ask { round: self.all.then_some(MAX_COHORT), ..self.ask(&session)? };
        session.outlet.typed(&ask.keys);
        let diagnosis =
            session.run(|c| waylaid_engine::diagnose(session.system(), &session.stores, &ask, c))?;
        let exit = Exit::of_diagnosis(&diagnosis);
        let stored = cases::store(&session, self.cases.case_dir.as_deref(), diagnosis)?;
        stored.print(self.common.format == Format::Json)?;
        Ok(exit)
    }

    fn ask(&self, session: &Session) -> Result<Ask, Failure> {
        let mut keys = self.keys.clone();
        if let Some(file) = &self.file {
            // Without an entity no file is read: the question itself says what is wrong.
            let about_window = self.entity.is_none() && self.common.times.any();
            if about_window {
                keys.push(String::new());
            } else {
                let entity = session.entity(self.entity.as_deref())?;
                let home = session.system().entity(Some(&entity)).and_then(|e| e.tables.first());
                keys.extend(keys::read(file, &entity, home.map(|(column, _)| column.column.as_str()))?);
            }
        }
        let question = Question {
            entity: self.entity.clone(),
            keys,
            state: self.state.clone(),
            older_than: self.older_than,
            times: self.common.times.clone(),
        };
        question.ask(session)
    }
}
