//! Every way a log writes a time.
//!
//! [`parse_prefix`] reads a time at the start of a line and says how long it was; [`parse`] reads a text that is a
//! time as a whole; [`from_number`] reads an epoch number in whatever unit its size betrays.

mod calendar;
mod clock;
mod epoch;

pub use epoch::{from_integer, from_nanos_text, from_number};

use waylaid_model::Timestamp;

/// Which of two numbers of a date is the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DateOrder {
    /// `22/11/2026`.
    DayFirst,
    /// `11/22/2026`.
    MonthFirst,
}

/// What the rest of a file tells about its times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// Order of day and month, where some date of the file can only be read one way.
    pub order: Option<DateOrder>,
    /// Year to assume where none is written.
    pub year: Option<i64>,
    /// No time of the file lies much behind this one, for example that of its last change: what would is of the year
    /// before.
    pub latest: Option<Timestamp>,
}

/// A time found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The moment; `None` when the text has no date, or no year and there is no hint.
    pub time: Option<Timestamp>,
    /// The text has no zone; UTC is assumed.
    pub zone_assumed: bool,
    /// Length of the text of the time in bytes.
    pub len: usize,
}

/// What kind of time a text starts with; cheaper to know than the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: Option<i64>,
    pub(crate) month: u32,
    pub(crate) day: u32,
    /// Bytes of the date.
    pub(crate) len: usize,
}

/// Reads a time at the start of `b`: a date with a clock time, or a clock time alone, or an epoch number that stands
/// alone. `None` when there is none.
pub fn parse_prefix(b: &[u8], hints: Hints) -> Option<Stamp> {
    let first = *b.first()?;
    if first.is_ascii_digit() {
        let run = scan_run(b);
        if run >= 10
            && let Some(stamp) = epoch::prefix(b, run)
        {
            return Some(stamp);
        }
        if b.get(run) == Some(&b':') && run <= 2 {
            return clock::parse(b).map(|c| c.stamp(None));
        }
    } else if !first.is_ascii_alphabetic() {
        return None;
    }
    let date = calendar::parse(b, hints)?;
    let gap = date_gap(&b[date.len..])?;
    let clock = clock::parse_dated(&b[date.len + gap..])?;
    let mut stamp = clock.stamp(Some((date, hints)));
    stamp.len += date.len + gap;
    if date.year.is_none() && first.is_ascii_alphabetic() {
        trailing_year(b, date, &clock, &mut stamp);
    }
    Some(stamp)
}

/// Reads a text that is a time as a whole: what [`parse_prefix`] reads, or a date alone.
pub fn parse(text: &str, hints: Hints) -> Option<Stamp> {
    let b = text.trim().as_bytes();
    if let Some(stamp) = parse_prefix(b, hints) {
        return (stamp.len == b.len()).then_some(stamp);
    }
    let date = calendar::parse(b, hints)?;
    if date.len != b.len() {
        return None;
    }
    let time = Timestamp::from_civil(date.year.or(hints.year)?, date.month, date.day, 0, 0, 0, 0);
    Some(Stamp { time, zone_assumed: true, len: date.len })
}

/// What a date such as `03/22/2026` proves about the order of day and month; `None` when it proves nothing.
pub fn order_evidence(b: &[u8]) -> Option<DateOrder> {
    calendar::order_evidence(b)
}

fn scan_run(b: &[u8]) -> usize {
    crate::scan::digit_run(b)
}

/// How many bytes lie between a date and its clock time; `None` when no clock time follows.
fn date_gap(b: &[u8]) -> Option<usize> {
    match b {
        [b'T' | b't' | b':' | b'_' | b'-' | b'/', d, ..] if d.is_ascii_digit() => Some(1),
        [b',', b' ', d, ..] if d.is_ascii_digit() => Some(2),
        [b' ' | b'\t', ..] => {
            let gap = crate::scan::blank_run(b);
            b.get(gap).is_some_and(u8::is_ascii_digit).then_some(gap)
        }
        _ => None,
    }
}

/// `Sun Nov 22 10:11:12 2026`, and `Sun Nov 22 10:11:12 UTC 2026`: the year behind the clock time.
fn trailing_year(b: &[u8], date: Civil, clock: &clock::Clock, stamp: &mut Stamp) {
    let rest = &b[stamp.len..];
    let gap = crate::scan::blank_run(rest);
    let year = &rest[gap..];
    if gap == 0 || crate::scan::digit_run(year) != 4 {
        return;
    }
    let Some((number, len)) = crate::scan::digits(year, 4) else { return };
    if !(1970..2200).contains(&number) || year.get(len).is_some_and(u8::is_ascii_alphanumeric) {
        return;
    }
    let dated = Civil { year: Some(number as i64), ..date };
    stamp.time = clock.stamp(Some((dated, Hints::default()))).time;
    stamp.len += gap + len;
}

#[cfg(test)]
mod tests;
