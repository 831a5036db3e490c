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

/// Physical lines a log event has on average in the seed incident (stack traces are long).
const LINES_PER_EVENT: f64 = 2.6;

/// Writes the seed incident scaled up to `out` (bundle and expected verdict).
pub fn write_scaled(scale: Scale, out: &Path) -> Result<Written> {
    let factor = match scale {
        Scale::Factor(factor) => factor.max(1),
        Scale::AtLeast { log_lines, records } => {
            let probe = play("seed", &out.join("seed"), 1, &seed::build)?;
            let lines = log_lines as f64 / (probe.log_events as f64 * LINES_PER_EVENT);
            let messages = records as f64 / probe.records as f64;
            (lines.max(messages) * 1.05).ceil().max(1.0) as i64
        }
    };
    play("seed", &out.join("seed"), factor, &seed::build)
}
