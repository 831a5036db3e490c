//! Small scans over bytes and text that several modules share.

use std::borrow::Cow;

/// A number of at most `max` ASCII digits at the start of `b`, and how many digits it has.
pub(crate) fn digits(b: &[u8], max: usize) -> Option<(u64, usize)> {
    let mut n = 0u64;
    let mut len = 0;
    while len < max && len < b.len() && b[len].is_ascii_digit() {
        n = n.wrapping_mul(10).wrapping_add(u64::from(b[len] - b'0'));
        len += 1;
    }
    (len > 0).then_some((n, len))
}

/// How many ASCII digits `b` starts with.
pub(crate) fn digit_run(b: &[u8]) -> usize {
    b.iter().take_while(|c| c.is_ascii_digit()).count()
}

/// How many spaces and tabs `b` starts with.
pub(crate) fn blank_run(b: &[u8]) -> usize {
    b.iter().take_while(|c| matches!(c, b' ' | b'\t')).count()
}

/// The length of an ANSI escape sequence at the start of `b`; 0 when there is none.
pub(crate) fn ansi_len(b: &[u8]) -> usize {
    if b.len() < 2 || b[0] != 0x1b {
        return 0;
    }
    if b[1] != b'[' {
        return 2;
    }
    let body = b[2..].iter().take_while(|c| matches!(c, 0x20..=0x3f)).count();
    (2 + body + 1).min(b.len())
}

/// `b` without leading ANSI escapes and byte order mark.
pub(crate) fn skip_ansi(mut b: &[u8]) -> &[u8] {
    if let Some(rest) = b.strip_prefix(b"\xef\xbb\xbf") {
        b = rest;
    }
    loop {
        match ansi_len(b) {
            0 => return b,
            n => b = &b[n..],
        }
    }
}

/// The text without ANSI escapes; borrowed where there are none.
pub(crate) fn strip_ansi(text: Cow<'_, str>) -> Cow<'_, str> {
    if memchr::memchr(0x1b, text.as_bytes()).is_none() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some(at) = memchr::memchr(0x1b, rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let mut end = at + ansi_len(&rest.as_bytes()[at..]).max(1);
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Bytes as text: invalid UTF-8 replaced, ANSI escapes and a byte order mark taken out.
pub(crate) fn clean(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    strip_ansi(String::from_utf8_lossy(bytes))
}

/// The first line of a text and what follows its line end.
pub(crate) fn first_line(text: &str) -> (&str, &str) {
    match memchr::memchr(b'\n', text.as_bytes()) {
        Some(at) => (text[..at].trim_end_matches('\r'), &text[at + 1..]),
        None => (text.trim_end_matches('\r'), ""),
    }
}

/// The longest start of `text` of at most `max` bytes that ends between characters.
pub(crate) fn head(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let mut end = max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Whether `text` is an identifier with dots: `a`, `a.b_c`, `Outer$Inner`.
pub(crate) fn is_dotted_ident(text: &str) -> bool {
    let b = text.as_bytes();
    b.first().is_some_and(|c| c.is_ascii_alphabetic() || *c == b'_')
        && b.iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | b'$' | b'-'))
}

/// The text between the first `open` at or after `from` and the next `close`, with the position after `close`.
pub(crate) fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<(&'a str, usize)> {
    let start = text.find(open)? + open.len();
    let len = text[start..].find(close)?;
    Some((&text[start..start + len], start + len + close.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ansi_is_stripped_and_text_kept() {
        let colored = "\u{1b}[32mINFO\u{1b}[0m order \u{1b}[1;31mé\u{1b}[m";
        assert_eq!(strip_ansi(Cow::Borrowed(colored)), "INFO order é");
        assert_eq!(strip_ansi(Cow::Borrowed("cut \u{1b}")), "cut ");
        assert_eq!(strip_ansi(Cow::Borrowed("odd \u{1b}é")), "odd ");
        assert_eq!(skip_ansi(b"\x1b[2m\x1b[0mx"), b"x");
    }

    #[test]
    fn heads_end_between_characters() {
        assert_eq!(head("aé", 2), "a");
        assert_eq!(head("aé", 3), "aé");
    }
}
