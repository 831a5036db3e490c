//! A topic: all its records, or only what holds one of the keys; and which topics and groups there are.

use crate::logs::Out;
use crate::recording::Job;
use crate::spool::Spool;
use crate::state::{Part, write_whole};
use crate::{RecordError, places, records};
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use waylaid_model::Window;
use waylaid_store::{RecordHit, RecordQuery, Select, TopicCatalog, TopicInfo, TopicStore};

/// Records of each partition that are taken along whatever they hold.
const SAMPLE: usize = 200;

/// Which topics and groups there are: asked once, so that a recording that is interrupted goes on with the same.
pub(crate) fn catalog(job: &Job<'_>, store: &dyn TopicStore) -> Result<TopicCatalog, RecordError> {
    let path = job.scratch.join(places::file(store.name())).with_extension("catalog");
    if let Some(known) = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
        return Ok(known);
    }
    let catalog = store.catalog(job.context)?;
    fs::create_dir_all(&job.scratch).map_err(RecordError::writing(&job.scratch))?;
    write_whole(&path, &serde_json::to_vec(&catalog).unwrap_or_default())?;
    Ok(catalog)
}

/// Writes what lies beside the records.
pub(crate) fn metadata(catalog: &TopicCatalog, to: &Path) -> Result<(), RecordError> {
    fs::create_dir_all(to).map_err(RecordError::writing(to))?;
    write_whole(&to.join("_topics.json"), records::topics(catalog).to_string().as_bytes())?;
    if catalog.groups_known {
        write_whole(&to.join("_groups.json"), records::groups(catalog).to_string().as_bytes())?;
    }
    Ok(())
}

/// Records one topic into a file.
pub(crate) fn record(
    job: &Job<'_>,
    store: &dyn TopicStore,
    topic: &TopicInfo,
    to: &Path,
) -> Result<Part, RecordError> {
    let count: i64 =
        topic.partitions.iter().map(|p| p.end.saturating_sub(p.start)).fold(0, i64::saturating_add);
    let is_whole = job.keys.is_empty() || u64::try_from(count).unwrap_or(0) <= job.whole;
    let spool = Mutex::new(Ok(Spool::new(&job.scratch.join("runs"))));
    // What came after the catalogue was read is no part of it.
    let end = |partition: i32| {
        topic.partitions.iter().find(|p| p.partition == partition).map_or(i64::MAX, |p| p.end)
    };
    let take = |hit: RecordHit| {
        let record = &hit.record;
        if record.offset >= end(record.partition) {
            return;
        }
        let line = records::line(record, job.scrub);
        let place =
            (u64::try_from(record.partition).unwrap_or(0), u64::try_from(record.offset).unwrap_or(0), 0);
        let mut spool = spool.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(open) = spool.as_mut() else { return };
        if let Err(error) = open.put(place, line) {
            *spool = Err(error);
        }
    };
    let select = Select { sample: Some(SAMPLE), ..Select::keys(job.keys.clone()) };
    let select = if is_whole { Select::all() } else { select };
    let topics = Some(vec![topic.name.clone()]);
    let query = RecordQuery { topics, window: job.window, select, ..RecordQuery::default() };
    let mut coverage = store.scan(&query, job.context, &take)?;
    if job.window.from.is_some() && !job.keys.is_empty() {
        let window = Window { from: None, until: job.window.from };
        let query = RecordQuery { window, select: Select::keys(job.keys.clone()), ..query };
        coverage.extend(store.scan(&query, job.context, &take)?);
    }
    let spool = spool.into_inner().unwrap_or_else(PoisonError::into_inner)?;
    let items = write(spool, to)?;
    let taken = if is_whole { "all of the window" } else { "what holds one of the keys, a sample" };
    job.part(store.name(), &topic.name, items, taken, &coverage)
}

/// A topic without records has no file: `_topics.json` names it.
fn write(spool: Spool, to: &Path) -> Result<u64, RecordError> {
    let mut out: Option<Out> = None;
    let mut items = 0;
    spool.drain(|placed| {
        items += 1;
        if out.is_none() {
            out = Some(Out::create(to)?);
        }
        out.as_mut().map_or(Ok(()), |out| out.put(&placed.line))
    })?;
    out.map_or(Ok(()), Out::finish)?;
    Ok(items)
}
