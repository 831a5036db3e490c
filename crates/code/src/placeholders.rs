//! Placeholders inside format strings and message templates: `{}`, `{0}`, `{OrderId:N0}`, `%s`, `%(name)d`.

use crate::outline::{Hole, Part, Template};

/// Which placeholders a text may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// `{}`, `{0}`, `{name}`.
    pub braces: bool,
    /// `%s`, `%d`, `%(name)s`.
    pub percent: bool,
}

/// Braces only.
pub const BRACES: Style = Style { braces: true, percent: false };
/// Percent signs only.
pub const PERCENT: Style = Style { braces: false, percent: true };
/// Either.
pub const BOTH: Style = Style { braces: true, percent: true };

/// The template with its placeholders as holes.
pub fn expand(template: &Template, style: Style) -> Template {
    let mut out = Template::default();
    for part in &template.parts {
        match part {
            Part::Text(text) => expand_text(text, style, &mut out),
            Part::Hole(hole) => out.push_hole(hole.clone()),
        }
    }
    out
}

fn expand_text(text: &str, style: Style, out: &mut Template) {
    let mut from = 0;
    let mut at = 0;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        let found = match bytes[at] {
            b'{' | b'}' if style.braces && bytes.get(at + 1) == Some(&bytes[at]) => Some((2, None)),
            b'{' if style.braces => braces(&text[at..]).map(|(n, h)| (n, Some(h))),
            b'%' if style.percent && bytes.get(at + 1) == Some(&b'%') => Some((2, None)),
            b'%' if style.percent => percent(&text[at..]).map(|(n, h)| (n, Some(h))),
            _ => None,
        };
        let Some((length, hole)) = found else {
            at += 1;
            continue;
        };
        out.push_text(&text[from..at]);
        match hole {
            Some(Some(hole)) => out.push_hole(hole),
            Some(None) => out.push_text("\n"),
            None => out.push_text(&text[at..=at]),
        }
        at += length;
        from = at;
    }
    out.push_text(&text[from..]);
}

/// `{…}` at the start of a text: its length and hole.
fn braces(text: &str) -> Option<(usize, Option<Hole>)> {
    let end = text.bytes().take(64).position(|c| c == b'}')?;
    let inside = text.get(1..end)?;
    let allowed = |c: char| c.is_alphanumeric() || "_@$.:#,!<>^+-?[] ()/;".contains(c);
    if !inside.chars().all(allowed) || inside.starts_with(' ') {
        return None;
    }
    let name = inside.trim_start_matches(['@', '$']).split([':', ',', '!']).next().unwrap_or_default();
    Some((end + 1, Some(Hole { name: name.to_owned(), number: false })))
}

/// `%…` at the start of a text: its length and hole; no hole for Java's `%n`.
fn percent(text: &str) -> Option<(usize, Option<Hole>)> {
    let bytes = text.as_bytes();
    let mut at = 1;
    let mut name = "";
    if bytes.get(at) == Some(&b'(') {
        let close = text.get(at..)?.bytes().take(64).position(|c| c == b')')?;
        name = text.get(at + 1..at + close)?;
        at += close + 1;
    }
    while bytes.get(at).is_some_and(|c| b"-+#0123456789.*$[]".contains(c)) && at < 16 + name.len() {
        at += 1;
    }
    while bytes.get(at).is_some_and(|c| b"lhzL".contains(c))
        && bytes.get(at + 1).is_some_and(|c| b"dixuslhf".contains(c))
    {
        at += 1;
    }
    let conversion = *bytes.get(at)?;
    if conversion == b'n' && at == 1 {
        return Some((2, None));
    }
    if !b"sdifgeExXoucrabpqvTtwjOhBSCU".contains(&conversion) {
        return None;
    }
    let number = matches!(conversion, b'd' | b'i' | b'u');
    Some((at + 1, Some(Hole { name: name.to_owned(), number })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, style: Style) -> String {
        let template = expand(&Template::literal(text), style);
        let part = |p: &Part| match p {
            Part::Text(text) => text.clone(),
            Part::Hole(hole) => format!("<{}{}>", hole.name, if hole.number { "#" } else { "" }),
        };
        template.parts.iter().map(part).collect()
    }

    #[test]
    fn placeholders_become_holes() {
        assert_eq!(shown("order {} of {0} by {@Name:x}, {{x}}", BRACES), "order <> of <0> by <Name>, {x}");
        assert_eq!(
            shown("%s took %-5.2fs, %(name)d, 100%% of %5d%n", PERCENT),
            "<> took <>s, <name#>, 100% of <#>\n"
        );
        assert_eq!(shown("{\"a\": 1} 50% off", BOTH), "{\"a\": 1} 50% off");
        assert_eq!(shown("{ x } %", BOTH), "{ x } %");
        assert_eq!(shown("%{", BOTH), "%{");
    }
}
