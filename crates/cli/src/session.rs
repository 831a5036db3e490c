//! One question from configuration to answer: opens the stores, resolves times, shows progress, asks the engine.

use crate::arguments::{Common, Times, Unmask};
use crate::config::{self, Config};
use crate::diagnostics::{Failure, did_you_mean};
use crate::exit::Exit;
use crate::kept::Kept;
use crate::outlet::Outlet;
use crate::stores::{self, Shared};
use crate::{progress, times};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::Path;
use std::sync::{Arc, Mutex};
use waylaid_engine::{Ask, EngineError, Stores};
use waylaid_model::{Asked, System, Timestamp, Window};
use waylaid_store::layers::Keyring;
use waylaid_store::{Context, LogQuery, RecordQuery, Select};

/// An opened system.
pub struct Session {
    /// The configuration.
    pub config: Config,
    /// Its stores.
    pub stores: Stores,
    /// Cancellation and progress.
    pub context: Arc<Context>,
    /// What leaves it.
    pub outlet: Outlet,
    shared: Shared,
}

impl Session {
    /// Reads the configuration of a folder and opens its stores.
    pub fn open(folder: &Path, unmask: Unmask) -> Result<Self, Failure> {
        Self::open_for(folder, unmask, progress::context())
    }

    /// The same for a question that is cancelled by something else than Ctrl-C.
    pub fn open_for(folder: &Path, unmask: Unmask, context: Arc<Context>) -> Result<Self, Failure> {
        Self::open_kept(folder, unmask, &Kept::default(), context)
    }

    /// The same for one of many questions, between which live stores stay open.
    pub fn open_kept(
        folder: &Path,
        unmask: Unmask,
        kept: &Kept,
        context: Arc<Context>,
    ) -> Result<Self, Failure> {
        let config = config::load(folder)?;
        let shared = Shared::default();
        let outlet = Outlet::new(&config.settings.salt, shared.keyring.clone(), unmask)?;
        let stores = stores::open(&config, &shared, kept, &context);
        Ok(Self { config, stores, context, outlet, shared })
    }

    /// The system.
    pub fn system(&self) -> &System {
        &self.config.system
    }

    /// Which values are keys.
    pub fn keyring(&self) -> &Keyring {
        &self.shared.keyring
    }

    /// What the stores were asked so far, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.log.entries()
    }

    /// Asks the engine, with a bar on the terminal. What comes back may be shown to anybody, unless the person wants to
    /// see it as it is: no answer leaves by another way.
    pub fn run<T: Serialize + DeserializeOwned>(
        &self,
        ask: impl FnOnce(&Context) -> Result<T, EngineError>,
    ) -> Result<T, Failure> {
        self.outlet.answer(self.plain(ask)?)
    }

    fn plain<T>(&self, ask: impl FnOnce(&Context) -> Result<T, EngineError>) -> Result<T, Failure> {
        let bar = progress::start(&self.context);
        let answer = ask(&self.context);
        drop(bar);
        if self.context.is_cancelled() {
            let what = "interrupted; nothing was stored".into();
            return Err(Failure { what, place: None, hints: Vec::new(), exit: Exit::Interrupted });
        }
        answer.map_err(Failure::from)
    }

    /// The entity of that name, or the only one.
    pub fn entity(&self, name: Option<&str>) -> Result<String, Failure> {
        let names: Vec<&str> = self.system().entities.iter().map(|e| e.name.as_str()).collect();
        match (name, names.as_slice()) {
            (_, []) => Err(Failure::usage("waylaid.toml describes no entity").hint(
                "add one:\n\n[entity.order]\ntables = [{ column = \"orders.orders.id\", state = \"status\" }]",
            )),
            (Some(name), names) if names.contains(&name) => Ok(name.to_owned()),
            (Some(name), names) => Err(Failure::usage(format!("there is no entity `{name}` in waylaid.toml"))
                .hint(did_you_mean(name, names.iter().copied()))),
            (None, [only]) => Ok((*only).to_owned()),
            (None, names) => Err(Failure::usage("which entity? waylaid.toml describes several")
                .hint(format!("name one of: {}", names.join(", ")))),
        }
    }

    /// A question with this command's times.
    pub fn ask(&self, common: &Common) -> Result<Ask, Failure> {
        self.ask_at(&common.times)
    }

    /// A question with these times.
    pub fn ask_at(&self, times: &Times) -> Result<Ask, Failure> {
        let (window, baseline) = self.times(times)?;
        Ok(Ask { window, baseline, now: self.now(times), ..Ask::default() })
    }

    /// The same, with what was found until then when the person interrupts.
    pub fn run_partly<T: Serialize + DeserializeOwned>(
        &self,
        ask: impl FnOnce(&Context) -> Result<T, EngineError>,
    ) -> Result<T, Failure> {
        let bar = progress::start(&self.context);
        let answer = ask(&self.context);
        drop(bar);
        self.outlet.answer(answer?)
    }

    /// Window and baseline with what is relative resolved.
    pub fn times(&self, given: &Times) -> Result<(Window, Option<Window>), Failure> {
        let mut trouble = None;
        let newest = || match self.now(given) {
            Some(now) => Some(now),
            None => self.newest().map_err(|failure| trouble = Some(failure)).ok(),
        };
        let times = resolve(given, newest);
        trouble.map_or(times, Err)
    }

    /// Now, as it was given here or in the system's file, or by the clock where a store is live; else it is the newest time in the files.
    pub fn now(&self, given: &Times) -> Option<Timestamp> {
        let system = self.system();
        let mut stores = system.logs.iter().chain(&system.topics).chain(&system.tables);
        let told = given.now.or(self.config.settings.now);
        told.or_else(|| stores.any(|store| store.kind.is_live()).then(times::clock))
    }

    /// The newest time in logs and topics: what "now" means where every store is a file.
    fn newest(&self) -> Result<Timestamp, Failure> {
        let newest = Mutex::new(None::<Timestamp>);
        let see = |time: Option<Timestamp>| {
            if let Ok(mut newest) = newest.lock() {
                *newest = (*newest).max(time);
            }
        };
        // A sample first: most of what lies before it is then skipped by time.
        for sample in [Some(64), None] {
            let seen = newest.lock().ok().and_then(|n| *n);
            let window = Window { from: seen, until: None };
            let select = sample.map_or_else(Select::all, Select::sample);
            self.plain(|context| {
                for store in &self.stores.logs {
                    let query = LogQuery { window, select: select.clone(), ..LogQuery::default() };
                    store.scan(&query, context, &|hit| see(hit.event.time))?;
                }
                for store in &self.stores.topics {
                    let query = RecordQuery { window, select: select.clone(), ..RecordQuery::default() };
                    store.scan(&query, context, &|hit| see(hit.record.time))?;
                }
                Ok(())
            })?;
        }
        newest.lock().ok().and_then(|n| *n).ok_or_else(no_time)
    }
}

/// Window and baseline with what is relative resolved; `newest` tells what now is where nobody said so.
pub fn resolve(
    given: &Times,
    newest: impl FnOnce() -> Option<Timestamp>,
) -> Result<(Window, Option<Window>), Failure> {
    let ends = [given.since, given.until, given.baseline.map(|b| b.0), given.baseline.map(|b| b.1)];
    let relative = ends.iter().flatten().any(|t| t.is_relative());
    let now = match given.now {
        Some(now) => now,
        None if relative => newest().ok_or_else(no_time)?,
        None => Timestamp::default(),
    };
    let window = times::window(given.since, given.until, now);
    let baseline = given.baseline.map(|(from, to)| times::window(Some(from), Some(to), now));
    for (name, w) in [("--since", Some(window)), ("--baseline", baseline)] {
        if let Some(Window { from: Some(from), until: Some(until) }) = w
            && from >= until
        {
            return Err(Failure::usage(format!("{name}: {from} is not before {until}")));
        }
    }
    Ok((window, baseline))
}

fn no_time() -> Failure {
    Failure::usage("no store holds a time to count back from")
        .hint("say what now is: --now 2026-11-22T10:00:00Z")
}
