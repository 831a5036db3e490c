//! The steps of a trail: put in order, with what repeats folded into its first occurrence.

use waylaid_model::Timestamp;
use waylaid_model::answers::TrailStep;

/// The longest stretch of steps whose repetition is recognised: a job's round of looking, sending, failing.
const LONGEST: usize = 12;

/// A step before it is put into its place.
pub(super) struct Draft {
    /// By which it is ordered: its own time, or that of what it follows from.
    pub(super) place: i64,
    /// Steps of one signature are alike.
    pub(super) signature: String,
    pub(super) step: TrailStep,
}

/// Orders and folds.
pub(super) fn arrange(mut drafts: Vec<Draft>) -> Vec<TrailStep> {
    drafts.sort_by_key(|d| (d.place, d.step.at.is_none()));
    merge_neighbours(fold(drafts))
}

/// Services in the order in which the steps first reach them.
pub(super) fn services(steps: &[TrailStep]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for service in steps.iter().filter_map(|s| s.service.as_ref()) {
        if !out.contains(service) {
            out.push(service.clone());
        }
    }
    out
}

/// Where a stretch of steps follows upon itself, the first of them stands for all.
fn fold(drafts: Vec<Draft>) -> Vec<Draft> {
    let signatures: Vec<String> = drafts.iter().map(|d| d.signature.clone()).collect();
    let mut out: Vec<Draft> = Vec::with_capacity(drafts.len());
    let mut rest = drafts.into_iter();
    let mut at = 0;
    while at < signatures.len() {
        let (period, repeats) = repetition(&signatures[at..]);
        for mut draft in rest.by_ref().take(period) {
            draft.step.repeats += repeats as u64;
            out.push(draft);
        }
        if repeats > 0 {
            let _ = rest.nth(period * repeats - 1);
        }
        at += period * (repeats + 1);
    }
    out
}

/// The stretch at the beginning whose repetition covers most, and how often it follows.
fn repetition(signatures: &[String]) -> (usize, usize) {
    let mut best = (1, 0);
    for period in 1..=LONGEST.min(signatures.len() / 2) {
        let first = &signatures[..period];
        let repeats = signatures[period..].chunks_exact(period).take_while(|next| *next == first).count();
        if repeats * period > best.0 * best.1 {
            best = (period, repeats);
        }
    }
    best
}

fn merge_neighbours(drafts: Vec<Draft>) -> Vec<TrailStep> {
    let mut out: Vec<Draft> = Vec::with_capacity(drafts.len());
    for draft in drafts {
        match out.last_mut() {
            Some(last) if last.signature == draft.signature => last.step.repeats += draft.step.repeats + 1,
            _ => out.push(draft),
        }
    }
    out.into_iter().map(|d| d.step).collect()
}

/// A step of some source with nothing but its place.
pub(super) fn step(at: Option<Timestamp>, source: &str, node: &str) -> TrailStep {
    TrailStep {
        at,
        service: None,
        source: source.into(),
        node: node.into(),
        reference: String::new(),
        level: None,
        text: String::new(),
        key: None,
        repeats: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(signatures: &str) -> String {
        let draft = |(i, c): (usize, char)| Draft {
            place: i as i64,
            signature: c.to_string(),
            step: step(None, "log", &c.to_string()),
        };
        let steps = arrange(signatures.chars().enumerate().map(draft).collect());
        steps.iter().map(|s| format!("{}{}", s.node, s.repeats)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_repeats_is_folded_and_nothing_is_lost() {
        assert_eq!(run("abc"), "a0 b0 c0");
        assert_eq!(run("aaab"), "a2 b0");
        assert_eq!(run("xabcabcabcy"), "x0 a2 b2 c2 y0");
        assert_eq!(run("aabaab"), "a3 b1");
        assert_eq!(run("ababa"), "a1 b1 a0");
        assert_eq!(run(""), "");
    }

    #[test]
    fn services_come_in_order_of_first_reach() {
        let with = |s: &str| TrailStep { service: Some(s.into()), ..step(None, "log", s) };
        assert_eq!(services(&[with("b"), with("a"), with("b"), step(None, "row", "t")]), ["b", "a"]);
    }
}
