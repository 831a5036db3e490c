//! What a change says, in words with counts.

use super::causal::Standing;
use super::changes::{Change, What};
use super::collect::Collected;
use crate::facts::shorten;
use waylaid_model::time::human_duration;

/// A statement for a person: what it says and where it is written.
pub(super) fn statement(collected: &Collected, id: u32) -> String {
    let statement = &collected.statements[id as usize];
    let text = shorten(&statement.template, 110);
    let logger = if statement.logger.is_empty() { String::new() } else { format!(" ({})", statement.logger) };
    match &statement.exception {
        Some(exception) => {
            format!("\"{text}\"{logger} with {}", crate::problems::short_type(exception))
        }
        None => format!("\"{text}\"{logger}"),
    }
}

/// One change in one clause.
pub(super) fn change(collected: &Collected, change: &Change, standing: &Standing) -> String {
    let of = |(hits, trials): (u64, u64)| format!("{hits} of {trials}");
    let name = |id: Option<u32>| id.map(|id| statement(collected, id)).unwrap_or_default();
    let (what, after) = (name(change.statement), name(change.after));
    let (base, now) = (of(change.base), of(change.now));
    let kept = |(hits, trials): (u64, u64)| of((trials - hits, trials));
    let mut text = match change.what {
        What::Vanished => format!(
            "after {after} the log went on with {what} {} times before, {} now",
            kept(change.base),
            kept(change.now)
        ),
        What::Appeared => format!("{what} follows {after} {now} times, before {base}"),
        What::MoreFailures => format!("{what} in {now} requests, before {base}"),
        What::Silent => format!("not a line in the window, though it took part in {base} requests before"),
        What::Slower => format!(
            "from {after} to {what} it takes longer than {} {now} times, before {base}",
            human_duration(change.limit)
        ),
    };
    if !change.sure {
        text.push_str(" (too few to rule out chance)");
    }
    if standing.units > 0 && standing.first < standing.units {
        let behind = standing.behind.iter().max_by_key(|(service, n)| (**n, std::cmp::Reverse(**service)));
        if let Some((service, times)) = behind {
            let name = &collected.services[*service as usize];
            text.push_str(&format!(
                "; in {times} of these {} requests {name} went wrong before",
                standing.units
            ));
        }
    }
    text
}
