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
    root: PathBuf,
}

impl FilesLogs {
    /// A store of the files below `root`. Fails when that is no folder that can be listed.
    pub fn open(name: String, root: PathBuf) -> Result<Self, StoreError> {
        std::fs::read_dir(&root)
            .map_err(|e| StoreError::from_io(e, format!("{name}: opening {}", root.display())))?;
        Ok(Self { name, root })
    }
}

impl LogStore for FilesLogs {
    fn name(&self) -> &str {
        &self.name
    }

    fn catalog(&self, context: &Context) -> Result<LogCatalog, StoreError> {
        context.check("listing log files")?;
        Ok(Layout::read(&self.root)?.catalog(&self.name))
    }

    fn scan(
        &self,
        query: &LogQuery,
        context: &Context,
        sink: &(dyn Fn(LogHit) + Sync),
    ) -> Result<Vec<Coverage>, StoreError> {
        context.check("searching log files")?;
        let layout = Layout::read(&self.root)?;
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
        let layout = Layout::read(&self.root)?;
        match layout.file(file) {
            Some(found) => raw::event_at(found, *line, context),
            None => Err(StoreError::new(ErrorKind::NotFound, format!("{}: log file {file}", self.name))),
        }
    }
}
