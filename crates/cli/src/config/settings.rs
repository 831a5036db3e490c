//! `[limits]` and `[redact]`: how much, how long, and what pseudonyms are made with.

use super::read::{Table, Value};
use crate::diagnostics::Failure;
use std::time::Duration;
use waylaid_model::Timestamp;
use waylaid_model::time::parse_duration;

/// What an answer may hold of one service, topic or table before the rest is only counted. What the engine keeps of
/// these is far less.
const ITEMS: u64 = 20_000_000;
/// How long a store may show no sign of life.
const SILENCE: Duration = Duration::from_mins(1);

/// How stores are asked and answers shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Items of one target in one answer of a store.
    pub items: u64,
    /// A store that shows no sign of life for so long is given up.
    pub silence: Duration,
    /// What pseudonyms are made with beside the value.
    pub salt: String,
    /// What "now" means, where the file says so.
    pub now: Option<Timestamp>,
}

/// Reads both sections; each key may be left out.
pub fn read(root: &Table<'_>, system: &str) -> Result<Settings, Failure> {
    let mut settings = Settings { items: ITEMS, silence: SILENCE, salt: system.to_owned(), now: None };
    if let Some(limits) = root.table("limits")? {
        limits.only(&["items", "silence"])?;
        if let Some(value) = limits.get("items") {
            settings.items = count(&value)?;
        }
        if let Some(value) = limits.get("silence") {
            settings.silence = length(&value)?;
        }
    }
    if let Some(redact) = root.table("redact")? {
        redact.only(&["salt"])?;
        if let Some(salt) = redact.text("salt")? {
            settings.salt = salt;
        }
    }
    Ok(settings)
}

fn count(value: &Value<'_>) -> Result<u64, Failure> {
    let number = value.scalar()?.parse().ok().filter(|n| *n > 0);
    number.ok_or_else(|| value.fail(format!("{} must be a number above 0", value.title)))
}

fn length(value: &Value<'_>) -> Result<Duration, Failure> {
    let text = value.text()?;
    let nanos = parse_duration(&text).and_then(|n| u64::try_from(n).ok()).filter(|n| *n > 0);
    nanos.map(Duration::from_nanos).ok_or_else(|| {
        value.fail(format!("`{text}` is no length of time")).hint("such as: silence = \"30s\", \"2m\"")
    })
}
