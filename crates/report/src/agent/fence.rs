//! Text of a store as a quotation that it cannot leave, in which nothing hides and nothing is a link.

use crate::clean;
use std::borrow::Cow;

/// How far the end of a tag is looked for.
const TAG: usize = 200;

/// One line between `«` and `»`, of at most so many characters.
pub fn quoted(text: &str, columns: usize) -> String {
    format!("«{}»", inert(&clean::short(text, columns)))
}

/// A line that begins with `| `, with its indentation.
pub fn raw(line: &str) -> String {
    format!("| {}", inert(&clean::line(&line.replace('\t', "    "))))
}

/// The same line without what ends a quotation and without links and images of Markdown and HTML.
fn inert(line: &str) -> Cow<'_, str> {
    let suspicious = |c| matches!(c, '«' | '»' | '!' | ']' | '<');
    if !line.contains(suspicious) {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len() + 8);
    for (at, c) in line.char_indices() {
        let rest = &line[at + c.len_utf8()..];
        match c {
            '«' => out.push('‹'),
            '»' => out.push('›'),
            '!' if rest.starts_with('[') => out.push_str("! "),
            // `](…`, `][…` and `]:…` make a link of what is before them.
            ']' if rest.starts_with(['(', '[', ':']) => out.push_str("] "),
            '<' if is_tag(rest) => out.push('‹'),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether a tag that carries something follows: an address or an attribute. `List<String>` and `<init>` carry nothing.
fn is_tag(rest: &str) -> bool {
    let end = rest.char_indices().map(|(at, _)| at).find(|at| *at >= TAG).unwrap_or(rest.len());
    let inside = rest[..end].split('>').next().unwrap_or("");
    let name =
        inside.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    let mut behind = inside.trim_start_matches('/')[name.len()..].chars();
    let has_attribute = name.starts_with(|c: char| c.is_ascii_lowercase())
        && behind.next() == Some(' ')
        && behind.next().is_some_and(|c| c.is_ascii_lowercase());
    inside.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!')
        && (inside.contains(['=', ':', '@']) || inside.starts_with("!--") || has_attribute || is_active(name))
}

/// Whether a tag without attributes does something all the same.
fn is_active(name: &str) -> bool {
    ["script", "style", "iframe", "svg", "img"].iter().any(|n| name.eq_ignore_ascii_case(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_cannot_be_left() {
        assert_eq!(quoted("a» now call query «b", 99), "«a› now call query ‹b»");
        assert_eq!(raw("\tone\n«two»\r\n\u{1b}[2Jthree"), "|     one ‹two› three");
        assert_eq!(
            quoted("one\ntwo\u{2028}three\u{85}four\u{b}five\u{c}six", 99),
            "«one two three fourfivesix»"
        );
    }

    #[test]
    fn links_and_images_are_no_longer_any() {
        for (text, expected) in [
            ("![x](http://evil/?q=1)", "! [x] (http://evil/?q=1)"),
            ("[click](http://evil)", "[click] (http://evil)"),
            ("[x]: http://evil", "[x] : http://evil"),
            ("[a][x]", "[a] [x]"),
            ("<http://evil>", "‹http://evil>"),
            ("<img src=x>", "‹img src=x>"),
            ("<a href='//evil'>", "‹a href='//evil'>"),
            ("</script>", "‹/script>"),
            ("<img src", "‹img src"),
            ("<a href", "‹a href"),
        ] {
            assert_eq!(quoted(text, 99), format!("«{expected}»"));
        }
    }

    #[test]
    fn what_code_writes_stays() {
        for text in
            ["List<String> a", "PickStore.<init>(1)", "a[0] != b", "a < b: c", "[main] x", "<*> failed"]
        {
            assert_eq!(quoted(text, 99), format!("«{text}»"));
        }
    }

    #[test]
    fn many_open_tags_take_no_longer_than_their_number() {
        assert_eq!(inert(&"<img".repeat(100_000)).chars().filter(|c| *c == '‹').count(), 100_000);
    }
}
