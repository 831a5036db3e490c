//! Since when: whether a problem is new, more frequent than before, or as ever.

use super::histogram::Histogram;
use waylaid_model::{Timestamp, Window};

/// How a problem compares with what went before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onset {
    /// It was not there before; since when.
    New(Option<Timestamp>),
    /// It was there, and is clearly more frequent; since when, where that can be told.
    More(Option<Timestamp>),
    /// It was there, about as often.
    AsEver,
    /// There is too little to compare with.
    Unknown,
}

impl Onset {
    /// The name used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New(_) => "new",
            Self::More(_) => "more",
            Self::AsEver => "as_ever",
            Self::Unknown => "unknown",
        }
    }

    /// Since when.
    pub fn since(self) -> Option<Timestamp> {
        match self {
            Self::New(since) | Self::More(since) => since,
            Self::AsEver | Self::Unknown => None,
        }
    }
}

/// So improbable chance has to be before a change is called one.
const CHANCE: f64 = 0.01;
/// So many times as often counts as more.
const TIMES: f64 = 2.0;
/// Parts in which a span is searched for the moment of a change.
const PARTS: usize = 48;

/// Compares counts of a window with those of a baseline, whose lengths are in nanoseconds.
pub fn against(count: u64, before: u64, window: i64, baseline: i64, first: Option<Timestamp>) -> Onset {
    if window <= 0 || baseline <= 0 {
        return Onset::Unknown;
    }
    if before == 0 {
        return Onset::New(first);
    }
    let expected = before as f64 * window as f64 / baseline as f64;
    let is_more = count as f64 >= TIMES * expected && tail(count, expected + expected.sqrt()) < CHANCE;
    if is_more { Onset::More(None) } else { Onset::AsEver }
}

/// Without a baseline: where in the whole span a problem begins or becomes more.
pub fn within(histogram: &Histogram, first: Option<Timestamp>, span: Window) -> Onset {
    let (Some(from), Some(until), Some(first)) = (span.from, span.until, first) else {
        return Onset::Unknown;
    };
    let count = histogram.total();
    let length = until.since(from);
    if length <= 0 || count < 2 {
        return Onset::Unknown;
    }
    // Had it been there all the time, all of it would hardly lie behind its first moment.
    let quiet = first.since(from) as f64 / length as f64;
    if (1.0 - quiet).powf(count as f64) < CHANCE && quiet > 0.02 {
        return Onset::New(Some(first));
    }
    more_since(histogram, span, count).map_or(Onset::AsEver, |at| Onset::More(Some(at)))
}

/// The moment that parts a span best into few before and many after, where these differ clearly.
fn more_since(histogram: &Histogram, span: Window, count: u64) -> Option<Timestamp> {
    let (from, until) = (span.from?, span.until?);
    let parts = histogram.parts(span, PARTS);
    let mut best: Option<(f64, usize)> = None;
    let mut before = 0;
    for at in 1..PARTS {
        before += parts[at - 1];
        let after = count - before;
        let expected = before.max(1) as f64 * (PARTS - at) as f64 / at as f64;
        let is_more = at * 8 >= PARTS
            && after as f64 >= 3.0 * expected
            && tail(after, expected + 2.0 * expected.sqrt()) < CHANCE / 10.0;
        let gain = after as f64 / expected;
        if is_more && best.is_none_or(|(g, _)| gain > g) {
            best = Some((gain, at));
        }
    }
    let (_, at) = best?;
    Some(from.plus((i128::from(until.since(from)) * at as i128 / PARTS as i128) as i64))
}

/// How probable it is that chance alone gives so many or more where so many are expected (Chernoff's bound).
fn tail(count: u64, expected: f64) -> f64 {
    let n = count as f64;
    if n <= expected {
        return 1.0;
    }
    (n - expected - n * (n / expected).ln()).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000_000;

    fn spread(seconds: impl Iterator<Item = i64>) -> (Histogram, Option<Timestamp>) {
        let mut histogram = Histogram::default();
        let mut first = None;
        for s in seconds {
            let at = Timestamp::from_seconds(s);
            histogram.add(at);
            first = Some(first.map_or(at, |f: Timestamp| f.min(at)));
        }
        (histogram, first)
    }

    #[test]
    fn counts_against_a_baseline() {
        assert_eq!(against(1, 0, HOUR, HOUR, None), Onset::New(None));
        assert_eq!(against(10, 10, HOUR, HOUR, None), Onset::AsEver);
        assert_eq!(against(3, 1, HOUR, HOUR, None), Onset::AsEver);
        assert_eq!(against(60, 10, HOUR, HOUR, None), Onset::More(None));
        assert_eq!(against(10, 100, HOUR, 10 * HOUR, None), Onset::AsEver);
        assert_eq!(against(5, 3, HOUR, 0, None), Onset::Unknown);
    }

    #[test]
    fn a_whole_log_is_its_own_baseline() {
        let span =
            Window { from: Some(Timestamp::from_seconds(0)), until: Some(Timestamp::from_seconds(36_000)) };
        let (h, first) = spread((0..36_000).step_by(300));
        assert_eq!(within(&h, first, span), Onset::AsEver);
        let (h, first) = spread((20_000..36_000).step_by(300));
        assert_eq!(within(&h, first, span), Onset::New(first));
        let (h, first) = spread((0..36_000).step_by(3_000).chain((30_000..36_000).step_by(20)));
        let Onset::More(Some(at)) = within(&h, first, span) else { panic!("not more") };
        assert!((29_000..31_000).contains(&(at.0 / 1_000_000_000)), "{at}");
        let (h, first) = spread([34_000].into_iter());
        assert_eq!(within(&h, first, span), Onset::Unknown);
    }
}
