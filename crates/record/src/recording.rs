//! One part after the other, each whole before the next: what is done is not done again.

use crate::state::{Part, State};
use crate::tables::Database;
use crate::{Folder, RecordError, Scrubber, checkout, config, logs, places, readme, topics};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use waylaid_model::{Coverage, Status, System, Window};
use waylaid_store::{Context, ErrorKind, KeySet, LogStore, StoreError, TableStore, TopicStore};

/// What is recorded.
pub struct Stores<'s> {
    /// Log stores.
    pub logs: &'s [Box<dyn LogStore>],
    /// Topic stores.
    pub topics: &'s [Box<dyn TopicStore>],
    /// Table stores.
    pub tables: &'s [Box<dyn TableStore>],
    /// Checkouts: service and folder.
    pub code: &'s [(String, PathBuf)],
    /// Stores that are configured and could not be opened.
    pub failed: &'s [Coverage],
}

/// A part that is begun.
#[derive(Clone, Copy, Debug)]
pub struct Step<'s> {
    /// Store.
    pub store: &'s str,
    /// Service, topic or table.
    pub target: &'s str,
}

/// How far a recording got.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// All parts that are there.
    pub parts: Vec<Part>,
    /// Stores and targets that could not be read, with why: the bundle is not whole without them.
    pub missing: Vec<Coverage>,
    /// Whether the bundle is whole: a system of its own.
    pub is_finished: bool,
}

/// What every part is recorded by.
pub(crate) struct Job<'j> {
    pub(crate) window: Window,
    pub(crate) keys: Arc<KeySet>,
    pub(crate) whole: u64,
    pub(crate) scrub: &'j Scrubber,
    pub(crate) context: &'j Context,
    pub(crate) scratch: PathBuf,
}

impl Job<'_> {
    /// What is said of a part, by its coverage; a part that could not be read at all is none.
    pub(crate) fn part(
        &self,
        store: &str,
        target: &str,
        items: u64,
        taken: &str,
        coverage: &[Coverage],
    ) -> Result<Part, RecordError> {
        if let Some(failed) = coverage.iter().find(|line| line.status == Status::Failed) {
            return Err(StoreError::new(ErrorKind::Io, format!("reading {target}: {}", failed.note)).into());
        }
        let mut notes: Vec<String> =
            coverage.iter().map(|c| c.note.clone()).filter(|n| !n.is_empty()).collect();
        notes.dedup();
        Ok(Part {
            store: store.to_owned(),
            target: target.to_owned(),
            items,
            looked_at: coverage.iter().map(|c| c.scanned).max().unwrap_or(0),
            taken: taken.to_owned(),
            note: self.scrub.text(&notes.join("; ")),
            is_whole: !coverage.iter().any(Coverage::is_incomplete),
        })
    }
}

/// What a recording works on.
pub struct Task<'t> {
    /// The system.
    pub system: &'t System,
    /// Its stores.
    pub stores: Stores<'t>,
    /// What stands before everything that is written.
    pub scrub: &'t Scrubber,
    /// Whether the bundle is finished without what cannot be read.
    pub as_it_is: bool,
    /// Cancellation and progress.
    pub context: &'t Context,
    /// Hears of each part before it is begun.
    pub told: &'t dyn Fn(Step<'_>),
}

/// Records what is not there yet. A part that cannot be read is left for another run.
pub fn record(folder: &Folder, state: State, task: &Task<'_>) -> Result<Outcome, RecordError> {
    let job = Job {
        window: state.begun.window,
        keys: Arc::new(KeySet::new(state.begun.keys.iter())),
        whole: state.begun.whole,
        scrub: task.scrub,
        context: task.context,
        scratch: state.scratch("parts"),
    };
    let (system, stores) = (task.system, &task.stores);
    let missing = stores.failed.to_vec();
    let mut run =
        Run { job, folder: folder.path(), state, told: task.told, missing, as_it_is: task.as_it_is };
    for store in stores.tables {
        run.tables(store.as_ref())?;
    }
    for store in stores.topics {
        run.topics(store.as_ref(), &config::place("topics", short(store.name()), system.topics.len()))?;
    }
    for store in stores.logs {
        run.logs(store.as_ref(), &config::place("logs", short(store.name()), system.logs.len()))?;
    }
    for (service, from) in stores.code {
        run.code(service, from)?;
    }
    run.finish(system, folder)
}

/// `main` of `logs.main`.
fn short(name: &str) -> &str {
    name.split_once('.').map_or(name, |(_, short)| short)
}

struct Run<'r> {
    job: Job<'r>,
    folder: &'r Path,
    state: State,
    told: &'r dyn Fn(Step<'_>),
    missing: Vec<Coverage>,
    as_it_is: bool,
}

impl Run<'_> {
    /// Records a part unless it is there. What a store does not give is noted, and the next one is asked.
    fn part(
        &mut self,
        store: &str,
        target: &str,
        work: impl FnOnce(&Job<'_>, &State) -> Result<Part, RecordError>,
    ) -> Result<(), RecordError> {
        if self.state.has(store, target) {
            return Ok(());
        }
        (self.told)(Step { store, target });
        match work(&self.job, &self.state) {
            Ok(part) => self.state.done(part),
            Err(RecordError::Store(error)) => self.lacks(store, target, error),
            Err(error) => Err(error),
        }
    }

    fn lacks(&mut self, store: &str, target: &str, error: StoreError) -> Result<(), RecordError> {
        if error.kind == ErrorKind::Cancelled {
            return Err(error.into());
        }
        let note = self.job.scrub.text(&error.to_string());
        self.missing.push(Coverage::new(store, target, Status::Failed).with_note(note));
        Ok(())
    }

    fn tables(&mut self, store: &dyn TableStore) -> Result<(), RecordError> {
        let place = self.folder.join(config::place("tables", short(store.name()), 1));
        if place.is_file() {
            return Ok(());
        }
        let tables = match store.catalog(self.job.context) {
            Ok(catalog) => catalog.tables,
            Err(error) => return self.lacks(store.name(), store.name(), error),
        };
        let path = self.job.scratch.join(places::file(store.name())).with_extension("sqlite");
        let database = Database::open(&path)?;
        let before = self.missing.len();
        for table in &tables {
            self.part(store.name(), &table.name, |job, _| database.record(job, store, table))?;
        }
        let followed = "(rows that others refer to)";
        if self.missing.len() == before && tables.iter().any(|t| t.rows > self.job.whole) {
            self.part(store.name(), followed, |job, state| {
                let items = database.follow(job, store, &tables, state)?;
                job.part(store.name(), followed, items, "rows of large tables that rows here refer to", &[])
            })?;
        }
        database.close()?;
        // What is not whole stays where it is, to be gone on with.
        if self.missing.len() == before || self.as_it_is { rename(&path, &place) } else { Ok(()) }
    }

    fn topics(&mut self, store: &dyn TopicStore, place: &str) -> Result<(), RecordError> {
        let catalog = match topics::catalog(&self.job, store) {
            Ok(catalog) => catalog,
            Err(RecordError::Store(error)) => return self.lacks(store.name(), store.name(), error),
            Err(error) => return Err(error),
        };
        self.missing.extend(catalog.problems.iter().filter(|c| c.status == Status::Failed).cloned());
        let root = self.folder.join(place);
        topics::metadata(&catalog, &root)?;
        for topic in &catalog.topics {
            let name = format!("{}.ndjson.zst", places::file(&topic.name));
            self.part(store.name(), &topic.name, |job, _| {
                let path = job.scratch.join(&name);
                let part = topics::record(job, store, topic, &path)?;
                if part.items > 0 {
                    rename(&path, &root.join(&name))?;
                }
                Ok(part)
            })?;
        }
        Ok(())
    }

    fn logs(&mut self, store: &dyn LogStore, place: &str) -> Result<(), RecordError> {
        let catalog = match store.catalog(self.job.context) {
            Ok(catalog) => catalog,
            Err(error) => return self.lacks(store.name(), store.name(), error),
        };
        self.missing.extend(catalog.problems.iter().filter(|c| c.status == Status::Failed).cloned());
        let root = self.folder.join(place);
        fs::create_dir_all(&root).map_err(RecordError::writing(&root))?;
        for target in &catalog.targets {
            let name = places::file(&target.service);
            self.part(store.name(), &target.service, |job, _| {
                let path = job.scratch.join("log").join(&name);
                fresh(&path)?;
                let part = logs::record(job, store, target, &path)?;
                rename(&path, &root.join(&name))?;
                Ok(part)
            })?;
            if self.as_it_is && !self.state.has(store.name(), &target.service) {
                lost(&root.join(&name))?;
            }
        }
        Ok(())
    }

    fn code(&mut self, service: &str, from: &Path) -> Result<(), RecordError> {
        if !self.state.begun.code.iter().any(|name| name == service) {
            return Ok(());
        }
        let to = self.folder.join(checkout::folder(service));
        self.part("code", service, |job, _| {
            let path = job.scratch.join("code").join(places::file(service));
            fresh(&path)?;
            let part = checkout::record(job, service, from, &path)?;
            rename(&path, &to)?;
            Ok(part)
        })
    }

    fn finish(self, system: &System, folder: &Folder) -> Result<Outcome, RecordError> {
        let (parts, missing) = (self.state.parts, self.missing);
        if !missing.is_empty() && !self.as_it_is {
            return Ok(Outcome { parts, missing, is_finished: false });
        }
        let is_lost = |store: &str| missing.iter().any(|line| line.store == store && line.target == store);
        let config = config::text(system, &self.state.begun, &is_lost);
        let readme = readme::text(system, &self.state.begun, &parts, &missing);
        folder.finish(&readme, &config)?;
        Ok(Outcome { parts, missing, is_finished: true })
    }
}

/// Puts what is whole at its place.
fn rename(from: &Path, to: &Path) -> Result<(), RecordError> {
    let put = || {
        fs::create_dir_all(to.parent().unwrap_or(to))?;
        if to.is_dir() {
            fs::remove_dir_all(to)?;
        }
        fs::rename(from, to)
    };
    put().map_err(RecordError::writing(to))
}

/// The log of a service that could not be read: a file that cannot be read either, so that nobody takes it for empty.
fn lost(folder: &Path) -> Result<(), RecordError> {
    let file = folder.join("not-recorded.log.zst");
    let write = || {
        fs::create_dir_all(folder)?;
        fs::write(&file, "This log could not be read when the bundle was written.\n")
    };
    write().map_err(RecordError::writing(&file))
}

/// A folder without what an earlier run left in it.
fn fresh(path: &Path) -> Result<(), RecordError> {
    if path.exists() {
        fs::remove_dir_all(path).map_err(RecordError::writing(path))?;
    }
    Ok(())
}
