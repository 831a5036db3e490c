//! Whether anything below a folder changed.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Every file and folder below `root` with size, time of its last change and a hash of its content.
pub fn fingerprint(root: &Path) -> BTreeMap<PathBuf, (u64, Option<SystemTime>, u64)> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(path) = open.pop() {
        let Ok(metadata) = std::fs::symlink_metadata(&path) else { continue };
        let mut hash = DefaultHasher::new();
        if metadata.is_dir() {
            let entries = std::fs::read_dir(&path).into_iter().flatten().flatten();
            open.extend(entries.map(|entry| entry.path()));
        } else if metadata.is_file() {
            std::fs::read(&path).unwrap_or_default().hash(&mut hash);
        }
        found.insert(path, (metadata.len(), metadata.modified().ok(), hash.finish()));
    }
    found
}
