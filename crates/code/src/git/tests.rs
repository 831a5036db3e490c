//! History as real git writes it, where git is installed; and repositories that mean harm.

use super::*;
use std::process::Command;

struct Made(tempfile::TempDir);

impl Made {
    fn new() -> Option<Self> {
        let made = Self(tempfile::tempdir().unwrap());
        made.git(&["init", "-q", "-b", "main"]).then_some(made)
    }

    fn git(&self, arguments: &[&str]) -> bool {
        let mut command = Command::new("git");
        command.current_dir(self.0.path()).args(arguments);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.org");
        }
        command.output().is_ok_and(|o| o.status.success())
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.0.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    fn commit(&self, path: &str, text: &str, day: u32) {
        self.write(path, text);
        assert!(self.git(&["add", "-A"]));
        let date = format!("2026-03-{day:02}T12:00:00Z");
        let message = format!("Day {day}");
        let mut command = Command::new("git");
        command.current_dir(self.0.path()).args(["commit", "-q", "-m", &message]);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.org");
            command.env(format!("GIT_{who}_DATE"), &date);
        }
        assert!(command.output().unwrap().status.success());
    }

    fn asked(&self, folder: &str, path: &str, line: u32) -> String {
        let folder = self.0.path().join(folder);
        let text = std::fs::read_to_string(folder.join(path)).unwrap_or_default();
        match Repository::open(&folder).map(|r| r.last_touched(path, &text, (line, line))) {
            Ok(Touched::By(c)) => format!("{}{}", c.summary, if c.at_least { " at least" } else { "" }),
            Ok(Touched::NotCommitted) => "not committed".to_owned(),
            Ok(Touched::Unknown(why)) | Err(why) => why.to_owned(),
        }
    }
}

#[test]
fn only_the_lines_asked_about_are_blamed() {
    let Some(made) = Made::new() else { return };
    made.commit("services/a/src/A.java", "class A {\n  one();\n  two();\n}\n", 1);
    made.commit("services/a/src/A.java", "class A {\n  zero();\n  one();\n  TWO();\n}\n", 5);
    made.commit("other.txt", "x\n", 9);
    let check = |made: &Made| {
        assert_eq!(made.asked("services/a", "src/A.java", 3), "Day 1");
        assert_eq!(made.asked("services/a", "src/A.java", 4), "Day 5");
        assert_eq!(made.asked("", "services/a/src/A.java", 2), "Day 5");
    };
    check(&made);
    assert!(made.git(&["gc", "-q", "--aggressive"]));
    check(&made);
    made.write("services/a/src/A.java", "class A {\n  zero();\n  one();\n  three();\n}\n");
    assert_eq!(made.asked("services/a", "src/A.java", 4), "not committed");
    assert_eq!(made.asked("services/a", "src/A.java", 3), "Day 1");
    made.write("services/a/src/B.java", "class B {}\n");
    assert_eq!(made.asked("services/a", "src/B.java", 1), "the file is in no commit");
}

#[test]
fn merges_are_followed_to_the_side_that_has_the_line() {
    let Some(made) = Made::new() else { return };
    made.commit("a.py", "one\ntwo\nthree\n", 1);
    assert!(made.git(&["checkout", "-q", "-b", "side"]));
    made.commit("a.py", "ONE\ntwo\nthree\n", 2);
    assert!(made.git(&["checkout", "-q", "main"]));
    made.commit("a.py", "one\ntwo\nTHREE\n", 3);
    assert!(made.git(&[
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@example.org",
        "merge",
        "-q",
        "--no-edit",
        "side"
    ]));
    let said: Vec<String> = (1..=3).map(|l| made.asked("", "a.py", l)).collect();
    assert_eq!(said, ["Day 2", "Day 1", "Day 3"]);
}

#[test]
fn what_has_no_history_says_so() {
    let Some(made) = Made::new() else { return };
    made.commit("a.py", "one\n", 1);
    made.commit("a.py", "one\ntwo\n", 2);
    let head = head(&made.0.path().join(".git")).unwrap();
    made.write(".git/shallow", &format!("{head}\n"));
    assert_eq!(made.asked("", "a.py", 1), "Day 2 at least");
    let other = tempfile::tempdir().unwrap();
    std::fs::write(other.path().join(".git"), "gitdir: /somewhere/else\n").unwrap();
    assert_eq!(
        Repository::open(other.path()).unwrap_err(),
        "its history is kept elsewhere (a submodule or a worktree)"
    );
    let bare = made.0.path().join(".git");
    assert_eq!(Repository::open(&bare).unwrap_err(), "a bare repository: there are no files to cite");
}

#[test]
fn nothing_of_a_hostile_repository_runs_or_leads_out() {
    let Some(made) = Made::new() else { return };
    made.commit("a.py", "one\n", 1);
    let trap = made.0.path().join("trapped");
    let run = format!("touch {}", trap.display());
    made.write(".git/hooks/post-checkout", &format!("#!/bin/sh\n{run}\n"));
    made.write(".gitattributes", "*.py filter=evil diff=evil\n");
    let config = format!(
        "[core]\n\tfsmonitor = \"{run}\"\n[filter \"evil\"]\n\tclean = {run}\n\tsmudge = {run}\n[diff \"evil\"]\n\ttextconv = {run}\n"
    );
    made.write(".git/config", &config);
    made.write(".git/objects/info/alternates", "/nowhere\n");
    assert_eq!(made.asked("", "a.py", 1), "Day 1");
    assert!(!trap.exists());
    made.write(".git/HEAD", "ref: refs/../../../etc/passwd\n");
    assert_eq!(made.asked("", "a.py", 1), "its history names no commit");
    made.write(".git/HEAD", "ref: refs/heads/main\n");
    made.write(".git/refs/heads/main", "0123456789012345678901234567890123456789\n");
    assert_eq!(made.asked("", "a.py", 1), "its history is damaged or not all there");
}

#[cfg(unix)]
#[test]
fn links_inside_a_repository_lead_nowhere() {
    let (Some(made), Some(other)) = (Made::new(), Made::new()) else { return };
    made.commit("a.py", "one\n", 1);
    other.commit("a.py", "one\n", 2);
    let link = |name: &str, to: &std::path::Path| {
        let place = made.0.path().join(".git").join(name);
        std::fs::rename(&place, made.0.path().join("aside")).unwrap();
        std::os::unix::fs::symlink(to, &place).unwrap();
        let said = made.asked("", "a.py", 1);
        std::fs::remove_file(&place).unwrap();
        std::fs::rename(made.0.path().join("aside"), &place).unwrap();
        said
    };
    let elsewhere = other.0.path().join(".git");
    assert_eq!(link("objects", &elsewhere.join("objects")), "its history is damaged or not all there");
    assert_eq!(link("refs", &elsewhere.join("refs")), "its history names no commit");
    assert_eq!(link("refs/heads", &elsewhere.join("refs/heads")), "its history names no commit");
    assert_eq!(link("HEAD", &elsewhere.join("HEAD")), "its history names no commit");
    assert!(other.git(&["gc", "-q"]) && made.git(&["gc", "-q"]));
    assert_eq!(
        link("objects/pack", &elsewhere.join("objects/pack")),
        "its history is damaged or not all there"
    );
    assert_eq!(made.asked("", "a.py", 1), "Day 1");
}
