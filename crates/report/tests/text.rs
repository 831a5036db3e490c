//! Every rendered output against its snapshot, from diagnoses made by hand.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing fails")]

mod common;

use common::{ALL, answers, fixture};
use waylaid_report::agent::{BYTES, TOKENS, Text, estimate};
use waylaid_report::page::{WIDTH, width};
use waylaid_report::text;

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

#[test]
fn diagnoses_as_markdown_and_for_agents() {
    for name in ALL {
        insta::assert_snapshot!(
            format!("markdown_{name}"),
            waylaid_report::markdown::diagnosis(&fixture(name))
        );
        insta::assert_snapshot!(
            format!("agent_{name}"),
            waylaid_report::agent::diagnosis(&fixture(name), Text::default())
        );
    }
}

#[test]
fn an_agent_gets_less_than_2000_tokens_and_hears_what_was_left_out() {
    let mut diagnosis = fixture("mixture");
    let cause = diagnosis.verdict.causes[0].clone();
    diagnosis.verdict.causes = vec![cause; 30];
    diagnosis.notes = vec!["a note that is rather long ".repeat(20); 50];
    let text = waylaid_report::agent::diagnosis(&diagnosis, Text::default());
    assert!(text.len() <= BYTES && estimate(&text) <= TOKENS + 60, "{} {}", text.len(), estimate(&text));
    assert!(text.contains("not shown here: "), "{text}");
}

#[test]
fn json_keeps_the_contract_and_shows_at_most_20_keys() {
    let mut diagnosis = fixture("mixture");
    diagnosis.evidence.retain(|id, _| id.0 == "e4");
    let json = waylaid_report::json::diagnosis(&diagnosis).unwrap();
    insta::assert_snapshot!("json_mixture", json);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["verdict"]["causes"][0]["entities"]["keys"].as_array().unwrap().len(), 20);
    assert_eq!(value["verdict"]["causes"][0]["entities"]["count"], 209);
}

#[test]
fn the_smaller_answers_as_text() {
    insta::assert_snapshot!("trail", text::trail(&answers::trail()).plain());
    insta::assert_snapshot!("trail_of_nothing", text::trail(&answers::nothing()).plain());
    insta::assert_snapshot!("flow", text::flow_answer(&answers::flow()).plain());
    insta::assert_snapshot!("stuck", text::stuck(&answers::stuck()).plain());
    insta::assert_snapshot!("check", text::check(&answers::check()).plain());
    insta::assert_snapshot!("search", text::search(&answers::search()).plain());
}

#[test]
fn one_cause_one_problem_one_piece_of_evidence() {
    let diagnosis = fixture("mixture");
    insta::assert_snapshot!("show_cause", text::cause(&diagnosis, &diagnosis.verdict.causes[0]).plain());
    insta::assert_snapshot!("show_problem", text::problem(&diagnosis, &diagnosis.problems[0]).plain());
    let (id, evidence) = diagnosis.evidence.iter().nth(5).unwrap();
    let raw = r#"{"level":"ERROR","n":{"a":1},"stack_trace":"first\n\tat second\u001b[2J"}"#;
    insta::assert_snapshot!("show_evidence", text::evidence("c-20261122-1", &id.0, evidence, raw).plain());
}

#[test]
fn a_summary_too_long_for_a_head_gives_way_to_the_causes() {
    let mut diagnosis = fixture("mixture");
    diagnosis.verdict.summary = "long ".repeat(60);
    let text = text::diagnosis(&diagnosis).plain();
    let head = "CONFIRMED  duplicate_key in pick-service: 209 of 214 stuck orders, and 1 more cause\n";
    assert!(text.starts_with(head), "{text}");
    diagnosis.verdict.causes[1].service = None;
    let text = text::diagnosis(&diagnosis).plain();
    let head = "CONFIRMED  duplicate_key in pick-service: 209 of 214 stuck orders, dependency_error: 5\n";
    assert!(text.starts_with(head), "{text}");
}
