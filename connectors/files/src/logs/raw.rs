//! One event as it stands in its file.

use super::layout::LogFile;
use crate::blocks::{Block, Blocks, EVENT_LIMIT};
use crate::events::{next_event, own_lines};
use crate::stream::Stream;
use waylaid_logs::formats::profile;
use waylaid_store::{Context, ErrorKind, StoreError};

/// The event that begins at a line, its first megabyte at most.
pub(super) fn event_at(file: &LogFile, line: u64, context: &Context) -> Result<String, StoreError> {
    let doing = || format!("reading {}:{line}", file.entry.name);
    let stream = Stream::open(&file.entry.path).map_err(|e| StoreError::from_io(e, doing()))?;
    let mut blocks = Blocks::new(stream, 0, profile);
    let mut block = Block::new();
    let check = || context.check("reading a log file");
    while blocks.next(&mut block, |_| Vec::new(), check)? {
        check()?;
        let text = block.body();
        if line < block.line || line > block.line + block.newlines {
            continue;
        }
        let before = usize::try_from(line - block.line).unwrap_or(usize::MAX);
        let start = match before {
            0 => Some(0),
            _ => memchr::memchr_iter(b'\n', text).nth(before - 1).map(|newline| newline + 1),
        };
        if let Some(start) = start.filter(|start| *start < text.len()) {
            let end = next_event(&*blocks.shape(), text, start).min(start + EVENT_LIMIT);
            let event = own_lines(&*blocks.shape(), text, start, end);
            return Ok(String::from_utf8_lossy(event.trim_ascii_end()).into_owned());
        }
    }
    match blocks.take_error() {
        Some(error) => Err(StoreError::from_io(error, doing())),
        None => Err(StoreError::new(ErrorKind::NotFound, doing())),
    }
}
