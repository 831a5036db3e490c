//! Files that appear whole or not at all.

use crate::CaseError;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

static STAGES: AtomicU32 = AtomicU32::new(0);

/// Creates a folder that only its owner may read, as cases hold what the stores hold.
pub fn private_folder(path: &Path) -> Result<(), CaseError> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|e| CaseError::io(path, e))
}

/// Replaces a file in one step.
pub fn replace(path: &Path, content: &[u8]) -> Result<(), CaseError> {
    let beside = path.with_file_name(format!(".tmp-{}", stage_name()));
    let result = write(&beside, content).and_then(|()| fs::rename(&beside, path));
    result.map_err(|e| {
        let _ = fs::remove_file(&beside);
        CaseError::io(path, e)
    })
}

fn stage_name() -> String {
    format!("{}-{}", std::process::id(), STAGES.fetch_add(1, Ordering::Relaxed))
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// A folder in the making; gone when dropped unpublished.
pub struct Stage {
    folder: PathBuf,
}

impl Stage {
    /// Starts one inside `root`.
    pub fn new(root: &Path) -> Result<Self, CaseError> {
        let folder = root.join(format!(".tmp-{}", stage_name()));
        fs::create_dir(&folder).map_err(|e| CaseError::io(&folder, e))?;
        Ok(Self { folder })
    }

    /// Where a file of it lies for now.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes a file of it.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<(), CaseError> {
        let path = self.path(name);
        write(&path, content).map_err(|e| CaseError::io(&path, e))
    }

    /// Moves it to its place; false when something lies there already.
    pub fn publish(self, place: &Path) -> Result<bool, CaseError> {
        match fs::rename(&self.folder, place) {
            Ok(()) => Ok(true),
            Err(_) if place.exists() => Ok(false),
            Err(error) => Err(CaseError::io(place, error)),
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
