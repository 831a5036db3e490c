//! Logs without an end, readers that go away, a person who has seen enough: what `problems` does then.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::format_collect,
    reason = "a test that cannot be set up fails"
)]

mod common;

use common::{command, waylaid};
use serde_json::Value;
use std::io::Write as _;
use std::process::Stdio;

/// A log in which no two lines look alike, so that each is read.
fn noisy(lines: u32) -> String {
    let word = |n: u32| (0..5).map(|i| char::from(b'a' + (n / 26u32.pow(i) % 26) as u8)).collect::<String>();
    let line = |n: u32| {
        let (second, milli) = (n / 1000 % 3600, n % 1000);
        format!(
            "2026-05-06 12:{:02}:{:02}.{milli:03} ERROR 1 --- [main] c.e.Noise : could not handle {}\n",
            second / 60,
            second % 60,
            word(n)
        )
    };
    (0..lines).map(line).collect()
}

#[test]
#[cfg(unix)]
fn an_interrupt_shows_what_was_read_until_then() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.log"), noisy(1_500_000)).unwrap();
    let mut command = command(folder.path(), &["problems", "app.log", "--format", "json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    std::process::Command::new("kill").arg("-INT").arg(child.id().to_string()).status().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("interrupted: this is what was read until then"), "{said}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(answer["events"].as_u64().unwrap() < 1_500_000, "{}", answer["events"]);
    assert_eq!(answer["coverage"][0]["status"], "partial");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.log"), noisy(2_000)).unwrap();
    for arguments in [
        &["problems", "app.log"][..],
        &["problems", "app.log", "--format", "json"],
        &["problems", "app.log", "--show", "p1"],
        &["templates", "app.log"],
        &["templates", "app.log", "--assign"],
    ] {
        let mut child =
            command(folder.path(), arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }
}

/// The most memory that a process ever had, in MB.
fn peak(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()? / 1024)
}

#[test]
fn a_line_and_a_trace_without_end_fit_into_bounded_memory() {
    let folder = tempfile::tempdir().unwrap();
    let head = "2026-05-06 12:00:00.000 ERROR 1 --- [main] c.e.Noise : cannot pick";
    let token = "x".repeat(1 << 20);
    let frames: String = (0..20_000).map(|n| format!("\tat shop.Picks.step{n}(Picks.java:{n})\n")).collect();
    for (name, start, piece) in [
        ("a line", format!("{head} "), token.as_str()),
        ("a trace", format!("{head}\nshop.PickFailed: order 12\n"), frames.as_str()),
    ] {
        for what in ["problems", "templates", "keys"] {
            let arguments: &[&str] =
                if what == "keys" { &["keys", "-"] } else { &[what, "-", "--format", "json"] };
            let mut child = command(folder.path(), arguments)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut stdin = child.stdin.take().unwrap();
            stdin.write_all(start.as_bytes()).unwrap();
            for _ in 0..128 {
                stdin.write_all(piece.as_bytes()).unwrap();
            }
            let most = peak(child.id());
            drop(stdin);
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(
                matches!(output.status.code(), Some(0 | 1)),
                "{name}, {what}: {:?} {said}",
                output.status
            );
            assert!(most.is_none_or(|mb| mb < 512), "{name}, {what}: {most:?} MB");
        }
    }
}

#[test]
fn what_was_printed_can_be_shown_in_full() {
    let folder = tempfile::tempdir().unwrap();
    let event = "2026-05-06 12:00:07.000 ERROR 1 --- [main] c.e.Picks : cannot pick 7\nshop.PickFailed: order 7\n\tat shop.Picks.pick(Picks.java:7)\n\tat java.base/java.lang.Thread.run(Thread.java:840)\n";
    let text = format!(
        "2026-05-06 12:00:00.000 INFO  1 --- [main] c.e.Picks : started\n{event}2026-05-06 12:00:09.000 INFO  1 --- [main] c.e.Picks : stopped\n"
    );
    std::fs::write(folder.path().join("app.log"), text).unwrap();
    let shown = waylaid(folder.path(), &["problems", "app.log", "--show", "e1"]);
    assert_eq!((shown.code, shown.stderr.as_str()), (0, ""));
    assert_eq!(shown.stdout.trim_end(), format!("e1  app.log:2\n{}", event.trim_end()).replace('\t', "    "));
    let shown = waylaid(folder.path(), &["problems", "app.log", "--show", "p1", "--format", "json"]);
    let answer: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(answer["problem"]["exception"], "shop.PickFailed");
    assert_eq!(answer["events"][0]["raw"].as_str().unwrap().trim_end(), event.trim_end());
    let wrong = waylaid(folder.path(), &["problems", "app.log", "--show", "p7"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("there is p1 to p1, and events e1 to e1"), "{}", wrong.stderr);
}
