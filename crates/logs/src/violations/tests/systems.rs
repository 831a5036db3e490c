//! Messages of every family as real systems print them, in the files beside: a line `### what must be read`, then the text.

use super::line;
use crate::violations::find_violations;

const FILES: [(&str, &str); 10] = [
    ("postgres", include_str!("data/postgres.txt")),
    ("cockroach", include_str!("data/cockroach.txt")),
    ("mysql", include_str!("data/mysql.txt")),
    ("sqlserver", include_str!("data/sqlserver.txt")),
    ("oracle", include_str!("data/oracle.txt")),
    ("sqlite", include_str!("data/sqlite.txt")),
    ("mongodb", include_str!("data/mongodb.txt")),
    ("java", include_str!("data/java.txt")),
    ("db2", include_str!("data/db2.txt")),
    ("frameworks", include_str!("data/frameworks.txt")),
];

/// Whether a line tells what must be read; MyBatis begins lines with the same sign.
fn expectation(line: &str) -> Option<&str> {
    const SORTS: [&str; 7] =
        ["none", "unique ", "foreign_key ", "not_null ", "check ", "exclusion ", "unknown "];
    line.strip_prefix("### ").filter(|l| SORTS.iter().any(|s| l.starts_with(s)))
}

/// The cases of a file: what must be read, and the text.
fn cases(file: &str) -> Vec<(Vec<String>, String)> {
    let mut cases: Vec<(Vec<String>, String)> = Vec::new();
    let mut in_text = true;
    for text in file.lines() {
        match (expectation(text), cases.last_mut()) {
            (Some(expected), Some(case)) if !in_text => case.0.push(expected.to_owned()),
            (Some(expected), _) => cases.push((vec![expected.to_owned()], String::new())),
            (None, Some(case)) => {
                case.1.push_str(text);
                case.1.push('\n');
            }
            (None, None) => {}
        }
        in_text = expectation(text).is_none();
    }
    cases
}

/// What is read of a text: as one text, and where it is one line of JSON by its event too.
fn read(text: &str) -> Vec<String> {
    let mut found: Vec<String> = find_violations(text).iter().map(|v| line(v).replace('\n', "⏎")).collect();
    if found.is_empty() {
        found.push("none".to_owned());
    }
    found.sort();
    found
}

#[test]
fn messages_of_every_family() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (name, file) in FILES {
        for (mut expected, text) in cases(file) {
            expected.sort();
            count += 1;
            let text = text.trim_end_matches('\n');
            let read = read(text);
            if read != expected {
                wrong.push(format!(
                    "{name}: {text}\n  is  {}\n  not {}",
                    read.join("\n      "),
                    expected.join("\n      ")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} are read wrongly:\n{}", wrong.len(), wrong.join("\n"));
}
