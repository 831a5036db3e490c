//! Which log statement wrote an event: by its place in code where the logger tells it, else by its template.

use crate::facts::{first_line, shorten};
use regex::Regex;
use std::sync::LazyLock;
use waylaid_model::{Kind, Level, LogEvent};

const MAX_TEMPLATE: usize = 300;

/// How bad what a statement says is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Severity {
    Normal,
    Warning,
    Failure,
}

/// What tells one statement of a service from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Identity {
    pub(super) logger: String,
    /// Empty where the logger names the line.
    pub(super) template: String,
    pub(super) exception: Option<String>,
}

/// A statement as first met.
#[derive(Clone, Debug)]
pub(super) struct Met {
    pub(super) identity: Identity,
    pub(super) template: String,
    pub(super) severity: Severity,
    pub(super) kind: Option<Kind>,
}

impl Met {
    /// Reads an event.
    pub(super) fn of(event: &LogEvent) -> Self {
        let line = event.template.as_deref().unwrap_or_else(|| first_line(&event.message));
        let template = shorten(&without_ids(&collapse(&waylaid_logs::template_of(line))), MAX_TEMPLATE);
        let severity = severity(event);
        let exception = match (&event.exception, severity) {
            (Some(text), _) => waylaid_logs::parse_exception(text),
            (None, Severity::Failure) => waylaid_logs::exceptions::parse_error(&event.message),
            _ => None,
        };
        let kind = match severity {
            Severity::Normal => None,
            _ => waylaid_logs::classify(exception.as_ref(), &event.message, &event.fields),
        };
        let logger = event.logger.clone().unwrap_or_default();
        let identity = Identity {
            template: if names_line(&logger) { String::new() } else { template.clone() },
            logger,
            exception: exception.map(|e| e.root_type().to_owned()).filter(|t| !t.is_empty()),
        };
        Self { identity, template, severity, kind }
    }
}

fn severity(event: &LogEvent) -> Severity {
    match event.level {
        _ if event.is_error() => Severity::Failure,
        Some(Level::Warn) => Severity::Warning,
        _ => Severity::Normal,
    }
}

/// `c.a.Orders#52`, `orders.py:7`: the logger tells the statement's line.
fn names_line(logger: &str) -> bool {
    let Some((name, line)) = logger.rsplit_once(['#', ':']) else { return false };
    !name.is_empty() && !line.is_empty() && line.len() <= 6 && line.bytes().all(|c| c.is_ascii_digit())
}

/// The request's own ids at the start say nothing about the statement.
fn without_ids(template: &str) -> String {
    static IDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:(?:trace|span|request|correlation)[ _.-]?id\s?[:=]\s?(?:<\*>)?\s?)+").ok()
    });
    match IDS.as_ref().and_then(|p| p.find(template)) {
        Some(found) if found.end() < template.len() => template[found.end()..].to_owned(),
        _ => template.to_owned(),
    }
}

/// Objects and lists that were printed into a message are data, whatever words they hold: `Order(id=<*>, city=Bonn)`
/// becomes `Order(<*>)`.
fn collapse(template: &str) -> String {
    let mut out = String::with_capacity(template.len());
    let mut depth = 0usize;
    let mut at = 0;
    let bytes = template.as_bytes();
    while let Some(byte) = bytes.get(at) {
        let end = match byte {
            b'(' | b'{' => Some(close(bytes, at)),
            b'[' if depth > 0 => Some(close(bytes, at)),
            _ => None,
        };
        if let Some(end) = end {
            let behind = (end + 1).min(bytes.len());
            if *byte == b'[' || holds_data(&bytes[at..end]) {
                out.push(char::from(*byte));
                out.push_str(waylaid_logs::templates::HOLE);
                out.push_str(&template[end..behind]);
            } else {
                out.push_str(&template[at..behind]);
            }
            at = behind;
            continue;
        }
        match byte {
            b'[' => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let next = (at + 1..=bytes.len()).find(|n| template.is_char_boundary(*n)).unwrap_or(bytes.len());
        out.push_str(&template[at..next]);
        at = next;
    }
    out
}

fn holds_data(inner: &[u8]) -> bool {
    inner.iter().any(|c| matches!(c, b'=' | b':' | b','))
}

/// Where the bracket that opens at `at` closes; the end where it doesn't, because the message was cut.
fn close(bytes: &[u8], at: usize) -> usize {
    let mut depth = 0usize;
    for (n, byte) in bytes.iter().enumerate().skip(at) {
        match byte {
            b'(' | b'{' | b'[' => depth += 1,
            b')' | b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return n;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_objects_are_data() {
        for (template, collapsed) in [
            ("[query][done][result: Route(id=<*>, stops=[Bonn, Köln])]", "[query][done][result: Route(<*>)]"),
            ("stops [Bonn, Köln] (late)", "stops [Bonn, Köln] (late)"),
            ("[stops: [Bonn, Köln] é]", "[stops: [<*>] é]"),
            ("saved {\"a\": 1, \"b\": [", "saved {<*>"),
            ("", ""),
        ] {
            assert_eq!(collapse(template), collapsed);
        }
    }

    #[test]
    fn a_statement_is_its_line_or_its_template() {
        let mut event =
            LogEvent { message: "TraceID: ab12cd34 order 7 picked".into(), ..LogEvent::default() };
        assert_eq!(Met::of(&event).template, "order <*> picked");
        assert_eq!(Met::of(&event).identity.template, "order <*> picked");
        event.logger = Some("c.a.Orders#52".into());
        assert_eq!(Met::of(&event).identity.template, "");
        assert!(!names_line("c.a.Orders") && !names_line("std::fmt") && names_line("orders.py:7"));
    }
}
