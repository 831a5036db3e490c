//! `flow`: the learnt flow.

use crate::arguments::{Common, Format};
use crate::code_flow;
use crate::config;
use crate::diagnostics::Failure;
use crate::discover;
use crate::exit::Exit;
use crate::output;
use crate::session::Session;
use clap::Args;
use waylaid_report::text;

const EXAMPLES: &str = "\
Examples:
  waylaid flow                     the hops of the only entity
  waylaid flow order --since 1d    learnt from the last day only
  waylaid flow --from-code -C ..   what the code of a folder's services does, without any store
  waylaid flow --from-code --svg   the same as a picture";

/// The flow learnt from completed entities: counts and times a hop
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Flow {
    /// Entity, such as `order`; may be left out when there is only one
    entity: Option<String>,
    /// Services, topics and tables as the code in the folder has them; no store is asked
    #[arg(long, conflicts_with = "entity")]
    from_code: bool,
    /// With --from-code: print it as an SVG picture
    #[arg(long, requires = "from_code")]
    svg: bool,
    #[command(flatten)]
    common: Common,
}

impl Flow {
    pub fn run(&self) -> Result<Exit, Failure> {
        if self.from_code {
            return self.of_code();
        }
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

    /// The flow as the code has it.
    fn of_code(&self) -> Result<Exit, Failure> {
        let dir = &self.common.folder.dir;
        if !dir.is_dir() {
            return Err(Failure::usage(format!("there is no folder {}", dir.display())));
        }
        let found = if dir.join("waylaid.toml").is_file() {
            let config = config::load(dir)?;
            let of =
                |s: &waylaid_model::ServiceSpec| Some((s.name.clone(), config.folder.join(s.code.as_ref()?)));
            let named: Vec<_> = config.system.services.iter().filter_map(of).collect();
            discover::of_services(dir, &named)
        } else {
            discover::discover(dir)
        };
        let flow = code_flow::of(&found);
        if self.svg {
            output::verbatim(code_flow::svg(&flow).as_bytes())?;
        } else if self.common.format == Format::Json {
            output::json(&flow)?;
        } else {
            output::page(&code_flow::page(&flow))?;
        }
        Ok(if flow.topics.is_empty() && flow.tables.is_empty() { Exit::Inconclusive } else { Exit::Answered })
    }
}
