//! Dates: ISO, day-first and month-first, with month names, compact, without a year.

use super::{Civil, DateOrder, Hints};
use crate::scan::{blank_run, digit_run, digits};

/// Reads a date at the start of `b`.
pub(super) fn parse(b: &[u8], hints: Hints) -> Option<Civil> {
    let date = match b.first()? {
        c if c.is_ascii_digit() => numeric(b, hints),
        c if c.is_ascii_alphabetic() => named(b),
        _ => None,
    }?;
    ((1..=12).contains(&date.month) && (1..=31).contains(&date.day)).then_some(date)
}

fn numeric(b: &[u8], hints: Hints) -> Option<Civil> {
    let run = digit_run(b);
    let separator = *b.get(run)?;
    match (run, separator) {
        (4, b'-' | b'/' | b'.') => year_first(b, separator),
        (1 | 2, b'-' | b'/' | b'.' | b' ') => two_first(b, run, separator, hints),
        (6 | 8, _) => compact(b, run),
        _ => None,
    }
}

/// `2026-11-22`, `2026/1/2`.
fn year_first(b: &[u8], separator: u8) -> Option<Civil> {
    let (year, _) = digits(b, 4)?;
    let (month, m) = digits(&b[5..], 2)?;
    if b.get(5 + m) != Some(&separator) {
        return None;
    }
    let (day, d) = digits(&b[6 + m..], 2)?;
    let len = 6 + m + d;
    let ends = !b.get(len).is_some_and(u8::is_ascii_digit);
    ends.then_some(Civil { year: Some(year as i64), month: month as u32, day: day as u32, len })
}

/// Dates that start with one or two digits: `22/11/2026`, `11-22 10:…`, `22 Nov 2026`, `22/Nov/2026`, `26/11/22`.
fn two_first(b: &[u8], run: usize, separator: u8, hints: Hints) -> Option<Civil> {
    let (a, _) = digits(b, 2)?;
    let rest = &b[run + 1..];
    if rest.first()?.is_ascii_alphabetic() {
        return day_then_name(b, a as u32, run + 1, separator);
    }
    if separator == b' ' {
        return None;
    }
    let (second, n) = digits(rest, 2)?;
    let at = run + 1 + n;
    if b.get(at) != Some(&separator) {
        let followed = matches!(b.get(at), Some(b' ' | b'T' | b'-')) && !digit_run(&rest[n..]) > 0;
        let (month, day) = month_day(a, second, separator, hints.order.or(Some(DateOrder::MonthFirst)));
        return followed.then_some(Civil { year: None, month, day, len: at });
    }
    let third = &b[at + 1..];
    match digit_run(third) {
        4 => {
            let (year, _) = digits(third, 4)?;
            let (month, day) = month_day(a, second, separator, hints.order);
            Some(Civil { year: Some(year as i64), month, day, len: at + 5 })
        }
        2 => {
            let (c, _) = digits(third, 2)?;
            Some(two_digit_year(a, second, c, separator, hints).with_len(at + 3))
        }
        _ => None,
    }
}

impl Civil {
    fn with_len(self, len: usize) -> Self {
        Self { len, ..self }
    }
}

/// `26/11/22` (Hadoop, Spark) unless the first number can be no year of log files or the file says otherwise.
fn two_digit_year(a: u64, b: u64, c: u64, separator: u8, hints: Hints) -> Civil {
    let year_first =
        hints.order.is_none() && separator != b'.' && (13..70).contains(&a) && (1..=31).contains(&c);
    let (year, month, day) = if year_first {
        (a, b as u32, c as u32)
    } else {
        let (month, day) = month_day(a, b, separator, hints.order);
        (c, month, day)
    };
    Civil { year: Some(2000 + year as i64), month, day, len: 0 }
}

/// Which of two numbers is the month: by their size, else by the file's evidence, else as the separator is mostly used.
fn month_day(a: u64, b: u64, separator: u8, order: Option<DateOrder>) -> (u32, u32) {
    let by_habit = if separator == b'/' { DateOrder::MonthFirst } else { DateOrder::DayFirst };
    let day_first = match (a, b) {
        (13.., _) => true,
        (_, 13..) => false,
        _ => order.unwrap_or(by_habit) == DateOrder::DayFirst,
    };
    if day_first { (b as u32, a as u32) } else { (a as u32, b as u32) }
}

pub(super) fn order_evidence(b: &[u8]) -> Option<DateOrder> {
    let run = digit_run(b);
    let separator = *b.get(run)?;
    if !(1..=2).contains(&run) || !matches!(separator, b'/' | b'-' | b'.') {
        return None;
    }
    let (first, _) = digits(b, 2)?;
    let (second, n) = digits(&b[run + 1..], 2)?;
    let third = b.get(run + 1 + n..)?;
    if third.first() != Some(&separator) || digit_run(&third[1..]) != 4 {
        return None;
    }
    match (first, second) {
        (13..=31, 1..=12) => Some(DateOrder::DayFirst),
        (1..=12, 13..=31) => Some(DateOrder::MonthFirst),
        _ => None,
    }
}

/// `20261122`, `261122`.
fn compact(b: &[u8], run: usize) -> Option<Civil> {
    let follows = match b.get(run..) {
        Some([b' ' | b'-' | b'T' | b'_', rest @ ..]) => {
            let clock = digit_run(rest);
            clock == 6
                || (clock <= 2 && rest.get(clock) == Some(&b':'))
                || (clock == 0 && rest.first() == Some(&b' '))
        }
        _ => false,
    };
    if !follows {
        return None;
    }
    let (number, _) = digits(b, run)?;
    let (year, rest) =
        if run == 8 { (number / 10_000, number % 10_000) } else { (2000 + number / 10_000, number % 10_000) };
    let plausible = (1970..2200).contains(&year);
    plausible.then_some(Civil {
        year: Some(year as i64),
        month: (rest / 100) as u32,
        day: (rest % 100) as u32,
        len: run,
    })
}

/// `22 Nov 2026`, `22/Nov/2026`, `22-Nov-2026`, `22 Nov` before a clock time.
fn day_then_name(b: &[u8], day: u32, at: usize, separator: u8) -> Option<Civil> {
    let (month, n) = month_name(&b[at..])?;
    let mut end = at + n;
    if b.get(end) == Some(&b'.') {
        end += 1;
    }
    let year_at = end + 1;
    let has_year = b.get(end) == Some(&separator) && digit_run(b.get(year_at..).unwrap_or_default()) == 4;
    if !has_year {
        return (separator == b' ').then_some(Civil { year: None, month, day, len: end });
    }
    let (year, _) = digits(&b[year_at..], 4)?;
    Some(Civil { year: Some(year as i64), month, day, len: year_at + 4 })
}

/// `Nov 22`, `Nov 22, 2026`, `Nov 22 2026`, `Sun Nov 22`, `Sun, 22 Nov 2026`.
fn named(b: &[u8]) -> Option<Civil> {
    let mut at = 0;
    if let Some(n) = weekday(b) {
        at = n;
        if b.get(at) == Some(&b',') {
            at += 1;
        }
        let gap = blank_run(&b[at..]);
        if gap == 0 {
            return None;
        }
        at += gap;
        if b.get(at).is_some_and(u8::is_ascii_digit) {
            let (day, n) = digits(&b[at..], 2)?;
            let separator = *b.get(at + n)?;
            return day_then_name(b, day as u32, at + n + 1, separator);
        }
    }
    let (month, n) = month_name(&b[at..])?;
    // Cut names have a point in some languages: `Nov. 22, 2026`.
    at += n + usize::from(n == 3 && b.get(at + n) == Some(&b'.'));
    let gap = blank_run(b.get(at..)?);
    if gap == 0 {
        return None;
    }
    at += gap;
    let (day, n) = digits(&b[at..], 2)?;
    at += n;
    let (year, len) = year_after_day(b, at);
    Some(Civil { year, month, day: day as u32, len })
}

fn year_after_day(b: &[u8], at: usize) -> (Option<i64>, usize) {
    let skip = match &b[at..] {
        [b',', b' ', ..] => 2,
        [b' ' | b',', ..] => 1,
        _ => return (None, at),
    };
    let rest = &b[at + skip..];
    match (digit_run(rest), digits(rest, 4)) {
        (4, Some((year, _))) => (Some(year as i64), at + skip + 4),
        _ => (None, at),
    }
}

const MONTHS: [&[u8; 3]; 12] =
    [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
const MONTHS_LONG: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const DAYS: [&[u8; 3]; 7] = [b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun"];

fn three(b: &[u8]) -> Option<[u8; 3]> {
    let t = b.get(..3)?;
    Some([t[0].to_ascii_lowercase(), t[1].to_ascii_lowercase(), t[2].to_ascii_lowercase()])
}

fn letters(b: &[u8]) -> usize {
    b.iter().take_while(|c| c.is_ascii_alphabetic()).count()
}

fn month_name(b: &[u8]) -> Option<(u32, usize)> {
    let low = three(b)?;
    let index = MONTHS.iter().position(|m| **m == low)?;
    let len = letters(b);
    let whole = len == 3
        || len == 4 && low == *b"sep"
        || b[..len].eq_ignore_ascii_case(MONTHS_LONG[index].as_bytes());
    whole.then_some((index as u32 + 1, len))
}

fn weekday(b: &[u8]) -> Option<usize> {
    let low = three(b)?;
    if !DAYS.iter().any(|d| **d == low) {
        return None;
    }
    let len = letters(b);
    (len == 3 || (len <= 9 && b[..len].to_ascii_lowercase().ends_with(b"day"))).then_some(len)
}
