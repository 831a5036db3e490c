//! Which service each file belongs to.

use crate::names::log_name;
use crate::tree::{Entry, walk};
use std::collections::BTreeMap;
use std::path::Path;
use waylaid_model::{Coverage, Status};
use waylaid_store::{LogCatalog, LogTarget, Part, StoreError};

/// A log file with its place in the catalogue.
#[derive(Clone, Debug)]
pub(super) struct LogFile {
    /// The file.
    pub entry: Entry,
    /// Service.
    pub service: String,
    /// Instance.
    pub instance: String,
    /// Ordinal over all services.
    pub ordinal: u32,
}

/// All services with their files, and what could not be read.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// Files by service, each service's sorted by name.
    pub services: BTreeMap<String, Vec<LogFile>>,
    /// By service: relative name and why.
    pub problems: BTreeMap<String, Vec<(String, String)>>,
}

impl Layout {
    /// Walks the root.
    pub fn read(root: &Path) -> Result<Self, StoreError> {
        let tree = walk(root)?;
        let mut layout = Self::default();
        for folder in tree.folders {
            layout.services.insert(folder, Vec::new());
        }
        for entry in tree.files {
            if let Some(name) = log_name(&entry.name) {
                let file =
                    LogFile { entry, service: name.service.clone(), instance: name.instance, ordinal: 0 };
                layout.services.entry(name.service).or_default().push(file);
            }
        }
        let files = layout.services.values_mut().flatten();
        files.enumerate().for_each(|(ordinal, file)| file.ordinal = ordinal as u32);
        for (name, why) in tree.problems {
            let service = match log_name(&name) {
                Some(log) => log.service,
                None => name.split('/').next().unwrap_or_default().to_owned(),
            };
            layout.problems.entry(service).or_default().push((name, why));
        }
        Ok(layout)
    }

    /// The catalogue as the contract has it.
    pub fn catalog(&self, store: &str) -> LogCatalog {
        let part = |file: &LogFile| Part {
            name: file.entry.name.clone(),
            bytes: file.entry.bytes,
            instance: file.instance.clone(),
        };
        let targets = self.services.iter().map(|(service, files)| LogTarget {
            service: service.clone(),
            parts: files.iter().map(part).collect(),
        });
        let problems = self.problems.iter().flat_map(|(service, problems)| {
            let status = if self.services.get(service).is_none_or(Vec::is_empty) {
                Status::Failed
            } else {
                Status::Partial
            };
            problems.iter().map(move |(name, why)| {
                Coverage::new(store, service, status).with_note(format!("{name}: {why}"))
            })
        });
        LogCatalog { targets: targets.collect(), problems: problems.collect() }
    }

    /// The files of these services, all when `None`.
    pub fn wanted(&self, services: Option<&[String]>) -> Vec<&LogFile> {
        let wanted = |file: &&LogFile| services.is_none_or(|names| names.contains(&file.service));
        self.services.values().flatten().filter(wanted).collect()
    }

    /// The file of a relative name.
    pub fn file(&self, name: &str) -> Option<&LogFile> {
        self.services.values().flatten().find(|f| f.entry.name == name)
    }
}
