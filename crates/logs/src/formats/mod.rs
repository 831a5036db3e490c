//! Bytes of a log file to events.

use waylaid_model::LogEvent;

/// What the beginning of a file tells about the rest of it.
#[derive(Clone, Debug, Default)]
pub struct FileProfile {
    /// The year to assume where a format writes none (syslog), for example that of the file's last change.
    pub year_hint: Option<i64>,
}

impl FileProfile {
    /// Whether a physical line begins a new event in this file.
    pub fn starts_event(&self, line: &[u8]) -> bool {
        starts_event(line)
    }
}

/// Whether a physical line begins a new event, told from the line alone.
pub fn starts_event(line: &[u8]) -> bool {
    !line.first().is_none_or(u8::is_ascii_whitespace)
}

/// Looks at the beginning of a file (up to its first 64 KB).
pub fn profile(_sample: &[u8]) -> FileProfile {
    FileProfile::default()
}

/// Reads the bytes of one whole event: its first line and the lines that belong to it.
pub fn parse_event(text: &[u8], _profile: &FileProfile) -> LogEvent {
    LogEvent { message: String::from_utf8_lossy(text).into_owned(), ..LogEvent::default() }
}
