//! What a recording was begun with and how far it got: kept beside the parts until the bundle is whole.

use crate::RecordError;
use serde::{Deserialize, Serialize};
use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use waylaid_model::{Timestamp, Window};

const BEGUN: &str = "begun.json";
const PARTS: &str = "parts.ndjson";

/// What stays the same from the first to the last part, also over interruptions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Begun {
    /// What was asked for, in words: another question does not go on with it.
    pub question: String,
    /// Of which stretch of time.
    pub window: Window,
    /// What "now" meant when it was begun.
    pub now: Option<Timestamp>,
    /// What pseudonyms are made with.
    pub salt: String,
    /// Entities' own keys that look like something else.
    pub own: Vec<String>,
    /// All keys that the verdict went by: those of the stuck, of the completed, and what their trails go on under.
    pub keys: Vec<String>,
    /// Whose code is copied.
    pub code: Vec<String>,
    /// What the live stores said, a line each.
    pub verdict: Vec<String>,
    /// Targets of at most so many items are taken whole.
    pub whole: u64,
}

/// A part of a bundle that is there, or is known to be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Store, by its configured name.
    pub store: String,
    /// Service, topic or table; a service whose code it is.
    pub target: String,
    /// Events, records, rows or files that were written.
    pub items: u64,
    /// How many the store looked at for it.
    pub looked_at: u64,
    /// What was taken, in words.
    pub taken: String,
    /// What a reader must know; why it is not there.
    pub note: String,
    /// Whether all that was asked for could be read.
    pub is_whole: bool,
}

/// A recording under way.
#[derive(Clone, Debug)]
pub struct State {
    /// What it was begun with.
    pub begun: Begun,
    /// What is done.
    pub parts: Vec<Part>,
    folder: PathBuf,
}

impl State {
    /// Writes down what is begun.
    pub(crate) fn begin(folder: &Path, begun: Begun) -> Result<Self, RecordError> {
        let path = folder.join(BEGUN);
        fs::create_dir_all(folder).map_err(RecordError::writing(folder))?;
        write_whole(&path, &serde_json::to_vec(&begun).unwrap_or_default())?;
        Ok(Self { begun, parts: Vec::new(), folder: folder.to_owned() })
    }

    /// What an earlier run left, if one did.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, RecordError> {
        let path = folder.join(BEGUN);
        let begun = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(RecordError::reading(&path)(error)),
        };
        let broken = |e| RecordError::reading(&path)(std::io::Error::new(std::io::ErrorKind::InvalidData, e));
        let begun: Begun = serde_json::from_slice(&begun).map_err(broken)?;
        let text = fs::read_to_string(folder.join(PARTS)).unwrap_or_default();
        // A line that was cut off in the middle is a part that is not there.
        let parts = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Ok(Some(Self { begun, parts, folder: folder.to_owned() }))
    }

    /// Whether a part is done.
    pub(crate) fn has(&self, store: &str, target: &str) -> bool {
        self.parts.iter().any(|p| p.store == store && p.target == target)
    }

    /// Writes down that a part is done.
    pub(crate) fn done(&mut self, part: Part) -> Result<(), RecordError> {
        let path = self.folder.join(PARTS);
        let line = serde_json::to_string(&part).unwrap_or_default();
        let append = || -> std::io::Result<()> {
            let mut file = fs::OpenOptions::new().create(true).append(true).open(&path)?;
            // A line that an earlier run did not end is ended here.
            file.write_all(format!("\n{line}\n").as_bytes())?;
            file.sync_data()
        };
        append().map_err(RecordError::writing(&path))?;
        self.parts.push(part);
        Ok(())
    }

    /// A folder for what is on its way.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Writes a file so that it is there whole or not at all.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), RecordError> {
    let partial = path.with_extension("partial");
    let write = || -> std::io::Result<()> {
        let mut file = fs::File::create(&partial)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&partial, path)
    };
    write().map_err(RecordError::writing(path))
}

/// A salt that nobody can guess, from what the standard library seeds its hash tables with: without one, whoever knows an
/// address could look for its pseudonym.
pub fn salt() -> String {
    let numbers = (0..4_u8).map(|n| RandomState::new().hash_one(n));
    numbers.fold(String::new(), |salt, number| salt + &format!("{number:016x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_is_known_after_an_interruption() {
        let folder = tempfile::tempdir().unwrap();
        let begun = Begun { question: "q".into(), salt: salt(), ..Begun::default() };
        let mut state = State::begin(folder.path(), begun.clone()).unwrap();
        let part = Part { store: "logs.main".into(), target: "shop".into(), items: 7, ..Part::default() };
        state.done(part.clone()).unwrap();
        let path = folder.path().join(PARTS);
        let mut torn = fs::read(&path).unwrap();
        torn.extend_from_slice(b"{\"store\":\"topics.ma");
        fs::write(&path, torn).unwrap();
        let mut again = State::read(folder.path()).unwrap().unwrap();
        assert_eq!((&again.begun, &again.parts), (&begun, &vec![part]));
        assert!(again.has("logs.main", "shop") && !again.has("topics.main", "orders"));
        again.done(Part { store: "topics.main".into(), ..Part::default() }).unwrap();
        assert_eq!(State::read(folder.path()).unwrap().unwrap().parts.len(), 2);
        assert_ne!(salt(), salt());
    }
}
