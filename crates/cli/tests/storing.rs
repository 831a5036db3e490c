//! An answer is never lost: neither to a store that cannot be read, nor to a case that cannot be stored.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use common::{cases, copy, waylaid};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// A copy of the first case that has a verdict with a cause.
fn incident() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let case = cases("cases").into_iter().find(|c| c.ends_with("batch-lost")).unwrap();
    copy(&case.join("incident"), folder.path());
    folder
}

#[test]
fn a_store_that_is_missing_makes_the_answer_partial() {
    let folder = incident();
    std::fs::remove_dir_all(folder.path().join("topics")).unwrap();
    let ran = waylaid(folder.path(), &["diagnose", "--format", "json"]);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    let failed: Vec<_> =
        json["coverage"].as_array().unwrap().iter().filter(|c| c["status"] == "failed").collect();
    assert_eq!(failed.len(), 1, "{}", json["coverage"]);
    assert_eq!(failed[0]["store"], "topics.main");
    assert!(matches!(ran.code, 1 | 3), "{}", ran.code);
    assert_ne!(json["verdict"]["outcome"], "confirmed");
    assert_eq!(waylaid(folder.path(), &["check"]).code, 3);
}

#[test]
fn a_case_that_cannot_be_stored_does_not_take_the_answer_away() {
    let folder = incident();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let ran = waylaid(folder.path(), &["diagnose", "--case-dir", "file/cases"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.starts_with("error: the case could not be stored: "), "{}", ran.stderr);
    assert!(ran.stdout.lines().next().unwrap().contains("  "), "{}", ran.stdout);
    assert!(ran.stdout.contains("\nCAUSES"), "{}", ran.stdout);
}

#[test]
fn a_full_disk_is_named_and_leaves_nothing_half_written() {
    let folder = incident();
    let disk = folder.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let Some(_mounted) = Mounted::tiny(&disk) else {
        println!("left out: a small disk cannot be mounted here");
        return;
    };
    let ran = waylaid(folder.path(), &["diagnose", "--case-dir", "disk/cases"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(
        ran.stderr.starts_with("error: the case could not be stored: the disk is full"),
        "{}",
        ran.stderr
    );
    assert!(ran.stdout.contains("\nCAUSES"), "{}", ran.stdout);
    assert_eq!(std::fs::read_dir(disk.join("cases")).unwrap().count(), 0);
}

/// A disk of a few kilobytes, gone when dropped.
struct Mounted(std::path::PathBuf);

impl Mounted {
    fn tiny(path: &Path) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=12k", "tmpfs"]).arg(path);
        let done = mount.output().is_ok_and(|o| o.status.success());
        done.then(|| Self(path.to_path_buf()))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).output();
    }
}

#[test]
fn cases_can_be_kept_elsewhere() {
    let folder = incident();
    let mut command = common::command(folder.path(), &["diagnose"]);
    command.env("WAYLAID_CASES", "elsewhere");
    let ran = common::finish(command);
    let again = ran.stdout.lines().find_map(|l| l.strip_prefix("  again   waylaid report ")).unwrap();
    assert!(again.starts_with("elsewhere/c-"), "{again}");
    assert_eq!(waylaid(folder.path(), &["report", again]).stdout.lines().next(), ran.stdout.lines().next());
    assert!(!folder.path().join(".waylaid").exists());
}

#[test]
fn keys_come_from_a_case_again() {
    let folder = incident();
    let ran = waylaid(folder.path(), &["diagnose", "--format", "json"]);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    let csv = json["verdict"]["causes"][0]["entities"]["csv"].as_str().unwrap();
    let entity = json["question"]["entity"].as_str().unwrap();
    let again = waylaid(folder.path(), &["diagnose", entity, "--keys", csv, "--format", "json"]);
    let again: Value = serde_json::from_str(&again.stdout).unwrap();
    let count = json["verdict"]["causes"][0]["entities"]["count"].as_u64().unwrap();
    assert_eq!(again["question"]["keys"].as_array().unwrap().len() as u64, count);
}

#[test]
#[cfg(unix)]
fn an_interrupt_ends_it_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs/noise");
    let case = cases("cases").into_iter().find(|c| c.ends_with("batch-lost")).unwrap();
    copy(&case.join("incident"), folder.path());
    std::fs::create_dir_all(&logs).unwrap();
    // No two look alike, so that all of them are read.
    let word = |n: u32| (0..5).map(|i| char::from(b'a' + (n / 26u32.pow(i) % 26) as u8)).collect::<String>();
    let line =
        |n| format!("2026-05-06 12:00:00.000 WARN 1 --- [main] c.e.Noise : could not handle {}\n", word(n));
    std::fs::write(logs.join("app.log"), (0..400_000).map(line).collect::<String>()).unwrap();
    let mut command = common::command(folder.path(), &["diagnose"]);
    let child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(400));
    Command::new("kill").arg("-INT").arg(child.id().to_string()).status().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "error: interrupted; nothing was stored\n");
    assert!(output.stdout.is_empty() && !folder.path().join(".waylaid").exists());
}
