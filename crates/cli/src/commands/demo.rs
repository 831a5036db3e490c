//! `demo`: the incident inside this binary, diagnosed.

use crate::arguments::{CaseFolder, Format, Unmask};
use crate::demo;
use crate::diagnostics::{Failure, note};
use crate::exit::Exit;
use crate::session::Session;
use crate::{cases, output};
use clap::Args;
use std::path::PathBuf;
use waylaid_engine::Ask;
use waylaid_report::{Label, Page, page};

const EXAMPLES: &str = "\
Examples:
  waylaid demo                  unpack into ./waylaid-demo, diagnose, write the report
  waylaid demo --dir /tmp/try   somewhere else

Then look around:
  waylaid check  -C waylaid-demo
  waylaid stuck  -C waylaid-demo
  waylaid report -C waylaid-demo last --format html -o report.html";

/// Unpack the incident inside this binary, diagnose it, write the report: no set-up at all
///
/// Orders sit in ACCEPTED. The first service's log is full of failures to enrich them, a job sends the stuck ones again
/// every few minutes, a hotfix to it changed nothing. What is really wrong?
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Demo {
    /// The folder to unpack into; it must be missing, empty, or an earlier demo's
    #[arg(long, value_name = "DIR", default_value = "waylaid-demo")]
    dir: PathBuf,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    cases: CaseFolder,
}

impl Demo {
    pub fn run(&self) -> Result<Exit, Failure> {
        let broken = |e| Failure::usage(format!("the incident inside this binary cannot be unpacked: {e}"));
        let files = demo::files().map_err(broken)?;
        if files.is_empty() {
            return Err(Failure::usage("this binary was built without the demo's incident")
                .hint("build it in a checkout that has lab/cases/seed-hotfix/incident"));
        }
        let dir = cases::tidy(&self.dir);
        if !demo::may_unpack(&dir) {
            return Err(Failure::usage(format!("{} is not empty and not the demo's own", dir.display()))
                .hint("name another folder: waylaid demo --dir DIR"));
        }
        demo::unpack(&dir, &files).map_err(|e| {
            Failure::usage(format!("the incident cannot be unpacked into {}: {e}", dir.display()))
                .hint("name a folder that can be written to: waylaid demo --dir DIR")
        })?;
        note(&format!("unpacked an incident of {} files into {}/", files.len(), dir.display()));
        let session = Session::open(&dir, Unmask::default())?;
        let ask = Ask { entity: Some(session.entity(None)?), ..Ask::default() };
        let diagnosis =
            session.run(|c| waylaid_engine::diagnose(session.system(), &session.stores, &ask, c))?;
        let exit = Exit::of_diagnosis(&diagnosis);
        let key = diagnosis.verdict.causes.first().and_then(|c| c.entities.keys.first()).cloned();
        let entity = diagnosis.question.entity.clone();
        cases::store(&session, self.cases.case_dir.as_deref(), diagnosis)?
            .print(self.format == Format::Json)?;
        if self.format == Format::Text {
            let mut more = Page::new();
            more.heading("TRY", "");
            let shown = dir.display();
            if let (Some(entity), Some(key)) = (entity, key) {
                more.line([page::span(Label::Plain, format!("  waylaid follow {entity} {key} -C {shown}"))]);
            }
            more.line([page::plain(format!("  waylaid show e1 -C {shown}"))]);
            more.line([page::plain(format!("  waylaid check -C {shown}"))]);
            output::raw("\n")?;
            output::page(&more)?;
        }
        Ok(exit)
    }
}
