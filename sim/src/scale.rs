//! The seed incident many times bigger, streamed to disk while it is played.

use std::path::Path;

use anyhow::Result;

use crate::Written;
use crate::bundle::play;
use crate::cases::seed;

/// How big.
#[derive(Debug, Clone, Copy)]
pub enum Scale {
    /// So many times as many orders.
    Factor(i64),
    /// At least so many log lines and records.
    AtLeast {
        /// Log lines, as an editor counts them.
        log_lines: u64,
        /// Topic records.
        records: u64,
    },
}

/// How much bigger than proportional things are chosen; background noise and chance do not scale to the line.
const MARGIN: f64 = 1.05;

/// How much more chatter tells what chatter makes; with little, chance would tell more.
const PROBE: i64 = 100;

/// Writes the seed incident scaled up below `out` (bundle and expected verdict), compressed as ever or not at all.
pub fn write_scaled(scale: Scale, plain: bool, out: &Path) -> Result<Written> {
    let dir = out.join("seed");
    let (factor, chatter) = match scale {
        Scale::Factor(factor) => (factor.max(1), 1),
        Scale::AtLeast { log_lines, records } => sizes(&dir, plain, log_lines, records)?,
    };
    chattering(&dir, factor, plain, chatter)
}

fn chattering(dir: &Path, factor: i64, plain: bool, chatter: i64) -> Result<Written> {
    play("seed", dir, factor, plain, &|world| {
        world.chatter = chatter;
        seed::build(world);
    })
}

/// As many orders as make the records; what is then missing in lines is everyday chatter, which most of a log is.
fn sizes(dir: &Path, plain: bool, log_lines: u64, records: u64) -> Result<(i64, i64)> {
    let quiet = chattering(dir, 1, plain, 1)?;
    let loud = chattering(dir, 1, plain, 1 + PROBE)?;
    let factor = (records as f64 / quiet.records as f64 * MARGIN).ceil().max(1.0);
    let chatter = (loud.log_lines.saturating_sub(quiet.log_lines) as f64 / PROBE as f64).max(1.0);
    let told = quiet.log_lines as f64 - chatter;
    let wanted = log_lines as f64 * MARGIN / factor;
    Ok((factor as i64, ((wanted - told) / chatter).ceil().max(1.0) as i64))
}
