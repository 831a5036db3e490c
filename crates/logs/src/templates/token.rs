//! Splitting a message into words and separators, and telling a variable word from a constant one by its shape.

/// A piece of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// A run of letters, digits and the marks that hold names, numbers, paths and ids together.
    Word(&'a str),
    /// Everything between words.
    Gap(&'a str),
}

/// Marks that belong to a word when a word's character follows.
fn is_inner(b: u8) -> bool {
    matches!(
        b,
        b'.' | b'-'
            | b'_'
            | b'/'
            | b':'
            | b'@'
            | b'+'
            | b'#'
            | b'$'
            | b'%'
            | b'&'
            | b'~'
            | b'?'
            | b'\\'
            | b'*'
    )
}

fn is_word_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b >= 0x80
}

/// The pieces of a message in order; together they are the message.
pub(super) struct Pieces<'a> {
    rest: &'a str,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let b = self.rest.as_bytes();
        if b.is_empty() {
            return None;
        }
        let starts_word = |at: usize| {
            is_word_byte(b[at])
                || (matches!(b[at], b'/' | b'-' | b'+' | b'_' | b'.' | b'$' | b'#')
                    && b.get(at + 1).is_some_and(|c| is_word_byte(*c))
                    && (at == 0 || !is_word_byte(b[at - 1])))
        };
        let mut end = 0;
        let is_word = starts_word(0);
        if is_word {
            end = word_end(b);
        } else {
            while end < b.len() && !starts_word(end) {
                end += 1;
            }
        }
        while !self.rest.is_char_boundary(end) {
            end += 1;
        }
        let (piece, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(if is_word { Piece::Word(piece) } else { Piece::Gap(piece) })
    }
}

/// Where the word at the start ends: trailing marks are left to the gap, except a slash's directory.
fn word_end(b: &[u8]) -> usize {
    if let Some(end) = path_end(b) {
        return end;
    }
    let mut end = 1;
    let mut last_word = 1;
    while end < b.len() {
        if is_word_byte(b[end]) {
            end += 1;
            last_word = end;
        } else if is_inner(b[end]) && end - last_word < 3 {
            end += 1;
        } else {
            break;
        }
    }
    last_word
}

/// Where a path or an address of the web ends: it holds its query and its last slash.
fn path_end(b: &[u8]) -> Option<usize> {
    let head = b.iter().take(12).take_while(|c| c.is_ascii_alphabetic()).count();
    let is_url = b[head..].starts_with(b"://") && head > 1;
    if b[0] != b'/' && !is_url {
        return None;
    }
    let ends = |c: &u8| {
        c.is_ascii_whitespace()
            || matches!(c, b'"' | b'\'' | b'`' | b')' | b']' | b'}' | b'>' | b'<' | b'|' | b'{' | b'(')
    };
    let len = b.iter().position(ends).unwrap_or(b.len());
    let end =
        len - b[..len].iter().rev().take_while(|c| matches!(c, b'.' | b',' | b';' | b':' | b'!')).count();
    Some(end.max(1))
}

/// What a word's shape says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Letters only, or a name with dots and underscores: part of the template.
    Constant,
    /// A number, an id, a path, an address, a time.
    Variable,
}

/// Whether a word is variable by its shape alone.
pub(super) fn shape(word: &str) -> Shape {
    let b = word.as_bytes();
    let mut counts = Counts::default();
    for &c in b {
        counts.add(c);
    }
    if counts.digits == 0 {
        return if is_digitless_variable(word, &counts) { Shape::Variable } else { Shape::Constant };
    }
    if counts.letters == 0 || is_number_with_unit(b) {
        return Shape::Variable;
    }
    if is_name_with_digits(word, &counts) { Shape::Constant } else { Shape::Variable }
}

#[derive(Default)]
struct Counts {
    digits: u32,
    letters: u32,
    uppers: u32,
    slashes: u32,
    dots: u32,
    colons: u32,
    ats: u32,
    hex: u32,
    dashes: u32,
}

impl Counts {
    fn add(&mut self, c: u8) {
        match c {
            b'0'..=b'9' => self.digits += 1,
            b'/' | b'\\' => self.slashes += 1,
            b'.' => self.dots += 1,
            b':' => self.colons += 1,
            b'@' => self.ats += 1,
            b'-' => self.dashes += 1,
            c if c.is_ascii_alphabetic() || c >= 0x80 => {
                self.letters += 1;
                self.uppers += u32::from(c.is_ascii_uppercase());
                self.hex += u32::from(c.is_ascii_hexdigit());
            }
            _ => {}
        }
    }
}

/// Paths, mail addresses, long hexadecimal words: variable though they hold no digit.
fn is_digitless_variable(word: &str, counts: &Counts) -> bool {
    let path = counts.slashes >= 2 || (counts.slashes == 1 && word.starts_with('/') && word.len() > 1);
    let mail = counts.ats == 1 && counts.dots >= 1;
    let url = counts.colons > 0 && word.contains("://");
    if counts.dots > 0 && is_host(word) {
        return true;
    }
    let hex = counts.letters >= 16 && counts.hex == counts.letters && counts.dots == 0;
    path || mail || url || hex
}

/// A host's name by its last label. Packages (`com.acme.orders`) start with what hosts end with.
fn is_host(word: &str) -> bool {
    const LAST: [&str; 17] = [
        "com", "net", "org", "edu", "gov", "io", "local", "internal", "lan", "cloud", "dev", "de", "uk",
        "fr", "cn", "hk", "jp",
    ];
    let Some((rest, last)) = word.rsplit_once('.') else { return false };
    let first = rest.split('.').next().unwrap_or_default();
    LAST.contains(&last) && !matches!(first, "com" | "org" | "net" | "io" | "java" | "javax" | "jakarta")
}

/// `12ms`, `3.5MB`, `10%`, `-7s`.
fn is_number_with_unit(b: &[u8]) -> bool {
    let lead = b.iter().take_while(|c| c.is_ascii_digit() || matches!(c, b'.' | b'-' | b'+' | b':')).count();
    let unit = &b[lead..];
    lead > 0 && unit.len() <= 5 && unit.iter().all(|c| c.is_ascii_alphabetic() || *c == b'%')
}

/// `HTTP/1.1`, `utf8`, `log4j`, `orders.v1`, `SHA256`, `i18n`, `node2vec`: words in which a digit is part of a name.
fn is_name_with_digits(word: &str, counts: &Counts) -> bool {
    // `AirPort_Brcm43::wake` is a name, too; addresses (`fe80::1`) have letters of hexadecimal digits only.
    let scopes = if counts.colons > 1 { 2 * word.matches("::").count() as u32 } else { 0 };
    if counts.slashes > 0 || counts.ats > 0 || counts.colons > scopes {
        return word.starts_with("HTTP/");
    }
    let b = word.as_bytes();
    let starts_with_letter = b[0].is_ascii_alphabetic();
    let few = counts.digits <= 2 && counts.letters >= 2 * counts.digits;
    // A name's digits stand at its end or between letters; ids mix them or separate them off with a dash or underscore.
    let separated = b.windows(2).any(|w| matches!(w[0], b'-' | b'_' | b'#' | b'$') && w[1].is_ascii_digit());
    let mixed_case_hex = counts.letters == counts.hex && counts.dots == 0 && word.len() >= 6;
    starts_with_letter && few && !separated && !mixed_case_hex
}
