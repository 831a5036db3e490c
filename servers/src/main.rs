//! `waylaid-servers up kafka postgres` for people, scripts and the lab: starts servers, says where they are, stops them
//! when it is told to or when whoever started it is gone.

use clap::{Parser, Subcommand};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::os::unix::fs::FileTypeExt as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;
use waylaid_servers::{Error, Kind, Options, Server, install, start};

/// Real servers on ports and folders of their own, without containers.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Starts servers, prints where they are as one JSON object, and stops them at the end of its input, on an interrupt,
    /// or when whoever started it is gone.
    Up {
        /// Their names; see `list`.
        #[arg(required = true, value_parser = kind)]
        servers: Vec<Kind>,
        /// Where their data goes and stays. Without it the data is gone in the end.
        #[arg(long)]
        dir: Option<PathBuf>,
        /// Kafka with protected listeners beside the open one: TLS, mutual TLS, logins. Certificates lie in its folder.
        #[arg(long)]
        secure: bool,
    },
    /// Installs what servers need and starts none.
    Install {
        /// Their names; all of them if none is named.
        #[arg(value_parser = kind)]
        servers: Vec<Kind>,
    },
    /// The names.
    List,
}

fn kind(name: &str) -> Result<Kind, String> {
    let names: Vec<_> = Kind::all().map(Kind::name).collect();
    Kind::from_name(name).ok_or_else(|| format!("there is {}", names.join(", ")))
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Verb::Up { servers, dir, secure } => {
            up(&servers, &Options { folder: dir, secure, ..Options::default() })
        }
        Verb::Install { servers } => {
            let all = if servers.is_empty() { Kind::all().collect() } else { servers };
            all.into_iter().try_for_each(install)
        }
        Verb::List => {
            Kind::all().for_each(|kind| say(&format!("{:<20} {}", kind.name(), kind.title())));
            Ok(())
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn up(kinds: &[Kind], options: &Options) -> Result<(), Error> {
    let (tell, told) = channel();
    watch(&tell)?;
    let mut servers: Vec<Server> = Vec::new();
    let mut places = serde_json::Map::new();
    for kind in kinds {
        let server = start(*kind, options)?;
        places.insert(kind.name().to_owned(), server.endpoint().to_json());
        servers.push(server);
        if told.try_recv().is_ok() {
            return Ok(());
        }
    }
    say(&serde_json::Value::from(places).to_string());
    loop {
        match told.recv_timeout(Duration::from_millis(500)) {
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {}
            _ => return Ok(()),
        }
        if let Some(server) = servers.iter_mut().find_map(|s| (!s.is_running()).then_some(s)) {
            let _ = writeln!(std::io::stderr(), "{} ended; stopping the others", server.kind());
            return Ok(());
        }
    }
}

/// Everything that ends us, each on a thread that tells.
fn watch(tell: &Sender<()>) -> Result<(), Error> {
    let failed = |source| Error::Io { what: "listening for signals".to_owned(), source };
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(failed)?;
    let teller = tell.clone();
    std::thread::spawn(move || {
        for _ in signals.forever() {
            let _ = teller.send(());
        }
    });
    if input_ends() {
        let teller = tell.clone();
        std::thread::spawn(move || {
            let mut byte = [0; 64];
            while matches!(std::io::stdin().read(&mut byte), Ok(1..)) {}
            let _ = teller.send(());
        });
    }
    let teller = tell.clone();
    let parent = std::os::unix::process::parent_id();
    std::thread::spawn(move || {
        while std::os::unix::process::parent_id() == parent {
            std::thread::sleep(Duration::from_millis(500));
        }
        let _ = teller.send(());
    });
    Ok(())
}

/// Whether the end of the input says anything: a pipe or a terminal ends with whoever holds it, `/dev/null` is at its end
/// from the start.
fn input_ends() -> bool {
    let input = std::fs::metadata("/dev/stdin");
    std::io::stdin().is_terminal() || input.is_ok_and(|input| !input.file_type().is_char_device())
}
