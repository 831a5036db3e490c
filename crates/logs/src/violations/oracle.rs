//! Oracle: ORA-00001, 01400, 01407, 02290 to 02293, 02298, 02299, 02437, by code and brackets whatever the language.

use super::{Hit, SubKind, Violation, values};

const CODES: [(&str, SubKind); 10] = [
    ("ORA-00001", SubKind::Unique),
    ("ORA-01400", SubKind::NotNull),
    ("ORA-01407", SubKind::NotNull),
    ("ORA-02290", SubKind::Check),
    ("ORA-02291", SubKind::ForeignKey),
    ("ORA-02292", SubKind::ForeignKey),
    ("ORA-02293", SubKind::Check),
    ("ORA-02298", SubKind::ForeignKey),
    ("ORA-02299", SubKind::Unique),
    ("ORA-02437", SubKind::Unique),
];

pub(super) fn find(text: &str, hits: &mut Vec<Hit>) {
    for (at, _) in text.match_indices("ORA-0").take(super::MOST) {
        let Some((code, sub)) = CODES.iter().find(|(c, _)| text[at..].starts_with(c)) else { continue };
        // `(ORA-00001 details)` of ORA-03301 belongs to the message before.
        if text[..at].ends_with('(') {
            continue;
        }
        let line = text[at..].lines().next().unwrap_or_default();
        let mut violation = Violation::new(*sub, Some(code));
        if let Some((name, end)) = crate::scan::between(line, "(", ")") {
            if *sub == SubKind::NotNull {
                column(name, &mut violation);
            } else {
                constraint(name, &mut violation);
                newer(&line[end..], &text[at..], &mut violation);
            }
        } else if let Some(open) = line.find('(') {
            violation.truncated = true;
            constraint(&line[open + 1..], &mut violation);
        }
        hits.push(Hit::new(at, violation));
    }
}

/// `SHOP.ORDERS_PK`.
fn constraint(name: &str, violation: &mut Violation) {
    let (owner, name) = name.split_once('.').map_or((None, name), |(o, n)| (Some(o), n));
    violation.schema = owner.map(|o| values::unquote(o).to_owned());
    violation.constraint = Some(values::unquote(name).to_owned()).filter(|n| !n.is_empty());
}

/// `"SHOP"."ORDERS"."CHANNEL"`.
fn column(name: &str, violation: &mut Violation) {
    let parts: Vec<&str> = name.split("\".\"").map(values::unquote).collect();
    if let Some((column, table)) = parts.split_last() {
        violation.columns = vec![(*column).to_owned()];
        violation.set_table(&table.join("."));
    }
}

/// Since 23: `violated on table SHOP.ORDERS columns (ID)`, `row with column values (ID:12) already exists`.
fn newer(rest: &str, text: &str, violation: &mut Violation) {
    if let Some((table, after)) =
        rest.split_once("on table ").map(|(_, r)| r.split_once(' ').unwrap_or((r, "")))
    {
        violation.set_table(table.trim_end_matches(','));
        if let Some((columns, _)) = crate::scan::between(after, "(", ")") {
            violation.columns = values::columns(columns);
        }
    }
    let Some((list, _)) = crate::scan::between(text, "column values (", ") already") else { return };
    for part in values::split_list(list) {
        if let Some((column, value)) = part.split_once(':') {
            if !violation.columns.iter().any(|c| c == column) {
                violation.columns.push(column.to_owned());
            }
            violation.values.push(values::literal(value));
        }
    }
}
