//! `show`: what an id of a case stands for, read again from its store.

use crate::arguments::{CaseFolder, Folder, Format, Unmask};
use crate::diagnostics::{Failure, did_you_mean};
use crate::exit::Exit;
use crate::session::Session;
use crate::{cases, output, raw};
use clap::Args;
use waylaid_model::{Diagnosis, Evidence};
use waylaid_report::text;

const EXAMPLES: &str = "\
Examples:
  waylaid show e4                           a piece of evidence of the last case, whole, from its store
  waylaid show c1                           a cause
  waylaid show queries                      every question that the stores were asked, in order
  waylaid show p1 --case c-20261122-1       an error group of another case
What `waylaid problems` printed is no case: `waylaid problems --show p1` shows it in full.";

/// The word for what the stores were asked.
const QUERIES: &str = "queries";

/// A piece of evidence, a cause or an error group of a case, in full; or what the stores were asked for it
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Show {
    /// e4 (evidence), c1 (cause), p1 (error group), or queries (what the stores were asked)
    id: String,
    /// The case: its id, the path of its folder, or `last`
    #[arg(long, default_value = "last")]
    case: String,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    unmask: Unmask,
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    cases: CaseFolder,
}

impl Show {
    pub fn run(&self) -> Result<Exit, Failure> {
        let case = cases::open(&self.folder.dir, self.cases.case_dir.as_deref(), &self.case, self.unmask)?;
        let diagnosis = case.located();
        let id = self.id.trim();
        if let Some((id, evidence)) = diagnosis.evidence.iter().find(|(e, _)| e.0 == id) {
            return self.evidence(&diagnosis, &id.0, evidence);
        }
        let json = self.format == Format::Json;
        if id == QUERIES {
            let asked = cases::asked(&case)?;
            if json {
                output::json(&asked)?;
            } else {
                output::page(&text::queries(&diagnosis.case, &asked))?;
            }
            return Ok(Exit::Answered);
        }
        if let Some(cause) = diagnosis.verdict.causes.iter().find(|c| c.id == id) {
            if json {
                output::json(cause)?;
            } else {
                output::page(&text::cause(&diagnosis, cause))?;
            }
            return Ok(Exit::Answered);
        }
        if let Some(problem) = diagnosis.problems.iter().find(|p| p.id == id) {
            if json {
                output::json(problem)?;
            } else {
                output::page(&text::problem(&diagnosis, problem))?;
            }
            return Ok(Exit::Answered);
        }
        Err(unknown(&diagnosis, id))
    }

    /// The fact itself, from its store; what the case kept of it when that fails.
    fn evidence(&self, diagnosis: &Diagnosis, id: &str, evidence: &Evidence) -> Result<Exit, Failure> {
        let (case, session) = (&diagnosis.case, Session::open(&self.folder.dir, self.unmask)?);
        let read = raw::shown(&session, diagnosis, &evidence.address);
        let (text, exit) = match &read {
            Ok(text) => (text.clone(), Exit::Answered),
            Err(reason) => {
                crate::diagnostics::note(&format!(
                    "it cannot be read again ({reason}); this is what the case kept"
                ));
                (evidence.text.clone(), Exit::Partial)
            }
        };
        if self.format == Format::Json {
            let mut answer = serde_json::json!({ "case": case, "id": id, "evidence": evidence });
            answer["raw"] = read.map_or(serde_json::Value::Null, serde_json::Value::String);
            output::json(&answer)?;
        } else {
            output::page(&text::evidence(case, id, evidence, &text))?;
        }
        Ok(exit)
    }
}

fn unknown(diagnosis: &Diagnosis, id: &str) -> Failure {
    let evidence = diagnosis.evidence.keys().map(|e| e.0.as_str());
    let causes = diagnosis.verdict.causes.iter().map(|c| c.id.as_str());
    let problems = diagnosis.problems.iter().map(|p| p.id.as_str());
    let all: Vec<&str> = causes.chain(problems).chain([QUERIES]).chain(evidence).collect();
    let failure = Failure::usage(format!("case {} has no `{id}`", diagnosis.case));
    if all.len() > 12 {
        let count = diagnosis.evidence.len();
        return failure.hint(format!("there is {}, … and evidence e1 to e{count}", all[..6].join(", ")));
    }
    failure.hint(did_you_mean("", all.iter().copied()))
}
