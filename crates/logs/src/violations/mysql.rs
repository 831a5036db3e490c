//! MySQL and MariaDB: codes 1062, 1048, 1364, 1451, 1452, 3819, 4025, in any of the server's languages.

use super::{Hit, SubKind, Violation, values};
use regex::Regex;
use std::sync::LazyLock;

pub(super) fn find(text: &str, hits: &mut Vec<Hit>) {
    duplicates(text, hits);
    localised(text, hits);
    foreign_keys(text, hits);
    nulls(text, hits);
    checks(text, hits);
}

fn duplicates(text: &str, hits: &mut Vec<Hit>) {
    const START: &str = "Duplicate entry '";
    for (at, _) in text.match_indices(START).take(super::MOST) {
        let rest = &text[at + START.len()..];
        let mut violation = Violation::new(SubKind::Unique, Some("1062"));
        if let Some(end) = rest.find("' for key ") {
            set_value(&rest[..end], &mut violation);
            set_key(key_name(&rest[end + 10..]), &mut violation);
        } else {
            let line = rest.lines().next().unwrap_or_default();
            let value = line.split('\'').next().unwrap_or_default().trim_end_matches(['.', '…']);
            set_value(value, &mut violation);
            violation.truncated = true;
        }
        hits.push(Hit::new(at, violation));
    }
}

/// The key's name behind `for key `: quoted, or the ordinal of very old servers.
fn key_name(rest: &str) -> &str {
    if let Some(quote @ ('\'' | '"' | '`')) = rest.chars().next() {
        let inner = &rest[1..];
        return inner
            .find(quote)
            .map_or_else(|| inner.lines().next().unwrap_or_default(), |end| &inner[..end]);
    }
    let end =
        rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '$'))).unwrap_or(rest.len());
    rest[..end].trim_end_matches('.')
}

/// Newer servers write `table.key`.
fn set_key(name: &str, violation: &mut Violation) {
    let (table, key) = name.rsplit_once('.').map_or((None, name), |(t, k)| (Some(t), k));
    if let Some(table) = table {
        violation.set_table(table);
    }
    violation.constraint = (!key.is_empty()).then(|| key.to_owned());
}

/// The server joins the values of a composite key with `-` unescaped: they are split where every part is a plain
/// number and the whole no date; otherwise one value stands for all. `joined` has the text as written.
fn set_value(text: &str, violation: &mut Violation) {
    violation.joined = Some(text.to_owned());
    violation.values = split_numbers(text).unwrap_or_else(|| vec![text.to_owned()]);
    // The server cuts values at 64 characters; digests have that length by nature.
    let digest = text.bytes().all(|c| c.is_ascii_hexdigit());
    violation.truncated = text.chars().count() == 64 && !digest;
}

fn split_numbers(text: &str) -> Option<Vec<String>> {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |p: &&str| !p.is_empty() && p.len() < 20 && p.bytes().all(|c| c.is_ascii_digit());
    let plain = parts.iter().all(|p| number(p) && (p.len() == 1 || !p.starts_with('0')));
    let date = parts.len() == 3 && parts[0].len() == 4;
    (parts.len() > 1 && plain && !date).then(|| parts.into_iter().map(str::to_owned).collect())
}

static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:\b(?:error|errno|code|sqlcode|fehler|erreur)\b[ :=(#'-]{0,4}|\(|violation: )(1062|1048|1364)\b").ok()
});

/// Introductions in other languages; true where the key comes before the value.
const HEADS: [(&str, bool); 9] = [
    ("Doppelter Eintrag ", false),
    ("Duplicata du champ ", false),
    ("Entrada duplicada ", false),
    ("Entrada '", false),
    ("Valore duplicato ", false),
    ("は索引", false),
    ("キー", true),
    ("索引", true),
    ("键 '", true),
];

/// Messages in other languages: by code or introduction, with quoted value and key on the same line.
fn localised(text: &str, hits: &mut Vec<Hit>) {
    for (at, line) in lines_with_positions(text) {
        if line.contains("Duplicate entry '") || !line.contains('\'') {
            continue;
        }
        let coded = CODE.as_ref().and_then(|c| c.captures(line)).is_some_and(|c| &c[1] == "1062");
        let head = HEADS.iter().find(|(h, _)| line.contains(h));
        let repeats = line.contains("重複") || line.contains("重复");
        let western = head.is_some_and(|(h, _)| h.is_ascii());
        if !(coded || western || repeats) {
            continue;
        }
        // Quotes before the message (`'error': …`) are no part of it.
        let from =
            if western { head.and_then(|(h, _)| line.find(h)) } else { line.rfind("1062") }.unwrap_or(0);
        let names = single_quoted(&line[from..]);
        let [first, .., last] = names.as_slice() else { continue };
        let (value, key) =
            if head.is_some_and(|(_, key_first)| *key_first) { (last, first) } else { (first, last) };
        let mut violation = Violation::new(SubKind::Unique, Some("1062"));
        set_value(value, &mut violation);
        set_key(key, &mut violation);
        hits.push(Hit::new(at, violation));
    }
}

fn single_quoted(line: &str) -> Vec<&str> {
    let parts: Vec<&str> = line.split('\'').collect();
    parts.iter().skip(1).step_by(2).take((parts.len() - 1) / 2).copied().collect()
}

fn lines_with_positions(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split('\n').map(move |line| {
        let start = at;
        at += line.len() + 1;
        (start, line)
    })
}

static FOREIGN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"\(([^\s(),]+), CONSTRAINT [`']([^`']+)[`'] FOREIGN KEY (?:[`'][^`']+[`'] )?\(([^)]*)\) REFERENCES ((?:[`']?[^\s`'()]+[`']?\.)?[`']?[^\s`'()]+[`']?)",
    )
    .ok()
});

fn foreign_keys(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = FOREIGN.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let at = found.get(0).map_or(0, |m| m.start());
        let from = super::sql::floor(text, at.saturating_sub(200));
        let before = &text[from..at];
        let parent =
            before.contains("1451") || before.contains("parent row") || before.contains("delete or update");
        let mut violation = Violation::new(SubKind::ForeignKey, Some(if parent { "1451" } else { "1452" }));
        violation.set_table(&found[1]);
        violation.constraint = Some(found[2].to_owned());
        violation.columns = values::columns(&found[3]);
        violation.referenced_table = Some(found[4].replace(['`', '\''], ""));
        hits.push(Hit::new(at, violation));
    }
}

static NULLS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"Column '([^']+)' cannot be null|Field '([^']+)' doesn't have a default value",
        r"|(?:Feld|Spalte) '([^']+)' (?:darf nicht|hat keinen)|Le champ '([^']+)' (?:ne peut|n'a pas)",
        r"|[Cc]olumna '([^']+)' no puede|[Cc]ampo '([^']+)' (?:não|no tiene)|[Cc]oluna '([^']+)' não",
        r"|列 ?'([^']+)' ?(?:は|不能|にデフォルト)",
    ))
    .ok()
});

fn nulls(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = NULLS.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let Some(column) = found.iter().skip(1).flatten().next() else { continue };
        let whole = &found[0];
        let default =
            ["default", "hat keinen", "n'a pas", "no tiene", "デフォルト"].iter().any(|w| whole.contains(w));
        let mut violation = Violation::new(SubKind::NotNull, Some(if default { "1364" } else { "1048" }));
        violation.columns = vec![column.as_str().to_owned()];
        hits.push(Hit::new(found.get(0).map_or(0, |m| m.start()), violation));
    }
}

static CHECKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"Check constraint '([^']+)' is violated|CONSTRAINT `([^`]+)` failed for `([^`]+)`\.`([^`]+)`")
        .ok()
});

fn checks(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = CHECKS.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let mut violation =
            Violation::new(SubKind::Check, Some(if found.get(1).is_some() { "3819" } else { "4025" }));
        let name = found.get(1).or_else(|| found.get(2));
        violation.constraint = name.map(|m| m.as_str().to_owned());
        violation.schema = found.get(3).map(|m| m.as_str().to_owned());
        violation.table = found.get(4).map(|m| m.as_str().to_owned());
        hits.push(Hit::new(found.get(0).map_or(0, |m| m.start()), violation));
    }
}
