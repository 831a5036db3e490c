//! Epoch numbers in seconds, milliseconds, microseconds or nanoseconds, told apart by their size.

use super::Stamp;
use crate::scan::digits;
use waylaid_model::Timestamp;

/// Reads an epoch number; `None` when it is no plausible time (2001 to 2100) in any unit.
pub fn from_number(n: f64) -> Option<Timestamp> {
    let whole = n.trunc();
    let time = from_integer(whole as i64)?;
    // Whole and fraction apart: a double holds a date in seconds to less than a microsecond only that way.
    let seconds = n < 4.2e9;
    let micros = ((n - whole) * 1e6).round() as i64;
    Some(if seconds { time.plus(micros * 1000) } else { time })
}

/// Reads a whole epoch number, exactly; `None` when it is no plausible time (2001 to 2100) in any unit.
pub fn from_integer(n: i64) -> Option<Timestamp> {
    let unit = match n {
        1_000_000_000..4_200_000_000 => 1_000_000_000,
        1_000_000_000_000..4_200_000_000_000 => 1_000_000,
        1_000_000_000_000_000..4_200_000_000_000_000 => 1000,
        1_000_000_000_000_000_000..4_200_000_000_000_000_000 => 1,
        _ => return None,
    };
    Some(Timestamp(n.checked_mul(unit)?))
}

/// Reads an epoch number written in digits, exactly: `1795515072`, `1795515072.345678`, `1795515072345678901`.
pub fn from_nanos_text(text: &str) -> Option<Timestamp> {
    let b = text.as_bytes();
    let run = crate::scan::digit_run(b);
    let (time, len) = read(b, run)?;
    (len == b.len()).then_some(time)
}

fn read(b: &[u8], run: usize) -> Option<(Timestamp, usize)> {
    if !matches!(run, 10 | 13 | 16 | 19) {
        return None;
    }
    let (n, _) = digits(b, run)?;
    let unit = 10i64.pow(19 - run as u32);
    let nanos = i64::try_from(n).ok()?.checked_mul(unit)?;
    let plausible = (1_000_000_000..4_200_000_000).contains(&(nanos / 1_000_000_000));
    if !plausible {
        return None;
    }
    let mut len = run;
    let mut time = Timestamp(nanos);
    if run == 10 && b.get(10) == Some(&b'.') {
        let rest = &b[11..];
        let fraction = crate::scan::digit_run(rest);
        if (1..=9).contains(&fraction) {
            let (f, _) = digits(rest, 9)?;
            time = time.plus(f as i64 * 10i64.pow(9 - fraction as u32));
            len += 1 + fraction;
        }
    }
    Some((time, len))
}

/// An epoch number that stands alone at the start of a line.
pub(super) fn prefix(b: &[u8], run: usize) -> Option<Stamp> {
    let (time, len) = read(b, run)?;
    let stands_alone = match b.get(len) {
        None => true,
        Some(c) => matches!(c, b' ' | b'\t' | b',' | b';' | b'|' | b']' | b')' | b':' | b'\r' | b'\n'),
    };
    stands_alone.then_some(Stamp { time: Some(time), zone_assumed: false, len })
}
