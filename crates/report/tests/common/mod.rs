//! Diagnoses made by hand.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot read its data fails")]

pub mod answers;

use waylaid_model::Diagnosis;

/// All of them.
pub const ALL: [&str; 4] = ["mixture", "window", "nofault", "hostile"];

/// One of them.
pub fn fixture(name: &str) -> Diagnosis {
    let path = format!("{}/tests/data/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
