//! The folder that a bundle is written into: empty, or one's own from an earlier run.

use crate::state::{Begun, State, write_whole};
use crate::{RecordError, readme};
use std::fs;
use std::path::{Path, PathBuf};

/// Where a recording keeps what it needs until the bundle is whole. A folder that holds it is no bundle.
const UNDER_WAY: &str = ".recording";

/// A folder that a bundle may be written into.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// A folder that is missing, empty, or holds the beginning of a recording.
    pub fn open(path: &Path) -> Result<Self, RecordError> {
        let folder = Self { path: path.to_owned() };
        if folder.under_way().is_dir() {
            return Ok(folder);
        }
        let mut entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(folder),
            Err(error) => return Err(RecordError::reading(path)(error)),
        };
        if entries.next().is_none() {
            return Ok(folder);
        }
        let path = path.to_owned();
        Err(if path.join(readme::FILE).is_file() && path.join("waylaid.toml").is_file() {
            RecordError::Finished { folder: path }
        } else {
            RecordError::NotEmpty { folder: path }
        })
    }

    /// Whether a folder holds the beginning of a recording.
    pub fn is_unfinished(path: &Path) -> bool {
        path.join(UNDER_WAY).is_dir()
    }

    /// What an earlier run left, if it was asked the same.
    pub fn begun(&self, question: &str) -> Result<Option<State>, RecordError> {
        match State::read(&self.under_way())? {
            Some(state) if state.begun.question != question => {
                Err(RecordError::Other { folder: self.path.clone(), begun: state.begun.question })
            }
            state => Ok(state),
        }
    }

    /// Begins a recording.
    pub fn begin(&self, begun: Begun) -> Result<State, RecordError> {
        State::begin(&self.under_way(), begun)
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn under_way(&self) -> PathBuf {
        self.path.join(UNDER_WAY)
    }

    /// Everything is there: says what is in it, makes it a system.
    pub(crate) fn finish(&self, readme: &str, config: &str) -> Result<(), RecordError> {
        write_whole(&self.path.join(readme::FILE), readme.as_bytes())?;
        write_whole(&self.path.join("waylaid.toml"), config.as_bytes())?;
        fs::remove_dir_all(self.under_way()).map_err(RecordError::writing(&self.under_way()))
    }

    /// Adds a line to what is said about the bundle.
    pub fn add(&self, line: &str) -> Result<(), RecordError> {
        let path = self.path.join(readme::FILE);
        let text = fs::read_to_string(&path).map_err(RecordError::reading(&path))?;
        write_whole(&path, format!("{text}{line}\n").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_empty_folder_or_ones_own_is_taken() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("bundle");
        let folder = Folder::open(&path).unwrap();
        assert!(folder.begun("q").unwrap().is_none() && !path.exists(), "looking writes nothing");
        folder.begin(Begun { question: "q".into(), ..Begun::default() }).unwrap();
        let folder = Folder::open(&path).unwrap();
        assert!(folder.begun("q").unwrap().is_some() && Folder::is_unfinished(&path));
        assert!(matches!(folder.begun("other"), Err(RecordError::Other { .. })));
        folder.finish("# Incident\n", "[system]\n").unwrap();
        assert!(matches!(Folder::open(&path), Err(RecordError::Finished { .. })));
        fs::remove_file(path.join(readme::FILE)).unwrap();
        assert!(matches!(Folder::open(&path), Err(RecordError::NotEmpty { .. })));
    }
}
