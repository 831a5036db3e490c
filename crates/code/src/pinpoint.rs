//! The line of a frame inside its function: the traced one when what stands there agrees, else the one that what the trace
//! says speaks for: the source that it quotes, the call that it names, the names and operators in its message.

use crate::languages;
use crate::outline::{Language, Outline, Symbol};
use waylaid_logs::{Exception, Frame};

/// What a trace says of the line of one of its frames.
pub(crate) struct Told<'a> {
    /// The traced line; `None` where it is one of another file (a bundle).
    pub(crate) line: Option<u32>,
    /// The line's source, where the trace quotes it.
    pub(crate) quoted: Option<&'a str>,
    /// The last name of what the frame called.
    pub(crate) called: Option<String>,
    /// The exception, of the frame that raised it.
    pub(crate) raised: Option<&'a Exception>,
}

impl<'a> Told<'a> {
    /// The source lines that a trace quotes, as file name, line and text: Python's below each frame, an excerpt with
    /// an arrow, the line that an engine shows above an uncaught error.
    pub(crate) fn quotes(raw: &'a str) -> Vec<(&'a str, u32, &'a str)> {
        const MOST: usize = 400;
        let lines: Vec<&str> = raw.lines().take(4000).collect();
        let mut out = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            if let Some((number, text)) = excerpt(line).filter(|_| out.len() < MOST) {
                out.push(("", number, text));
            }
            let Some((file, number)) = place_of(line) else { continue };
            let Some(next) = lines.get(at + 1) else { continue };
            let text = next.trim_start_matches(['|', ' ', '\t']).trim();
            let is_code = !text.is_empty() && place_of(next).is_none() && !text.starts_with("at ");
            if is_code && out.len() < MOST {
                out.push((file, number, text));
            }
        }
        out
    }
}

/// `> 18 |     return total;`: the line that an excerpt points at, whose file stands elsewhere.
fn excerpt(line: &str) -> Option<(u32, &str)> {
    let (number, text) = line.trim_start().strip_prefix('>')?.split_once('|')?;
    Some((number.trim().parse().ok()?, Some(text.trim()).filter(|t| !t.is_empty())?))
}

/// The line of a text that is the quoted one, the nearest to the traced one.
pub(crate) fn quoted_in(text: &str, quoted: &str, traced: u32) -> Option<u32> {
    let same = text.lines().enumerate().filter(|(_, l)| l.trim() == quoted).map(|(n, _)| n as u32 + 1);
    same.min_by_key(|n| n.abs_diff(traced))
}

/// The file name and line of `File "/srv/a.py", line 12`, or of a line that is nothing but a place.
fn place_of(line: &str) -> Option<(&str, u32)> {
    let text = line.trim_start_matches(['|', ' ', '\t']);
    let (file, number) = if let Some(rest) = text.strip_prefix("File \"") {
        let (file, rest) = rest.split_once("\", line ")?;
        (file, rest.split(|c: char| !c.is_ascii_digit()).next()?)
    } else {
        let (place, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        // `ledger/rates.py:14: in convert` or a place alone.
        let named = place.strip_suffix(':').filter(|_| rest.starts_with("in "));
        let (file, number) = named.or(rest.is_empty().then_some(place))?.rsplit_once(':')?;
        (Some(file).filter(|f| f.contains('.'))?, number)
    };
    Some((file.rsplit(['/', '\\']).next().unwrap_or(file), number.parse().ok()?))
}

/// The line inside a symbol.
pub(crate) fn line_in(
    text: Option<&str>,
    outline: &Outline,
    path: &str,
    symbol: &Symbol,
    told: &Told<'_>,
) -> u32 {
    let within = |line: u32| (symbol.line..=symbol.end_line).contains(&line);
    let lines = text.map(|t| code_lines(outline.language, t, symbol)).unwrap_or_default();
    let mut places: Vec<(u32, u32)> = Vec::new();
    if let Some(quoted) = told.quoted {
        let same = lines
            .iter()
            .filter(|(_, l)| l.trim() == quoted || quoted.len() > 24 && l.trim().starts_with(quoted));
        places.extend(same.map(|(n, _)| (*n, *n)));
    }
    if places.is_empty() {
        places = by_outline(text, outline, path, symbol, told);
    }
    if places.is_empty()
        && let Some(exception) = told.raised
    {
        places = by_message(&lines, symbol, exception.root_message(), exception.root_type());
    }
    // A function of one line has no other.
    if places.is_empty() && lines.len() == 1 {
        places.extend(lines.iter().map(|(n, _)| (*n, *n)));
    }
    // Below what is written over it.
    let head = || {
        let own = last_part(&symbol.name);
        let lines = text.unwrap_or_default().lines().enumerate().skip(symbol.line.saturating_sub(1) as usize);
        let named = lines.take(12).find(|(_, l)| has_word(l, own)).map(|(n, _)| n as u32 + 1);
        named.filter(|n| within(*n)).unwrap_or(symbol.line)
    };
    let Some(traced) = told.line else { return places.first().map_or_else(head, |p| p.0) };
    let agrees = places.iter().any(|(from, to)| (*from..=*to).contains(&traced));
    if within(traced) && (agrees || places.is_empty()) {
        return traced;
    }
    let nearest = places.iter().min_by_key(|(from, _)| from.abs_diff(traced));
    nearest.map_or_else(|| if within(traced) { traced } else { head() }, |p| p.0)
}

/// Where the exception's type is raised, or what the frame called is called.
fn by_outline(
    text: Option<&str>,
    outline: &Outline,
    path: &str,
    symbol: &Symbol,
    told: &Told<'_>,
) -> Vec<(u32, u32)> {
    let within = |line: u32| (symbol.line..=symbol.end_line).contains(&line);
    let mut places = Vec::new();
    if let Some(exception) = told.raised {
        let name = exception.root_type().rsplit(['.', '$', ':', '+', '\\']).next().unwrap_or_default();
        let raises = outline.raises.iter().filter(|r| within(r.line) && !name.is_empty());
        places.extend(raises.filter(|r| last_part(&r.type_name) == name).map(|r| (r.line, r.end_line)));
    }
    if let (Some(called), Some(text)) = (&told.called, text) {
        let full = languages::outline_with_all_calls(outline.language, path, text);
        let calls =
            full.calls.iter().filter(|c| within(c.line) && c.method().trim_end_matches('!') == called);
        places.extend(calls.map(|c| (c.line, c.end_line)));
    }
    places
}

fn last_part(name: &str) -> &str {
    name.rsplit(['.', '\\', ':']).next().unwrap_or(name)
}

/// The lines of a function that do something: without its head, comments, and lines of brackets alone.
fn code_lines<'t>(language: Language, text: &'t str, symbol: &Symbol) -> Vec<(u32, &'t str)> {
    let comment = match language {
        Language::Python | Language::Ruby => "#",
        _ => "//",
    };
    let count = (symbol.end_line.saturating_sub(symbol.line) as usize + 1).min(4000);
    let lines = text.lines().enumerate().skip(symbol.line.saturating_sub(1) as usize).take(count);
    let says = |line: &str| {
        let line = line.trim();
        let word = line.chars().any(char::is_alphanumeric);
        word && !line.starts_with(comment)
            && !line.starts_with("/*")
            && !line.starts_with("* ")
            && line != "end"
    };
    let of_head = |number: usize| number + 1 == symbol.line as usize && symbol.end_line > symbol.line;
    lines.filter(|(n, l)| !of_head(*n) && says(l)).map(|(n, l)| (n as u32 + 1, l)).collect()
}

/// Lines that hold a name which the message quotes, or the operator that it blames.
fn by_message(lines: &[(u32, &str)], symbol: &Symbol, message: &str, type_name: &str) -> Vec<(u32, u32)> {
    let message = message.lines().next().unwrap_or_default();
    let found = |is: &dyn Fn(&str) -> bool| -> Vec<(u32, u32)> {
        lines.iter().filter(|(n, l)| *n >= symbol.line && is(l)).map(|(n, _)| (*n, *n)).collect()
    };
    for name in named_in(message) {
        let places = found(&|line| has_word(line, name));
        if !places.is_empty() {
            return places;
        }
    }
    operator(message, type_name).map_or_else(Vec::new, |is| found(&|line| is(line)))
}

/// Names that a runtime's message blames, the likeliest first.
fn named_in(message: &str) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    // `Cannot invoke "A.f()" because the return value of "B.g(String)" is null`: what returned nothing, then what was asked of it.
    let mut quoted: Vec<&str> = message
        .split(['"', '\'', '`', '«', '»'])
        .enumerate()
        .filter(|(n, q)| n % 2 == 1 && q.len() < 200)
        .map(|(_, q)| q)
        .collect();
    quoted.reverse();
    if let Some((_, rest)) = message.split_once("member function ") {
        quoted.push(rest.split('(').next().unwrap_or_default());
    }
    if let Some((before, _)) = message.split_once(" is not a function") {
        quoted.push(before.rsplit(' ').next().unwrap_or_default());
    }
    for text in quoted {
        let head = text.split(['(', ' ']).next().unwrap_or_default();
        let name =
            head.rsplit(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).find(|n| !n.is_empty());
        out.extend(name.filter(|n| n.len() > 2 && !n.starts_with(|c: char| c.is_ascii_digit())));
    }
    out
}

/// Whether a line holds a name that goes on neither before nor behind.
fn has_word(line: &str, name: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$');
    line.match_indices(name).any(|(at, _)| {
        !joins(line[..at].chars().next_back()) && !joins(line[at + name.len()..].chars().next())
    })
}

/// What must stand in a line for a runtime to complain so.
fn operator(message: &str, type_name: &str) -> Option<fn(&str) -> bool> {
    type Holds = fn(&str) -> bool;
    const SIGNS: &[(&str, Holds)] = &[
        ("by zero", |l| l.contains('/') || l.contains('%') || l.contains("div")),
        ("divided by 0", |l| l.contains('/') || l.contains('%')),
        ("ZeroDivision", |l| l.contains('/') || l.contains('%')),
        ("Option::unwrap()", |l| l.contains(".unwrap()")),
        ("Result::unwrap()", |l| l.contains(".unwrap()")),
        ("already borrowed", |l| l.contains(".borrow")),
        ("already mutably borrowed", |l| l.contains(".borrow")),
        ("subtract with overflow", |l| l.contains('-')),
        ("add with overflow", |l| l.contains('+')),
        ("multiply with overflow", |l| l.contains('*')),
        ("interface conversion", |l| l.contains(".(")),
        ("nil map", |l| l.contains('[') && l.contains('=')),
        ("index out of", |l| l.contains('[')),
        ("out of bounds", |l| l.contains('[') || l.contains(".get(") || l.contains(".charAt(")),
        ("KeyError", |l| l.contains('[') || l.contains(".pop(")),
        ("IndexError", |l| l.contains('[') || l.contains(".pop(")),
        ("Index was outside", |l| l.contains('[')),
        ("RecursionError", |l| l.contains('(')),
    ];
    let found = SIGNS.iter().find(|(sign, _)| message.contains(sign) || type_name.contains(sign));
    found.map(|(_, holds)| *holds)
}

/// The last name of what the next inner frame is.
pub(crate) fn called(inner: Option<&Frame>, names: impl Fn(&str) -> Vec<String>) -> Option<String> {
    names(&inner?.symbol).pop().filter(|n| !n.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_trace_quotes_is_read() {
        let raw = "Traceback (most recent call last):\n  File \"/srv/a/rates.py\", line 14, in convert\n    rate = self.rate(currency)\n           ^^^^\nledger/rates.py:11: in rate\n    return 1\n/srv/x/stock.js:13\n    if (item.left < count) {\n             ^\n";
        assert_eq!(
            Told::quotes(raw),
            [
                ("rates.py", 14, "rate = self.rate(currency)"),
                ("rates.py", 11, "return 1"),
                ("stock.js", 13, "if (item.left < count) {")
            ]
        );
    }

    #[test]
    fn messages_name_what_they_blame() {
        let java = "Cannot invoke \"java.lang.Integer.intValue()\" because the return value of \"a.b.Catalog.priceOf(String)\" is null";
        assert_eq!(named_in(java), ["priceOf", "intValue"]);
        assert_eq!(named_in("Cannot read properties of undefined (reading 'cents')"), ["cents"]);
        assert_eq!(named_in("Call to a member function excess() on null"), ["excess"]);
        assert_eq!(named_in("cart.sum is not a function"), ["sum"]);
        assert!(named_in("nothing").is_empty());
        assert!(has_word("return step.cents;", "cents") && !has_word("let percents = 1", "cents"));
        assert!(operator("integer divide by zero", "").is_some_and(|is| is("a / b") && !is("a + b")));
    }
}
