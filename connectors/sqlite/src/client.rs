//! Opening a database without leaving a trace beside it.

use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fmt::Write;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;
use waylaid_store::{Context, ErrorKind, StoreError};

const BUSY: Duration = Duration::from_secs(2);
const WATCH: Duration = Duration::from_millis(20);
/// Above this a database that needs recovery is not copied.
const COPY_LIMIT: u64 = 4 << 30;
const MAGIC: &[u8] = b"SQLite format 3\0";
/// Byte of the header that is 2 when the database writes ahead.
const READ_VERSION: usize = 19;

/// A database file.
#[derive(Debug)]
pub(crate) struct Database {
    path: PathBuf,
    /// Where its latest state had to be recovered first: a copy, in which that was done.
    copy: Option<TempDir>,
}

/// How it can be read without writing beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// With locks, as everybody does.
    Shared,
    /// Nobody has it open and it writes ahead: reading it with locks would create files.
    Immutable,
    /// Its latest state has to be recovered first, from the file with this ending beside it.
    Recovered(&'static str),
}

impl Database {
    /// Checks that the file is a database that can be read.
    pub fn open(path: PathBuf) -> Result<Self, StoreError> {
        let copy = match access(&path)? {
            Access::Recovered(beside) => Some(recoverable_copy(&path, beside)?),
            Access::Shared | Access::Immutable => None,
        };
        let mut database = Self { path, copy };
        match database.connect() {
            // A transaction that was neither finished nor undone lies in the journal beside it.
            Err(error) if is_read_only(&error) => {
                database.copy = Some(recoverable_copy(&database.path, "-journal")?);
                database.connect()?;
            }
            connected => drop(connected?),
        }
        Ok(database)
    }

    /// Runs some work on a connection of its own; the work is interrupted when the question is cancelled.
    pub fn with<T>(
        &self,
        context: &Context,
        doing: &str,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        context.check(doing)?;
        let connection = self.connect()?;
        let interrupt = connection.get_interrupt_handle();
        let is_done = AtomicBool::new(false);
        let result = thread::scope(|scope| {
            let watch = scope.spawn(|| {
                while !is_done.load(Ordering::Acquire) {
                    if context.check(doing).is_err() {
                        interrupt.interrupt();
                    }
                    thread::park_timeout(WATCH);
                }
            });
            let result = work(&connection);
            is_done.store(true, Ordering::Release);
            watch.thread().unpark();
            result
        });
        match result {
            Err(error) if error.kind != ErrorKind::Invalid => context.check(doing).and(Err(error)),
            result => result,
        }
    }

    /// Wraps an error of the driver.
    pub fn error(&self, error: rusqlite::Error, doing: &str) -> StoreError {
        let kind = match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => ErrorKind::Corrupt,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => ErrorKind::Locked,
            Some(ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => ErrorKind::Denied,
            Some(ErrorCode::OperationInterrupted) => ErrorKind::Cancelled,
            _ => ErrorKind::Io,
        };
        StoreError::new(kind, format!("{doing} in {}", self.path.display())).with_source(error)
    }

    fn connect(&self) -> Result<Connection, StoreError> {
        let doing = "opening the database";
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = if let Some(folder) = &self.copy {
            // The copy is ours: only there may recovery write.
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            Connection::open_with_flags(folder.path().join(COPY), flags)
        } else {
            match access(&self.path)? {
                Access::Shared => Connection::open_with_flags(&self.path, flags),
                Access::Immutable => {
                    Connection::open_with_flags(immutable(&self.path), flags | OpenFlags::SQLITE_OPEN_URI)
                }
                Access::Recovered(_) => {
                    return Err(StoreError::new(
                        ErrorKind::Locked,
                        format!("{doing} {}", self.path.display()),
                    )
                    .with_source("its writer stopped in the middle of a transaction"));
                }
            }
        };
        let connection = connection.map_err(|e| self.error(e, doing))?;
        let prepare = || {
            connection.busy_timeout(BUSY)?;
            connection.pragma_update(None, "query_only", true)?;
            connection.pragma_update(None, "trusted_schema", false)?;
            connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))
        };
        prepare().map_err(|e| self.error(e, doing))?;
        Ok(connection)
    }
}

/// Whether the driver had to write and could not.
fn is_read_only(error: &StoreError) -> bool {
    let below = error.source.as_ref().and_then(|source| source.downcast_ref::<rusqlite::Error>());
    below.and_then(rusqlite::Error::sqlite_error_code) == Some(ErrorCode::ReadOnly)
}

const COPY: &str = "copy.sqlite";

fn access(path: &Path) -> Result<Access, StoreError> {
    let doing = || format!("opening {}", path.display());
    let failed = |e: std::io::Error| StoreError::from_io(e, doing());
    let metadata = fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(StoreError::new(ErrorKind::Corrupt, doing()).with_source("no regular file"));
    }
    let mut header = Vec::new();
    File::open(path).and_then(|file| file.take(100).read_to_end(&mut header)).map_err(failed)?;
    if !header.starts_with(MAGIC) {
        let why = if header.is_empty() { "the file is empty" } else { "no SQLite database" };
        return Err(StoreError::new(ErrorKind::Corrupt, doing()).with_source(why));
    }
    let beside = |ending| beside(path, ending);
    let length = |path: &Path| fs::metadata(path).map_or(0, |m| m.len());
    if header.get(READ_VERSION) != Some(&2) {
        return Ok(Access::Shared);
    }
    let (log, index) = (beside("-wal"), beside("-shm"));
    Ok(match length(&log) {
        0 => Access::Immutable,
        _ if index.exists() && is_writable(&index) => Access::Shared,
        _ => Access::Recovered("-wal"),
    })
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn is_writable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|m| !m.permissions().readonly())
}

fn recoverable_copy(path: &Path, ending: &str) -> Result<TempDir, StoreError> {
    let doing = format!("copying {} for recovery", path.display());
    let failed = |e: std::io::Error| StoreError::from_io(e, doing.clone());
    if fs::metadata(path).map_err(failed)?.len() > COPY_LIMIT {
        return Err(StoreError::new(ErrorKind::Budget, doing).with_source("it is over 4 GiB"));
    }
    let folder = tempfile::Builder::new().prefix("waylaid-").tempdir().map_err(failed)?;
    let target = folder.path().join(COPY);
    fs::copy(path, &target).map_err(failed)?;
    fs::copy(beside(path, ending), beside(&target, ending)).map_err(failed)?;
    for file in [target.clone(), beside(&target, ending)] {
        let mut permissions = fs::metadata(&file).map_err(failed)?.permissions();
        #[allow(clippy::permissions_set_readonly_false)]
        permissions.set_readonly(false);
        fs::set_permissions(&file, permissions).map_err(failed)?;
    }
    Ok(folder)
}

/// The path as a URI that promises that nobody changes the file.
fn immutable(path: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/.-_~".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri + "?immutable=1"
}
