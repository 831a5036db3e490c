//! Which request an event belongs to: by a trace's or a request's id, else by its thread, else by an id in it.

use regex::Regex;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;
use waylaid_model::{LogEvent, scalar_text};
use waylaid_store::LogHit;

/// Without a request's id a thread's or an entity's events are cut into stretches of this length.
const STRETCH: i64 = 60_000_000_000;

/// Names of fields that hold a request's id, the widest first.
const REQUEST: &[&str] = &["traceid", "correlationid", "requestid", "reqid"];

/// What an event is grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// Hash of the request.
    pub(super) unit: u64,
    /// Hash of the part of it that runs in order: one call of one service.
    pub(super) lane: u64,
    /// Whether the request names itself, so that one unit is one request.
    pub(super) named: bool,
}

/// Groups an event.
pub(super) fn of(hit: &LogHit) -> Request {
    let event = &hit.event;
    if let Some((trace, span)) = named(event) {
        return Request { unit: hash(&trace), lane: hash(&(&hit.service, span)), named: true };
    }
    let stretch = event.time.map_or(0, |t| t.0.div_euclid(STRETCH));
    let unit = match (&event.thread, id(event)) {
        (Some(thread), _) => hash(&(&hit.service, &hit.instance, "thread", thread, stretch)),
        (None, Some(id)) => hash(&(&hit.service, "id", id, stretch)),
        (None, None) => hash(&(&hit.service, &hit.instance, "part", stretch)),
    };
    Request { unit, lane: hash(&hit.service), named: false }
}

/// The same text has the same hash in every run.
pub(super) fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The request's id and the span's, from fields or from a label in the message.
fn named(event: &LogEvent) -> Option<(String, Option<String>)> {
    let plain: Vec<(String, &str)> = event
        .fields
        .iter()
        .filter_map(|(path, value)| Some((plain(path), value.as_str().filter(|v| is_id(v))?)))
        .collect();
    let field = |name: &str| plain.iter().find(|(p, _)| p.ends_with(name)).map(|(_, v)| (*v).to_owned());
    if let Some(request) = REQUEST.iter().find_map(|name| field(name)) {
        return Some((request, field("spanid")));
    }
    static REQUEST_LABEL: LazyLock<Option<Regex>> = LazyLock::new(|| label("trace|correlation|request|req"));
    static SPAN_LABEL: LazyLock<Option<Regex>> = LazyLock::new(|| label("span"));
    let find = |pattern: &Option<Regex>| {
        let found = pattern.as_ref()?.captures(&event.message)?;
        found.get(1).map(|m| m.as_str().to_owned()).filter(|v| is_id(v))
    };
    Some((find(&REQUEST_LABEL)?, find(&SPAN_LABEL)))
}

fn label(names: &str) -> Option<Regex> {
    Regex::new(&format!(
        r#"(?i)\b(?:{names})[ _.-]?id["']?\s{{0,2}}[:=]\s{{0,2}}["'\[]?([0-9a-z][0-9a-z-]{{5,63}})"#
    ))
    .ok()
}

/// `X-B3-TraceId` and `trace.id` as `traceid`.
fn plain(path: &str) -> String {
    path.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Long enough to be one of many, and not the id that stands for none.
fn is_id(value: &str) -> bool {
    value.len() >= 6
        && value.bytes().any(|c| c.is_ascii_digit())
        && !value.bytes().all(|c| matches!(c, b'0' | b'-'))
}

/// The first value that identifies something: a field that is called an id, else a word with a digit that is no number
/// with a point and no time.
fn id(event: &LogEvent) -> Option<String> {
    let field = event.fields.iter().find(|(path, _)| {
        let last = path.rsplit('.').next().unwrap_or(path);
        last.ends_with("id") || last.ends_with("Id") || last.ends_with("ID") || last.ends_with("_no")
    });
    if let Some(text) = field.and_then(|(_, value)| scalar_text(value)) {
        return Some(text);
    }
    let line = crate::facts::first_line(&event.message);
    let words = line.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':')));
    words
        .map(|w| w.trim_matches(['.', ':', '-']))
        .find(|w| {
            w.len() >= 3 && w.bytes().any(|c| c.is_ascii_digit()) && !w.contains(['.', ':']) && !is_unit(w)
        })
        .map(str::to_owned)
}

/// `12ms`, `300s`.
fn is_unit(word: &str) -> bool {
    let unit = word.trim_start_matches(|c: char| c.is_ascii_digit());
    unit.len() < word.len() && matches!(unit, "ms" | "s" | "us" | "ns" | "kb" | "KB" | "MB" | "GB" | "min")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> LogEvent {
        LogEvent { message: text.into(), ..LogEvent::default() }
    }

    #[test]
    fn requests_are_named_by_fields_and_labels() {
        let mut event = message("picked");
        event.fields =
            vec![("mdc.X-B3-TraceId".into(), "a1b2c3d4".into()), ("span_id".into(), "12ab34".into())];
        assert_eq!(named(&event), Some(("a1b2c3d4".into(), Some("12ab34".into()))));
        let labelled = message("TraceID: 5d0bbaa5c74d SpanID: 235ae8f8 picked");
        assert_eq!(named(&labelled), Some(("5d0bbaa5c74d".into(), Some("235ae8f8".into()))));
        assert_eq!(named(&message("trace id: 000000000")), None);
        assert_eq!(named(&message("traced: 12345678")), None);
    }

    #[test]
    fn ids_are_words_with_digits() {
        assert_eq!(id(&message("order A-1001 took 12ms")), Some("A-1001".into()));
        assert_eq!(id(&message("took 120ms at 10:11:12, 1.25 s")), None);
    }
}
