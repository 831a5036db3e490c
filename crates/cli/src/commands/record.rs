//! `record`: an incident bundle.

use crate::arguments::{Folder as System, Format, Times, Unmask};
use crate::diagnostics::{Failure, note};
use crate::exit::Exit;
use crate::question::Question;
use crate::session::Session;
use crate::{cases, keys, kinds, output, progress, times};
use clap::{Args, ValueEnum};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use waylaid_engine::{Ask, EngineError, MAX_COHORT};
use waylaid_model::{Coverage, Diagnosis, Reference};
use waylaid_record::{Begun, Folder, Outcome, RecordError, Scrubber, State, Stores, Task, salt};
use waylaid_report::clean;
use waylaid_store::ErrorKind;

const EXAMPLES: &str = "\
Examples:
  waylaid record incident                       the stuck, those that completed, what failed
  waylaid record incident order --since 6h      with all that happened in the last six hours
  waylaid record incident order --keys ids.csv  about these instead of the stuck ones
  waylaid diagnose -C incident                  asks the bundle as the stores were asked";

/// An incident bundle: the stores' evidence of a window and a cohort as files, without secrets
///
/// Diagnoses first, to learn who is stuck, who completed and under which ids they go on. Then copies the logs, topics,
/// tables and code that this system names into DIR: whole where they are small, else what holds one of these keys,
/// failures with what stood before them, and a sample. Secrets and personal data become pseudonyms, the same for the same
/// value; keys stay readable. Stores are only read. At the end the bundle is diagnosed, and its verdict held against that of
/// the stores. Interrupted, the same command goes on where it stopped; until the bundle is whole, DIR is no system.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Record {
    /// The folder to write into; missing, empty, or one in which this recording was begun
    #[arg(value_name = "DIR")]
    to: PathBuf,
    /// Entity, such as `order`; may be left out when there is only one
    entity: Option<String>,
    /// A file with keys, one a line or in the first column of a CSV, instead of the stuck ones; - is standard input
    #[arg(long = "keys", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Stuck means in this state, instead of the rule's
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    /// For at least so long, instead of the rule's: 30m, 2h, 1d
    #[arg(long, value_name = "LENGTH", value_parser = times::parse_length)]
    older_than: Option<i64>,
    /// Every stuck entity, however many, not a sample of more than 5,000
    #[arg(long)]
    all: bool,
    /// A service, topic or table of at most so many items is taken whole
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    whole: u64,
    /// Whose code is copied
    #[arg(long, value_enum, default_value_t = Code::All, value_name = "WHOSE")]
    code: Code,
    /// Finish the bundle without what could not be read
    #[arg(long)]
    as_it_is: bool,
    /// How to print what was recorded
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    folder: System,
    #[command(flatten)]
    times: Times,
}

/// Whose code is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Code {
    /// Every service's that this system names
    All,
    /// Only the services' that the verdict points into
    Cited,
    /// Nobody's
    None,
}

impl Record {
    pub fn run(&self) -> Result<Exit, Failure> {
        let folder = Folder::open(&self.to).map_err(|error| self.failure(error))?;
        let session = Session::open(&self.folder.dir, Unmask::default())?;
        let ask = self.ask(&session)?;
        let known = folder.begun(&self.question()).map_err(|error| self.failure(error))?;
        let state = if let Some(state) = known {
            note(&format!("going on with a recording of which {} parts are there", state.parts.len()));
            state
        } else {
            let begun = self.begin(&session, &ask)?;
            folder.begin(begun).map_err(|error| self.failure(error))?
        };
        let begun = state.begun.clone();
        let outcome = self.write(&session, &folder, state)?;
        if !outcome.is_finished {
            return Err(self.unfinished(&outcome));
        }
        let replayed = self.replay(&folder, &begun, &ask);
        folder.add(&format!("- {replayed}")).map_err(|error| self.failure(error))?;
        self.print(&outcome, &begun, &replayed)?;
        let is_whole = outcome.missing.is_empty() && outcome.parts.iter().all(|part| part.is_whole);
        Ok(if is_whole { Exit::Answered } else { Exit::Partial })
    }

    /// What is asked for, in words: what was begun with other words is another recording.
    fn question(&self) -> String {
        let mut words = vec![self.entity.clone().unwrap_or_else(|| "the only entity".to_owned())];
        let time = |name: &str, time: Option<times::Time>| time.map(|t| format!("{name} {t:?}"));
        words.extend(time("since", self.times.since));
        words.extend(time("until", self.times.until));
        words.extend(self.times.now.map(|now| format!("now {now}")));
        words.extend(self.file.as_ref().map(|file| format!("the keys of {}", file.display())));
        words.extend(self.state.as_ref().map(|state| format!("in state {state}")));
        words.extend(self.older_than.map(|age| format!("for {} s", age / 1_000_000_000)));
        words.extend(self.all.then(|| "all of them".to_owned()));
        words.push(format!("whole up to {}", self.whole));
        words.push(format!("code: {:?}", self.code).to_lowercase());
        words.join(", ")
    }

    fn ask(&self, session: &Session) -> Result<Ask, Failure> {
        if session.system().entities.is_empty() {
            return session.ask_at(&self.times);
        }
        let entity = session.entity(self.entity.as_deref())?;
        let home = session.system().entity(Some(&entity)).and_then(|e| e.tables.first());
        let column = home.map(|(column, _)| column.column.as_str());
        let read = |file: &PathBuf| keys::read(file, &entity, column);
        let question = Question {
            keys: self.file.as_ref().map(read).transpose()?.unwrap_or_default(),
            state: self.state.clone(),
            older_than: self.older_than,
            times: self.times.clone(),
            entity: Some(entity),
        };
        let ask = Ask { round: self.all.then_some(MAX_COHORT), ..question.ask(session)? };
        session.outlet.typed(&ask.keys);
        Ok(ask)
    }

    /// Diagnoses: what the verdict went by is what is recorded.
    fn begin(&self, session: &Session, ask: &Ask) -> Result<Begun, Failure> {
        let settings = &session.config.settings;
        let mut begun = Begun {
            question: self.question(),
            window: ask.window,
            now: ask.now,
            // A salt that stands in a file is no secret, and the system's name none either.
            salt: if settings.salt == session.system().name { salt() } else { settings.salt.clone() },
            whole: self.whole,
            ..Begun::default()
        };
        let mut cited = BTreeSet::new();
        if !session.system().entities.is_empty() {
            let diagnosis =
                session.run(|c| waylaid_engine::diagnose(session.system(), &session.stores, ask, c))?;
            begun.verdict = verdict(&diagnosis);
            cited = citations(&diagnosis);
        }
        begun.own = session.keyring().own();
        begun.keys = session.keyring().asked();
        let services = session.stores.code.iter().map(|(service, _)| service.clone());
        begun.code = services
            .filter(|service| match self.code {
                Code::All => true,
                Code::Cited => cited.contains(service),
                Code::None => false,
            })
            .collect();
        Ok(begun)
    }

    fn write(&self, session: &Session, folder: &Folder, state: State) -> Result<Outcome, Failure> {
        let begun = &state.begun;
        let scrub = Scrubber::new(
            &begun.salt,
            begun.own.clone(),
            begun.keys.clone(),
            kinds::secrets(session.system()),
        );
        let stores = Stores {
            logs: &session.stores.logs,
            topics: &session.stores.topics,
            tables: &session.stores.tables,
            code: &session.stores.code,
            failed: &session.stores.failed,
        };
        let context = &session.context;
        let bar = progress::start(context);
        let told = |step: waylaid_record::Step<'_>| {
            bar.say(clean::line(&format!("recording {} {}", step.store, step.target)));
        };
        let (system, as_it_is) = (session.system(), self.as_it_is);
        let task = Task { system, stores, scrub: &scrub, as_it_is, context, told: &told };
        let outcome = waylaid_record::record(folder, state, &task);
        drop(bar);
        outcome.map_err(|error| self.failure(error))
    }

    /// Asks the bundle what the stores were asked.
    fn replay(&self, folder: &Folder, begun: &Begun, ask: &Ask) -> String {
        if begun.verdict.is_empty() {
            return "not asked: the system names no entity".to_owned();
        }
        let replay = || -> Result<Vec<String>, Failure> {
            let context = Arc::new(waylaid_store::Context::new());
            let session = Session::open_for(folder.path(), Unmask::default(), context)?;
            session.outlet.typed(&ask.keys);
            let ask = Ask { now: begun.now, window: begun.window, ..ask.clone() };
            let ask = Ask { now: ask.now.or(session.now(&self.times)), ..ask };
            let answer = session.run(|c| -> Result<_, EngineError> {
                waylaid_engine::diagnose(session.system(), &session.stores, &ask, c)
            })?;
            Ok(verdict(&answer))
        };
        match replay() {
            Ok(said) if said == begun.verdict => "the bundle says the same as the stores".to_owned(),
            Ok(said) => format!(
                "the bundle says something else than the stores: {}; they said: {}",
                said.join("; "),
                begun.verdict.join("; ")
            ),
            Err(failure) => format!("the bundle could not be asked: {}", failure.what),
        }
    }

    fn print(&self, outcome: &Outcome, begun: &Begun, replayed: &str) -> Result<(), Failure> {
        let shown = cases::tidy(&self.to);
        if self.format == Format::Json {
            let is_same =
                !replayed.contains("something else") && !replayed.starts_with("the bundle could not");
            return output::json(&json!({
                "folder": shown, "verdict": begun.verdict, "replayed": replayed, "same": is_same,
                "parts": outcome.parts, "missing": outcome.missing,
            }));
        }
        let mut text = format!("An incident bundle in {}/\n\n", shown.display());
        for part in &outcome.parts {
            let whole = if part.is_whole { "" } else { "  NOT ALL" };
            let named = format!("{} {}", part.store, part.target);
            text += &clean::line(&format!("  {named:<44} {:>9}  {}{whole}", part.items, part.taken));
            text.push('\n');
        }
        for line in &outcome.missing {
            text += &clean::line(&format!("  {} {}  not there: {}", line.store, line.target, line.note));
            text.push('\n');
        }
        text.push('\n');
        for line in &begun.verdict {
            text += &clean::line(&format!("The stores say   {line}"));
            text.push('\n');
        }
        let folder = shown.display();
        text += &format!(
            "Replayed         {}\n\nREADME.md there says what was left out and replaced: look before you share.\n\
             Ask it           waylaid diagnose -C {folder}\n",
            clean::line(replayed)
        );
        output::raw(&text)
    }

    fn unfinished(&self, outcome: &Outcome) -> Failure {
        let line = |line: &Coverage| format!("{} {}: {}", line.store, line.target, line.note);
        let missing: Vec<String> = outcome.missing.iter().map(line).collect();
        let what = format!(
            "the bundle in {} is not whole: {} parts are there, {} could not be read\n{}",
            self.to.display(),
            outcome.parts.len(),
            missing.len(),
            missing.join("\n")
        );
        Failure { what, place: None, hints: Vec::new(), exit: Exit::Partial }
            .hint("the same command tries again what is missing; with --as-it-is it finishes without")
    }

    fn failure(&self, error: RecordError) -> Failure {
        let what = error.to_string();
        let failure = |exit: Exit| Failure { what: what.clone(), place: None, hints: Vec::new(), exit };
        match error {
            RecordError::NotEmpty { .. } => {
                failure(Exit::Usage).hint("name a folder that is missing or empty")
            }
            RecordError::Finished { .. } => failure(Exit::Usage)
                .hint(format!("ask it: waylaid diagnose -C {}; or name another folder", self.to.display())),
            RecordError::Other { .. } => {
                failure(Exit::Usage).hint("ask the same to go on with it, or name another folder")
            }
            RecordError::Store(error) if error.kind == ErrorKind::Cancelled => Failure {
                what: format!("interrupted; what was read so far is in {}", self.to.display()),
                place: None,
                hints: vec!["the same command goes on where this one stopped".to_owned()],
                exit: Exit::Interrupted,
            },
            RecordError::Store(error) => error.into(),
            RecordError::File { .. } | RecordError::Database { .. } => {
                failure(Exit::Partial).hint("the same command goes on where this one stopped")
            }
        }
    }
}

/// The verdict in lines that can be compared.
fn verdict(diagnosis: &Diagnosis) -> Vec<String> {
    let outcome = &diagnosis.verdict.outcome;
    let mut lines = vec![format!("{outcome}, {} asked about", diagnosis.cohort.count)];
    for cause in &diagnosis.verdict.causes {
        let (kind, hop, service) = (cause.kind.as_str(), &cause.hop, cause.service.as_deref());
        let service = service.unwrap_or("no service");
        lines.push(format!("{kind} in {service} at {hop}: {} of {}", cause.explains, cause.of));
    }
    lines
}

/// Services into whose code a verdict points.
fn citations(diagnosis: &Diagnosis) -> BTreeSet<String> {
    let evidence = diagnosis.evidence.values().filter_map(|evidence| match &evidence.address {
        Reference::Code { repo, .. } => Some(repo.clone()),
        _ => None,
    });
    let causes = diagnosis
        .verdict
        .causes
        .iter()
        .flat_map(|cause| cause.code.iter().map(|place| place.service.clone()));
    evidence.chain(causes).collect()
}
