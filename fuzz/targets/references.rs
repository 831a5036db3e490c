//! What a stored case says, as if somebody had changed it; paths into payloads.
#![no_main]
#![allow(dead_code, reason = "the engine uses more of it")]

use libfuzzer_sys::fuzz_target;
use waylaid_engine::EngineError;
use waylaid_model::{Diagnosis, Reference, TableColumn};

#[path = "../../crates/engine/src/search/path.rs"]
mod path;

fuzz_target!(|data: &[u8]| {
    if let Ok(reference) = serde_json::from_slice::<Reference>(data) {
        let json = serde_json::to_string(&reference).unwrap();
        assert_eq!(serde_json::from_str::<Reference>(&json).unwrap(), reference);
        let _ = reference.to_string();
    }
    if let Ok(diagnosis) = serde_json::from_slice::<Diagnosis>(data) {
        let _ = waylaid_report::text::diagnosis(&diagnosis).plain();
        let _ = waylaid_report::markdown::diagnosis(&diagnosis);
        let _ = waylaid_report::compact::diagnosis(&diagnosis);
        let _ = waylaid_report::html::page(&diagnosis);
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    TableColumn::parse(text);
    let (path, value) = text.split_once('\n').unwrap_or((text, ""));
    if let Ok(path) = path::Path::parse(path)
        && let Ok(value) = serde_json::from_str(value)
    {
        path.holds(&value, "1");
    }
});
