//! Headers that no known format explains: lines that begin with columns, one of which is a time in every line.
//!
//! Supercomputers, appliances and home-grown loggers write `- 1117838570 2005.06.03 R02-M1 … message`. Which columns come
//! before the message is told by the lines of the file together: the last column that is always a time ends the
//! header, and so do columns behind it that repeat an earlier one, or lead up to a level.

use super::level;
use crate::timestamps::{self, Hints};
use waylaid_model::{Level, Timestamp};

/// How many columns are looked at.
const MOST: usize = 16;
/// How many lines of a sample are looked at.
const LINES: usize = 400;
/// Fewer lines than this prove nothing.
const FEWEST: usize = 5;

/// The columns before the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    separator: Separator,
    /// How many columns stand before the message.
    count: usize,
    /// The column that holds an epoch time.
    epoch: Option<usize>,
    /// The column that holds the level.
    level: Option<usize>,
    /// The column behind them is a program with its process: `crond[12]:`.
    tag: bool,
}

/// What stands between columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Separator {
    Blank,
    Bar,
}

/// What a line's columns told.
pub(crate) struct Read<'a> {
    pub(crate) time: Option<Timestamp>,
    pub(crate) level: Option<Level>,
    /// The program in front of the message.
    pub(crate) tag: Option<&'a str>,
    pub(crate) message: &'a str,
}

impl Columns {
    /// The columns that the lines of a sample have in common; `None` when there are none.
    pub(crate) fn learn<'a>(lines: &(impl Iterator<Item = &'a str> + Clone)) -> Option<Self> {
        [Separator::Blank, Separator::Bar]
            .into_iter()
            .find_map(|separator| learn_with(separator, lines.clone()))
    }

    /// Reads a line; `None` when it does not have these columns.
    pub(crate) fn read<'a>(&self, line: &'a str) -> Option<Read<'a>> {
        let mut parts = Parts { rest: line, separator: self.separator };
        let (mut time, mut found) = (None, None);
        for at in 0..self.count {
            let part = parts.next()?;
            if self.epoch == Some(at) {
                time = part.parse::<i64>().ok().and_then(timestamps::from_integer);
                time?;
            } else if self.level == Some(at) {
                found = level::of_word(part);
            }
        }
        let mut message = parts.rest;
        let tag = if self.tag { take_tag(&mut message) } else { None };
        Some(Read { time, level: found, tag, message })
    }
}

/// Splits at runs of blanks, or at each bar.
#[derive(Clone)]
struct Parts<'a> {
    rest: &'a str,
    separator: Separator,
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let (part, rest) = match self.separator {
            Separator::Bar => self.rest.split_once('|')?,
            Separator::Blank => {
                let (part, rest) = self.rest.split_once([' ', '\t'])?;
                (part, rest.trim_start_matches([' ', '\t']))
            }
        };
        self.rest = rest;
        Some(part)
    }
}

fn learn_with<'a>(separator: Separator, lines: impl Iterator<Item = &'a str>) -> Option<Columns> {
    let rows: Vec<Vec<&str>> = lines
        .filter(|l| !l.trim().is_empty() && !l.starts_with([' ', '\t']))
        .take(LINES)
        .map(|l| Parts { rest: l, separator }.take(MOST).collect())
        .collect();
    if rows.len() < FEWEST {
        return None;
    }
    let last_time = (0..MOST).rev().find(|at| share(&rows, *at, |_, w| is_time(w)))?;
    let epoch = (0..=last_time).find(|at| share(&rows, *at, |_, w| is_epoch(w)));
    let mut count = last_time + 1;
    while count < MOST && share(&rows, count, |row, w| repeats(&row[..count], w)) {
        count += 1;
    }
    // Words in capitals (a facility, a component) up to a level belong to the header.
    let found =
        (count..(count + 4).min(MOST)).find(|at| share(&rows, *at, |_, w| level::of_word(w).is_some()));
    let level = found.filter(|end| (count..*end).all(|at| share(&rows, at, |_, w| is_capital(w))));
    count = level.map_or(count, |at| at + 1);
    let tag = separator == Separator::Blank && share(&rows, count, |_, w| w.ends_with(':') && w.len() > 1);
    Some(Columns { separator, count, epoch, level, tag })
}

/// Whether (nearly) all rows that reach so far have a column that passes.
fn share(rows: &[Vec<&str>], at: usize, test: impl Fn(&[&str], &str) -> bool) -> bool {
    let passed = rows.iter().filter(|row| row.get(at).is_some_and(|word| test(row, word))).count();
    passed * 100 >= rows.len() * 93
}

fn is_epoch(word: &str) -> bool {
    matches!(word.len(), 10 | 13 | 16 | 19)
        && word.bytes().all(|c| c.is_ascii_digit())
        && (word.starts_with('1') || word.starts_with('2'))
        && word.parse::<i64>().ok().and_then(timestamps::from_integer).is_some()
}

/// A date, a clock time, an epoch number, or all in one: `2005-06-03-15.42.50.363779`.
fn is_time(word: &str) -> bool {
    let word = word.trim_matches(['[', ']', '(', ')', ',', ':']);
    let b = word.as_bytes();
    if is_epoch(word) {
        return true;
    }
    let marks = b.iter().filter(|c| matches!(c, b'-' | b'.' | b':' | b'/')).count();
    let plain =
        b.iter().all(|c| c.is_ascii_digit() || matches!(c, b'-' | b'.' | b':' | b'/' | b'T' | b'Z' | b','));
    let dated = b.len() >= 10 && (word.starts_with("19") || word.starts_with("20")) && marks >= 2;
    let clock = b.len() >= 8 && b[2] == b':' && b[5] == b':';
    plain && (dated || clock)
        || timestamps::parse_prefix(b, Hints::default()).is_some_and(|s| s.len == b.len())
}

/// Whether a column says again what an earlier one said: a node's name twice, `dn228/dn228` behind `dn228`.
fn repeats(before: &[&str], word: &str) -> bool {
    before.iter().any(|b| b.len() > 2 && (*b == word || word.split(['/', '@']).next() == Some(b)))
}

fn is_capital(word: &str) -> bool {
    word.bytes().all(|c| c.is_ascii_uppercase() || c == b'_') && !word.is_empty()
}

/// Takes `crond(pam_unix)[12]:` off a message.
fn take_tag<'a>(message: &mut &'a str) -> Option<&'a str> {
    let text = *message;
    let len = text.find([' ', '\t']).unwrap_or(text.len());
    let tag = text[..len].strip_suffix(':').filter(|t| t.len() < 64 && !t.is_empty())?;
    *message = text[len..].trim_start_matches([' ', '\t']);
    Some(tag.split('[').next().unwrap_or(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str], line: &str) -> String {
        let Some(columns) = Columns::learn(&lines.iter().copied()) else { return "none".into() };
        columns.read(line).map_or("other".into(), |r| {
            format!(
                "{} {} {} {}",
                r.time.map_or("-".into(), |t| t.to_string()),
                r.level.map_or("-".into(), |l| l.to_string()),
                r.tag.unwrap_or("-"),
                r.message
            )
        })
    }

    #[test]
    fn columns_up_to_a_time_and_a_level() {
        let lines: Vec<String> = (0..20)
            .map(|n| format!("- 17638062{n:02} 2026.11.22 rack-{n} 2026-11-22-10.11.12.34{n:02} rack-{n} NET CORE INFO link {n} went up"))
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(read(&lines, lines[3]), "2025-11-22T10:10:03Z INFO - link 3 went up");
        assert_eq!(read(&lines, "not such a line"), "other");
    }

    #[test]
    fn a_program_behind_a_repeated_host() {
        let lines: Vec<String> = (0..20)
            .map(|n| format!("- 17638062{n:02} 2026.11.22 an{n} Nov 22 10:11:{:02} an{n}/an{n} cron[{n}]: session {n} closed", n + 10))
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(read(&lines, lines[3]), "2025-11-22T10:10:03Z - cron session 3 closed");
    }

    #[test]
    fn bars_and_messages_without_columns() {
        let lines: Vec<String> =
            (0..20).map(|n| format!("unit-{n}|17638062{n:02}|STEP|moved {n}|x")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(read(&lines, lines[3]), "2025-11-22T10:10:03Z - - STEP|moved 3|x");
        let bare: Vec<String> = (0..20).map(|n| format!("moved pallet {n} to bay {n}")).collect();
        let bare: Vec<&str> = bare.iter().map(String::as_str).collect();
        assert_eq!(read(&bare, bare[3]), "none");
    }

    proptest::proptest! {
        #[test]
        fn any_lines_are_learnt(lines in proptest::collection::vec("[-|: a-c0-9\u{e9}\\[\\]]{0,40}", 0..12)) {
            let found = Columns::learn(&lines.iter().map(String::as_str));
            if let Some(columns) = found {
                lines.iter().for_each(|l| { columns.read(l); });
            }
        }
    }
}
