//! Points in time as nanoseconds since 1970-01-01T00:00:00Z, and half-open windows of them.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A point in time: nanoseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

const NANOS: i64 = 1_000_000_000;

impl Timestamp {
    /// From whole milliseconds since the epoch; saturates at the ends of the range.
    pub fn from_millis(ms: i64) -> Self {
        Self(ms.saturating_mul(1_000_000))
    }

    /// From whole seconds since the epoch; saturates at the ends of the range.
    pub fn from_seconds(s: i64) -> Self {
        Self(s.saturating_mul(NANOS))
    }

    /// From a civil date and time in UTC. Fields out of range give `None`.
    pub fn from_civil(y: i64, mo: u32, d: u32, h: u32, mi: u32, s: u32, nanos: u32) -> Option<Self> {
        let valid =
            (1..=12).contains(&mo) && d >= 1 && d <= days_in_month(y, mo) && h < 24 && mi < 60 && s <= 60;
        if !valid || nanos >= NANOS as u32 || !(1678..=2261).contains(&y) {
            return None;
        }
        let seconds =
            days_from_civil(y, mo, d) * 86_400 + i64::from(h) * 3600 + i64::from(mi) * 60 + i64::from(s);
        Some(Self(seconds * NANOS + i64::from(nanos)))
    }

    /// Whole milliseconds since the epoch, rounded down.
    pub fn millis(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This time moved by a number of nanoseconds; saturates.
    #[must_use]
    pub fn plus(self, nanos: i64) -> Self {
        Self(self.0.saturating_add(nanos))
    }

    /// Nanoseconds from `earlier` to `self`; saturates.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The civil date and time in UTC: year, month, day, hour, minute, second, nanosecond.
    pub fn civil(self) -> (i64, u32, u32, u32, u32, u32, u32) {
        let seconds = self.0.div_euclid(NANOS);
        let nanos = self.0.rem_euclid(NANOS) as u32;
        let (y, mo, d) = civil_from_days(seconds.div_euclid(86_400));
        let rest = seconds.rem_euclid(86_400) as u32;
        (y, mo, d, rest / 3600, rest / 60 % 60, rest % 60, nanos)
    }

    /// Reads RFC 3339 (`2026-11-22T10:11:12.345Z`, an offset, or no zone, which means UTC).
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let b = text.as_bytes();
        let digits = |from: usize, to: usize| -> Option<u32> {
            let part = b.get(from..to)?;
            part.iter().try_fold(0u32, |n, c| c.is_ascii_digit().then(|| n * 10 + u32::from(c - b'0')))
        };
        let separators = b.get(4)? == &b'-' && b.get(7)? == &b'-';
        if !separators {
            return None;
        }
        let (y, mo, d) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
        if b.len() == 10 {
            return Self::from_civil(i64::from(y), mo, d, 0, 0, 0, 0);
        }
        if !matches!(b[10], b'T' | b't' | b' ') || b.get(13)? != &b':' || b.get(16)? != &b':' {
            return None;
        }
        let (h, mi, s) = (digits(11, 13)?, digits(14, 16)?, digits(17, 19)?);
        let mut at = 19;
        let mut nanos = 0u32;
        if matches!(b.get(at), Some(b'.' | b',')) {
            at += 1;
            let start = at;
            let mut scale = 100_000_000u32;
            while let Some(c) = b.get(at).filter(|c| c.is_ascii_digit()) {
                nanos += u32::from(c - b'0') * scale;
                scale /= 10;
                at += 1;
            }
            if at == start {
                return None;
            }
        }
        let offset = match &b[at..] {
            [] | [b'Z' | b'z'] => 0,
            [sign @ (b'+' | b'-'), rest @ ..] => {
                let rest: Vec<u8> = rest.iter().copied().filter(|c| *c != b':').collect();
                if !matches!(rest.len(), 2 | 4) || !rest.iter().all(u8::is_ascii_digit) {
                    return None;
                }
                let two = |i: usize| i64::from(rest[i] - b'0') * 10 + i64::from(rest[i + 1] - b'0');
                let seconds = two(0) * 3600 + if rest.len() == 4 { two(2) * 60 } else { 0 };
                if *sign == b'+' { seconds } else { -seconds }
            }
            _ => return None,
        };
        let local = Self::from_civil(i64::from(y), mo, d, h, mi, s, nanos)?;
        Some(local.plus(-offset * NANOS))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (y, mo, d, h, mi, s, nanos) = self.civil();
        write!(f, "{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}")?;
        match nanos {
            0 => {}
            n if n % 1_000_000 == 0 => write!(f, ".{:03}", n / 1_000_000)?,
            n if n % 1000 == 0 => write!(f, ".{:06}", n / 1000)?,
            n => write!(f, ".{n:09}")?,
        }
        f.write_str("Z")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse_rfc3339(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("not an RFC 3339 time: {text:?}")))
    }
}

/// A half-open stretch of time: `from <= t < until`. A missing end is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Window {
    /// First moment inside.
    pub from: Option<Timestamp>,
    /// First moment no longer inside.
    pub until: Option<Timestamp>,
}

impl Window {
    /// The window that holds every time.
    pub const ALL: Self = Self { from: None, until: None };

    /// Whether `t` lies inside.
    pub fn contains(&self, t: Timestamp) -> bool {
        self.from.is_none_or(|from| t >= from) && self.until.is_none_or(|until| t < until)
    }
}

/// Renders a length of time for a person, in its two largest units: `340 ms`, `4.2 s`, `12m 30s`, `3h 05m`, `2d 4h`.
pub fn human_duration(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let ms = nanos.unsigned_abs() / 1_000_000;
    let s = ms / 1000;
    match ms {
        0..1000 => format!("{sign}{ms} ms"),
        1000..60_000 => format!("{sign}{}.{} s", s, ms % 1000 / 100),
        60_000..3_600_000 => format!("{sign}{}m {:02}s", s / 60, s % 60),
        3_600_000..86_400_000 => format!("{sign}{}h {:02}m", s / 3600, s / 60 % 60),
        _ => format!("{sign}{}d {}h", s / 86_400, s / 3600 % 24),
    }
}

/// Reads a length of time such as `30m`, `90s`, `1h30m`, `2d`, `500ms`; `None` when it isn't one.
pub fn parse_duration(text: &str) -> Option<i64> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    let mut total = 0i64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit_end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let unit = match rest[..unit_end].trim() {
            "ms" => 1_000_000,
            "s" | "sec" => NANOS,
            "m" | "min" => 60 * NANOS,
            "h" => 3600 * NANOS,
            "d" => 86_400 * NANOS,
            "w" => 7 * 86_400 * NANOS,
            _ => return None,
        };
        rest = &rest[unit_end..];
        total = total.checked_add(number.checked_mul(unit)?)?;
    }
    Some(total)
}

/// Days since 1970-01-01 of a proleptic Gregorian date (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn days_from_civil(y: i64, m: u32, d: u32) -> i64 {
    let y = if m <= 2 { y - 1 } else { y };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * (i64::from(m) + if m > 2 { -3 } else { 9 }) + 2) / 5 + i64::from(d) - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

/// The inverse of [`days_from_civil`], from the same source.
fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let m = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
    (yoe + era * 400 + i64::from(m <= 2), m, (doy - (153 * mp + 2) / 5 + 1) as u32)
}

fn days_in_month(y: i64, m: u32) -> u32 {
    match m {
        4 | 6 | 9 | 11 => 30,
        2 if y % 4 == 0 && (y % 100 != 0 || y % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_and_reads_the_same_moment() {
        for text in ["1970-01-01T00:00:00Z", "2026-11-22T23:59:59.345Z", "2024-02-29T12:00:00.000001Z"] {
            assert_eq!(Timestamp::parse_rfc3339(text).unwrap().to_string(), text);
        }
        assert_eq!(
            Timestamp::parse_rfc3339("2026-11-22T10:00:00+02:00"),
            Timestamp::parse_rfc3339("2026-11-22 08:00:00Z")
        );
    }

    #[test]
    fn refuses_dates_that_do_not_exist() {
        for text in ["2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-1-1", "", "2026-11-22T10:00:00+1"]
        {
            assert_eq!(Timestamp::parse_rfc3339(text), None, "{text}");
        }
    }

    #[test]
    fn durations_read_and_render() {
        assert_eq!(parse_duration("1h30m"), Some(5_400 * NANOS));
        assert_eq!(parse_duration("soon"), None);
        assert_eq!(parse_duration("30"), None);
        assert_eq!(human_duration(340_000_000), "340 ms");
        assert_eq!(human_duration(5_430 * NANOS), "1h 30m");
    }
}
