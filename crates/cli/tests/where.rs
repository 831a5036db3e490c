//! `waylaid where` through the binary: lines, streams, stack traces, ties, what is not in the code.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use common::{Ran, command, finish, waylaid};
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

const STORE: &str = r#"package com.acme.pick;
class PickStore {
  private static final Logger log = LoggerFactory.getLogger(PickStore.class);
  // a comment that was not there when it was built
  void insert(long order) {
    log.info("Storing pick for order {}", order);
    if (order < 0) {
      throw new IllegalStateException("order " + order + " has no lines");
    }
    jdbc.update("INSERT INTO picks VALUES (?)", order);
  }
  void again(long order) { log.warn("Trying order {} again", order); }
  void twice(long order) { log.warn("Trying order {} again", order); }
}
"#;

fn checkout() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("code/src/com/acme/pick");
    std::fs::create_dir_all(&path).unwrap();
    std::fs::write(path.join("PickStore.java"), STORE).unwrap();
    folder
}

fn piped(folder: &Path, arguments: &[&str], input: &str) -> Ran {
    let mut command = command(folder, arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn rows(ran: &Ran) -> Vec<Value> {
    ran.stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[test]
fn a_line_has_its_statement() {
    let folder = checkout();
    let ran = waylaid(folder.path(), &["where", "--code", "code", "Storing pick for order 12"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("src/com/acme/pick/PickStore.java:6  PickStore.insert"), "{}", ran.stdout);
}

#[test]
fn a_stream_has_one_object_a_line() {
    let folder = checkout();
    let input = "2026-01-01 10:00:00.123 INFO [main] c.a.pick.PickStore : Storing pick for order 12\n\
        \n\
        {\"@timestamp\":\"2026-01-01T10:00:00Z\",\"level\":\"WARN\",\"logger_name\":\"com.acme.pick.PickStore\",\"message\":\"Trying order 4 again\"}\n\
        2026-01-01 10:00:01.123 INFO [main] o.s.b.w.TomcatWebServer : Tomcat started on port 8080\n";
    let ran = piped(folder.path(), &["where", "--code", "code", "--format", "json"], input);
    let rows = rows(&ran);
    let outcomes: Vec<&str> = rows.iter().map(|r| r["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["found", "not_in_code", "tie", "not_in_code"]);
    assert_eq!(rows[0]["statements"][0]["line"], 6);
    assert_eq!(rows[2]["alike"], 2);
    assert_eq!(rows.iter().map(|r| r["line"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3, 4]);
}

#[test]
fn a_trace_has_its_frames_through_shifted_lines() {
    let folder = checkout();
    let trace = "2026-01-01 10:00:00.123 ERROR [main] c.a.Listener : failed\n\
        java.lang.IllegalStateException: order -3 has no lines\n\
        \tat com.acme.pick.PickStore.insert(PickStore.java:5)\n\
        \tat org.springframework.kafka.Listener.invoke(Listener.java:99)\n";
    let ran = piped(folder.path(), &["where", "--code", "code", "--format", "json"], trace);
    let rows = rows(&ran);
    assert_eq!(rows.len(), 4, "each line has its object");
    let frame = &rows[0]["frames"][0];
    assert_eq!((frame["line"].as_u64(), frame["traced"].as_u64()), (Some(8), Some(5)), "{frame}");
    assert_eq!(frame["symbol"], "PickStore.insert");
    assert_eq!(rows[0]["raised"][0]["line"], 8);
    let text = piped(folder.path(), &["where", "--code", "code"], trace);
    assert!(text.stdout.contains("line 5 in the trace"), "{}", text.stdout);
}

#[test]
fn what_is_not_in_the_code_is_said() {
    let folder = checkout();
    let ran = waylaid(folder.path(), &["where", "--code", "code", "HikariPool-1 - Start completed."]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("not in the code"));
}

#[test]
fn a_language_that_is_not_read_is_said() {
    let folder = checkout();
    std::fs::create_dir_all(folder.path().join("code/lib")).unwrap();
    std::fs::write(folder.path().join("code/lib/pick.ex"), "Logger.info(\"sorted #{id}\")\n").unwrap();
    std::fs::write(folder.path().join("code/pick.rb"), "logger.info \"sorted by #{name}\"\n").unwrap();
    let ran = waylaid(folder.path(), &["where", "--code", "code", "sorted by weight"]);
    assert!(ran.code == 0 && ran.stdout.contains("pick.rb:1"), "{}", ran.stdout);
    let ran = waylaid(folder.path(), &["where", "--code", "code", "shelf is gone"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("1 file of Elixir was not read (lib/pick.ex)"), "{}", ran.stdout);
    let ran = waylaid(folder.path(), &["where", "--code", "code", "--format", "json", "shelf is gone"]);
    assert_eq!(rows(&ran)[0]["unread"][0]["language"], "Elixir");
}

#[test]
fn what_was_read_is_kept_outside_the_checkout() {
    let folder = checkout();
    let cache = tempfile::tempdir().unwrap();
    let ask = |place: &std::path::Path| {
        let mut command = command(folder.path(), &["where", "--code", "code", "Storing pick for order 12"]);
        command.env("WAYLAID_CACHE", place);
        finish(command)
    };
    let first = ask(cache.path());
    assert!(first.code == 0 && first.stdout.contains("PickStore.java:6"), "{}", first.stdout);
    let kept = std::fs::read_dir(cache.path().join("index")).unwrap().next().unwrap().unwrap().path();
    let part = std::fs::read_dir(&kept).unwrap().next().unwrap().unwrap().path();
    assert_eq!(ask(cache.path()).stdout, first.stdout);
    std::fs::write(&part, "damaged").unwrap();
    assert_eq!(ask(cache.path()).stdout, first.stdout);
    assert!(std::fs::read(&part).unwrap().starts_with(b"wl-index"));
    // A place where nothing can be written is no error.
    let again = ask(&part);
    assert_eq!((again.stdout, again.stderr), (first.stdout, String::new()));
}

#[test]
fn neither_lines_nor_code_show_what_is_personal() {
    let folder = checkout();
    let path = folder.path().join("code/A.java");
    let text = "class A { void a() { log.info(\"Mail sent to {}\", \"jane.doe@example.com\"); } }\n";
    std::fs::write(path, text).unwrap();
    let ran = piped(folder.path(), &["where", "--code", "code"], "Mail sent to john.roe@example.com\n");
    assert!(ran.stdout.contains("A.java:1"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("jane.doe") && !ran.stdout.contains("john.roe"), "{}", ran.stdout);
}

#[test]
fn wrong_use_is_told() {
    let folder = checkout();
    let ran = waylaid(folder.path(), &["where", "--code", "nowhere", "x"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("there is no folder nowhere"), "{}", ran.stderr);
    let ran = waylaid(folder.path(), &["where", "x"]);
    assert_eq!(ran.code, 2);
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    let ran = waylaid(folder.path(), &["where", "--code", "empty", "x"]);
    assert!(ran.stderr.contains("no source file"), "{}", ran.stderr);
}
