//! Clock times with fractions, AM/PM and zones.

use super::{Civil, Hints, Stamp};
use crate::scan::{blank_run, digit_run, digits};
use waylaid_model::Timestamp;

/// A time of day as written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    hour: u32,
    minute: u32,
    second: u32,
    nanos: u32,
    /// Seconds east of UTC, where a zone is written and known.
    zone: Option<i64>,
    len: usize,
}

impl Clock {
    /// The year to assume for a date without one.
    fn year_for(&self, date: super::Civil, hints: super::Hints) -> Option<i64> {
        /// A file's last change may lie before its last times: clocks differ, copies keep times.
        const SLACK: i64 = 2 * 86_400 * 1_000_000_000;
        let year = hints.year?;
        let at =
            Timestamp::from_civil(year, date.month, date.day, self.hour, self.minute, self.second.min(59), 0);
        let is_ahead = at.zip(hints.latest).is_some_and(|(at, latest)| at.since(latest) > SLACK);
        Some(if is_ahead { year - 1 } else { year })
    }

    /// The moment of this time on a date; without a date, a stamp without a moment.
    pub(super) fn stamp(&self, date: Option<(Civil, Hints)>) -> Stamp {
        let time = date.and_then(|(date, hints)| {
            let year = date.year.or_else(|| self.year_for(date, hints))?;
            let local = Timestamp::from_civil(
                year,
                date.month,
                date.day,
                self.hour,
                self.minute,
                self.second,
                self.nanos,
            )?;
            Some(local.plus(-self.zone.unwrap_or(0) * 1_000_000_000))
        });
        Stamp { time, zone_assumed: self.zone.is_none(), len: self.len }
    }
}

/// The same behind a date, where minutes and seconds may lack their zero: `10:1:2:345`.
pub(super) fn parse_dated(b: &[u8]) -> Option<Clock> {
    let strict = parse(b);
    if strict.is_some_and(|c| !matches!(b.get(c.len..), Some([b':', d, ..]) if d.is_ascii_digit())) {
        return strict;
    }
    let loose = loose_hands(b).and_then(|(hour, minute, second, at)| finish(b, hour, minute, second, at));
    loose.or(strict)
}

/// Reads `10:11:12`, `10:11:12.345`, `10:11:12,345 +0100`, `10:11:12 AM`, `101112`, `10:11:12Z` at the start of `b`.
pub(super) fn parse(b: &[u8]) -> Option<Clock> {
    let (hour, minute, second, at) = hands(b)?;
    finish(b, hour, minute, second, at)
}

/// What may follow the seconds: a fraction, half of the day, a zone.
fn finish(b: &[u8], hour: u32, minute: u32, second: u32, mut at: usize) -> Option<Clock> {
    let mut nanos = 0;
    if let Some([point @ (b'.' | b',' | b':'), rest @ ..]) = b.get(at..) {
        let run = digit_run(rest);
        if (1..=9).contains(&run) && (*point != b':' || run <= 3) {
            let (n, _) = digits(rest, 9)?;
            nanos = n as u32 * 10u32.pow(9 - run as u32);
            at += 1 + run;
        }
    }
    let mut clock = Clock { hour, minute, second, nanos, zone: None, len: at };
    half_day(b, &mut clock);
    if let Some((seconds, len)) = zone(&b[clock.len..]) {
        clock.zone = seconds;
        clock.len += len;
    }
    (clock.hour < 24 && minute < 60 && second <= 60).then_some(clock)
}

fn hands(b: &[u8]) -> Option<(u32, u32, u32, usize)> {
    let run = digit_run(b);
    if run == 6 {
        let (n, _) = digits(b, 6)?;
        return Some(((n / 10_000) as u32, (n / 100 % 100) as u32, (n % 100) as u32, 6));
    }
    let at_hour = blank_run(&b[..b.len().min(1)]);
    let (hour, h) = digits(&b[at_hour..], 2)?;
    let mut at = at_hour + h;
    if b.get(at) != Some(&b':') || digit_run(&b[at + 1..]) != 2 {
        return None;
    }
    let (minute, _) = digits(&b[at + 1..], 2)?;
    at += 3;
    if b.get(at) == Some(&b':') && digit_run(&b[at + 1..]) == 2 {
        let (second, _) = digits(&b[at + 1..], 2)?;
        return Some((hour as u32, minute as u32, second as u32, at + 3));
    }
    Some((hour as u32, minute as u32, 0, at))
}

/// `10:1:2`: three numbers of one or two digits.
fn loose_hands(b: &[u8]) -> Option<(u32, u32, u32, usize)> {
    let (hour, h) = digits(b, 2)?;
    let (minute, m) = digits(b.get(h..)?.strip_prefix(b":")?, 2)?;
    let (second, s) = digits(b.get(h + m + 1..)?.strip_prefix(b":")?, 2)?;
    let end = h + m + s + 2;
    let ends = !b.get(end).is_some_and(u8::is_ascii_alphanumeric);
    ends.then_some((hour as u32, minute as u32, second as u32, end))
}

/// `AM` and `PM` behind the time.
fn half_day(b: &[u8], clock: &mut Clock) {
    let rest = &b[clock.len..];
    let gap = usize::from(matches!(rest.first(), Some(b' ')) || rest.starts_with("\u{202f}".as_bytes()));
    let gap = if rest.starts_with("\u{202f}".as_bytes()) { 3 } else { gap };
    let Some([a, m, after @ ..]) = rest.get(gap..) else { return };
    let (a, m) = (a.to_ascii_lowercase(), m.to_ascii_lowercase());
    if m != b'm' || !matches!(a, b'a' | b'p') || after.first().is_some_and(u8::is_ascii_alphanumeric) {
        return;
    }
    if !(1..=12).contains(&clock.hour) {
        return;
    }
    clock.hour = clock.hour % 12 + if a == b'p' { 12 } else { 0 };
    clock.len += gap + 2;
}

/// Seconds east of UTC and the length of a zone at the start of `b`. `None` inside: a zone by a name that tells no
/// offset.
fn zone(b: &[u8]) -> Option<(Option<i64>, usize)> {
    let gap = usize::from(b.first() == Some(&b' '));
    let rest = &b[gap..];
    match rest {
        [b'Z' | b'z', after @ ..] if gap == 0 && !after.first().is_some_and(u8::is_ascii_alphabetic) => {
            Some((Some(0), 1))
        }
        [sign @ (b'+' | b'-'), after @ ..] => {
            let (seconds, len) = offset(after)?;
            Some((Some(if *sign == b'+' { seconds } else { -seconds }), gap + 1 + len))
        }
        [c, ..] if c.is_ascii_uppercase() && gap == 1 => abbreviation(rest).map(|(s, n)| (s, gap + n)),
        _ => None,
    }
}

/// `0100`, `01:00`, `01` behind a sign; the time must end there.
fn offset(b: &[u8]) -> Option<(i64, usize)> {
    let run = digit_run(b);
    let (n, _) = digits(b, 4)?;
    let (hours, minutes, len) = match run {
        4 => (n / 100, n % 100, 4),
        2 if b.get(2) == Some(&b':') && digit_run(&b[3..]) == 2 => (n, digits(&b[3..], 2)?.0, 5),
        2 => (n, 0, 2),
        _ => return None,
    };
    (hours <= 15 && minutes < 60).then_some(((hours * 3600 + minutes * 60) as i64, len))
}

/// Zone names that servers write, in hours × 100 + minutes east of UTC. Ambiguous ones (`IST`, `BST`, `CST`) are
/// known to be zones but tell no offset.
const ZONES: [(&str, Option<i64>); 34] = [
    ("UTC", Some(0)),
    ("GMT", Some(0)),
    ("CET", Some(100)),
    ("CEST", Some(200)),
    ("MET", Some(100)),
    ("MEST", Some(200)),
    ("EET", Some(200)),
    ("EEST", Some(300)),
    ("WET", Some(0)),
    ("WEST", Some(100)),
    ("MSK", Some(300)),
    ("EST", Some(-500)),
    ("EDT", Some(-400)),
    ("CST", None),
    ("CDT", Some(-500)),
    ("MST", Some(-700)),
    ("MDT", Some(-600)),
    ("PST", Some(-800)),
    ("PDT", Some(-700)),
    ("AKST", Some(-900)),
    ("AKDT", Some(-800)),
    ("HST", Some(-1000)),
    ("BST", None),
    ("IST", None),
    ("WIB", Some(700)),
    ("WITA", Some(800)),
    ("WIT", Some(900)),
    ("JST", Some(900)),
    ("KST", Some(900)),
    ("HKT", Some(800)),
    ("AEST", Some(1000)),
    ("AEDT", Some(1100)),
    ("NZST", Some(1200)),
    ("NZDT", Some(1300)),
];

fn abbreviation(b: &[u8]) -> Option<(Option<i64>, usize)> {
    let len = b.iter().take_while(|c| c.is_ascii_uppercase()).count();
    if !(3..=4).contains(&len) || b.get(len).is_some_and(|c| c.is_ascii_alphanumeric() || *c == b'_') {
        return None;
    }
    let (_, offset) = ZONES.iter().find(|(name, _)| name.as_bytes() == &b[..len])?;
    Some((offset.map(|o| (o / 100) * 3600 + (o % 100) * 60), len))
}
