//! One violation told several times is one: repeats are merged, wrappers give way, the innermost comes first.

use super::{Hit, SubKind, Violation, sql};

/// Merges hits of one text.
pub(super) fn merge(text: &str, mut hits: Vec<Hit>) -> Vec<Violation> {
    hits.sort_by_key(|h| h.at);
    let has_own = hits.iter().any(|h| !h.is_wrapper);
    // Python writes the root cause first, all others last.
    let root_first = text.contains("Traceback (most recent call last)");
    let mut merged: Vec<Hit> = Vec::new();
    for hit in hits {
        if hit.is_wrapper && has_own {
            continue;
        }
        match merged.iter_mut().find(|m| agree(&m.violation, &hit.violation)) {
            Some(known) => {
                absorb(&mut known.violation, hit.violation);
                if !root_first {
                    known.at = hit.at;
                }
            }
            None => merged.push(hit),
        }
        if merged.len() >= super::MOST {
            break;
        }
    }
    merged.sort_by_key(|h| h.at);
    if !root_first {
        merged.reverse();
    }
    let single = merged.len() == 1;
    let mut violations: Vec<Violation> = merged.into_iter().map(|h| h.violation).collect();
    if single && let Some(only) = violations.first_mut() {
        sql::enrich(text, only);
    }
    violations
}

/// Whether two tellings can be of the same violation: nothing in them contradicts.
fn agree(a: &Violation, b: &Violation) -> bool {
    let option = |x: &Option<String>, y: &Option<String>| match (x, y) {
        (Some(x), Some(y)) => x.eq_ignore_ascii_case(y),
        _ => true,
    };
    let list = |x: &[String], y: &[String]| x.is_empty() || y.is_empty() || x == y;
    (a.sub == b.sub || a.sub == SubKind::Unknown || b.sub == SubKind::Unknown)
        && option(&a.constraint, &b.constraint)
        && option(&a.table, &b.table)
        && list(&a.columns, &b.columns)
        && (list(&a.values, &b.values) || is_cut(a, b) || is_cut(b, a))
}

/// Whether `a` is the same as `b` but cut short.
fn is_cut(a: &Violation, b: &Violation) -> bool {
    a.truncated
        && a.values.len() <= b.values.len()
        && a.values.iter().zip(&b.values).all(|(x, y)| y.starts_with(x.as_str()))
}

fn absorb(known: &mut Violation, other: Violation) {
    if known.truncated && !other.truncated && !other.values.is_empty() {
        known.values.clear();
        known.columns.clear();
        known.joined = None;
    }
    let take = |mine: &mut Option<String>, theirs: Option<String>| {
        if mine.is_none() {
            *mine = theirs;
        }
    };
    take(&mut known.vendor_code, other.vendor_code);
    take(&mut known.constraint, other.constraint);
    take(&mut known.database, other.database);
    take(&mut known.schema, other.schema);
    take(&mut known.table, other.table);
    take(&mut known.joined, other.joined);
    take(&mut known.referenced_table, other.referenced_table);
    if known.columns.is_empty() {
        known.columns = other.columns;
    }
    if known.values.is_empty() {
        known.values = other.values;
    }
    known.truncated = known.truncated && other.truncated;
}
