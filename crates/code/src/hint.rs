//! File and line that a log line names itself: caller fields, `Class#line` loggers, `file.go:34` in its header.

use waylaid_model::LogEvent;

/// Pairs of fields that hold a file and a line.
const PAIRS: &[(&str, &str)] = &[
    ("log.origin.file.name", "log.origin.file.line"),
    ("source.file", "source.line"),
    ("code.filepath", "code.lineno"),
    ("code.file.path", "code.line.number"),
    ("caller_file_name", "caller_line_number"),
    ("file", "line"),
    ("filename", "line_number"),
    ("filename", "lineno"),
    ("pathname", "lineno"),
    ("filename", "line"),
    ("module", "lineno"),
];
/// Fields that hold both.
const WHOLE: &[&str] = &["caller", "source", "src", "location", "log.caller", "sourceLocation"];
const ENDINGS: &[&str] =
    &[".java", ".kt", ".cs", ".ts", ".js", ".mjs", ".py", ".go", ".rs", ".tsx", ".scala", ".rb", ".php"];

/// The file and line that an event's fields or logger name.
pub fn named_place(event: &LogEvent) -> Option<(String, u32)> {
    place(event, "")
}

/// The place that an event names. `raw` is the line as it stands in the log.
pub(crate) fn place(event: &LogEvent, raw: &str) -> Option<(String, u32)> {
    let text = |path: &str| event.field(path).and_then(|v| v.as_str());
    let number = |path: &str| {
        let value = event.field(path)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok()).and_then(|n| u32::try_from(n).ok())
    };
    if let Some((file, line)) = PAIRS.iter().find_map(|(f, l)| Some((text(f)?.to_owned(), number(l)?))) {
        return Some((file, line));
    }
    if let Some(found) = WHOLE.iter().filter_map(|f| text(f)).find_map(split) {
        return Some(found);
    }
    event.logger.as_deref().and_then(of_logger).or_else(|| in_header(event, raw))
}

/// `rate/rate.go:43`.
fn split(text: &str) -> Option<(String, u32)> {
    let (file, line) = text.trim_matches(['(', ')', '[', ']', '"']).rsplit_once(':')?;
    let is_file = ENDINGS.iter().any(|e| file.ends_with(e));
    is_file.then(|| Some((file.to_owned(), line.parse().ok()?))).flatten()
}

/// `c.a.PickConsumer#57`, `c.a.PickConsumer:57`.
fn of_logger(logger: &str) -> Option<(String, u32)> {
    let (name, line) = logger.rsplit_once(['#', ':'])?;
    let line = line.parse().ok()?;
    let name = name.trim_end_matches(':');
    let file = if ENDINGS.iter().any(|e| name.ends_with(e)) { name } else { name.rsplit('.').next()? };
    (!file.is_empty()).then(|| (file.to_owned(), line))
}

/// A word of the header that is a file with a line.
fn in_header(event: &LogEvent, raw: &str) -> Option<(String, u32)> {
    let first = raw.lines().next().unwrap_or_default();
    let message = event.message.lines().next().unwrap_or_default();
    let end = if message.is_empty() { None } else { first.find(message) };
    let header = first.get(..end.unwrap_or(first.len()).min(300))?;
    header
        .split([' ', '\t', '[', ']', '(', ')'])
        .take(24)
        .find_map(|word| split(word.trim_end_matches([':', ',', ';'])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn places_are_read() {
        let with = |fields: Vec<(&str, serde_json::Value)>, logger: Option<&str>, raw: &str| {
            let fields = fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
            let event = LogEvent {
                fields,
                logger: logger.map(str::to_owned),
                message: "hi".into(),
                ..LogEvent::default()
            };
            place(&event, raw)
        };
        let is = |file: &str, line| Some((file.to_owned(), line));
        assert_eq!(with(vec![("caller", json!("rate/rate.go:43"))], None, ""), is("rate/rate.go", 43));
        assert_eq!(with(vec![("filename", json!("a.py")), ("lineno", json!(7))], None, ""), is("a.py", 7));
        assert_eq!(with(vec![], Some("c.a.Pick#57"), ""), is("Pick", 57));
        assert_eq!(with(vec![], None, "E0102 10:00:00 1 server.go:12] hi"), is("server.go", 12));
        assert_eq!(with(vec![], None, "2026-01-01 10:00:00 INFO hi at a.go:12"), None);
        assert_eq!(with(vec![], None, ""), None);
    }
}
