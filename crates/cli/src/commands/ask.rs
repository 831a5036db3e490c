//! `ask`: the verdict, explained by the person's own language model.

use crate::agent::Folder;
use crate::arguments::{self, CaseFolder, Format, Times, Unmask};
use crate::diagnostics::{Failure, note};
use crate::exit::Exit;
use crate::explaining::{self, Watcher};
use crate::question::Question;
use crate::session::Session;
use crate::{cases, output, progress};
use clap::Args;
use serde_json::{Value, json};
use waylaid_agent::{Budget, Explained, Fault, Model};
use waylaid_model::Diagnosis;
use waylaid_report::agent::{self, Text};

const EXAMPLES: &str = "\
Examples:
  waylaid ask \"why are orders stuck?\"
  waylaid ask \"what changed, and who should be called?\" --since 2h
  waylaid ask \"why is it the consumer and not the producer?\" --entity order --calls 4 --tokens 20000
  WAYLAID_MODEL_URL=http://127.0.0.1:11434 WAYLAID_MODEL=qwen3 waylaid ask \"why are orders stuck?\"

Which model is asked, the environment says, and nothing else:
  WAYLAID_MODEL_URL       the address: https://api.openai.com/v1, https://api.anthropic.com, http://127.0.0.1:11434
  WAYLAID_MODEL           the model's name there
  WAYLAID_MODEL_KEY       the key, where the server wants one
  WAYLAID_MODEL_DIALECT   openai, anthropic or ollama, where the address does not tell";

/// The verdict, explained by your own language model
///
/// The verdict is computed first, and is the same without a model. The model is shown it in the form that agents get,
/// without secrets and personal data; it may question it with the same tools, which only read, within a budget. What it
/// says is printed after the verdict, and marked as its words.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Ask {
    /// The question, in your words
    question: String,
    /// Entity, such as `order`; may be left out when the question names it or there is only one
    #[arg(long, value_name = "ENTITY")]
    entity: Option<String>,
    /// The model may call tools so often
    #[arg(long, value_name = "COUNT", default_value_t = 8)]
    calls: usize,
    /// The model may read and write so many tokens, summed over all requests
    #[arg(long, value_name = "COUNT", default_value_t = 60_000)]
    tokens: u64,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    folder: arguments::Folder,
    #[command(flatten)]
    cases: CaseFolder,
    #[command(flatten)]
    times: Times,
}

impl Ask {
    pub fn run(&self) -> Result<Exit, Failure> {
        if self.question.trim().is_empty() {
            return Err(Failure::usage("the question is empty").hint("waylaid ask \"why are orders stuck?\""));
        }
        let model = Model::from_environment(|name| std::env::var(name).ok())
            .map_err(|fault| misconfigured(&fault))?;
        let session = Session::open(&self.folder.dir, Unmask::default())?;
        let ask =
            Question { entity: self.entity(&session), times: self.times.clone(), ..Question::default() };
        let ask = ask.ask(&session)?;
        let diagnosis =
            session.run(|c| waylaid_engine::diagnose(session.system(), &session.stores, &ask, c))?;
        let exit = Exit::of_diagnosis(&diagnosis);
        let stored = cases::store(&session, self.cases.case_dir.as_deref(), diagnosis)?;
        let diagnosis = stored.diagnosis.clone();
        let is_text = self.format == Format::Text;
        if is_text {
            stored.print(false)?;
        }
        let explained = model.as_ref().map(|model| self.explained(model, &diagnosis, is_text));
        if !is_text {
            output::json(&self.json(&diagnosis, model.as_ref(), explained.as_ref())?)?;
        }
        match explained {
            None => {
                explaining::without_model();
                Ok(exit)
            }
            Some(Ok(explained)) => {
                explaining::end(&diagnosis, &explained);
                Ok(exit)
            }
            Some(Err(Fault::Cancelled)) => Err(Failure::silent(Exit::Interrupted)),
            Some(Err(fault)) => {
                note(&format!("nobody explains the verdict: {fault}"));
                note(fault.hint());
                Ok(if exit == Exit::Answered { Exit::Partial } else { exit })
            }
        }
    }

    /// The entity that was given or is named in the question; else there is only one, or a window is meant.
    fn entity(&self, session: &Session) -> Option<String> {
        if self.entity.is_some() {
            return self.entity.clone();
        }
        let question = self.question.to_lowercase();
        let words: Vec<&str> =
            question.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').collect();
        let names = session.system().entities.iter().map(|e| e.name.clone());
        let is_named = |name: &String| {
            let name = name.to_lowercase();
            let plurals = [name.clone(), format!("{name}s"), format!("{name}es")];
            words.iter().any(|word| plurals.iter().any(|p| p == word))
        };
        names
            .clone()
            .find(is_named)
            .or_else(|| names.clone().next().filter(|_| names.count() == 1 && !self.times.any()))
    }

    fn explained(&self, model: &Model, diagnosis: &Diagnosis, is_text: bool) -> Result<Explained, Fault> {
        let backend = Folder::new(self.folder.dir.clone(), self.cases.case_dir.clone());
        let verdict = agent::diagnosis(diagnosis, Text::default());
        let question = waylaid_agent::Question {
            words: self.question.trim(),
            verdict: Some(&verdict),
            budget: Budget { tokens: self.tokens, calls: self.calls },
        };
        let mut watcher = Watcher::new(model, self.calls, is_text);
        let context = progress::context();
        let explained =
            waylaid_agent::explain(&question, model, &backend, &context, &mut |event| watcher.see(event));
        watcher.end();
        explained
    }

    /// The verdict as `diagnose` prints it, and beside it what is not computed.
    fn json(
        &self,
        diagnosis: &Diagnosis,
        model: Option<&Model>,
        explained: Option<&Result<Explained, Fault>>,
    ) -> Result<Value, Failure> {
        let text = waylaid_report::json::diagnosis(diagnosis);
        let computed: Option<Value> = text.ok().and_then(|text| serde_json::from_str(&text).ok());
        let computed = computed.ok_or_else(|| Failure::usage("the verdict cannot be printed as JSON"))?;
        let explanation = match (model, explained) {
            (Some(model), Some(Ok(e))) => json!({
                "computed": false, "by": model.name, "text": e.text, "calls": e.calls, "tokens": e.tokens,
                "whole": !e.is_cut && !e.text.is_empty(), "budget_spent": e.is_spent,
                "cites_unknown": explaining::unknown(diagnosis, &e.text),
            }),
            (Some(model), Some(Err(fault))) => {
                json!({"computed": false, "by": model.name, "missing": fault.to_string()})
            }
            _ => json!({"computed": false, "missing": "no model is configured"}),
        };
        Ok(json!({"question": self.question, "diagnosis": computed, "explanation": explanation}))
    }
}

fn misconfigured(fault: &Fault) -> Failure {
    Failure::usage(fault.to_string()).hint(fault.hint())
}
