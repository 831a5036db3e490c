//! Every rendered output against its snapshot, from diagnoses made by hand.

use waylaid_model::Diagnosis;
use waylaid_report::page::{WIDTH, width};
use waylaid_report::text;

pub fn fixture(name: &str) -> Diagnosis {
    let path = format!("{}/tests/data/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

const ALL: [&str; 4] = ["mixture", "window", "nofault", "hostile"];

#[test]
fn diagnoses_as_text() {
    for name in ALL {
        insta::assert_snapshot!(format!("text_{name}"), text::diagnosis(&fixture(name)).plain());
    }
}

#[test]
fn no_line_is_wider_than_the_page_and_none_moves_the_cursor() {
    for name in ALL {
        for line in text::diagnosis(&fixture(name)).plain().lines() {
            assert!(width(line) <= WIDTH, "{name}: {line}");
            assert!(
                !line.chars().any(|c| c.is_control() || c == '\u{202e}' || c == '\u{200b}'),
                "{name}: {line:?}"
            );
        }
    }
}
