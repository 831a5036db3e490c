//! What a person sees who typed or configured something wrong, and what `--help` teaches.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing fails")]

mod common;

use common::{SMALL, small, system, waylaid};
use std::fs;

/// The error of a configuration in which one thing is changed.
fn broken(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from), "{from}");
    let folder = system(&SMALL.replacen(from, to, 1));
    let ran = waylaid(folder.path(), &["check"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    ran.stderr
}

#[test]
fn mistakes_in_the_configuration_are_shown_where_they_are() {
    insta::assert_snapshot!("unknown_key", broken("equals = \"ACC", "equal = \"ACC"));
    insta::assert_snapshot!("unknown_section", broken("[entity.order]", "[entitty.order]"));
    insta::assert_snapshot!("unknown_store", broken("\"orders.orders.id\"", "\"order.orders.id\""));
    insta::assert_snapshot!("unknown_kind", broken("\"sqlite\"", "\"sqlit\""));
    insta::assert_snapshot!("not_toml", broken("[system]", "[system"));
    insta::assert_snapshot!("secret_not_set", broken("\"orders.sqlite\"", "\"env:WAYLAID_TEST_NOT_SET\""));
    insta::assert_snapshot!("bad_length", broken("\"30m\"", "\"a while\""));
    insta::assert_snapshot!("no_path", broken("path = \"logs\"\n", ""));
    insta::assert_snapshot!("empty", broken(SMALL, ""));
}

#[test]
fn without_a_configuration_it_says_what_to_write() {
    let folder = tempfile::tempdir().unwrap();
    let ran = waylaid(folder.path(), &["diagnose"]);
    assert_eq!(ran.code, 2);
    insta::assert_snapshot!("nothing_there", ran.stderr);
    fs::create_dir_all(folder.path().join("logs/a")).unwrap();
    fs::create_dir_all(folder.path().join("tables")).unwrap();
    fs::write(folder.path().join("tables/claims.sqlite"), "").unwrap();
    let ran = waylaid(folder.path(), &["diagnose"]);
    insta::assert_snapshot!("some_stores_there", ran.stderr);
    let ran = waylaid(folder.path(), &["check", "-C", "nowhere"]);
    insta::assert_snapshot!("no_such_folder", ran.stderr);
}

#[test]
fn below_a_system_it_points_up() {
    let folder = small();
    let ran = waylaid(&folder.path().join("logs"), &["stuck"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("hint: there is one further up: use -C "), "{}", ran.stderr);
}

#[test]
fn an_entity_that_is_not_there_is_named_with_what_was_meant() {
    let folder = small();
    for arguments in
        [&["diagnose", "ordre"][..], &["follow", "ordre", "1"], &["stuck", "ordre"], &["flow", "ordre"]]
    {
        let ran = waylaid(folder.path(), arguments);
        assert_eq!(ran.code, 2, "{arguments:?}");
        assert_eq!(
            ran.stderr,
            "error: there is no entity `ordre` in waylaid.toml\nhint: did you mean `order`?\n"
        );
    }
}

#[test]
fn several_entities_must_be_told_apart() {
    let claim = "\n[entity.claim]\ntables = [{ column = \"orders.claims.id\" }]\n";
    let folder = system(&format!("{SMALL}{claim}"));
    let ran = waylaid(folder.path(), &["stuck"]);
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.stderr,
        "error: which entity? waylaid.toml describes several\nhint: name one of: order, claim\n"
    );
}

#[test]
fn arguments_that_contradict_each_other_are_refused() {
    let folder = small();
    for (arguments, says) in [
        (
            &["diagnose", "order", "1", "--state", "X"][..],
            "keys are given, so --state and --older-than mean nothing",
        ),
        (
            &["diagnose", "--since", "2026-11-22", "--state", "X"],
            "--keys, --state and --older-than need an entity",
        ),
        (&["diagnose", "order", "--keys", "nowhere.csv"], "--keys: nowhere.csv cannot be read"),
        (&["search"], "search for what?"),
        (&["search", "--regex", "("], "--regex: "),
        (&["stuck", "--since", "2026-11-22 10:00", "--until", "2026-11-22 09:00"], "is not before"),
        (&["stuck", "--since", "yesterday"], "expected a time such as"),
        (&["stuck", "--baseline", "1h"], "expected FROM..TO"),
        (&["stuck", "--older-than", "long"], "expected a length of time"),
        (&["diganose"], "similar subcommand exists: 'diagnose'"),
        (&["stuck", "--format", "xml"], "possible values: text, json"),
    ] {
        let ran = waylaid(folder.path(), arguments);
        assert_eq!(ran.code, 2, "{arguments:?} {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{arguments:?} {}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
}
