//! Db2: SQLCODE -803, -530, -531, -532, -407, -545, with what SQLERRMC tells.

use super::{Hit, SubKind, Violation, values};
use regex::Regex;
use std::sync::LazyLock;

static CODES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)SQLCODE ?[=:]? ?(-803|-530|-531|-532|-407|-545)\b(?:.{0,60}?SQLERRMC[=: ]+([^\s,]+))?",
        r"(?:[\s\S]{0,80}?BECAUSE INDEX IN INDEX SPACE (\S+))?",
    ))
    .ok()
});

static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?:unique index|key) identified by "?([^"\s]+)"? constrains table "?([^"\s]+)"?"#,
        r#"|SQL(053[012])N[\s\S]{0,120}?(?:FOREIGN KEY|relationship) "?([^"\s]+)"?"#,
        r#"|SQL0407N[\s\S]{0,120}?column "?([^"]+?)"? is not allowed"#,
        r#"|SQL0545N[\s\S]{0,160}?check constraint "?([^"\s]+)"?"#,
        r"|\[(SQL0803)\]|\[SQL(053[012])\][^\n]*?constraint (\S+) in ([^\s.]+)",
    ))
    .ok()
});

pub(super) fn find(text: &str, hits: &mut Vec<Hit>) {
    if let Some(pattern) = CODES.as_ref() {
        for found in pattern.captures_iter(text).take(super::MOST) {
            let mut violation = by_code(&found[1], found.get(2).map_or("", |m| m.as_str()));
            if let Some(space) = found.get(3) {
                violation.constraint = Some(space.as_str().to_owned());
            }
            hits.push(Hit::new(found.get(0).map_or(0, |m| m.start()), violation));
        }
    }
    let Some(pattern) = WORDS.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let group = |n: usize| found.get(n).map(|m| m.as_str());
        let mut violation;
        if let (Some(index), Some(table)) = (group(1), group(2)) {
            violation = Violation::new(SubKind::Unique, Some("-803"));
            violation.constraint = Some(index.to_owned());
            violation.set_table(table);
        } else if let (Some(code), Some(name)) = (group(3), group(4)) {
            violation = Violation::new(SubKind::ForeignKey, Some(&format!("-{}", &code[1..])));
            foreign(name, &mut violation);
        } else if let Some(name) = group(5) {
            violation = Violation::new(SubKind::NotNull, Some("-407"));
            violation.columns = column(name);
        } else if let Some(name) = group(6) {
            violation = Violation::new(SubKind::Check, Some("-545"));
            foreign(name, &mut violation);
        } else if let (Some(code), Some(name)) = (group(8), group(9)) {
            violation = Violation::new(SubKind::ForeignKey, Some(&format!("-{}", &code[1..])));
            violation.constraint = Some(name.to_owned());
            violation.schema = group(10).map(str::to_owned);
        } else {
            violation = Violation::new(SubKind::Unique, Some("-803"));
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
            // On z/OS the place of the row follows in hexadecimal digits.
            let is_row = |t: &&str| t.bytes().all(|c| c.is_ascii_hexdigit());
            if let Some(table) = parts.next().filter(|t| !is_row(t)) {
                violation.set_table(table);
            }
        }
        (SubKind::NotNull, Some(name)) => violation.columns = column(name),
        (_, Some(name)) => foreign(name, &mut violation),
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

/// A column's name; positions (`TBSPACEID=2, TABLEID=4, COLNO=1`) name none.
fn column(name: &str) -> Vec<String> {
    let named = Some(values::unquote(name)).filter(|n| !n.contains('='));
    named.map(str::to_owned).into_iter().collect()
}
