//! Flows of every shape as text: chains, branches, joins, ways back.

mod common;

use common::fixture;
use waylaid_model::HopCount;
use waylaid_report::{html, text};

fn hop(hop: &str, reached: u64, passed: u64) -> HopCount {
    HopCount {
        hop: hop.into(),
        service: Some("service".into()),
        reached,
        passed,
        control_passed: 90,
        typical_ms: Some(10),
        slow_ms: None,
    }
}

#[test]
fn flows_of_every_shape() {
    let shapes = [
        ("back", vec![hop("a -> b", 9, 9), hop("b -> c", 9, 4), hop("c -> a", 4, 0)]),
        ("join", vec![hop("a -> b", 9, 9), hop("a -> c", 9, 8), hop("b -> d", 9, 9), hop("c -> d", 8, 1)]),
        ("end", vec![hop("a", 9, 9), hop("x -> a", 3, 3)]),
    ];
    for (name, flow) in shapes {
        let mut diagnosis = fixture("mixture");
        diagnosis.flow = flow;
        let page = text::diagnosis(&diagnosis).plain();
        let start = page.find("FLOW").unwrap_or(0);
        let end = page.find("\nCAUSES").unwrap_or(page.len());
        insta::assert_snapshot!(format!("flow_{name}"), &page[start..end]);
        assert!(html::page(&diagnosis).is_ok_and(|p| p.contains("<svg")));
    }
}
