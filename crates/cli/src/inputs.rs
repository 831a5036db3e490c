//! Files, folders and standard input that were typed, as blocks of whole lines.

use crate::diagnostics::{Failure, note};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The size of a block.
const BLOCK: usize = 1 << 20;
/// A line longer than this is handed on in pieces.
const LONGEST: usize = 4 << 20;
/// Folders are walked so deep.
const DEPTH: usize = 32;

/// The files that arguments name: folders stand for all the files below them, `-` for standard input. Nothing that is a
/// link is followed.
pub fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path == Path::new("-") || !path.is_dir() {
            files.push(path.clone());
        } else {
            let before = files.len();
            walk(path, DEPTH, &mut files);
            if files.len() == before {
                return Err(Failure::usage(format!("there is no file in {}", path.display())));
            }
        }
    }
    Ok(files)
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return note(&format!("{} cannot be read: {error}", folder.display())),
    };
    let mut found: Vec<_> = entries.flatten().collect();
    found.sort_by_key(std::fs::DirEntry::file_name);
    for entry in found {
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_file() {
            files.push(entry.path());
        } else if kind.is_dir() && depth > 0 {
            walk(&entry.path(), depth - 1, files);
        }
    }
}

/// Opens a file, or standard input for `-`.
pub fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    Ok(Box::new(waylaid_files::open(path)?))
}

/// Some whole lines of a file.
#[derive(Debug, Default)]
pub struct Block {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// So many of them belong to a line that began in a block before.
    pub head: usize,
    /// The last line goes on in the next block.
    pub is_open: bool,
}

impl Block {
    /// The lines that begin here.
    pub fn lines(&self) -> &[u8] {
        &self.bytes[self.head..]
    }
}

/// Reads blocks of whole lines.
pub struct Blocks<R> {
    reader: R,
    carry: Vec<u8>,
    at_end: bool,
    is_open: bool,
}

impl<R: Read> Blocks<R> {
    /// Starts reading.
    pub fn new(reader: R) -> Self {
        Self { reader, carry: Vec::new(), at_end: false, is_open: false }
    }

    /// The next block; `None` at the end.
    pub fn next(&mut self) -> io::Result<Option<Block>> {
        let mut bytes = std::mem::take(&mut self.carry);
        let mut cut = None;
        while !self.at_end && cut.is_none() {
            let from = bytes.len();
            self.at_end = self.fill(&mut bytes)?;
            cut = memchr::memrchr(b'\n', &bytes[from..]).map(|at| from + at + 1);
            if cut.is_none() && bytes.len() >= LONGEST {
                break;
            }
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        if self.at_end {
            cut = None;
        }
        if let Some(cut) = cut {
            self.carry.extend_from_slice(&bytes[cut..]);
            bytes.truncate(cut);
        }
        let head =
            if self.is_open { memchr::memchr(b'\n', &bytes).map_or(bytes.len(), |at| at + 1) } else { 0 };
        self.is_open = !self.at_end && !bytes.ends_with(b"\n");
        Ok(Some(Block { bytes, head, is_open: self.is_open }))
    }

    /// Reads up to a block more; whether that was the end.
    fn fill(&mut self, bytes: &mut Vec<u8>) -> io::Result<bool> {
        let from = bytes.len();
        bytes.resize(from + BLOCK, 0);
        let mut len = from;
        while len < bytes.len() {
            match self.reader.read(&mut bytes[len..]) {
                Ok(0) => {
                    bytes.truncate(len);
                    return Ok(true);
                }
                Ok(n) => len += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    bytes.truncate(from);
                    return Err(error);
                }
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &[u8]) -> Vec<Block> {
        let mut blocks = Blocks::new(text);
        std::iter::from_fn(|| blocks.next().unwrap()).collect()
    }

    #[test]
    fn blocks_add_up_and_end_where_lines_end() {
        let text: Vec<u8> = (0..300_000).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
        let found = blocks(&text);
        assert!(found.len() > 2);
        assert!(found.iter().all(|b| b.bytes.ends_with(b"\n") && b.head == 0 && !b.is_open));
        assert_eq!(found.iter().flat_map(|b| b.bytes.clone()).collect::<Vec<u8>>(), text);
        assert!(blocks(b"").is_empty());
        assert_eq!(blocks(b"a")[0].lines(), b"a");
    }

    #[test]
    fn a_line_without_end_is_handed_on_in_pieces() {
        let mut text = vec![b'x'; LONGEST * 2 + 7];
        text.extend_from_slice(b"\nlast\n");
        let found = blocks(&text);
        assert!(found[0].is_open && found.iter().all(|b| b.bytes.len() <= LONGEST + BLOCK));
        assert_eq!(found.iter().map(|b| b.bytes.len()).sum::<usize>(), text.len());
        let lines: usize = found.iter().map(|b| memchr::memchr_iter(b'\n', b.lines()).count()).sum();
        assert_eq!(lines, 1);
        assert_eq!(found.last().unwrap().lines(), b"last\n");
    }
}
