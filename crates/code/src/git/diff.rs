//! Which lines of a text are the same lines in another: the shared beginning and end, then the lines that stand once in
//! both, in order, and what lies between them again.

use std::collections::HashMap;

/// For each line of `new`, the line of `old` that it is; `None` where it was changed or added.
pub(super) fn same_lines(old: &[&str], new: &[&str]) -> Vec<Option<usize>> {
    let mut out = vec![None; new.len()];
    let mut open = vec![(0, old.len(), 0, new.len(), 0u8)];
    while let Some((mut a, mut b, mut c, mut d, depth)) = open.pop() {
        while a < b && c < d && old[a] == new[c] {
            out[c] = Some(a);
            (a, c) = (a + 1, c + 1);
        }
        while a < b && c < d && old[b - 1] == new[d - 1] {
            out[d - 1] = Some(b - 1);
            (b, d) = (b - 1, d - 1);
        }
        if a >= b || c >= d || depth > 32 {
            continue;
        }
        let anchors = anchors(&old[a..b], &new[c..d]);
        if anchors.is_empty() {
            small(&old[a..b], &new[c..d], a, c, &mut out);
            continue;
        }
        let (mut from_old, mut from_new) = (a, c);
        for (x, y) in anchors {
            open.push((from_old, a + x, from_new, c + y, depth + 1));
            out[c + y] = Some(a + x);
            (from_old, from_new) = (a + x + 1, c + y + 1);
        }
        open.push((from_old, b, from_new, d, depth + 1));
    }
    out
}

/// Lines that stand once in both, in an order that both share: the longest such list.
fn anchors(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let mut seen: HashMap<&str, (u32, usize, u32, usize)> = HashMap::new();
    for (number, line) in old.iter().enumerate() {
        let entry = seen.entry(line).or_default();
        (entry.0, entry.1) = (entry.0 + 1, number);
    }
    for (number, line) in new.iter().enumerate() {
        if let Some(entry) = seen.get_mut(line) {
            (entry.2, entry.3) = (entry.2 + 1, number);
        }
    }
    let mut pairs: Vec<(usize, usize)> =
        seen.into_values().filter(|e| e.0 == 1 && e.2 == 1).map(|e| (e.3, e.1)).collect();
    pairs.sort_unstable();
    // The longest list of rising positions in the old text.
    let (mut tails, mut back): (Vec<usize>, Vec<Option<usize>>) = (Vec::new(), vec![None; pairs.len()]);
    for (number, (_, at)) in pairs.iter().enumerate() {
        let place = tails.partition_point(|t| pairs[*t].1 < *at);
        back[number] = place.checked_sub(1).map(|p| tails[p]);
        if place == tails.len() {
            tails.push(number);
        } else {
            tails[place] = number;
        }
    }
    let mut out = Vec::new();
    let mut next = tails.last().copied();
    while let Some(number) = next {
        out.push((pairs[number].1, pairs[number].0));
        next = back[number];
    }
    out.reverse();
    out
}

/// Few lines, none of which stands once: the longest list that both share.
fn small(old: &[&str], new: &[&str], a: usize, c: usize, out: &mut [Option<usize>]) {
    if old.len() * new.len() > 250_000 {
        return;
    }
    let width = new.len() + 1;
    let mut best = vec![0u32; (old.len() + 1) * width];
    for x in (0..old.len()).rev() {
        for y in (0..new.len()).rev() {
            best[x * width + y] = if old[x] == new[y] {
                best[(x + 1) * width + y + 1] + 1
            } else {
                best[(x + 1) * width + y].max(best[x * width + y + 1])
            };
        }
    }
    let (mut x, mut y) = (0, 0);
    while x < old.len() && y < new.len() {
        if old[x] == new[y] {
            out[c + y] = Some(a + x);
            (x, y) = (x + 1, y + 1);
        } else if best[(x + 1) * width + y] >= best[x * width + y + 1] {
            x += 1;
        } else {
            y += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_followed() {
        let old = ["a", "b", "c", "d", "e"];
        assert_eq!(
            same_lines(&old, &["x", "a", "b", "C", "d", "e"]),
            [None, Some(0), Some(1), None, Some(3), Some(4)]
        );
        assert_eq!(same_lines(&["}", "x", "}"], &["}", "}", "}"]), [Some(0), None, Some(2)]);
    }

    proptest! {
        #[test]
        fn followed_lines_are_the_same(old in prop::collection::vec("[a-c]", 0..20), new in prop::collection::vec("[a-c]", 0..20)) {
            let old: Vec<&str> = old.iter().map(String::as_str).collect();
            let new: Vec<&str> = new.iter().map(String::as_str).collect();
            let mut last = None;
            for (number, at) in same_lines(&old, &new).into_iter().enumerate() {
                let Some(at) = at else { continue };
                prop_assert_eq!(old[at], new[number]);
                prop_assert!(last.is_none_or(|l| l < at));
                last = Some(at);
            }
        }
    }
}
