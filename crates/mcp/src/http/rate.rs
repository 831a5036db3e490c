//! So many requests a second, and a few more at once.

use std::sync::Mutex;
use std::time::Instant;

/// Requests a second in the long run.
const STEADY: f64 = 20.0;
/// Requests at once after a pause.
const BURST: f64 = 100.0;

/// What is left to spend.
pub(super) struct Rate(Mutex<(f64, Instant)>);

impl Default for Rate {
    fn default() -> Self {
        Self(Mutex::new((BURST, Instant::now())))
    }
}

impl Rate {
    /// Whether one more is allowed now.
    pub(super) fn allows(&self) -> bool {
        self.allows_at(Instant::now())
    }

    fn allows_at(&self, now: Instant) -> bool {
        let Ok(mut left) = self.0.lock() else { return false };
        let grown = now.saturating_duration_since(left.1).as_secs_f64() * STEADY;
        *left = ((left.0 + grown).min(BURST), now);
        let is_allowed = left.0 >= 1.0;
        if is_allowed {
            left.0 -= 1.0;
        }
        is_allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_burst_is_allowed_and_then_so_many_a_second() {
        let (rate, start) = (Rate::default(), Instant::now());
        assert_eq!((0..300).filter(|_| rate.allows_at(start)).count(), 100);
        let later = start + Duration::from_secs(2);
        assert_eq!((0..300).filter(|_| rate.allows_at(later)).count(), 40);
    }
}
