//! How likely an uneven split is by chance: Fisher's exact test.

use super::Trait;

/// The chance that so uneven a split comes by itself: Fisher's exact test, one-sided.
pub(super) fn chance(t: &Trait) -> f64 {
    chance_of(t.stuck, t.of_stuck, t.done, t.of_done)
}

/// The same for plain counts: `a` of `of_stuck` against `c` of `of_done`.
pub(crate) fn chance_of(a: usize, of_stuck: usize, c: usize, of_done: usize) -> f64 {
    let (b, d) = (of_stuck.saturating_sub(a), of_done.saturating_sub(c));
    let total = a + b + c + d;
    let with = a + c;
    let ln_choose = |n: usize, k: usize| ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k);
    let denominator = ln_choose(total, a + b);
    (a..=with.min(a + b))
        .map(|k| {
            let rest = (a + b) - k;
            if rest > total - with {
                0.0
            } else {
                (ln_choose(with, k) + ln_choose(total - with, rest) - denominator).exp()
            }
        })
        .sum()
}

pub(super) fn ln_factorial(n: usize) -> f64 {
    (2..=n).map(|i| (i as f64).ln()).sum()
}
