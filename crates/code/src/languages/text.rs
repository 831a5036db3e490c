//! What string literals hold: escapes, text blocks.

/// The text of a literal's inside with the escapes that C-like languages and Python share.
pub(super) fn unescape(inside: &str) -> String {
    if !inside.contains('\\') {
        return inside.to_owned();
    }
    let mut out = String::with_capacity(inside.len());
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t' | 'v' | 'f') => out.push('\t'),
            Some('r' | 'b' | 'a' | '0') => {}
            Some('s') => out.push(' '),
            Some('\n') => {}
            Some('x') => code(&mut chars, &mut out, 2),
            Some('u' | 'U') => code(&mut chars, &mut out, 4),
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

/// `\u0041`, `\u{41}`, `\x41`.
fn code(chars: &mut std::str::Chars<'_>, out: &mut String, most: usize) {
    let rest = chars.as_str().trim_start_matches('u');
    let (digits, used) = if let Some((digits, _)) = rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
        (digits, digits.len() + 2)
    } else {
        let end = rest.bytes().take(most).take_while(u8::is_ascii_hexdigit).count();
        (&rest[..end], end)
    };
    let skip = chars.as_str().len() - rest.len() + used;
    if let Some(c) = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32) {
        out.push(c);
    }
    *chars = chars.as_str().get(skip..).unwrap_or_default().chars();
}

/// A text block without the indentation that its lines share.
pub(super) fn dedent(block: &str) -> String {
    let block = block.strip_prefix('\n').or_else(|| block.strip_prefix("\r\n")).unwrap_or(block);
    let indent = |l: &str| l.len() - l.trim_start().len();
    let shared = block.lines().filter(|l| !l.trim().is_empty()).map(indent).min().unwrap_or(0);
    let lines: Vec<&str> =
        block.lines().map(|l| l.get(shared.min(indent(l))..).unwrap_or_default()).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read() {
        assert_eq!(unescape(r"a\tb\u0041\x42c\u{43}\q\\"), "a\tbABcCq\\");
        assert_eq!(unescape("\\"), "");
        assert_eq!(unescape("\\u"), "");
    }

    #[test]
    fn blocks_lose_their_indentation() {
        assert_eq!(dedent("\n    a\n      b\n    "), "a\n  b\n");
    }
}
