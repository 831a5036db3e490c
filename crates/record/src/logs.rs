//! A service's log: all of it, or only what is about the cohort and what failed, with what stood before.

use crate::recording::Job;
use crate::spool::{Placed, Spool};
use crate::state::Part;
use crate::{RecordError, events, places};
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use waylaid_model::Window;
use waylaid_store::{LogHit, LogQuery, LogStore, LogTarget, Select};

/// Events before a failure that names nobody: what the verdict looks at to tell whose it is.
const PRECEDING: usize = 6;
/// Events of each part that are taken along whatever they say.
const SAMPLE: usize = 200;
/// About how long an event is, where only bytes are known.
const USUAL: u64 = 500;
/// So many lines back a repeated neighbour is known.
const REMEMBERED: usize = 4096;
/// The rank of an event that was asked for; its neighbours come before it.
const ITSELF: u32 = u32::MAX;

/// Records the log of one service into a folder of its own.
pub(crate) fn record(
    job: &Job<'_>,
    store: &dyn LogStore,
    target: &LogTarget,
    to: &Path,
) -> Result<Part, RecordError> {
    let is_whole = job.keys.is_empty() || count(job, store, target)? <= job.whole;
    let sink = Sink::new(job);
    let services = Some(vec![target.service.clone()]);
    let select = Select { keys: Some(job.keys.clone()), failures: true, sample: Some(SAMPLE), all: false };
    let select = if is_whole { Select::all() } else { select };
    let preceding = if is_whole { 0 } else { PRECEDING };
    let query = LogQuery { services, window: job.window, select, preceding, ..LogQuery::default() };
    let mut coverage = store.scan(&query, job.context, &|hit| sink.take(hit))?;
    if job.window.from.is_some() && !job.keys.is_empty() {
        // What happened to the cohort before the window belongs to its trail.
        let window = Window { from: None, until: job.window.from };
        let query = LogQuery { window, select: Select::keys(job.keys.clone()), preceding: 0, ..query };
        coverage.extend(store.scan(&query, job.context, &|hit| sink.take(hit))?);
    }
    let items = sink.write(&target.service, to)?;
    let taken = if is_whole {
        "all of the window"
    } else {
        "what names one of the keys, failures with what stood before, a sample"
    };
    job.part(store.name(), &target.service, items, taken, &coverage)
}

/// About how many events there are.
fn count(job: &Job<'_>, store: &dyn LogStore, target: &LogTarget) -> Result<u64, RecordError> {
    let bytes: u64 = target.parts.iter().map(|part| part.bytes).sum();
    if bytes > 0 {
        return Ok(bytes / USUAL);
    }
    let services = Some(vec![target.service.clone()]);
    let query = LogQuery { services, window: job.window, ..LogQuery::default() };
    let coverage = store.scan(&query, job.context, &|_| ())?;
    Ok(coverage.iter().map(|line| line.scanned).sum())
}

/// Takes hits from several threads.
struct Sink<'j> {
    job: &'j Job<'j>,
    spool: Mutex<Result<Spool, RecordError>>,
    /// The instance of each part.
    instances: Mutex<BTreeMap<u64, String>>,
}

impl<'j> Sink<'j> {
    fn new(job: &'j Job<'j>) -> Self {
        let spool = Mutex::new(Ok(Spool::new(&job.scratch.join("runs"))));
        Self { job, spool, instances: Mutex::default() }
    }

    fn take(&self, hit: LogHit) {
        let part = u64::from(hit.part);
        let before = hit
            .preceding
            .iter()
            .zip(1u32..)
            .map(|(event, back)| (PRECEDING as u32 + 1 - back.min(PRECEDING as u32), event));
        let lines: Vec<(u32, String)> = before
            .chain([(ITSELF, &hit.event)])
            .map(|(rank, event)| (rank, events::line(event, self.job.scrub)))
            .collect();
        let mut instances = self.instances.lock().unwrap_or_else(PoisonError::into_inner);
        instances.entry(part).or_insert(hit.instance);
        drop(instances);
        let mut spool = self.spool.lock().unwrap_or_else(PoisonError::into_inner);
        for (rank, line) in lines {
            let Ok(open) = spool.as_mut() else { return };
            if let Err(error) = open.put((part, hit.seq, rank), line) {
                *spool = Err(error);
            }
        }
    }

    /// Writes a file a part; how many events there are.
    fn write(self, service: &str, to: &Path) -> Result<u64, RecordError> {
        let instances = self.instances.into_inner().unwrap_or_else(PoisonError::into_inner);
        let names = names(service, &instances);
        fs::create_dir_all(to).map_err(RecordError::writing(to))?;
        let mut out: Option<(u64, Out)> = None;
        let mut recent = Recent::default();
        let mut items = 0;
        self.spool.into_inner().unwrap_or_else(PoisonError::into_inner)?.drain(
            |Placed { place, line }| {
                if out.as_ref().is_none_or(|(part, _)| *part != place.0) {
                    if let Some((_, done)) = out.take() {
                        done.finish()?;
                    }
                    let name = names.get(&place.0).map_or("log", String::as_str);
                    out = Some((place.0, Out::create(&to.join(name))?));
                    recent = Recent::default();
                }
                // A neighbour may have been asked for itself, or stand before several failures.
                if recent.knows(&line) && place.2 != ITSELF {
                    return Ok(());
                }
                items += 1;
                out.as_mut().map_or(Ok(()), |(_, out)| out.put(&line))
            },
        )?;
        out.map_or(Ok(()), |(_, out)| out.finish())?;
        Ok(items)
    }
}

/// The name of each part's file: its instance's, numbered where an instance has several.
fn names(service: &str, instances: &BTreeMap<u64, String>) -> BTreeMap<u64, String> {
    let stem = |instance: &str| places::file(if instance.is_empty() { service } else { instance });
    let count = |of: &str| instances.values().filter(|i| stem(i) == of).count();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut name = |(part, instance): (&u64, &String)| {
        let stem = stem(instance);
        let number = seen.entry(stem.clone()).or_default();
        *number += 1;
        let name = if count(&stem) > 1 { format!("{stem}.{number:03}") } else { stem };
        (*part, format!("{name}.ndjson.zst"))
    };
    instances.iter().map(&mut name).collect()
}

/// The lines written last.
#[derive(Default)]
struct Recent {
    order: VecDeque<u64>,
    known: HashSet<u64>,
}

impl Recent {
    /// Whether a line is among them; it is from now on.
    fn knows(&mut self, line: &str) -> bool {
        let mut hash = DefaultHasher::new();
        line.hash(&mut hash);
        let hash = hash.finish();
        if !self.known.insert(hash) {
            return true;
        }
        self.order.push_back(hash);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        false
    }
}

/// A file of lines, packed.
pub(crate) struct Out {
    path: std::path::PathBuf,
    inner: zstd::Encoder<'static, File>,
}

impl Out {
    pub(crate) fn create(path: &Path) -> Result<Self, RecordError> {
        let create = || zstd::Encoder::new(File::create(path)?, 3);
        let inner = create().map_err(RecordError::writing(path))?;
        Ok(Self { path: path.to_owned(), inner })
    }

    pub(crate) fn put(&mut self, line: &str) -> Result<(), RecordError> {
        self.inner.write_all(line.as_bytes()).map_err(RecordError::writing(&self.path))
    }

    pub(crate) fn finish(self) -> Result<(), RecordError> {
        let end = self.inner.finish().and_then(|file| file.sync_all());
        end.map_err(RecordError::writing(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_one_instance_stay_in_order_under_its_name() {
        let instances = [(0, "pick-1"), (1, "pick-1"), (2, ""), (3, "a/b")];
        let instances = instances.into_iter().map(|(part, name)| (part, name.to_owned())).collect();
        let names: Vec<String> = names("pick", &instances).into_values().collect();
        assert_eq!(
            names,
            ["pick-1.001.ndjson.zst", "pick-1.002.ndjson.zst", "pick.ndjson.zst", "a_b.ndjson.zst"]
        );
    }
}
