//! `templates` end to end: any files, no configuration, every line accounted for.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use common::{command, waylaid};
use serde_json::Value;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;

const LOG: &str = "\
2026-11-22 10:11:12.001 ERROR [main] c.a.Picks - pick 12 failed
java.io.IOException: disk full
\tat c.a.Picks.pick(Picks.java:12)
2026-11-22 10:11:13.001 INFO  [main] c.a.Picks - pick 13 done in 8ms
2026-11-22 10:11:14.001 INFO  [pool-1] c.a.Picks - pick 14 done in 9ms
";

/// The ids in front of the lines, and the lines.
fn assigned(text: &str) -> (Vec<&str>, Vec<&str>) {
    text.lines().map(|l| l.split_once('\t').unwrap()).unzip()
}

#[test]
fn templates_are_counted_without_headers() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.log"), LOG).unwrap();
    let ran = waylaid(folder.path(), &["templates", "a.log"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(
        ran.stdout,
        "2 templates in 5 lines (3 events)

    2  t2  pick <*> done in <*>
    1  t1  pick <*> failed
"
    );
    let json = waylaid(folder.path(), &["templates", "a.log", "--format", "json", "--limit", "1"]).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (json["lines"].as_u64(), json["messages"].as_u64(), json["count"].as_u64()),
        (Some(5), Some(3), Some(2))
    );
    assert_eq!(json["templates"].as_array().unwrap().len(), 1);
    assert_eq!(json["templates"][0]["template"], "pick <*> done in <*>");
}

#[test]
fn every_line_gets_the_id_of_its_template() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.log"), LOG).unwrap();
    let ran = waylaid(folder.path(), &["templates", "--assign", "a.log"]);
    let (ids, lines) = assigned(&ran.stdout);
    assert_eq!(lines.join("\n") + "\n", LOG);
    assert_eq!(ids, ["t1", "t1", "t1", "t2", "t2"]);
}

#[test]
fn bare_messages_are_taken_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let messages =
        "pick 12 failed\n  at noon\n\nINFO pick 13 done\npick 14 failed\n\u{1b}[1mbold\npick 15 failed";
    std::fs::write(folder.path().join("m.txt"), messages).unwrap();
    let ran = waylaid(folder.path(), &["templates", "--assign", "m.txt"]);
    let (ids, lines) = assigned(&ran.stdout);
    assert_eq!(lines.join("\n"), messages);
    assert_eq!((ids[0], ids[4], ids[6]), ("t1", "t1", "t1"));
    assert_ne!(ids[0], ids[3]);
}

#[test]
fn names_seen_late_change_what_was_read_before() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["ann", "bob", "eve", "joe", "kim", "lea"];
    let text: String = names.iter().fold(String::new(), |mut all, n| {
        let _ = writeln!(all, "2026-11-22T10:11:12Z INFO login of {n} at desk");
        all
    });
    std::fs::write(folder.path().join("a.log"), &text).unwrap();
    let ran = waylaid(folder.path(), &["templates", "--assign", "a.log"]);
    let (ids, _) = assigned(&ran.stdout);
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn standard_input_folders_and_packed_files() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command(folder.path(), &["templates", "-"]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(LOG.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("pick <*> done in <*>"));
    std::fs::create_dir_all(folder.path().join("logs/b")).unwrap();
    std::fs::write(folder.path().join("logs/a.log"), LOG).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(LOG.as_bytes()).unwrap();
    std::fs::write(folder.path().join("logs/b/a.log.gz"), packed.finish().unwrap()).unwrap();
    let ran = waylaid(folder.path(), &["templates", "logs"]);
    assert!(ran.stdout.starts_with("2 templates in 10 lines (6 events)\n"), "{}", ran.stdout);
}

#[test]
fn what_cannot_be_read_is_said() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.log"), LOG).unwrap();
    let ran = waylaid(folder.path(), &["templates", "nowhere.log", "a.log"]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("nowhere.log cannot be read"), "{}", ran.stderr);
    assert!(ran.stdout.contains("pick <*> failed"));
    assert_eq!(waylaid(folder.path(), &["templates"]).code, 2);
    assert_eq!(waylaid(folder.path(), &["templates", "a.log", "--assign", "--limit", "1"]).code, 2);
}

#[test]
fn hostile_lines_are_printed_as_they_came_and_shown_clean() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = vec![b'x'; 6 << 20];
    text.extend_from_slice(b"\n\xff\xfe\x00\nlast\n");
    std::fs::write(folder.path().join("a.bin"), &text).unwrap();
    let output = command(folder.path(), &["templates", "--assign", "a.bin"]).output().unwrap();
    let mut lines = output.stdout.split(|c| *c == b'\n');
    assert_eq!(lines.next().unwrap().len(), (6 << 20) + 3);
    assert!(lines.next().unwrap().ends_with(b"\t\xff\xfe\x00"));
    assert_eq!(lines.next().unwrap(), b"t3\tlast");
    std::fs::write(folder.path().join("b.log"), "a \u{1b}]0;title\u{7} b\u{202e}c\n").unwrap();
    let ran = waylaid(folder.path(), &["templates", "b.log"]);
    assert!(!ran.stdout.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{:?}", ran.stdout);
}
