//! Which service each file belongs to.

use crate::names::{PLAIN_FOLDERS, log_name};
use crate::stream::{STDIN, Stream, fill};
use crate::tree::{Entry, file_entry, walk};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
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
    /// The files that somebody named, whatever they are called, and those below folders that hold text.
    pub fn named(paths: &[PathBuf]) -> Self {
        let mut layout = Self::default();
        for path in paths {
            layout.put(path);
        }
        layout.number();
        layout
    }

    fn put(&mut self, path: &Path) {
        let shown = path.to_string_lossy().into_owned();
        if !path.is_dir() {
            let name = shown.rsplit('/').next().unwrap_or(&shown);
            let service = match log_name(name) {
                _ if shown == STDIN => "stdin".to_owned(),
                Some(log) => log.service,
                None => name.to_owned(),
            };
            let entry = file_entry(path, shown);
            let instance = service.clone();
            let file = LogFile { entry, service: service.clone(), instance, ordinal: 0 };
            return self.services.entry(service).or_default().push(file);
        }
        let root = shown.trim_end_matches('/').to_owned();
        let of_root = || root.rsplit('/').next().unwrap_or_default().to_owned();
        let tree = match walk(path) {
            Ok(tree) => tree,
            Err(error) => {
                return self.problems.entry(of_root()).or_default().push((root.clone(), error.to_string()));
            }
        };
        for mut entry in tree.files {
            if !is_text(&entry.path) {
                continue;
            }
            let (service, instance) = if let Some(log) = log_name(below_plain(&entry.name)) {
                (log.service, log.instance)
            } else {
                let first = entry.name.split('/').next().unwrap_or_default().to_owned();
                (first, entry.name.clone())
            };
            entry.name = format!("{root}/{}", entry.name);
            let file = LogFile { entry, service: service.clone(), instance, ordinal: 0 };
            self.services.entry(service).or_default().push(file);
        }
        // Links are not followed; somebody who names a folder need not be told of each.
        let is_link = |why: &str| why.starts_with("a symbolic link");
        for (name, why) in tree.problems.into_iter().filter(|(_, why)| !is_link(why)) {
            let service = name.split('/').next().unwrap_or_default().to_owned();
            self.problems.entry(service).or_default().push((format!("{root}/{name}"), why));
        }
    }

    fn number(&mut self) {
        let files = self.services.values_mut().flatten();
        files.enumerate().for_each(|(ordinal, file)| file.ordinal = ordinal as u32);
    }

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
        layout.number();
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
        LogCatalog { targets: targets.collect(), problems: problems.collect(), ..LogCatalog::default() }
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

/// A path without leading folders that say nothing: `logs/pick-1.log` is `pick-1.log`.
fn below_plain(name: &str) -> &str {
    let mut name = name;
    while let Some((_, rest)) = name.split_once('/').filter(|(f, _)| PLAIN_FOLDERS.contains(f)) {
        name = rest;
    }
    name
}

/// Whether a file's first bytes are text: what holds a zero byte is none. What cannot be opened is for the search to
/// report.
fn is_text(path: &Path) -> bool {
    let mut head = [0; 1024];
    let Ok(mut stream) = Stream::open(path) else { return true };
    let (count, _) = fill(&mut stream, &mut head);
    memchr::memchr(0, &head[..count]).is_none()
}
