//! What an agent asks, answered by what the commands run: a session a question, one door for what leaves.

mod keys;

use crate::arguments::{self, Unmask};
use crate::commands::where_line;
use crate::diagnostics::Failure;
use crate::kept::Kept;
use crate::outlet::Outlet;
use crate::question::Question;
use crate::select::{self, Select};
use crate::session::Session;
use crate::{cases, config, key_rows, raw, times};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use waylaid_case::Cases;
use waylaid_engine::ProblemsAsk;
use waylaid_mcp::{Backend, Keys, Located, Raw, Refusal, Search, Times};
use waylaid_model::answers::{
    CheckAnswer, FlowAnswer, KeysAnswer, ProblemsAnswer, QueryAnswer, SearchAnswer, StuckAnswer, TrailAnswer,
};
use waylaid_model::{Asked, Coverage, Diagnosis, Status, System};
use waylaid_store::Context;
use waylaid_store::layers::Keyring;

/// Events of one text that are looked for in code.
const EVENTS: usize = 5;
/// How long a SELECT may take.
const SELECT: Duration = Duration::from_secs(30);

/// A system's folder.
pub struct Folder {
    /// Where `waylaid.toml` is.
    pub dir: PathBuf,
    /// Where cases are kept, when not below it.
    pub cases: Option<PathBuf>,
    /// The live stores that are open.
    kept: Kept,
}

/// What was asked about entities, in the command line's terms.
fn question(asked: &waylaid_mcp::Question) -> Result<Question, Refusal> {
    let length = |text: &String| times::parse_length(text).map_err(|e| wrong("older_than", text, &e));
    Ok(Question {
        entity: asked.entity.clone(),
        keys: asked.keys.clone(),
        state: asked.state.clone(),
        older_than: asked.older_than.as_ref().map(length).transpose()?,
        times: when(&asked.times)?,
    })
}

fn when(asked: &Times) -> Result<arguments::Times, Refusal> {
    let moment = |name: &str, text: &Option<String>| {
        text.as_ref().map(|t| times::parse(t).map_err(|e| wrong(name, t, &e))).transpose()
    };
    let range = |text: &String| times::parse_range(text).map_err(|e| wrong("baseline", text, &e));
    Ok(arguments::Times {
        since: moment("since", &asked.since)?,
        until: moment("until", &asked.until)?,
        baseline: asked.baseline.as_ref().map(range).transpose()?,
        now: None,
    })
}

fn wrong(name: &str, text: &str, expected: &str) -> Refusal {
    Refusal::new(format!("`{name}` cannot be `{text}`")).hint(expected)
}

/// `name=value` conditions.
fn pairs(name: &str, texts: &[String]) -> Result<Vec<(String, String)>, Refusal> {
    let pair = |text: &String| {
        let parts = text.split_once('=').map(|(n, v)| (n.trim().to_owned(), v.trim().to_owned()));
        parts.ok_or_else(|| {
            wrong(name, text, "expected NAME=VALUE, such as $.status=REJECTED or source=retry")
        })
    };
    texts.iter().map(pair).collect()
}

/// A failure as an agent may read it: hints on how to type something are for a person.
fn refuse(failure: Failure) -> Refusal {
    let what = match &failure.place {
        Some(place) => format!("{}:{}:{}: {}", place.file, place.line, place.column, failure.what),
        None => failure.what,
    };
    let for_agents =
        |hint: &String| !hint.contains("--") && !hint.contains("waylaid ") && !hint.contains('\n');
    Refusal { what, hints: failure.hints.into_iter().filter(for_agents).collect() }
}

impl Folder {
    /// The system of a folder. Nothing is opened yet.
    pub fn new(dir: PathBuf, cases: Option<PathBuf>) -> Self {
        Self { dir, cases, kept: Kept::default() }
    }

    fn session(&self, context: &Arc<Context>) -> Result<Session, Refusal> {
        Session::open_kept(&self.dir, Unmask::default(), &self.kept, Arc::clone(context)).map_err(refuse)
    }

    fn case_list(&self) -> Cases {
        Cases::at(cases::folder(&self.dir, self.cases.as_deref()))
    }

    /// A case by its id. Elsewhere than in the folder of cases an agent has nothing to look for.
    fn stored(&self, id: &str) -> Result<waylaid_case::Case, Refusal> {
        let known = self.case_list().list();
        if known.is_empty() {
            return Err(Refusal::new("no case is stored yet").hint("diagnose makes one"));
        }
        if id != "last" && !known.iter().any(|k| k == id) {
            let newest = known.iter().take(8).map(String::as_str);
            return Err(Refusal::new(format!("there is no case `{id}`")).nearest(id, newest));
        }
        cases::open(&self.dir, self.cases.as_deref(), id, Unmask::default()).map_err(refuse)
    }
}

impl Backend for Folder {
    fn system(&self) -> Result<(System, Vec<Coverage>), Refusal> {
        let config = config::load(&self.dir).map_err(refuse)?;
        let missing = config.system.services.iter().filter_map(|s| {
            let code = s.code.as_ref().filter(|c| !config.folder.join(c).is_dir())?;
            let name = format!("code.{}", s.name);
            let line = Coverage::new(name.clone(), name, Status::Failed);
            Some(line.with_note(format!("there is no folder {code}")))
        });
        let missing = missing.collect();
        Ok((config.system, missing))
    }

    fn diagnose(&self, asked: &waylaid_mcp::Question, context: &Arc<Context>) -> Result<Diagnosis, Refusal> {
        let asked = question(asked)?;
        let session = self.session(context)?;
        let answer = || {
            let ask = asked.ask(&session)?;
            session.outlet.typed(&ask.keys);
            let diagnosis =
                session.run(|c| waylaid_engine::diagnose(session.system(), &session.stores, &ask, c))?;
            cases::store(&session, self.cases.as_deref(), diagnosis)
        };
        Ok(answer().map_err(refuse)?.diagnosis)
    }

    fn stuck(&self, asked: &waylaid_mcp::Question, context: &Arc<Context>) -> Result<StuckAnswer, Refusal> {
        let asked = question(asked)?;
        let session = self.session(context)?;
        let answer = || {
            let mut ask = session.ask_at(&asked.times)?;
            ask.entity = Some(session.entity(asked.entity.as_deref())?);
            ask.state.clone_from(&asked.state);
            ask.older_than = asked.older_than;
            session.run(|c| waylaid_engine::stuck(session.system(), &session.stores, &ask, c))
        };
        answer().map_err(refuse)
    }

    fn follow(
        &self,
        asked: &waylaid_mcp::Question,
        key: &str,
        context: &Arc<Context>,
    ) -> Result<TrailAnswer, Refusal> {
        let asked = question(asked)?;
        let session = self.session(context)?;
        session.outlet.typed([&key.to_owned()]);
        let answer = || {
            let mut ask = session.ask_at(&asked.times)?;
            ask.entity = Some(session.entity(asked.entity.as_deref())?);
            session.run(|c| waylaid_engine::follow(session.system(), &session.stores, &ask, key, c))
        };
        answer().map_err(refuse)
    }

    fn flow(&self, asked: &waylaid_mcp::Question, context: &Arc<Context>) -> Result<FlowAnswer, Refusal> {
        let asked = question(asked)?;
        let session = self.session(context)?;
        let answer = || {
            let mut ask = session.ask_at(&asked.times)?;
            ask.entity = Some(session.entity(asked.entity.as_deref())?);
            session.run(|c| waylaid_engine::flow(session.system(), &session.stores, &ask, c))
        };
        answer().map_err(refuse)
    }

    fn check(&self, context: &Arc<Context>) -> Result<CheckAnswer, Refusal> {
        let session = self.session(context)?;
        let answer = || {
            let ask = session.ask_at(&arguments::Times::default())?;
            session.run(|c| waylaid_engine::check(session.system(), &session.stores, &ask, c))
        };
        answer().map_err(refuse)
    }

    fn problems(
        &self,
        asked: &waylaid_mcp::Question,
        limit: usize,
        context: &Arc<Context>,
    ) -> Result<ProblemsAnswer, Refusal> {
        let asked = question(asked)?;
        let session = self.session(context)?;
        let answer = || {
            let mut ask = session.ask_at(&asked.times)?;
            ask.entity = asked.entity.as_deref().map(|name| session.entity(Some(name))).transpose()?;
            let ask = ProblemsAsk { ask, limit, by_event: false };
            session.run(|c| waylaid_engine::problems(Some(session.system()), &session.stores, &ask, c))
        };
        answer().map_err(refuse)
    }

    fn search(&self, asked: &Search, context: &Arc<Context>) -> Result<SearchAnswer, Refusal> {
        let times = when(&asked.times)?;
        let mut query = waylaid_engine::Search {
            keys: asked.keys.clone(),
            text: asked.text.clone(),
            regex: asked.regex.clone(),
            targets: asked.targets.clone(),
            paths: pairs("path", &asked.paths)?,
            headers: pairs("header", &asked.headers)?,
            keys_at: asked.keys_at.clone(),
            fields: asked.fields.clone(),
            limit: asked.limit,
            ..waylaid_engine::Search::default()
        };
        let mut session = self.session(context)?;
        if let Some(kind) = asked.store {
            only(&mut session, kind)?;
        }
        session.outlet.typed(asked.keys.iter().chain(&asked.text));
        let mut answer = || {
            query.window = session.times(&times)?.0;
            session.run(|c| waylaid_engine::search(&session.stores, &query, c))
        };
        answer().map_err(refuse)
    }

    fn query(
        &self,
        store: Option<&str>,
        sql: Option<&str>,
        limit: u64,
        context: &Arc<Context>,
    ) -> Result<QueryAnswer, Refusal> {
        context.finish_by(Instant::now() + SELECT);
        let session = self.session(context)?;
        select::ask(&session, &Select { store, sql, limit }).map_err(refuse)
    }

    fn keys(&self, keys: &Keys, context: &Arc<Context>) -> Result<KeysAnswer, Refusal> {
        match keys {
            Keys::In(text) => {
                let salt = config::load(&self.dir).map_err(refuse)?.settings.salt;
                let outlet = Outlet::new(&salt, Keyring::default(), Unmask::default()).map_err(refuse)?;
                outlet.answer(keys::of_text(text)?).map_err(refuse)
            }
            Keys::Of { case, id } => {
                let diagnosis = self.case(case)?;
                let named = keys::named(&diagnosis, id)?;
                let session = self.session(context)?;
                let rows = key_rows::of(&session, named.1).map_err(refuse)?;
                Ok(keys::with_rows(&diagnosis, named, rows, keys::coverage(&session)))
            }
        }
    }

    fn locate(&self, text: &str, services: &[String]) -> Result<Vec<Located>, Refusal> {
        let found = where_line::events(&self.dir, text, services, EVENTS);
        let found = found.map_err(|failure| {
            let named = config::load(&self.dir).map(|c| c.system.services).unwrap_or_default();
            let with_code = named.iter().filter(|s| s.code.is_some()).map(|s| s.name.as_str());
            let refusal = refuse(failure);
            match services.first() {
                Some(service) => refusal.nearest(service, with_code),
                None => refusal,
            }
        })?;
        Ok(found.into_iter().map(|(line, answer)| Located { line, answer }).collect())
    }

    fn cases(&self) -> Result<Vec<String>, Refusal> {
        Ok(self.case_list().list())
    }

    fn case(&self, id: &str) -> Result<Diagnosis, Refusal> {
        Ok(self.stored(id)?.located())
    }

    fn asked(&self, case: &str) -> Result<Vec<Asked>, Refusal> {
        cases::asked(&self.stored(case)?).map_err(refuse)
    }

    fn evidence(&self, case: &str, id: &str, context: &Arc<Context>) -> Result<Raw, Refusal> {
        let diagnosis = self.case(case)?;
        let found = diagnosis.evidence.iter().find(|(e, _)| e.0 == id);
        let (_, evidence) = found.ok_or_else(|| Refusal::new(format!("the case has no `{id}`")))?;
        let session = self.session(context)?;
        Ok(match raw::shown(&session, &diagnosis, &evidence.address) {
            Ok(text) => Raw { text, stale: None },
            Err(reason) => Raw { text: evidence.text.clone(), stale: Some(reason) },
        })
    }
}

/// Leaves only the stores of a kind.
fn only(session: &mut Session, kind: &str) -> Result<(), Refusal> {
    let stores = &mut session.stores;
    let there: Vec<&str> =
        [("logs", stores.logs.len()), ("topics", stores.topics.len()), ("tables", stores.tables.len())]
            .into_iter()
            .filter_map(|(name, count)| (count > 0).then_some(name))
            .collect();
    if !there.contains(&kind) {
        let refusal = Refusal::new(format!("this system has no {kind} that can be read"));
        return Err(refusal.nearest(kind, there));
    }
    if kind != "logs" {
        stores.logs.clear();
    }
    if kind != "topics" {
        stores.topics.clear();
    }
    if kind != "tables" {
        stores.tables.clear();
    }
    stores.failed.retain(|c| c.store.starts_with(kind));
    Ok(())
}
