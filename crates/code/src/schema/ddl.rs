//! SQL that defines tables: `CREATE TABLE`, `CREATE UNIQUE INDEX`, `ALTER TABLE … ADD`, in any dialect as far as the words
//! go. Names that databases give by themselves are given here as well (PostgreSQL's rule).

use super::{Constraint, Table, bare};

/// A word, a sign or a quoted name, with its line.
#[derive(Clone, Copy)]
struct Token<'t> {
    text: &'t str,
    line: u32,
}

/// Reads statements; `first` is the line of the text's beginning.
pub(super) fn read(path: &str, text: &str, first: u32, out: &mut Vec<Table>) {
    let tokens = tokens(text, first);
    for statement in tokens.split(|t| t.text == ";") {
        let is = |at: usize, word: &str| statement.get(at).is_some_and(|t| t.text.eq_ignore_ascii_case(word));
        if is(0, "create") {
            if let Some(at) = (1..5).find(|n| is(*n, "table")) {
                create(path, &statement[at + 1..], out);
            } else if is(1, "unique") {
                index(path, &statement[2..], out);
            }
        } else if is(0, "alter") && is(1, "table") {
            alter(path, &statement[2..], out);
        }
    }
}

/// The name of a table and what follows it.
fn name<'a, 't>(mut tokens: &'a [Token<'t>]) -> Option<(String, u32, &'a [Token<'t>])> {
    while tokens.first().is_some_and(|t| {
        ["if", "not", "exists", "only", "concurrently"].iter().any(|w| t.text.eq_ignore_ascii_case(w))
    }) {
        tokens = &tokens[1..];
    }
    let mut last = tokens.first()?;
    let mut rest = &tokens[1..];
    while rest.first().is_some_and(|t| t.text == ".") {
        last = rest.get(1)?;
        rest = &rest[2..];
    }
    Some((bare(last.text), last.line, rest))
}

fn create(path: &str, tokens: &[Token<'_>], out: &mut Vec<Table>) {
    let Some((table_name, line, rest)) = name(tokens) else { return };
    let Some((inside, _)) = brackets(rest) else { return };
    let mut table = Table::new(&table_name, path, line, "SQL");
    for part in parts(inside) {
        element(&mut table, part);
    }
    out.push(table);
}

fn index(path: &str, tokens: &[Token<'_>], out: &mut Vec<Table>) {
    let Some(on) = tokens.iter().position(|t| t.text.eq_ignore_ascii_case("on")) else { return };
    let Some((table_name, line, rest)) = name(&tokens[on + 1..]) else { return };
    let from = rest.iter().position(|t| t.text == "(").unwrap_or(rest.len());
    let Some((inside, _)) = brackets(&rest[from..]) else { return };
    let own = tokens[..on].iter().rev().find(|t| t.text.len() > 1).map_or("", |t| t.text);
    let first = tokens.first().map_or(line, |t| t.line);
    let mut table = Table::new(&table_name, path, first, "SQL");
    table.key(Constraint::Unique, own, columns(inside), first);
    out.push(table);
}

fn alter(path: &str, tokens: &[Token<'_>], out: &mut Vec<Table>) {
    let Some((table_name, line, rest)) = name(tokens) else { return };
    let mut table = Table::new(&table_name, path, line, "SQL");
    for part in parts(rest) {
        let add = part.iter().position(|t| t.text.eq_ignore_ascii_case("add"));
        let Some(mut part) = add.map(|at| &part[at + 1..]) else { continue };
        if part.first().is_some_and(|t| t.text.eq_ignore_ascii_case("column")) {
            part = &part[1..];
        }
        element(&mut table, part);
    }
    if !table.columns.is_empty() || !table.keys.is_empty() {
        out.push(table);
    }
}

/// A column or a constraint of a table.
fn element(table: &mut Table, mut part: &[Token<'_>]) {
    let is = |part: &[Token<'_>], at: usize, word: &str| {
        part.get(at).is_some_and(|t| t.text.eq_ignore_ascii_case(word))
    };
    let mut own = String::new();
    if is(part, 0, "constraint") {
        own = part.get(1).map(|t| bare(t.text)).unwrap_or_default();
        part = part.get(2..).unwrap_or_default();
    }
    let Some(first) = part.first() else { return };
    let line = first.line;
    let listed = part.iter().position(|t| t.text == "(").and_then(|at| brackets(&part[at..]));
    let cols = listed.map(|(inside, _)| columns(inside)).unwrap_or_default();
    let word = first.text.to_ascii_lowercase();
    let constraint = match word.as_str() {
        "primary" => Constraint::Primary,
        "unique" => Constraint::Unique,
        "foreign" => Constraint::Foreign,
        "check" => Constraint::Check,
        "index" | "key" | "exclude" | "like" | "fulltext" | "spatial" => return,
        _ => return column(table, part, &own),
    };
    if own.is_empty() {
        // MySQL writes the key's name before its columns.
        let skip = if matches!(word.as_str(), "unique" | "check") { 1 } else { 2 };
        let skip = skip + usize::from(is(part, skip, "key") || is(part, skip, "index"));
        let written = part.get(skip).filter(|t| t.text != "(").map(|t| bare(t.text));
        own = written.unwrap_or_else(|| default_name(constraint, &table.name, &cols));
    }
    let refers = references(part);
    table.key(constraint, &own, cols, line).refers_to = refers;
}

fn column(table: &mut Table, part: &[Token<'_>], own: &str) {
    let (Some(first), true) = (part.first(), part.len() > 1) else { return };
    let name = bare(first.text);
    let words: Vec<String> = part.iter().map(|t| t.text.to_ascii_lowercase()).collect();
    let has = |word: &str| words.iter().position(|w| w == word);
    for (word, constraint) in [
        ("primary", Constraint::Primary),
        ("unique", Constraint::Unique),
        ("references", Constraint::Foreign),
        ("check", Constraint::Check),
    ] {
        let Some(at) = has(word) else { continue };
        let columns = vec![name.clone()];
        let named = at.checked_sub(2).filter(|n| words[*n] == "constraint").map(|n| bare(&words[n + 1]));
        let key = named.or_else(|| (!own.is_empty()).then(|| own.to_owned()));
        let key = key.unwrap_or_else(|| default_name(constraint, &table.name, &columns));
        let refers = references(part);
        table.key(constraint, &key, columns, part[at].line).refers_to =
            if constraint == Constraint::Foreign { refers } else { String::new() };
    }
    table.columns.push(name);
}

fn references(part: &[Token<'_>]) -> String {
    let at = part.iter().position(|t| t.text.eq_ignore_ascii_case("references"));
    at.and_then(|at| name(&part[at + 1..])).map(|(n, ..)| n).unwrap_or_default()
}

fn default_name(constraint: Constraint, table: &str, columns: &[String]) -> String {
    let joined = columns.join("_");
    match constraint {
        Constraint::Primary => format!("{table}_pkey"),
        Constraint::Unique => format!("{table}_{joined}_key"),
        Constraint::Foreign => format!("{table}_{joined}_fkey"),
        Constraint::Check => format!("{table}_{joined}_check"),
    }
}

/// What stands inside the bracket at the beginning, and what follows it.
fn brackets<'a, 't>(tokens: &'a [Token<'t>]) -> Option<(&'a [Token<'t>], &'a [Token<'t>])> {
    if tokens.first()?.text != "(" {
        return None;
    }
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&tokens[1..at], &tokens[at + 1..]));
        }
    }
    Some((&tokens[1..], &[]))
}

/// Parts between commas that are in no bracket.
fn parts<'a, 't>(tokens: &'a [Token<'t>]) -> Vec<&'a [Token<'t>]> {
    let (mut out, mut from, mut depth) = (Vec::new(), 0, 0usize);
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "," if depth == 0 => {
                out.push(&tokens[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    out.push(&tokens[from..]);
    out
}

/// Names of columns in a list: the first word of each part.
fn columns(inside: &[Token<'_>]) -> Vec<String> {
    parts(inside).into_iter().filter_map(|p| p.first()).map(|t| bare(t.text)).collect()
}

/// Words, quoted names and signs; comments and string literals say nothing.
fn tokens(text: &str, first: u32) -> Vec<Token<'_>> {
    let (bytes, mut out, mut at, mut line) = (text.as_bytes(), Vec::new(), 0, first);
    while at < bytes.len() && out.len() < 200_000 {
        let rest = &text[at..];
        let length = match bytes[at] {
            b'\n' => {
                line += 1;
                1
            }
            b'-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            b'#' => rest.find('\n').unwrap_or(rest.len()),
            b'/' if rest.starts_with("/*") => {
                let end = rest.find("*/").map_or(rest.len(), |n| n + 2);
                line += rest[..end].matches('\n').count() as u32;
                end
            }
            quote @ (b'\'' | b'"' | b'`' | b'[') => {
                let close = if quote == b'[' { ']' } else { char::from(quote) };
                let end = rest[1..].find(close).map_or(rest.len(), |n| n + 2);
                if quote != b'\'' {
                    out.push(Token { text: &rest[..end], line });
                }
                line += rest[..end].matches('\n').count() as u32;
                end
            }
            byte if byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80 => {
                let joins = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
                let end = rest
                    .find(|c: char| !joins(c))
                    .unwrap_or(rest.len())
                    .max(rest.chars().next().map_or(1, char::len_utf8));
                out.push(Token { text: &rest[..end], line });
                end
            }
            b'(' | b')' | b',' | b';' | b'.' => {
                out.push(Token { text: &rest[..1], line });
                1
            }
            _ => 1,
        };
        at += length;
    }
    out
}
