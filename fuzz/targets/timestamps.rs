//! Times as people and machines write them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waylaid_logs::timestamps::{Hints, order_evidence, parse, parse_prefix};
use waylaid_model::time::parse_duration;
use waylaid_model::Timestamp;

fuzz_target!(|data: &[u8]| {
    parse_prefix(data, Hints::default());
    order_evidence(data);
    if let Ok(text) = std::str::from_utf8(data) {
        parse(text, Hints::default());
        parse_duration(text);
        if let Some(time) = Timestamp::parse_rfc3339(text) {
            // What was read is printed so that it reads the same.
            assert_eq!(Timestamp::parse_rfc3339(&time.to_string()), Some(time), "{text}");
        }
    }
});
