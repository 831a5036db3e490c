//! Of events that look alike only so many: the book that a scan keeps. Events come in order of time, so the first ones
//! are those that came.

use crate::layout::hash;
use std::collections::HashMap;
use waylaid_logs::look_of;
use waylaid_store::{Alike, LogHit};

/// Looks that are kept apart; events with further ones are all handed over.
const MOST: usize = 1 << 16;
/// A key so shortly before an event without one, in its part, is near it; nanoseconds.
const NEAR: i64 = 2_000_000_000;

/// The books of all parts.
pub(crate) struct Looks<'a> {
    judge: &'a dyn Alike,
    seen: HashMap<(u32, u64), Seen>,
    /// When a key was last seen, a part each.
    last_key: HashMap<u32, i64>,
}

#[derive(Default)]
struct Seen {
    count: HashMap<Vec<u32>, usize>,
    left_out: u64,
}

impl<'a> Looks<'a> {
    /// Empty books.
    pub fn new(judge: &'a dyn Alike) -> Self {
        Self { judge, seen: HashMap::new(), last_key: HashMap::new() }
    }

    /// Gives an event its look; whether it is wanted.
    pub fn reads(&mut self, hit: &mut LogHit, text: &[u8]) -> bool {
        // Two services that use the same words say two things.
        let look = look_of(text) ^ hash(hit.service.as_bytes());
        hit.look = Some(look);
        let keys = hit.keys.as_slice();
        let time = hit.event.time.map(|t| t.0);
        if let (Some(time), true) = (time, keys.iter().any(|key| self.judge.tells(*key))) {
            self.last_key.insert(hit.part, time);
        }
        let Some(seen) = self.seen.get_mut(&(hit.part, look)) else { return true };
        if seen.count.get(keys).copied().unwrap_or(0) < self.judge.wanted(keys) {
            return true;
        }
        let last = self.last_key.get(&hit.part);
        let near_key = time.zip(last).is_some_and(|(time, last)| time.saturating_sub(*last) <= NEAR);
        let reads = keys.is_empty() && self.judge.still_wanted(look, text, near_key);
        seen.left_out += u64::from(!reads);
        reads
    }

    /// Notes that an event is handed over.
    pub fn note(&mut self, hit: &LogHit) {
        let Some(look) = hit.look else { return };
        let key = (hit.part, look);
        if !self.seen.contains_key(&key) {
            if self.seen.len() >= MOST {
                return;
            }
            self.judge.seen(look, hit);
        }
        *self.seen.entry(key).or_default().count.entry(hit.keys.clone()).or_default() += 1;
    }

    /// Tells the judge how many were left out.
    pub fn close(self) {
        for ((_, look), seen) in self.seen {
            if seen.left_out > 0 {
                self.judge.left_out(look, seen.left_out);
            }
        }
    }
}
