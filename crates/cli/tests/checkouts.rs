//! Checkouts that are not as they should be: what is no code, what is too much of it, what leads out of the folder, what
//! has no history, what would run something.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use common::{Ran, command, finish, waylaid};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

const CODE: &str = "import logging\nlog = logging.getLogger(__name__)\n\n\ndef pick(order):\n    log.info('Picked order %s from shelf', order)\n";
const LINE: &str = "Picked order 7 from shelf";

fn put(folder: &Path, path: &str, text: impl AsRef<[u8]>) {
    let file = folder.join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

/// What `where` says of a line: with nothing remembered, and twice with a folder to remember in.
fn asked(folder: &Path, code: &str, line: &str) -> Ran {
    let cache = tempfile::tempdir().unwrap();
    let plain = waylaid(folder, &["where", "--code", code, line]);
    for _ in 0..2 {
        let mut again = command(folder, &["where", "--code", code, line]);
        again.env("WAYLAID_CACHE", cache.path());
        let again = finish(again);
        assert_eq!((again.code, &again.stdout), (plain.code, &plain.stdout));
    }
    plain
}

fn git(folder: &Path, arguments: &[&str]) -> bool {
    let mut command = Command::new("git");
    command.current_dir(folder).args(arguments);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.org");
    }
    command.output().is_ok_and(|o| o.status.success())
}

#[test]
fn what_is_no_code_or_too_much_of_it_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "code/pick.py", CODE);
    put(root, "code/app.js", "var a=function(b){return b+1};".repeat(20_000));
    put(root, "code/huge.py", "log.info('Picked order %s from shelf', order)\n".repeat(1_200_000));
    put(root, "code/noise.py", (0..60_000u32).map(|n| (n * 7919 % 251) as u8).collect::<Vec<_>>());
    put(root, "code/deep.ts", format!("{}1{}", "(".repeat(30_000), ")".repeat(30_000)));
    put(root, "code/torn.rs", "fn a() { log::info!(\"Picked {\" \u{0}");
    put(root, "code/empty.go", "");
    let ran = asked(root, "code", LINE);
    assert!(ran.code == 0 && ran.stdout.contains("pick.py:6"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("huge.py"), "{}", ran.stdout);
}

#[test]
fn nothing_outside_is_read() {
    let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let root = folder.path();
    put(outside.path(), "secret.py", CODE.replace("Picked", "Hidden"));
    put(outside.path(), "compose.yaml", "services:\n  kafka:\n    image: hidden/kafka:1\n");
    put(outside.path(), "exclude", "pick.py\n");
    put(root, "code/pick.py", CODE);
    put(root, "code/pom.xml", "<project/>");
    symlink(outside.path(), root.join("code/there")).unwrap();
    symlink(outside.path().join("secret.py"), root.join("code/here.py")).unwrap();
    symlink(root.join("code"), root.join("code/loop")).unwrap();
    symlink(outside.path().join("compose.yaml"), root.join("compose.yaml")).unwrap();
    // A `.git` that names a folder elsewhere, whose list of what is ignored has no say here.
    put(outside.path(), "git/info/exclude", "pick.py\n");
    put(root, "code/.git", format!("gitdir: {}\n", outside.path().join("git").display()));
    assert_eq!(asked(root, "code", "Hidden order 7 from shelf").code, 1);
    let ran = asked(root, "code", LINE);
    assert!(ran.code == 0 && ran.stdout.contains("pick.py:6"), "{}", ran.stdout);
    let init = waylaid(root, &["init", "--dry-run"]);
    assert!(init.code == 0 && !init.stdout.contains("hidden"), "{}", init.stdout);
    // A file that was remembered and leads out now.
    let cache = tempfile::tempdir().unwrap();
    let ask = |line: &str| {
        let mut command = command(root, &["where", "--code", "code", line]);
        command.env("WAYLAID_CACHE", cache.path());
        finish(command).code
    };
    assert_eq!((ask(LINE), ask(LINE)), (0, 0));
    std::fs::remove_file(root.join("code/pick.py")).unwrap();
    symlink(outside.path().join("secret.py"), root.join("code/pick.py")).unwrap();
    assert_eq!((ask("Hidden order 7 from shelf"), ask(LINE)), (2, 2), "no source file is left");
}

#[test]
fn history_is_told_or_said_to_be_missing() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "code/pick.py", CODE);
    let commit = |ran: &Ran| {
        ran.stdout.lines().find(|l| l.contains("changed ") || l.contains("not committed")).map(str::to_owned)
    };
    assert_eq!(commit(&asked(root, "code", LINE)), None);
    if !git(&root.join("code"), &["init", "-q"]) {
        return;
    }
    assert!(
        git(&root.join("code"), &["add", "-A"]) && git(&root.join("code"), &["commit", "-q", "-m", "Picks"])
    );
    assert!(commit(&asked(root, "code", LINE)).unwrap().contains("Picks"));
    // The checkout says something else than what ran: the line that changed is in no commit.
    put(
        root,
        "code/pick.py",
        CODE.replace("def pick", "# new\ndef pick").replace("order)\n", "order)  # new\n"),
    );
    assert!(commit(&asked(root, "code", LINE)).unwrap().contains("not committed"));
    // A bare repository has no files; a shallow one says where its history ends; a worktree's is elsewhere.
    assert!(git(root, &["clone", "-q", "--bare", "code", "bare.git"]));
    assert_eq!(asked(root, "bare.git", LINE).code, 2);
    assert!(git(&root.join("code"), &["commit", "-q", "-am", "Picks again"]));
    assert!(git(
        root,
        &["clone", "-q", "--depth", "1", &format!("file://{}", root.join("code").display()), "shallow"]
    ));
    assert!(commit(&asked(root, "shallow", LINE)).unwrap().contains("at the earliest known"));
    assert!(git(&root.join("code"), &["worktree", "add", "-q", "../tree"]));
    let ran = asked(root, "tree", LINE);
    assert!(ran.code == 0 && commit(&ran).is_none(), "{}", ran.stdout);
}

#[test]
fn a_hostile_repository_runs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "code/pick.py", CODE);
    if !git(&root.join("code"), &["init", "-q"]) {
        return;
    }
    assert!(
        git(&root.join("code"), &["add", "-A"]) && git(&root.join("code"), &["commit", "-q", "-m", "Picks"])
    );
    let trap = root.join("trapped");
    let run = format!("touch {}", trap.display());
    put(root, "code/.gitattributes", "*.py filter=evil diff=evil\n");
    put(
        root,
        "code/.git/config",
        format!(
            "[core]\n\tfsmonitor = \"{run}\"\n\thooksPath = hooks\n\tpager = {run}\n[filter \"evil\"]\n\tclean = {run}\n\tsmudge = {run}\n[diff \"evil\"]\n\ttextconv = {run}\n[include]\n\tpath = {}\n",
            trap.display()
        ),
    );
    for hook in ["post-checkout", "pre-commit", "fsmonitor-watchman", "post-index-change"] {
        put(root, &format!("code/.git/hooks/{hook}"), format!("#!/bin/sh\n{run}\n"));
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(root.join("code/.git/hooks").join(hook), mode).unwrap();
    }
    put(root, "code/.git/objects/info/alternates", format!("{}\n", root.display()));
    let ran = asked(root, "code", LINE);
    assert!(ran.stdout.contains("Picks"), "{}", ran.stdout);
    assert_eq!(waylaid(root, &["init", "--dry-run"]).code, 0);
    assert!(!trap.exists());
}
