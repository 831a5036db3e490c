//! The demo: no set-up, a verdict in the first three lines, and nobody's folder overwritten.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing fails")]

mod common;

use common::waylaid;

#[test]
fn a_folder_that_is_not_its_own_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("waylaid-demo")).unwrap();
    std::fs::write(folder.path().join("waylaid-demo/mine.txt"), "mine").unwrap();
    let ran = waylaid(folder.path(), &["demo"]);
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.stderr,
        "error: waylaid-demo is not empty and not the demo's own\nhint: name another folder: waylaid demo --dir DIR\n"
    );
    assert_eq!(std::fs::read_dir(folder.path().join("waylaid-demo")).unwrap().count(), 1);
}

#[test]
fn two_runs_tell_the_same_story() {
    let folder = tempfile::tempdir().unwrap();
    let first = waylaid(folder.path(), &["demo"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    let lines: Vec<&str> = first.stdout.lines().take(3).collect();
    assert!(lines[0].starts_with("CONFIRMED  "), "{lines:?}");
    assert!(lines[1].starts_with("where  ") && lines[2].starts_with("count  "), "{lines:?}");
    let page = first.stdout.lines().find_map(|l| l.strip_prefix("  page    ")).unwrap().trim();
    assert!(folder.path().join(page).is_file(), "{page}");
    assert_eq!(waylaid(folder.path(), &["demo"]).stdout, first.stdout);
}
