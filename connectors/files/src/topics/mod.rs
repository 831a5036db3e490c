//! A topic store that is a folder: one JSON line a record, in the envelope that `kcat -J` prints.
//!
//! `_topics.json` tells partitions and configuration, `_groups.json` how far each consumer group is; without them,
//! partitions are derived from the records. A record's own topic wins over the name of its file.

mod coverage;
mod envelope;
mod index;
mod metadata;
mod raw;
mod scan;

use crate::names::topic_name;
use crate::sweep::{Ending, Report, Source, lock, sweep};
use crate::tree::{Entry, walk};
use index::FileIndex;
use metadata::Metadata;
use scan::TopicSweep;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use waylaid_model::{Coverage, Reference, Status};
use waylaid_store::{
    Context, ErrorKind, PartitionInfo, RecordHit, RecordQuery, StoreError, TopicCatalog, TopicInfo,
    TopicStore,
};

/// Topics in files.
#[derive(Debug)]
pub struct FilesTopics {
    name: String,
    root: PathBuf,
    /// What each file holds, once it was read to its end; a file that changed since is looked at again.
    indexes: Mutex<HashMap<Version, Arc<FileIndex>>>,
}

/// A file as it was at some moment: name, size, time of its last change.
type Version = (String, u64, Option<i64>);

/// A file of records.
#[derive(Clone, Debug)]
struct TopicFile {
    entry: Entry,
    /// The topic that its name stands for.
    topic: String,
}

impl TopicFile {
    fn version(&self) -> Version {
        (self.entry.name.clone(), self.entry.bytes, self.entry.modified)
    }
}

/// Everything that the folder holds.
struct Folder {
    files: Vec<TopicFile>,
    metadata: Metadata,
    problems: Vec<(String, String)>,
}

impl FilesTopics {
    /// A store of the files below `root`. Fails when that is no folder that can be listed.
    pub fn open(name: String, root: PathBuf) -> Result<Self, StoreError> {
        std::fs::read_dir(&root)
            .map_err(|e| StoreError::from_io(e, format!("{name}: opening {}", root.display())))?;
        Ok(Self { name, root, indexes: Mutex::default() })
    }

    fn folder(&self) -> Result<Folder, StoreError> {
        let tree = walk(&self.root)?;
        let file = |entry: Entry| topic_name(&entry.name).map(|topic| TopicFile { entry, topic });
        let files = tree.files.into_iter().filter_map(file).collect();
        Ok(Folder { files, metadata: Metadata::read(&self.root), problems: tree.problems })
    }

    fn known(&self, file: &TopicFile) -> Option<Arc<FileIndex>> {
        lock(&self.indexes).get(&file.version()).cloned()
    }

    /// Runs a query over some files, and keeps what it learnt about those that were read to their end.
    fn run(
        &self,
        files: &[&TopicFile],
        query: &RecordQuery,
        context: &Context,
        sink: &(dyn Fn(RecordHit) + Sync),
    ) -> Result<Searched, StoreError> {
        let sources: Vec<Source<'_>> =
            files.iter().map(|f| Source { path: &f.entry.path, bytes: f.entry.bytes }).collect();
        let known = files.iter().map(|f| self.known(f)).collect();
        let task = TopicSweep::new(&self.name, files, known, query, context, sink);
        let report = sweep(&task, &sources, context)?;
        let (indexes, counts) = task.into_results();
        for ((file, index), ending) in files.iter().zip(&indexes).zip(&report.endings) {
            if *ending == Ending::Complete {
                lock(&self.indexes).insert(file.version(), Arc::clone(index));
            }
        }
        Ok(Searched { indexes, counts, report })
    }
}

impl Folder {
    /// Topics of the metadata, and those that only the records tell.
    fn topics(&self, files: &[&TopicFile], indexes: &[Arc<FileIndex>]) -> Vec<TopicInfo> {
        let mut topics: BTreeMap<String, TopicInfo> = self.metadata.topics.clone();
        let named = |topic: &String| TopicInfo { name: topic.clone(), ..TopicInfo::default() };
        for (file, index) in files.iter().zip(indexes) {
            if index.topics.is_empty() {
                topics.entry(file.topic.clone()).or_insert_with(|| named(&file.topic));
            }
            for (topic, held) in &index.topics {
                let info = topics.entry(topic.clone()).or_insert_with(|| named(topic));
                if !self.metadata.topics.contains_key(topic) {
                    held.partitions.iter().for_each(|(partition, span)| widen(info, *partition, *span));
                }
            }
        }
        topics.into_values().collect()
    }

    /// What could not be read, of the folder, the metadata and these files.
    fn problems(&self, store: &str, files: &[&TopicFile], report: &Report) -> Vec<Coverage> {
        let mut problems = self.metadata.problems(store);
        let partial =
            |target: &str, note: String| Coverage::new(store, target, Status::Partial).with_note(note);
        problems.extend(self.problems.iter().map(|(name, why)| partial(name, format!("{name}: {why}"))));
        for (file, ending) in files.iter().zip(&report.endings) {
            if let Ending::Unreadable(why) | Ending::BrokenOff(why) = ending {
                problems.push(partial(&file.topic, format!("{}: {why}", file.entry.name)));
            }
        }
        problems
    }
}

/// What came out of a sweep, a file each.
struct Searched {
    indexes: Vec<Arc<FileIndex>>,
    counts: Vec<scan::Counts>,
    report: Report,
}

impl TopicStore for FilesTopics {
    fn name(&self) -> &str {
        &self.name
    }

    fn catalog(&self, context: &Context) -> Result<TopicCatalog, StoreError> {
        context.check("listing topics")?;
        let folder = self.folder()?;
        // Files that the metadata says nothing about are read for what they hold.
        let unknown: Vec<&TopicFile> =
            folder.files.iter().filter(|f| !folder.metadata.topics.contains_key(&f.topic)).collect();
        let searched = self.run(&unknown, &RecordQuery::default(), context, &|_| ())?;
        Ok(TopicCatalog {
            topics: folder.topics(&unknown, &searched.indexes),
            problems: folder.problems(&self.name, &unknown, &searched.report),
            groups: folder.metadata.groups,
            groups_known: folder.metadata.groups_known,
            ..TopicCatalog::default()
        })
    }

    fn scan(
        &self,
        query: &RecordQuery,
        context: &Context,
        sink: &(dyn Fn(RecordHit) + Sync),
    ) -> Result<Vec<Coverage>, StoreError> {
        context.check("searching topics")?;
        let folder = self.folder()?;
        let may_hold = |file: &&TopicFile| match (&query.topics, self.known(file)) {
            (Some(topics), Some(index)) => {
                topics.contains(&file.topic) || topics.iter().any(|t| index.topics.contains_key(t))
            }
            _ => true,
        };
        let files: Vec<&TopicFile> = folder.files.iter().filter(may_hold).collect();
        let searched = self.run(&files, query, context, sink)?;
        Ok(coverage::lines(&self.name, &folder, query.topics.as_deref(), &files, &searched))
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        let Reference::Record { topic, partition, offset, .. } = at else {
            return Err(StoreError::new(ErrorKind::Invalid, format!("{}: {at} is no record", self.name)));
        };
        for file in &self.folder()?.files {
            let may_hold = self.known(file).is_none_or(|index| index.may_hold(topic, *partition, *offset));
            if !may_hold {
                continue;
            }
            if let Some(line) = raw::record_in(file, topic, *partition, *offset, context)? {
                return Ok(line);
            }
        }
        Err(StoreError::new(ErrorKind::NotFound, format!("{}: record {at}", self.name)))
    }
}

/// Makes a topic's partition cover what was found in it.
fn widen(info: &mut TopicInfo, partition: i32, span: index::Span) {
    match info.partitions.binary_search_by_key(&partition, |p| p.partition) {
        Ok(at) => {
            let known = &mut info.partitions[at];
            known.start = known.start.min(span.first);
            known.end = known.end.max(span.last.saturating_add(1));
        }
        Err(at) => {
            let new = PartitionInfo { partition, start: span.first, end: span.last.saturating_add(1) };
            info.partitions.insert(at, new);
        }
    }
}
