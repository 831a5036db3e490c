//! A log event as a JSON line that reads back as the same event, whatever format it came in.

use crate::Scrubber;
use serde_json::Value;
use std::borrow::Cow;
use std::fmt::Write as _;
use waylaid_model::{Level, LogEvent, scalar_text};

/// The line, with its end.
pub(crate) fn line(event: &LogEvent, scrub: &Scrubber) -> String {
    let mut line = String::from("{");
    // What plays a role stands first: of several names for one role the first of the best rank wins.
    if let Some(time) = event.time {
        let text = time.to_string();
        let text = if event.zone_assumed { text.trim_end_matches('Z') } else { &text };
        put(&mut line, "@timestamp", &Value::from(text));
    }
    if let Some(level) = event.level {
        put(&mut line, "level", &spelt(level, event));
    }
    let texts = [
        ("thread_name", &event.thread),
        ("logger_name", &event.logger),
        ("message", &Some(event.message.clone())),
        ("message_template", &event.template),
        ("stack_trace", &event.exception),
    ];
    let (fields, replaced) = fields(event, scrub);
    for (name, text) in texts {
        if let Some(text) = text {
            let told = replaced.iter().fold(Cow::Borrowed(text.as_str()), |told, (value, name)| {
                if told.contains(value) { Cow::Owned(told.replace(value, name)) } else { told }
            });
            put(&mut line, name, &Value::from(scrub.text(&told)));
        }
    }
    for (path, value) in &fields {
        put(&mut line, path, value);
    }
    line.push_str("}\n");
    line
}

/// Paths with their values.
type Fields = Vec<(String, Value)>;
/// Values with what stands for them.
type Replaced = Vec<(String, String)>;

/// Fields as they may be written, and the values that only their field's name gave away: the message may say them again.
fn fields(event: &LogEvent, scrub: &Scrubber) -> (Fields, Replaced) {
    /// A shorter value stands in any message.
    const SHORTEST: usize = 6;
    let mut replaced = Vec::new();
    let clean = |(path, value): &(String, Value)| {
        let mut clean = value.clone();
        scrub.value(path, &mut clean);
        let told = scalar_text(value).filter(|told| told.len() >= SHORTEST);
        if let (Some(told), Some(name)) = (told, clean.as_str())
            && told != name
            && scrub.text(&told) == told
        {
            replaced.push((told, name.to_owned()));
        }
        (scrub.text(path), clean)
    };
    let fields = event.fields.iter().map(clean).collect();
    (fields, replaced)
}

/// A level is a word; beside a field `name` that is no logger it is a number, as the loggers write it that have such a
/// field.
fn spelt(level: Level, event: &LogEvent) -> Value {
    let has_name = event.logger.is_none() && event.fields.iter().any(|(path, _)| path == "name");
    if !has_name {
        return Value::from(level.to_string());
    }
    Value::from(match level {
        Level::Trace => 10,
        Level::Debug => 20,
        Level::Info => 30,
        Level::Warn => 40,
        Level::Error => 50,
        Level::Fatal => 60,
    })
}

fn put(line: &mut String, name: &str, value: &Value) {
    let comma = if line.len() > 1 { "," } else { "" };
    let _ = write!(line, "{comma}{}:{value}", Value::from(name));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::sync::Mutex;
    use waylaid_files::FilesLogs;
    use waylaid_logs::formats::{FileProfile, parse_event};
    use waylaid_store::{Context, LogQuery, LogStore as _, Select};

    fn plain() -> Scrubber {
        Scrubber::new("", [], [], [])
    }

    fn again(line: &str) -> LogEvent {
        parse_event(line.as_bytes(), &FileProfile::default())
    }

    #[test]
    fn every_event_of_every_case_reads_back_as_itself() {
        let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases");
        let (scrub, mut count) = (plain(), 0);
        for case in std::fs::read_dir(cases).unwrap().flatten() {
            let logs = case.path().join("incident/logs");
            let Ok(store) = FilesLogs::open("logs.main".into(), logs) else { continue };
            let hits = Mutex::new(Vec::new());
            let query = LogQuery { select: Select::all(), ..LogQuery::default() };
            store.scan(&query, &Context::new(), &|hit| hits.lock().unwrap().push(hit)).unwrap();
            let mut hits = hits.into_inner().unwrap();
            hits.sort_by_key(|hit| (hit.part, hit.seq));
            for hit in hits.iter().step_by(11) {
                let line = line(&hit.event, &scrub);
                // Where something was replaced, it is another event.
                if !line.contains('#') {
                    assert_eq!(again(&line), hit.event, "{}: {line}", hit.at);
                    count += 1;
                }
            }
        }
        assert!(count > 1_000, "{count} events");
    }

    #[test]
    fn what_loggers_write_reads_back_as_itself() {
        let texts = [
            "2026-03-12 09:00:00,123 ERROR [main] com.shop.Orders - order 7 failed\njava.io.IOException: x\n\tat a.B.c(B.java:1)",
            r#"{"level":30,"time":1773000000123,"name":"api","msg":"order 7","pid":12,"order":{"id":7,"lines":[{"sku":1}]}}"#,
            r#"{"@t":"2026-03-12T09:00:00.1234567Z","@mt":"Order {OrderId} failed","@l":"Error","OrderId":7,"@x":"System.Exception: x\n   at A.B()"}"#,
            r#"{"timestamp":"2026-03-12T09:00:00Z","severity":"ERROR","message":"m","error":{"type":"E","message":"no"},"time":"later"}"#,
            "level=error ts=2026-03-12T09:00:00Z msg=\"order 7\" err=\"no route\"",
            "no header at all, order 7",
            "{\"a\":1,\"a\":2,\"\":null,\"message\":\"\\u0000 \\\" ü\"}",
        ];
        for text in texts {
            let event = parse_event(text.as_bytes(), &FileProfile::default());
            assert_eq!(again(&line(&event, &plain())), event, "{text}");
        }
    }

    #[test]
    fn what_must_not_be_seen_is_gone() {
        let text = r#"{"message":"mail to ann@home.example, 4930123456 called","msisdn":"4930123456","user":{"password":"hunter2"},"card":"4111111111111111","n":{"phone":"0170 1234567"}}"#;
        let line = line(&parse_event(text.as_bytes(), &FileProfile::default()), &plain());
        assert!(!["ann@", "hunter2", "41111", "0170", "4930"].iter().any(|s| line.contains(s)), "{line}");
    }
}
