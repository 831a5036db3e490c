//! The same bundle gives the same bytes twice: on standard output and in the case's folder.
#![allow(clippy::unwrap_used, reason = "a file that cannot be read fails")]

mod common;

use common::{cases, copy, waylaid};
use std::collections::BTreeMap;
use std::path::Path;

/// What a diagnosis of a copy printed, and every file it left.
fn once(incident: &Path) -> (String, BTreeMap<String, Vec<u8>>) {
    let folder = tempfile::tempdir().unwrap();
    copy(incident, folder.path());
    let ran = waylaid(folder.path(), &["diagnose", "--format", "json"]);
    assert!(!ran.stdout.is_empty(), "{}", ran.stderr);
    let mut files = BTreeMap::new();
    let cases = folder.path().join(".waylaid/cases");
    for case in std::fs::read_dir(&cases).unwrap().flatten().filter(|e| e.path().is_dir()) {
        for file in std::fs::read_dir(case.path()).unwrap().flatten() {
            let name = format!("{}/{}", case.file_name().display(), file.file_name().display());
            files.insert(name, std::fs::read(file.path()).unwrap());
        }
    }
    (ran.stdout, files)
}

#[test]
fn the_same_bundle_gives_the_same_bytes_twice() {
    for case in cases("cases").iter().filter(|c| ["seed", "mixture", "bridge"].iter().any(|n| c.ends_with(n)))
    {
        let incident = case.join("incident");
        let (first, second) = (once(&incident), once(&incident));
        assert!(first.0 == second.0, "{}: standard output differs", case.display());
        let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&first.1), names(&second.1));
        assert!(first.1.len() >= 4, "{:?}", names(&first.1));
        for (name, bytes) in &first.1 {
            assert!(bytes == &second.1[name], "{}: {name} differs", case.display());
        }
    }
}

#[test]
fn the_same_question_is_the_same_case() {
    let Some(case) = cases("cases").into_iter().find(|c| c.ends_with("seed")) else { return };
    let folder = tempfile::tempdir().unwrap();
    copy(&case.join("incident"), folder.path());
    for _ in 0..2 {
        assert!(!waylaid(folder.path(), &["diagnose"]).stdout.is_empty());
    }
    let cases = folder.path().join(".waylaid/cases");
    let stored = std::fs::read_dir(cases).unwrap().flatten().filter(|e| e.path().is_dir()).count();
    assert_eq!(stored, 1);
}
