//! Fisher's exact test on counts, one-sided, as evidence in nats (`-ln p`).

/// Evidence that `hits` of `trials` in the window is more than `base_hits` of `base_trials` would let expect.
pub(super) fn more(hits: u64, trials: u64, base_hits: u64, base_trials: u64) -> f64 {
    let (hits, base_hits) = (hits.min(trials), base_hits.min(base_trials));
    if trials == 0 || base_trials == 0 || hits == 0 {
        return 0.0;
    }
    let total = trials + base_trials;
    let successes = hits + base_hits;
    let expected = successes as f64 * trials as f64 / total as f64;
    if hits as f64 <= expected {
        return 0.0;
    }
    let all = ln_choose(total, trials);
    let first = ln_choose(successes, hits) + ln_choose(total - successes, trials - hits) - all;
    // Behind the mode each term is smaller than the one before: the sum is the first times a short series.
    let mut series = 1.0;
    let mut term = 1.0;
    let mut k = hits;
    while k < successes.min(trials) && term > series * 1e-12 {
        let up = (successes - k) as f64 * (trials - k) as f64;
        let down = (k + 1) as f64 * ((total + k + 1).saturating_sub(successes + trials)) as f64;
        if down <= 0.0 {
            break;
        }
        term *= up / down;
        series += term;
        k += 1;
    }
    (-(first + series.ln())).max(0.0)
}

/// The most evidence that counts of this size could ever give: all of the window, none of the baseline.
pub(super) fn most(trials: u64, base_trials: u64) -> f64 {
    ln_choose(trials + base_trials, trials)
}

/// The threshold at which the share of false finds among those above it is at most `rate`, after Benjamini and
/// Hochberg, for `tests` tests of which `found` are the evidences of interest.
pub(super) fn threshold(found: &mut [f64], tests: usize, rate: f64) -> f64 {
    found.sort_by(|a, b| b.total_cmp(a));
    let tests = tests.max(found.len()).max(1) as f64;
    let needed = |rank: usize| -((rank as f64 * rate / tests).ln());
    let last = (1..=found.len()).rev().find(|rank| found[rank - 1] >= needed(*rank));
    needed(last.unwrap_or(1))
}

fn ln_choose(n: u64, k: u64) -> f64 {
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// Exact by summation for small numbers, Stirling's series for large ones.
fn ln_factorial(n: u64) -> f64 {
    if n < 32 {
        return (2..=n).map(|k| (k as f64).ln()).sum();
    }
    let x = n as f64;
    x * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI * x).ln() + 1.0 / (12.0 * x)
        - 1.0 / (360.0 * x.powi(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_tables() {
        // 19 of 19 against 0 of 6: one table of C(25, 6) = 177100.
        assert!((more(19, 19, 0, 6) - 177_100f64.ln()).abs() < 1e-9);
        // The lady tasting tea: 4 of 4 against 0 of 4 is 1/70, 3 against 1 is 17/70.
        assert!((more(4, 4, 0, 4) - 70f64.ln()).abs() < 1e-9);
        assert!((more(3, 4, 1, 4) - (70f64 / 17.0).ln()).abs() < 1e-9);
        assert!((most(19, 6) - 177_100f64.ln()).abs() < 1e-9);
    }

    #[test]
    fn nothing_is_found_where_nothing_is_more() {
        for (a, b, c, d) in [(0, 10, 0, 10), (1, 10, 1, 10), (0, 0, 5, 9), (5, 9, 0, 0), (2, 10, 3, 10)] {
            assert!(more(a, b, c, d) < 1e-9, "{a} {b} {c} {d}");
        }
        assert!(more(1_000_000, 2_000_000, 400_000, 2_000_000).is_finite());
    }

    #[test]
    fn many_finds_lower_the_bar() {
        let one = threshold(&mut [12.0], 1000, 0.01);
        let many = threshold(&mut [12.0; 50], 1000, 0.01);
        assert!(many < one);
        assert!((threshold(&mut [], 100, 0.01) - 10_000f64.ln()).abs() < 1e-9);
    }
}
