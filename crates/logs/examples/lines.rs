//! Lines a second on one core: `cargo run --release -p waylaid-logs --example lines -- FILE…`.
//!
//! Each file is taken apart into messages, masked and counted, again and again for two seconds. With `--once` before them,
//! each is read a single time, in blocks as `waylaid templates` reads it, for somebody who takes the time from outside.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example that measures and prints")]

use std::io::Read;
use std::time::Instant;
use waylaid_logs::{FileProfile, Looks, Masked, Said, Tally};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut paths: Vec<String> = std::env::args().skip(1).collect();
    if paths.first().is_some_and(|p| p == "--once") {
        return paths.drain(1..).try_for_each(|path| once(&path));
    }
    for path in paths {
        let bytes = std::fs::read(&path)?;
        let profile = FileProfile::of(&bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let lines = text.lines().count();
        let headers = rate(lines, || {
            let said = text.lines().filter(|l| matches!(profile.said(l), Said::Message(_))).count();
            assert!(said <= lines);
        });
        let mut tally = Tally::default();
        let alone = rate(lines, || tally.add(&Masked::of(&bytes, &profile), None));
        let mut looks = Looks::default();
        let whole = rate(lines, || tally.add(&Masked::with(&bytes, &profile, &mut looks), None));
        let size = bytes.len() as f64 / lines as f64;
        println!(
            "{path}: {:.2} M lines/s headers, {:.2} M lines/s read once, {:.2} M lines/s again, {:.0} MB/s, {} templates",
            headers / 1e6,
            alone / 1e6,
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

/// Counts a file's templates, a block at a time.
fn once(path: &str) -> Result<(), Box<dyn std::error::Error>> {
    let mut file = std::fs::File::open(path)?;
    let (mut tally, mut looks, mut profile) = (Tally::default(), Looks::default(), None);
    let (mut block, mut carry) = (Vec::new(), Vec::new());
    loop {
        block.append(&mut carry);
        let read = (&mut file).take(1 << 20).read_to_end(&mut block)?;
        let end = block.iter().rposition(|c| *c == b'\n').map_or(block.len(), |at| at + 1);
        carry.extend_from_slice(&block[end..]);
        let profile = profile.get_or_insert_with(|| FileProfile::of(&block));
        tally.add(&Masked::with(&block[..end], profile, &mut looks), None);
        block.clear();
        if read == 0 {
            println!("{} templates in {} lines", tally.templates().len(), tally.lines());
            return Ok(());
        }
    }
}
