//! The folder of one running server: given, or temporary and gone in the end.

use crate::error::{Doing as _, Error};
use crate::guard;
use crate::user::{self, User};
use crate::{Kind, Options};
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder, and as whom the server works in it.
#[derive(Debug)]
pub struct Place {
    kind: Kind,
    folder: PathBuf,
    user: Option<User>,
    // Only kept so that it is removed.
    _temporary: Option<Temporary>,
}

impl Place {
    /// The folder `<folder>/<name of the server>`, or a temporary one. With `user`, root hands it to that user.
    pub fn new(kind: Kind, options: &Options, user: Option<&str>) -> Result<Self, Error> {
        let temporary = if options.folder.is_none() { Some(Temporary::new()?) } else { None };
        let parent = options.folder.as_deref().or(temporary.as_ref().map(|t| t.folder.path()));
        let parent = parent.map_or_else(std::env::temp_dir, Path::to_owned);
        let folder = parent.join(kind.name());
        fs::create_dir_all(&folder).doing(format!("making {}", folder.display()))?;
        let folder = folder.canonicalize().doing(format!("finding {}", folder.display()))?;
        let user = user.and_then(user::instead_of_root);
        if user.is_some() && !user::others_can_reach(&parent) {
            let why = format!("{} is closed to the user that it has to run as", parent.display());
            return Err(Error::start(kind, why, Path::new("")));
        }
        Ok(Self { kind, folder, user, _temporary: temporary })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The file that what the server prints goes to.
    pub fn log(&self) -> PathBuf {
        self.path("server.log")
    }

    /// Opens the log to append to.
    pub fn open_log(&self) -> Result<File, Error> {
        let log = self.log();
        File::options().create(true).append(true).open(&log).doing(format!("opening {}", log.display()))
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf, Error> {
        let path = self.path(name);
        fs::write(&path, text).doing(format!("writing {}", path.display()))?;
        Ok(path)
    }

    /// Writes a file that nobody else may read.
    pub fn write_secret(&self, name: &str, text: &str) -> Result<PathBuf, Error> {
        let path = self.write(name, "")?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))
            .and_then(|()| fs::write(&path, text))
            .doing(format!("writing {}", path.display()))?;
        Ok(path)
    }

    /// Hands everything written so far to the server's user.
    pub fn hand_over(&self) -> Result<(), Error> {
        self.user.map_or(Ok(()), |user| user.own(&self.folder))
    }

    /// A command that works here, as the server's user, and sees little of our environment.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).env_clear().env("HOME", &self.folder).env("LC_ALL", "C.UTF-8");
        for name in ["PATH", "TMPDIR", "TZ"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        if let Some(user) = self.user {
            user.run(&mut command);
        }
        command
    }

    /// The same, below a guard that asks it to stop with this signal.
    pub fn guarded(&self, signal: &str, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.command(guard::SHELL);
        guard::shell(&mut command, signal);
        command.arg(program);
        command
    }

    /// Runs a command to its end; what it prints goes to the log.
    pub fn run(&self, mut command: Command, what: &str) -> Result<(), Error> {
        let log = self.open_log()?;
        let errors = log.try_clone().doing("opening the log")?;
        let status =
            command.stdin(std::process::Stdio::null()).stdout(log).stderr(errors).status().doing(what)?;
        if status.success() {
            return Ok(());
        }
        Err(Error::start(self.kind, format!("{what} ended with {status}"), &self.log()))
    }
}

const PREFIX: &str = "waylaid-servers-";
const LOCK: &str = "lock";

/// A temporary folder. It is gone when this is dropped; after a death without a drop the next one clears it away.
#[derive(Debug)]
struct Temporary {
    folder: tempfile::TempDir,
    // Held as long as we live: a folder whose lock is free has lost its owner.
    _lock: File,
}

impl Temporary {
    fn new() -> Result<Self, Error> {
        clear_orphans(&std::env::temp_dir());
        let doing = "making a temporary folder";
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir().doing(doing)?;
        let lock = File::create(folder.path().join(LOCK)).doing(doing)?;
        lock.lock().doing(doing)?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).doing(doing)?;
        Ok(Self { folder, _lock: lock })
    }
}

/// Removes folders whose owners died without a word. What cannot be removed is left.
fn clear_orphans(parent: &Path) {
    let entries = fs::read_dir(parent).into_iter().flatten().filter_map(Result::ok);
    for entry in entries.filter(|e| e.file_name().to_string_lossy().starts_with(PREFIX)) {
        let folder = entry.path();
        if File::open(folder.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_folder_goes_with_its_owner() {
        let place = Place::new(Kind::Kafka, &Options::default(), None).unwrap();
        let folder = place.folder().parent().unwrap().to_owned();
        clear_orphans(&std::env::temp_dir());
        assert!(folder.is_dir(), "its owner lives");
        drop(place);
        assert!(!folder.exists());
    }

    #[test]
    fn an_orphan_is_cleared_away() {
        let parent = tempfile::tempdir().unwrap();
        let orphan = parent.path().join(format!("{PREFIX}1"));
        let other = parent.path().join("others");
        for folder in [&orphan, &other] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join(LOCK), "").unwrap();
        }
        clear_orphans(parent.path());
        assert!(!orphan.exists() && other.exists());
    }

    #[test]
    fn a_given_folder_stays() {
        let parent = tempfile::tempdir().unwrap();
        let options = Options { folder: Some(parent.path().join("data")), ..Options::default() };
        let place = Place::new(Kind::Kafka, &options, None).unwrap();
        place.write("a", "b").unwrap();
        drop(place);
        assert_eq!(fs::read(parent.path().join("data/kafka/a")).unwrap(), b"b");
    }
}
