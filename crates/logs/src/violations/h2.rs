//! H2, HSQLDB and Derby: the databases of Java tests and demos.

use super::{Hit, SubKind, Violation, values};
use regex::Regex;
use std::sync::LazyLock;

pub(super) fn find(text: &str, hits: &mut Vec<Hit>) {
    unique(text, hits);
    foreign(text, hits);
    others(text, hits);
    cousins(text, hits);
}

fn unique(text: &str, hits: &mut Vec<Hit>) {
    const HEAD: &str = "Unique index or primary key violation: \"";
    for (at, _) in text.match_indices(HEAD).take(super::MOST) {
        let rest = &text[at + HEAD.len()..];
        let end = rest
            .find("\"; SQL")
            .or_else(|| rest.find("\" ["))
            .or_else(|| rest.lines().next().and_then(|l| l.rfind('"')));
        let mut violation = Violation::new(SubKind::Unique, Some("23505"));
        violation.truncated = end.is_none();
        read_index(&rest[..end.unwrap_or_else(|| rest.find('\n').unwrap_or(rest.len()))], &mut violation);
        hits.push(Hit::new(at, violation));
    }
}

/// `PUBLIC.UK_INDEX_5 ON PUBLIC.ORDERS(ID NULLS FIRST) VALUES ( /* 1 */ 'a' )`.
fn read_index(text: &str, violation: &mut Violation) {
    let Some((name, rest)) = text.split_once(" ON ") else {
        violation.constraint = Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        return;
    };
    let index = name.rsplit('.').next().map(values::unquote);
    violation.constraint = index.map(str::to_owned);
    let Some(open) = rest.find('(') else { return };
    violation.set_table(&rest[..open]);
    let Some(close) = rest[open..].find(')').map(|c| open + c) else { return };
    violation.columns = values::columns(&rest[open + 1..close]);
    let Some(list) = rest[close..].split_once("VALUES").map(|(_, v)| v.trim()) else { return };
    let list = list.strip_prefix('(').map_or(list, |l| l.rfind(')').map_or(l, |end| &l[..end]));
    violation.values = values::split_list(list).into_iter().map(values::literal).collect();
    // A row's own number may follow the key.
    violation.values.truncate(violation.columns.len());
}

static FOREIGN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"Referential integrity constraint violation: "([^:]+): ([^\s(]+) FOREIGN KEY\(([^)]*)\) REFERENCES ([^\s(]+)\(([^)]*)\)(?: \((.*)\))?""#,
    )
    .ok()
});

fn foreign(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = FOREIGN.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let mut violation = Violation::new(SubKind::ForeignKey, Some("23506"));
        violation.constraint = found[1].rsplit('.').next().map(|n| values::unquote(n).to_owned());
        violation.set_table(&found[2]);
        violation.columns = values::columns(&found[3]);
        violation.referenced_table = Some(found[4].replace('"', ""));
        if let Some(list) = found.get(6) {
            violation.values = values::split_list(list.as_str()).into_iter().map(values::literal).collect();
        }
        hits.push(Hit::new(found.get(0).map_or(0, |m| m.start()), violation));
    }
}

fn others(text: &str, hits: &mut Vec<Hit>) {
    for (at, _) in text.match_indices("NULL not allowed for column \"").take(super::MOST) {
        let mut violation = Violation::new(SubKind::NotNull, Some("23502"));
        let names = values::quoted(text[at..].lines().next().unwrap_or_default());
        violation.columns = names.first().map(|n| n.1.to_owned()).into_iter().collect();
        hits.push(Hit::new(at, violation));
    }
    for (at, _) in text.match_indices("Check constraint violation: \"").take(super::MOST) {
        let mut violation = Violation::new(SubKind::Check, Some("23513"));
        let inner = text[at + 29..].split(['"', '\n']).next().unwrap_or_default();
        let name = inner.split(':').next().unwrap_or_default().rsplit('.').next().unwrap_or_default();
        violation.constraint = Some(name.trim().to_owned()).filter(|n| !n.is_empty());
        hits.push(Hit::new(at, violation));
    }
}

static COUSINS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"integrity constraint violation: (unique constraint or index|foreign key no parent|foreign key no action|NOT NULL check constraint|check constraint)",
        r"[^;\n]*; ?(\S+) table: (\S+)(?: column: (\S+))?",
        r"|duplicate key value in a unique or primary key constraint or unique index identified by '([^']+)' defined on '([^']+)'",
    ))
    .ok()
});

/// HSQLDB and Derby.
fn cousins(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = COUSINS.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let sub = match found.get(1).map(|m| m.as_str()) {
            None | Some("unique constraint or index") => SubKind::Unique,
            Some("NOT NULL check constraint") => SubKind::NotNull,
            Some("check constraint") => SubKind::Check,
            Some(_) => SubKind::ForeignKey,
        };
        let mut violation = Violation::new(sub, None);
        let name = found.get(2).or_else(|| found.get(5));
        violation.constraint = name.map(|m| m.as_str().to_owned());
        if let Some(table) = found.get(3).or_else(|| found.get(6)) {
            violation.set_table(table.as_str());
        }
        violation.columns = found.get(4).map(|m| m.as_str().to_owned()).into_iter().collect();
        hits.push(Hit::new(found.get(0).map_or(0, |m| m.start()), violation));
    }
}
