//! A server's process and what makes sure that it ends. The server runs below a small shell that leads a group of
//! processes of its own and reads a pipe from us: when the pipe closes, because we stop the server or because we are gone
//! in whatever way, the shell stops the server as its administrator would, and kills it if it does not go.

use crate::error::{Doing as _, Error};
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// `$1` the signal that asks the server to stop, `$2` the tenths of a second it may take, then the command.
const SCRIPT: &str = r#"
signal=$1; patience=$2; shift 2
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{
    read -r _ <&3
    kill -s "$signal" "$server"
    while [ "$patience" -gt 0 ] && kill -0 "$server"; do sleep 0.1; patience=$((patience - 1)); done
    kill -s KILL 0
} 2>/dev/null &
watcher=$!
exec 3<&-
wait "$server"; status=$?
kill -s KILL "$watcher" 2>/dev/null
exit "$status"
"#;

/// How long a server may take to stop.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server's process.
#[derive(Debug)]
pub struct Guard {
    shell: Child,
    status: Option<ExitStatus>,
}

impl Guard {
    /// Starts a command that [`shell`] began.
    pub fn start(command: &mut Command, log: File, what: &str) -> Result<Self, Error> {
        let errors = log.try_clone().doing("opening the log")?;
        command.stdin(Stdio::piped()).stdout(log).stderr(errors).process_group(0);
        Ok(Self { shell: command.spawn().doing(format!("starting {what}"))?, status: None })
    }

    /// The leader of the group.
    pub fn id(&self) -> u32 {
        self.shell.id()
    }

    /// How it ended, if it did.
    pub fn exited(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.shell.try_wait().ok().flatten();
        }
        self.status
    }

    /// Kills the server and everything below it.
    pub fn kill(&mut self) {
        if self.exited().is_none() {
            let group = i32::try_from(self.shell.id()).ok().and_then(Pid::from_raw);
            if let Some(group) = group {
                let _ = kill_process_group(group, Signal::KILL);
            }
            self.status = self.shell.wait().ok();
        }
    }

    /// Lets go of the pipe and waits until the shell is gone.
    fn stop(&mut self) {
        drop(self.shell.stdin.take());
        let deadline = Instant::now() + PATIENCE + Duration::from_secs(2);
        while self.exited().is_none() && Instant::now() < deadline {
            sleep(Duration::from_millis(10));
        }
        self.kill();
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What the shell is called with, before the server's own program and arguments. `signal` asks the server to stop in good
/// order: `TERM`, `INT`.
pub fn shell(command: &mut Command, signal: &str) {
    let tenths = PATIENCE.as_millis() / 100;
    command.args(["-c", SCRIPT, "guard", signal, &tenths.to_string()]);
}

/// The shell that [`shell`] is for.
pub const SHELL: &str = "/bin/sh";

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn start(script: &str, log: &Path) -> Guard {
        let mut command = Command::new(SHELL);
        shell(&mut command, "TERM");
        command.args(["sh", "-c", script]);
        Guard::start(&mut command, File::create(log).unwrap(), "a test").unwrap()
    }

    fn said(log: &Path, word: &str) -> bool {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if std::fs::read_to_string(log).unwrap().contains(word) {
                return true;
            }
            sleep(Duration::from_millis(5));
        }
        false
    }

    #[test]
    fn a_server_is_asked_to_stop() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let guard = start("trap 'echo bye; exit' TERM; echo up; while :; do sleep 0.05; done", &log);
        assert!(said(&log, "up"));
        drop(guard);
        assert!(said(&log, "bye"));
    }

    #[test]
    fn the_guard_ends_with_its_server_and_as_it_did() {
        let folder = tempfile::tempdir().unwrap();
        let mut guard = start("exit 7", &folder.path().join("log"));
        let deadline = Instant::now() + Duration::from_secs(10);
        while guard.exited().is_none() && Instant::now() < deadline {
            sleep(Duration::from_millis(5));
        }
        assert_eq!(guard.exited().and_then(|s| s.code()), Some(7));
    }

    #[test]
    fn a_killed_server_leaves_nothing_of_its_group() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut guard = start("trap '' TERM; echo up; while :; do sleep 0.05; done", &log);
        assert!(said(&log, "up"));
        let group = Pid::from_raw(guard.id().try_into().unwrap()).unwrap();
        guard.kill();
        let deadline = Instant::now() + Duration::from_secs(10);
        while rustix::process::test_kill_process_group(group).is_ok() && Instant::now() < deadline {
            sleep(Duration::from_millis(5));
        }
        assert!(rustix::process::test_kill_process_group(group).is_err());
    }
}
