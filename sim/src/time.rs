//! Time as milliseconds since the epoch, and the ways logs, rows and records print it.

use jiff::{Timestamp, tz::TimeZone};

pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// Reads `2026-03-05T10:00:00Z`; a case that writes a wrong date starts at zero, which its tests notice.
pub fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().map_or(0, Timestamp::as_millisecond)
}

/// Time zone by its IANA name, UTC where unknown.
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// Prints a moment in a zone by a strftime pattern.
pub fn print(ms: i64, zone: &TimeZone, pattern: &str) -> String {
    let Ok(moment) = Timestamp::from_millisecond(ms) else { return String::new() };
    moment.to_zoned(zone.clone()).strftime(pattern).to_string()
}

/// `2026-03-05T10:00:00.123Z`
pub fn iso(ms: i64) -> String {
    print(ms, &TimeZone::UTC, "%Y-%m-%dT%H:%M:%S.%3fZ")
}

/// `2026-03-05 10:00:00.123`, as databases print a UTC timestamp.
pub fn sql(ms: i64) -> String {
    print(ms, &TimeZone::UTC, "%Y-%m-%d %H:%M:%S.%3f")
}
