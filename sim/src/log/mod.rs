//! Services and their log files: instances, clocks, zones, rotation, compression.

mod format;
mod trace;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use flate2::GzBuilder;
use flate2::write::GzEncoder;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::world::World;

pub use format::Fmt;
pub use trace::{Exc, dotnet_exc, go_exc, java_exc, js_exc, python_exc};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

/// One log event before any format.
#[derive(Debug, Clone)]
pub struct Line {
    pub level: Level,
    pub logger: String,
    pub message: String,
    pub fields: Vec<(&'static str, Value)>,
    pub exc: Option<Exc>,
    /// Written as it is, past the service's own format (another library's lines in the same file).
    pub raw: Option<String>,
}

fn line(level: Level, logger: &str, message: impl Into<String>) -> Line {
    Line {
        level,
        logger: logger.to_owned(),
        message: message.into(),
        fields: Vec::new(),
        exc: None,
        raw: None,
    }
}

pub fn debug(logger: &str, message: impl Into<String>) -> Line {
    line(Level::Debug, logger, message)
}

pub fn info(logger: &str, message: impl Into<String>) -> Line {
    line(Level::Info, logger, message)
}

pub fn warn(logger: &str, message: impl Into<String>) -> Line {
    line(Level::Warn, logger, message)
}

pub fn error(logger: &str, message: impl Into<String>) -> Line {
    line(Level::Error, logger, message)
}

impl Line {
    /// A structured field; text formats drop it unless their pattern has it.
    pub fn kv(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    pub fn exc(mut self, exc: Exc) -> Self {
        self.exc = Some(exc);
        self
    }
}

/// Who logs: a service, one of its instances, a thread, and what the thread carries (MDC).
#[derive(Debug, Clone)]
pub struct Who {
    pub service: &'static str,
    pub pod: usize,
    pub thread: String,
    pub mdc: Vec<(&'static str, Value)>,
}

impl Who {
    pub fn mdc(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.mdc.push((name, value.into()));
        self
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zip {
    No,
    Gz,
    Zst,
}

pub struct Service {
    pub name: &'static str,
    pub fmt: Fmt,
    pub pods: Vec<String>,
    zone: TimeZone,
    skew: i64,
    rotate: Vec<i64>,
    zip: Zip,
    live_zip: Zip,
    retain_from: i64,
    silent: bool,
    folder: PathBuf,
    pending: BTreeMap<(i64, u64), (usize, Vec<u8>)>,
    seq: u64,
    open: BTreeMap<usize, (usize, ZipWriter)>,
    turn: usize,
}

impl World {
    /// Adds a service with so many instances; its tables are listed for `waylaid.toml`.
    pub fn service(
        &mut self,
        name: &'static str,
        fmt: Fmt,
        pods: usize,
        tables: &'static [&'static str],
    ) -> &mut Service {
        let replica = self.hex(9);
        let pods: Vec<String> =
            (0..pods).map(|_| format!("{name}-{replica}-{}", self.alnum(5).to_lowercase())).collect();
        self.truth.service_tables.insert(name, tables);
        let folder = self.incident().join("logs").join(name);
        self.services.entry(name).or_insert(Service {
            name,
            fmt,
            pods,
            zone: TimeZone::UTC,
            skew: 0,
            rotate: Vec::new(),
            zip: Zip::Gz,
            live_zip: Zip::No,
            retain_from: 0,
            silent: false,
            folder,
            pending: BTreeMap::new(),
            seq: 0,
            open: BTreeMap::new(),
            turn: 0,
        })
    }

    /// A request thread on the next instance in turn.
    pub fn web(&mut self, service: &'static str) -> Who {
        let number = self.between(1, 12);
        let Some(found) = self.services.get_mut(service) else {
            self.bug(format!("no service {service}"));
            return Who { service, pod: 0, thread: String::new(), mdc: Vec::new() };
        };
        found.turn += 1;
        let pod = found.turn % found.pods.len();
        Who { service, pod, thread: found.fmt.web_thread(number), mdc: Vec::new() }
    }

    /// A named thread (a scheduler, a worker) on one instance.
    #[expect(clippy::unused_self, reason = "reads like the other threads of the world")]
    pub fn worker(&self, service: &'static str, pod: usize, thread: &str) -> Who {
        Who { service, pod, thread: thread.to_owned(), mdc: Vec::new() }
    }

    /// The thread that polls a partition.
    pub fn listener(&mut self, service: &'static str, partition: usize) -> Who {
        let Some(found) = self.services.get(service) else {
            self.bug(format!("no service {service}"));
            return Who { service, pod: 0, thread: String::new(), mdc: Vec::new() };
        };
        let pod = partition % found.pods.len();
        Who { service, pod, thread: found.fmt.listener_thread(partition / found.pods.len()), mdc: Vec::new() }
    }
}

impl Service {
    /// The zone its clock shows.
    pub fn zone(&mut self, name: &str) -> &mut Self {
        self.zone = crate::time::zone(name);
        self
    }

    /// Its clock is ahead by so many milliseconds (behind, where negative).
    pub fn skew(&mut self, ms: i64) -> &mut Self {
        self.skew = ms;
        self
    }

    /// Starts a new file at these moments and compresses the one before.
    pub fn rotate(&mut self, at: &[&str], zip: Zip) -> &mut Self {
        self.rotate = at.iter().map(|at| crate::time::at(at)).collect();
        self.zip = zip;
        self
    }

    /// Compresses the newest file too.
    pub fn zip(&mut self, zip: Zip) -> &mut Self {
        self.live_zip = zip;
        self.zip = zip;
        self
    }

    /// Lines from before this moment are gone.
    pub fn retain(&mut self, from: &str) -> &mut Self {
        self.retain_from = crate::time::at(from);
        self
    }

    /// Writes no log that anybody keeps.
    pub fn silent(&mut self) -> &mut Self {
        self.silent = true;
        self
    }

    /// Compresses nothing.
    pub fn plain(&mut self) {
        self.zip = Zip::No;
        self.live_zip = Zip::No;
    }

    /// Takes a line; it is written once nothing older can come any more. Answers how many lines that makes.
    pub fn take(&mut self, now: i64, who: &Who, line: &Line) -> Result<u64> {
        let hidden = line.level == Level::Debug;
        if self.silent || hidden || now < self.retain_from {
            return Ok(0);
        }
        let mut bytes = Vec::with_capacity(256);
        self.fmt.render(
            &mut bytes,
            now + self.skew,
            &self.zone,
            self.name,
            who,
            &self.pods[who.pod],
            line,
        )?;
        self.seq += 1;
        let lines = bytes.split(|byte| *byte == b'\n').count() as u64 - 1;
        self.pending.insert((now, self.seq), (who.pod, bytes));
        Ok(lines)
    }

    /// Writes what is older than a moment.
    pub fn flush(&mut self, before: i64) -> Result<()> {
        while let Some(entry) = self.pending.first_entry() {
            if entry.key().0 >= before {
                break;
            }
            let ((at, _), (pod, bytes)) = entry.remove_entry();
            let part = self.rotate.iter().filter(|moment| **moment <= at).count();
            if self.open.get(&pod).is_none_or(|(open, _)| *open != part) {
                if let Some((_, old)) = self.open.remove(&pod) {
                    old.finish()?;
                }
                let writer = self.file(pod, part)?;
                self.open.insert(pod, (part, writer));
            }
            if let Some((_, writer)) = self.open.get_mut(&pod) {
                writer.write_all(&bytes)?;
            }
        }
        Ok(())
    }

    fn file(&self, pod: usize, part: usize) -> Result<ZipWriter> {
        std::fs::create_dir_all(&self.folder)?;
        let extension = self.fmt.extension();
        let name = &self.pods[pod];
        match self.rotate.get(part) {
            None => ZipWriter::create(&self.folder.join(format!("{name}.{extension}")), self.live_zip),
            Some(end) => {
                let day = crate::time::print(end - 1, &self.zone, "%Y-%m-%d");
                ZipWriter::create(&self.folder.join(format!("{name}.{day}.{part}.{extension}")), self.zip)
            }
        }
    }

    pub fn close(&mut self) -> Result<()> {
        while let Some((_, (_, writer))) = self.open.pop_first() {
            writer.finish()?;
        }
        Ok(())
    }
}

/// A file that may be compressed; the same bytes in give the same bytes out.
pub enum ZipWriter {
    Plain(BufWriter<File>),
    Gz(GzEncoder<BufWriter<File>>),
    Zst(zstd::Encoder<'static, BufWriter<File>>),
}

impl ZipWriter {
    /// Creates `path`, with `.gz` or `.zst` added.
    pub fn create(path: &Path, zip: Zip) -> Result<Self> {
        let with = |suffix: &str| -> Result<BufWriter<File>> {
            Ok(BufWriter::new(File::create(format!("{}{suffix}", path.display()))?))
        };
        Ok(match zip {
            Zip::No => Self::Plain(with("")?),
            Zip::Gz => Self::Gz(GzBuilder::new().mtime(0).write(with(".gz")?, flate2::Compression::best())),
            Zip::Zst => Self::Zst(zstd::Encoder::new(with(".zst")?, 12)?),
        })
    }

    pub fn finish(self) -> Result<()> {
        match self {
            Self::Plain(mut file) => file.flush()?,
            Self::Gz(file) => file.finish()?.flush()?,
            Self::Zst(file) => file.finish()?.flush()?,
        }
        Ok(())
    }
}

impl Write for ZipWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            Self::Gz(file) => file.write(bytes),
            Self::Zst(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Plain(file) => file.flush(),
            Self::Gz(file) => file.flush(),
            Self::Zst(file) => file.flush(),
        }
    }
}
