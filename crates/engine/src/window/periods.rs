//! Which moments belong to the window, which to the baseline, and what has to be read for both.

use crate::{Ask, EngineError};
use waylaid_model::{Timestamp, Window};

/// What lies behind the end of a stretch is read this far, so that requests under way are not taken for broken off.
const TAIL: i64 = 60_000_000_000;

/// A stretch of time that is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// What it is compared with.
    Baseline = 0,
    /// What was asked about.
    Window = 1,
}

/// Both stretches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Periods {
    pub(super) window: Window,
    pub(super) baseline: Window,
    /// The baseline was not given: it is the time before the window.
    pub(super) assumed: bool,
}

impl Periods {
    /// From the question. Without a baseline it is everything before the window.
    pub(super) fn of(ask: &Ask) -> Result<Self, EngineError> {
        let window = ask.window;
        if window == Window::ALL && ask.baseline.is_none() {
            return Err(EngineError::Question {
                message: "which window? neither its start nor a baseline is given".into(),
                hint: "add --since (and --until), or --baseline FROM..TO".into(),
            });
        }
        if window.from.is_none() && ask.baseline.is_none() {
            return Err(EngineError::Question {
                message: "the window has no start, so nothing lies before it to compare with".into(),
                hint: "add --since, or --baseline FROM..TO".into(),
            });
        }
        let before = Window { from: None, until: window.from };
        Ok(Self { window, baseline: ask.baseline.unwrap_or(before), assumed: ask.baseline.is_none() })
    }

    /// Where a moment belongs. The window comes first where both overlap, unless it is unbounded.
    pub(super) fn side(&self, at: Timestamp) -> Option<Side> {
        let in_window = self.window.contains(at);
        let in_baseline = self.baseline.contains(at);
        match (in_window, in_baseline) {
            (true, true) if self.window == Window::ALL => Some(Side::Baseline),
            (true, _) => Some(Side::Window),
            (false, true) => Some(Side::Baseline),
            (false, false) => None,
        }
    }

    /// The stretch that holds both, with what comes just behind.
    pub(super) fn span(&self) -> Window {
        let ends =
            |pick: fn(&Window) -> Option<Timestamp>| Some((pick(&self.window)?, pick(&self.baseline)?));
        Window {
            from: ends(|w| w.from).map(|(a, b)| a.min(b)),
            until: ends(|w| w.until).map(|(a, b)| a.max(b).plus(TAIL)),
        }
    }
}
