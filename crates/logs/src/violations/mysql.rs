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
    rare(text, hits);
}

fn duplicates(text: &str, hits: &mut Vec<Hit>) {
    const START: &str = "Duplicate entry '";
    for (at, _) in text.match_indices(START).take(super::MOST) {
        let rest = &text[at + START.len()..];
        let mut violation = Violation::new(SubKind::Unique, Some("1062"));
        if let Some((end, key, is_whole)) = key_after(rest) {
            set_value(&rest[..end], &mut violation);
            set_key(key, &mut violation);
            violation.truncated |= !is_whole;
        } else {
            let line = rest.lines().next().unwrap_or_default();
            let value = line.split('\'').next().unwrap_or_default();
            let value = value.trim_end_matches(['.', '…', '"', '}', ']', ')']);
            set_value(value, &mut violation);
            violation.truncated = true;
        }
        hits.push(Hit::new(at, violation));
    }
}

/// Where the value ends, the key's name behind `' for key `, and whether that has its end too. A name is quoted, or the
/// ordinal of very old servers: elsewhere the words belong to the value.
fn key_after(rest: &str) -> Option<(usize, &str, bool)> {
    const MIDDLE: &str = "' for key ";
    for (end, _) in rest.match_indices(MIDDLE).take(20) {
        let key = &rest[end + MIDDLE.len()..];
        let Some(quote @ ('\'' | '"' | '`')) = key.chars().next() else {
            let digits = key.bytes().take_while(u8::is_ascii_digit).count();
            if digits > 0 {
                return Some((end, &key[..digits], true));
            }
            continue;
        };
        let line = key[1..].lines().next().unwrap_or_default();
        // What has the same words behind it was part of the value.
        let is_value = line.find(quote).is_some_and(|close| line[close + 1..].starts_with(MIDDLE));
        if is_value {
            continue;
        }
        return Some(match line.find(quote) {
            Some(close) => (end, &line[..close], true),
            None => (end, line.trim_end_matches(['.', '…']), false),
        });
    }
    None
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
/// number or a date and there is more than one; otherwise one value stands for all. `joined` has the text as written.
fn set_value(text: &str, violation: &mut Violation) {
    violation.joined = Some(text.to_owned());
    violation.values = split_numbers(text).unwrap_or_else(|| vec![text.to_owned()]);
    // The server cuts values at 64 characters; digests have that length by nature.
    let digest = text.bytes().all(|c| c.is_ascii_hexdigit());
    violation.truncated = text.chars().count() == 64 && !digest;
}

fn split_numbers(text: &str) -> Option<Vec<String>> {
    let mut values = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = date_end(rest).or_else(|| rest.find('-')).unwrap_or(rest.len());
        let (value, after) = rest.split_at(end);
        let number = value.len() < 20 && !value.is_empty() && value.bytes().all(|c| c.is_ascii_digit());
        let plain = number && (value.len() == 1 || !value.starts_with('0'));
        if !(plain || value.len() == DATE) || after == "-" {
            return None;
        }
        values.push(value.to_owned());
        rest = after.strip_prefix('-').unwrap_or(after);
    }
    (values.len() > 1).then_some(values)
}

/// The length of `2026-11-22`.
const DATE: usize = 10;

/// Where a date at the start of a text ends, if that is the end of a value.
fn date_end(text: &str) -> Option<usize> {
    let date = text.as_bytes().get(..DATE)?;
    let digits = |range: std::ops::Range<usize>| date[range].iter().all(u8::is_ascii_digit);
    let is_date = digits(0..4) && date[4] == b'-' && digits(5..7) && date[7] == b'-' && digits(8..10);
    (is_date && matches!(text.as_bytes().get(DATE), None | Some(b'-'))).then_some(DATE)
}

static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:\b(?:error|errno|code|sqlcode|fehler|erreur)\b[ :=(#'-]{0,4}|\(|violation: )(1062|1048|1364)\b").ok()
});

/// Introductions in other languages, the value first.
const HEADS: [&str; 18] = [
    "Doppelter Eintrag '",
    "Duplicata du champ '",
    "Entrada duplicada '",
    "Entrada '",
    "Valore duplicato '",
    "Dubbele ingang '",
    "Ens værdier '",
    "Like verdier '",
    "Dublett '",
    "Powtórzone wystąpienie '",
    "Zvojený klíč '",
    "Opakovaný kľúč '",
    "Cimpul '",
    "Дублирующаяся запись '",
    "Дублюючий запис '",
    "Διπλή εγγραφή '",
    "중복된 입력 값 '",
    "重复条目'",
];

/// A value and a key with other words between: `'A-17' für Schlüssel 'uk_no'`, `'A-17' は索引 'uk_no'`, `'A-17' … 2`.
static PAIR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^'(.*?)'(?:[^'\n]{0,30}(?:[^\w'\n]|[^\x00-\x7f])[^'\n]{0,30}'([\w.$-]+)'|[^'\n\d]{3,30} (\d{1,3})\b)").ok()
});

/// Messages in other languages: by code or introduction, with quoted value and key on the same line.
fn localised(text: &str, hits: &mut Vec<Hit>) {
    for (at, line) in lines_with_positions(text) {
        if line.contains("Duplicate entry '") || !line.contains('\'') {
            continue;
        }
        let code = CODE.as_ref().and_then(|c| c.captures(line)).filter(|c| &c[1] == "1062");
        let head = HEADS.iter().find_map(|h| line.find(h).map(|at| at + h.len() - 1));
        let repeats = ["で重複", "重复条目", "的重复"].iter().any(|w| line.contains(w));
        let from = match (head, code.and_then(|c| c.get(0))) {
            (Some(at), _) => at,
            (None, Some(code)) => code.end(),
            (None, None) if repeats => 0,
            _ => continue,
        };
        let Some((value, key)) = pair(&line[from..]) else { continue };
        let mut violation = Violation::new(SubKind::Unique, Some("1062"));
        set_value(value, &mut violation);
        set_key(key, &mut violation);
        hits.push(Hit::new(at, violation));
    }
}

/// Value and key of a line; Chinese names the key first (`键 'uk_no' 的重复条目 'A-17'`, `键 'uk_no' 的条目 'A-17' 重复`).
fn pair(line: &str) -> Option<(&str, &str)> {
    let found = PAIR.as_ref()?.captures(&line[line.find('\'')?..])?;
    let group = |n: usize| found.get(n).map_or(0..0, |m| m.range());
    let slice = &line[line.find('\'')?..];
    let value = &slice[group(1)];
    let key = if found.get(2).is_some() { &slice[group(2)] } else { &slice[group(3)] };
    let key_first = line.contains("的重复条目")
        || line.contains("' 的条目")
        || line.contains("キー '") && !line.contains("索引 '");
    Some(if key_first { (key, value) } else { (value, key) })
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
    Regex::new(concat!(
        r"\((`[^`\n]+`(?:\.`[^`\n]+`)?(?: /\*[^*\n]*\*/)?|[^\s(),]+), CONSTRAINT [`']([^`'\n]+)[`']",
        r"(?: FOREIGN KEY (?:[`'][^`'\n]+[`'] )?\(([^)\n]*)\)(?: REFERENCES ((?:[`']?[^`'()\n]+[`']?\.)?[`']?[^`'()\n]+[`']?) ?\()?)?",
    ))
    .ok()
});

/// Words that a row with children was to be deleted or changed.
const PARENT: [&str; 10] = [
    "1451",
    "1217",
    "parent row",
    "delete or update",
    "Eltern-Zeile",
    "fila padre",
    "linha pai",
    "enregistrement père",
    "親レコードの",
    "父行",
];

fn foreign_keys(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = FOREIGN.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let at = found.get(0).map_or(0, |m| m.start());
        let from = super::sql::floor(text, at.saturating_sub(200));
        let before = &text[from..at];
        let parent = PARENT.iter().any(|p| before.contains(p));
        let is_whole = found.get(4).is_some();
        // A statement of the schema has the same words.
        if !is_whole && !before.trim_end().ends_with(['s', 'l', 'a', 'u', 'e', '。', '败']) {
            continue;
        }
        let mut violation = Violation::new(SubKind::ForeignKey, Some(if parent { "1451" } else { "1452" }));
        violation.set_table(found[1].split(" /*").next().unwrap_or_default());
        violation.constraint = Some(found[2].to_owned());
        violation.columns = found.get(3).map(|c| values::columns(c.as_str())).unwrap_or_default();
        violation.referenced_table =
            found.get(4).map(|r| r.as_str().replace(['`', '\''], "").trim().to_owned());
        violation.truncated = !is_whole;
        hits.push(Hit::new(at, violation));
    }
    bare(text, hits);
}

static BARE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?:Cannot (?:add or update a child|(delete or update a parent)) row: a foreign key constraint fails",
        r"|Impossible d'ajouter un enregistrement fils[^\n(]*|(Impossible de supprimer un enregistrement père)[^\n(]*",
        r"|Kann Kind-Zeile nicht hinzufügen[^\n(]*|(Kann Eltern-Zeile nicht löschen)[^\n(]*",
        r"|Não pode acrescentar uma linha filha[^\n(]*|(Não pode apagar uma linha pai)[^\n(]*)(.{0,3})",
    ))
    .ok()
});

/// Without the constraint: whoever may not read the parent is not shown it.
fn bare(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = BARE.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        if found[5].contains('(') {
            continue;
        }
        let at = found.get(0).map_or(0, |m| m.start());
        let before = &text[super::sql::floor(text, at.saturating_sub(40))..at];
        let parent = (1..5).any(|n| found.get(n).is_some());
        let code = match (parent, before.contains("1216"), before.contains("1217")) {
            (_, true, _) => "1216",
            (_, _, true) => "1217",
            (true, ..) => "1451",
            (false, ..) => "1452",
        };
        hits.push(Hit::new(at, Violation::new(SubKind::ForeignKey, Some(code))));
    }
}

static RARE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"Can't write; duplicate key in table '([^'\n]+)'",
        r"|Foreign key constraint for table '([^'\n]+)', record '.*?' would lead to a duplicate entry in table '([^'\n]+)'(?:, key '([^'\n]+)')?",
    ))
    .ok()
});

/// A row that could not be written without a value told, and a cascade that would have made a duplicate.
fn rare(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = RARE.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let own = |n: usize| found.get(n).map(|m| m.as_str().to_owned());
        let mut violation;
        if let Some(table) = found.get(1) {
            violation = Violation::new(SubKind::Unique, Some("1022"));
            violation.set_table(table.as_str());
        } else {
            violation = Violation::new(SubKind::ForeignKey, Some("1761"));
            violation.referenced_table = own(2);
            violation.table = own(3);
            violation.constraint = own(4);
        }
        hits.push(Hit::new(found.get(0).map_or(0, |m| m.start()), violation));
    }
}

static NULLS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"Column '([^'\n]+)' cannot be null|(?:Field|[Cc]ampo|Feld|Spalte|champ) '([^'\n]+)' (?:doesn't have|hat keinen|n'a pas|no tiene)",
        r"|(?:Feld|Spalte) '([^'\n]+)' darf nicht|Le champ '([^'\n]+)' ne peut|[Cc]olumna '([^'\n]+)' no puede",
        r"|[Cc]ampo '([^'\n]+)' não|[Cc]oluna '([^'\n]+)' não|[Cc]olonna '([^'\n]+)' non pu",
        r"|列 ?'([^'\n]+)' ?(?:は|不能|にデフォルト|にはデフォルト|没有默认)|Столбец '([^'\n]+)' не",
    ))
    .ok()
});

/// Words of a column without a value to fall back on.
const NO_DEFAULT: [&str; 6] = ["doesn't have", "hat keinen", "n'a pas", "no tiene", "デフォルト", "没有默认"];

fn nulls(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = NULLS.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let Some(column) = found.iter().skip(1).flatten().next() else { continue };
        let default = NO_DEFAULT.iter().any(|w| found[0].contains(w));
        let mut violation = Violation::new(SubKind::NotNull, Some(if default { "1364" } else { "1048" }));
        violation.columns = vec![column.as_str().to_owned()];
        hits.push(Hit::new(found.get(0).map_or(0, |m| m.start()), violation));
    }
}

static CHECKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"Check constraint '([^'\n]+)' is violated|(?:CONSTRAINT|RESTRICCIÓN) `([^`\n]+)` (?:[^`\n]{0,20}[ :]|失败 ?)`([^`\n]+)`\.`([^`\n]+)`",
    )
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
