//! Lines that come in any order, handed back in that of their places: sorted in memory as far as that goes, beyond it
//! in runs on disk that are merged.

use crate::RecordError;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// Bytes of lines that are held before they go to disk.
const HELD: usize = 64 << 20;

/// A line's place: what it is sorted by.
pub(crate) type Place = (u64, u64, u32);

/// A line at its place.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Placed {
    pub(crate) place: Place,
    pub(crate) line: String,
}

/// Lines on their way.
pub(crate) struct Spool {
    folder: PathBuf,
    held: Vec<Placed>,
    bytes: usize,
    limit: usize,
    runs: Vec<PathBuf>,
}

impl Spool {
    /// Runs go into `folder`, which is there for nothing else.
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), held: Vec::new(), bytes: 0, limit: HELD, runs: Vec::new() }
    }

    /// Takes a line.
    pub(crate) fn put(&mut self, place: Place, line: String) -> Result<(), RecordError> {
        self.bytes += line.len() + size_of::<Placed>();
        self.held.push(Placed { place, line });
        if self.bytes >= self.limit { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> Result<(), RecordError> {
        let path = self.folder.join(format!("run-{}", self.runs.len()));
        let mut write = || -> std::io::Result<()> {
            std::fs::create_dir_all(&self.folder)?;
            self.held.sort_unstable();
            let mut out = BufWriter::new(File::create(&path)?);
            for Placed { place, line } in self.held.drain(..) {
                out.write_all(&place.0.to_le_bytes())?;
                out.write_all(&place.1.to_le_bytes())?;
                out.write_all(&place.2.to_le_bytes())?;
                out.write_all(&(line.len() as u64).to_le_bytes())?;
                out.write_all(line.as_bytes())?;
            }
            out.flush()
        };
        let written = write();
        written.map_err(RecordError::writing(&path))?;
        self.bytes = 0;
        self.runs.push(path);
        Ok(())
    }

    /// Hands all lines over in order; the same place twice is one line.
    pub(crate) fn drain(
        mut self,
        mut each: impl FnMut(Placed) -> Result<(), RecordError>,
    ) -> Result<(), RecordError> {
        self.held.sort_unstable();
        let mut runs: Vec<Run> = self.runs.iter().map(|path| Run::open(path)).collect::<Result<_, _>>()?;
        runs.push(Run::Held(std::mem::take(&mut self.held).into_iter()));
        let mut next = BinaryHeap::new();
        for (number, run) in runs.iter_mut().enumerate() {
            next.extend(run.next()?.map(|placed| Reverse((placed, number))));
        }
        let mut last = None;
        while let Some(Reverse((placed, number))) = next.pop() {
            next.extend(runs[number].next()?.map(|placed| Reverse((placed, number))));
            if last.replace(placed.place) != Some(placed.place) {
                each(placed)?;
            }
        }
        Ok(())
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        for run in &self.runs {
            let _ = std::fs::remove_file(run);
        }
    }
}

enum Run {
    Held(std::vec::IntoIter<Placed>),
    Stored(PathBuf, BufReader<File>),
}

impl Run {
    fn open(path: &Path) -> Result<Self, RecordError> {
        let file = File::open(path).map_err(RecordError::reading(path))?;
        Ok(Self::Stored(path.to_owned(), BufReader::new(file)))
    }

    fn next(&mut self) -> Result<Option<Placed>, RecordError> {
        match self {
            Self::Held(lines) => Ok(lines.next()),
            Self::Stored(path, input) => read(input).map_err(RecordError::reading(path)),
        }
    }
}

fn read(input: &mut impl Read) -> std::io::Result<Option<Placed>> {
    let mut head = [0; 28];
    match input.read_exact(&mut head) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let number = |at: usize| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&head[at..at + 8]);
        u64::from_le_bytes(bytes)
    };
    let mut rank = [0; 4];
    rank.copy_from_slice(&head[16..20]);
    let place = (number(0), number(8), u32::from_le_bytes(rank));
    let mut line = Vec::new();
    input.take(number(20)).read_to_end(&mut line)?;
    let line = String::from_utf8(line).map_err(|e| std::io::Error::new(ErrorKind::InvalidData, e))?;
    Ok(Some(Placed { place, line }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_in_order_however_many_runs_they_took() {
        let folder = tempfile::tempdir().unwrap();
        for limit in [1, 1000, usize::MAX] {
            let mut spool = Spool::new(folder.path());
            spool.limit = limit;
            for n in 0..200u64 {
                let place = (n % 3, (n * 7919) % 200, 0);
                spool.put(place, format!("{place:?}\n")).unwrap();
                spool.put(place, format!("{place:?}\n")).unwrap();
            }
            let mut seen = Vec::new();
            spool
                .drain(|placed| {
                    assert_eq!(placed.line, format!("{:?}\n", placed.place));
                    seen.push(placed.place);
                    Ok(())
                })
                .unwrap();
            assert!(seen.len() == 200 && seen.is_sorted(), "{limit}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing stays behind");
    }
}
