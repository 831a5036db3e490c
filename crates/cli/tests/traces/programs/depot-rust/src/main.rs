//! Runs what is asked for.

use anyhow::Result;
use depot::shelf::{ranked, Shelf};
use depot::{manifest, slots};

fn main() -> Result<()> {
    let what = std::env::args().nth(1).unwrap_or_default();
    match what.as_str() {
        "count-of-nothing" => println!("{}", Shelf::default().count("nails")),
        "blank-in-count" => println!("{:?}", manifest::read("nails, 4\nbolts,7")?),
        "take-too-many" => Shelf::default().take("bolts", 2),
        "note-twice" => Shelf::default().note("opened"),
        "no-slot" => println!("{:?}", slots::wanted(&slots::slots(8, 12, 2), 9)),
        "too-few-weights" => println!("{:?}", ranked(&[Shelf::default(), Shelf::default()], &[3])),
        "on-time" => on_time(),
        _ => {}
    }
    Ok(())
}

fn on_time() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let _ = tokio::spawn(async { slots::arrival(0).await }).await;
    });
}
