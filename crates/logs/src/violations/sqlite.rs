//! SQLite: `UNIQUE constraint failed: orders.id` and its sisters.

use super::{Hit, SubKind, Violation};

const HEADS: [(&str, SubKind, &str); 5] = [
    ("UNIQUE constraint failed: ", SubKind::Unique, "2067"),
    ("PRIMARY KEY constraint failed: ", SubKind::Unique, "1555"),
    ("NOT NULL constraint failed: ", SubKind::NotNull, "1299"),
    ("CHECK constraint failed: ", SubKind::Check, "275"),
    ("FOREIGN KEY constraint failed", SubKind::ForeignKey, "787"),
];

/// How drivers say that the key is the primary one.
const PRIMARY: [&str; 5] =
    ["extended_code: 1555", "(1555)", "CONSTRAINT_PRIMARYKEY", "code: 1555", "code 1555"];

pub(super) fn find(text: &str, hits: &mut Vec<Hit>) {
    for (head, sub, code) in HEADS {
        for (at, _) in text.match_indices(head).take(super::MOST) {
            let primary = sub == SubKind::Unique && PRIMARY.iter().any(|c| text.contains(c));
            let mut violation = Violation::new(sub, Some(if primary { "1555" } else { code }));
            let rest = &text[at + head.len()..];
            match sub {
                SubKind::ForeignKey => {}
                SubKind::Check => violation.constraint = check_name(rest),
                _ => names(rest, &mut violation),
            }
            hits.push(Hit::new(at, violation));
        }
    }
    older(text, hits);
}

fn check_name(rest: &str) -> Option<String> {
    let line = rest.lines().next().unwrap_or_default();
    let end = [" [", " (", "\"", "'"].iter().filter_map(|p| line.find(p)).min().unwrap_or(line.len());
    let name = line[..end].trim_end_matches([')', '.']).trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// What may follow the names on their line.
const AFTER_NAMES: [&str; 12] = ["'", "\"", "`", ")", "]", ";", " (", " [", ": ", " {", " at ", " /"];

/// `orders.id, orders.line`, or `index 'orders_lower'`. Names are written without quotes, whatever is in them.
fn names(rest: &str, violation: &mut Violation) {
    if let Some((index, _)) = rest.strip_prefix("index '").and_then(|r| r.split_once('\'')) {
        violation.constraint = Some(index.to_owned());
        return;
    }
    let line = rest.lines().next().unwrap_or_default();
    let end = AFTER_NAMES.iter().filter_map(|a| line.find(a)).min().unwrap_or(line.len());
    let is_last = end == rest.trim_end().len();
    for name in line[..end].split(", ").map(|n| n.trim_end_matches('.').trim()) {
        match name.rsplit_once('.') {
            Some((table, column))
                if violation.table.as_deref().is_none_or(|known| table.ends_with(known)) =>
            {
                violation.set_table(table);
                violation.columns.push(column.to_owned());
            }
            _ => {
                violation.truncated = is_last;
                break;
            }
        }
    }
    violation.truncated |= violation.columns.is_empty();
}

/// Before 3.8: `column id is not unique`, `columns a, b are not unique`, `PRIMARY KEY must be unique`,
/// `orders.qty may not be NULL`.
fn older(text: &str, hits: &mut Vec<Hit>) {
    for phrase in [" is not unique", " are not unique"] {
        for (at, _) in text.match_indices(phrase).take(super::MOST) {
            let line = &text[text[..at].rfind('\n').map_or(0, |n| n + 1)..at];
            let Some(start) =
                line.rfind("column ").map(|s| s + 7).or_else(|| line.rfind("columns ").map(|s| s + 8))
            else {
                continue;
            };
            let mut violation = Violation::new(SubKind::Unique, Some("19"));
            violation.columns = super::values::columns(&line[start..]);
            hits.push(Hit::new(at, violation));
        }
    }
    const NULL: &str = " may not be NULL";
    for (at, _) in text.match_indices(NULL).take(super::MOST) {
        let name = text[..at].rsplit([' ', '\'', '"', '\n', ':']).next().unwrap_or_default();
        let mut violation = Violation::new(SubKind::NotNull, Some("19"));
        if name.contains('.') {
            names(name, &mut violation);
            hits.push(Hit::new(at, violation));
        }
    }
    if let Some(at) = text.find("PRIMARY KEY must be unique") {
        hits.push(Hit::new(at, Violation::new(SubKind::Unique, Some("19"))));
    }
}
