//! The investigation on disk: a folder a case, with everything in plain files and in one SQLite file.
//!
//! ```text
//! cases/
//!   last                  id of the case stored last
//!   c-20261122-1/
//!     diagnosis.json      the whole answer, with all keys; paths relative to this folder
//!     case.sqlite         question, coverage, evidence, verdict as tables
//!     c1-entities.csv     the entities that cause c1 explains
//!     p1-keys.csv         the key values in the messages of problem p1
//!     report.html …       whatever the caller renders
//! ```
//!
//! A case appears whole or not at all: it is written beside its place and renamed. The same diagnosis is the same case:
//! storing it again changes nothing but `last`.

pub mod csv;
mod database;
mod files;
mod names;

use std::io;
use std::path::{Path, PathBuf};
use waylaid_model::Diagnosis;

/// File that holds the whole answer.
pub const DIAGNOSIS: &str = "diagnosis.json";
/// File that holds it as tables.
pub const DATABASE: &str = "case.sqlite";
const LAST: &str = "last";

/// Makes further files of a case: name and content. Paths in the diagnosis are relative to the case's folder.
pub type Render<'a> = &'a dyn Fn(&Diagnosis) -> Vec<(String, Vec<u8>)>;

/// Why a case could not be stored or opened.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The disk is full.
    #[error("the disk is full: {path} could not be written")]
    Full {
        /// What was being written.
        path: PathBuf,
    },
    /// The folder may not be written to.
    #[error("{path} cannot be written: {source}")]
    Denied {
        /// What was being written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Anything else the system said.
    #[error("{path}: {source}")]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no such case.
    #[error("there is no case `{name}` in {root}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// Where.
        root: PathBuf,
        /// What there is, newest first.
        known: Vec<String>,
    },
    /// It is there and makes no sense.
    #[error("{path} is not a case: {reason}")]
    Corrupt {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl CaseError {
    fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::Denied { path, source }
            }
            _ => Self::Io { path, source },
        }
    }

    fn corrupt(path: &Path, reason: &dyn std::fmt::Display) -> Self {
        Self::Corrupt { path: path.to_path_buf(), reason: reason.to_string() }
    }
}

/// A stored case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its folder.
    pub folder: PathBuf,
    /// The answer as stored: CSV paths are relative to the folder.
    pub diagnosis: Diagnosis,
}

impl Case {
    /// The answer with the paths of its CSVs as seen from where `folder` is named.
    pub fn located(&self) -> Diagnosis {
        let mut diagnosis = self.diagnosis.clone();
        let locate = |csv: &mut String| {
            if !csv.is_empty() {
                *csv = self.folder.join(&*csv).display().to_string();
            }
        };
        for cause in &mut diagnosis.verdict.causes {
            locate(&mut cause.entities.csv);
            if let Some(keys) = &mut cause.keys {
                locate(&mut keys.csv);
            }
        }
        diagnosis
    }
}

/// A folder of cases.
#[derive(Clone, Debug)]
pub struct Cases {
    root: PathBuf,
}

impl Cases {
    /// The cases in this folder; it need not exist.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Stores a diagnosis under the next free id of its day, or under the one it already has.
    pub fn store(&self, mut diagnosis: Diagnosis, render: Render<'_>) -> Result<Case, CaseError> {
        files::private_folder(&self.root)?;
        names::fill(&mut diagnosis);
        for number in 1..=u32::MAX {
            diagnosis.case = names::id(&diagnosis, number);
            let folder = self.root.join(&diagnosis.case);
            let json = serde_json::to_vec_pretty(&diagnosis).map_err(|e| CaseError::corrupt(&folder, &e))?;
            match std::fs::read(folder.join(DIAGNOSIS)) {
                Ok(stored) if stored == json => {}
                Ok(_) => continue,
                Err(_) if folder.exists() => continue,
                Err(_) => {
                    if !self.write(&folder, &diagnosis, &json, render)? {
                        continue;
                    }
                }
            }
            files::replace(&self.root.join(LAST), format!("{}\n", diagnosis.case).as_bytes())?;
            return Ok(Case { folder, diagnosis });
        }
        Err(CaseError::corrupt(&self.root, &"every case number of this day is taken"))
    }

    /// Writes all files beside the folder and moves them into place; false when somebody else took the id meanwhile.
    fn write(
        &self,
        folder: &Path,
        diagnosis: &Diagnosis,
        json: &[u8],
        render: Render<'_>,
    ) -> Result<bool, CaseError> {
        let stage = files::Stage::new(&self.root)?;
        stage.write(DIAGNOSIS, json)?;
        for cause in &diagnosis.verdict.causes {
            let entity = diagnosis.question.entity.clone().unwrap_or_else(|| "entity".into());
            let rows = cause.entities.keys.iter().map(std::slice::from_ref);
            if !cause.entities.csv.is_empty() {
                stage.write(&cause.entities.csv, csv::table(&[entity], rows).as_bytes())?;
            }
            if let Some(keys) = cause.keys.as_ref().filter(|k| !k.csv.is_empty()) {
                let rows = keys.values.iter().map(Vec::as_slice);
                stage.write(&keys.csv, csv::table(&keys.columns, rows).as_bytes())?;
            }
        }
        database::write(&stage.path(DATABASE), diagnosis)?;
        for (name, content) in render(diagnosis) {
            stage.write(&name, &content)?;
        }
        stage.publish(folder)
    }

    /// Opens a case: its id, the path of its folder, or `last`.
    pub fn open(&self, name: &str) -> Result<Case, CaseError> {
        let folder = match name {
            LAST => self.last().map(|id| self.root.join(id)),
            name if names::is_id(name) => Some(self.root.join(name)),
            path => Some(PathBuf::from(path)),
        };
        let unknown =
            || CaseError::Unknown { name: name.into(), root: self.root.clone(), known: self.list() };
        let folder = folder.filter(|f| f.join(DIAGNOSIS).is_file()).ok_or_else(unknown)?;
        let path = folder.join(DIAGNOSIS);
        let bytes = std::fs::read(&path).map_err(|e| CaseError::io(&path, e))?;
        let diagnosis = serde_json::from_slice(&bytes).map_err(|e| CaseError::corrupt(&path, &e))?;
        Ok(Case { folder, diagnosis })
    }

    /// Ids of all cases, newest day and highest number first.
    pub fn list(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.root).into_iter().flatten().flatten();
        let mut ids: Vec<String> =
            entries.filter_map(|e| e.file_name().into_string().ok()).filter(|n| names::is_id(n)).collect();
        ids.sort_by_key(|id| std::cmp::Reverse(names::order(id)));
        ids
    }

    fn last(&self) -> Option<String> {
        let noted = std::fs::read_to_string(self.root.join(LAST)).ok().map(|t| t.trim().to_owned());
        let there = |id: &String| names::is_id(id) && self.root.join(id).join(DIAGNOSIS).is_file();
        noted.filter(there).or_else(|| self.list().into_iter().find(there))
    }
}

#[cfg(test)]
mod tests;
