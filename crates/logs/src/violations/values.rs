//! Names and value lists inside messages: quotes of many languages, escapes, composite keys.

/// A name without the quotes around it.
pub(super) fn unquote(name: &str) -> &str {
    name.trim().trim_matches([
        '"', '\'', '`', '[', ']', '«', '»', '“', '”', '„', '‘', '’', ' ', '\u{a0}', '\u{202f}',
    ])
}

/// Quotes that open a name, with those that close it.
const QUOTES: [(char, &str); 8] =
    [('"', "\""), ('\'', "'"), ('»', "«"), ('«', "»"), ('“', "”"), ('„', "“”"), ('‘', "’"), ('`', "`")];

/// The quoted names of a line in order, with the position of each opening quote.
pub(super) fn quoted(line: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some((start, open)) = line[at..].char_indices().find(|(_, c)| QUOTES.iter().any(|q| q.0 == *c))
    {
        let from = at + start + open.len_utf8();
        let closers = QUOTES.iter().find(|q| q.0 == open).map_or("", |q| q.1);
        // An apostrophe inside a word (`n'est`, `doesn't`) opens nothing.
        let inside_word =
            open == '\'' && line[..at + start].chars().next_back().is_some_and(char::is_alphanumeric);
        let close = line[from..].char_indices().find(|(_, c)| closers.contains(*c));
        match close {
            Some((len, c)) if !inside_word => {
                found.push((at + start, unquote(&line[from..from + len])));
                at = from + len + c.len_utf8();
            }
            _ => at = from,
        }
        if found.len() >= 32 {
            break;
        }
    }
    found
}

/// The quoted names that end before the end of `text`, nearest first: at most two. Read backwards, so that quotes
/// around the whole message do no harm.
pub(super) fn quoted_before(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while found.len() < 2 {
        let Some((end, close)) =
            rest.char_indices().rev().find(|(_, c)| QUOTES.iter().any(|q| q.1.contains(*c)))
        else {
            break;
        };
        let openers: Vec<char> = QUOTES.iter().filter(|q| q.1.contains(close)).map(|q| q.0).collect();
        let Some(start) = rest[..end].rfind(|c| openers.contains(&c)) else { break };
        let name = unquote(&rest[start..end]);
        if !name.is_empty() {
            found.push(name);
        }
        rest = &rest[..start];
    }
    found
}

/// Splits a list at commas outside of quotes and brackets, each part trimmed.
pub(super) fn split_list(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut quote, mut start) = (0i32, None, 0);
    let mut previous = ' ';
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), _) if c == q && previous != '\\' => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') if !previous.is_alphanumeric() => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ',') if depth <= 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
        previous = c;
    }
    parts.push(text[start..].trim());
    parts
}

/// The column names of a list such as `order_id, "LineNo"`, `lower(email)`, `A NULLS FIRST`.
pub(super) fn columns(text: &str) -> Vec<String> {
    split_list(text)
        .into_iter()
        .map(|part| part.split(" NULLS ").next().unwrap_or_default())
        .map(|part| part.strip_suffix(" ASC").or_else(|| part.strip_suffix(" DESC")).unwrap_or(part))
        .map(|part| if part.contains('(') { part.trim().to_owned() } else { unquote(part).to_owned() })
        .filter(|part| !part.is_empty())
        .collect()
}

/// Splits unquoted values `12, a, b` among so many columns. Where a value holds a comma itself there are more parts
/// than columns: the surplus goes to the column that by its name holds free text, else to the last.
pub(super) fn assign(text: &str, columns: &[String]) -> Vec<String> {
    if let Some(values) = sql_values(text, columns.len().max(1)) {
        return values;
    }
    if columns.len() <= 1 {
        return vec![text.to_owned()];
    }
    let parts: Vec<&str> = text.split(", ").collect();
    if parts.len() <= columns.len() {
        return parts.into_iter().map(str::to_owned).collect();
    }
    let surplus = parts.len() - columns.len();
    let free = columns.iter().rposition(|c| is_free_text(c));
    let free = free.or_else(|| columns.iter().rposition(|c| !is_id_like(c))).unwrap_or(columns.len() - 1);
    let mut values = Vec::with_capacity(columns.len());
    let mut rest = parts.as_slice();
    for at in 0..columns.len() {
        let take = if at == free { 1 + surplus } else { 1 };
        let (mine, others) = rest.split_at(take.min(rest.len()));
        values.push(mine.join(", "));
        rest = others;
    }
    values
}

/// The values of a list that is written as SQL would (`7, 'A-17'`, `e'it\'s'`), as CockroachDB does: where one is quoted, all
/// are literals, and there are as many as columns.
fn sql_values(text: &str, count: usize) -> Option<Vec<String>> {
    if !text.contains('\'') {
        return None;
    }
    let mut values = Vec::with_capacity(count);
    let mut is_quoted = false;
    let mut rest = text;
    loop {
        let (value, quoted, after) = sql_value(rest)?;
        values.push(value);
        is_quoted |= quoted;
        let Some(more) = after.trim_start().strip_prefix(',') else {
            let is_whole = after.trim().is_empty() && is_quoted && values.len() == count;
            return is_whole.then_some(values);
        };
        rest = more.trim_start();
    }
}

/// One literal, whether it is quoted, and what follows it.
fn sql_value(text: &str) -> Option<(String, bool, &str)> {
    let escapes = text.starts_with("e'") || text.starts_with("E'");
    let quoted = text.get(usize::from(escapes)..).and_then(|t| t.strip_prefix('\''));
    let Some(inner) = quoted else {
        let end = text.find([',', '\'']).unwrap_or(text.len());
        return (!text[..end].trim().is_empty())
            .then(|| (text[..end].trim().to_owned(), false, &text[end..]));
    };
    let mut value = String::new();
    let mut chars = inner.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if escapes => value.extend(chars.next().map(|n| n.1)),
            '\'' if chars.peek().is_some_and(|n| n.1 == '\'') => {
                chars.next();
                value.push('\'');
            }
            // A quote inside may have lost its escape.
            '\'' if escapes && !matches!(chars.peek(), None | Some((_, ','))) => value.push('\''),
            '\'' => return Some((value, true, &inner[at + 1..])),
            _ => value.push(c),
        }
    }
    None
}

/// Whether a column by its name holds text that people write.
fn is_free_text(column: &str) -> bool {
    const ENDS: [&str; 10] =
        ["name", "title", "description", "address", "street", "text", "label", "comment", "note", "remark"];
    let low = column.to_ascii_lowercase();
    ENDS.iter().any(|e| low.ends_with(e)) && !low.ends_with("username")
}

/// Whether a column by its name holds something without commas.
fn is_id_like(column: &str) -> bool {
    const ENDS: [&str; 16] = [
        "id", "no", "nr", "num", "number", "code", "sku", "key", "date", "type", "version", "status", "uuid",
        "hash", "line", "_at",
    ];
    let low = column.to_ascii_lowercase();
    ENDS.iter().any(|e| low.ends_with(e))
}

/// A literal without quotes, casts and comments: `'a''b'` is `a'b`, `CAST(7 AS BIGINT)` is `7`.
pub(super) fn literal(text: &str) -> String {
    let mut text = text.trim();
    while let Some(rest) = text.strip_prefix("/*") {
        let Some((_, after)) = rest.split_once("*/") else { break };
        text = after.trim();
    }
    if let Some(rest) = text.strip_prefix("CAST(") {
        text = rest.split(" AS ").next().unwrap_or(rest).trim();
    }
    if let Some(rest) = text.strip_prefix("U&").or_else(|| text.strip_prefix("N'").map(|_| &text[1..])) {
        text = rest;
    }
    for quote in ['\'', '"'] {
        if text.len() >= 2 && text.starts_with(quote) && text.ends_with(quote) {
            let doubled: String = [quote, quote].iter().collect();
            return text[1..text.len() - 1].replace(&doubled, &quote.to_string());
        }
    }
    text.to_owned()
}
