//! Db2: SQLCODE -803, -530, -531, -532, -407, -545, with what SQLERRMC tells.

use super::{Hit, SubKind, Violation, values};
use regex::Regex;
use std::sync::LazyLock;

static CODES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)SQLCODE[=: ]+(-803|-530|-531|-532|-407|-545)(?:.{0,60}?SQLERRMC[=: ]+([^\s,]+))?").ok()
});

static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"SQL0803N[\s\S]{0,300}?identified by "?([^"\s]+)"? constrains table "?([^"\s]+)"?"#,
        r#"|SQL0530N[\s\S]{0,200}?FOREIGN KEY "?([^"\s]+)"?"#,
        r#"|SQL0407N[\s\S]{0,120}?column "?([^"]+?)"? is not allowed"#,
    ))
    .ok()
});

pub(super) fn find(text: &str, hits: &mut Vec<Hit>) {
    if let Some(pattern) = CODES.as_ref() {
        for found in pattern.captures_iter(text).take(super::MOST) {
            let violation = by_code(&found[1], found.get(2).map_or("", |m| m.as_str()));
            hits.push(Hit::new(found.get(0).map_or(0, |m| m.start()), violation));
        }
    }
    let Some(pattern) = WORDS.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let mut violation;
        if let (Some(index), Some(table)) = (found.get(1), found.get(2)) {
            violation = Violation::new(SubKind::Unique, Some("-803"));
            violation.constraint = Some(index.as_str().to_owned());
            violation.set_table(table.as_str());
        } else if let Some(name) = found.get(3) {
            violation = Violation::new(SubKind::ForeignKey, Some("-530"));
            foreign(name.as_str(), &mut violation);
        } else {
            violation = Violation::new(SubKind::NotNull, Some("-407"));
            violation.columns = found.get(4).map(|m| column(m.as_str())).into_iter().collect();
        }
        hits.push(Hit::new(found.get(0).map_or(0, |m| m.start()), violation));
    }
}

fn by_code(code: &str, tokens: &str) -> Violation {
    let sub = match code {
        "-803" => SubKind::Unique,
        "-407" => SubKind::NotNull,
        "-545" => SubKind::Check,
        _ => SubKind::ForeignKey,
    };
    let mut violation = Violation::new(sub, Some(code));
    let mut parts = tokens.split(';').filter(|t| !t.is_empty() && !t.contains('='));
    match (sub, parts.next()) {
        (SubKind::Unique, Some(index)) => {
            violation.constraint = Some(index.to_owned());
            if let Some(table) = parts.next() {
                violation.set_table(table);
            }
        }
        (SubKind::NotNull, Some(name)) => violation.columns = vec![column(name)],
        (SubKind::ForeignKey, Some(name)) => foreign(name, &mut violation),
        (_, Some(name)) => violation.constraint = name.rsplit('.').next().map(str::to_owned),
        _ => {}
    }
    violation
}

/// `SHOP.PICKS.FK_ORDER`.
fn foreign(name: &str, violation: &mut Violation) {
    if let Some((table, constraint)) = name.rsplit_once('.') {
        violation.set_table(table);
        violation.constraint = Some(constraint.to_owned());
    } else {
        violation.constraint = Some(name.to_owned());
    }
}

/// A column's name; positions (`TBSPACEID=2, TABLEID=4, COLNO=1`) were left out before.
fn column(name: &str) -> String {
    values::unquote(name).to_owned()
}
