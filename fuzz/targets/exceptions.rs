//! Stack traces of any language, and errors told in one line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waylaid_logs::exceptions::{parse_error, parse_exception};
use waylaid_logs::kinds::classify;

fuzz_target!(|text: &str| {
    for exception in [parse_exception(text), parse_error(text)].into_iter().flatten() {
        exception.root_type();
        exception.application_frames().count();
        classify(Some(&exception), exception.root_message(), &[]);
    }
    classify(None, text, &[]);
});
