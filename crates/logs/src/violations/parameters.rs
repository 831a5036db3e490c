//! The values of a key that only a statement beside the message has: literals in it, or the parameters bound to it.

use super::values;

/// At most so long a list is read.
const LIMIT: usize = 20_000;

/// The values of the columns `wanted` of one inserted row, in their order; empty where one is not told or there are several
/// rows, of which any may be meant. `before` ends with the statement's list of `columns`, `after` follows it.
pub(super) fn of(before: &str, after: &str, columns: &[String], wanted: &[String]) -> Vec<String> {
    let bound = Bound::find(before, after);
    if let Some(Bound::Several) = bound {
        return Vec::new();
    }
    let row = row_of(after);
    let value = |name: &String| {
        let at = columns.iter().position(|c| c.eq_ignore_ascii_case(name))?;
        let Some(row) = &row else { return bound.as_ref()?.at(at, name) };
        let written = row.get(at)?;
        if !is_placeholder(written) {
            return Some(values::literal(written));
        }
        // Placeholders without a number count from the first; literals between them have no parameter.
        let place = row[..at].iter().filter(|w| is_placeholder(w)).count();
        bound.as_ref()?.of(written, place, name)
    };
    wanted.iter().map(value).collect::<Option<Vec<String>>>().unwrap_or_default()
}

/// The one row behind `VALUES`; none where a second one follows.
fn row_of(after: &str) -> Option<Vec<&str>> {
    let head = crate::scan::head(after, LIMIT);
    let at = head.to_ascii_lowercase().find("values")?;
    // Nothing but what a database puts between (`OUTPUT inserted.id`).
    if head[..at].contains(['[', '\n', '(']) && head[..at].trim().len() > 120 {
        return None;
    }
    let list = head[at + 6..].trim_start().strip_prefix('(')?;
    let end = list_end(list, ')')?;
    let is_only = !list[end + 1..].trim_start().starts_with(',');
    is_only.then(|| values::split_list(&list[..end]))
}

/// Parameters as drivers and frameworks print them.
enum Bound<'a> {
    /// In the order of the placeholders.
    Listed(Vec<&'a str>),
    /// By name, without the sign before it.
    Named(Vec<(&'a str, &'a str)>),
    /// Of several rows.
    Several,
}

impl<'a> Bound<'a> {
    fn find(before: &'a str, after: &'a str) -> Option<Self> {
        behind(after).or_else(|| ahead(before))
    }

    /// The parameter of a column, where the statement's list of values is not there.
    fn at(&self, at: usize, name: &str) -> Option<String> {
        match self {
            Self::Listed(list) => list.get(at).map(|v| values::literal(v)),
            Self::Named(_) => self.named(name),
            Self::Several => None,
        }
        .filter(|v| v != "?")
    }

    /// The parameter of a placeholder: by its number, its name, else its place among the others.
    fn of(&self, placeholder: &str, place: usize, column: &str) -> Option<String> {
        let name = placeholder.trim_start_matches("%(").trim_start_matches(['$', ':', '@', '?']);
        let name = name.split([')', ':', ' ']).next().unwrap_or_default();
        match self {
            Self::Listed(list) => {
                let number = name.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
                list.get(number.unwrap_or(place)).map(|v| values::literal(v))
            }
            Self::Named(_) => self.named(name).or_else(|| self.named(column)),
            Self::Several => None,
        }
        .filter(|v| v != "?")
    }

    fn named(&self, name: &str) -> Option<String> {
        let Self::Named(pairs) = self else { return None };
        pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| values::literal(v))
    }
}

/// Behind the statement: `[parameters: ('a', 1)]`, `parameters: {'sku': 'a'}`, `parameters: [ 'a', 1 ]`.
fn behind(after: &str) -> Option<Bound<'_>> {
    let after = crate::scan::head(after, LIMIT);
    let at = after.find("parameters: ").or_else(|| after.find("bindings: "))?;
    let list = after[at..].split_once(": ")?.1;
    let open = list.chars().next()?;
    let close = match open {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        _ => return None,
    };
    let inner = &list[1..];
    let end = list_end(inner, close)?;
    let parts = parts_of(&inner[..end]);
    if open == '{' {
        return Some(Bound::Named(pairs(&parts)));
    }
    // A list of rows; with one of them it is that.
    let is_rows = parts.first().is_some_and(|p| p.starts_with(['(', '{']));
    match (is_rows, parts.as_slice()) {
        (false, _) => Some(Bound::Listed(parts)),
        (true, [row]) => {
            let inner = parts_of(row.get(1..row.len() - 1).unwrap_or_default());
            Some(if row.starts_with('{') { Bound::Named(pairs(&inner)) } else { Bound::Listed(inner) })
        }
        (true, _) => Some(Bound::Several),
    }
}

/// Before the statement: `[Parameters=[@p0='a' (Size = 4), @p1='3'], …`; behind it Doctrine's `with params ["a", 3]`.
fn ahead(before: &str) -> Option<Bound<'_>> {
    const MARK: &str = "[Parameters=[";
    let at = before.rfind(MARK)?;
    let inner = &before[at + MARK.len()..];
    let inner = &inner[..inner.find("], Command").or_else(|| inner.find(']'))?];
    let pairs = parts_of(inner).into_iter().filter_map(|part| {
        let (name, value) = part.split_once('=')?;
        // What follows the value in brackets is its type.
        let close = value.rfind('\'').filter(|at| *at > 0).map_or(value.len(), |at| at + 1);
        Some((name.trim_start_matches(['@', ':']), &value[..close]))
    });
    Some(Bound::Named(pairs.collect()))
}

fn parts_of(inner: &str) -> Vec<&str> {
    values::split_list(inner).into_iter().filter(|p| !p.is_empty()).collect()
}

fn pairs<'a>(parts: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let named = parts.iter().filter_map(|p| p.split_once(':'));
    named.map(|(name, value)| (name.trim().trim_matches(['\'', '"', ':']), value.trim())).collect()
}

fn is_placeholder(value: &str) -> bool {
    value == "?" || value == "%s" || value.starts_with(['$', ':', '@']) || value.starts_with("%(")
}

/// Where a list closes, past quotes and nested brackets.
fn list_end(list: &str, close: char) -> Option<usize> {
    let (mut depth, mut quote) = (0, None);
    for (at, c) in list.char_indices().take(LIMIT) {
        match (quote, c) {
            (Some(q), _) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, c) if c == close && depth == 0 => return Some(at),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            _ => {}
        }
    }
    None
}
