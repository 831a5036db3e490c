//! Manifests of trucks.

use anyhow::{Context, Result};

/// A line of a manifest.
#[derive(Debug)]
pub struct Entry {
    pub good: String,
    pub count: u32,
}

/// Reads a manifest.
pub fn read(text: &str) -> Result<Vec<Entry>> {
    text.lines().map(entry).collect::<Result<Vec<_>>>().context("manifest cannot be read")
}

fn entry(line: &str) -> Result<Entry> {
    let (good, count) = line.split_once(',').context("no comma")?;
    let count = count.parse().with_context(|| format!("count of {good}"))?;
    Ok(Entry { good: good.to_owned(), count })
}
