//! Lines a second on one core: `cargo run --release -p waylaid-logs --example lines -- FILE…`.
//!
//! Each file is taken apart into messages, masked and counted, again and again for two seconds.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example that measures and prints")]

use std::time::Instant;
use waylaid_logs::{FileProfile, Masked, Said, Tally};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path)?;
        let profile = FileProfile::of(&bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let lines = text.lines().count();
        let headers = rate(lines, || {
            let said = text.lines().filter(|l| matches!(profile.said(l), Said::Message(_))).count();
            assert!(said <= lines);
        });
        let mut tally = Tally::default();
        let whole = rate(lines, || tally.add(&Masked::of(&bytes, &profile), None));
        let size = bytes.len() as f64 / lines as f64;
        println!(
            "{path}: {:.2} M lines/s headers, {:.2} M lines/s in all, {:.0} MB/s, {} templates",
            headers / 1e6,
            whole / 1e6,
            whole * size / 1e6,
            tally.templates().len()
        );
    }
    Ok(())
}

/// Lines a second of the fastest of many runs.
fn rate(lines: usize, mut run: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut best = f64::MAX;
    while start.elapsed().as_secs_f64() < 1.0 {
        let one = Instant::now();
        run();
        best = best.min(one.elapsed().as_secs_f64());
    }
    lines as f64 / best
}
