//! Access logs of nginx and httpd: common and combined format.

use crate::timestamps::{self, Hints};
use serde_json::Value;
use waylaid_model::{Level, LogEvent};

/// The request and what follows it.
pub(crate) fn message(line: &str, hints: Hints) -> Option<&str> {
    let open = memchr::memchr(b'[', &line.as_bytes()[..line.len().min(160)])?;
    let stamp = timestamps::parse_prefix(line.as_bytes().get(open + 1..)?, hints)?;
    let message = line.get(open + 1 + stamp.len + 2..)?.trim_end();
    (line.as_bytes()[open + 1 + stamp.len..].starts_with(b"] \"") && message.contains("\" "))
        .then_some(message)
}

/// Reads `1.2.3.4 - user [22/Nov/2026:10:11:12 +0000] "GET /x HTTP/1.1" 200 12 "referer" "agent"`.
pub(crate) fn parse(line: &str, hints: Hints) -> Option<LogEvent> {
    let open = memchr::memchr(b'[', &line.as_bytes()[..line.len().min(160)])?;
    let stamp = timestamps::parse_prefix(line.as_bytes().get(open + 1..)?, hints)?;
    let after = line.get(open + 1 + stamp.len..)?.strip_prefix("] \"")?;
    let client = line[..open].split(' ').next()?;
    let mut fields = vec![("client.address".to_owned(), Value::from(client))];
    let request_end = after.find("\" ")?;
    let (request, tail) = (&after[..request_end], &after[request_end + 2..]);
    let mut words = request.split(' ');
    if let (Some(method), Some(path)) = (words.next(), words.next()) {
        fields.push(("http.request.method".into(), method.into()));
        fields.push(("url.path".into(), path.into()));
    }
    let status: Option<u16> = tail.split(' ').next().and_then(|s| s.parse().ok());
    if let Some(status) = status {
        fields.push(("http.response.status_code".into(), status.into()));
    }
    let level = status.map_or(Level::Info, super::variants::level_of_status);
    Some(LogEvent {
        time: stamp.time,
        zone_assumed: stamp.zone_assumed,
        level: Some(level),
        message: line[open + 1 + stamp.len + 2..].trim_end().to_owned(),
        fields,
        ..LogEvent::default()
    })
}
