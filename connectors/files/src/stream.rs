//! The bytes of a file, decompressed when its first bytes say that it is compressed.

use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const BUFFER: usize = 256 << 10;
/// What stands for standard input.
pub(crate) const STDIN: &str = "-";

/// A file being read.
pub(crate) struct Stream {
    inner: Inner,
    position: Arc<AtomicU64>,
}

enum Inner {
    Plain(Counted),
    Gzip(Box<MultiGzDecoder<Counted>>),
    Zstd(Box<zstd::Decoder<'static, Counted>>),
}

/// A file that counts what was taken out of it, not what was read ahead.
struct Counted {
    file: BufReader<Box<dyn Read + Send>>,
    position: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.position.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl BufRead for Counted {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.file.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.position.fetch_add(amount as u64, Ordering::Relaxed);
        self.file.consume(amount);
    }
}

impl Stream {
    /// Opens a file, or standard input for `-`. Its content decides about compression, not its name.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut magic = [0; 4];
        if path == Path::new(STDIN) {
            let mut input = io::stdin();
            let known = read_full(&mut input, &mut magic)?;
            let start = Cursor::new(magic).take(known as u64);
            return Self::of(Box::new(start.chain(input)), &magic[..known]);
        }
        let mut file = File::open(path)?;
        let known = read_full(&mut file, &mut magic)?;
        file.rewind()?;
        Self::of(Box::new(file), &magic[..known])
    }

    fn of(bytes: Box<dyn Read + Send>, magic: &[u8]) -> io::Result<Self> {
        let position = Arc::new(AtomicU64::new(0));
        let counted =
            Counted { file: BufReader::with_capacity(BUFFER, bytes), position: Arc::clone(&position) };
        let inner = if magic.starts_with(&GZIP) {
            Inner::Gzip(Box::new(MultiGzDecoder::new(counted)))
        } else if magic.starts_with(&ZSTD) {
            Inner::Zstd(Box::new(zstd::Decoder::with_buffer(counted)?))
        } else {
            Inner::Plain(counted)
        };
        Ok(Self { inner, position })
    }

    /// Whether it is decompressed on the way.
    pub fn is_packed(&self) -> bool {
        !matches!(self.inner, Inner::Plain(_))
    }

    /// Bytes of the file itself that were read so far.
    pub fn position(&self) -> u64 {
        self.position.load(Ordering::Relaxed)
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.inner {
            Inner::Plain(reader) => reader.read(buffer),
            Inner::Gzip(reader) => reader.read(buffer),
            Inner::Zstd(reader) => reader.read(buffer),
        }
    }
}

fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let (count, error) = fill(reader, buffer);
    error.map_or(Ok(count), Err)
}

/// Reads until the buffer is full, the end, or an error; what came before the error counts.
pub(crate) fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut count = 0;
    while count < buffer.len() {
        match reader.read(&mut buffer[count..]) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (count, Some(error)),
        }
    }
    (count, None)
}

/// Opens a file to be read from its beginning to its end, decompressed when its first bytes say that it is compressed.
pub fn open(path: &Path) -> io::Result<impl Read + Send + use<>> {
    Stream::open(path)
}
