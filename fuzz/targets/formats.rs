//! Lines of logs in any format: a sample tells how a file is written, then each event is read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waylaid_logs::coordinates::find_coordinates;
use waylaid_logs::formats::{parse_event, profile, starts_event};

fuzz_target!(|data: &[u8]| {
    let shape = profile(data);
    for line in data.split(|b| *b == b'\n') {
        starts_event(line);
        shape.starts_event(line);
        find_coordinates(&parse_event(line, &shape));
    }
    parse_event(data, &shape);
});
