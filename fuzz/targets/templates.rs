//! Messages that are put into groups.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waylaid_logs::template_of;
use waylaid_logs::templates::Grouper;

fuzz_target!(|text: &str| {
    let mut grouper = Grouper::default();
    let ids: Vec<_> = text.lines().map(|line| grouper.add(line)).collect();
    for id in ids {
        grouper.template(grouper.resolve(id));
    }
    template_of(text);
});
