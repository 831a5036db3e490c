//! What databases say when a constraint is broken.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waylaid_logs::violations::find_violations;

fuzz_target!(|text: &str| {
    find_violations(text);
});
