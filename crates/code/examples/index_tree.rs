//! How long the index of a tree takes: the first time, again, and after one file was changed; and lines asked of it.
//!
//! `cargo run --release -p waylaid-code --example index_tree -- TREE CACHE LINE…` (`-` for no cache)
//! Run it again with the same cache, and after a file was changed.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement")]

use std::time::Instant;
use waylaid_code::{Sources, locate};
use waylaid_model::LogEvent;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(tree), Some(cache)) = (arguments.next(), arguments.next()) else {
        println!("which tree, and which folder for the cache?");
        return;
    };
    if cache != "-" {
        waylaid_code::keep_index_in(std::path::Path::new(&cache));
    }
    let from = Instant::now();
    let sources = Sources::read("tree", std::path::Path::new(&tree));
    let read = from.elapsed();
    let index = sources.index();
    let lines: usize = sources.files.iter().map(|f| f.text.lines().count()).sum();
    println!(
        "files {} of {}, lines {lines}, read {read:.2?}, with index {:.2?}",
        index.files.len(),
        sources.files.len(),
        from.elapsed()
    );
    for line in arguments {
        let event = LogEvent { message: line.clone(), ..LogEvent::default() };
        for round in ["first", "again"] {
            let from = Instant::now();
            let answer = locate(&[&sources], &event, &line);
            let first = answer.first().map(|p| format!("{}:{}", p.path, p.line)).unwrap_or_default();
            println!("{round} {:.2?} {:?} {first}", from.elapsed(), answer.outcome);
        }
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or_default());
}
