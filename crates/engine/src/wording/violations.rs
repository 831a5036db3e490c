//! Repairs of violated constraints: whose row stands under a unique key, what a foreign key refers to, what is null, what
//! does not fit.

use crate::causes::Draft;
use crate::facts::shorten;
use crate::occupants::Whose;
use crate::world::World;
use std::collections::BTreeSet;
use waylaid_logs::{SubKind, Violation};
use waylaid_model::KeyList;

/// The repair of a violated unique key, in code and data, and what its test arranges. To take another's row for done would
/// lose these for good.
pub(super) fn duplicate(
    whose: Whose,
    service: &str,
    table: &str,
    entity: &str,
    keys: Option<&KeyList>,
    again: &str,
) -> (String, String, &'static str) {
    let columns = keys.filter(|k| !k.columns.is_empty()).map(|k| k.columns.join(", "));
    let columns = columns.unwrap_or_else(|| "the violated key".to_owned());
    let idempotent = "insert or ignore on the violated key, treat a row that is there already as done, and go on to the next step";
    match whose {
        Whose::Own => (
            format!("make the write of {table} in {service} idempotent: {idempotent}"),
            format!(
                "look the listed key values up in {table}: rows that exist need only the next step; {again}"
            ),
            "deliver the same record twice, or put the row there first, then deliver it",
        ),
        Whose::Others => (
            format!(
                "mend what gives out {columns} of {table} in {service} (a sequence or identity that stands behind the rows, a counter, a value that was cut short): it hands out what another {entity} has already; to ignore the conflict would lose these"
            ),
            format!(
                "the rows that hold the violated keys belong to others: leave them as they are, and let what gives {columns} out hand out what is not in {table} yet; then {again}"
            ),
            "put another's row under the key that comes next, then deliver the record",
        ),
        Whose::Shared => (
            format!(
                "{columns} comes with the record, and {table} holds it for another {entity}: where both share what it stands for (a customer, a place), let {service} take the row that is there and go on; where they do not, mend what gave it out twice, before {service}"
            ),
            format!("compare the rows of {table} under the listed keys with the records; {again}"),
            "deliver two records with the same value of the violated key",
        ),
        Whose::Unknown => (
            format!(
                "look whose row holds the violated key of {table} first. The same {entity}'s: make the write in {service} idempotent ({idempotent}). Another's: mend what gives the key out, and ignore nothing"
            ),
            format!(
                "look the violated keys up in {table}: only a row of the same {entity} may pass for done; {again}"
            ),
            "deliver the same record twice, and one whose key another's row holds",
        ),
    }
}

/// The repair of another violated constraint, in code and data, and what its test arranges; `None` where the messages do not
/// tell enough.
pub(super) fn other(
    world: &World<'_>,
    draft: &Draft,
    service: &str,
    again: &str,
) -> Option<(String, String, &'static str)> {
    const LOOKED_AT: usize = 200;
    let problem = &world.problems[draft.proof.problem()?];
    let texts: Vec<String> =
        problem.facts.iter().take(LOOKED_AT).map(|i| world.haul.logs[*i].full_text()).collect();
    let found: Vec<Violation> = texts.iter().flat_map(|t| waylaid_logs::find_violations(t)).collect();
    let first = found.first();
    match first.map(|v| v.sub) {
        Some(SubKind::ForeignKey) => refers(&found, service, again),
        Some(SubKind::NotNull) => first.and_then(|v| is_null(v, service, again)),
        None => texts.iter().any(|t| is_too_much(t)).then(|| {
            (
                format!("what {service} writes does not fit the column: widen it, or refuse or shorten the value where it comes in"),
                again.to_owned(),
                "deliver a record whose value is one more than the column takes",
            )
        }),
        _ => None,
    }
}

/// A row that is referred to is missing.
fn refers(found: &[Violation], service: &str, again: &str) -> Option<(String, String, &'static str)> {
    const SHOWN: usize = 3;
    let first = found.first()?;
    let (table, column) = (first.referenced_table.as_deref()?, first.columns.first()?);
    let values: BTreeSet<String> =
        found.iter().filter(|v| !v.values.is_empty()).map(|v| shorten(&v.values.join(", "), 60)).collect();
    let shown: Vec<&str> = values.iter().take(SHOWN).map(String::as_str).collect();
    let more = values.len().saturating_sub(SHOWN);
    let what = match (shown.is_empty(), more) {
        (true, _) => format!("the missing {column}"),
        (false, 0) => format!("{column} {}", shown.join(", ")),
        (false, more) => format!("{column} {} and {more} more", shown.join(", ")),
    };
    Some((
        format!(
            "{table} has no row for {what}: decide in {service} what becomes of a record that names one that is not there (yet), kept for later or refused where it comes in"
        ),
        format!("add {what} to {table} if it belongs there; then {again}"),
        "deliver a record that names what the table lacks, then add it",
    ))
}

/// A value is missing.
fn is_null(violation: &Violation, service: &str, again: &str) -> Option<(String, String, &'static str)> {
    let column = violation.columns.first()?;
    let of = violation.table.as_deref().map(|t| format!(" of {t}")).unwrap_or_default();
    Some((
        format!(
            "{service} has no value for {column}{of}: look whether what it reads lacks it or has it under another name, and mend who leaves it out, or give it a default"
        ),
        again.to_owned(),
        "deliver a record without that value",
    ))
}

/// Whether a text says that a value is too long or too large.
fn is_too_much(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "too long",
        "too large",
        "overflow",
        "out of range",
        "truncat",
        "exceeds the",
        "larger than",
        "1406",
        "22001",
        "22003",
    ];
    let lower = text.to_lowercase();
    WORDS.iter().any(|w| lower.contains(w))
}
