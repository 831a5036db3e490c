//! SQL Server: errors 2627, 2601, 547, 515.

use super::{Hit, SubKind, Violation, values};
use regex::{Captures, Regex};
use std::sync::LazyLock;

pub(super) fn find(text: &str, hits: &mut Vec<Hit>) {
    keys(text, hits);
    localised(text, hits);
    conflicts(text, hits);
    nulls(text, hits);
}

static KEYS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"Violation of (?:PRIMARY|UNIQUE) KEY constraint ['"](.+?)['"]\. Cannot insert duplicate key in object ['"](.+?)['"]\."#,
        r#"|Cannot insert duplicate key row in object ['"](.+?)['"] with unique index ['"](.+?)['"]\."#,
    ))
    .ok()
});

fn keys(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = KEYS.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let row = found.get(3).is_some();
        let name = |a: usize, b: usize| found.get(a).or_else(|| found.get(b)).map_or("", |m| m.as_str());
        let mut violation = Violation::new(SubKind::Unique, Some(if row { "2601" } else { "2627" }));
        violation.constraint = Some(name(1, 4).to_owned());
        violation.set_table(name(2, 3));
        let (start, end) = span(&found);
        key_values(&text[end..], &mut violation);
        hits.push(Hit::new(start, violation));
    }
}

fn span(found: &Captures<'_>) -> (usize, usize) {
    found.get(0).map_or((0, 0), |m| (m.start(), m.end()))
}

/// In other languages: the key's sort and name, the object, and the values in brackets at the end of the third sentence.
static LOCALISED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?:PRIMARY|UNIQUE) KEY[^"'«„\n]{0,24}["'«„]\s?([^"'»“\n]+?)\s?["'»“][^\n]{0,24}?\.\s[^\n]{0,90}?"#,
        r#"([\w$]+\.[\w$]+|["'«„][\w$.]+["'»“])[^\n]{0,60}?\.\s[^\n(]{0,60}\(([^\n]*?)\)\."#,
    ))
    .ok()
});

fn localised(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = LOCALISED.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        if found[0].contains("Cannot insert duplicate key") {
            continue;
        }
        let mut violation = Violation::new(SubKind::Unique, Some("2627"));
        violation.constraint = Some(found[1].to_owned());
        violation.set_table(values::unquote(&found[2]));
        key_values(&format!("The duplicate key value is ({}).", &found[3]), &mut violation);
        hits.push(Hit::new(span(&found).0, violation));
    }
}

/// `The duplicate key value is (12, a).`; `<NULL>` is how the server writes a null.
fn key_values(after: &str, violation: &mut Violation) {
    let Some(rest) = after.trim_start().strip_prefix("The duplicate key value is (") else {
        let cut = after.trim_start();
        violation.truncated =
            !cut.is_empty() && "The duplicate key value is (".starts_with(cut.trim_end_matches(['.', '…']));
        return;
    };
    let line = rest.lines().next().unwrap_or_default();
    let end = [").\u{20}", ").'", ").\"", ");", ").<"].iter().filter_map(|p| line.find(p)).min();
    let end = end.or_else(|| line.rfind(").")).or_else(|| line.rfind(')'));
    violation.truncated = end.is_none();
    let list = &line[..end.unwrap_or(line.len())];
    violation.values =
        list.split(", ").map(|v| if v == "<NULL>" { "NULL" } else { v.trim_end() }.to_owned()).collect();
    violation.joined = (violation.values.len() > 1).then(|| list.to_owned());
}

static CONFLICTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"The (INSERT|UPDATE|DELETE|MERGE|ALTER TABLE) statement conflicted with the "#,
        r#"(FOREIGN KEY SAME TABLE|SAME TABLE REFERENCE|FOREIGN KEY|REFERENCE|CHECK) constraint ["'](.+?)["']\."#,
        r#"(?: The conflict occurred in database ["'](.*?)["'], table ["'](.*?)["'](?:, column ["'](.*?)["'])?)?"#,
    ))
    .ok()
});

fn conflicts(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = CONFLICTS.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let sub = if &found[2] == "CHECK" { SubKind::Check } else { SubKind::ForeignKey };
        let mut violation = Violation::new(sub, Some("547"));
        violation.constraint = Some(found[3].to_owned());
        violation.columns = found.get(6).map(|m| m.as_str().to_owned()).into_iter().collect();
        let table = found.get(5).map_or("", |m| m.as_str());
        // A foreign key's conflict lies in the parent; a reference's and a check's in the table itself.
        if &found[2] == "FOREIGN KEY" && !table.is_empty() {
            violation.referenced_table = Some(table.to_owned());
        } else if !table.is_empty() {
            violation.set_table(table);
        }
        hits.push(Hit::new(span(&found).0, violation));
    }
}

static NULLS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"Cannot insert the value NULL into column ['"](.+?)['"](?:, table ['"](.+?)['"])?"#).ok()
});

fn nulls(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = NULLS.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let mut violation = Violation::new(SubKind::NotNull, Some("515"));
        violation.columns = vec![values::unquote(&found[1]).to_owned()];
        if let Some(table) = found.get(2) {
            violation.set_table(table.as_str());
        }
        hits.push(Hit::new(span(&found).0, violation));
    }
}
