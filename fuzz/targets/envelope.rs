//! A record's line in a topic's file.
#![no_main]
#![allow(dead_code, reason = "the connector uses more of it")]

use libfuzzer_sys::fuzz_target;

#[path = "../../connectors/files/src/topics/envelope.rs"]
mod envelope;

fuzz_target!(|data: &[u8]| {
    envelope::head_of_beginning(data);
    let head = envelope::head(data);
    let record = envelope::record(data, "topic");
    // The quick reading of a line's head says what the whole reading says.
    if let (Some(head), Some(record)) = (head, record) {
        assert_eq!((head.partition, head.offset, head.time), (record.partition, record.offset, record.time));
    }
});
