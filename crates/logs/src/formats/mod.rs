//! Bytes of a log file to events: formats are detected line by line, never configured.
//!
//! [`starts_event`] tells from one physical line whether it begins an event; [`profile()`] looks at the beginning of a
//! file and makes that test sharper; [`parse_event`] reads the bytes of one whole event.

mod access;
pub(crate) mod body;
mod columns;
mod fields;
mod header;
mod joins;
mod json;
pub(crate) mod level;
mod lines;
mod logfmt;
mod message;
mod names;
mod otel;
mod profile;
mod serilog;
mod special;
mod text;
mod thrown;
mod variants;
mod wrappers;
mod writers;

pub(crate) use body::is_type_name;
pub use message::Said;
pub use profile::FileProfile;

use crate::timestamps::Hints;
use std::borrow::Cow;
use waylaid_model::LogEvent;

/// Whether a physical line begins a new event, told from the line alone. Cheap: no allocation, a few dozen bytes read.
pub fn starts_event(line: &[u8]) -> bool {
    let mut buffer = [0u8; wrappers::PEEK];
    let inner = wrappers::peek(line, &mut buffer);
    match lines::shape_of(inner) {
        Some(lines::Shape::Dated) => !lines::is_server_detail(inner),
        shape => shape.is_some(),
    }
}

/// Whether a physical line is only the beginning of one that a container's runtime cut into pieces: the next one then
/// begins no event, whatever it looks like.
pub fn goes_on(line: &[u8]) -> bool {
    wrappers::goes_on(line)
}

/// Looks at the beginning of a file: the same as [`FileProfile::of`].
pub fn profile(sample: &[u8]) -> FileProfile {
    FileProfile::of(sample)
}

/// Reads the bytes of one whole event: its first line and the lines that belong to it. Takes any bytes.
pub fn parse_event(text: &[u8], profile: &FileProfile) -> LogEvent {
    let clean = match crate::scan::clean(text) {
        Cow::Borrowed(t) => Cow::Borrowed(t.trim_end_matches(['\n', '\r'])),
        Cow::Owned(t) => Cow::Owned(t.trim_end_matches(['\n', '\r']).to_owned()),
    };
    let outer = wrappers::unwrap(clean);
    let mut event =
        by_columns(&outer.text, profile).unwrap_or_else(|| parse_text(&outer.text, profile.hints(), 0));
    if outer.time.is_some() && (event.time.is_none() || event.zone_assumed) {
        event.time = outer.time;
        event.zone_assumed = false;
    }
    event.fields.extend(outer.fields);
    event
}

/// Reads an event whose header is columns that the file's lines have in common.
fn by_columns(text: &str, profile: &FileProfile) -> Option<LogEvent> {
    let (line, rest) = crate::scan::first_line(text);
    let read = profile.columns()?.read(line)?;
    // What a syslog wrote may stand behind columns that somebody put before it.
    let program = variants::host_and_program(read.message).unwrap_or_default();
    let said = read.message[program.len..].trim_start();
    let (message, exception) = if rest.is_empty() {
        (said.trim_end().to_owned(), None)
    } else {
        body::split(&format!("{said}\n{rest}"))
    };
    let logger = read.tag.map(str::to_owned);
    let thread = program.thread.map(str::to_owned);
    let fields = program.fields;
    Some(LogEvent {
        time: read.time,
        level: read.level,
        thread,
        logger,
        message,
        fields,
        exception,
        ..LogEvent::default()
    })
}

/// Parses text without wrappers; `depth` counts events inside events (JSON behind a syslog header).
fn parse_text(text: &str, hints: Hints, depth: u8) -> LogEvent {
    if text.trim_start().starts_with('{')
        && let Some(event) = json::parse(text.trim_start(), hints)
    {
        // What ships logs puts another object around the one that a logger wrote.
        let is_inner = event.message.starts_with("{\"") && event.message.ends_with('}');
        return if is_inner && depth == 0 && event.message != text.trim() {
            inner_json(event, hints)
        } else {
            event
        };
    }
    let event = text::parse(text, hints);
    if depth == 0 && event.message.starts_with('{') && event.message.ends_with('}') && event.logger.is_none()
    {
        return inner_json(event, hints);
    }
    event
}

/// A header (syslog, a bare time) around an object: the object tells, the header fills the gaps.
fn inner_json(outer: LogEvent, hints: Hints) -> LogEvent {
    let Some(mut event) = json::parse(&outer.message, hints) else { return outer };
    if event.message == outer.message {
        return LogEvent { fields: [outer.fields, event.fields].concat(), ..outer };
    }
    if event.time.is_none() || (event.zone_assumed && !outer.zone_assumed && outer.time.is_some()) {
        event.time = outer.time;
        event.zone_assumed = outer.zone_assumed;
    }
    event.level = event.level.or(outer.level);
    event.thread = event.thread.or(outer.thread);
    event.logger = event.logger.or(outer.logger);
    event.exception = event.exception.or(outer.exception);
    event.fields.extend(outer.fields);
    event
}

#[cfg(test)]
mod tests;
