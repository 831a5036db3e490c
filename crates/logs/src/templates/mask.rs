//! The stateless mask: variable words, quoted values and values behind `=` become holes.

use super::HOLE;
use super::token::{Piece, Pieces, Shape, shape};

/// Messages are masked up to this many bytes; what follows is one hole.
const LIMIT: usize = 4096;

/// The message with its variable tokens replaced by `<*>`: stateless, the same for the same text.
///
/// Only the first line counts: further lines are data (a row, a statement, a stack). Neighbouring holes become one, and
/// so do lists of holes, so that the number of items doesn't matter.
pub fn template_of(message: &str) -> String {
    let mut out = String::new();
    mask_into(message, &mut out);
    out
}

/// The same into a buffer.
pub(super) fn mask_into(message: &str, out: &mut String) {
    mask_with(message, out, None);
}

/// The same, and where in the message the words stand that keep their digits.
pub(super) fn mask_keeping(message: &str, out: &mut String, kept: &mut Vec<(usize, usize)>) {
    mask_with(message, out, Some(kept));
}

fn mask_with(message: &str, out: &mut String, kept: Option<&mut Vec<(usize, usize)>>) {
    let start = message.as_ptr() as usize;
    let (line, _) = crate::scan::first_line(message.trim_start());
    let cut = crate::scan::head(line, LIMIT);
    out.reserve(cut.len());
    let mut writer = Writer { out, pending: None, start, kept };
    let mut rest = cut;
    while !rest.is_empty() {
        let used = step(rest, &mut writer);
        rest = &rest[used..];
    }
    if cut.len() < line.len() {
        writer.hole();
    }
    writer.finish();
}

/// What most of a message is made of: words of letters, whole numbers, single blanks. Says how long it was, 0 where the
/// piece needs a closer look. The outcome is that of [`step`], sooner.
fn plain(b: &[u8], rest: &str, writer: &mut Writer<'_>) -> usize {
    if b[0].is_ascii_alphabetic() {
        let len = b.iter().take_while(|c| c.is_ascii_alphabetic()).count();
        let is_date = len == 3 && b[0].is_ascii_uppercase() && starts_date(rest);
        let closer = is_date || len >= 16 || !ends_word(&b[len..]) || b.get(len) == Some(&b'[');
        if closer || writer.out_ends_with_equals() {
            return 0;
        }
        writer.text(&rest[..len]);
        return len;
    }
    if b[0].is_ascii_digit() {
        let len = b.iter().take_while(|c| c.is_ascii_digit()).count();
        if !ends_word(&b[len..]) {
            return 0;
        }
        writer.hole();
        return len;
    }
    let single = b[0] == b' ' && b.len() > 1 && b[1].is_ascii_alphanumeric();
    if !single || (b[1].is_ascii_alphabetic() && writer.pending == Some(writer.out.len())) {
        return 0;
    }
    if !writer.out.ends_with(' ') {
        writer.out.push(' ');
    }
    1
}

/// Whether a date in words begins here: `Fri Jun 17`, `Jun 17`, `Fri, 17 Jun`.
fn starts_date(rest: &str) -> bool {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let is_number = |text: &str| {
        let text = text.trim_start_matches(' ');
        matches!(text.bytes().take_while(u8::is_ascii_digit).count(), 1 | 2)
    };
    let is_month = |text: &str| {
        let name = text.get(..3).filter(|m| MONTHS.contains(m));
        name.is_some() && text[3..].starts_with(' ') && is_number(&text[3..])
    };
    let Some(name) = rest.get(..3) else { return false };
    let after = &rest[3..];
    is_month(rest)
        || DAYS.contains(&name)
            && (after.strip_prefix(' ').is_some_and(is_month)
                || after.strip_prefix(", ").is_some_and(is_number))
}

/// Whether a word surely ends before these bytes.
fn ends_word(b: &[u8]) -> bool {
    let closes = |c: u8| b" ,)]}([=;\"'>".contains(&c);
    match b {
        [] | [b'.' | b':'] | [b'.' | b':', b' ', ..] => true,
        [first, ..] => closes(*first),
    }
}

/// Masks one piece at the start of `rest` and says how long it was.
fn step(rest: &str, writer: &mut Writer<'_>) -> usize {
    let b = rest.as_bytes();
    let used = plain(b, rest, writer);
    if used > 0 {
        return used;
    }
    if matches!(b[0], b'"' | b'\'' | b'`')
        && let Some(len) = quoted(rest, writer.previous_is_word())
    {
        if is_request(&rest[1..]) {
            // `"GET /orders/12 HTTP/1.1"`: the method tells requests apart.
            writer.text(&rest[..1]);
            return 1;
        }
        writer.text(&rest[..1]);
        writer.hole();
        writer.text(&rest[len - 1..len]);
        return len;
    }
    match Pieces::new(rest).next() {
        Some(Piece::Word(word)) => {
            if let Some(len) = host_list(&rest[word.len()..]) {
                mask_word(word, writer);
                return word.len() + len;
            }
            let value = writer.out_ends_with_equals() && !word.is_empty();
            let is_date = word.len() == 3 && starts_date(rest);
            match shape(word) {
                Shape::Constant if !(value || is_date) => writer.text(word),
                _ => mask_word(word, writer),
            }
            word.len()
        }
        Some(Piece::Gap(gap)) => {
            if let Some(len) = detail(rest, writer) {
                return len;
            }
            // A quote inside a gap may open a quoted value: stop before it.
            let len = gap
                .char_indices()
                .skip(1)
                .find(|(_, c)| matches!(c, '"' | '\'' | '`'))
                .map_or(gap.len(), |(n, _)| n);
            if let Some(len) = empty_value(rest, writer) {
                return len;
            }
            let is_bound = len == gap.len() && rest.as_bytes().get(len).is_some_and(u8::is_ascii_digit);
            let text = if is_bound { gap[..len].trim_end_matches(['<', '>', '~']) } else { &gap[..len] };
            writer.gap(text);
            len
        }
        None => rest.len(),
    }
}

/// `node-[40-63,70]`, `cn[001-004]`: the length of the numbers in brackets that belong to a name.
fn host_list(after: &str) -> Option<usize> {
    let dash = usize::from(after.starts_with("-["));
    let inner = after.get(dash..)?.strip_prefix('[')?;
    let len = inner.bytes().take_while(|c| c.is_ascii_digit() || matches!(c, b'-' | b',')).count();
    let several = inner[..len].contains(['-', ',']) && inner.as_bytes().first()?.is_ascii_digit();
    (several && inner.as_bytes().get(len) == Some(&b']')).then_some(dash + len + 2)
}

/// A place for a value that is empty this time: `ruser= rhost=`, `from <*> ()`. Its length.
fn empty_value(rest: &str, writer: &mut Writer<'_>) -> Option<usize> {
    let b = rest.as_bytes();
    let ends = |c: Option<&u8>| matches!(c, None | Some(b' ' | b',' | b';' | b')'));
    if b[0] == b'=' && ends(b.get(1)) && writer.previous_is_word() && !writer.out.ends_with('>') {
        writer.text("=");
        writer.hole();
        return Some(1);
    }
    if rest.starts_with(" ()") && ends(b.get(3)) {
        writer.text(" (");
        writer.hole();
        writer.text(")");
        return Some(3);
    }
    None
}

/// Whether a quoted text is the first line of an HTTP request.
fn is_request(text: &str) -> bool {
    const METHODS: [&str; 7] = ["GET /", "POST /", "PUT /", "DELETE /", "PATCH /", "HEAD /", "OPTIONS /"];
    METHODS.iter().any(|m| text.starts_with(m))
}

/// Parts that only say a number again: `1234 bytes (1.2 KB)`, the unit of a duration. Their length, when they stand at
/// the start and are left out.
fn detail(rest: &str, writer: &Writer<'_>) -> Option<usize> {
    let b = rest.as_bytes();
    if b[0] != b' ' {
        return None;
    }
    if b.get(1) == Some(&b'(') && b.get(2).is_some_and(u8::is_ascii_digit) {
        let inner = &rest[2..rest.find(')')?];
        let (number, unit) = inner.split_once(' ')?;
        let amount = number.bytes().all(|c| c.is_ascii_digit() || matches!(c, b'.' | b','));
        let says_again = writer.pending.is_some() || writer.last_word_is_unit();
        return (amount && is_unit(unit) && says_again).then_some(inner.len() + 3);
    }
    let unit = &rest[1..];
    let len = unit.bytes().take_while(u8::is_ascii_alphabetic).count();
    let named = is_duration_unit(&unit[..len]) || is_size_unit(&unit[..len]);
    (writer.pending == Some(writer.out.len()) && named).then_some(1 + len)
}

fn is_unit(word: &str) -> bool {
    matches!(word, "bytes" | "%") || is_size_unit(word) || is_duration_unit(word)
}

fn is_size_unit(word: &str) -> bool {
    matches!(word, "B" | "KB" | "MB" | "GB" | "TB" | "KiB" | "MiB" | "GiB" | "TiB" | "kB")
}

fn is_duration_unit(word: &str) -> bool {
    const UNITS: [&str; 16] = [
        "ns", "us", "ms", "s", "sec", "secs", "second", "seconds", "min", "mins", "minute", "minutes",
        "hour", "hours", "msec", "millis",
    ];
    UNITS.contains(&word)
}

/// A variable word keeps a constant label before a colon: `blk:12` is `blk:<*>`.
fn mask_word(word: &str, writer: &mut Writer<'_>) {
    if let Some((label, value)) = word.split_once(':')
        && !value.is_empty()
        && !value.starts_with('/')
        && label.len() > 1
        && label.bytes().all(|c| c.is_ascii_alphabetic() || c == b'_')
        && !label.bytes().all(|c| c.is_ascii_hexdigit())
    {
        writer.text(&word[..=label.len()]);
    }
    writer.hole();
}

/// The length of a quoted value at the start; apostrophes inside words open nothing.
fn quoted(rest: &str, previous_is_word: bool) -> Option<usize> {
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    if quote == '\'' && previous_is_word {
        return None;
    }
    let end = rest[1..].find(quote)? + 1;
    (end > 1 || quote != '\'').then_some(end + 1)
}

struct Writer<'a> {
    out: &'a mut String,
    /// What was written since the last hole, while it can still be swallowed as a list's separator.
    pending: Option<usize>,
    /// Where the message begins in memory: what is written of it are parts of it.
    start: usize,
    /// Where words with digits stand that were written, where that is asked for.
    kept: Option<&'a mut Vec<(usize, usize)>>,
}

impl Writer<'_> {
    fn text(&mut self, text: &str) {
        if let Some(kept) = self.kept.as_deref_mut()
            && text.bytes().any(|c| c.is_ascii_digit())
        {
            kept.push(((text.as_ptr() as usize).wrapping_sub(self.start), text.len()));
        }
        if self.pending.is_some() && !text.bytes().all(|c| matches!(c, b' ' | b',' | b';' | b'|')) {
            self.pending = None;
        }
        self.out.push_str(text);
    }

    /// What stands between words, runs of blanks as one: padding varies with what is padded.
    fn gap(&mut self, text: &str) {
        let b = text.as_bytes();
        if !(b.windows(2).any(|w| w == b"  ") || b.first() == Some(&b' ') && self.out.ends_with(' ')) {
            self.text(text);
            return;
        }
        let mut blank = self.out.ends_with(' ');
        let mut plain = String::with_capacity(text.len());
        for c in text.chars() {
            if c != ' ' || !blank {
                plain.push(c);
            }
            blank = c == ' ';
        }
        self.text(&plain);
    }

    fn hole(&mut self) {
        if let Some(at) = self.pending {
            self.out.truncate(at);
            return;
        }
        self.out.push_str(HOLE);
        self.pending = Some(self.out.len());
    }

    fn previous_is_word(&self) -> bool {
        self.out.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '>')
    }

    /// Whether the text ends with a hole and a unit: `<*> bytes`.
    fn last_word_is_unit(&self) -> bool {
        let mut words = self.out.rsplit(' ');
        words.next().is_some_and(is_unit) && words.next().is_some_and(|w| w.ends_with(HOLE))
    }

    fn out_ends_with_equals(&self) -> bool {
        self.out.ends_with('=') && !self.out.ends_with("==")
    }

    fn finish(self) {
        let end = self.out.trim_end().len();
        self.out.truncate(end);
    }
}
