//! The incident inside this binary.

use flate2::read::ZlibDecoder;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/demo.bin"));

/// File that marks a folder as unpacked by the demo.
pub const MARK: &str = ".waylaid-demo";

/// The files of the incident, in order: path and content.
pub fn files() -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut bytes = Vec::new();
    ZlibDecoder::new(PACKED).read_to_end(&mut bytes)?;
    let mut rest = bytes.as_slice();
    let mut files = Vec::new();
    while !rest.is_empty() {
        let length = u32::from_le_bytes(take(&mut rest, 4)?.try_into().unwrap_or_default());
        let name = PathBuf::from(String::from_utf8_lossy(take(&mut rest, length as usize)?).into_owned());
        let size = u64::from_le_bytes(take(&mut rest, 8)?.try_into().unwrap_or_default());
        files.push((name, take(&mut rest, size as usize)?.to_vec()));
    }
    Ok(files)
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> io::Result<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count).ok_or(io::ErrorKind::UnexpectedEof)?;
    *rest = left;
    Ok(taken)
}

/// Whether the demo may write here: the folder is missing, empty, or its own.
pub fn may_unpack(folder: &Path) -> bool {
    let empty = || fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    !folder.exists() || folder.join(MARK).is_file() || empty()
}

/// Writes all files; those of an earlier run are replaced.
pub fn unpack(folder: &Path, files: &[(PathBuf, Vec<u8>)]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(MARK), "unpacked by `waylaid demo`, which may replace what is in here\n")?;
    for (name, content) in files {
        if !name.components().all(|c| matches!(c, Component::Normal(_))) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a path in the bundle leads out of it"));
        }
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, content)?;
    }
    Ok(())
}
