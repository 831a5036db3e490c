//! Text from stores is data: it may hold terminal escapes, bidirectional overrides, invisible characters or whole
//! screens of newlines. What leaves this module is one line of visible text.

/// One line of visible text: escape sequences, control, bidirectional and invisible characters removed, line breaks
/// and tabs turned into single spaces.
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text) {
        match c {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' | '\u{85}' => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The same for text of several lines, which stay lines; tabs become four spaces.
pub fn lines(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n");
    text.trim_end_matches('\n').split('\n').map(|l| line(&l.replace('\t', "    "))).collect()
}

/// The first `columns` characters of one visible line, with an ellipsis where something was cut off.
pub fn short(text: &str, columns: usize) -> String {
    let text = line(text);
    if text.chars().count() <= columns {
        return text;
    }
    let mut cut: String = text.chars().take(columns.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// A path cut from the left, as its end tells most: `…/pick/PickConsumer.java`.
pub fn short_path(path: &str, columns: usize) -> String {
    let path = line(path);
    if path.chars().count() <= columns {
        return path;
    }
    let mut rest = path.as_str();
    while let Some((_, tail)) = rest.split_once('/') {
        rest = tail;
        if rest.chars().count() + 2 <= columns {
            return format!("…/{rest}");
        }
    }
    let skip = rest.chars().count().saturating_sub(columns.saturating_sub(1));
    format!("…{}", rest.chars().skip(skip).collect::<String>())
}

/// Characters that can be seen, with line breaks and tabs kept.
fn visible(text: &str) -> impl Iterator<Item = char> + '_ {
    let mut rest = text.chars().peekable();
    std::iter::from_fn(move || {
        loop {
            match rest.next()? {
                '\u{1b}' => skip_escape(&mut rest),
                '\u{9b}' => skip_csi(&mut rest),
                c @ ('\n' | '\r' | '\t' | '\u{85}') => return Some(c),
                c if c.is_control() || is_invisible(c) => {}
                c => return Some(c),
            }
        }
    })
}

/// After ESC: a control sequence (`[ … final`), a string (`] … BEL` or `ESC \`), or one character.
fn skip_escape(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match rest.peek() {
        Some('[') => {
            rest.next();
            skip_csi(rest);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            rest.next();
            while let Some(c) = rest.next() {
                if c == '\u{7}' || c == '\u{9c}' {
                    break;
                }
                if c == '\u{1b}' {
                    rest.next_if_eq(&'\\');
                    break;
                }
            }
        }
        Some(c) if c.is_ascii_graphic() => {
            rest.next();
        }
        _ => {}
    }
}

/// Parameters and intermediates up to and with the final byte; anything else ends it untouched.
fn skip_csi(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while rest.next_if(|c| (' '..='?').contains(c)).is_some() {}
    rest.next_if(|c| ('@'..='~').contains(c));
}

/// Characters without a shape of their own that can reorder, hide or smuggle text.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_overrides_and_invisible_characters_go() {
        assert_eq!(line("\u{1b}[31mred\u{1b}[0m"), "red");
        assert_eq!(line("\u{1b}]8;;http://evil\u{7}click\u{1b}]8;;\u{1b}\\"), "click");
        assert_eq!(line("\u{9b}2Jgone"), "gone");
        assert_eq!(line("abc\u{202e}fed\u{2069}\u{200b}\u{feff}g\u{e0041}"), "abcfedg");
        assert_eq!(line("a\0b\u{8}c\u{7f}"), "abc");
        assert_eq!(line("one\r\n\ttwo\n"), "one two");
        assert_eq!(line("Größe 数量 ✓"), "Größe 数量 ✓");
    }

    #[test]
    fn an_unfinished_escape_does_not_eat_the_rest_of_a_line() {
        assert_eq!(line("a\u{1b}"), "a");
        assert_eq!(line("a\u{1b}[12"), "a");
        assert_eq!(line("a\u{1b}[12äb"), "aäb");
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(lines("a\n\tat b\u{1b}[0m\r\nc\n"), ["a", "    at b", "c"]);
    }

    #[test]
    fn cuts_say_that_they_cut() {
        assert_eq!(short("abcdef", 6), "abcdef");
        assert_eq!(short("abcdefg", 6), "abcde…");
        assert_eq!(
            short_path("src/main/java/com/shop/PickConsumer.java", 30),
            "…/com/shop/PickConsumer.java"
        );
        assert_eq!(short_path("averyveryverylongname.java", 10), "…name.java");
    }
}
