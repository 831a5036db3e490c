//! SQL Server: errors 2627, 2601, 1505, 547, 515, in any of the server's languages.

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
        r#"Violation of (?:PRIMARY|UNIQUE) KEY constraint ['"](.+?)['"]\.(?: Cannot insert duplicate key in object ['"](.+?)['"]\.)?"#,
        r#"|Cannot insert duplicate key row in object ['"](.+?)['"] with unique index ['"](.+?)['"]\."#,
        r#"|a duplicate key was found for the object name ['"](.+?)['"] and the index name ['"](.+?)['"]\."#,
    ))
    .ok()
});

fn keys(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = KEYS.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let group = |n: usize| found.get(n).map(|m| m.as_str());
        let code = if group(5).is_some() {
            "1505"
        } else if group(3).is_some() {
            "2601"
        } else {
            "2627"
        };
        let mut violation = Violation::new(SubKind::Unique, Some(code));
        violation.constraint = group(1).or(group(4)).or(group(6)).map(str::to_owned);
        let (start, end) = span(&found);
        match group(2).or(group(3)).or(group(5)) {
            Some(object) => {
                violation.set_table(object);
                key_values(&text[end..], &mut violation);
            }
            None => violation.truncated = true,
        }
        hits.push(Hit::new(start, violation));
    }
}

fn span(found: &Captures<'_>) -> (usize, usize) {
    found.get(0).map_or((0, 0), |m| (m.start(), m.end()))
}

/// What stands before the key's values in other languages.
const VALUES_ARE: [&str; 10] = [
    "Der doppelte Schlüsselwert ist (",
    "Valeur de clé dupliquée\u{a0}: (",
    "Valeur de clé dupliquée : (",
    "El valor de la clave duplicada es (",
    "O valor de chave duplicada é (",
    "Valore della chiave duplicata: (",
    "Повторяющееся значение ключа: (",
    "重复键值为 (",
    "重複するキーの値は (",
    "중복 키 값은 (",
];

/// The quoted names of a sentence, and German's `dbo.orders-Objekt`, `IX_no-Index`.
static NAMES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?:(?:^|\W)'|["«„“‘])[\s\u{a0}]?([^"'«»„“”‘’\n]{1,200}?)[\s\u{a0}]?["'»”“’]|([\w$#]+\.[\w$#.]+)-Objekt|([\w$#.]+)-Index"#,
    )
    .ok()
});

/// Words before a table's name, in the languages of [`VALUES_ARE`].
const OBJECT: [&str; 8] = ["Objekt", "objet", "objeto", "oggetto", "对象", "オブジェクト", "объект", "개체"];

/// In other languages: two names before the key's values, one of them behind the word for an object.
fn localised(text: &str, hits: &mut Vec<Hit>) {
    for phrase in VALUES_ARE {
        for (at, _) in text.match_indices(phrase).take(super::MOST) {
            let from = super::sql::floor(text, at.saturating_sub(400));
            let line = text[from..at].rfind('\n').map_or(from, |n| from + n + 1);
            let before = &text[line..at];
            let mut violation = Violation::new(SubKind::Unique, None);
            let keyed = before.contains("PRIMARY KEY") || before.contains("UNIQUE KEY");
            violation.vendor_code = Some(if keyed { "2627" } else { "2601" }.to_owned());
            if name_both(before, &mut violation) {
                value_list(&text[at + phrase.len()..], &mut violation);
                hits.push(Hit::new(line, violation));
            }
        }
    }
}

/// Reads the object's and the key's name: the last two of the sentences.
fn name_both(before: &str, violation: &mut Violation) -> bool {
    let Some(pattern) = NAMES.as_ref() else { return false };
    let names: Vec<Captures<'_>> = pattern.captures_iter(before).take(32).collect();
    let [.., first, second] = names.as_slice() else { return false };
    let is_object = |name: &Captures<'_>| {
        let start = super::sql::floor(before, span(name).0.saturating_sub(16));
        name.get(2).is_some() || OBJECT.iter().any(|o| before[start..span(name).0].contains(o))
    };
    let text = |name: &Captures<'_>| {
        name.iter().skip(1).flatten().next().map_or(String::new(), |m| m.as_str().to_owned())
    };
    let (object, key) = if is_object(first) { (first, second) } else { (second, first) };
    violation.set_table(&text(object));
    violation.constraint = Some(text(key));
    true
}

/// `The duplicate key value is (12, a).`
fn key_values(after: &str, violation: &mut Violation) {
    let Some(rest) = after.trim_start().strip_prefix("The duplicate key value is (") else {
        let cut = after.trim_start();
        violation.truncated =
            !cut.is_empty() && "The duplicate key value is (".starts_with(cut.trim_end_matches(['.', '…']));
        return;
    };
    value_list(rest, violation);
}

/// `12, a).`; `<NULL>` is how the server writes a null.
fn value_list(rest: &str, violation: &mut Violation) {
    let line = rest.lines().next().unwrap_or_default();
    let end = list_end(line);
    violation.truncated = end.is_none();
    let list = &line[..end.unwrap_or(line.len())];
    violation.values =
        list.split(", ").map(|v| if v == "<NULL>" { "NULL" } else { v.trim_end() }.to_owned()).collect();
    violation.joined = (violation.values.len() > 1).then(|| list.to_owned());
}

/// Where the list closes: at a bracket that ends a sentence, else at the last bracket of the line.
fn list_end(line: &str) -> Option<usize> {
    let ends_sentence = |after: &str| {
        let next = after.trim_start_matches(['.', '。']).trim_start();
        let starts = |c: char| c.is_uppercase() || c.is_ascii_digit() || !c.is_alphanumeric();
        next.chars().next().is_none_or(starts)
    };
    let closes = line.match_indices(')').map(|(at, _)| at);
    let mut sentence = closes.filter(|at| {
        let after = &line[at + 1..];
        (after.starts_with('.')
            || after.starts_with('。')
            || after.starts_with(" です")
            || after.starts_with(';'))
            && (after.starts_with(" です") || ends_sentence(after))
    });
    sentence.next().or_else(|| line.rfind(')'))
}

static CONFLICTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"The (?:INSERT|UPDATE|DELETE|MERGE|ALTER TABLE) statement conflicted with the "#,
        r#"(FOREIGN KEY SAME TABLE|SAME TABLE REFERENCE|FOREIGN KEY|REFERENCE|CHECK) constraint ["'](.+?)["']\."#,
        r#"(?: The conflict occurred in database ["'](.*?)["'], table ["'](.*?)["'](?:, column ["'](.*?)["'])?(\.)?)?"#,
    ))
    .ok()
});

/// The same in other languages: the constraint's sort in English, its name, and a table with its schema.
static CONFLICTS_ELSEWHERE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"\b(FOREIGN KEY SAME TABLE|SAME TABLE REFERENCE|FOREIGN KEY|REFERENCE|CHECK)\b[^"'(\n]{0,24}["']([^"'\n]+)["']"#,
        r#"(?:[^"'\n]|\w'\w){1,80}(?:["']([^"'\n.]+)["'])?[^"'\n]{1,20}["']([^"'\n.]+\.[^"'\n]+)["'](?:[,、，] ?[^\s"']+ ["']([^"'\n]+)["'])?"#,
    ))
    .ok()
});

fn conflicts(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = CONFLICTS.as_ref() else { return };
    let mut known = false;
    for found in pattern.captures_iter(text).take(super::MOST) {
        known = true;
        let mut violation = conflict(&found);
        let rest = text[span(&found).1..].trim();
        const MORE: &str = "The conflict occurred in database";
        let goes_on = !rest.is_empty() && (MORE.starts_with(rest) || rest.starts_with(MORE));
        violation.truncated = found.get(4).is_none() && goes_on;
        hits.push(Hit::new(span(&found).0, violation));
    }
    let Some(pattern) = CONFLICTS_ELSEWHERE.as_ref().filter(|_| !known) else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let (start, end) = span(&found);
        let near = &text[super::sql::floor(text, start.saturating_sub(60))..end];
        let verbs = ["INSERT", "UPDATE", "DELETE", "MERGE", "ALTER TABLE"];
        if verbs.iter().any(|v| near.contains(v)) {
            hits.push(Hit::new(start, conflict(&found)));
        }
    }
}

/// Groups: sort, name, database, table, column.
fn conflict(found: &Captures<'_>) -> Violation {
    let sub = if &found[1] == "CHECK" { SubKind::Check } else { SubKind::ForeignKey };
    let mut violation = Violation::new(sub, Some("547"));
    violation.constraint = Some(found[2].to_owned());
    violation.database = found.get(3).map(|m| m.as_str().to_owned());
    violation.columns = found.get(5).map(|m| m.as_str().to_owned()).into_iter().collect();
    let table = found.get(4).map_or("", |m| m.as_str());
    // A foreign key's conflict lies in the parent; a reference's and a check's in the table itself.
    if &found[1] == "FOREIGN KEY" && !table.is_empty() {
        violation.referenced_table = Some(table.to_owned());
    } else if !table.is_empty() {
        violation.set_table(table);
    }
    violation
}

static NULLS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"Cannot insert the value NULL into column ['"](.+?)['"](?:, table ['"](.+?)['"])?"#,
        r#"|NULL[^'"\n]{1,60}['"]([^'"\n.]+)['"][^'"\n]{1,20}['"]([^'"\n.]+\.[^'"\n.]+\.[^'"\n.]+)['"]"#,
        r#"|テーブル '([^'\n]+)' の列 '([^'\n]+)' に値 NULL"#,
        r"|NULL kann in die ([^\s'-]+)-Spalte, ([^\s'-]+)-Tabelle",
    ))
    .ok()
});

fn nulls(text: &str, hits: &mut Vec<Hit>) {
    let Some(pattern) = NULLS.as_ref() else { return };
    for found in pattern.captures_iter(text).take(super::MOST) {
        let group = |n: usize| found.get(n).map(|m| m.as_str());
        let Some(column) = group(1).or(group(3)).or(group(6)).or(group(7)) else { continue };
        let mut violation = Violation::new(SubKind::NotNull, Some("515"));
        violation.columns = vec![values::unquote(column).to_owned()];
        if let Some(table) = group(2).or(group(4)).or(group(5)).or(group(8)) {
            violation.set_table(table);
        }
        hits.push(Hit::new(span(&found).0, violation));
    }
}
