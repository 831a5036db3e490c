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

/// A key in quotes, whatever the language before it: `"PUBLIC.UK_NO INDEX PUBLIC.UK_NO_INDEX_8 ON PUBLIC.ORDERS(NO) VALUES`.
static KEY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#""((?:PRIMARY KEY|[^\s"]+(?: INDEX [^\s"]+)?) ON [^\s"(]+\([^"\n]*?\) ?(?:VALUES|\[))"#,
        r#"|Unique index or primary key violation: "([^\n]*)"#,
    ))
    .ok()
});

fn unique(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = KEY.as_ref() else { return };
    let mut from = 0;
    while let Some(found) = pattern.captures_at(text, from).filter(|_| hits.len() < super::MOST) {
        let whole = found.get(0).map_or(from..from, |m| m.range());
        let start = found.get(1).or_else(|| found.get(2)).map_or(whole.start, |m| m.start());
        let rest = &text[start..];
        let line = rest.lines().next().unwrap_or_default();
        let end =
            ["\"; SQL", "\" [", "\"]"].iter().filter_map(|p| line.find(p)).min().or_else(|| line.rfind('"'));
        let mut violation = Violation::new(SubKind::Unique, Some("23505"));
        violation.truncated = end.is_none();
        read_index(&rest[..end.unwrap_or(line.len())], &mut violation);
        hits.push(Hit::new(whole.start, violation));
        from = start + end.unwrap_or(line.len());
    }
}

/// `PUBLIC.UK_INDEX_5 ON PUBLIC.ORDERS(ID NULLS FIRST) VALUES ( /* 1 */ 'a' )`.
fn read_index(text: &str, violation: &mut Violation) {
    let Some((name, rest)) = text.split_once(" ON ") else {
        violation.constraint = Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        return;
    };
    // Newer servers name the constraint before its index.
    let name = name.split(" INDEX ").next().unwrap_or(name);
    violation.constraint = name.rsplit('.').next().map(|n| values::unquote(n).to_owned());
    let Some(open) = rest.find('(') else {
        violation.set_table(rest.split(' ').next().unwrap_or(rest));
        return;
    };
    violation.set_table(&rest[..open]);
    let Some(close) = close_of(&rest[open + 1..]).map(|c| open + 1 + c) else { return };
    violation.columns = values::columns(&rest[open + 1..close]);
    let Some(list) = rest[close..].split_once("VALUES").map(|(_, v)| v.trim()) else {
        violation.values = row_key(&rest[close..], violation.columns.len()).into_iter().collect();
        return;
    };
    let list = list.strip_prefix('(').map_or(list, |l| match l.rfind(')') {
        Some(end) if !violation.truncated => &l[..end],
        _ => l,
    });
    violation.values = values::split_list(list).into_iter().map(values::literal).collect();
    if violation.truncated
        && let Some(last) = violation.values.last_mut()
    {
        *last = last.trim_start_matches('\'').trim_end_matches(['.', '…']).to_owned();
    }
    // A row's own number may follow the key.
    violation.values.truncate(violation.columns.len());
}

/// The key in the whole row that stands behind a primary key: `( /* key:7 */ 7, 'a')`.
fn row_key(rest: &str, columns: usize) -> Option<String> {
    let (key, _) = rest.split_once("/* key:")?.1.split_once(" */")?;
    (columns == 1).then(|| key.to_owned())
}

/// The bracket that closes a list of columns; expressions nest.
fn close_of(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
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
        if text[found.get(0).map_or(0, |m| m.end())..].lines().take(3).any(|l| l.contains("[23503-")) {
            violation.vendor_code = Some("23503".to_owned());
        }
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
        r#"[^;\n]*; ?"?([^\s"]+)"? table: "?([^\s"]+)"?(?: column: "?([^\s"]+)"?)?(?: value: (\S+))?"#,
        r"|duplicate key value in a unique or primary key constraint or unique index identified by '([^'\n]+)' defined on '([^'\n]+)'",
        r"|on table '([^'\n]+)' caused a violation of foreign key constraint '([^'\n]+)' for key \((.*?)\)\.",
        r"|Column '([^'\n]+)' {1,2}cannot accept a NULL value",
        r"|check constraint '([^'\n]+)' was violated while performing an [A-Z]+(?: or [A-Z]+)? on table '([^'\n]+)'",
    ))
    .ok()
});

/// HSQLDB and Derby.
fn cousins(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = COUSINS.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let group = |n: usize| found.get(n).map(|m| m.as_str());
        let (sub, code) = match group(1) {
            Some("unique constraint or index") => (SubKind::Unique, "23505"),
            Some("NOT NULL check constraint") => (SubKind::NotNull, "23502"),
            Some("check constraint") => (SubKind::Check, "23513"),
            Some(_) => (SubKind::ForeignKey, "23503"),
            None if group(6).is_some() => (SubKind::Unique, "23505"),
            None if group(8).is_some() => (SubKind::ForeignKey, "23503"),
            None if group(11).is_some() => (SubKind::NotNull, "23502"),
            None => (SubKind::Check, "23513"),
        };
        let mut violation = Violation::new(sub, Some(code));
        let name = group(2).or(group(6)).or(group(9)).or(group(12));
        violation.constraint = name.map(str::to_owned);
        if let Some(table) = group(3).or(group(7)).or(group(8)).or(group(13)) {
            violation.set_table(table);
        }
        violation.columns = group(4).or(group(11)).map(str::to_owned).into_iter().collect();
        let told = group(5).or(group(10)).map(|v| v.trim_end_matches(['.', ';']));
        violation.values =
            told.map(|v| v.split(',').map(|v| v.trim().to_owned()).collect()).unwrap_or_default();
        hits.push(Hit::new(found.get(0).map_or(0, |m| m.start()), violation));
    }
}
