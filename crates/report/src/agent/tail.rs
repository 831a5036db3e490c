//! The last line of every answer: what was searched, how much of it, what was not.

use super::Line;
use crate::words;
use waylaid_model::{Coverage, Status};

/// Targets that are named where something is wrong with them, or where nothing was found.
const NAMED: usize = 6;

/// One line on coverage.
pub fn coverage(lines: &[Coverage]) -> Line {
    let broken: Vec<_> = lines.iter().filter(|c| c.is_incomplete()).collect();
    let sum = |number: fn(&Coverage) -> u64| lines.iter().map(number).sum::<u64>();
    let mut line = Line::new("coverage: ")
        .count(lines.len() as u64, "target, ", "targets, ")
        .number(sum(|c| c.matched))
        .say(" matched of ")
        .number(sum(|c| c.scanned))
        .say(" scanned; ");
    if broken.is_empty() {
        return line.say("all searched whole");
    }
    line = line.number(broken.len() as u64).say(" not searched whole:");
    for c in broken.iter().take(NAMED) {
        line =
            line.say(" ").data(&name(c), 60).say(" ").say(words::status(c.status)).say(" ").data(&c.note, 90);
    }
    if broken.len() > NAMED { line.say(" …") } else { line }
}

/// What was looked at, where nothing was found: a line a target.
pub(super) fn searched(lines: &[Coverage]) -> Line {
    let mut line = Line::new("searched:");
    for c in lines.iter().filter(|c| c.status != Status::NotConfigured).take(NAMED * 2) {
        line = line
            .then(&Line::new(" ").data(&name(c), 60).say(" ").number(c.scanned).say(" ").data(&c.range, 70));
    }
    line
}

/// One line of coverage, for who asks for all.
pub(super) fn one(c: &Coverage) -> Line {
    let line = Line::default().data(&name(c), 80).say(" ").say(words::status(c.status)).say(", ");
    let line = line.number(c.matched).say(" matched of ").number(c.scanned).say(" ").data(&c.range, 120);
    if c.note.is_empty() { line } else { line.say(" ").data(&c.note, 160) }
}

fn name(c: &Coverage) -> String {
    if c.target.is_empty() || c.target == c.store {
        c.store.clone()
    } else {
        format!("{}:{}", c.store, c.target)
    }
}
