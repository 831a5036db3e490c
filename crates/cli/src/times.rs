//! Times as people type them.

use waylaid_model::{Timestamp, Window, time::parse_duration};

/// A moment, or so long before now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// A moment.
    At(Timestamp),
    /// Nanoseconds before now.
    Ago(i64),
}

impl Time {
    /// The moment, given what now is.
    pub fn resolve(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(nanos) => now.plus(-nanos),
        }
    }

    /// Whether "now" is needed to resolve it.
    pub fn is_relative(self) -> bool {
        matches!(self, Self::Ago(_))
    }
}

/// What the clock says: now, for stores that change while they are looked at.
#[allow(clippy::disallowed_methods, reason = "the one place where now is the clock's")]
pub fn clock() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

/// A moment or a length of time before now.
pub fn parse(text: &str) -> Result<Time, String> {
    if let Some(nanos) = parse_duration(text) {
        return Ok(Time::Ago(nanos));
    }
    parse_moment(text).map(Time::At)
}

/// RFC 3339, or `YYYY-MM-DD HH:MM[:SS]`, which means UTC.
pub fn parse_moment(text: &str) -> Result<Timestamp, String> {
    let text = text.trim();
    let seconds = match text.len() {
        16 => format!("{text}:00"),
        17 if text.ends_with('Z') => format!("{}:00Z", &text[..16]),
        _ => text.to_owned(),
    };
    Timestamp::parse_rfc3339(&seconds).ok_or_else(|| {
        "expected a time such as 2026-11-22T10:00:00Z, \"2026-11-22 10:00\" (UTC), or 2h before now".into()
    })
}

/// `FROM..TO`.
pub fn parse_range(text: &str) -> Result<(Time, Time), String> {
    let (from, to) = text
        .split_once("..")
        .ok_or("expected FROM..TO, such as 2026-11-22T09:00:00Z..2026-11-22T10:00:00Z")?;
    Ok((parse(from)?, parse(to)?))
}

/// A length of time in nanoseconds.
pub fn parse_length(text: &str) -> Result<i64, String> {
    parse_duration(text).ok_or_else(|| "expected a length of time such as 30m, 1h30m, 2d".into())
}

/// The window between two ends.
pub fn window(since: Option<Time>, until: Option<Time>, now: Timestamp) -> Window {
    Window { from: since.map(|t| t.resolve(now)), until: until.map(|t| t.resolve(now)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type() {
        let ten = Timestamp::parse_rfc3339("2026-11-22T10:00:00Z").unwrap();
        for text in
            ["2026-11-22T10:00:00Z", "2026-11-22 10:00", "2026-11-22T10:00Z", "2026-11-22T11:00:00+01:00"]
        {
            assert_eq!(parse(text), Ok(Time::At(ten)), "{text}");
        }
        assert_eq!(parse("2h"), Ok(Time::Ago(7_200_000_000_000)));
        assert!(parse("yesterday").is_err());
        assert_eq!(
            parse_range("2h..1h").unwrap().1.resolve(ten),
            Timestamp::parse_rfc3339("2026-11-22T09:00:00Z").unwrap()
        );
    }
}
