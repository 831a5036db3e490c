//! Well-known names: which field of a structured event is its time, level, message, logger, thread, exception.

use super::level;
use crate::timestamps::{self, Hints, Stamp};
use serde_json::Value;
use waylaid_model::{Level, LogEvent};

/// What a field is for, with its rank among those for the same: the lowest wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Time(u8),
    Level(u8),
    Message(u8),
    Template(u8),
    Logger(u8),
    Thread(u8),
    Exception(u8),
    /// Says again what another field says.
    Repeat,
}

/// Roles in the order of `Draft::best`.
const SLOTS: usize = 7;

fn role(path: &str) -> Option<Role> {
    use Role::{Exception, Level, Logger, Message, Repeat, Template, Thread, Time};
    Some(match path {
        "@timestamp" | "@t" | "t.$date" | "__REALTIME_TIMESTAMP" | "timeUnixNano" | "TimeUnixNano" => Time(0),
        "timestamp" | "Timestamp" | "time" | "Time" | "ts" | "TS" => Time(1),
        "asctime"
        | "datetime"
        | "date"
        | "eventTime"
        | "timeMillis"
        | "log.time"
        | "t"
        | "T"
        | "observedTimeUnixNano"
        | "EventTime"
        | "log.timestamp"
        | "created" => Time(2),
        "level" | "Level" | "log.level" | "@l" | "severity" | "levelname" | "LogLevel" | "loglevel"
        | "log_level" | "logLevel" | "lvl" | "s" | "PRIORITY" | "SeverityText" | "severityText"
        | "severity_text" | "L" => Level(0),
        "level.name" | "log.levelname" | "Severity" | "severityNumber" | "SeverityNumber"
        | "severity_number" | "log.severity" | "priority" => Level(1),
        "@m" | "message" | "Message" | "msg" | "Msg" => Message(0),
        "RenderedMessage"
        | "renderedMessage"
        | "body"
        | "Body"
        | "short_message"
        | "textPayload"
        | "M"
        | "fields.message"
        | "body.stringValue"
        | "jsonPayload.message"
        | "log.message"
        | "MESSAGE" => Message(1),
        "event" | "log" | "text" | "full_message" | "resultDescription" => Message(2),
        "@mt"
        | "MessageTemplate"
        | "messageTemplate"
        | "message_template"
        | "log.template"
        | "labels.MessageTemplate"
        | "State.{OriginalFormat}" => Template(0),
        "logger_name"
        | "loggerName"
        | "log.logger"
        | "logger"
        | "LoggerName"
        | "SourceContext"
        | "Properties.SourceContext"
        | "Category"
        | "category"
        | "loggerClassName"
        | "scope.name"
        | "Logger" => Logger(0),
        "target" | "module" | "logger.name" | "c" => Logger(1),
        "name" => Logger(2),
        "thread_name"
        | "threadName"
        | "ctx"
        | "_PID"
        | "process.thread.name"
        | "thread.name"
        | "thread"
        | "ThreadName"
        | "Thread" => Thread(0),
        "ThreadId"
        | "thread_id"
        | "threadId"
        | "tid"
        | "goid"
        | "Properties.ThreadId"
        | "process.thread.id" => Thread(1),
        "stack_trace"
        | "error.stack_trace"
        | "@x"
        | "exc_info"
        | "err.stack"
        | "error.stack"
        | "exception.stacktrace"
        | "stackTrace"
        | "thrown.extendedStackTrace"
        | "exception.stack_trace"
        | "errorVerbose"
        | "err.stackTrace"
        | "attributes.exception.stacktrace"
        | "error.stackTrace"
        | "exception.stackTrace" => Exception(0),
        "exception" | "Exception" | "stacktrace" | "stack" | "traceback" | "thrown" | "exc_text" => {
            Exception(1)
        }
        "error" | "err" | "Error" | "fields.error" => Exception(2),
        "level_value" | "levelno" => Repeat,
        _ => return None,
    })
}

/// The rank of a field among those that say what happened: templates first, they are what grouping looks for.
pub(super) fn message_rank(path: &str) -> Option<u8> {
    match role(path)? {
        Role::Template(rank) => Some(rank),
        Role::Message(rank) => Some(rank + 1),
        _ => None,
    }
}

impl Role {
    fn slot(self) -> Option<(usize, u8)> {
        Some(match self {
            Self::Time(rank) => (0, rank),
            Self::Level(rank) => (1, rank),
            Self::Message(rank) => (2, rank),
            Self::Template(rank) => (3, rank),
            Self::Logger(rank) => (4, rank),
            Self::Thread(rank) => (5, rank),
            Self::Exception(rank) => (6, rank),
            Self::Repeat => return None,
        })
    }
}

/// Fields of a structured event before their roles are settled.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) fields: Vec<(String, Value)>,
}

/// Which field won each role.
type Winners = [Option<(u8, usize)>; SLOTS];

impl Draft {
    pub(crate) fn push(&mut self, path: String, value: Value) {
        self.fields.push((path, value));
    }

    pub(crate) fn len(&self) -> usize {
        self.fields.len()
    }

    /// Settles the roles. `raw` is the message where no field is one.
    pub(crate) fn into_event(mut self, hints: Hints, raw: &str) -> LogEvent {
        let composed = super::thrown::compose(&self.fields);
        let (winners, mut drop) = self.winners(hints);
        let mut event = LogEvent::default();
        if let Some((_, at)) = winners[0]
            && let Some(stamp) = time_of(&self.fields[at].1, hints)
        {
            event.time = stamp.time;
            event.zone_assumed = stamp.zone_assumed;
        }
        event.level = winners[1].and_then(|(_, at)| level_of(&self.fields[at].0, &self.fields[at].1));
        let mut take = |slot: usize| {
            let (_, at) = winners[slot]?;
            drop.push(at);
            text_of(std::mem::take(&mut self.fields[at].1))
        };
        let message = take(2);
        event.template = take(3);
        event.logger = take(4);
        event.thread = take(5);
        event.exception = take(6).map(|t| t.replace('\r', "").trim_end().to_owned());
        drop.extend([winners[0], winners[1]].iter().flatten().map(|w| w.1));
        self.remove(drop);
        log4j_instant(&mut self.fields, &mut event);
        match composed {
            Some(text) => event.exception = Some(text),
            None => compose_exception(&self.fields, &mut event),
        }
        event.message = message.unwrap_or_else(|| stand_in(&event, raw));
        event.fields = self.fields;
        event
    }

    fn winners(&self, hints: Hints) -> (Winners, Vec<usize>) {
        let mut winners: Winners = [None; SLOTS];
        let mut drop = Vec::new();
        let numeric_level = self.fields.iter().any(|(p, v)| p == "level" && v.is_number());
        for (at, (path, value)) in self.fields.iter().enumerate() {
            let Some(role) = role(path) else { continue };
            let Some((slot, rank)) = role.slot() else {
                drop.push(at);
                continue;
            };
            let better = winners[slot].is_none_or(|(best, _)| rank < best);
            if better && fits(role, path, value, hints, numeric_level) {
                winners[slot] = Some((rank, at));
            }
        }
        (winners, drop)
    }

    fn remove(&mut self, mut at: Vec<usize>) {
        at.sort_unstable();
        let mut index = 0;
        self.fields.retain(|_| {
            index += 1;
            at.binary_search(&(index - 1)).is_err()
        });
    }
}

/// Whether a value can play a role.
fn fits(role: Role, path: &str, value: &Value, hints: Hints, numeric_level: bool) -> bool {
    match role {
        Role::Time(_) => time_of(value, hints).is_some(),
        Role::Level(_) => level_of(path, value).is_some(),
        // pino's and bunyan's `name` is the application, not a logger.
        Role::Logger(2) => value.is_string() && !numeric_level,
        Role::Message(_) | Role::Template(_) | Role::Logger(_) => value.is_string(),
        Role::Thread(_) => value.is_string() || value.is_number(),
        Role::Exception(0) => is_filled(value) || lines_of(value).is_some(),
        Role::Exception(_) => is_filled(value),
        Role::Repeat => false,
    }
}

fn is_filled(value: &Value) -> bool {
    value.as_str().is_some_and(|s| !s.trim().is_empty() && !matches!(s, "null" | "None" | "nil" | "<nil>"))
}

fn lines_of(value: &Value) -> Option<String> {
    let lines: Option<Vec<&str>> = value.as_array()?.iter().map(Value::as_str).collect();
    lines.filter(|l| !l.is_empty()).map(|l| l.join("\n"))
}

fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(s) => Some(s),
        Value::Number(n) => Some(n.to_string()),
        Value::Array(_) => lines_of(&value),
        _ => None,
    }
}

fn level_of(path: &str, value: &Value) -> Option<Level> {
    if matches!(path, "severityNumber" | "SeverityNumber" | "severity_number") {
        return level::of_otel_number(value.as_i64().or_else(|| value.as_str()?.parse().ok())?);
    }
    if path == "s" {
        // MongoDB's severities: one letter, `D1` to `D5` for details.
        let letter = value.as_str().filter(|s| s.len() == 1 || s.len() == 2 && s.starts_with('D'))?;
        return level::of_letter(letter.as_bytes()[0]);
    }
    level::of_value(value)
}

fn time_of(value: &Value, hints: Hints) -> Option<Stamp> {
    let exact = |time| Stamp { time: Some(time), zone_assumed: false, len: 0 };
    match value {
        Value::String(s) => {
            let text = s.trim();
            timestamps::parse(text, hints)
                .filter(|s| s.time.is_some())
                .or_else(|| timestamps::from_nanos_text(text).map(exact))
        }
        Value::Number(n) => match n.as_i64() {
            Some(whole) => timestamps::from_integer(whole).map(exact),
            None => timestamps::from_number(n.as_f64()?).map(exact),
        },
        _ => None,
    }
}

/// `instant.epochSecond` and `instant.nanoOfSecond` of Log4j2's own JSON.
fn log4j_instant(fields: &mut Vec<(String, Value)>, event: &mut LogEvent) {
    let number = |name: &str| fields.iter().find(|(p, _)| p == name).and_then(|(_, v)| v.as_i64());
    let Some(seconds) = number("instant.epochSecond") else { return };
    let nanos = number("instant.nanoOfSecond").unwrap_or(0);
    event.time = Some(waylaid_model::Timestamp::from_seconds(seconds).plus(nanos));
    event.zone_assumed = false;
    fields.retain(|(p, _)| !p.starts_with("instant."));
}

/// An exception from a type and a message where there is no stack trace; and the type before a trace that has none.
fn compose_exception(fields: &[(String, Value)], event: &mut LogEvent) {
    const TYPES: [&str; 9] = [
        "error.type",
        "err.type",
        "exception.type",
        "error.name",
        "err.name",
        "exception.exception_class",
        "thrown.name",
        "exception.exceptionType",
        "exception.class",
    ];
    const MESSAGES: [&str; 9] = [
        "error.message",
        "err.message",
        "exception.message",
        "error.msg",
        "err.msg",
        "exception.exception_message",
        "thrown.message",
        "exc_value",
        "exception.msg",
    ];
    let text = |names: &[&str]| {
        let found = fields.iter().find(|(p, v)| names.contains(&p.as_str()) && is_filled(v));
        found.and_then(|(_, v)| v.as_str())
    };
    let (type_name, message) = (text(&TYPES), text(&MESSAGES));
    if let Some(trace) = &mut event.exception {
        let only_frames = super::body::is_frame(crate::scan::first_line(trace).0);
        if only_frames && let Some(name) = type_name.or(message) {
            let head =
                message.filter(|m| *m != name).map_or_else(|| name.to_owned(), |m| format!("{name}: {m}"));
            *trace = format!("{head}\n{trace}");
        }
        return;
    }
    event.exception = match (type_name, message) {
        (Some(t), Some(m)) => Some(format!("{t}: {m}")),
        (None, Some(m)) => Some(m.to_owned()),
        (Some(t), None) => Some(t.to_owned()),
        (None, None) => None,
    };
}

/// The message of an event that has none of its own.
fn stand_in(event: &LogEvent, raw: &str) -> String {
    if let Some(template) = &event.template {
        return template.clone();
    }
    if let Some(exception) = &event.exception {
        return crate::scan::first_line(exception).0.to_owned();
    }
    raw.to_owned()
}
