//! A log store that is a folder: a folder a service, or a file a service directly in the root.

mod alike;
mod coverage;
mod layout;
mod preceding;
mod raw;
mod scan;

use crate::sweep::{Source, sweep};
use layout::Layout;
use scan::LogSweep;
use std::path::PathBuf;
use waylaid_model::{Coverage, Reference};
use waylaid_store::{Context, ErrorKind, LogCatalog, LogHit, LogQuery, LogStore, StoreError};

/// Logs in files.
#[derive(Clone, Debug)]
pub struct FilesLogs {
    name: String,
    root: Root,
}

/// Where the files are.
#[derive(Clone, Debug)]
enum Root {
    /// A folder a service below this one.
    Folder(PathBuf),
    /// Files and folders that somebody named.
    Named(Vec<PathBuf>),
}

impl FilesLogs {
    /// A store of the files below `root`. Fails when that is no folder that can be listed.
    pub fn open(name: String, root: PathBuf) -> Result<Self, StoreError> {
        std::fs::read_dir(&root)
            .map_err(|e| StoreError::from_io(e, format!("{name}: opening {}", root.display())))?;
        Ok(Self { name, root: Root::Folder(root) })
    }

    /// A store of these files, of the text files below these folders, and of standard input for `-`. A service each, by
    /// their names. What cannot be read is told when it is searched.
    pub fn named(name: String, paths: Vec<PathBuf>) -> Self {
        Self { name, root: Root::Named(paths) }
    }

    fn layout(&self) -> Result<Layout, StoreError> {
        match &self.root {
            Root::Folder(root) => Layout::read(root),
            Root::Named(paths) => Ok(Layout::named(paths)),
        }
    }
}

impl LogStore for FilesLogs {
    fn name(&self) -> &str {
        &self.name
    }

    fn catalog(&self, context: &Context) -> Result<LogCatalog, StoreError> {
        context.check("listing log files")?;
        Ok(self.layout()?.catalog(&self.name))
    }

    fn scan(
        &self,
        query: &LogQuery,
        context: &Context,
        sink: &(dyn Fn(LogHit) + Sync),
    ) -> Result<Vec<Coverage>, StoreError> {
        context.check("searching log files")?;
        let layout = self.layout()?;
        let files = layout.wanted(query.services.as_deref());
        let sources: Vec<Source<'_>> =
            files.iter().map(|f| Source { path: &f.entry.path, bytes: f.entry.bytes }).collect();
        let task = LogSweep::new(&self.name, &files, query, context, sink);
        let report = sweep(&task, &sources, context)?;
        Ok(coverage::lines(
            &self.name,
            &layout,
            query.services.as_deref(),
            &files,
            &task.into_counts(),
            &report,
        ))
    }

    fn raw(&self, at: &Reference, context: &Context) -> Result<String, StoreError> {
        let Reference::LogLine { file, line, .. } = at else {
            return Err(StoreError::new(
                ErrorKind::Invalid,
                format!("{}: {at} is no line of a log", self.name),
            ));
        };
        let layout = self.layout()?;
        match layout.file(file) {
            Some(found) => raw::event_at(found, *line, context),
            None => Err(StoreError::new(ErrorKind::NotFound, format!("{}: log file {file}", self.name))),
        }
    }
}
