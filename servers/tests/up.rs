//! `waylaid-servers up` as scripts use it: one JSON object, and every way to end it ends the servers.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use waylaid_servers::{Kind, Options, for_test};

struct Up {
    child: Child,
    address: String,
}

fn up(test: &str) -> Option<Up> {
    // Skips where the server cannot be had.
    drop(for_test(test, Kind::Postgres, &Options::default())?);
    let mut child = Command::new(env!("CARGO_BIN_EXE_waylaid-servers"))
        .args(["up", "postgres"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let places: serde_json::Value = serde_json::from_str(&line).unwrap();
    let postgres = &places["postgres"];
    for field in ["url", "host", "port", "user", "password"] {
        assert!(!postgres[field].is_null(), "{field} in {line}");
    }
    let address = format!("{}:{}", postgres["host"].as_str().unwrap(), postgres["port"]);
    assert!(TcpStream::connect(&address).is_ok());
    Some(Up { child, address })
}

impl Up {
    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.child.id().try_into().unwrap()).unwrap(), signal).unwrap();
    }

    fn ends(mut self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(&self.address).is_ok() {
            assert!(Instant::now() < deadline, "the server is still there");
            sleep(Duration::from_millis(20));
        }
        self.child.wait().unwrap();
    }
}

#[test]
fn a_signal_ends_it() {
    for signal in [Signal::TERM, Signal::INT] {
        let Some(up) = up("a_signal_ends_it") else { return };
        up.signal(signal);
        up.ends();
    }
}

#[test]
fn the_end_of_its_input_ends_it() {
    let Some(mut up) = up("the_end_of_its_input_ends_it") else { return };
    drop(up.child.stdin.take());
    up.ends();
}

#[test]
fn even_its_sudden_death_ends_the_servers() {
    let Some(up) = up("even_its_sudden_death_ends_the_servers") else { return };
    up.signal(Signal::KILL);
    up.ends();
}

#[test]
fn what_cannot_be_installed_is_named() {
    let cache = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_waylaid-servers"))
        .args(["install", "kafka"])
        .env("WAYLAID_SERVERS_CACHE", cache.path())
        .env("PATH", "/nowhere")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(said.contains("Kafka 4.2.0 cannot be installed: "), "{said}");
    assert!(said.contains("there is no apt-get here; apt-get install "), "{said}");
}

#[test]
fn an_unknown_name_is_answered_with_the_known_ones() {
    let output = Command::new(env!("CARGO_BIN_EXE_waylaid-servers")).args(["up", "oracle"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is kafka, postgres, mariadb"));
}
