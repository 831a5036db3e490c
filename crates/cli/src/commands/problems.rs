//! `problems`: error groups of all services, or of any logs without configuration.

use crate::arguments::{Common, Format};
use crate::diagnostics::{Failure, note};
use crate::exit::Exit;
use crate::outlet::Outlet;
use crate::session::{self, Session};
use crate::{output, progress};
use clap::Args;
use std::path::{Path, PathBuf};
use waylaid_engine::{Ask, ProblemsAsk, Stores};
use waylaid_files::FilesLogs;
use waylaid_model::answers::ProblemsAnswer;
use waylaid_model::{Status, Timestamp};
use waylaid_report::text;
use waylaid_store::layers::Keyring;
use waylaid_store::{Context, LogQuery, LogStore, Select};

mod in_full;

const EXAMPLES: &str = "\
Examples:
  waylaid problems                                 in all logs of the system in this folder
  waylaid problems app.log                         in a file; needs no configuration
  waylaid problems /var/log logs/ old.log.gz       in files and folders, plain, .gz or .zst
  kubectl logs pick-0 | waylaid problems -         in standard input
  waylaid problems --since 1h                      in the last hour, against all the time before
  waylaid problems app.log --since '2026-11-22 10:00' --baseline '2026-11-22 08:00..2026-11-22 10:00'
                                                   what is new or more than in those two hours
  waylaid problems app.log --show p1               the first of them, with whole events
  waylaid problems --format json | jq '.problems[] | select(.onset == \"new\") | .chain'";

/// Error groups of all services against what went before; or of any logs, without configuration
///
/// A problem is what has the same exception type, the same text but for its variable parts, and the same top application
/// frames: the same across restarts, instances and code that moved. Counted are errors and worse, exceptions at any
/// level, and warnings with a rank of their own; answers of 500 and above in access logs; what speaks of a failure where
/// the format has no level. With --since, each is compared with the baseline (without one, with the time before); else
/// the moment is looked for at which it begins or becomes more. Exit code 1 when nothing is found. Ctrl-C ends the
/// reading and shows what was read until then.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Problems {
    /// Files or folders to read instead of a system's logs; - is standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Show at most so many problems; all are counted
    #[arg(long, value_name = "N", default_value_t = 30)]
    limit: usize,
    /// Show one of them in full: p3 with its events as they stand in the logs, or the event e7
    #[arg(long, value_name = "ID")]
    show: Option<String>,
    /// Tell which stuck and completed ones of this entity the problems name, where the system has several
    #[arg(long, value_name = "ENTITY")]
    entity: Option<String>,
    #[command(flatten)]
    common: Common,
}

impl Problems {
    pub fn run(&self) -> Result<Exit, Failure> {
        if self.paths.is_empty() { self.of_system() } else { self.of_files(self.paths.clone()) }
    }

    fn of_system(&self) -> Result<Exit, Failure> {
        let session = Session::open(&self.common.folder.dir, self.common.unmask)
            .map_err(|f| f.hint("or name files or folders: `waylaid problems app.log`"))?;
        let (window, baseline) = session.times(&self.common.times)?;
        let entity = self.entity.as_deref().map(|name| session.entity(Some(name))).transpose()?;
        let ask = Ask { entity, window, baseline, now: self.common.times.now, ..Ask::default() };
        let asked = ProblemsAsk { ask, limit: self.wanted(), by_event: false };
        let answer = session
            .run_partly(|c| waylaid_engine::problems(Some(session.system()), &session.stores, &asked, c))?;
        self.print(&answer, &session.stores, &session.outlet, &session.context)
    }

    fn of_files(&self, paths: Vec<PathBuf>) -> Result<Exit, Failure> {
        if let Some(missing) = paths.iter().find(|p| *p != Path::new("-") && !p.exists()) {
            return Err(Failure::usage(format!("there is no file or folder {}", missing.display())));
        }
        let context = progress::context();
        let outlet = Outlet::new("problems", Keyring::default(), self.common.unmask)?;
        let piped = paths.iter().any(|p| p == Path::new("-"));
        let store = FilesLogs::named("files".to_owned(), paths);
        let now = || if piped { None } else { newest(&store, &context) };
        let (window, baseline) = session::resolve(&self.common.times, now)?;
        let ask = Ask { window, baseline, now: self.common.times.now, ..Ask::default() };
        let asked = ProblemsAsk { ask, limit: self.wanted(), by_event: true };
        let stores = Stores { logs: vec![Box::new(store)], ..Stores::default() };
        let bar = progress::start(&context);
        let answer = waylaid_engine::problems(None, &stores, &asked, &context);
        drop(bar);
        self.print(&outlet.answer(answer?)?, &stores, &outlet, &context)
    }

    /// So many problems are listed: as many as the one that is wanted in full needs.
    fn wanted(&self) -> usize {
        let number = self.show.as_deref().and_then(|id| id.trim().strip_prefix('p')?.parse().ok());
        self.limit.max(number.unwrap_or(0))
    }

    fn print(
        &self,
        answer: &ProblemsAnswer,
        stores: &Stores,
        outlet: &Outlet,
        context: &Context,
    ) -> Result<Exit, Failure> {
        match (&self.show, self.common.format) {
            (Some(id), format) => in_full::show(id.trim(), answer, stores, outlet, format)?,
            (None, Format::Text) => output::page(&text::problems(answer))?,
            (None, Format::Json) => output::json(answer)?,
        }
        if context.is_cancelled() {
            note("interrupted: this is what was read until then");
            return Ok(Exit::Interrupted);
        }
        let failed = answer.coverage.iter().any(|c| c.status == Status::Failed);
        Ok(if failed { Exit::Partial } else { Exit::of_find(answer.count > 0, &answer.coverage) })
    }
}

/// The newest time in files.
fn newest(store: &FilesLogs, context: &Context) -> Option<Timestamp> {
    let query = LogQuery { select: Select::sample(1), ..LogQuery::default() };
    let coverage = store.scan(&query, context, &|_| {}).ok()?;
    coverage.iter().filter_map(|c| Timestamp::parse_rfc3339(c.range.rsplit(" .. ").next()?)).max()
}
