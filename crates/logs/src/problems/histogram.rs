//! Counts over time in a fixed number of slots: the slots grow wider as the time that they cover does.

use waylaid_model::{Timestamp, Window};

/// Slots kept.
const SLOTS: i64 = 256;
/// The narrowest slot: a second.
const NARROWEST: i64 = 1_000_000_000;

/// Counts over time. The same events give the same counts in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Width of a slot in nanoseconds; 0 while empty.
    width: i64,
    /// Number of the first slot: its begin divided by the width.
    first: i64,
    counts: Vec<u64>,
}

impl Histogram {
    /// Counts an event.
    pub fn add(&mut self, time: Timestamp) {
        self.put(time.0, 1);
    }

    /// Counts so many events of one moment.
    pub fn add_times(&mut self, time: Timestamp, times: u64) {
        self.put(time.0, times);
    }

    fn put(&mut self, nanos: i64, count: u64) {
        if self.counts.is_empty() {
            self.width = self.width.max(NARROWEST);
            self.first = nanos.div_euclid(self.width);
            self.counts.push(count);
            return;
        }
        loop {
            let slot = nanos.div_euclid(self.width);
            let last = self.first + self.counts.len() as i64 - 1;
            let (low, high) = (self.first.min(slot), self.first.max(slot).max(last));
            if high.saturating_sub(low) >= SLOTS {
                self.widen();
                continue;
            }
            if slot < self.first {
                let more = (self.first - slot) as usize;
                self.counts.splice(0..0, std::iter::repeat_n(0, more));
                self.first = slot;
            }
            let at = (slot - self.first) as usize;
            if at >= self.counts.len() {
                self.counts.resize(at + 1, 0);
            }
            self.counts[at] += count;
            return;
        }
    }

    /// Doubles the width of all slots.
    fn widen(&mut self) {
        let first = self.first.div_euclid(2);
        let mut counts = Vec::with_capacity(self.counts.len() / 2 + 1);
        for (n, count) in self.counts.iter().enumerate() {
            let at = ((self.first + n as i64).div_euclid(2) - first) as usize;
            if at >= counts.len() {
                counts.resize(at + 1, 0);
            }
            counts[at] += count;
        }
        self.width = self.width.saturating_mul(2);
        self.first = first;
        self.counts = counts;
    }

    /// Puts another's counts to it.
    pub fn merge(&mut self, other: &Self) {
        while self.width < other.width && !self.counts.is_empty() {
            self.widen();
        }
        self.width = self.width.max(other.width);
        for (n, count) in other.counts.iter().enumerate().filter(|(_, c)| **c > 0) {
            self.put((other.first + n as i64).saturating_mul(other.width), *count);
        }
    }

    /// How many were counted.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The counts of `slots` equal parts of a stretch of time; what a slot holds belongs to the part that its middle
    /// is in.
    pub fn parts(&self, span: Window, slots: usize) -> Vec<u64> {
        let mut parts = vec![0; slots.max(1)];
        let (Some(from), Some(until)) = (span.from, span.until) else { return parts };
        let length = i128::from(until.0.saturating_sub(from.0).max(1));
        for (n, count) in self.counts.iter().enumerate() {
            let middle =
                i128::from(self.first + n as i64) * i128::from(self.width) + i128::from(self.width) / 2;
            let at = (middle - i128::from(from.0)) * parts.len() as i128 / length;
            let at = at.clamp(0, parts.len() as i128 - 1) as usize;
            parts[at] += count;
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn any_order_gives_the_same_counts_in_bounded_slots() {
        let times: Vec<i64> = (0..5_000).map(|n| 1_700_000_000 + n * 37 % 100_000).collect();
        let (mut up, mut down) = (Histogram::default(), Histogram::default());
        times.iter().for_each(|t| up.add(at(*t)));
        times.iter().rev().for_each(|t| down.add(at(*t)));
        assert_eq!((&up, up.total()), (&down, 5_000));
        assert!(up.counts.len() as i64 <= SLOTS);
        let (mut left, mut right) = (Histogram::default(), Histogram::default());
        times
            .iter()
            .enumerate()
            .for_each(|(n, t)| if n % 3 == 0 { left.add(at(*t)) } else { right.add(at(*t)) });
        left.merge(&right);
        assert_eq!(left, up);
        let extremes = [i64::MIN, i64::MAX, 0];
        let mut wide = Histogram::default();
        extremes.iter().for_each(|t| wide.add(Timestamp(*t)));
        assert_eq!(wide.total(), 3);
    }

    #[test]
    fn parts_of_a_span() {
        let mut h = Histogram::default();
        (0..100).for_each(|n| h.add(at(1_000 + n)));
        let span = Window { from: Some(at(1_000)), until: Some(at(1_100)) };
        assert_eq!(h.parts(span, 4), [25, 25, 25, 25]);
        assert_eq!(Histogram::default().parts(span, 2), [0, 0]);
    }
}
