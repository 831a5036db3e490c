//! What connectors hand over: log events, records, rows, in one shape whatever store they come from.

use crate::{Reference, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// Severity of a log event, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Finest detail.
    Trace,
    /// Detail for developers.
    Debug,
    /// Normal work.
    Info,
    /// Something odd that was coped with.
    Warn,
    /// Something failed.
    Error,
    /// The process cannot go on.
    Fatal,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
        })
    }
}

/// One event of a log: a JSON line, or a text line with the lines that belong to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LogEvent {
    /// When, as the service's clock had it. `None` when the event carries no readable time.
    pub time: Option<Timestamp>,
    /// True when the text had no zone, so `time` assumes UTC until the engine aligns it.
    pub zone_assumed: bool,
    /// Severity where it is told.
    pub level: Option<Level>,
    /// Thread, goroutine or process name or number.
    pub thread: Option<String>,
    /// Logger, class or module.
    pub logger: Option<String>,
    /// The message without header and without stack trace. For Serilog and the like, rendered.
    pub message: String,
    /// The message's template where the format carries one (`@mt` of Serilog, a structured logger's constant message).
    pub template: Option<String>,
    /// Every other field of a structured event, by dotted path, in order (`order.id`, `trace.id`, `kafka.offset`).
    pub fields: Vec<(String, Value)>,
    /// The exception as text (stack trace with its causes), real newlines, where there is one.
    pub exception: Option<String>,
}

impl LogEvent {
    /// The field at a dotted path.
    pub fn field(&self, path: &str) -> Option<&Value> {
        self.fields.iter().find(|(p, _)| p == path).map(|(_, v)| v)
    }

    /// Whether the event reports a failure: level error or above, or it carries an exception.
    pub fn is_error(&self) -> bool {
        self.level.is_some_and(|l| l >= Level::Error) || self.exception.is_some()
    }
}

/// One record of a topic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Topic.
    pub topic: String,
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
    /// Timestamp of the record, by the broker's or the producer's clock.
    pub time: Option<Timestamp>,
    /// Key as text; `None` when null.
    pub key: Option<String>,
    /// Headers in order; duplicates kept.
    pub headers: Vec<(String, String)>,
    /// The payload decoded: JSON where it parses, else a string; `None` for a tombstone.
    pub payload: Option<Value>,
}

/// One row of a table: column name and value, in the table's order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Values by column. Blobs come as hexadecimal strings `x'…'`.
    pub cells: Vec<(String, Value)>,
}

impl Row {
    /// The value of a column.
    pub fn get(&self, column: &str) -> Option<&Value> {
        self.cells.iter().find(|(c, _)| c == column).map(|(_, v)| v)
    }
}

/// A scalar as the text in which ids are compared: strings bare, numbers as written, booleans as words; `None` for
/// null, arrays and objects.
pub fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A fact together with where it can be looked up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Located<T> {
    /// Where.
    pub at: Reference,
    /// What.
    pub fact: T,
}
