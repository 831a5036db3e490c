//! Which events of a part make its sample: spread evenly over the file as stored, whatever they hold.

use crate::blocks::Block;
use crate::events::{Shape, event_start, next_event};

/// Starts of the events in this block that belong to a sample of `count` out of a file of `bytes` as stored.
///
/// The blocks of a file divide its stored bytes among them, and a sample takes one event at each of `count` places
/// in the middle of equal shares; so the sample needs no second look, and compressed files have one as well.
pub(crate) fn sample_positions(shape: &impl Shape, block: &Block, bytes: u64, count: usize) -> Vec<usize> {
    let text = block.body();
    if text.is_empty() || count == 0 {
        return Vec::new();
    }
    if block.is_whole {
        return spread(&all_starts(shape, text), count);
    }
    let (count, from, to) = (count as u64, block.stored.start, block.stored.end);
    let bytes = bytes.max(1);
    let place = |i: u64| (u128::from(2 * i + 1) * u128::from(bytes) / u128::from(2 * count)) as u64;
    let first = (0..count).collect::<Vec<_>>().partition_point(|i| place(*i) < from) as u64;
    let mut starts = Vec::new();
    let mut free = 0;
    for place in (first..count).map(place).take_while(|place| *place < to) {
        let share = u128::from(place - from) * text.len() as u128 / u128::from(to - from);
        let wanted = (share as usize).max(free).min(text.len() - 1);
        let mut start = event_start(shape, text, wanted);
        if start < free {
            start = next_event(shape, text, wanted);
        }
        if start >= text.len() {
            break;
        }
        starts.push(start);
        free = start + 1;
    }
    starts
}

fn all_starts(shape: &impl Shape, text: &[u8]) -> Vec<usize> {
    let mut starts = vec![0];
    let mut at = next_event(shape, text, 0);
    while at < text.len() {
        starts.push(at);
        at = next_event(shape, text, at);
    }
    starts
}

fn spread(starts: &[usize], count: usize) -> Vec<usize> {
    if starts.len() <= count {
        return starts.to_vec();
    }
    (0..count).map(|i| starts[(2 * i + 1) * starts.len() / (2 * count)]).collect()
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn a_sample_is_spread_evenly() {
        let starts: Vec<usize> = (0..100).collect();
        assert_eq!(spread(&starts, 4), [12, 37, 62, 87]);
        assert_eq!(spread(&starts[..3], 4), [0, 1, 2]);
    }
}
