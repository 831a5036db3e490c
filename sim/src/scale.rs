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

/// How much bigger than proportional the factor is chosen; background noise and chance do not scale to the line.
const MARGIN: f64 = 1.05;

/// Writes the seed incident scaled up below `out` (bundle and expected verdict), compressed as ever or not at all.
pub fn write_scaled(scale: Scale, plain: bool, out: &Path) -> Result<Written> {
    let dir = out.join("seed");
    let factor = match scale {
        Scale::Factor(factor) => factor.max(1),
        Scale::AtLeast { log_lines, records } => {
            let probe = play("seed", &dir, 1, plain, &seed::build)?;
            let lines = log_lines as f64 / probe.log_lines as f64;
            let messages = records as f64 / probe.records as f64;
            (lines.max(messages) * MARGIN).ceil().max(1.0) as i64
        }
    };
    play("seed", &dir, factor, plain, &seed::build)
}
