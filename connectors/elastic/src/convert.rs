//! A document into a log event: read as the JSON line that it was, so that nobody sees a difference to a file.

use serde_json::Value;
use waylaid_logs::formats::{FileProfile, parse_event, starts_event};
use waylaid_model::{LogEvent, Timestamp};
use waylaid_store::KeySet;

/// The event of a document. `time` is what the server takes for its time.
pub(crate) fn event(source: &str, time: Option<Timestamp>) -> LogEvent {
    let mut event = parse_event(source.as_bytes(), &FileProfile::default());
    // Shippers that read text files send the line as the message, with its header still before it.
    if event.level.is_none() && event.exception.is_none() && starts_event(event.message.as_bytes()) {
        unpack(&mut event);
    }
    event.time = event.time.or(time);
    event
}

/// Takes apart a message that is a whole line of a log.
fn unpack(event: &mut LogEvent) {
    let inner = parse_event(event.message.as_bytes(), &FileProfile::default());
    if inner.level.is_none() && inner.time.is_none() {
        return;
    }
    event.level = inner.level;
    event.thread = event.thread.take().or(inner.thread);
    event.logger = event.logger.take().or(inner.logger);
    event.exception = inner.exception;
    event.template = event.template.take().or(inner.template);
    event.message = inner.message;
    event.fields.extend(inner.fields);
    // The line says when it was written, the shipper often only when it read it; but a time of day alone, or one that
    // may be of any zone, says less.
    if inner.time.is_some() && !inner.zone_assumed {
        event.time = inner.time;
    }
}

/// Which keys stand in a document, sorted, without repeats. Texts are searched as they are, not as JSON spells them.
pub(crate) fn keys_in(source: &str, keys: &KeySet) -> Vec<u32> {
    let mut found = Vec::new();
    if source.contains('\\') {
        let mut texts = String::new();
        if let Ok(value) = serde_json::from_str(source) {
            gather(&value, &mut texts);
        }
        keys.find(texts.as_bytes(), |_, key| found.push(key));
    } else {
        keys.find(source.as_bytes(), |_, key| found.push(key));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// All names and values, a line each.
fn gather(value: &Value, texts: &mut String) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                texts.push_str(name);
                texts.push('\n');
                gather(member, texts);
            }
        }
        Value::Array(members) => members.iter().for_each(|member| gather(member, texts)),
        Value::String(text) => {
            texts.push_str(text);
            texts.push('\n');
        }
        other => {
            texts.push_str(&other.to_string());
            texts.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waylaid_model::Level;

    #[test]
    fn a_document_is_the_line_that_it_was() {
        let source = r#"{"@timestamp":"2026-11-22T10:00:00Z","log":{"level":"ERROR"},"message":"order 7 failed",
            "error":{"stack_trace":"java.io.IOException: x\n\tat a.B.c(B.java:1)"},"order":{"id":7}}"#;
        let event = event(source, None);
        assert_eq!((event.level, event.message.as_str()), (Some(Level::Error), "order 7 failed"));
        assert!(event.exception.is_some_and(|e| e.starts_with("java.io.IOException: x\n")));
        assert_eq!(event.fields, [("order.id".to_owned(), 7.into())]);
    }

    #[test]
    fn a_line_of_text_inside_a_document_is_taken_apart() {
        let source = r#"{"@timestamp":"2026-11-22T10:00:05Z","message":"2026-11-22T10:00:00.100Z ERROR [exec-1] c.s.Order - order 7 failed\njava.io.IOException: x\n\tat a.B.c(B.java:1)","service":{"name":"order"}}"#;
        let event = event(source, None);
        assert_eq!((event.level, event.thread.as_deref()), (Some(Level::Error), Some("exec-1")));
        assert_eq!(event.message, "order 7 failed");
        assert!(event.exception.is_some());
        assert_eq!(event.time, Timestamp::parse_rfc3339("2026-11-22T10:00:00.100Z"));
    }

    #[test]
    fn keys_are_found_behind_what_json_escapes() {
        let keys = KeySet::new(["1001", "A/1", "2"]);
        assert_eq!(keys_in(r#"{"message":"x\n1001","id":"A\/1","n":2}"#, &keys), [0, 1, 2]);
        assert_eq!(keys_in(r#"{"message":"x 1001","n":22}"#, &keys), [0]);
        assert!(keys_in("{\\", &keys).is_empty());
    }
}
