//! Stored cases: printed again in every form, with the right exit code, to whoever reads.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing fails")]

mod common;

use common::{command, finish, small, store_case, waylaid};
use std::process::Stdio;

#[test]
fn the_exit_code_follows_the_verdict_and_its_coverage() {
    let folder = small();
    for (name, code) in [("nofault", 0), ("window", 1), ("mixture", 3)] {
        store_case(folder.path(), name, "c-20261122-1");
        assert_eq!(waylaid(folder.path(), &["report"]).code, code, "{name}");
    }
}

#[test]
fn a_case_comes_back_in_every_form() {
    let folder = small();
    store_case(folder.path(), "mixture", "c-20261122-1");
    let text = waylaid(folder.path(), &["report"]).stdout;
    assert!(text.starts_with("CONFIRMED  duplicate_key in pick-service: 209 of 214"), "{text}");
    assert!(text.contains(" .waylaid/cases/c-20261122-1/c1-entities.csv"), "{text}");
    let json = waylaid(folder.path(), &["report", "last", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json["verdict"]["causes"][0]["entities"]["csv"],
        ".waylaid/cases/c-20261122-1/c1-entities.csv"
    );
    let markdown = waylaid(folder.path(), &["report", "c-20261122-1", "--format", "md"]).stdout;
    assert!(markdown.starts_with("## CONFIRMED: "), "{markdown}");
    let compact = waylaid(folder.path(), &["report", "--format", "compact"]).stdout;
    assert!(compact.len() < 9_000 && compact.contains("\ncoverage: 7 targets, "), "{compact}");
    assert!(compact.contains("2 not searched whole:"), "{compact}");
    let ran = waylaid(folder.path(), &["report", "--format", "html", "-o", "page.html"]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", "note: written to page.html\n"));
    assert!(std::fs::read_to_string(folder.path().join("page.html")).unwrap().starts_with("<!doctype html>"));
}

#[test]
fn a_case_that_is_not_there_is_named_with_those_that_are() {
    let folder = small();
    let ran = waylaid(folder.path(), &["report"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.starts_with("error: there is no case `last` in .waylaid/cases\nhint: none is stored"),
        "{}",
        ran.stderr
    );
    store_case(folder.path(), "nofault", "c-20261122-1");
    let ran = waylaid(folder.path(), &["report", "c-20261122-7"]);
    assert!(
        ran.stderr.ends_with("hint: there is c-20261122-1; `last` is the one stored last\n"),
        "{}",
        ran.stderr
    );
}

#[test]
fn ids_of_a_case_are_shown() {
    let folder = small();
    store_case(folder.path(), "mixture", "c-20261122-1");
    let show = |id: &str| waylaid(folder.path(), &["show", id]);
    assert!(show("c1").stdout.contains("duplicate_key in pick-service"));
    assert!(show("p2").stdout.contains("41 stuck, 265 completed"));
    // The store has no such line; what the case kept is shown, and said to be that.
    let ran = show("e6");
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("this is what the case kept"), "{}", ran.stderr);
    assert!(ran.stdout.contains("pick-service/pick.ndjson:88211"));
    let ran = show("e99");
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("case c-20261122-1 has no `e99`"), "{}", ran.stderr);
}

#[test]
fn colour_only_where_it_is_wanted() {
    let folder = small();
    store_case(folder.path(), "nofault", "c-20261122-1");
    let run = |variables: &[(&str, &str)]| {
        let mut command = command(folder.path(), &["report"]);
        command.envs(variables.iter().copied());
        finish(command).stdout
    };
    assert!(!run(&[]).contains('\u{1b}'));
    assert!(run(&[("CLICOLOR_FORCE", "1")]).contains("\u{1b}[32m"));
    assert!(!run(&[("NO_COLOR", "1")]).contains('\u{1b}'));
    let mut wrong = command(folder.path(), &["report", "c-20260101-1"]);
    wrong.env("CLICOLOR_FORCE", "1");
    assert!(finish(wrong).stderr.contains("\u{1b}["));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = small();
    store_case(folder.path(), "nofault", "c-20261122-1");
    for format in ["text", "json", "html"] {
        let mut command = command(folder.path(), &["report", "--format", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{format}");
        assert!(output.stderr.is_empty(), "{format}");
    }
}
