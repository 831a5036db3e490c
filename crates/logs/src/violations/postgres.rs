//! PostgreSQL and CockroachDB, in any of the server's languages.
//!
//! The headline is told by the words of its constraint's sort (a table of languages) and the quoted names in it; the
//! key by its shape `(columns)=(values)`, which every language keeps.

use super::{Hit, SubKind, Violation, values};
use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;
use std::sync::LazyLock;

/// Words that name a constraint's sort in a headline.
const SORTS: [(&str, SubKind); 51] = [
    ("unique constraint", SubKind::Unique),
    ("Unique-Constraint", SubKind::Unique),
    ("contrainte unique", SubKind::Unique),
    ("restricción de unicidad", SubKind::Unique),
    ("restrição de unicidade", SubKind::Unique),
    ("vincolo univoco", SubKind::Unique),
    ("一意性制約", SubKind::Unique),
    ("唯一约束", SubKind::Unique),
    ("唯一性约束", SubKind::Unique),
    ("ограничение уникальности", SubKind::Unique),
    ("고유 제약", SubKind::Unique),
    ("ograniczenie unikalności", SubKind::Unique),
    ("could not create unique index", SubKind::Unique),
    ("foreign key constraint", SubKind::ForeignKey),
    ("Fremdschlüssel-Constraint", SubKind::ForeignKey),
    ("contrainte de clé étrangère", SubKind::ForeignKey),
    ("llave foránea", SubKind::ForeignKey),
    ("restricción de clave externa", SubKind::ForeignKey),
    ("restrição de chave estrangeira", SubKind::ForeignKey),
    ("vincolo di chiave esterna", SubKind::ForeignKey),
    ("外部キー制約", SubKind::ForeignKey),
    ("外键约束", SubKind::ForeignKey),
    ("ограничение внешнего ключа", SubKind::ForeignKey),
    ("참조키 제약", SubKind::ForeignKey),
    ("not-null constraint", SubKind::NotNull),
    ("not null constraint", SubKind::NotNull),
    ("Not-Null-Constraint", SubKind::NotNull),
    ("contrainte NOT NULL", SubKind::NotNull),
    ("restricción de no nulo", SubKind::NotNull),
    ("restricción not null", SubKind::NotNull),
    ("restrição de não-nulo", SubKind::NotNull),
    ("restrição não-nula", SubKind::NotNull),
    ("vincolo non-null", SubKind::NotNull),
    ("非NULL制約", SubKind::NotNull),
    ("非空约束", SubKind::NotNull),
    ("ограничение NOT NULL", SubKind::NotNull),
    ("check constraint", SubKind::Check),
    ("Check-Constraint", SubKind::Check),
    ("contrainte de vérification", SubKind::Check),
    ("restricción «check»", SubKind::Check),
    ("restricción check", SubKind::Check),
    ("restrição de verificação", SubKind::Check),
    ("検査制約", SubKind::Check),
    ("检查约束", SubKind::Check),
    ("exclusion constraint", SubKind::Exclusion),
    ("Exclusion-Constraint", SubKind::Exclusion),
    ("contrainte d'exclusion", SubKind::Exclusion),
    ("restricción de exclusión", SubKind::Exclusion),
    ("restrição de exclusão", SubKind::Exclusion),
    ("排他制約", SubKind::Exclusion),
    ("排他约束", SubKind::Exclusion),
];

/// Words that say it was violated: without one a line only speaks of a constraint.
const VIOLATED: [&str; 16] = [
    "violates",
    "is violated by",
    "verletzt",
    "rompt",
    "viole",
    "viola",
    "違反",
    "违反",
    "нарушает",
    "위반",
    "could not create unique",
    "violated",
    "violating",
    "satisfy CHECK",
    "narusza",
    "заруш",
];

static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = SORTS.iter().map(|(w, _)| *w);
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .build(words)
        .ok()
});

/// How far from its headline a key may stand.
const REACH: usize = 3000;

pub(super) fn find(text: &str, hits: &mut Vec<Hit>) {
    others(text, hits);
    let Some(words) = WORDS.as_ref() else { return };
    let found: Vec<(usize, usize, SubKind)> = words
        .find_iter(text)
        .take(super::MOST)
        .map(|m| (m.start(), m.end(), SORTS[m.pattern().as_usize()].1))
        .collect();
    details(text, hits);
    let mut taken: Option<usize> = None;
    for (n, (start, end, sub)) in found.iter().copied().enumerate() {
        let next = found.get(n + 1).map_or(text.len(), |f| f.0);
        let Some((violation, from)) = headline(text, start, end, sub, taken.unwrap_or(0)) else { continue };
        let until = floor(text, next.min(end + REACH));
        let mut violation = violation;
        read_key(&text[from..until], &mut violation);
        let near = &text[from..until];
        code(near, &mut violation);
        violation.truncated |= violation.columns.is_empty() && until == text.len() && key_is_cut(near);
        taken = Some(end);
        hits.push(Hit::new(start, violation));
    }
}

/// A driver's error as an object, where the headline was not printed: `code: '23505', detail: 'Key (…)=(…) …'`.
fn details(text: &str, hits: &mut Vec<Hit>) {
    const MARKS: [&str; 4] = ["detail: '", "\"detail\":\"", "detail: Some(\"", "Message: `"];
    let Some((at, mark)) = MARKS.iter().find_map(|m| text.find(m).map(|at| (at, m))) else { return };
    let Some((sub, state)) = STATES.iter().find_map(|(state, sub)| {
        let told = [format!("'{state}'"), format!("\"{state}\""), format!("`{state}`")];
        told.iter().any(|t| text.contains(t)).then_some((*sub, *state))
    }) else {
        return;
    };
    let rest = &text[at + mark.len()..];
    let mut violation = Violation::new(sub, Some(state));
    read_key(&rest[..floor(rest, REACH)], &mut violation);
    if !violation.columns.is_empty() {
        hits.push(Hit::new(at, violation));
    }
}

const STATES: [(&str, SubKind); 5] = [
    ("23505", SubKind::Unique),
    ("23503", SubKind::ForeignKey),
    ("23502", SubKind::NotNull),
    ("23514", SubKind::Check),
    ("23P01", SubKind::Exclusion),
];

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The headline around a word: its names, and where in the text it starts.
fn headline(text: &str, start: usize, end: usize, sub: SubKind, after: usize) -> Option<(Violation, usize)> {
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1).max(floor(text, after.min(start)));
    let line_start = line_start.max(floor(text, start.saturating_sub(400)));
    let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at);
    let line = &text[line_start..floor(text, line_end.min(end + 600))];
    if !VIOLATED.iter().any(|v| line.contains(v)) || OTHERS_WORDS.iter().any(|o| line.contains(o)) {
        return None;
    }
    let at = end - line_start;
    let after_word: Vec<&str> = values::quoted(&line[at..]).into_iter().map(|n| n.1).collect();
    let before = values::quoted_before(&line[..start - line_start]);
    let mut violation = Violation::new(sub, Some(state_of(sub)));
    if after_word.is_empty()
        && line_end >= text.trim_end().len()
        && let Some(name) = cut_name(&text[end..])
    {
        violation.constraint = own(name);
        violation.truncated = true;
        return Some((violation, line_start));
    }
    if sub == SubKind::ForeignKey && line.contains("RESTRICT setting") {
        violation.vendor_code = Some("23001".to_owned());
    }
    let fits = match sub {
        SubKind::NotNull => not_null(line, &before, &after_word, &mut violation),
        SubKind::ForeignKey => foreign_key(line, &before, &after_word, &mut violation),
        SubKind::Check => check(line, &before, &after_word, &mut violation),
        _ => unique(&before, &after_word, &mut violation),
    };
    fits.then_some((violation, line_start))
}

/// Words of MySQL, SQLite, H2, Derby and Prisma that are close to these.
const OTHERS_WORDS: [&str; 9] = [
    "' is violated",
    "constraint violated: `",
    "constraint violated on the ",
    "constraint failed on the ",
    "constraint violation: \"",
    "CONSTRAINT `",
    "' was violated while",
    "caused a violation of",
    "constraint failed: ",
];

/// A name that is the text's end and has no closing quote: `" \"orders_no_k"`.
fn cut_name(rest: &str) -> Option<&str> {
    let name = rest.trim_start().strip_prefix('"')?.trim_end().trim_end_matches(['.', '…']);
    (!name.is_empty() && !name.contains(['"', '\n', ' '])).then_some(name)
}

/// Whether a text ends inside of a key's columns: `Detail: Key (no, tena`.
fn key_is_cut(text: &str) -> bool {
    let text = text.trim_end();
    text.rfind('(').is_some_and(|open| {
        let inner = &text[open + 1..];
        inner.len() < 200
            && !inner.contains([')', '"', '\'', '\n'])
            && text[..open].ends_with([' ', '»', '«'])
    })
}

static OTHERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"column "([^"\n]+)" of relation "([^"\n]+)" contains null values|domain "?[\w.$]+"? does not allow null values"#,
        r#"|no partition of relation "([^"\n]+)" found for row(?:[\s\S]{0,80}?contains \(([^\n]*?)\) = \(([^\n]*)\)\.)?"#,
    ))
    .ok()
});

/// Violations told without a constraint's sort.
fn others(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = OTHERS.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let group = |n: usize| found.get(n).map(|m| m.as_str());
        let mut violation;
        if let Some(table) = group(3) {
            violation = Violation::new(SubKind::Check, Some("23514"));
            violation.table = own(table);
            violation.columns = values::columns(group(4).unwrap_or_default());
            violation.values = group(5).map(|v| values::assign(v, &violation.columns)).unwrap_or_default();
        } else {
            violation = Violation::new(SubKind::NotNull, Some("23502"));
            violation.columns = group(1).map(str::to_owned).into_iter().collect();
            violation.table = group(2).and_then(own);
        }
        hits.push(Hit::new(found.get(0).map_or(0, |m| m.start()), violation));
    }
}

fn state_of(sub: SubKind) -> &'static str {
    match sub {
        SubKind::Unique => "23505",
        SubKind::ForeignKey => "23503",
        SubKind::NotNull => "23502",
        SubKind::Check => "23514",
        SubKind::Exclusion | SubKind::Unknown => "23P01",
    }
}

fn own(name: &str) -> Option<String> {
    (!name.is_empty()).then(|| name.to_owned())
}

fn unique(before: &[&str], after: &[&str], violation: &mut Violation) -> bool {
    let Some(name) = after.first().or_else(|| before.first()) else { return false };
    violation.constraint = own(name);
    true
}

/// `insert or update on table "picks" violates foreign key constraint "fk"`, and for the parent's side
/// `update or delete on table "orders" violates foreign key constraint "fk" on table "picks"`.
fn foreign_key(line: &str, before: &[&str], after: &[&str], violation: &mut Violation) -> bool {
    let Some(name) = after.first() else { return false };
    violation.constraint = own(name);
    // Japanese and Chinese name both tables first: the parent, whose row was to change, and the nearer child.
    let is_child_nearer = line.contains("外部キー") || line.contains("外键");
    if let ([child, parent], true) = (before, is_child_nearer) {
        violation.table = own(child);
        violation.referenced_table = own(parent);
        return true;
    }
    // What a detail on the same line quotes is no part of the headline.
    let detail = line.find(")=(").unwrap_or(line.len());
    let child = after.get(1).filter(|c| line.rfind(**c).is_some_and(|at| at < detail));
    match (before.first(), child) {
        (Some(parent), Some(child)) => {
            violation.table = own(child);
            violation.referenced_table = own(parent);
        }
        (Some(table), None) => violation.table = own(table),
        _ => {}
    }
    true
}

fn not_null(line: &str, before: &[&str], after: &[&str], violation: &mut Violation) -> bool {
    let names: Vec<&str> =
        if before.is_empty() { after.to_vec() } else { before.iter().rev().copied().collect() };
    let Some(first) = names.first() else { return false };
    // Japanese and Chinese name the relation before the column.
    let relation_first = line.contains("リレーション") || line.contains("关系");
    match (names.get(1), relation_first) {
        (Some(second), true) => {
            violation.table = own(first);
            violation.columns = own(second).into_iter().collect();
        }
        (second, _) => {
            violation.columns = own(first).into_iter().collect();
            violation.table = second.and_then(|t| own(t));
        }
    }
    true
}

fn check(line: &str, before: &[&str], after: &[&str], violation: &mut Violation) -> bool {
    let name = after.iter().find(|n| **n != "check");
    violation.constraint = name.and_then(|n| own(n));
    if line.contains("is violated by") {
        violation.table = after.get(1).filter(|_| line.contains(" of relation ")).and_then(|n| own(n));
        return violation.constraint.is_some();
    }
    violation.table = before.iter().find(|n| **n != "check").and_then(|n| own(n));
    violation.constraint.is_some() || line.contains("satisfy CHECK")
}

/// Phrases behind a key's values, in the server's languages; the last `)` of the line where none is found.
const AFTER_VALUES: [&str; 25] = [
    ") already exists",
    ") is duplicated",
    ") is not present in table",
    ") is still referenced from table",
    ") conflicts with",
    ") violates unique",
    ")« ",
    ") » ",
    ")» ",
    ")\" ",
    ")” ",
    ") existiert",
    ") ist ",
    ") existe",
    ") n'est pas",
    ") est ",
    ") no está",
    ") já existe",
    ") não está",
    ") kollidiert",
    ") conflita",
    ")が既存",
    ")与",
    ") は",
    ")はすでに",
];

/// Reads `(columns)=(values)` and the table that the detail names.
fn read_key(text: &str, violation: &mut Violation) {
    let Some(middle) = text.find(")=(") else {
        hidden_key(text, violation);
        return;
    };
    let Some(open) = open_of(&text[..middle]) else { return };
    violation.columns = values::columns(&text[open + 1..middle]);
    let rest = &text[middle + 3..];
    let (list, end) = if let Some(end) = values_end(rest) {
        (&rest[..end], end + 1)
    } else {
        violation.truncated = true;
        let cut = rest.find('\n').unwrap_or(rest.len());
        (rest[..cut].trim_end_matches(['.', '…', '\'', '"']), cut)
    };
    violation.values = values::assign(list, &violation.columns);
    if violation.sub == SubKind::ForeignKey && violation.referenced_table.is_none() {
        let line = rest[end..].lines().next().unwrap_or_default();
        let named = values::quoted(line).into_iter().map(|n| n.1).find(|n| !n.is_empty());
        // Japanese names the table before the key.
        let start = text[..open].rfind('\n').map_or(0, |at| at + 1);
        let before = || {
            let ahead = &text[start..open];
            let name = values::quoted(ahead).pop().map(|n| n.1);
            name.filter(|_| ahead.contains("テーブル") && ahead.contains("キー"))
        };
        violation.referenced_table = named.or_else(before).and_then(own);
    }
}

/// `Key is not present in table "orders".`: whoever may not read the table is not shown the key.
fn hidden_key(text: &str, violation: &mut Violation) {
    const HIDDEN: [&str; 3] =
        ["Key is not present in table ", "Key is still referenced from ", "Key is referenced from "];
    if violation.sub != SubKind::ForeignKey || violation.referenced_table.is_some() {
        return;
    }
    let after = HIDDEN.iter().find_map(|h| text.split_once(h)).map(|(_, after)| after);
    let named = after.and_then(|a| values::quoted(a.lines().next().unwrap_or_default()).into_iter().next());
    violation.referenced_table = named.and_then(|n| own(n.1));
}

/// The bracket that opens the column list ending at the end of `text`; expressions nest.
fn open_of(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices().rev().take(1000) {
        match c {
            ')' => depth += 1,
            '(' if depth == 0 => return Some(at),
            '(' => depth -= 1,
            '\n' => return None,
            _ => {}
        }
    }
    None
}

/// Where the values end: at the first of the phrases, else at the last bracket of the line. Where a value holds such a
/// phrase itself, the bracket that closes the list has one behind it, too.
fn values_end(rest: &str) -> Option<usize> {
    let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
    let Some(phrase) = AFTER_VALUES.iter().filter_map(|p| rest.find(p)).min() else { return line.rfind(')') };
    let is_end = |at: &usize| {
        let between = line.get(phrase..*at).unwrap_or_default();
        AFTER_VALUES.iter().any(|p| line[*at..].starts_with(p))
            && !between.contains(")=(")
            && !between.contains(';')
    };
    balanced(line).filter(is_end).or(Some(phrase))
}

/// The bracket that closes a list, counting those inside of it.
fn balanced(line: &str) -> Option<usize> {
    let mut depth = 0;
    line.char_indices().take(REACH).find_map(|(at, c)| {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' => depth -= 1,
            _ => {}
        }
        None
    })
}

/// A SQLSTATE that the text spells out wins over the one that the words imply.
fn code(text: &str, violation: &mut Violation) {
    for state in ["23505", "23503", "23502", "23514", "23001", "23P01"] {
        let is_told =
            text.contains(state) && (text.contains("SQLSTATE") || text.contains(&format!("{state}:")));
        if is_told && state.starts_with("23") && violation.vendor_code.is_none() {
            violation.vendor_code = Some(state.to_owned());
        }
    }
}
