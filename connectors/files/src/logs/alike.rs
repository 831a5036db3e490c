//! Which of many events that look alike are still to be read: the book that a sweep keeps of each part.

use crate::sweep::lock;
use std::collections::HashMap;
use std::sync::Mutex;
use waylaid_logs::look_of;
use waylaid_store::{Alike, LogHit};

/// Looks of one part that are kept apart; events with further ones are all read.
const MAX_LOOKS: usize = 1 << 14;
/// Keys of one look that are counted apart; events with further ones are all read.
const MAX_KEYS: usize = 1 << 18;
/// A key so many bytes before an event without one is near it.
pub(super) const NEAR: usize = 8 << 10;

/// The books of all parts.
pub(super) struct Looks<'a> {
    judge: &'a dyn Alike,
    parts: Vec<Part>,
}

struct Part {
    /// What its service's name makes of a look: two services that use the same words say two things.
    service: u64,
    book: Mutex<HashMap<u64, Seen>>,
}

/// What is known of the events of one look in one part.
#[derive(Default)]
struct Seen {
    /// Whether one without keys was read and reports nothing: then none of them does.
    is_none: bool,
    /// Whether one was delivered, so that the judge knows the look.
    is_known: bool,
    /// Positions of the first ones of each set of keys, sorted.
    first: HashMap<Vec<u32>, Vec<u64>>,
    left_out: u64,
}

impl<'a> Looks<'a> {
    /// Empty books of parts, whose services are given.
    pub(super) fn new<'s>(judge: &'a dyn Alike, services: impl Iterator<Item = &'s str>) -> Self {
        let part = |service: &str| Part { service: hash_of(service), book: Mutex::default() };
        Self { judge, parts: services.map(part).collect() }
    }

    /// The look of an event, and whether it has to be read at all.
    pub(super) fn reads(
        &self,
        part: usize,
        text: &[u8],
        seq: u64,
        keys: &[u32],
        last_key: Option<usize>,
    ) -> (u64, bool) {
        let look = look_of(text) ^ self.parts[part].service;
        let mut seen = lock(&self.parts[part].book);
        let Some(seen) = seen.get_mut(&look) else { return (look, true) };
        if keys.is_empty() && seen.is_none {
            return (look, false);
        }
        if !seen.is_known || among_first(seen, keys, seq, self.judge.wanted(keys)) {
            return (look, true);
        }
        let near_key = last_key.is_some_and(|distance| distance <= NEAR);
        let reads = keys.is_empty() && self.judge.still_wanted(look, text, near_key);
        seen.left_out += u64::from(!reads);
        (look, reads)
    }

    /// Notes that an event without keys reports no failure.
    pub(super) fn is_none(&self, part: usize, look: u64) {
        let mut seen = lock(&self.parts[part].book);
        if seen.len() < MAX_LOOKS || seen.contains_key(&look) {
            seen.entry(look).or_default().is_none = true;
        }
    }

    /// Notes that an event is delivered.
    pub(super) fn note(&self, part: usize, hit: &LogHit) {
        let keys = hit.keys.as_slice();
        let (mut seen, Some(look)) = (lock(&self.parts[part].book), hit.look) else { return };
        if seen.len() >= MAX_LOOKS && !seen.contains_key(&look) {
            return;
        }
        let seen = seen.entry(look).or_default();
        if !seen.is_known {
            self.judge.seen(look, hit);
            seen.is_known = true;
        }
        let wanted = self.judge.wanted(keys);
        if seen.first.len() >= MAX_KEYS && !seen.first.contains_key(keys) {
            return;
        }
        let first = seen.first.entry(keys.to_vec()).or_default();
        let at = first.partition_point(|p| *p < hit.seq);
        if at < wanted {
            first.insert(at, hit.seq);
            first.truncate(wanted);
        }
    }

    /// Tells the judge how many were left out.
    pub(super) fn close(self) {
        for part in self.parts {
            let seen = part.book.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
            for (look, seen) in seen {
                if seen.left_out > 0 {
                    self.judge.left_out(look, seen.left_out);
                }
            }
        }
    }
}

/// FNV-1a: the same in every run.
fn hash_of(name: &str) -> u64 {
    name.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Whether an event would be among the first ones of its keys, as far as these are known.
fn among_first(seen: &Seen, keys: &[u32], seq: u64, wanted: usize) -> bool {
    match seen.first.get(keys) {
        Some(first) => first.len() < wanted || first.last().is_some_and(|last| seq < *last),
        None => wanted > 0,
    }
}
