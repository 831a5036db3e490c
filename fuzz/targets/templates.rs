//! Messages that are put into groups, and lines of a file in blocks.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waylaid_logs::template_of;
use waylaid_logs::templates::{Grouper, Looks, Masked, Tally};

fuzz_target!(|text: &str| {
    let mut grouper = Grouper::default();
    let ids: Vec<_> = text.lines().map(|line| grouper.add(line)).collect();
    for id in ids {
        grouper.template(grouper.resolve(id));
    }
    template_of(text);
    let profile = waylaid_logs::profile(text.as_bytes());
    let (mut tally, mut looks, mut groups) = (Tally::default(), Looks::default(), Vec::new());
    for _ in 0..2 {
        tally.add(&Masked::with(text.as_bytes(), &profile, &mut looks), Some(&mut groups));
    }
    assert_eq!(tally.lines() as usize, groups.len());
    tally.templates();
});
